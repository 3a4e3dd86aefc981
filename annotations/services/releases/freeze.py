"""Freezing: the records of a release are read in one snapshot of the database and stored for good.

People are replaced by numbers: users of a dataset need not know who worked on it. The numbering
continues from release to release, so that a number always means the same person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from annotations.enums import Round, SetKind, State
from annotations.formats import RecordSection
from annotations.formats.core import records
from annotations.formats.core.interfaces import Losses
from annotations.formats.release import frozen_records
from annotations.formats.release.build_spec import BuildSpec
from annotations.formats.release.release_card import JOINED
from annotations.formats.release.splits import BY_TIME, Splits, compute_borders, join_stories, split_key
from annotations.models import (
    COPY_STATES,
    AnnotationSet,
    Article,
    Relation,
    Release,
    ReleaseChunk,
    Revision,
    Span,
    StoryMember,
    bulk,
)
from annotations.services import releases
from annotations.services.core.replica import read_replica
from annotations.services.core.snapshot import read_snapshot
from annotations.services.double_annotation import agreement
from annotations.services.exchange.exports.corpus_reader import CorpusReader
from annotations.services.exchange.exports.outgoing import OutgoingRecords
from annotations.services.jobs import storage
from annotations.services.jobs.leases import Lease
from annotations.services.releases import rights
from annotations.services.rights.verdicts import Gate, Purpose, load_gate
from annotations.text.parsing import round_figure

#: Everything but comments, which are internal.
RELEASED_PARTS = frozenset(
    {
        RecordSection.REGISTRY,
        RecordSection.NAMES,
        RecordSection.TEXTS,
        RecordSection.SPANS,
        RecordSection.RELATIONS,
        RecordSection.COPIES,
        RecordSection.RIGHTS,
    }
)

#: The measures of agreement on the data card, with their names there.
_MEASURES = {"exact_f1": "Exact F1", "iou_f1": "IoU F1", "token_kappa": "Token κ", "alpha_u": "α_U"}


class _ChunkPlace(NamedTuple):
    """Where a chunk lies in the spool file. ``listing``: the length of the index behind it, in bytes."""

    start: int
    size: int
    sha256: str
    listing: int


def freeze_release(release: Release, lease: Lease) -> None:
    """Read the records of a release and store them, all or nothing; a frozen release stays as it is."""
    if release.frozen_at is not None:
        return
    with storage.temporary_directory() as directory:
        bulk.analyze(Article, AnnotationSet, Revision, Span, Relation)
        read = partial(_read_everything, release, directory / "chunks")
        people, places, recipe = read_replica(read, complete=True, own_snapshot=True)
        with transaction.atomic():
            lease.save_progress()
            _store_chunks(release, places, directory / "chunks")
            release.recipe = {**recipe.as_dict(), "people": people}
            release.frozen_at = timezone.now()
            release.save(update_fields=["recipe", "frozen_at"])


def _read_everything(release: Release, path: Path) -> tuple[dict[str, str], list[_ChunkPlace], BuildSpec]:
    """Spool the records of one snapshot; return the numbers of people, the chunks and the specification."""
    path.unlink(missing_ok=True)  # of a replica that failed on the way
    with read_snapshot():
        people = _known_people(release)
        gate = load_gate(release.corpus_id, Purpose.RELEASE, secret=f"release {release.pk}")
        content = _read_content(release, gate)
        places = list(_spool_chunks(content, people, path))
        return people, places, _completed_spec(release, gate, content.losses)


def build_spec(release: Release) -> BuildSpec:
    """Return the specification from which, with the records, the files are built."""
    return BuildSpec.from_dict({name: value for name, value in release.recipe.items() if name != "people"})


def _read_content(release: Release, gate: Gate) -> CorpusReader:
    """Return the reader of what the release asks for, of which the gate lets out what may leave."""
    states: Sequence[State] = () if release.filter["sets"] == "none" else (State.APPROVED,)
    if states and release.recipe.get("independent_sets"):
        states = (State.APPROVED, State.SUPERSEDED)
    chosen = releases.requested_articles(release)
    return CorpusReader(None, release.corpus, states, chosen, RELEASED_PARTS, gate, keeps_merges=True)


def _spool_chunks(content: CorpusReader, people: dict[str, str], path: Path) -> Iterator[_ChunkPlace]:
    """Pack all chunks into a spool file and yield their places: a snapshot is read-only."""
    with path.open("xb") as file:
        for packed in _packed(content, people):
            index = json.dumps(packed.digests).encode()
            place = _ChunkPlace(file.tell(), len(packed.data), packed.sha256, len(index))
            file.write(packed.data)
            file.write(index)
            yield place


def _packed(content: CorpusReader, people: dict[str, str]) -> Iterator[frozen_records.PackedChunk]:
    merges = (_without_people(merge, people) for merge in content.merges())
    yield frozen_records.pack_head(content.header(), content.entries(), merges, content.tombstones())
    with closing(content.chunks()) as chunks:
        for articles, names in chunks:
            yield frozen_records.pack_articles(
                [_pseudonymized(article, people) for article in articles], names
            )


def _pseudonymized(article: records.Article, people: dict[str, str]) -> records.Article:
    sets = [
        row._replace(
            owner=_pseudonym(row.owner, people), reviewer=row.reviewer and _pseudonym(row.reviewer, people)
        )
        for row in article.sets
        if row.state == State.APPROVED or _is_independent(row)
    ]
    # what several people said independently of each other is told whole
    gold = {span[0] for row in sets if row.state == State.APPROVED for span in row.spans}
    copies = {statement: number for statement, number in article.copies.items() if statement[0] in gold}
    return article._replace(sets=sets, annotators=None, copies=copies)


def _without_people(merge: records.Merge, people: dict[str, str]) -> records.Merge:
    """Return a merge without its reason, which is a remark, and with the number of who made it."""
    return merge._replace(reason="", by=merge.by and _pseudonym(merge.by, people))


def _is_independent(row: records.AnnotationSet) -> bool:
    """Return whether an adjudication has taken the place of a set: not a gold set, nor another version."""
    independent = (row.kind, row.round) == (SetKind.ANNOTATION, Round.PRODUCTION)
    return independent and row.submitted_at is not None and row.approved_at is None


def _pseudonym(name: str, people: dict[str, str]) -> str:
    return people.setdefault(name, f"person-{len(people) + 1}")


def _known_people(release: Release) -> dict[str, str]:
    """Return the numbers of people from the latest release before this one."""
    earlier = Release.objects.filter(corpus=release.corpus_id, number__lt=release.number)
    last = earlier.filter(frozen_at__isnull=False).order_by("-number").first()
    return dict(last.recipe.get("people", {})) if last else {}


def _completed_spec(release: Release, gate: Gate, losses: Losses) -> BuildSpec:
    """Return the specification with the values that only the snapshot knows."""
    recipe = build_spec(release)
    chosen = releases.release_articles(release)
    sets = AnnotationSet.objects.filter(state=State.APPROVED, article__in=chosen, imported=True)
    holds_sets = release.filter["sets"] != "none"
    spec = recipe.as_dict()
    spec["left_out"] = releases.matching_articles(release).count() - chosen.count()
    spec["imported_sets"] = sets.count() if holds_sets else 0
    spec["agreement"] = _agreement(release)
    spec["kept_back"] = losses.as_list()
    spec["embargoes"] = rights.count_embargoes(releases.requested_articles(release), gate)
    spec["licences"] = rights.count_licences(chosen, gate)
    spec["rights"] = rights.default_terms(gate)
    mask = OutgoingRecords(gate, release.corpus).masker
    spec.update(
        slug=mask.mask_slug(recipe.slug), name=mask.mask_text(recipe.name),
        filter=mask.mask_value(dict(recipe.filter)),
    )  # fmt: skip
    if recipe.splits is not None:
        splits = replace(recipe.splits, copies=_joined_stories(release, gate))
        spec["splits"] = (_with_borders(release, splits, gate) if splits.by == BY_TIME else splits).as_dict()
    return BuildSpec.from_dict(spec)


def _agreement(release: Release) -> list[list[str]]:
    """Return the table of agreement on these articles for the data card, or an empty one."""
    question = agreement.AgreementQuery(articles=releases.release_articles(release))
    found = agreement.corpus_agreement(release.corpus, question)
    if not found["articles"]:
        return []
    rows = [
        [label, *(_format_figure(row[name]) for name in _MEASURES), str(sum(row["joined"]))]
        for label, row in found["labels"].items()
    ]
    return [["Label", *_MEASURES.values(), JOINED], *rows]


def _format_figure(value: float | None) -> str:
    return "n/a" if value is None else str(round_figure(value))


def _joined_stories(release: Release, gate: Gate) -> dict[str, str]:
    """Return the stories that count as another one in splits, because they share a copy of one text.

    They count as that of the article that was stored first, so that later copies change nothing.
    """
    copies = StoryMember.objects.filter(story__corpus=release.corpus_id, state__in=COPY_STATES)
    rows = copies.order_by("article__created_at", "article").values_list(
        "story_id", "article__story_key", "article_id"
    )
    return join_stories((story, split_key(gate.mask_text(key), str(article))) for story, key, article in rows)


def _with_borders(release: Release, splits: Splits, gate: Gate) -> Splits:
    dated = releases.release_articles(release).filter(published_at__isnull=False).order_by()
    alone: list[datetime] = []
    spread: dict[str, tuple[datetime, datetime]] = {}

    def extend(key: str, first: datetime, last: datetime) -> None:
        known = spread.get(key, (first, last))
        spread[key] = min(known[0], first), max(known[1], last)

    joined = {*splits.copies, *splits.copies.values()}
    moments: Any = dated.filter(story_key="").values_list("pk", "published_at")
    for pk, moment in moments:
        if str(pk) in joined:
            extend(splits.copies.get(str(pk), str(pk)), moment, moment)
        else:
            alone.append(moment)
    stories = dated.exclude(story_key="").values_list("story_key")
    for key, first, last in stories.annotate(first=Min("published_at"), last=Max("published_at")):
        story = gate.mask_text(key)
        extend(splits.copies.get(story, story), first, last)
    found = compute_borders(splits.shares, [*alone, *(first for first, _ in spread.values())])
    rule = replace(splits, borders=found)
    across = {
        story: rule.assign_by_time(first)
        for story, (first, last) in spread.items()
        if rule.assign_by_time(first) != rule.assign_by_time(last)
    }
    return replace(rule, stories=dict(sorted(across.items())))


def _store_chunks(release: Release, places: list[_ChunkPlace], path: Path) -> None:
    with path.open("rb") as file:
        for number, place in enumerate(places):
            file.seek(place.start)
            data, index = file.read(place.size), json.loads(file.read(place.listing))
            ReleaseChunk.objects.create(
                release=release, number=number, data=data, sha256=place.sha256, index=index
            )
