"""The files of a release, written in one pass over its records.

Every record is unpacked once for all formats, and memory holds one record. The same specification and
the same records give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from annotations.formats import FORMATS
from annotations.formats.archive.zip_writer import ZipWriter
from annotations.formats.core.interfaces import RegistryNames, Writer
from annotations.formats.core.records import Article, Corpus, RegistryEntry
from annotations.formats.release import croissant, manifest, release_card
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics
from annotations.formats.release.splits import split_key

MANIFEST, CARD, CROISSANT, GUIDELINE = "manifest.json", "README.md", "croissant.json", "guideline.md"
#: Small, because each format and split has a buffer.
_BUFFER = 64 * 1024
_MEDIA_TYPES = {".json": "application/json", ".md": "text/markdown; charset=utf-8", ".zip": "application/zip"}
#: Files that are compressed already.
_COMPRESSED = (".zip", ".parquet")


@dataclass
class _Output:
    """A file that is being written."""

    format: str
    part: str
    path: Path
    media_type: str
    file: IO[bytes]
    writer: Writer


@dataclass(frozen=True)
class ReleaseBundle:
    """The result of a build: its files, statistics and losses."""

    files: list[BuiltFile]
    counts: dict[str, Any]
    losses: list[dict[str, Any]]


@dataclass
class BundleWriter:
    """A writer of all files of a release into ``folder``, which is empty."""

    folder: Path
    spec: BuildSpec
    statistics: ReleaseStatistics = field(default_factory=ReleaseStatistics)
    _outputs: list[_Output] = field(default_factory=list)

    def __post_init__(self) -> None:
        for part in self.spec.splits.names if self.spec.splits else [""]:
            for format in self.spec.formats:
                self._outputs.append(self._open_output(format, part))

    def write_head(self, corpus: Corpus, entries: Iterable[RegistryEntry]) -> None:
        """Write the corpus and its registry into every file."""
        self._corpus = corpus
        for output in self._outputs:
            output.writer.write_corpus(corpus)
        for entry in entries:
            self.statistics.entries[type(entry).__name__.lower()] += 1
            for output in self._outputs:
                output.writer.write_entry(entry)

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write an article into the files of its split."""
        splits = self.spec.splits
        part = ""
        if splits is not None:
            part = splits.assign(split_key(article.story_key, article.id), article.published_at)
        self.statistics.add(article, part)
        for output in self._outputs:
            if output.part == part:
                output.writer.write_article(article, names)

    def close(self) -> ReleaseBundle:
        """Write the files about the data, and return everything that was made."""
        made = [self._close_output(output) for output in self._outputs]
        losses = [
            {"format": output.format, "part": output.part or None, **loss}
            for output in self._outputs
            for loss in output.writer.losses.as_list()
        ]
        recipe, facts, corpus = self.spec, self.statistics, self._corpus
        loadable = {o.part or "train": o.path.name for o in self._outputs if FORMATS[o.format].in_release}
        self._write_file(made, CARD, release_card.render_card(corpus, recipe, facts, losses, loadable))
        if corpus.guideline:
            self._write_file(made, GUIDELINE, corpus.guideline)
        self._write_file(made, CROISSANT, croissant.render_croissant(corpus, recipe, facts, made))
        content = manifest.render_manifest(corpus, recipe, facts, losses, made)
        self._write_file(made, MANIFEST, content)
        made.append(self._pack(made))
        return ReleaseBundle(made, facts.as_dict(recipe), losses)

    def abandon(self) -> None:
        """Close open files; the caller deletes the folder."""
        for output in self._outputs:
            output.writer.abandon()
            output.file.close()

    def _open_output(self, format: str, part: str) -> _Output:
        row = FORMATS[format]
        kind, extension, media_type = row.in_release or (row.writer, row.extension, row.media_type)
        if not self.spec.include_text:
            kind = row.without_text
        words = [self.spec.slug, part, "" if format == extension else format, extension]
        path = self.folder / ".".join(word for word in words if word)
        file = path.open("xb", buffering=_BUFFER)
        make: Callable[[IO[bytes]], Writer] = kind  # type: ignore[assignment]
        return _Output(format, part, path, media_type, file, make(file))

    def _close_output(self, output: _Output) -> BuiltFile:
        output.writer.close()
        output.file.close()
        return _describe_file(output.path, output.media_type, output.writer.records, output.format)

    def _write_file(self, made: list[BuiltFile], name: str, text: str) -> None:
        path = self.folder / name
        path.write_bytes(text.encode())
        made.append(_describe_file(path, _MEDIA_TYPES[path.suffix], 0))

    def _pack(self, made: list[BuiltFile]) -> BuiltFile:
        """Pack all files into one archive."""
        bundle = self.folder / f"{self.spec.slug}-{self.spec.number}.zip"
        with bundle.open("xb") as out:
            packed = ZipWriter(out)
            for one in made:
                path = self.folder / one.name
                with path.open("rb") as file:
                    (packed.add_stored if path.suffix in _COMPRESSED else packed.add_file)(one.name, file)
            packed.close()
        return _describe_file(bundle, _MEDIA_TYPES[".zip"], sum(one.records for one in made))


def _describe_file(path: Path, media_type: str, records: int, format: str = "") -> BuiltFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BuiltFile(path.name, media_type, digest, path.stat().st_size, records, format)
