"""The reader of Label Studio's JSON: an array of tasks, each a text with annotations.

Annotations become sets, and predictions suggestions. The flat forms (JSON_MIN, CSV, TSV) are read too: there
each annotation is a row of its own, and those of one task are one article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotations.enums import State
from annotations.formats.archive.spool import Spool
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import NO_TEXT_BUT_ADDRESS, find_key, is_address, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.json_text import dump_json
from annotations.formats.core.term_mapping import TermMapping, fold_term
from annotations.formats.readers.labelstudio_tasks import read_tasks
from annotations.text.gate import excerpt

#: The links of a span to the registry, by their names in the API.
_LINKS = ("actor", "proposition")


def read_labelstudio(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each task."""
    how = reading(names, hull, controls)
    flat = Spool()
    try:
        for element in read_tasks(stream):
            task = element.value
            if element.code:
                yield rejected_record(element.number, element.code, element.message)
            elif type(task) is not dict:
                yield rejected_record(element.number, "type", "A task has to be an object.")
            elif type(task.get("data")) is dict:
                yield _TaskConverter(task, ForeignDocument(element.number, how)).line()
            else:
                key = find_key(task, how.names.file_field("text"))
                known = dump_json([task["id"], task.get(key)]) if "id" in task else str(element.number)
                flat.add(known, [element.number, task])
        for _, rows in flat:
            (number, task), *others = rows
            converter = _TaskConverter(task, ForeignDocument(number, how))
            yield converter.line([row for _, row in others])
    finally:
        flat.close()


#: The keys of the annotations of a task, the second in files before version 1.
_ANNOTATIONS = ("annotations", "completions")
#: The keys by which JSON_MIN describes the annotation, not the text.
_ANNOTATION_KEYS = frozenset(
    ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "annotations")
)


class _TaskConverter:
    """A task that becomes an article."""

    def __init__(self, task: dict[str, Any], draft: ForeignDocument) -> None:
        self.task = task
        self.draft = draft
        #: The name of the text among the objects that regions name; None where regions name none.
        self.place: str | None = None

    def line(self, others: Iterable[dict[str, Any]] = ()) -> ParsedRecord:
        """Return the article, or its faults; ``others`` are the further annotations of a flat task."""
        sent = self.task.get("data")
        flat = type(sent) is not dict
        data: dict[str, Any] = sent if type(sent) is dict else _flat_data(self.task)
        text = self._find_text(data)
        if text is None:
            detail = (
                "The task has no text; if its data hold it under another name than text, say so by a mapping"
                " such as text:body."
            )
            return rejected_record(self.draft.number, "required", detail, "/data")
        if is_address(text):
            return rejected_record(self.draft.number, "required", NO_TEXT_BUT_ADDRESS, "/data")
        self.draft.text = text
        self._set_fields(data, flat=flat)
        if flat:
            self._add_flat_regions(self.task)
            for other in others:
                self._add_flat_regions(other)
                for key, value in _flat_data(other).items():
                    if type(value) is not list and value != data.get(key):
                        self.draft.record_loss(f"field {shown(key)}")
        else:
            self.place = self._find_place(data)
            self._add_annotations()
            self._add_predictions()
            if self.task.get("drafts"):
                self.draft.record_loss("drafts")
        return self.draft.build_record()

    def _find_text(self, data: dict[str, Any]) -> str | None:
        """Return the text, which is never guessed from the values: one of them may name a picture."""
        self.text_key = find_key(data, self.draft.names.file_field("text"))
        value = data.get(self.text_key)
        return value if type(value) is str else None

    def _find_place(self, data: dict[str, Any]) -> str | None:
        """Return the name by which regions mean the text: its key, or the only name that fits."""
        met: dict[str, list[dict[str, Any]]] = {}
        for kind in (*_ANNOTATIONS, "predictions"):
            for found in _objects(self.task.get(kind)):
                for item in _objects(found.get("result")):
                    if type(name := item.get("to_name")) is str:
                        met.setdefault(name, []).append(item)
        alike = [name for name in met if fold_term(name) == fold_term(self.text_key)]
        if self.text_key in met or alike:
            return self.text_key if self.text_key in met else alike[0]
        others = [name for name in met if name not in data]
        if len(others) == 1:  # the name that the project has given to its text
            return others[0]
        fitting = [name for name in others if self._fits(met[name])]
        return fitting[0] if len(fitting) == 1 else self.text_key

    def _fits(self, items: list[dict[str, Any]]) -> bool:
        """Return whether all these regions have the words of the text."""
        text = self.draft.text
        values = [value for item in items if type(value := item.get("value")) is dict and "text" in value]
        ranges = [(_offset(value.get("start")), _offset(value.get("end")), value["text"]) for value in values]
        return bool(ranges) and all(
            start is not None and end is not None and text[start:end] == words for start, end, words in ranges
        )

    def _set_fields(self, data: dict[str, Any], *, flat: bool) -> None:
        id = self.task.get("id")
        # data that name the external id, be it null, are ours: tasks are only numbered then
        if "external_id" not in data and (type(id) is int or (type(id) is str and id)):
            self.draft.values["external_id"] = str(id)
        text = self.draft.text
        known = {key: value for key, value in data.items() if not (value is text or key == "id")}
        if flat:
            known = {key: value for key, value in known.items() if type(value) is not list}
        self.draft.set_fields(known)
        meta = self.task.get("meta")
        if type(meta) is dict:
            self.draft.set_fields(meta, known=False)

    def _add_flat_regions(self, task: dict[str, Any]) -> None:
        """Add the regions of JSON_MIN, where each control is a key."""
        layer = self.draft.add_layer(_person(task.get("annotator")))
        layer.id = str(task.get("annotation_id") or "")
        if task.get("annotations"):
            self.draft.record_loss("field annotations")
        for key, value in _flat_data(task).items():
            if type(value) is list:
                for index, region in enumerate(value):
                    place = f"/{key}/{index}"
                    item = {"id": "", "type": "labels", "value": region}
                    self._add_region(layer, item, place)

    def _listed(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects of a list with their places; count those of which a file has only the id."""
        for index, one in enumerate(_list(self.task.get(kind))):
            if type(one) is dict:
                yield f"/{kind}/{index}", one
            else:
                self.draft.record_loss(f"{kind} of which the file has only the id", shown(str(one)))

    def _add_annotations(self) -> None:
        for place, annotation in (found for kind in _ANNOTATIONS for found in self._listed(kind)):
            id = annotation.get("unique_id") or annotation.get("id")
            if annotation.get("was_cancelled"):
                self.draft.record_loss("cancelled annotations", str(id))
                continue
            layer = self.draft.add_layer(_person(annotation.get("completed_by")))
            layer.id = str(id)
            if annotation.get("ground_truth") is True:
                layer.state = str(State.APPROVED)
            if annotation.get("reviews"):
                self.draft.record_loss("reviews", str(id))
            self._add_result(layer, annotation, place)

    def _add_predictions(self) -> None:
        for place, prediction in self._listed("predictions"):
            layer = self.draft.add_suggested_layer()
            layer.id = str(prediction.get("id"))
            layer.model = excerpt(str(prediction.get("model_version") or ""), 200)
            score = prediction.get("score")
            layer.score = float(score) if isinstance(score, int | float) else None
            self._add_result(layer, prediction, place)

    def _add_result(self, layer: AnnotationLayer, annotation: dict[str, Any], place: str) -> None:
        """Add regions first, because items that refer to them may stand before them."""
        items = []
        for index, item in enumerate(_objects(annotation.get("result"))):
            to = item.get("to_name")
            if type(to) is str and to != self.place:
                layer.spans_by_id.setdefault(str(item.get("id") or ""), None)
                self.draft.record_loss(
                    f"regions of another text or object, {shown(to)}", str(item.get("id") or "")
                )
            else:
                items.append((index, item))
        for index, item in items:
            if item.get("type") == "labels":
                self._add_region(layer, item, f"{place}/result/{index}")
        for index, item in items:
            if item.get("type") == "relation":
                self._add_relation(layer, item, f"{place}/result/{index}", str(index))
            elif item.get("type") != "labels":
                self._add_control(layer, item)

    def _add_region(self, layer: AnnotationLayer, item: dict[str, Any], place: str) -> None:
        value, id = item.get("value"), str(item.get("id") or "")
        if type(value) is not dict:
            self.draft.record_error("type", f"{place}/value", "A region has a value that says where it is.")
            return
        start, end = _offset(value.get("start")), _offset(value.get("end"))
        if start is None or end is None:
            detail = (
                "A region says where it is by start and end in characters; export the text as plain text."
            )
            self.draft.record_error("required", f"{place}/value", detail)
            return
        quote = value.get("text")
        labels = [label for label in _list(value.get("labels")) if type(label) is str]
        if not labels:
            self.draft.record_loss("regions without a label", id)
        for number, label in enumerate(labels):
            known = f"{id}/{number}" if number else id
            said = quote if type(quote) is str else None
            layer.add_span(known, label, start, end, f"{place}/value", quote=said)
        meta = item.get("meta")
        if type(meta) is dict and meta:
            self.draft.record_loss("notes", id)

    def _add_relation(self, layer: AnnotationLayer, item: dict[str, Any], place: str, number: str) -> None:
        ends = [str(item.get("from_id")), str(item.get("to_id"))]
        if item.get("direction") == "left":
            ends.reverse()
        elif item.get("direction") == "bi":
            self.draft.record_loss("second directions", str(item.get("id") or ""))
        for label in _list(item.get("labels")) or [""]:
            layer.add_relation(str(item.get("id") or number), str(label), ends[0], ends[1], place)

    def _add_control(self, layer: AnnotationLayer, item: dict[str, Any]) -> None:
        """Add the value of another control of a region, or of the whole text."""
        kind, id, value = str(item.get("type")), str(item.get("id") or ""), item.get("value")
        said = value.get(_CONTROL_VALUES[kind]) if kind in _CONTROL_VALUES and type(value) is dict else None
        name = item.get("from_name")
        span = layer.spans_by_id.get(id)
        if said is None or type(name) is not str or id not in layer.spans_by_id:
            self.draft.record_loss(f"control {shown(kind)}", id)
            return
        for one in said if type(said) is list else [said]:
            if name in _LINKS and span is not None and type(one) is str:
                span[name] = one
            else:
                layer.set_attribute(id, name, str(one))


#: The controls that describe a region, and the key of their value.
_CONTROL_VALUES = {
    "choices": "choices",
    "textarea": "text",
    "rating": "rating",
    "number": "number",
    "datetime": "datetime",
}


def _flat_data(task: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in task.items() if key not in _ANNOTATION_KEYS}


def _person(value: object) -> str:
    """Return the name of the person who made an annotation: a number, or an object with an address."""
    if type(value) is dict:
        value = next((value[key] for key in ("email", "username", "id") if value.get(key)), "")
    return str(value) if type(value) in (int, str) else ""


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return (item for item in _list(value) if type(item) is dict)


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []


def _offset(value: object) -> int | None:
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if type(value) is int else None
