"""The writer of UIMA CAS JSON 0.4: a file for each set, with its type system.

Each label is a subtype of ``standpoint.Mark``, whose features are the attributes; a relation is a
structure that refers to two spans. Offsets are UTF-16 code units, as Java counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import IO, Any

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.article_content import (
    COMMENTS_LOSS,
    METADATA_LOSS,
    REVISIONS_LOSS,
    record_metadata_loss,
    select_content,
)
from annotations.formats.core.interfaces import (
    ANNOTATED_TEXTS,
    FOREIGN_OPTIONS,
    Dialect,
    Example,
    Format,
    RecordSection,
    RegistryNames,
)
from annotations.formats.core.json_text import CanonicalAttributes, dump_json, json_array, quote_json
from annotations.formats.core.records import AnnotationSet, Article, Revision
from annotations.formats.readers.casjson import read_casjson
from annotations.scheme import ATTRIBUTES, LABELS
from annotations.text.offsets import OffsetMap

SPAN_TYPE = "standpoint.Mark"
RELATION_TYPE = "standpoint.Relation"
LABEL_TYPES = {label: f"standpoint.{label.capitalize()}" for label in LABELS}
_VIEW = "_InitialView"
_STRING = "uima.cas.String"


def _type_definition(name: str, parent: str, /, **features: str) -> dict[str, Any]:
    """Return a type and its features with their ranges."""
    found: dict[str, Any] = {"%NAME": name, "%SUPER_TYPE": parent}
    return found | {feature: {"%NAME": feature, "%RANGE": range_} for feature, range_ in features.items()}


def _type_system() -> str:
    """Return the type system as JSON, made from the scheme."""
    strings = dict.fromkeys(
        ("identifier", "actor", "actor_name", "proposition", "proposition_text", *ATTRIBUTES), _STRING
    )
    rows = [
        _type_definition(SPAN_TYPE, "uima.tcas.Annotation", **strings),
        *(_type_definition(name, SPAN_TYPE) for name in LABEL_TYPES.values()),
        _type_definition(
            RELATION_TYPE,
            "uima.cas.TOP",
            identifier=_STRING,
            name=_STRING,
            source=SPAN_TYPE,
            target=SPAN_TYPE,
        ),
    ]
    return dump_json({row["%NAME"]: row for row in rows})


class CasJsonWriter(ArchiveWriter):
    """A writer of a CAS for each set, or for each article without one."""

    def __init__(self, out: IO[bytes], *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._type_system = _type_system()
        self._attributes = CanonicalAttributes()

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write the files of an article."""
        revision, sets = select_content(article, self.losses, several=True)
        record_metadata_loss(article, self.losses)
        for number, row in enumerate(sets or [None], 1):
            name = f"{number}/{article.id}.json" if number > 1 else f"{article.id}.json"
            self.add(name, self._cas_json(article, revision, row, names))
            self.add_to_index(name, article, revision)
        self.records += 1

    def _cas_json(
        self, article: Article, revision: Revision, row: AnnotationSet | None, names: RegistryNames
    ) -> str:
        to = OffsetMap(revision.text).to_utf16
        language = quote_json(article.language or "x-unspecified")
        structures = [
            (
                f'{{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "{_VIEW}", '
                f'"mimeType": "text/plain", "sofaString": {quote_json(revision.text)}}}'
            ),
            (
                '{"%ID": 2, "%TYPE": "uima.tcas.DocumentAnnotation", "@sofa": 1, "begin": 0, '
                f'"end": {to(len(revision.text))}, "language": {language}}}'
            ),
        ]
        if row is not None:
            structures += self._structures(row, names, OffsetMap(revision.text))
        lines = ",\n".join(structures)
        members = json_array(map(str, range(2, len(structures) + 1)))
        return (
            f'{{"%TYPES": {self._type_system}, "%FEATURE_STRUCTURES": [\n{lines}\n], '
            f'"%VIEWS": {{"{_VIEW}": {{"%SOFA": 1, "%MEMBERS": {members}}}}}}}\n'
        )

    def _structures(self, row: AnnotationSet, names: RegistryNames, offsets: OffsetMap) -> Iterator[str]:
        """Yield the structures of spans and relations. The hot loop."""
        to, facts_of, quote = offsets.to_utf16, self._attributes, quote_json
        numbers: dict[str, int] = {}
        for number, span in enumerate(row.spans, 3):
            id, _, label, start, end, _, attributes, actor, proposition, _, _ = span
            numbers[id] = number
            said = f", {facts_of[attributes][1:-1]}" if attributes != "{}" else ""
            if actor is not None:
                said += f', "actor": "{actor}", "actor_name": {quote(names.actors.get(actor, ""))}'
            if proposition is not None:
                words = names.propositions.get(proposition, "")
                said += f', "proposition": "{proposition}", "proposition_text": {quote(words)}'
            yield (
                f'{{"%ID": {number}, "%TYPE": "{LABEL_TYPES[label]}", "@sofa": 1, "begin": {to(start)}, '
                f'"end": {to(end)}, "identifier": "{id}"{said}}}'
            )
        for number, (id, _, type_, source, target, _) in enumerate(row.relations, len(numbers) + 3):
            yield (
                f'{{"%ID": {number}, "%TYPE": "{RELATION_TYPE}", "identifier": "{id}", "name": "{type_}", '
                f'"@source": {numbers[source]}, "@target": {numbers[target]}}}'
            )


FORMAT = Format(
    name="casjson",
    title="UIMA CAS JSON 0.4: an analysis structure for each article",
    media_type="application/zip",
    extension="zip",
    writer=CasJsonWriter,
    reader=read_casjson,
    reader_options=FOREIGN_OPTIONS,
    sections=ANNOTATED_TEXTS | {RecordSection.NAMES},
    loss_descriptions={
        "metadata": METADATA_LOSS,
        "revisions": REVISIONS_LOSS,
        "sets": "sets on another text than that of the first",
        "comments": COMMENTS_LOSS,
    },
    omissions="the registry beyond names, and who worked on what",
    notes=(
        "Offsets are UTF-16 code units, which readers for Python turn into code points.",
        (
            f"The types are {', '.join(f'`{name}`' for name in (*LABEL_TYPES.values(), RELATION_TYPE))};"
            f" each file holds them."
        ),
        (
            "Read: one file, or an archive of them. The label is the feature label, value, name or type, or"
            " the name of the type; a structure with the ends source and target (or Dependent and Governor)"
            " is a relation. Other types, references and views on other texts are counted. XMI is not read:"
            " export CAS JSON."
        ),
    ),
    example=Example(
        {
            "a1.json": json.dumps(
                {
                    "%TYPES": {},
                    "%FEATURE_STRUCTURES": [
                        {
                            "%ID": 1,
                            "%TYPE": "uima.cas.Sofa",
                            "sofaNum": 1,
                            "sofaID": _VIEW,
                            "sofaString": "Ardenia opposes the lock.",
                        },
                        {"%ID": 3, "%TYPE": LABEL_TYPES["actor"], "@sofa": 1, "begin": 0, "end": 7},
                    ],
                    "%VIEWS": {_VIEW: {"%SOFA": 1, "%MEMBERS": [3]}},
                }
            )
        },
        "python -c \"import cassis; print(cassis.load_cas_from_json(open('a1.json')).select_all())\"",
    ),
)
