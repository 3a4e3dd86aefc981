"""Passages as HTML: inserted and deleted words with signs for screen readers, and the marks over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from annotations.admin.correction.passages import Chunk, Piece
from annotations.admin.labels import format_number, span_label
from annotations.text.diff import Op

_HIDDEN = '<span class="visually-hidden">{}</span>'


def render_chunks(chunks: Sequence[Chunk], *, has_anchors: bool) -> SafeString:
    """Return a row of text; with ``has_anchors`` the first part of each change can be gone to.

    The line ends after it are left out, since the row is a paragraph.
    """
    shown = [*chunks[:-1], *map(_without_line_ends, chunks[-1:])]
    return format_html_join("", "{}", ((_render_chunk(chunk, has_anchors),) for chunk in shown))


def _without_line_ends(chunk: Chunk) -> Chunk:
    if chunk.op is not Op.EQUAL or not chunk.pieces:
        return chunk
    *first, last = chunk.pieces
    return replace(chunk, pieces=[*first, last._replace(text=last.text.rstrip("\r\n"))])


def _render_chunk(chunk: Chunk, has_anchors: bool) -> SafeString:
    content = render_pieces(chunk.pieces)
    if chunk.op is Op.EQUAL:
        return content
    tag = "del" if chunk.op is Op.DELETE else "ins"
    before = gettext("[deleted:") if tag == "del" else gettext("[inserted:")
    left_out = (
        gettext("%(number)s characters in the middle are left out")
        % {"number": format_number(chunk.left_out)}
        if chunk.left_out
        else ""
    )
    changed = format_html(
        "<{}{}>" + _HIDDEN + "{}" + _HIDDEN + "</{}>{}",
        tag,
        format_html(' title="{}"', left_out) if left_out else "",
        f"{before} ",
        content,
        "]",
        tag,
        format_html(' <em class="quiet">({})</em>', left_out) if left_out else "",
    )
    if not (has_anchors and chunk.is_first):
        return format_html('<span class="change" data-change="{}">{}</span>', chunk.number, changed)
    return format_html(
        '<span class="change" id="change-{}" data-change="{}" tabindex="-1">{}</span>',
        chunk.number,
        chunk.number,
        changed,
    )


def render_plainly(chunks: Sequence[Chunk]) -> SafeString:
    """Return a run of text whose text content is exactly that text, so that words can be selected in it."""
    tags = {Op.EQUAL: "{}", Op.DELETE: "<del>{}</del>", Op.INSERT: "<ins>{}</ins>"}
    return format_html_join(
        "",
        "{}",
        ((format_html(tags[chunk.op], render_pieces(chunk.pieces, speaks=False)),) for chunk in chunks),
    )


def render_pieces(pieces: Iterable[Piece], *, speaks: bool = True) -> SafeString:
    """Return text with its marks; ``speaks``: a screen reader hears where one begins."""
    return format_html_join("", "{}", ((_render_piece(piece, speaks),) for piece in pieces))


def _render_piece(piece: Piece, speaks: bool) -> SafeString | str:
    if not piece.labels:
        return piece.text
    titles = ", ".join(map(span_label, piece.labels))
    begins = ", ".join(map(span_label, piece.begins)) if speaks else ""
    return format_html(
        '<mark class="{}" title="{}">{}{}</mark>',
        " ".join(piece.labels),
        titles,
        format_html(_HIDDEN, f"{begins}: ") if begins else "",
        piece.text,
    )
