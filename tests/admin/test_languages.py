"""The pages for people follow their language, with every refusal that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import translation
from django.utils.functional import Promise

from annotations.enums import Round
from annotations.models import AnnotationSet, Article, Corpus, Notification, Topic, uuid7
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.team_work import PAGES, doubled, grow, set_url, settled, url
from tests.factories import make_article, make_set, move

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.1"}


def text(client: Client, url: str, **headers: Any) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_browser_is_answered_in_its_language(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    assert "In progress" in text(client, reverse("admin:index"))
    german = text(client, reverse("admin:index"), **GERMAN)
    assert '<html lang="de"' in german
    assert "In Arbeit" in german
    assert "Neuen Artikel nehmen" in german
    assert client.get("/admin/", headers=GERMAN)["Content-Language"] == "de"
    assert "Accept-Language" in client.get("/admin/")["Vary"]
    # and the thread goes on in the language that it had
    assert translation.get_language() == "en"
    assert "In progress" in text(client, reverse("admin:index"), **{"Accept-Language": "fr"})


def test_somebody_chooses_another_language_than_the_browser(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    here = page(Article, "changelist")
    assert 'name="language" value="de" lang="de">Deutsch<' in text(client, here)
    answer = client.post(reverse("set_language"), {"language": "de", "next": here})
    assert (answer.status_code, answer["Location"]) == (302, here)
    german = text(client, here)
    assert "Artikel" in german
    assert 'value="en" lang="en">English<' in german
    client.post(reverse("set_language"), {"language": "en", "next": here})
    assert "Articles" in text(client, here, **GERMAN)


def test_the_switch_leads_nowhere_else(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann", csrf=True)
    sent = {"language": "de", "next": "https://elsewhere.example/"}
    assert client.post(reverse("set_language"), sent).status_code == 403
    client = newsrooms.client("ann")
    assert client.post(reverse("set_language"), sent)["Location"] == "/"


def test_states_fields_and_history_are_translated(newsrooms: TwoNewsrooms) -> None:
    row = newsrooms.a[AnnotationSet]
    client = newsrooms.client("max")
    seen = text(client, page(AnnotationSet, "change", row.pk), **GERMAN)
    for words in (
        "Eigentümer:",
        "offen",
        "In der Werkbank öffnen",
        "Was zuletzt geschah",
        "begann ein Set für",
    ):
        assert words in seen
    listed = text(client, page(Article, "changelist"), **GERMAN)
    assert "wird annotiert" in listed
    assert "annotating</td>" not in listed
    overview = text(client, reverse("admin:annotations_corpus_overview", args=(row.corpus_id,)), **GERMAN)
    assert "0 (0 %) von 1 Artikel ist fertig." in overview
    assert "2 Markierungen: 1 Akteur, 1 Aussage, 0 Positionen." in overview


#: Words that no German sentence has.
ENGLISH = re.compile(
    r"\b(the|this|that|and|not|of|your|with|by|is|are|nothing|no|day|days|open)\b", re.IGNORECASE
)


def english(body: str) -> list[str]:
    """The lines of a page on which something English is left, but for the switch of the language."""
    plain = re.sub(r"<(script|style|bdi)\b.*?</\1>", " ", body, flags=re.DOTALL)
    said = re.findall(r'\b(?:aria-label|title|placeholder)="([^"]*)"', plain)
    said += re.sub(r"<[^>]*>", "\n", plain).split("\n")
    return [line.strip() for line in said if ENGLISH.search(line)]


def test_no_page_of_a_corpus_is_half_english(newsrooms: TwoNewsrooms, subtests: pytest.Subtests) -> None:
    grow(newsrooms)
    settled(newsrooms)
    doubled(newsrooms, title="Lampe")
    for person in (newsrooms.ann, newsrooms.ben):
        row = make_set(make_article(newsrooms.a.corpus, title="Birne"), person, round_=Round.CALIBRATION)
        move(person, row, "submit")
    client = newsrooms.client("max")
    for name in (*PAGES, "overview", "release", "import"):
        with subtests.test(name):
            assert english(text(client, url(newsrooms, name), **GERMAN)) == []
            assert english(text(client, url(newsrooms, name))) != []


def test_no_page_of_a_set_or_of_notifications_is_half_english(newsrooms: TwoNewsrooms) -> None:
    grow(newsrooms)
    row = settled(newsrooms)
    client = newsrooms.client("max")
    for address in (set_url(row, "reviewers"), set_url(newsrooms.a[AnnotationSet], "reviewers")):
        assert english(text(client, address, **GERMAN)) == []
    by = newsrooms.client("ann")
    assert english(text(by, reverse("admin:notifications"), **GERMAN)) == []
    assert Notification.objects.filter(recipient=newsrooms.ann).exists()


def test_a_form_shows_a_refusal_in_the_language_of_the_page(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    row = newsrooms.a[Topic]
    sent = {"new_id": str(uuid7()), "corpus": str(newsrooms.a.corpus.pk), "add_anyway": "on"}
    for headers, said in (
        ({}, "The corpus has a topic called"),
        (GERMAN, "Das Korpus hat schon ein Thema namens"),
    ):
        answer = client.post(page(Topic, "add"), {**sent, "name": row.name}, headers=headers)
        assert answer.status_code == 200
        assert said in answer.content.decode()
    for headers, said in (
        ({}, "holds U+202E, a bidi control, at position 1"),
        (GERMAN, "enthält U+202E, ein Steuerzeichen der Schreibrichtung, an der Stelle 1"),
    ):
        answer = client.post(page(Topic, "add"), {**sent, "name": "a\u202eb"}, headers=headers)
        assert said in answer.content.decode()


def test_a_form_shows_the_fault_of_a_column_in_the_language_of_the_page(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("sue")
    sent = {"new_id": str(uuid7()), "slug": "No Slug", "name": "x"}
    for headers, said in (({}, "A slug has lower-case"), (GERMAN, "Ein Kurzname hat Kleinbuchstaben")):
        answer = client.post(page(Corpus, "add"), sent, headers=headers)
        assert said in answer.content.decode()


def test_an_invitation_is_refused_in_the_language_of_the_page(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    for headers, said in (
        ({}, "This invitation is unknown, used or too old"),
        (GERMAN, "Diese Einladung ist unbekannt, verbraucht oder zu alt"),
    ):
        answer = client.get(reverse("admin:invitation", args=("si_none",)), headers=headers)
        assert answer.status_code == 404
        assert said in answer.content.decode()


def test_the_words_of_the_workbench_are_a_file_of_ours(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    bench = text(
        client, reverse("admin:annotations_annotationset_workbench", args=(newsrooms.a[AnnotationSet].pk,))
    )
    assert f'<script src="{reverse("words")}?en"></script>' in bench
    answer = client.get(reverse("words"), headers=GERMAN)
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Zur Pr\\u00fcfung einreichen" in answer.content.decode()
    assert "Submit for review" not in client.get(reverse("words")).content.decode()


def _all_below(form: type[Any]) -> Iterator[Any]:
    for below in form.__subclasses__():
        yield below
        yield from _all_below(below)


#: What these ask for is chosen by links and buttons with words of their own.
LINKS_AND_BUTTONS = {
    "annotations.admin.correction.diff",
    "annotations.admin.correction.worklist",
    "annotations.admin.duplicates",
    "annotations.admin.stories",
}


def test_every_field_of_a_form_has_a_name_that_can_be_translated() -> None:
    assert get_resolver().url_patterns  # so that every form is known
    shown = {
        (form.__name__, name): field.label
        for form in _all_below(forms.BaseForm)
        if form.__module__.startswith("annotations.") and form.__module__ not in LINKS_AND_BUTTONS
        for name, field in form.base_fields.items()
        if not isinstance(field.widget, forms.HiddenInput)
    }
    assert ("MembershipForm", "username") in shown
    # a reason is asked for by the words of the button beside it, and the sets to recall are counted there
    unnamed = {key for key, label in shown.items() if not isinstance(label, (Promise, str)) or not label}
    # and Django names the user name when the form of the sign-in is made
    assert unnamed <= {("ReasonForm", "reason"), ("CorrectionForm", "recall"), ("SignInForm", "username")}
    assert [key for key, label in shown.items() if isinstance(label, str)] == []
