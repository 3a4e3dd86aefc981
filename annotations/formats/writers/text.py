"""The writer of plain text: a zip with a file for each article, exactly as it is stored, and an index."""

from __future__ import annotations

from annotations.formats.archive.archive_writer import ArchiveWriter
from annotations.formats.core.interfaces import ANNOTATED_TEXTS, Example, Format, RegistryNames
from annotations.formats.core.records import Article
from annotations.formats.readers.text import read_text


class TextWriter(ArchiveWriter):
    """A writer of the current text of each article."""

    def write_article(self, article: Article, names: RegistryNames) -> None:  # noqa: ARG002
        """Write the text as a file."""
        current = article.revisions[-1]
        name = f"{article.id}.txt"
        self.add(name, current.text)
        self.add_to_index(name, article, current)
        self.records += 1
        losses = self.losses
        losses.add("metadata", [article.id] if article.metadata != "{}" else [])
        losses.add("revisions", [row.id for row in article.revisions[:-1]])
        for row in article.sets:
            losses.add("spans", [span[0] for span in row.spans])
            losses.add("relations", [relation[0] for relation in row.relations])
            losses.add("comments", [comment[0] for comment in row.comments])


FORMAT = Format(
    name="text",
    title="Plain text, one file for each article",
    media_type="application/zip",
    extension="zip",
    writer=TextWriter,
    reader=read_text,
    sections=ANNOTATED_TEXTS,
    reader_options=frozenset({"external_id", "title", "controls"}),
    endings=(".txt",),
    link_label="Texts",
    loss_descriptions={
        "metadata": "articles with metadata beyond the columns of the index",
        "revisions": "older versions of a text",
        "spans": "marked ranges",
        "relations": "links between marked ranges",
        "comments": "remarks",
    },
    omissions="the registry, and who worked on what",
    notes=(
        "Read: one text (UTF-8), or a zip of `.txt` files, whose names without the ending are external ids.",
    ),
    example=Example({"a1.txt": "Ardenia opposes the lock.\n"}, "unzip -l lake.zip"),
)
