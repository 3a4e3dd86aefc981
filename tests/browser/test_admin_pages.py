"""The pages of the admin in a real browser: hostile names run nothing, and everybody can use them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Event,
    Membership,
    Proposition,
    Relation,
    Revision,
    Span,
    Topic,
)
from annotations.services.core import corpora
from tests.admin.conftest import page as address
from tests.browser.barriers import list_barriers
from tests.browser.test_safety import IMAGE, SCRIPT, hostile_set
from tests.factories import make_span, move
from tests.newsroom import Newsroom

pytestmark = pytest.mark.browser

TABLES: tuple[type[Model], ...] = (
    Corpus, Membership, Article, Revision, AnnotationSet, Span, Relation, Comment, Actor, Topic, Proposition,
    Event,
)  # fmt: skip
WRITTEN = (Corpus, Membership, Article, Actor, Topic, Proposition)

Open = Callable[..., Page]


def newest(model: type[Model], row: AnnotationSet) -> Any:
    """The newest row of a table, and the corpus that the set is in."""
    return row.corpus if model is Corpus else model._default_manager.order_by("-pk").first()


def addresses(row: AnnotationSet) -> Iterator[str]:
    """Every kind of page that a manager reaches, each with something hostile on it."""
    yield reverse("admin:index")
    yield reverse("admin:annotations_corpus_import", args=(row.corpus_id,))
    for model in TABLES:
        yield address(model, "changelist")
        found = newest(model, row)
        if found is not None:
            yield address(model, "change", found.pk)
    for model in WRITTEN[1:]:
        yield address(model, "add")
    for model in (Corpus, Membership, Article):
        yield address(model, "delete", newest(model, row).pk)
    for model in (Corpus, Article, AnnotationSet, Actor, Proposition):
        yield address(model, "history", newest(model, row).pk)


def test_somebody_adds_assigns_and_takes_with_mouse_and_keys(newsroom: Newsroom, open_page: Open) -> None:
    page = open_page("max")
    page.goto(address(Article, "add"))
    page.fill("#id_title", "By hand")
    page.fill("#id_text", " One\n\n two 👩‍👩‍👧 ")
    page.click("[name=_continue]")
    expect(page.locator(".messagelist")).to_contain_text("was added")
    article = Article.objects.select_related("revision").get(title="By hand")
    assert article.revision.text == " One\n\n two 👩‍👩‍👧 "
    page.get_by_text("Assign to an annotator").click()
    page.locator("select[name=owner]").select_option(label="ann")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".messagelist")).to_contain_text("ann has a set")
    theirs = open_page("ann")
    theirs.goto(reverse("admin:index"))
    theirs.get_by_role("link", name="Go on: By hand").click()
    theirs.wait_for_url("**/workbench/")
    assert str(AnnotationSet.objects.get(article=article).pk) in theirs.url


def test_a_parent_is_found_by_typing(newsroom: Newsroom, open_page: Open) -> None:
    hostile_set(newsroom)
    page = open_page("ann")
    page.goto(address(Actor, "add"))
    page.click(".field-parent .select2-selection")
    page.fill(".select2-search__field", "IMG SRC")
    expect(page.locator(".select2-results__option").first).to_have_text(IMAGE)
    page.keyboard.press("Enter")
    page.fill("#id_name", "A part")
    page.select_option("#id_kind", "group")
    page.click("[name=_save]")
    expect(page.locator(".messagelist")).to_contain_text("was added")
    part = Actor.objects.select_related("parent").get(name="A part")
    assert part.parent is not None
    assert part.parent.name == IMAGE


def test_a_token_is_on_the_page_once(newsroom: Newsroom, open_page: Open) -> None:
    page = open_page("vic")
    page.goto(reverse("admin:annotations_accesstoken_add"))
    page.fill("#id_name", "A script")
    page.check("[name=chosen][value=read]")
    page.click("[name=_save]")
    secret = page.input_value("#secret")
    assert secret.startswith("sp_")
    page.get_by_text("I have copied it").click()
    assert secret not in page.content()
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert secret not in page.evaluate(kept)


def everybodys_pages(row: AnnotationSet) -> Iterator[str]:
    """Every kind of page of ours, the overview among them."""
    yield from addresses(row)
    yield reverse("admin:annotations_corpus_overview", args=(row.corpus_id,))
    yield reverse("admin:annotations_corpus_rights", args=(row.corpus_id,))
    yield reverse("admin:annotations_article_take_down", args=(row.article_id,))
    yield reverse("admin:annotations_accesstoken_changelist")
    yield reverse("admin:annotations_accesstoken_add")


def test_hostile_names_are_only_text_on_pages_that_everybody_can_use(
    newsroom: Newsroom, open_page: Open
) -> None:
    row = hostile_set(newsroom)
    corpora.update_corpus(
        newsroom.user("max"), row.corpus_id, {"name": SCRIPT, "guideline": IMAGE}, version=1
    )
    page = open_page("max")
    found = {}
    for url in everybodys_pages(row):
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        assert page.locator('script:not([src]), svg[onload], img[src*="elsewhere"]').count() == 0, url
        found.update(list_barriers(page, url))
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)
    page.goto(address(Article, "change", row.article_id))
    expect(page.locator("#content > h2")).to_have_text(IMAGE)


def test_a_review_can_be_done_by_everybody(newsroom: Newsroom, open_page: Open) -> None:
    row = newsroom.set_on("Lorn said no.", title="Seen by everybody")
    make_span(row, start=0, end=4)
    move(newsroom.user("ann"), row, "submit")
    bench = reverse("admin:annotations_annotationset_workbench", args=(row.pk,))
    review = open_page("rae")
    review.goto(bench)
    review.click('[data-transition="start_review"]')
    review.wait_for_selector('[data-transition="approve"]')
    found = {}
    for keys, shown in (("jn", "textarea:focus"), ("g", "#panel-guideline:not([hidden])")):
        for key in keys:
            review.keyboard.press(key)
        review.wait_for_selector(shown)
        found.update(list_barriers(review, f"{bench} {keys}"))
        review.keyboard.press("Escape")
    assert not found, json.dumps([[*key, nodes[:2]] for key, nodes in found.items()], indent=1)


def test_the_first_page_fits_a_small_screen(newsroom: Newsroom, open_page: Open) -> None:
    newsroom.set_on(
        "Lorn said no.", title="A long title that has to be broken over several lines to fit " * 3
    )
    page = open_page("ann", viewport={"width": 360, "height": 740})
    page.goto(reverse("admin:index"))
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.goto(reverse("admin:annotations_article_changelist"))
    box = page.get_by_role("group", name="Articles")
    expect(box).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(page.locator("#changelist .results")).not_to_have_attribute("tabindex", "0")
    assert User.objects.filter(username="ann").exists()
