"""The data card of a release: that of an export, and what is known of a frozen dataset only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.formats.core import data_card as cards
from annotations.formats.core.data_card import escape_line
from annotations.formats.core.hub_rows import ROW_FIELDS, HubConfig
from annotations.formats.core.interfaces import Losses
from annotations.formats.core.records import Corpus
from annotations.formats.release.build_spec import BuildSpec, ReleaseStatistics
from annotations.scheme import LABELS

#: The column of the table of agreement that tells how many marks two of the measures do not see.
JOINED = "Joined"


_KEPT_BACK = {
    "taken-down": "{} articles are left out: they were taken down.",
    "masked": "In {} articles and entries of the registry the names of protected sources are masked: a block "
    "(█) stands for each character, so that offsets fit.",
    "quote-share": "Of {} articles fewer words are quoted than were marked: the rights in them limit it.",
}


def render_card(
    corpus: Corpus,
    recipe: BuildSpec,
    statistics: ReleaseStatistics,
    losses: Sequence[Mapping[str, Any]],
    configs: Sequence[HubConfig],
) -> str:
    """Return the card in Markdown. ``configs`` are those that the head tells loaders of."""
    sections = _release_sections(corpus, recipe, statistics, losses), _sections_of_export(corpus, statistics)
    return "\n".join((_head(corpus, recipe, statistics, configs), *sections))


def _head(
    corpus: Corpus, recipe: BuildSpec, statistics: ReleaseStatistics, configs: Sequence[HubConfig]
) -> str:
    """Return the head of an export's card, with the licence where all articles have the same."""
    lines = cards.render_head(corpus, statistics.card_counts, configs).splitlines()
    licences = [licence for licence, number in statistics.count_licences(recipe).items() if number]
    if len(licences) == 1 and licences[0]:
        licence_line = f"license_name: {json.dumps(licences[0])}"
        lines.insert(
            next(at for at, line in enumerate(lines) if line.startswith("license:")) + 1, licence_line
        )
    return "\n".join([*lines, ""])


def _sections_of_export(corpus: Corpus, statistics: ReleaseStatistics) -> str:
    return cards.render_body(corpus, statistics.card_counts, Losses(), ROW_FIELDS)


def _release_sections(
    corpus: Corpus, recipe: BuildSpec, statistics: ReleaseStatistics, losses: Sequence[Mapping[str, Any]]
) -> str:
    name = escape_line(recipe.name or f"{corpus.name}, release {recipe.number}")
    sections = [
        f"# {name}",
        (
            f"Release {recipe.number} of the corpus {escape_line(corpus.name)}, frozen at "
            f"{recipe.created_at}, by version {corpus.guideline_version} of its guideline. "
            "What is in it never changes; `manifest.json` has a checksum for every file."
        ),
        *_amendments_section(recipe),
        "## What was chosen",
        _table(("Filter", "Value"), ((key, str(value)) for key, value in recipe.filter.items())),
        "Texts are in the files."
        if recipe.include_text
        else "Texts are withheld: the files have offsets, checksums and quotes only.",
        *_split_section(recipe, statistics),
        *_independent_section(recipe, statistics),
        "## Licences of the articles",
        _table(
            ("Licence", "Articles"),
            (
                (licence or "not stated", str(number))
                for licence, number in sorted(statistics.count_licences(recipe).items())
            ),
        ),
        "## Agreement",
        _agreement_table(recipe),
        "## Known gaps",
        "\n".join(f"- {gap}" for gap in _known_gaps(recipe, statistics, losses)),
    ]
    return "\n\n".join(sections) + "\n"


def _amendments_section(recipe: BuildSpec) -> list[str]:
    if not recipe.amendments:
        return []
    rows = ((str(row["number"]), row["date"], row["article"], row["reason"]) for row in recipe.amendments)
    explanation = (
        "Articles that had to be erased were taken out of this release after it was made; nothing else of it "
        "changed. Delete them from your copies, too."
    )
    return ["## Amendments", explanation, _table(("Number", "Date", "Article", "Reason"), rows)]


def _split_section(recipe: BuildSpec, statistics: ReleaseStatistics) -> list[str]:
    if recipe.splits is None:
        return []
    explanation = {
        "story_key": "Articles of one story, and copies of one text, stand in one part, chosen by a hash of "
        "the story: they stay there in later releases.",
        "time": "The earliest stories are in the first part, the latest in the last; a story, and "
        "copies of one text, count by the first article.",
    }[recipe.splits.by]
    shares = recipe.splits.shares
    rows = ((name, f"{shares[name]} %", str(statistics.splits[name])) for name in recipe.splits.names)
    return ["## Parts", explanation, _table(("Part", "Asked for", "Articles"), rows)]


def _independent_section(recipe: BuildSpec, statistics: ReleaseStatistics) -> list[str]:
    if not recipe.independent_sets:
        return []
    return [
        "## Independent sets",
        (
            f"Files with `independent` in their names hold the {statistics.independent_sets} sets of which"
            " the gold sets were made, each as one annotator marked it before seeing the others. Annotators"
            " are numbered."
        ),
    ]


def _agreement_table(recipe: BuildSpec) -> str:
    if not recipe.agreement:
        return "Agreement was not measured for this release."
    first, *rows = recipe.agreement
    explanation = "What annotators marked before they saw each other's work, over these articles."
    if JOINED in first:
        explanation += (
            f" Token κ and α_U know no marks in one another; “{JOINED}” are the marks that were made one with"
            " another of the same person and label for them."
        )
    return f"{explanation}\n\n{_table(tuple(first), rows)}"


def _known_gaps(
    recipe: BuildSpec, statistics: ReleaseStatistics, losses: Sequence[Mapping[str, Any]]
) -> Iterable[str]:
    if recipe.left_out:
        yield f"{recipe.left_out} articles fit the filter and are left out: nothing on them is approved."
    yield from _kept_back(recipe)
    if recipe.imported_sets:
        yield f"{recipe.imported_sets} of the approved sets were imported as approved, and not reviewed here."
    for name in recipe.splits.names if recipe.splits else []:
        if not statistics.splits[name]:
            yield f"The part {name} has no articles; programs that load datasets are not told of its files."
    if statistics.undated:
        yield f"{statistics.undated} articles have no date."
    for label in LABELS:
        if not statistics.card_counts.labels[label]:
            yield f"There is no span with the label {label}."
    for loss in losses:
        if not loss["format"]:
            continue
        part = f" ({loss['part']})" if loss["part"] else ""
        yield f"The format {loss['format']}{part} could not carry {loss['count']} {loss['what']}."
    yield "What people only know, such as how the articles were chosen, is asked for in brackets below."


def _kept_back(recipe: BuildSpec) -> Iterable[str]:
    """Yield what rights kept back, in sentences."""
    for until, number in recipe.embargoes:
        yield f"{number} articles are left out: embargo until {until}."
    for loss in recipe.kept_back:
        if loss["what"] in _KEPT_BACK:
            yield _KEPT_BACK[loss["what"]].format(loss["count"])


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    shown = [[escape_line(cell) for cell in row] for row in rows]
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in shown)])
