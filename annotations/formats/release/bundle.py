"""The files of a release, written in one pass over its records.

Every record is unpacked once for all formats, and memory holds one record. The same specification and
the same records give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from annotations.enums import State
from annotations.formats import FORMATS
from annotations.formats.archive.zip_writer import ZipWriter
from annotations.formats.core import hub_rows
from annotations.formats.core.canonical_links import CanonicalLinks
from annotations.formats.core.interfaces import RegistryNames, ReleaseVariant, Writer, write_article
from annotations.formats.core.records import Article, Corpus, Merge, RegistryEntry, Tombstone
from annotations.formats.core.typed_columns import Column
from annotations.formats.release import citation, croissant, manifest, release_card
from annotations.formats.release.build_spec import BuildSpec, BuiltFile, ReleaseStatistics
from annotations.formats.release.splits import split_key

MANIFEST, CARD, CROISSANT, GUIDELINE = "manifest.json", "README.md", "croissant.json", "guideline.md"
CITATION = "CITATION.cff"
#: Small, because each format and split has a buffer.
_BUFFER = 64 * 1024
_MEDIA_TYPES = {
    ".json": "application/json", ".md": "text/markdown; charset=utf-8", ".zip": "application/zip",
    ".cff": "application/yaml",
}  # fmt: skip
#: Files that are compressed already.
_COMPRESSED = (".zip", ".parquet")


@dataclass
class _Output:
    """A file that is being written: the gold sets of a part, or the independent sets beside them."""

    format: str
    part: str
    independent: bool
    variant: ReleaseVariant
    path: Path
    file: IO[bytes]
    writer: Writer

    @property
    def keeps_merges(self) -> bool:
        """Return whether the file has the links as they are stored, and the merges."""
        return FORMATS[self.format].keeps_merges

    @property
    def config(self) -> str:
        """Return the configuration of the data card that has this file, or ""."""
        return _independent(self.variant.config) if self.independent else self.variant.config

    def losses(self) -> list[dict[str, Any]]:
        """Return what the file could not carry, and whose loss that is."""
        words = [self.format, hub_rows.INDEPENDENT if self.independent else "", self.variant.aspect]
        name = ".".join(word for word in words if word)
        return [{"format": name, "part": self.part or None, **loss} for loss in self.writer.losses.as_list()]


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
    _links: CanonicalLinks = field(default_factory=lambda: CanonicalLinks({}))

    def __post_init__(self) -> None:
        kinds = (False, True) if self.spec.independent_sets else (False,)
        for part in self.spec.splits.names if self.spec.splits else [""]:
            for independent in kinds:
                for format in self.spec.formats:
                    self._open_outputs(format, part, independent)

    def write_head(
        self, corpus: Corpus, entries: Sequence[RegistryEntry], merges: Iterable[Merge] = ()
    ) -> None:
        """Write the corpus and its registry into every file."""
        self._corpus = corpus
        if self.spec.resolve_merges:
            self._links = CanonicalLinks.of_entries(entries)
        for output in self._outputs:
            output.writer.write_corpus(corpus)
        for entry in entries:
            self.statistics.entries[type(entry).__name__.lower()] += 1
            resolved = self._links.resolve_entry(entry)
            for output in self._outputs:
                output.writer.write_entry(entry if output.keeps_merges else resolved)
        for merge in merges:
            for output in self._outputs:
                output.writer.write_merge(merge)

    def write_article(self, article: Article, names: RegistryNames) -> None:
        """Write an article into the files of its split."""
        splits = self.spec.splits
        part = ""
        if splits is not None:
            part = splits.assign(split_key(article.story_key, article.id), article.published_at)
        gold = article._replace(sets=[row for row in article.sets if row.state == State.APPROVED])
        others = article._replace(sets=[row for row in article.sets if row.state != State.APPROVED])
        self.statistics.add(gold, part)
        self.statistics.independent_sets += len(others.sets)
        resolved = {kind: self._links.resolve_article(row) for kind, row in ((False, gold), (True, others))}
        for output in self._outputs:
            if output.part == part and (others.sets or not output.independent):
                stored = others if output.independent else gold
                passed = stored if output.keeps_merges else resolved[output.independent]
                write_article(FORMATS[output.format], output.writer, passed, names)

    def write_tombstones(self, tombstones: Iterable[Tombstone]) -> None:
        """Write the traces of the articles that were taken down into every file that keeps merges."""
        for tombstone in tombstones:
            for output in self._outputs:
                if output.keeps_merges:
                    output.writer.write_tombstone(tombstone)

    def close(self) -> ReleaseBundle:
        """Write the files about the data, and return everything that was made."""
        made = [self._close_output(output) for output in self._outputs]
        # A database may keep the keys of the specification in another order.
        losses: list[dict[str, Any]] = [
            {"format": "", "part": None, **{name: loss[name] for name in ("what", "count", "ids")}}
            for loss in self.spec.kept_back
        ]
        losses += [loss for output in self._outputs if not _is_twin(output) for loss in output.losses()]
        recipe, statistics, corpus = self.spec, self.statistics, self._corpus
        self._write_file(
            made, CARD, release_card.render_card(corpus, recipe, statistics, losses, self._configs())
        )
        if corpus.guideline:
            self._write_file(made, GUIDELINE, corpus.guideline)
        self._write_file(made, CITATION, citation.citation(corpus, recipe))
        self._write_file(made, CROISSANT, croissant.render_croissant(corpus, recipe, statistics, made))
        content = manifest.render_manifest(corpus, recipe, statistics, losses, made)
        self._write_file(made, MANIFEST, content)
        made.append(self._pack(made))
        return ReleaseBundle(made, statistics.as_dict(recipe), losses)

    def abandon(self) -> None:
        """Close open files; the caller deletes the folder."""
        for output in self._outputs:
            output.writer.abandon()
            output.file.close()

    def _open_outputs(self, format: str, part: str, independent: bool) -> None:
        row = FORMATS[format]
        writer = row.writer if self.spec.include_text else row.without_text
        whole = ReleaseVariant(cast("type[Writer]", writer), row.extension, row.media_type, row.columns)
        for variant in row.in_release or (whole,):
            words = [
                self.spec.slug,
                part,
                hub_rows.INDEPENDENT if independent else "",
                "" if format == variant.extension else format,
                variant.extension,
            ]
            path = self.folder / ".".join(word for word in words if word)
            file = path.open("xb", buffering=_BUFFER)
            made = _Output(format, part, independent, variant, path, file, variant.writer(file))
            self._outputs.append(made)

    def _close_output(self, output: _Output) -> BuiltFile:
        output.writer.close()
        output.file.close()
        variant = output.variant
        return _describe_file(output.path, variant.media_type, output.writer.records, variant.columns)

    def _configs(self) -> list[hub_rows.HubConfig]:
        """Return the configurations of the data card; loaders refuse files without rows, so none has one."""
        found: dict[str, dict[str, str]] = {}
        columns: dict[str, Sequence[Column]] = {}
        for output in self._outputs:
            if output.config and output.writer.records:
                found.setdefault(output.config, {})[output.part or "train"] = output.path.name
                columns[output.config] = output.variant.columns
        return [hub_rows.HubConfig(name, columns[name], files) for name, files in found.items()]

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


def release_media_types() -> set[str]:
    """Return the media types that the files of a release may have."""
    data = {
        variant.media_type
        for row in FORMATS.values()
        if row.is_writable
        for variant in row.in_release or (row,)
    }
    return data | set(_MEDIA_TYPES.values())


def _is_twin(output: _Output) -> bool:
    """Return whether a file has the rows of another one of its format, and so the same losses."""
    return output.variant.aspect == hub_rows.TWIN


def _independent(config: str) -> str:
    if not config:
        return ""
    return hub_rows.INDEPENDENT if config == hub_rows.DEFAULT else f"{hub_rows.INDEPENDENT}_{config}"


def _describe_file(path: Path, media_type: str, records: int, columns: Sequence[Column] = ()) -> BuiltFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return BuiltFile(path.name, media_type, digest, path.stat().st_size, records, columns)
