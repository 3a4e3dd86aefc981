"""The exchange formats: one table, from which API, commands and documentation derive.

Pure: bytes and records in, records and bytes out. A new format is one module and one row.
"""

from __future__ import annotations

from collections.abc import Mapping

from annotations.formats.core.interfaces import Dialect, Format, RecordSection
from annotations.formats.readers import articles_csv, conllu, ninjs, prodigy, tei, wordpress
from annotations.formats.writers import (
    brat,
    casjson,
    conll,
    discourse,
    dna,
    doccano,
    huggingface,
    jsonl,
    kwic,
    labelstudio,
    parquet,
    spacy,
    statements,
    tables,
    text,
    webannotation,
    webannotsv,
)

__all__ = ["FORMATS", "Dialect", "Format", "RecordSection"]

FORMATS: Mapping[str, Format] = {
    row.name: row
    for row in (
        jsonl.FORMAT,
        text.FORMAT,
        tables.QUOTES_FORMAT,
        tables.POSITIONS_FORMAT,
        tables.RELATIONS_ROW,
        kwic.FORMAT,
        statements.FORMAT,
        brat.FORMAT,
        labelstudio.FORMAT,
        doccano.FORMAT,
        prodigy.ROW,
        webannotation.FORMAT,
        conll.FORMAT,
        conllu.ROW,
        webannotsv.FORMAT,
        casjson.FORMAT,
        tei.ROW,
        spacy.FORMAT,
        huggingface.FORMAT,
        parquet.FORMAT,
        dna.FORMAT,
        discourse.MATRIX_FORMAT,
        discourse.GRAPHML_FORMAT,
        discourse.GEXF_FORMAT,
        articles_csv.FORMAT,
        ninjs.FORMAT,
        wordpress.FORMAT,
    )
}
