"""Releases: a numbered dataset that never changes, made from what is approved.

``create`` writes down what was asked for. A job then freezes the records in one snapshot of the
database, keeps them, and makes the files from them: so they can be made again, to the byte, whatever
the corpus has become since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from annotations.exceptions import FieldError, Invalid, NotAllowedNow, located
from annotations.formats.extras import extra
from annotations.formats.release.facts import Recipe
from annotations.formats.release.splits import PARTS, USUAL, WAYS, Splits
from annotations.formats.release.withheld import WITHOUT_TEXT
from annotations.models import AnnotationSet, Article, Corpus, Job, JobKind, Release, ReleaseState, uuid7
from annotations.permissions import Permission, require
from annotations.says import one_of, says, word
from annotations.services import events, jobs, selection
from annotations.services.exports import WRITABLE
from annotations.services.refusals import id_taken
from annotations.states import ArticleStatus, State
from annotations.text.values import shown_time
from annotations.visibility import get_seen

#: Which sets a release holds. Work that is not approved is exported, and never released.
SETS = ("approved", "none")
#: The version of what makes the files, which the manifest names.
SOFTWARE = "standpoint/1"
DEFAULT_FORMATS = ("jsonl",)
MOST_SEED = 100
_ARTICLES_FOR_SPANS = 10
_PLAIN_DIALECT = frozenset({"spacy"})


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody wants released. ``filter`` has the names of ``selection.ARTICLES``."""

    id: UUID | None = None
    name: str = ""
    formats: Sequence[str] = DEFAULT_FORMATS
    sets: str = "approved"
    filter: Mapping[str, Any] = field(default_factory=dict)
    include_text: bool = True
    splits: Splits | None = None


@transaction.atomic
def create(by: User | None, corpus: Corpus, order: Order) -> tuple[Release, bool]:
    """A numbered release that is still to be built, and whether it is new: the id may be sent again.

    ``by`` None is the system. A format that is unknown, not installed or at odds with withheld texts is
    refused here, before there is a number.
    """
    if by is not None:
        require(by, Permission.CREATE_RELEASE, get_seen(by, Corpus.objects.all(), pk=corpus.pk))
    formats = _formats(order)
    if order.sets not in SETS:
        raise _wrong(
            "sets", says("A release holds approved work or texts alone; use {choices}.", choices=one_of(SETS))
        )
    corpus = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    if order.id is not None and Release.objects.filter(pk=order.id).exists():
        return _stored(corpus, order), False
    last = corpus.releases.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now().replace(microsecond=0)
    chosen = {name: _plain(value) for name, value in order.filter.items() if value is not None}
    release = Release(
        id=order.id or uuid7(),
        corpus=corpus, number=last + 1, name=order.name, by=by, created_at=now,
        filter={**chosen, "sets": order.sets},
    )  # fmt: skip
    splits = order.splits
    if splits is not None and not splits.seed:
        splits = Splits(splits.by, splits.shares, str(corpus.pk))
    recipe = Recipe(
        id=str(release.pk), number=release.number, name=order.name, created_at=shown_time(now),
        software=SOFTWARE, slug=corpus.slug, formats=formats, filter=release.filter,
        include_text=order.include_text, splits=splits, previous=last or None,
    )  # fmt: skip
    release.recipe = recipe.as_dict()
    release.job = jobs.create(by, corpus, JobKind.RELEASE, {"release": str(release.pk)})
    release.save(force_insert=True)
    events.record("release_created", by=by, corpus_id=corpus.pk, after=facts(release))
    return release, True


def facts(release: Release) -> dict[str, Any]:
    """What an event tells of a release."""
    return {"release": str(release.pk), "number": release.number, "name": release.name}


@transaction.atomic
def withdraw(by: User, id: UUID, reason: str) -> Release:
    """Take a release back: its number, its manifest and the reason stay, its files are gone."""
    require(by, Permission.WITHDRAW_RELEASE, get_seen(by, Release.objects.all(), pk=id))
    locked = Release.objects.select_for_update(of=("self",)).get(pk=id)
    if locked.withdrawn_at is None:
        if locked.state != ReleaseState.READY:
            raise NotAllowedNow(
                says(
                    "The release is {state}; only one that is ready can be withdrawn.",
                    state=word("ReleaseState", locked.state),
                ),
                state=locked.state,
                allowed=[],
            )
        locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = timezone.now(), by, reason
        locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        told = {**facts(locked), "reason": reason}
        events.record("release_withdrawn", by=by, corpus_id=locked.corpus_id, after=told)
    return Release.objects.select_related("corpus", "job", "by", "withdrawn_by").get(pk=id)


def chosen_articles(release: Release) -> QuerySet[Article]:
    """The articles of a release as the database has them now."""
    rows = matching(release)
    if release.filter["sets"] == "none":
        return rows
    gold = AnnotationSet.objects.filter(article=OuterRef("pk"), state=State.APPROVED)
    return rows.filter(Exists(gold))


def matching(release: Release) -> QuerySet[Article]:
    """The articles that fit the filter, whether or not anything on them is approved."""
    rows = Article.objects.filter(corpus=release.corpus_id).exclude(status=ArticleStatus.EXCLUDED)
    return selection.narrowed(rows, None, release.filter)


def job_of(release: Release) -> Job | None:
    """The job that builds it, while there is something to build."""
    return release.job if release.state == ReleaseState.BUILDING else None


def splits_of(by: str, shares: Mapping[str, int] | None = None, seed: str = "") -> Splits:
    """A rule for splits; ``shares`` are percentages of ``PARTS`` that make 100."""
    shares = dict(shares or USUAL)
    if by not in WAYS:
        raise _wrong("splits", says("Articles are divided by {ways}.", ways=one_of(WAYS)))
    if set(shares) - set(PARTS) or any(share < 0 for share in shares.values()):
        raise _wrong("splits", says("The parts are {parts}, each with a percentage.", parts=one_of(PARTS)))
    if sum(shares.values()) != 100:
        raise _wrong(
            "splits", says("The shares make {sum}; they have to make 100.", sum=sum(shares.values()))
        )
    if len(seed) > MOST_SEED:
        raise _wrong("splits", says("The seed has more than {most} characters.", most=MOST_SEED))
    return Splits(by, {name: shares[name] for name in PARTS if shares.get(name)}, seed)


def _stored(corpus: Corpus, order: Order) -> Release:
    """The release of that id, if it is what is asked for."""
    same = Release.objects.select_related("job").filter(corpus=corpus)
    stored = None if order.id is None else same.filter(pk=order.id).first()
    chosen = {name: _plain(value) for name, value in order.filter.items() if value is not None}
    asked = (order.name, {**chosen, "sets": order.sets}, list(order.formats), order.include_text)
    with located("/id"):
        if stored is None or asked != (
            stored.name, stored.filter, stored.recipe["formats"], stored.recipe["include_text"],
        ):  # fmt: skip
            raise id_taken(order.id)
    return stored


def _formats(order: Order) -> list[str]:
    if not order.formats:
        raise _wrong("formats", says("Name at least one format."))
    for name in order.formats:
        if name not in WRITABLE:
            raise _wrong(
                "formats",
                says(
                    "There is no format “{name}” to write; use {choices}.",
                    name=name,
                    choices=one_of(WRITABLE),
                ),
            )
        if not order.include_text and name not in WITHOUT_TEXT:
            detail = says(
                "The format {name} holds whole texts; without texts there are {choices}.",
                name=name,
                choices=one_of(WITHOUT_TEXT),
            )
            raise _wrong("formats", detail)
        # the dialect for everybody needs no package where another dialect of the format does
        if WRITABLE[name].requires and name not in _PLAIN_DIALECT:
            extra(WRITABLE[name].requires)
    return list(dict.fromkeys(order.formats))


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid(
        says("The field {field}: {detail}", field=field, detail=detail),
        errors=[FieldError(code="choice", detail=detail, pointer=f"/{field}")],
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return shown_time(value)
    return value if isinstance(value, str) else str(value)


def is_small(release: Release) -> bool:
    """Whether building it takes a moment and not minutes."""
    most = settings.RELEASE_INLINE_SPANS
    rows = chosen_articles(release)
    if rows.count() > most // _ARTICLES_FOR_SPANS:
        return False
    if release.filter["sets"] == "none":
        return True
    gold = AnnotationSet.objects.filter(state=State.APPROVED, article__in=rows).values_list(
        "span_counts", flat=True
    )
    return sum(sum(counts.values()) for counts in gold) <= most
