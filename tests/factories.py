"""People and work for tests, made through the services, as the product makes them.

Each function gives what is missing a default that fits. Who is asked to do something gets the role
that it needs, so that a test names only what it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.auth.models import User

from annotations.enums import Round
from annotations.models import AnnotationSet, Article, Corpus, Membership, Role, Span
from annotations.permissions import VisibleRow
from annotations.services.core import articles, corpora, spans
from annotations.services.review import guards, transitions
from annotations.services.team import assignments
from annotations.visibility import get_visible_row

TEXT = "The harbour office said on Monday that the lock will close. Ada Verde is opposed to any new toll."

_numbers = count(1)
_titles = count(1)


def restart_titles() -> None:
    """Let every test have the same titles, so that its rows are like those of others (tests/soundness.py)."""
    global _titles  # noqa: PLW0603 - the counter of a process
    _titles = count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """Somebody who may sign in to the admin: active, staff, no superuser, no Django permission."""
    name = username or f"person{next(_numbers)}"
    return User.objects.create_user(name, password="secret", **{"is_staff": True, **fields})


def make_corpus(
    slug: str = "", *, members: Mapping[User, Role] | None = None, manager: User | None = None, **fields: Any
) -> Corpus:
    """A corpus with a manager who founded it, and these members."""
    founder = manager or make_user()
    may = DjangoPermission.objects.get(codename="add_corpus")
    founder.user_permissions.add(may)
    founder = User.objects.get(pk=founder.pk)  # Django keeps the permissions that a user object had
    name = slug or f"corpus-{next(_numbers)}"
    corpus, _ = corpora.create_corpus(founder, {"slug": name, "name": name.title(), **fields})
    founder.user_permissions.remove(may)
    for user, role in (members or {}).items():
        corpora.add_member(founder, corpus.pk, user, role)
    return corpus


def manager_of(corpus: Corpus) -> User:
    """Somebody who manages the corpus; the first one is who founded it."""
    return Membership.objects.filter(corpus=corpus, role=Role.MANAGER).order_by("pk")[0].user


def seen_by(user: User, corpus: Corpus) -> VisibleRow[Corpus]:
    """The corpus as a service wants it: with the role of this person."""
    return get_visible_row(user, Corpus.objects.all(), pk=corpus.pk)


def make_article(corpus: Corpus, text: str = TEXT, *, by: User | None = None, **fields: Any) -> Article:
    """An article of the corpus, by its manager if nobody is named."""
    person = by or manager_of(corpus)
    values = {"title": f"Article {next(_titles)}", **fields, "text": text}
    return articles.create_article(person, seen_by(person, corpus), values)[0]


def make_set(
    article: Article, owner: User | None = None, *, round_: Round = Round.PRODUCTION
) -> AnnotationSet:
    """An open set on the article; a new annotator owns it if nobody is named."""
    by = manager_of(article.corpus)
    if owner is None:
        owner = make_user()
        corpora.add_member(by, article.corpus_id, owner, Role.ANNOTATOR)
    return assignments.assign_article(by, article.pk, owner=owner, round_=round_)[0]


def make_span(
    row: AnnotationSet, label: str = "actor", start: int = 60, end: int = 69, **fields: Any
) -> Span:
    """A span of the set, by its owner. Without offsets it marks “Ada Verde” in ``TEXT``."""
    draft = spans.SpanDraft(label=label, start=start, end=end, **fields)
    return spans.add_spans(row.owner, row.pk, [draft]).spans[0]


def move(by: User, row: AnnotationSet, name: str, **fields: Any) -> AnnotationSet:
    """Make a transition from the version that is stored now; answers the set to go on with."""
    version = AnnotationSet.objects.values_list("version", flat=True).get(pk=row.pk)
    return transitions.make_transition(
        by, row.pk, name, guards.TransitionRequest(version=version, **fields)
    ).row
