"""CoNLL: a token and its tag on each line, by the scheme IOB2; a file for each label.

The lines are ``token -X- _ tag``, documents begin with ``-DOCSTART-``, and nothing else is in there,
because the format knows no comments. Line by line beside it ``offsets.tsv`` says where each token
stands in its text, which is in the archive too; so what was exported can be read back exactly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate, chain
from typing import IO, Any

from annotations.formats.archive import ZipOut, scratch
from annotations.formats.base import Dialect, Example, Format, Names, Part, Writer
from annotations.formats.conll_reader import DOCSTART, OFFSETS, read_conll
from annotations.formats.digits import digits
from annotations.formats.records import Article, Span
from annotations.formats.selection import (
    COMMENTS,
    INDEX,
    METADATA,
    REVISIONS,
    SETS,
    Index,
    lost_links,
    lost_metadata,
    selected,
)
from annotations.formats.tokens import RULES, Cover, sentences
from annotations.scheme import LABEL_NAMES

_EXAMPLE = "0193a4c1-7a3e-7c11-8f0e-0123456789ab"
_FIRST = f"{DOCSTART} -X- O O"


class ConllWriter(Writer):
    """Writes all layers side by side, and packs them at the end."""

    def __init__(self, out: Any, *, dialect: Dialect = Dialect.MACHINE) -> None:
        super().__init__(out, dialect=dialect)
        self._zip = ZipOut(out)
        self._index = Index()
        self._layers = {label: scratch() for label in LABEL_NAMES}
        self._offsets = scratch()

    def article(self, article: Article, names: Names) -> None:  # noqa: ARG002
        """A document in each layer."""
        revision, sets = selected(article, self.losses)
        lost_metadata(article, self.losses)
        lost_links(sets, self.losses)
        text = revision.text
        name = f"texts/{article.id}.txt"
        self._zip.add(name, text.encode())
        self._index.add(name, article, revision)
        lines = sentences(text)
        found = list(chain.from_iterable(lines))
        untagged = [f"{text[start:end]} -X- _ O" for start, end in found]
        cover = Cover(found)
        begins = list(accumulate(map(len, lines)))
        for label, layer in self._layers.items():
            rows = untagged.copy()
            for row in sets:
                self._tag(label, [span for span in row.spans if span[2] == label], cover, begins, rows)
            layer.write(_document(_FIRST, rows, begins).encode())
        decimal = digits(len(text))
        places = [f"{decimal[start]}\t{decimal[end]}" for start, end in found]
        self._offsets.write(_document(f"{DOCSTART}\t{article.id}", places, begins).encode())
        for row in sets:
            self.losses.add("attributes", [span[0] for span in row.spans if span[6] != "{}"])
            self.losses.add("relations", [relation[0] for relation in row.relations])
        self.records += 1

    def _tag(self, label: str, spans: list[Span], cover: Cover, begins: list[int], rows: list[str]) -> None:
        """The tags of one layer; of marks over one another the longest stays."""
        first, inside = f"B-{label}", f"I-{label}"
        taken: set[int] = set()
        for span in sorted(spans, key=lambda row: row[3] - row[4]):
            start, end = span[3], span[4]
            begin, behind = cover.tokens(start, end)
            if begin >= behind:
                self.losses.add("blank", [span[0]])
            elif not taken.isdisjoint(range(begin, behind)):
                self.losses.add("overlaps", [span[0]])
            else:
                if not cover.exact(start, end, begin, behind):
                    self.losses.add("edges", [span[0]])
                taken.update(range(begin, behind))
                broken = begins[bisect_right(begins, begin) : bisect_left(begins, behind)]
                if broken:
                    self.losses.add("lines", [span[0]])
                for at in range(begin, behind):
                    rows[at] = rows[at][:-1] + (first if at == begin or at in broken else inside)

    def close(self) -> None:
        """Pack everything."""
        for label, file in self._layers.items():
            self._pack(f"{label}.conll", file)
        self._pack(OFFSETS, self._offsets)
        self._zip.add("tokens.txt", f"{RULES}\n".encode())
        self._zip.add(INDEX, self._index.data())
        self._zip.close()

    def _pack(self, name: str, file: IO[bytes]) -> None:
        file.seek(0)
        self._zip.copy(name, file)
        file.close()


def _document(head: str, rows: list[str], begins: list[int]) -> str:
    """Rows under their head, with an empty line behind it and behind every sentence."""
    parts = [head, ""]
    at = 0
    for behind in begins:
        parts += rows[at:behind]
        parts.append("")
        at = behind
    return "\n".join(parts) + "\n"


ROW = Format(
    name="conll",
    title="CoNLL: tokens with IOB2 tags, a file for each label",
    media_type="application/zip",
    extension="zip",
    writer=ConllWriter,
    reader=read_conll,
    parts=frozenset({Part.TEXTS, Part.SPANS, Part.RELATIONS, Part.COMMENTS}),
    options=frozenset({"names", "hull"}),
    cannot={
        "metadata": METADATA,
        "revisions": REVISIONS,
        "sets": SETS,
        "comments": COMMENTS,
        "links": "links of spans to the registry",
        "attributes": "spans with attributes; the spans are written without",
        "relations": "links between spans",
        "overlaps": "spans over a longer one of the same label",
        "edges": "spans that begin or end inside a token; they are written to its edge",
        "lines": "spans over a line break; they are written as one on each line",
        "blank": "spans without any token",
    },
    leaves_out="ids, the registry, and who worked on what",
    notes=(
        (
            "Claims contain actors, so each label has a file of its own: `actor.conll`, `claim.conll` and"
            " `position.conll`, with the same tokens. `tokens.txt` names the rules that made them."
        ),
        (
            "`offsets.tsv` has a line for each line of a layer: first and last offset of the token in code"
            " points, and at the beginning of a document the id of the article, whose text is in `texts/`."
        ),
        (
            "Read: such an archive, an archive of other CoNLL files, or one file. Tags may"
            " be IOB1, IOB2, BIOES or"
            " BILOU, in the last column; without offsets the text is the tokens with spaces between them."
        ),
    ),
    example=Example(
        {
            "actor.conll": f"{_FIRST}\n\nArdenia -X- _ B-actor\nopposes -X- _ O\n\n",
            "offsets.tsv": f"{DOCSTART}\t{_EXAMPLE}\n\n0\t7\n8\t15\n\n",
            f"texts/{_EXAMPLE}.txt": "Ardenia opposes",
        },
        "python -c \"import datasets; print(datasets.load_dataset('text', data_files='actor.conll'))\"",
    ),
)
