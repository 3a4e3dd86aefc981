"""The sentences of the API in the language of the reader; everything else is the same for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import translation

from annotations.api.problems import CODES
from annotations.models import AnnotationSet
from tests.factories import make_article, make_set, make_span
from tests.newsroom import API, JSON, Newsroom, Reply

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.1"}
COOKIE = {"Cookie": "django_language=de", "Accept-Language": "en"}
#: Words that no German sentence has.
ENGLISH = re.compile(r"\b(the|this|that|and|of|your|with|by|is|are|it|to|at|be|has|send)\b", re.IGNORECASE)

#: Who asks for what, with which body and version; what is refused, and some of what is said then.
REFUSED: tuple[tuple[str, str, str, str, str, str | None, str], ...] = (
    ("anonymous", "GET", "me/", "", "unauthenticated", None, "Hier müssen Sie angemeldet sein"),
    ("ann", "GET", "nothing/", "", "not-found", None, "prüfen Sie die Adresse"),
    ("ann", "GET", "corpora/none/", "", "not-found", None, "prüfen Sie die Adresse"),
    ("ann", "PUT", "me/", "", "method-not-allowed", None, "Diese Adresse nimmt GET, HEAD, OPTIONS"),
    ("ann", "GET", "corpora/lake/articles/?page_size=0", "", "invalid", None, "von 1 bis 500"),
    ("ann", "GET", "corpora/lake/articles/?x=1&y=2", "", "invalid", None, "2 Parameter stimmen nicht"),
    ("ann", "GET", "corpora/lake/articles/?status=no", "", "invalid", None, "ist eines von excluded, "),
    ("ann", "GET", "corpora/lake/articles/?cursor=no", "", "invalid", None, "gehört nicht zu dieser Liste"),
    ("ann", "POST", "sets/{set}/spans/", "{", "invalid", None, "Das ist kein JSON"),
    ("ann", "POST", "sets/{set}/spans/", '{"a":1,"a":2}', "invalid", None, "in einem Objekt in Zeile 1"),
    (
        "ann", "POST", "sets/{set}/spans/", '[{"label":"x","start":0,"end":"1"}]', "invalid", None,
        "2 Angaben der Anfrage stimmen nicht",
    ),
    (
        "ann", "POST", "sets/{set}/spans/", '{"label":"actor","start":0,"end":3,"quote":"The","mode":1}',
        "invalid", None, "Ein Feld mode gibt es hier nicht",
    ),
    (
        "ann", "POST", "sets/{set}/spans/",
        '{"label":"claim","start":0,"end":3,"quote":"The","attributes":{"mode":"x"}}',
        "invalid", None, "„x“ ist kein Wert für mode; verwenden Sie direct, indirect oder mixed.",
    ),
    (
        "ann", "POST", "sets/{set}/spans/", '{"label":"actor","start":5,"end":99999,"quote":"x"}',
        "out-of-bounds", None, "liegt nicht im Text",
    ),
    (
        "ann", "POST", "sets/{set}/spans/", '{"label":"actor","start":0,"end":3,"quote":"xyz"}',
        "quote-mismatch", None, "lautet „",
    ),
    ("ann", "POST", "sets/{set}/submit/", "{}", "precondition-required", None, "Kopfzeile If-Match fehlt"),
    ("ann", "POST", "sets/{set}/submit/", "{}", "stale", '"77"', "entschieden wurde aber nach Version 77"),
    ("ann", "POST", "sets/{set}/submit/", "{}", "has-problems", "", "Probleme müssen zuerst gelöst werden"),
    ("ann", "POST", "sets/{set}/recall/", "{}", "not-allowed-now", "", "ist „offen“, von wo „zurücknehmen“"),
    ("rae", "POST", "sets/{set}/submit/", "{}", "role", "", "darf nur tun: der Eigentümer. Ihre Rolle"),
    (
        "ann", "POST", "corpora/lake/articles/", '{"external_id":"a","title":"b","text":"c"}', "role", None,
        "Ihre Rolle in diesem Korpus ist Annotator; nötig ist Verwalter oder mehr, um Artikel hinzuzufügen.",
    ),
    (
        "max", "POST", "corpora/lake/articles/", '{"external_id":"a\\u0007","title":"b","text":"c"}',
        "invalid", None, "Das Feld „externe Kennung“ enthält U+0007, ein Steuerzeichen, an der Stelle 1",
    ),
    (
        "max", "POST", "corpora/lake/articles/", '{"external_id":"a","title":"b","text":""}',
        "text-not-allowed", None, "Der Text ist leer",
    ),
    (
        "max", "POST", "corpora/lake/members/", '{"username":"nobody","role":"viewer"}', "unknown-user", None,
        "Es gibt keine aktive Person namens 'nobody'",
    ),
)  # fmt: skip


@pytest.fixture
def row(newsroom: Newsroom) -> AnnotationSet:
    """A set of ann with two problems that block."""
    found = make_set(make_article(newsroom.lake, external_id="one"), newsroom["ann"].user)
    make_span(found, "actor", 60, 69)
    make_span(found, "claim", 70, 96)
    type(newsroom.lake).objects.filter(pk=newsroom.lake.pk).update(depth="statements")
    return found


def ask(newsroom: Newsroom, row: AnnotationSet, case: tuple[Any, ...], headers: Mapping[str, str]) -> Reply:
    who, method, path, body, _, version, _ = case
    sent = dict(headers)
    if version is not None:
        sent["If-Match"] = version or f'"{row.version}"'
    return newsroom[who].raw(method, path.format(set=row.pk), body.encode(), JSON, sent)


def sentences(value: Any) -> Iterator[str]:
    """Every title and detail of a document."""
    if isinstance(value, dict):
        yield from (text for name, text in value.items() if name in ("title", "detail"))
        for inner in value.values():
            yield from sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from sentences(inner)


def without_sentences(value: Any) -> Any:
    """The same document for programs."""
    if isinstance(value, dict):
        return {key: without_sentences(one) for key, one in value.items() if key not in ("title", "detail")}
    return [without_sentences(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[1]} {case[2]} {case[4]}")
def test_a_refusal_is_told_in_the_language_of_the_reader(
    newsroom: Newsroom, row: AnnotationSet, case: tuple[Any, ...]
) -> None:
    row.refresh_from_db()
    english = ask(newsroom, row, case, {})
    assert english.code == case[4]
    assert english.data["title"] == CODES[case[4]].title
    assert english.headers["Content-Language"] == "en"
    for headers in (GERMAN, COOKIE):
        german = ask(newsroom, row, case, headers)
        assert german.code == case[4]
        assert case[6] in " ".join(sentences(german.data)), german
        assert not [
            text for text in sentences(german.data) if ENGLISH.search(re.sub(r"“.*?”|„.*?“", "", text))
        ]
        assert without_sentences(german.data) == without_sentences(english.data)
        assert german.headers["Content-Language"] == "de"
        assert {"Accept-Language", "Cookie"} <= set(german.headers["Vary"].split(", "))
    # and what is asked for in a language that we do not have is told in English, to the byte
    again = ask(newsroom, row, case, {"Accept-Language": "fr"})
    assert re.sub(rb'"request_id":.*', b"", again.content) == english.content
    assert {"Accept-Language", "Cookie"} <= set(english.headers["Vary"].split(", "))
    assert translation.get_language() == "en"


def test_the_problems_of_a_set(newsroom: Newsroom, row: AnnotationSet) -> None:
    path = f"sets/{row.pk}/problems/"
    english = newsroom["ann"].get(path)
    german = newsroom["ann"].raw("GET", path, headers=GERMAN)
    assert [problem["code"] for problem in english.data["problems"]] == ["A5", "A6", "C5", "C6", "C7"]
    assert without_sentences(german.data) == without_sentences(english.data)
    told = [problem["detail"] for problem in german.data["problems"]]
    quote = english.data["problems"][0]["detail"].split("“")[1].split("”")[0]
    assert told[0].startswith(f"Akteur „{quote}“ fehlt das Merkmal „Art der Nennung“; wählen Sie ")
    assert told[1].endswith(
        "ist nicht mit dem Register verknüpft; wählen Sie den Akteur, oder fügen Sie ihn hinzu."
    )
    assert "wählen Sie Behauptung, Bewertung, Forderung, Ankündigung oder Vorhersage." in told[2]
    assert german.headers["Content-Language"] == "de"
    assert english.headers["Content-Language"] == "en"
    assert german.headers["ETag"] == english.headers["ETag"]


def test_who_can_review_and_what_holds_the_work_up(newsroom: Newsroom, row: AnnotationSet) -> None:
    max_ = newsroom["max"]
    for path in (f"sets/{row.pk}/reviewers/", "corpora/lake/progress/", "corpora/lake/stats/?progress=true"):
        english, german = (max_.raw("GET", path, headers=headers) for headers in ({}, GERMAN))
        assert (english.status, german.status) == (200, 200)
        assert (english.headers["Content-Language"], german.headers["Content-Language"]) == ("en", "de")
    told = max_.raw("GET", f"sets/{row.pk}/reviewers/", headers=GERMAN).data
    assert "entscheidet über die eigene Arbeit" in str(told)


def test_what_the_queue_says(newsroom: Newsroom) -> None:
    for headers, said in (
        ({}, "The corpus has no articles yet"),
        (GERMAN, "Das Korpus hat noch keine Artikel"),
    ):
        reply = newsroom["ann"].raw("POST", "corpora/lake/queue/", b'{"task":"annotate"}', headers=headers)
        assert reply.status == 200, reply
        assert reply.data["reason"].startswith(said)


@pytest.mark.parametrize("path", ["me/", "corpora/lake/", "corpora/lake/articles/", "schema/"])
def test_an_answer_without_sentences_is_the_same_for_everybody(
    newsroom: Newsroom, row: AnnotationSet, path: str
) -> None:
    plain, german = (newsroom["ann"].raw("GET", path, headers=headers) for headers in ({}, GERMAN))
    assert (plain.status, german.status) == (200, 200)
    assert german.content == plain.content
    assert "Content-Language" not in german.headers
    assert "Accept-Language" in german.headers["Vary"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_english(newsroom: Newsroom, path: str) -> None:
    plain, german = (newsroom["ann"].raw("PUT", path, headers=headers) for headers in ({}, GERMAN))
    assert plain.status == 405
    assert german.content == plain.content
    assert german.headers["Content-Language"] == "en"
    assert "Accept-Language" not in german.headers.get("Vary", "")


def test_what_is_stored_is_english(newsroom: Newsroom, row: AnnotationSet) -> None:
    """A report of a file and the events are a record, whoever caused them."""
    body = b'{"external_id":"two","title":"a","text":""}\n'
    path = f"{API}corpora/lake/imports/"
    reply = newsroom["max"].raw("POST", path, body, "application/x-ndjson", GERMAN)
    assert reply.status == 200, reply
    assert "The text is empty" in str(reply.data["errors"])


def test_mails_of_an_invitation_speak_the_language_of_the_inviter(
    newsroom: Newsroom, django_capture_on_commit_callbacks: Any
) -> None:
    body = b'{"role":"annotator","email":"new@example.org"}'
    for headers in ({}, GERMAN):
        with django_capture_on_commit_callbacks(execute=True):
            reply = newsroom["max"].raw("POST", "corpora/lake/invitations/", body, headers=headers)
        assert reply.status == 201, reply
    english, german = mail.outbox
    assert english.subject == f"You are invited to work on {newsroom.lake.name}"
    assert english.body.startswith(
        f"max invites you to the corpus {newsroom.lake.name}, as annotator.\n\nOpen this "
    )
    assert german.subject == f"Sie sind eingeladen, an {newsroom.lake.name} mitzuarbeiten"
    assert german.body.startswith(
        f"max lädt Sie in das Korpus {newsroom.lake.name} ein, als Annotator.\n\nUm anzu"
    )


def test_a_digest_is_written_in_the_language_that_the_command_is_told(
    newsroom: Newsroom, row: AnnotationSet
) -> None:
    def told(*arguments: str) -> Any:
        for name in ("ann", "ben"):
            user = newsroom[name].user
            assert user is not None
            type(user).objects.filter(pk=user.pk).update(email=f"{name}@example.org")
        article = make_article(newsroom.lake, title="Neu")
        sent = f'{{"owners":["ben"],"articles":["{article.pk}"]}}'.encode()
        assert newsroom["max"].raw("POST", "corpora/lake/assignments/", sent).status == 201
        call_command("send_digest", *arguments)
        return mail.outbox[-1]

    english, german = told(), told("--language", "de")
    assert english.subject == "Standpoint: 1 thing to look at"
    assert "- Assigned to you by max: Neu" in english.body
    assert german.subject == "Standpoint: 1 Sache für Sie"
    assert "- Ihnen zugewiesen, von max: Neu" in german.body
