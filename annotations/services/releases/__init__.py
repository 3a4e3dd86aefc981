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

from annotations.enums import ArticleStatus, State
from annotations.exceptions import FieldError, InvalidInputError, NotAllowedNowError, error_at
from annotations.formats.core.optional_packages import load_optional_module
from annotations.formats.release.build_spec import BuildSpec
from annotations.formats.release.splits import DEFAULT_SHARES, SPLIT_NAMES, SPLIT_RULES, Splits
from annotations.messages import join_choices, message, term
from annotations.models import AnnotationSet, Article, Corpus, Job, JobKind, Release, ReleaseState, uuid7
from annotations.permissions import Permission, require_permission
from annotations.services.core import events
from annotations.services.core.errors import id_taken_error
from annotations.services.exchange import filters
from annotations.services.exchange.exports import WRITABLE_FORMATS
from annotations.services.jobs import leases, storage
from annotations.services.rights.verdicts import Purpose, open_condition
from annotations.text.parsing import format_timestamp
from annotations.visibility import get_visible_row

#: Which sets a release may hold. Work that is not approved can be exported, but not released.
SETS_CHOICES = ("approved", "none")
#: The version of the code that builds the files, as the manifest names it.
BUILDER_VERSION = "standpoint/2"
DEFAULT_FORMATS = ("jsonl",)
MAX_SEED_LENGTH = 100
_ARTICLES_FOR_SPANS = 10
#: The formats of releases that withhold texts.
WITHOUT_TEXT = tuple(name for name, row in WRITABLE_FORMATS.items() if row.without_text)


@dataclass(frozen=True, kw_only=True)
class ReleaseRequest:
    """The request for a release. ``filter`` has the names of ``filters.ARTICLES``."""

    id: UUID | None = None
    name: str = ""
    formats: Sequence[str] = DEFAULT_FORMATS
    sets: str = "approved"
    filter: Mapping[str, Any] = field(default_factory=dict)
    include_text: bool = True
    independent_sets: bool = False
    splits: Splits | None = None


@transaction.atomic
def create_release(by: User | None, corpus: Corpus, request: ReleaseRequest) -> tuple[Release, bool]:
    """Create a release that is still to be built; return it, and False if it exists already by its id.

    ``by`` None is the system. A format that is unknown, not installed or impossible without texts is
    refused here, before the release has a number.
    """
    if by is not None:
        require_permission(
            by, Permission.CREATE_RELEASE, get_visible_row(by, Corpus.objects.all(), pk=corpus.pk)
        )
    formats = _checked_formats(request)
    if request.sets not in SETS_CHOICES:
        raise _field_error(
            "sets",
            message(
                "A release holds approved work or texts alone; use {choices}.",
                choices=join_choices(SETS_CHOICES),
            ),
        )
    if request.independent_sets and request.sets == "none":
        raise _field_error(
            "independent_sets",
            message("Texts alone have no sets; ask for independent sets beside approved work."),
        )
    corpus = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    if request.id is not None and Release.objects.filter(pk=request.id).exists():
        return _existing_release(corpus, request), False
    last = corpus.releases.aggregate(last=Max("number"))["last"] or 0
    now = timezone.now().replace(microsecond=0)
    chosen = {name: _as_text(value) for name, value in request.filter.items() if value is not None}
    release = Release(
        id=request.id or uuid7(),
        corpus=corpus, number=last + 1, name=request.name, by=by, created_at=now,
        filter={**chosen, "sets": request.sets},
    )  # fmt: skip
    splits = _seeded_splits(corpus, request.splits)
    recipe = BuildSpec(
        id=str(release.pk), number=release.number, name=request.name, created_at=format_timestamp(now),
        software=BUILDER_VERSION, slug=corpus.slug, formats=formats, filter=release.filter,
        include_text=request.include_text, independent_sets=request.independent_sets, splits=splits,
        previous=last or None, resolve_merges=True,
    )  # fmt: skip
    release.recipe = recipe.as_dict()
    release.job = leases.create_job(by, corpus, JobKind.RELEASE, {"release": str(release.pk)})
    release.save(force_insert=True)
    events.record_event("release_created", by=by, corpus_id=corpus.pk, after=event_payload(release))
    return release, True


def event_payload(release: Release) -> dict[str, Any]:
    """Return the payload of an event about a release."""
    return {"release": str(release.pk), "number": release.number, "name": release.name}


def withdraw_release(by: User, id: UUID, reason: str) -> Release:
    """Withdraw a release: its number, its manifest and the reason stay, its files are deleted.

    They are deleted after the commit, in one step. Where a request dies just then, the same request and the
    maintenance of the workers delete them.
    """
    with transaction.atomic(durable=True):
        withdrawn = mark_withdrawn(by, id, reason)
    storage.delete_files(storage.release_key(id))
    return withdrawn


def mark_withdrawn(by: User, id: UUID, reason: str) -> Release:
    """Withdraw a release within the open transaction; its files are still there."""
    require_permission(by, Permission.WITHDRAW_RELEASE, get_visible_row(by, Release.objects.all(), pk=id))
    locked = Release.objects.select_for_update(of=("self",)).get(pk=id)
    if locked.withdrawn_at is None:
        if locked.state != ReleaseState.READY:
            raise NotAllowedNowError(
                message(
                    "The release is {state}; only one that is ready can be withdrawn.",
                    state=term("ReleaseState", locked.state),
                ),
                state=locked.state,
                allowed=[],
            )
        locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = timezone.now(), by, reason
        locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        payload = {**event_payload(locked), "reason": reason}
        events.record_event("release_withdrawn", by=by, corpus_id=locked.corpus_id, after=payload)
    return Release.objects.select_related("corpus", "job", "by", "withdrawn_by").get(pk=id)


def release_articles(release: Release) -> QuerySet[Article]:
    """Return the articles of a release, as they are in the database now."""
    return requested_articles(release).filter(open_condition(Purpose.RELEASE))


def requested_articles(release: Release) -> QuerySet[Article]:
    """Return the articles of a release, with those that rights keep in the house."""
    rows = _filtered_articles(release)
    if release.filter["sets"] == "none":
        return rows
    gold = AnnotationSet.objects.filter(article=OuterRef("pk"), state=State.APPROVED)
    return rows.filter(Exists(gold))


def matching_articles(release: Release) -> QuerySet[Article]:
    """Return the articles that match the filter of a release, with or without approved work."""
    return _filtered_articles(release).filter(open_condition(Purpose.RELEASE))


def _filtered_articles(release: Release) -> QuerySet[Article]:
    rows = Article.objects.filter(corpus=release.corpus_id).exclude(status=ArticleStatus.EXCLUDED)
    return filters.filter_articles(rows, None, release.filter)


def pending_job(release: Release) -> Job | None:
    """Return the job that builds a release, or None once it is built or has failed."""
    return release.job if release.state == ReleaseState.BUILDING else None


def parse_splits(by: str, shares: Mapping[str, int] | None = None, seed: str = "") -> Splits:
    """Return the rule that divides articles into splits; ``shares`` are percentages that add up to 100."""
    shares = dict(shares or DEFAULT_SHARES)
    if by not in SPLIT_RULES:
        raise _field_error(
            "splits", message("Articles are divided by {ways}.", ways=join_choices(SPLIT_RULES))
        )
    if set(shares) - set(SPLIT_NAMES) or any(share < 0 for share in shares.values()):
        raise _field_error(
            "splits",
            message("The parts are {parts}, each with a percentage.", parts=join_choices(SPLIT_NAMES)),
        )
    if sum(shares.values()) != 100:
        raise _field_error(
            "splits", message("The shares make {sum}; they have to make 100.", sum=sum(shares.values()))
        )
    if len(seed) > MAX_SEED_LENGTH:
        raise _field_error(
            "splits", message("The seed has more than {most} characters.", most=MAX_SEED_LENGTH)
        )
    return Splits(by, {name: shares[name] for name in SPLIT_NAMES if shares.get(name)}, seed)


def _existing_release(corpus: Corpus, order: ReleaseRequest) -> Release:
    """Return the release that has the requested id, or raise if it was another request."""
    same = Release.objects.select_related("job").filter(corpus=corpus)
    stored = None if order.id is None else same.filter(pk=order.id).first()
    chosen = {name: _as_text(value) for name, value in order.filter.items() if value is not None}
    asked = (
        order.name, {**chosen, "sets": order.sets}, list(dict.fromkeys(order.formats)), order.include_text,
        order.independent_sets, _rule_of_splits(_seeded_splits(corpus, order.splits)),
    )  # fmt: skip
    with error_at("/id"):
        if stored is None:
            raise id_taken_error(order.id)
        recipe = stored.recipe
        splits = Splits(**recipe["splits"]) if recipe["splits"] else None
        if asked != (
            stored.name, stored.filter, recipe["formats"], recipe["include_text"],
            recipe.get("independent_sets", False), _rule_of_splits(splits),
        ):  # fmt: skip
            raise id_taken_error(order.id)
    return stored


def _seeded_splits(corpus: Corpus, splits: Splits | None) -> Splits | None:
    """Return the rule of splitting with the seed that it has where none was sent."""
    return splits if splits is None or splits.seed else Splits(splits.by, splits.shares, str(corpus.pk))


def _rule_of_splits(splits: Splits | None) -> tuple[str, dict[str, int], str] | None:
    """Return what was asked for of the splits, without the borders that the build found."""
    return None if splits is None else (splits.by, dict(splits.shares), splits.seed)


def _checked_formats(order: ReleaseRequest) -> list[str]:
    if not order.formats:
        raise _field_error("formats", message("Name at least one format."))
    for name in order.formats:
        if name not in WRITABLE_FORMATS:
            raise _field_error(
                "formats",
                message(
                    "There is no format “{name}” to write; use {choices}.",
                    name=name,
                    choices=join_choices(WRITABLE_FORMATS),
                ),
            )
        if not order.include_text and name not in WITHOUT_TEXT:
            detail = message(
                "The format {name} holds whole texts; without texts there are {choices}.",
                name=name,
                choices=join_choices(WITHOUT_TEXT),
            )
            raise _field_error("formats", detail)
        if WRITABLE_FORMATS[name].needs_question:
            detail = message("The format {name} lists what a search finds; export it instead.", name=name)
            raise _field_error("formats", detail)
        if WRITABLE_FORMATS[name].required_package:
            load_optional_module(WRITABLE_FORMATS[name].required_package)
    return list(dict.fromkeys(order.formats))


def _field_error(field: str, detail: str) -> InvalidInputError:
    return InvalidInputError(
        message("The field {field}: {detail}", field=field, detail=detail),
        errors=[FieldError(code="choice", detail=detail, pointer=f"/{field}")],
    )


def _as_text(value: object) -> Any:
    if isinstance(value, datetime):
        return format_timestamp(value)
    return value if isinstance(value, str) else str(value)


def is_small_release(release: Release) -> bool:
    """Return whether a release is small enough to be built in the request."""
    most = settings.RELEASE_INLINE_SPANS
    rows = release_articles(release)
    if rows.count() > most // _ARTICLES_FOR_SPANS:
        return False
    if release.filter["sets"] == "none":
        return True
    gold = AnnotationSet.objects.filter(state=State.APPROVED, article__in=rows).values_list(
        "span_counts", flat=True
    )
    return sum(sum(counts.values()) for counts in gold) <= most
