"""A corpus is a place: one bar of tabs on all its pages, with only what opens for the one who reads it."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import NoReverseMatch, reverse

from annotations.admin.corpus_pages import CORPUS_PAGES
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Membership,
    Proposition,
    Release,
    Topic,
)
from tests.admin.conftest import TwoNewsrooms, page
from tests.admin.test_queries import queries

MANAGER = [
    "Overview", "Articles", "Positions", "Registry", "Work", "Agreement", "Import", "Export and releases",
    "Members", "Settings",
]  # fmt: skip
#: By person: the tabs.
TABS = {
    "max": MANAGER,
    "sue": MANAGER,
    "rae": [tab for tab in MANAGER if tab != "Import"],
    "ann": [tab for tab in MANAGER if tab != "Import"],
    "vic": [tab for tab in MANAGER if tab not in {"Import", "Agreement"}],
}


def bar(body: str, name: str) -> str:
    """A bar of links."""
    found = re.search(rf'<nav class="corpus-{name}".*?</nav>', body, re.DOTALL)
    return found[0] if found else ""


def links(part: str) -> dict[str, str]:
    """Addresses by label."""
    return {label: url for url, label in re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', part)}


def read(client: Client, url: str) -> str:
    answer = client.get(url.replace("&amp;", "&"))
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.mark.parametrize("name", TABS)
def test_each_role_has_its_tabs_and_every_link_opens_with_the_same_bar(
    newsrooms: TwoNewsrooms, name: str
) -> None:
    client = newsrooms.client(name)
    start = read(client, reverse("admin:annotations_corpus_overview", args=(newsrooms.a.corpus.pk,)))
    tabs = links(bar(start, "tabs"))
    assert list(tabs) == TABS[name]
    for tab, url in tabs.items():
        body = read(client, url)
        assert links(bar(body, "tabs")) == tabs, url
        assert re.search(rf'aria-current="(page|true)">{tab}<', bar(body, "tabs")), url
        for label, below in links(bar(body, "sections")).items():
            there = read(client, below)
            assert f'aria-current="page">{label}<' in bar(there, "sections"), below
            assert bar(there, "tabs") == bar(body, "tabs"), below


def test_what_belongs_to_a_corpus_stands_below_its_tab(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("ann")
    for model, tab in ((Article, "Articles"), (AnnotationSet, "Work"), (Actor, "Registry")):
        body = read(client, page(model, "change", newsrooms.a[model].pk))
        assert f'aria-current="true">{tab}<' in bar(body, "tabs")
        assert 'aria-current="page"' not in bar(body, "sections")


def test_every_page_of_a_row_stands_below_a_tab(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("max")
    seen, bare = set(), []
    for model in (Article, AnnotationSet, Actor, Proposition, Topic, Release):
        for pattern in site._registry[model].get_urls():
            name = str(getattr(pattern, "name", None) or "")
            try:
                url = reverse(f"admin:{name}", args=(newsrooms.a[model].pk,))
            except NoReverseMatch:
                continue
            answer = client.get(url)
            is_page = answer.status_code == 200 and "html" in answer["Content-Type"]
            # the workbench fills the screen; some addresses only take a form
            if is_page and not name.endswith("_workbench"):
                seen.add(name.removeprefix("annotations_"))
                if not bar(answer.content.decode(), "tabs"):
                    bare.append(name)
    assert bare == []
    assert {"article_correct", "article_diff", "annotationset_items", "actor_history"} <= seen


def test_an_archived_corpus_has_no_import(newsrooms: TwoNewsrooms) -> None:
    Corpus.objects.filter(pk=newsrooms.a.corpus.pk).update(archived=True)
    url = reverse("admin:annotations_corpus_overview", args=(newsrooms.a.corpus.pk,))
    tabs = links(bar(read(newsrooms.client("max"), url), "tabs"))
    assert "import" not in tabs["Import"]


def test_lists_of_all_corpora_and_of_strangers_have_no_bar(newsrooms: TwoNewsrooms) -> None:
    listed = page(Article, "changelist")
    assert not bar(read(newsrooms.client("max"), listed), "tabs")
    foreign = f"{listed}?corpus__id__exact={newsrooms.b.corpus.pk}"
    body = read(newsrooms.client("max"), foreign)
    assert not bar(body, "tabs")
    assert "lynx" not in body
    assert not bar(read(newsrooms.client("max"), page(Membership, "changelist") + "?_popup=1"), "tabs")


def test_every_page_with_a_view_is_reached_by_its_name(newsrooms: TwoNewsrooms) -> None:
    names = [row.name for row in CORPUS_PAGES if row.view is not None]
    assert len(set(names)) == len(names)
    for row in CORPUS_PAGES:
        if row.view is not None and "<" not in row.address:
            assert row.url(newsrooms.a.corpus).endswith(f"/{row.address}/")


def test_the_bar_costs_one_query_where_the_page_did_not_read_the_corpus(newsrooms: TwoNewsrooms) -> None:
    client, listed = newsrooms.client("max"), page(Actor, "changelist")
    other = f"{listed}?kind__exact=person"
    own = f"{listed}?corpus__id__exact={newsrooms.a.corpus.pk}"
    assert queries(client, own) == queries(client, other) + 1


def test_the_list_of_corpora_leads_to_their_overviews(newsrooms: TwoNewsrooms) -> None:
    body = read(newsrooms.client("vic"), page(Corpus, "changelist"))
    assert reverse("admin:annotations_corpus_overview", args=(newsrooms.a.corpus.pk,)) in body


def test_viewers_find_the_export_and_the_releases(newsrooms: TwoNewsrooms) -> None:
    client = newsrooms.client("vic")
    body = read(client, reverse("admin:annotations_corpus_export", args=(newsrooms.a.corpus.pk,)))
    assert f"/api/v1/corpora/{newsrooms.a.corpus.slug}/export/?format=jsonl" in body
    assert "kiwi-release" in body
    assert "Make a release" not in body
    assert "lynx" not in body
