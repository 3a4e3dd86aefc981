"""Releases: numbered datasets of approved work that never change.

A release begins as a row with its specification. A job then freezes the records in one snapshot of the
database, stores them, and builds the files from them. So the files can be built again, to the byte,
whatever becomes of the corpus.
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
from annotations.models import AnnotationSet, Article, Corpus, Job, JobKind, Release, ReleaseState, uuid7
from annotations.permissions import Permission, require
from annotations.says import one_of, says, word
from annotations.services import events, files, jobs, selection
from annotations.services.exports import WRITABLE
from annotations.services.refusals import id_taken
from annotations.states import ArticleStatus, State
from annotations.text.values import shown_time
from annotations.visibility import get_seen

#: Which sets a release may hold. Work that is not approved can be exported, but not released.
SETS = ("approved", "none")
#: The version of the code that builds the files, as the manifest names it.
SOFTWARE = "standpoint/2"
DEFAULT_FORMATS = ("jsonl",)
MOST_SEED = 100
_ARTICLES_FOR_SPANS = 10
#: The formats of releases that withhold texts.
WITHOUT_TEXT = tuple(name for name, row in WRITABLE.items() if row.without_text)


@dataclass(frozen=True, kw_only=True)
class Order:
    """The request for a release. ``filter`` has the names of ``selection.ARTICLES``."""

    id: UUID | None = None
    name: str = ""
    formats: Sequence[str] = DEFAULT_FORMATS
    sets: str = "approved"
    filter: Mapping[str, Any] = field(default_factory=dict)
    include_text: bool = True
    independent_sets: bool = False
    splits: Splits | None = None


@transaction.atomic
def create(by: User | None, corpus: Corpus, order: Order) -> tuple[Release, bool]:
    """Create a release that is still to be built; return it, and False if it exists already by its id.

    ``by`` None is the system. A format that is unknown, not installed or impossible without texts is
    refused here, before the release has a number.
    """
    if by is not None:
        require(by, Permission.CREATE_RELEASE, get_seen(by, Corpus.objects.all(), pk=corpus.pk))
    formats = _checked_formats(order)
    if order.sets not in SETS:
        raise _field_error(
            "sets", says("A release holds approved work or texts alone; use {choices}.", choices=one_of(SETS))
        )
    if order.independent_sets and order.sets == "none":
        raise _field_error(
            "independent_sets",
            says("Texts alone have no sets; ask for independent sets beside approved work."),
        )
    corpus = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    if order.id is not None and Release.objects.filter(pk=order.id).exists():
        return _existing_release(corpus, order), False
    last = corpus.releases.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now().replace(microsecond=0)
    chosen = {name: _as_text(value) for name, value in order.filter.items() if value is not None}
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
        include_text=order.include_text, independent_sets=order.independent_sets, splits=splits,
        previous=last or None,
    )  # fmt: skip
    release.recipe = recipe.as_dict()
    release.job = jobs.create(by, corpus, JobKind.RELEASE, {"release": str(release.pk)})
    release.save(force_insert=True)
    events.record("release_created", by=by, corpus_id=corpus.pk, after=facts(release))
    return release, True


def facts(release: Release) -> dict[str, Any]:
    """Return the payload of an event about a release."""
    return {"release": str(release.pk), "number": release.number, "name": release.name}


def withdraw(by: User, id: UUID, reason: str) -> Release:
    """Withdraw a release: its number, its manifest and the reason stay, its files are deleted.

    They are deleted after the commit. Where that fails, the maintenance of the workers repeats it.
    """
    with transaction.atomic(durable=True):
        withdrawn = _withdraw(by, id, reason)
    files.remove(files.of_release(id))
    return withdrawn


def _withdraw(by: User, id: UUID, reason: str) -> Release:
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
        payload = {**facts(locked), "reason": reason}
        events.record("release_withdrawn", by=by, corpus_id=locked.corpus_id, after=payload)
    return Release.objects.select_related("corpus", "job", "by", "withdrawn_by").get(pk=id)


def chosen_articles(release: Release) -> QuerySet[Article]:
    """Return the articles of a release, as they are in the database now."""
    rows = matching(release)
    if release.filter["sets"] == "none":
        return rows
    gold = AnnotationSet.objects.filter(article=OuterRef("pk"), state=State.APPROVED)
    return rows.filter(Exists(gold))


def matching(release: Release) -> QuerySet[Article]:
    """Return the articles that match the filter of a release, with or without approved work."""
    rows = Article.objects.filter(corpus=release.corpus_id).exclude(status=ArticleStatus.EXCLUDED)
    return selection.narrowed(rows, None, release.filter)


def job_of(release: Release) -> Job | None:
    """Return the job that builds a release, or None once it is built or has failed."""
    return release.job if release.state == ReleaseState.BUILDING else None


def splits_of(by: str, shares: Mapping[str, int] | None = None, seed: str = "") -> Splits:
    """Return the rule that divides articles into splits; ``shares`` are percentages that add up to 100."""
    shares = dict(shares or USUAL)
    if by not in WAYS:
        raise _field_error("splits", says("Articles are divided by {ways}.", ways=one_of(WAYS)))
    if set(shares) - set(PARTS) or any(share < 0 for share in shares.values()):
        raise _field_error(
            "splits", says("The parts are {parts}, each with a percentage.", parts=one_of(PARTS))
        )
    if sum(shares.values()) != 100:
        raise _field_error(
            "splits", says("The shares make {sum}; they have to make 100.", sum=sum(shares.values()))
        )
    if len(seed) > MOST_SEED:
        raise _field_error("splits", says("The seed has more than {most} characters.", most=MOST_SEED))
    return Splits(by, {name: shares[name] for name in PARTS if shares.get(name)}, seed)


def _existing_release(corpus: Corpus, order: Order) -> Release:
    """Return the release that has the requested id, or raise if it was another request."""
    same = Release.objects.select_related("job").filter(corpus=corpus)
    stored = None if order.id is None else same.filter(pk=order.id).first()
    chosen = {name: _as_text(value) for name, value in order.filter.items() if value is not None}
    asked = (
        order.name, {**chosen, "sets": order.sets}, list(order.formats), order.include_text,
        order.independent_sets,
    )  # fmt: skip
    with located("/id"):
        if stored is None or asked != (
            stored.name, stored.filter, stored.recipe["formats"], stored.recipe["include_text"],
            stored.recipe.get("independent_sets", False),
        ):  # fmt: skip
            raise id_taken(order.id)
    return stored


def _checked_formats(order: Order) -> list[str]:
    if not order.formats:
        raise _field_error("formats", says("Name at least one format."))
    for name in order.formats:
        if name not in WRITABLE:
            raise _field_error(
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
            raise _field_error("formats", detail)
        if WRITABLE[name].requires:
            extra(WRITABLE[name].requires)
    return list(dict.fromkeys(order.formats))


def _field_error(field: str, detail: str) -> Invalid:
    return Invalid(
        says("The field {field}: {detail}", field=field, detail=detail),
        errors=[FieldError(code="choice", detail=detail, pointer=f"/{field}")],
    )


def _as_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return shown_time(value)
    return value if isinstance(value, str) else str(value)


def is_small(release: Release) -> bool:
    """Return whether a release is small enough to be built in the request."""
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
