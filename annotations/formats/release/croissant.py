"""The description of a release for machines, by Croissant 1.1 (JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from annotations.formats.core.records import Corpus
from annotations.formats.core.typed_columns import Column
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics
from annotations.formats.release.citation import title_of

CROISSANT_VERSION = "http://mlcommons.org/croissant/1.1"
_PREFIXES = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
}
#: The words of Croissant, all of which readers ask for, whether or not a description has them.
_WORDS = (
    "arrayShape", "citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject",
    "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "sdVersion",
    "separator", "source", "subField", "transform",
)  # fmt: skip
_CONTEXT: dict[str, Any] = {
    **_PREFIXES,
    **{word: f"cr:{word}" for word in _WORDS},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}
_DATA_TYPES = {"string": "sc:Text", "int32": "sc:Integer", "int64": "sc:Integer"}
#: The names that readers of Croissant know, by ours.
_ENCODINGS = {
    "application/x-ndjson": "application/jsonlines",
    "application/vnd.apache.parquet": "application/x-parquet",
}


def render_croissant(
    corpus: Corpus, recipe: BuildSpec, statistics: ReleaseStatistics, files: Sequence[BuiltFile]
) -> str:
    """Return the description as JSON-LD."""
    title = title_of(corpus, recipe)
    licences = [licence for licence in sorted(statistics.licences) if licence]
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
        "recordSet": [_describe_records(one) for one in files if one.columns and one.records],
    }
    return json.dumps(dataset, ensure_ascii=False, indent=2) + "\n"


def _describe_file(one: BuiltFile) -> dict[str, Any]:
    media_type = one.media_type.partition(";")[0]
    return {
        "@type": "cr:FileObject",
        "@id": one.name,
        "name": one.name,
        "contentUrl": one.name,
        "contentSize": f"{one.bytes} B",
        "encodingFormat": _ENCODINGS.get(media_type, media_type),
        "sha256": one.sha256,
    }


def _describe_records(one: BuiltFile) -> dict[str, Any]:
    """Return the description of the records of a file. Readers of Croissant know no lists of objects."""
    rows = f"rows/{one.name}"
    fields = [
        _describe_field(one, f"{rows}/{column.name}", column) for column in one.columns if not column.fields
    ]
    return {"@type": "cr:RecordSet", "@id": rows, "name": one.name, "field": fields}


def _describe_field(one: BuiltFile, id: str, column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": id,
        "name": column.name,
        "dataType": "sc:DateTime" if column.is_time else _DATA_TYPES[column.kind],
        **({"isArray": True, "arrayShape": "-1"} if column.repeated else {}),
        "source": {"fileObject": {"@id": one.name}, "extract": {"column": column.name}},
    }
