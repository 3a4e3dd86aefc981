"""The description of a release for machines, by Croissant 1.1 (JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from annotations.formats import FORMATS
from annotations.formats.core.records import Corpus
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics

CROISSANT_VERSION = "http://mlcommons.org/croissant/1.1"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "jsonPath": "cr:jsonPath",
    "recordSet": "cr:recordSet",
    "source": "cr:source",
}
_INTEGER_FIELDS = frozenset({"start", "end", "revision"})


def render_croissant(
    corpus: Corpus, recipe: BuildSpec, facts: ReleaseStatistics, files: Sequence[BuiltFile]
) -> str:
    """Return the description as JSON-LD."""
    title = recipe.name or f"{corpus.name}, release {recipe.number}"
    licences = [licence for licence in sorted(facts.licences) if licence]
    dataset = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CROISSANT_VERSION,
        "name": f"{recipe.slug}-{recipe.number}",
        "description": corpus.description or title,
        "version": f"{recipe.number}.0.0",
        "datePublished": recipe.created_at,
        "license": licences or ["other"],
        "citeAs": f"{title} ({recipe.created_at[:4]}).",
        "distribution": [_describe_file(one) for one in files],
        "recordSet": [found for one in files if (found := _describe_records(one)) is not None],
    }
    return json.dumps(dataset, ensure_ascii=False, indent=2) + "\n"


def _describe_file(one: BuiltFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": one.name,
        "name": one.name,
        "contentUrl": one.name,
        "contentSize": f"{one.bytes} B",
        "encodingFormat": one.media_type.partition(";")[0],
        "sha256": one.sha256,
    }


def _describe_records(one: BuiltFile) -> dict[str, Any] | None:
    """Return the description of the records of a file; None where they are not plain."""
    known = FORMATS[one.format].plain_records if one.format else None
    if known is None:
        return None
    way, names = known
    stem = one.name.rpartition(".")[0]
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{stem}/{name}",
            "name": name,
            "dataType": "sc:Integer" if name in _INTEGER_FIELDS else "sc:Text",
            "source": {
                "fileObject": {"@id": one.name},
                "extract": {way: name if way == "column" else f"$.{name}"},
            },
        }
        for name in names
    ]
    return {"@type": "cr:RecordSet", "@id": stem, "name": stem, "field": fields}
