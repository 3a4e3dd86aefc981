"""Two annotators, two reviewers and work that several of them did, for the pages of a team."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from annotations.models import AnnotationSet, Article, Corpus, Role
from annotations.services.core import corpora
from annotations.services.double_annotation import adjudication
from tests.admin.conftest import TwoNewsrooms
from tests.factories import make_article, make_set, make_span, move

PAGES = ("team", "hand_out", "calibration", "agreement", "invitations", "agreement_marks")
#: What a page needs to be asked.
QUESTIONS = {"agreement_marks": "?first=claim&second=claim"}


def url(newsrooms: TwoNewsrooms, name: str) -> str:
    """A page of corpus a."""
    address = reverse(f"admin:annotations_corpus_{name}", args=(newsrooms.a.corpus.pk,))
    return address + QUESTIONS.get(name, "")


def set_url(row: AnnotationSet, name: str) -> str:
    """A page, or a deed, of a set."""
    return reverse(f"admin:annotations_annotationset_{name}", args=(row.pk,))


def grow(newsrooms: TwoNewsrooms) -> Corpus:
    """Ben annotates, too, and tom is a second reviewer."""
    corpus: Corpus = newsrooms.a.corpus
    corpora.add_member(newsrooms.max, corpus.pk, newsrooms.ben, Role.ANNOTATOR)
    corpora.add_member(newsrooms.max, corpus.pk, newsrooms.tom, Role.REVIEWER)
    return corpus


def doubled(
    newsrooms: TwoNewsrooms, *, submit: bool = True, **article: Any
) -> tuple[Article, list[AnnotationSet]]:
    """An article that ann and ben have marked, alike in one mark and differently in another."""
    found = make_article(newsrooms.a.corpus, annotators=2, **article)
    rows = [make_set(found, person) for person in (newsrooms.ann, newsrooms.ben)]
    for row, start in zip(rows, (39, 34), strict=True):
        make_span(row)
        make_span(row, "claim", start, 58, attributes={"claim_type": "assertion"})
        if submit:
            move(row.owner, row, "submit")
    return found, rows


def settled(newsrooms: TwoNewsrooms) -> AnnotationSet:
    """An adjudication of rae's that has begun."""
    article, _ = doubled(newsrooms)
    return adjudication.begin_adjudication(newsrooms.rae, article.pk)[0]
