"""The reader of Prodigy's JSONL: a task on each line, with the answer of one session.

Tasks on one text are one article, with a set for each session. An accepted task is somebody's set; what has
no answer but a score or a source is a model's suggestion; rejected and ignored tasks are counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from annotations.formats.archive.spool import Spool
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import (
    NO_TEXT_BUT_ADDRESS,
    Reading,
    find_key,
    is_address,
    reading,
)
from annotations.formats.core.interfaces import FOREIGN_OPTIONS, Example, Format, ParsedRecord, Readable
from annotations.formats.core.json_text import dump_json
from annotations.formats.core.term_mapping import TermMapping
from annotations.formats.readers.jsonl import read_json_objects
from annotations.text.gate import excerpt

#: The keys of a task that are no field of its text.
_OWN_KEYS = frozenset(
    ("answer", "meta", "options", "priority", "relations", "score", "spans", "style", "tokens", "versions",
     "view_id", "config")
)  # fmt: skip
#: Answers about a text as a whole.
_WHOLE = ("accept", "label", "cats")
#: The answers of which the marks are taken; others, such as reject, are counted.
_ANSWERS = (None, "accept")


def read_prodigy(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each text."""
    how = reading(names, hull, controls)
    spool = Spool()
    try:
        for document in read_json_objects(stream):
            task = document.value
            if document.code:
                yield rejected_record(document.number, document.code, document.message)
            elif fault := _fault_of(task, how):
                yield rejected_record(
                    document.number, "required" if type(task) is dict else "type", fault, "/text"
                )
            else:
                key = find_key(task, how.names.file_field("text"))
                spool.add(dump_json([task.get("_input_hash"), task[key]]), [document.number, task])
        for _, found in spool:
            yield _build_article(found, how)
    finally:
        spool.close()


def _fault_of(task: object, how: Reading) -> str:
    if type(task) is not dict:
        return "A task has to be an object."
    key = find_key(task, how.names.file_field("text"))
    if type(task.get(key)) is not str:
        return f"There is no text under {excerpt(key)}; name its key by a mapping such as text:body."
    return NO_TEXT_BUT_ADDRESS if is_address(task[key]) else ""


def _build_article(found: list[Any], how: Reading) -> ParsedRecord:
    number, first = found[0]
    key = find_key(first, how.names.file_field("text"))
    draft = ForeignDocument(number, how, text=first[key])
    if type(first.get("_input_hash")) is int:
        draft.values["external_id"] = str(first["_input_hash"])
    draft.set_fields(
        {
            name: value
            for name, value in first.items()
            if name != key and not name.startswith("_") and name not in _OWN_KEYS and name not in _WHOLE
        }
    )
    if type(first.get("meta")) is dict:
        draft.set_fields(first["meta"], known=False)
    for line, task in found:
        _add_task(draft, line, task)
    return draft.build_record()


def _add_task(draft: ForeignDocument, line: int, task: dict[str, Any]) -> None:
    """Add the marks of a task as a set, or as suggestions."""
    where = f"line {line}"
    answer = task.get("answer") or None
    if answer not in _ANSWERS:
        draft.record_loss(f"answers {shown(str(answer))}", where)
        return
    for name in _WHOLE:
        if task.get(name):
            draft.record_loss("labels of a whole text", where)
    spans = [span for span in _list(task.get("spans")) if type(span) is dict]
    scores = [one["score"] for one in (task, *spans) if type(one.get("score")) in (int, float)]
    sources = [span["source"] for span in spans if type(span.get("source")) is str]
    if answer is None and (scores or sources):
        layer = draft.add_suggested_layer()
        layer.model = excerpt(sources[0], 200) if sources else ""
        layer.score = float(scores[0]) if scores else None
    else:
        if answer is None and "spans" not in task:
            return  # a text that nobody has looked at
        layer = draft.add_layer(_person(task))
        for _ in scores:
            draft.record_loss("scores", where)
    _TaskConverter(draft, layer, task, where).add(spans)


def _person(task: dict[str, Any]) -> str:
    value = task.get("_annotator_id") or task.get("_session_id")
    return value if type(value) is str else ""


class _TaskConverter:
    """A task whose spans and relations go into one set."""

    def __init__(
        self, draft: ForeignDocument, layer: AnnotationLayer, task: dict[str, Any], where: str
    ) -> None:
        self.draft = draft
        self.layer = layer
        self.task = task
        self.where = where
        self.tokens = [token for token in _list(task.get("tokens")) if type(token) is dict]
        #: The ids of spans by their range, and by each of their tokens.
        self.at: dict[tuple[Any, Any], str] = {}
        self.by_token: dict[Any, str] = {}

    def add(self, spans: list[dict[str, Any]]) -> None:
        """Add the spans, then the relations between them."""
        for index, span in enumerate(spans):
            self._add_span(span, f"{self.where}/{index}", f"/spans/{index}")
        for index, relation in enumerate(_list(self.task.get("relations"))):
            place = f"/relations/{index}"
            if type(relation) is not dict:
                self.draft.record_error("type", place, "A relation has to be an object.")
                continue
            source, target = self._find_end(relation, "head"), self._find_end(relation, "child")
            self.layer.add_relation(
                f"{self.where}/r{index}", str(relation.get("label")), source, target, place
            )

    def _add_span(self, span: dict[str, Any], id: str, place: str) -> None:
        start, end, label = span.get("start"), span.get("end"), span.get("label")
        if type(start) is not int or type(end) is not int:
            self.draft.record_error("type", place, "A span has two integers for its start and end.")
            return
        if type(label) is not str:
            self.draft.record_loss("spans without a label", id)
            return
        self.at.setdefault((start, end), id)
        first, last = span.get("token_start"), span.get("token_end")
        if type(first) is int and type(last) is int and 0 <= first <= last:
            for at in range(first, min(last + 1, len(self.tokens))):
                self.by_token.setdefault(at, id)
        quote = span.get("text")
        self.layer.add_span(id, label, start, end, place, quote=quote if type(quote) is str else None)

    def _find_end(self, relation: dict[str, Any], name: str) -> str:
        """Return the span at which a relation begins or ends; or a name that no span has."""
        span = relation.get(f"{name}_span")
        if type(span) is dict and (span.get("start"), span.get("end")) in self.at:
            return self.at[span.get("start"), span.get("end")]
        token = relation.get(name)
        return self.by_token.get(token, f"token {shown(str(token))}") if type(token) is int else f"no {name}"


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []


ROW = Format(
    name="prodigy",
    title="Prodigy: JSON lines of tasks with answers",
    media_type="application/x-ndjson",
    extension="jsonl",
    reader=read_prodigy,
    reader_options=FOREIGN_OPTIONS,
    tells_empty=True,
    notes=(
        (
            "Tasks on one text are one article, whose external id is `_input_hash`; each session that"
            " accepted it has a set, also one without marks. Rejected and ignored tasks, labels of whole"
            " texts and scores of accepted tasks are counted; marks with a score or a source and without an"
            " answer are a model's suggestions."
        ),
        "Offsets are code points. `meta` becomes metadata.",
    ),
    example=Example(
        {
            "tasks.jsonl": '{"text": "Ardenia opposes the lock.", "spans": [{"start": 0, "end": 7, "label": '
            '"actor"}], "_input_hash": 1, "answer": "accept", "_session_id": "lake-ann"}\n'
        }
    ),
)
