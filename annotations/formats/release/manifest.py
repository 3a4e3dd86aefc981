"""The manifest of a release: its description, and a checksum for each file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from annotations.formats.core.record_parser import OFFSET_UNIT
from annotations.formats.core.records import TERM_FIELDS, Corpus
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics

MANIFEST_VERSION = "standpoint-release/1"


def render_manifest(
    corpus: Corpus,
    recipe: BuildSpec,
    statistics: ReleaseStatistics,
    losses: Sequence[dict[str, Any]],
    files: Sequence[BuiltFile],
) -> str:
    """Return the manifest as JSON; it lists neither itself nor the archive of all files."""
    content = {
        "format": MANIFEST_VERSION,
        "id": recipe.id,
        "release": recipe.number,
        "name": recipe.name or None,
        "created_at": recipe.created_at,
        "software_version": recipe.software,
        "corpus": {"id": corpus.id, "slug": corpus.slug, "name": corpus.name},
        "filter": dict(recipe.filter),
        "guideline_version": corpus.guideline_version,
        "offset_unit": OFFSET_UNIT,
        "include_text": recipe.include_text,
        "independent_sets": recipe.independent_sets,
        "splits": recipe.splits.as_dict() if recipe.splits else None,
        "previous_release": recipe.previous,
        **({"amendments": [_amendment(row) for row in recipe.amendments]} if recipe.amendments else {}),
        "counts": statistics.as_dict(recipe),
        **_rights(recipe),
        **_kept_back(recipe),
        "losses": list(losses),
        "files": [one.as_dict() for one in files],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _rights(recipe: BuildSpec) -> dict[str, Any]:
    """Return the terms of the corpus when the release was frozen, in one order; nothing where it had none."""
    terms = {name: recipe.rights[name] for name in TERM_FIELDS if name in recipe.rights}
    return {"rights": terms} if terms else {}


def _kept_back(recipe: BuildSpec) -> dict[str, Any]:
    """Return what rights kept back; nothing where nothing was, as in older manifests."""
    counts = {str(loss["what"]): loss["count"] for loss in recipe.kept_back}
    embargoes = [{"until": until, "articles": number} for until, number in recipe.embargoes]
    return {"kept_back": {**counts, "embargoes": embargoes}} if counts else {}


def _amendment(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an amendment in one order of its keys: PostgreSQL keeps them in an order of its own."""
    return {name: row[name] for name in ("number", "date", "article", "reason")}
