"""The exchange formats: one table, from which API, commands and documentation derive.

Pure: bytes and records in, records and bytes out. A new format is one module and one row.
"""

from __future__ import annotations

from collections.abc import Mapping

from annotations.formats import (
    articles,
    brat,
    casjson,
    conll,
    conllu,
    dna,
    doccano,
    huggingface,
    jsonl,
    labelstudio,
    ninjs,
    parquet,
    prodigy,
    spacy,
    tables,
    tei,
    text,
    webannotation,
    webannotsv,
    wordpress,
)
from annotations.formats.base import Dialect, Format, Part

__all__ = ["FORMATS", "Dialect", "Format", "Part"]

FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        jsonl.ROW,
        text.ROW,
        tables.QUOTES_ROW,
        tables.POSITIONS_ROW,
        tables.RELATIONS_ROW,
        brat.ROW,
        labelstudio.ROW,
        doccano.ROW,
        prodigy.ROW,
        webannotation.ROW,
        conll.ROW,
        conllu.ROW,
        webannotsv.ROW,
        casjson.ROW,
        tei.ROW,
        spacy.ROW,
        huggingface.ROW,
        parquet.ROW,
        dna.ROW,
        articles.ROW,
        ninjs.ROW,
        wordpress.ROW,
    )
}
