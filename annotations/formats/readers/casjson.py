"""The reader of UIMA CAS JSON: a structure of typed objects over one text for each file.

A span is an annotation whose type, or whose label, is known here; a structure that refers to two spans is a
relation. Views on other texts are counted, since their offsets are of another text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from annotations.exceptions import StandpointError
from annotations.formats.archive.folder import Folder
from annotations.formats.archive.zip_reader import PrefixedStream, is_archive, read_start
from annotations.formats.core.article_content import INDEX_FILE
from annotations.formats.core.foreign_document import AnnotationLayer, ForeignDocument, rejected_record, shown
from annotations.formats.core.foreign_values import Reading, decode_file, reading
from annotations.formats.core.interfaces import ParsedRecord, Readable
from annotations.formats.core.term_mapping import TermMapping
from annotations.text.gate import excerpt
from annotations.text.offsets import OffsetMap
from annotations.text.strictjson import StrictJSONError, loads

MAX_FILE = 64 * 1024 * 1024
VIEW = "_InitialView"
_SOFA = "uima.cas.Sofa"
#: Features that may hold the label of a span or the type of a relation, the likelier first.
_LABELS = ("label", "value", "name", "type")
#: What our own files repeat from the registry, by the link.
_REPEATED = ("actor_name", "proposition_text")
_LINKS = ("actor", "proposition")
_IDENTIFIER = "identifier"
#: The features by which relations name their ends.
_ENDS = (("@source", "@target"), ("@Dependent", "@Governor"), ("@dependent", "@governor"), ("@from", "@to"))
#: Types that say how a text is divided, or describe it as a whole.
_FRAMES = frozenset(("Token", "Sentence", "DocumentAnnotation", "DocumentMetaData", "TagsetDescription"))
_UNITS = ("utf-16", "utf16", "utf-32", "utf32", "codepoints")


class _FileError(Exception):
    """A fault of a whole file."""

    def __init__(self, code: str, detail: str, place: str = "") -> None:
        super().__init__(detail)
        self.code, self.detail, self.place = code, detail, place


def read_casjson(
    stream: Readable, *, names: TermMapping | None = None, hull: bool = False, controls: str = ""
) -> Iterator[ParsedRecord]:
    """Yield an article for each file, or for each text with several files."""
    how = reading(names, hull, controls)
    head = read_start(stream, 4)
    whole = PrefixedStream(head, stream)
    if not is_archive(head):
        chunks: list[bytes] = []
        size = 0
        while size <= MAX_FILE and (chunk := whole.read(1024 * 1024)):
            chunks.append(chunk)
            size += len(chunk)
        yield _read_files(1, {"": b"".join(chunks)}, how, {})
        return
    folder = Folder(whole)
    try:
        yield from _read_archive(folder, how)
    finally:
        folder.close()


def _read_archive(folder: Folder, how: Reading) -> Iterator[ParsedRecord]:
    """Yield the articles of an archive: files of one name in several folders are sets of one article."""
    index, lost = folder.read_index()
    groups: dict[str, list[str]] = {}
    for name in folder.names:
        if name.endswith(".json"):
            base = name.rpartition("/")[2]
            groups.setdefault(base if name in index else name, []).append(name)
        elif name != INDEX_FILE:
            lost.append(shown(name))
    for number, names in enumerate(groups.values(), 1):
        large = next((name for name in names if folder.size(name) > MAX_FILE), None)
        if large is not None:
            yield rejected_record(
                number, "too-large", f"The file has more than {MAX_FILE:,} bytes.", f"/{large}"
            )
            continue
        line = _read_files(number, {name: folder.read(name) for name in names}, how, index)
        yield line._replace(losses=[*line.losses, ("files", lost)]) if lost else line
        lost = []
    if not groups:
        yield rejected_record(1, "required", "There is no file that ends in .json in the archive.")


def _read_files(
    number: int, files: Mapping[str, bytes], how: Reading, index: Mapping[str, Mapping[str, Any]]
) -> ParsedRecord:
    draft = ForeignDocument(number, how)
    first = next(iter(files))
    draft.set_fields({"external_id": first.removesuffix(".json")})
    try:
        for name, raw in files.items():
            place = f"/{name}" if name else ""
            if name in index:
                draft.values.pop("external_id", None)
                draft.values.update(index[name])
            _CasReader(draft, _parse(raw), place).add(name.rpartition("/")[0], is_first=name == first)
    except _FileError as fault:
        stem = first.removesuffix(".json") or None
        return rejected_record(number, fault.code, fault.detail, fault.place, stem)
    return draft.build_record()


def _parse(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_FILE:
        raise _FileError("too-large", f"The file has more than {MAX_FILE:,} bytes; send an archive of files.")
    try:
        value = loads(decode_file(raw))
    except StrictJSONError as error:
        raise _FileError(error.kind, error.detail) from None
    except StandpointError as error:
        raise _FileError(error.code, error.detail) from None
    if type(value) is not dict or "%FEATURE_STRUCTURES" not in value:
        raise _FileError("type", "This is no CAS in JSON: it has no %FEATURE_STRUCTURES.")
    return value


class _CasReader:
    """A CAS whose annotations on one view become a set."""

    def __init__(self, draft: ForeignDocument, cas: dict[str, Any], place: str) -> None:
        self.draft = draft
        self.cas = cas
        self.place = place
        raw = cas["%FEATURE_STRUCTURES"]
        items = raw.items() if type(raw) is dict else ((None, item) for item in _list(raw))
        self.structures = [
            {"%ID": id, **item} if id is not None else item for id, item in items if type(item) is dict
        ]
        self.sofa: Any = None

    def add(self, owner: str, *, is_first: bool) -> None:
        """Add the annotations as a set; the first file of an article brings its text."""
        text = self._find_text()
        if is_first:
            self.draft.text = text
        elif self.draft.clean(text) != self.draft.text:
            raise _FileError("invalid", "The files of one name hold different texts.", self.place)
        layer = self.draft.add_layer(owner)
        to_code_points = self._offsets()
        relations = []
        for item in self.structures:
            name = str(item.get("%TYPE", "")).rpartition(".")[2]
            ends = next((pair for pair in _ENDS if pair[0] in item and pair[1] in item), None)
            if ends is not None:
                relations.append((item, name, ends))
            elif "@sofa" in item and "begin" in item and name not in _FRAMES:
                self._add_span(layer, item, name, to_code_points)
            elif name in _FRAMES:
                self._add_frame(item)
            elif item.get("%TYPE") != _SOFA:
                self.draft.record_loss(f"type {shown(name)}", str(item.get("%ID", "")))
        for item, name, ends in relations:
            self._add_relation(layer, item, name, ends)

    def _find_text(self) -> str:
        """Return the text of the initial view, or of the only view that has one."""
        sofas = [item for item in self.structures if item.get("%TYPE") == _SOFA and "sofaString" in item]
        found = [item for item in sofas if item.get("sofaID") == VIEW] or sofas
        if len(found) != 1 or type(found[0]["sofaString"]) is not str:
            what = f"{len(found)} views with a text" if found else "no view with a text"
            raise _FileError("required", f"The CAS has {what}, and none of them is {VIEW}.", self.place)
        self.sofa = found[0].get("%ID")
        text: str = found[0]["sofaString"]
        return text

    def _offsets(self) -> Any:
        """Return the function from offsets of the file to code points."""
        header = self.cas.get("%HEADER")
        unit = header.get("%OFFSET_ENCODING", "utf-16") if type(header) is dict else "utf-16"
        if str(unit).lower() not in _UNITS:
            detail = (
                f"It counts in {excerpt(str(unit))}, which is not known here; it takes UTF-16 and UTF-32."
            )
            raise _FileError("choice", detail, f"{self.place}/%HEADER")
        return OffsetMap(self.draft.text).from_utf16 if "16" in str(unit) else int

    def _add_span(self, layer: AnnotationLayer, item: dict[str, Any], name: str, to_code_points: Any) -> None:
        key = str(item.get("%ID", ""))
        place = f"{self.place}/%FEATURE_STRUCTURES/{key}"
        if str(item["@sofa"]) != str(self.sofa):  # keys of an object are words, references numbers
            layer.spans_by_id[key] = None
            self.draft.record_loss("annotations of another view", key)
            return
        start, end = item.get("begin"), item.get("end")
        if type(start) is not int or type(end) is not int:
            self.draft.record_error("type", place, "An annotation has two integers for its begin and end.")
            return
        try:
            start, end = to_code_points(start), to_code_points(end)
        except StandpointError as error:
            self.draft.record_error(error.code, place, error.detail)
            return
        label = _known_word(item, name, self.draft.names.find_label)
        span = layer.add_span(key, label, start, end, place)
        if span is None:
            return
        for feature, value in item.items():
            self._add_feature(layer, span, key, feature, value=value, label=label)

    def _add_feature(
        self,
        layer: AnnotationLayer,
        span: dict[str, Any],
        key: str,
        feature: str,
        *,
        value: object,
        label: str,
    ) -> None:
        if feature[:1] == "%" or feature in ("@sofa", "begin", "end", _IDENTIFIER, *_REPEATED):
            return
        if feature in _LINKS and type(value) is str:
            span[feature] = value
        elif feature[:1] in "@^":
            self.draft.record_loss(f"reference {shown(feature[1:])}", key)
        elif value is not None and value != label:
            layer.set_attribute(key, feature.removeprefix("#"), value if type(value) is str else str(value))

    def _add_relation(
        self, layer: AnnotationLayer, item: dict[str, Any], name: str, ends: tuple[str, str]
    ) -> None:
        key = str(item.get("%ID", ""))
        type_ = _known_word(item, name, self.draft.names.find_relation)
        source, target = (str(item.get(end)) for end in ends)
        layer.add_relation(f"r{key}", type_, source, target, f"{self.place}/%FEATURE_STRUCTURES/{key}")

    def _add_frame(self, item: dict[str, Any]) -> None:
        """Take what describes the text as a whole."""
        language = item.get("language")
        if type(language) is str and language not in ("", "x-unspecified"):
            self.draft.set_fields({"language": language})
        fields = {"title": item.get("documentTitle"), "external_id": item.get("documentId")}
        for field, value in fields.items():
            if type(value) is str and value and field not in self.draft.values:
                self.draft.set_fields({field: value})


def _known_word(item: dict[str, Any], name: str, translate: Any) -> str:
    """Return the first word of a structure that is known here: a feature, or the name of its type."""
    words = [value for feature in _LABELS if type(value := item.get(feature)) is str and value]
    return next((word for word in (*words, name) if translate(word) is not None), words[0] if words else name)


def _list(value: object) -> list[Any]:
    return value if type(value) is list else []
