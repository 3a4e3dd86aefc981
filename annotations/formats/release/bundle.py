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
from annotations.formats.base import Names, Writer
from annotations.formats.records import Article, Corpus, Entry
from annotations.formats.release import croissant, datacard, manifest
from annotations.formats.release.facts import Facts, FileFacts, Recipe
from annotations.formats.release.splits import story_of
from annotations.formats.zip_writer import ZipWriter

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
class Bundle:
    """The result of a build: its files, statistics and losses."""

    files: list[FileFacts]
    counts: dict[str, Any]
    losses: list[dict[str, Any]]


@dataclass
class BundleWriter:
    """A writer of all files of a release into ``folder``, which is empty."""

    folder: Path
    recipe: Recipe
    facts: Facts = field(default_factory=Facts)
    _outputs: list[_Output] = field(default_factory=list)

    def __post_init__(self) -> None:
        for part in self.recipe.splits.parts if self.recipe.splits else [""]:
            for format in self.recipe.formats:
                self._outputs.append(self._open_output(format, part))

    def head(self, corpus: Corpus, entries: Iterable[Entry]) -> None:
        """Write the corpus and its registry into every file."""
        self._corpus = corpus
        for output in self._outputs:
            output.writer.corpus(corpus)
        for entry in entries:
            self.facts.entries[type(entry).__name__.lower()] += 1
            for output in self._outputs:
                output.writer.entry(entry)

    def article(self, article: Article, names: Names) -> None:
        """Write an article into the files of its split."""
        splits = self.recipe.splits
        part = ""
        if splits is not None:
            part = splits.part(story_of(article.story_key, article.id), article.published_at)
        self.facts.add(article, part)
        for output in self._outputs:
            if output.part == part:
                output.writer.article(article, names)

    def close(self) -> Bundle:
        """Write the files about the data, and return everything that was made."""
        made = [self._close_output(output) for output in self._outputs]
        losses = [
            {"format": output.format, "part": output.part or None, **loss}
            for output in self._outputs
            for loss in output.writer.losses.as_list()
        ]
        recipe, facts, corpus = self.recipe, self.facts, self._corpus
        loadable = {o.part or "train": o.path.name for o in self._outputs if FORMATS[o.format].in_release}
        self._write_file(made, CARD, datacard.card(corpus, recipe, facts, losses, loadable))
        if corpus.guideline:
            self._write_file(made, GUIDELINE, corpus.guideline)
        self._write_file(made, CROISSANT, croissant.croissant(corpus, recipe, facts, made))
        content = manifest.manifest(corpus, recipe, facts, losses, made)
        self._write_file(made, MANIFEST, content)
        made.append(self._pack(made))
        return Bundle(made, facts.counts(recipe), losses)

    def abandon(self) -> None:
        """Close open files; the caller deletes the folder."""
        for output in self._outputs:
            output.writer.abandon()
            output.file.close()

    def _open_output(self, format: str, part: str) -> _Output:
        row = FORMATS[format]
        kind, extension, media_type = row.in_release or (row.writer, row.extension, row.media_type)
        if not self.recipe.include_text:
            kind = row.without_text
        words = [self.recipe.slug, part, "" if format == extension else format, extension]
        path = self.folder / ".".join(word for word in words if word)
        file = path.open("xb", buffering=_BUFFER)
        make: Callable[[IO[bytes]], Writer] = kind  # type: ignore[assignment]
        return _Output(format, part, path, media_type, file, make(file))

    def _close_output(self, output: _Output) -> FileFacts:
        output.writer.close()
        output.file.close()
        return _describe_file(output.path, output.media_type, output.writer.records, output.format)

    def _write_file(self, made: list[FileFacts], name: str, text: str) -> None:
        path = self.folder / name
        path.write_bytes(text.encode())
        made.append(_describe_file(path, _MEDIA_TYPES[path.suffix], 0))

    def _pack(self, made: list[FileFacts]) -> FileFacts:
        """Pack all files into one archive."""
        bundle = self.folder / f"{self.recipe.slug}-{self.recipe.number}.zip"
        with bundle.open("xb") as out:
            packed = ZipWriter(out)
            for one in made:
                path = self.folder / one.name
                with path.open("rb") as file:
                    (packed.add_stored if path.suffix in _COMPRESSED else packed.add_file)(one.name, file)
            packed.close()
        return _describe_file(bundle, _MEDIA_TYPES[".zip"], sum(one.records for one in made))


def _describe_file(path: Path, media_type: str, records: int, format: str = "") -> FileFacts:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileFacts(path.name, media_type, digest, path.stat().st_size, records, format)
