"""Freezing: what a release holds, read in one snapshot and kept for good.

People are numbered: who worked on a dataset is nobody's business who uses it. The numbers go on from
release to release, so that a number always means the same person.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from annotations.formats import Part, records
from annotations.formats.release import frozen
from annotations.formats.release.facts import Recipe
from annotations.formats.release.splits import TIME, Splits, borders
from annotations.models import (
    AnnotationSet,
    Article,
    Relation,
    Release,
    ReleaseChunk,
    Revision,
    Span,
    bulk,
)
from annotations.services import agreement, files, releases
from annotations.services.exports.content import Content
from annotations.services.jobs import Lease
from annotations.services.snapshot import read_snapshot
from annotations.states import State

#: All but remarks, which people wrote to each other.
PARTS = frozenset({Part.REGISTRY, Part.NAMES, Part.TEXTS, Part.SPANS, Part.RELATIONS})

#: What the data card tells of agreement, and how it calls it.
_MEASURES = {"exact_f1": "Exact F1", "iou_f1": "IoU F1", "token_kappa": "Token κ", "alpha_u": "α_U"}


class _Place(NamedTuple):
    """Where a chunk lies in the file in which it waits."""

    start: int
    size: int
    sha256: str
    listing: int


def freeze(release: Release, lease: Lease) -> None:
    """Read and keep; all of it or nothing. What is frozen already stays as it is."""
    if release.frozen_at is not None:
        return
    with files.workshop() as shop:
        bulk.count_again(Article, AnnotationSet, Revision, Span, Relation)
        with read_snapshot():
            people = _known_people(release)
            places = list(_spooled(release, people, shop / "chunks"))
            recipe = _completed(release)
        with transaction.atomic():
            lease.step()
            _keep(release, places, shop / "chunks")
            release.recipe = {**recipe.as_dict(), "people": people}
            release.frozen_at = timezone.now()
            release.save(update_fields=["recipe", "frozen_at"])


def recipe_of(release: Release) -> Recipe:
    """What the files are made from beside the records."""
    return Recipe.of({name: value for name, value in release.recipe.items() if name != "people"})


def _spooled(release: Release, people: dict[str, str], path: Path) -> Iterator[_Place]:
    """Pack everything into a file: nothing can be written to the database while it is read in a snapshot."""
    states = () if release.filter["sets"] == "none" else (State.APPROVED,)
    content = Content(None, release.corpus, states, releases.chosen_articles(release), PARTS)
    with path.open("xb") as file:
        for packed in _packed(content, people):
            index = json.dumps(packed.listing).encode()
            place = _Place(file.tell(), len(packed.data), packed.sha256, len(index))
            file.write(packed.data)
            file.write(index)
            yield place


def _packed(content: Content, people: dict[str, str]) -> Iterator[frozen.Packed]:
    yield frozen.pack_head(content.header(), content.entries())
    with closing(content.chunks()) as chunks:
        for articles, names in chunks:
            yield frozen.pack([_numbered(article, people) for article in articles], names)


def _numbered(article: records.Article, people: dict[str, str]) -> records.Article:
    sets = [
        row._replace(
            owner=_number(row.owner, people), reviewer=row.reviewer and _number(row.reviewer, people)
        )
        for row in article.sets
    ]
    return article._replace(sets=sets, annotators=None)


def _number(name: str, people: dict[str, str]) -> str:
    return people.setdefault(name, f"person-{len(people) + 1}")


def _known_people(release: Release) -> dict[str, str]:
    """The numbers of the latest release before this one."""
    earlier = Release.objects.filter(corpus=release.corpus_id, number__lt=release.number)
    last = earlier.filter(frozen_at__isnull=False).order_by("-number").first()
    return dict(last.recipe.get("people", {})) if last else {}


def _completed(release: Release) -> Recipe:
    """The recipe with what only the snapshot knows."""
    recipe = recipe_of(release)
    chosen = releases.chosen_articles(release)
    sets = AnnotationSet.objects.filter(state=State.APPROVED, article__in=chosen, imported=True)
    holds_sets = release.filter["sets"] != "none"
    told = recipe.as_dict()
    told["left_out"] = releases.matching(release).count() - chosen.count()
    told["imported_sets"] = sets.count() if holds_sets else 0
    told["agreement"] = _agreement(release)
    if recipe.splits is not None and recipe.splits.by == TIME:
        told["splits"] = _with_borders(release, recipe.splits).as_dict()
    return Recipe.of(told)


def _agreement(release: Release) -> list[list[str]]:
    """What annotators of these articles agreed on before anybody talked about it, or nothing."""
    question = agreement.Question(articles=releases.chosen_articles(release))
    found = agreement.of_corpus(release.corpus, question)
    if not found["articles"]:
        return []
    rows = [
        [label, *("n/a" if row[name] is None else f"{row[name]:.2f}" for name in _MEASURES)]
        for label, row in found["labels"].items()
    ]
    return [["Label", *_MEASURES.values()], *rows]


def _with_borders(release: Release, splits: Splits) -> Splits:
    dated = releases.chosen_articles(release).filter(published_at__isnull=False)
    alone = dated.filter(story_key="").values_list("published_at", flat=True)
    stories = dated.exclude(story_key="").order_by().values_list("story_key")
    spread = list(stories.annotate(first=Min("published_at"), last=Max("published_at")))
    moments: list[datetime] = [moment for moment in alone if moment is not None]
    found = borders(splits.shares, [*moments, *(first for _, first, _ in spread)])
    rule = Splits(splits.by, splits.shares, splits.seed, found)
    across = {
        story: rule.by_time(first)
        for story, first, last in spread
        if rule.by_time(first) != rule.by_time(last)
    }
    return Splits(splits.by, splits.shares, splits.seed, found, dict(sorted(across.items())))


def _keep(release: Release, places: list[_Place], path: Path) -> None:
    with path.open("rb") as file:
        for number, place in enumerate(places):
            file.seek(place.start)
            data, index = file.read(place.size), json.loads(file.read(place.listing))
            ReleaseChunk.objects.create(
                release=release, number=number, data=data, sha256=place.sha256, index=index
            )
