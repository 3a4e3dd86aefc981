"""The lines of a Hugging Face dataset as a file of their own: in a release the card stands beside it."""

from __future__ import annotations

from annotations.formats.base import Names, Writer
from annotations.formats.huggingface import FIELDS, HuggingFaceWriter
from annotations.formats.records import Article
from annotations.formats.selection import selected

__all__ = ["FIELDS", "HubWriter"]


class HubWriter(HuggingFaceWriter):
    """Writes the lines, and neither a zip nor a card."""

    def article(self, article: Article, names: Names) -> None:
        """A line for each set, or one for a text without."""
        revision, sets = selected(article, self.losses, several=True)
        self.out.writelines(self.lines(article, revision, sets, names))

    def close(self) -> None:
        """Nothing stands below the lines."""
        Writer.close(self)
