"""The reader of Label Studio's JSON: an array of tasks, each a text with annotations.

Annotations become sets, and predictions suggestions. The flat form (JSON_MIN) is read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from annotations.formats.base import Line, Readable
from annotations.formats.drafts import Draft, Markup, refused
from annotations.formats.jsonstream import elements
from annotations.formats.translation import Translation
from annotations.states import State
from annotations.text.gate import excerpt

#: The links of a span to the registry, by their names in the API.
_LINKS = ("actor", "proposition")


def read_labelstudio(
    stream: Readable, *, names: Translation | None = None, hull: bool = False
) -> Iterator[Line]:
    """Yield an article for each task."""
    for element in elements(stream, ("tasks",)):
        if element.code:
            yield refused(element.number, element.code, element.says)
        elif type(element.value) is not dict:
            yield refused(element.number, "type", "A task has to be an object.")
        else:
            document = Draft(element.number, names or Translation(), hull=hull)
            yield _TaskConverter(element.value, document).line()


#: The keys by which JSON_MIN describes the annotation, not the text.
_ANNOTATION_KEYS = frozenset(
    ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "annotations")
)


class _TaskConverter:
    """A task that becomes an article."""

    def __init__(self, task: dict[str, Any], document: Draft) -> None:
        self.task = task
        self.document = document

    def line(self) -> Line:
        """Return the article, or its faults."""
        sent = self.task.get("data")
        flat = type(sent) is not dict
        data: dict[str, Any] = (
            {key: value for key, value in self.task.items() if key not in _ANNOTATION_KEYS}
            if type(sent) is not dict
            else sent
        )
        text = self._find_text(data)
        if text is None:
            message = (
                "The task has no text; if its data hold it under another name than text, say so by a mapping"
                " such as text:body."
            )
            return refused(self.document.number, "required", message, "/data")
        self.document.text = text
        self._set_fields(data, flat=flat)
        if flat:
            self._add_flat_regions(data)
        else:
            self._add_annotations()
            self._add_predictions()
            if self.task.get("drafts"):
                self.document.lost("drafts")
        return self.document.line()

    def _find_text(self, data: dict[str, Any]) -> str | None:
        name = self.document.names.field("text")
        if type(data.get(name)) is str:
            return str(data[name])
        strings = [value for value in data.values() if type(value) is str]
        return strings[0] if len(strings) == 1 and name == "text" else None

    def _set_fields(self, data: dict[str, Any], *, flat: bool) -> None:
        id = self.task.get("id")
        # data that name the external id, be it null, are ours: tasks are only numbered then
        if "external_id" not in data and (type(id) is int or (type(id) is str and id)):
            self.document.values["external_id"] = str(id)
        text = self.document.text
        known = {key: value for key, value in data.items() if not (value is text or key == "id")}
        if flat:
            known = {key: value for key, value in known.items() if type(value) is not list}
        self.document.fields(known)
        meta = self.task.get("meta")
        if type(meta) is dict:
            self.document.fields(meta, known=False)

    def _add_flat_regions(self, data: dict[str, Any]) -> None:
        """Add the regions of JSON_MIN, where each control is a key."""
        layer = self.document.markup()
        for key, value in data.items():
            if type(value) is list:
                for index, region in enumerate(value):
                    place = f"/{key}/{index}"
                    item = {"id": "", "type": "labels", "value": region}
                    self._add_region(layer, item, place)

    def _add_annotations(self) -> None:
        for index, annotation in enumerate(_objects(self.task.get("annotations"))):
            id = annotation.get("unique_id") or annotation.get("id")
            if annotation.get("was_cancelled"):
                self.document.lost("cancelled annotations", str(id))
                continue
            layer = self.document.markup()
            layer.id = str(id)
            if annotation.get("ground_truth") is True:
                layer.state = str(State.APPROVED)
            if annotation.get("reviews"):
                self.document.lost("reviews", str(id))
            self._add_result(layer, annotation, f"/annotations/{index}")

    def _add_predictions(self) -> None:
        for index, prediction in enumerate(_objects(self.task.get("predictions"))):
            layer = self.document.suggestion()
            layer.id = str(prediction.get("id"))
            layer.model = excerpt(str(prediction.get("model_version") or ""), 200)
            score = prediction.get("score")
            layer.score = float(score) if isinstance(score, int | float) else None
            self._add_result(layer, prediction, f"/predictions/{index}")

    def _add_result(self, layer: Markup, annotation: dict[str, Any], place: str) -> None:
        """Add regions first, because items that refer to them may stand before them."""
        items = list(enumerate(_objects(annotation.get("result"))))
        for index, item in items:
            if item.get("type") == "labels":
                self._add_region(layer, item, f"{place}/result/{index}")
        for index, item in items:
            if item.get("type") == "relation":
                self._add_relation(layer, item, f"{place}/result/{index}", str(index))
            elif item.get("type") != "labels":
                self._add_control(layer, item)

    def _add_region(self, layer: Markup, item: dict[str, Any], place: str) -> None:
        value, id = item.get("value"), str(item.get("id") or "")
        if type(value) is not dict:
            self.document.fault("type", f"{place}/value", "A region has a value that says where it is.")
            return
        start, end = _offset(value.get("start")), _offset(value.get("end"))
        if start is None or end is None:
            message = (
                "A region says where it is by start and end in characters; export the text as plain text."
            )
            self.document.fault("required", f"{place}/value", message)
            return
        quote = value.get("text")
        labels = [label for label in _list(value.get("labels")) if type(label) is str]
        if not labels:
            self.document.lost("regions without a label", id)
        for number, label in enumerate(labels):
            known = f"{id}/{number}" if number else id
            said = quote if type(quote) is str else None
            layer.span(known, label, start, end, f"{place}/value", quote=said)
        meta = item.get("meta")
        if type(meta) is dict and meta:
            self.document.lost("notes", id)

    def _add_relation(self, layer: Markup, item: dict[str, Any], place: str, number: str) -> None:
        ends = [str(item.get("from_id")), str(item.get("to_id"))]
        if item.get("direction") == "left":
            ends.reverse()
        elif item.get("direction") == "bi":
            self.document.lost("second directions", str(item.get("id") or ""))
        for label in _list(item.get("labels")) or [""]:
            layer.relation(str(item.get("id") or number), str(label), ends[0], ends[1], place)

    def _add_control(self, layer: Markup, item: dict[str, Any]) -> None:
        """Add the value of another control of a region, or of the whole text."""
        kind, id, value = str(item.get("type")), str(item.get("id") or ""), item.get("value")
        said = value.get(_CONTROL_VALUES[kind]) if kind in _CONTROL_VALUES and type(value) is dict else None
        name = item.get("from_name")
        span = layer.known.get(id)
        if said is None or type(name) is not str or id not in layer.known:
            self.document.lost(f"control {excerpt(kind)}", id)
            return
        for one in said if type(said) is list else [said]:
            if name in _LINKS and span is not None and type(one) is str:
                span[name] = one
            else:
                layer.attribute(id, name, str(one))


#: The controls that describe a region, and the key of their value.
_CONTROL_VALUES = {
    "choices": "choices",
    "textarea": "text",
    "rating": "rating",
    "number": "number",
    "datetime": "datetime",
}


def _objects(value: Any) -> Iterable[dict[str, Any]]:
    return (item for item in _list(value) if type(item) is dict)


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []


def _offset(value: Any) -> int | None:
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if type(value) is int else None
