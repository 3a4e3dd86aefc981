"""Texts that break things, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
WAVE = "\U0001f44b\U0001f3fd"  # with a skin tone
FLAG = "\U0001f1f0\U0001f1ff"
HEART = "\u2764\ufe0f"
KEYCAP = "1\ufe0f\u20e3"

NASTY = (
    *(FAMILY, WAVE, FLAG, HEART, KEYCAP, "\U00020000", "\U0001d538", "\U000e0067"),
    *("e\u0301", "\u00e9", "Q\u0323\u0307", "o" + "\u0300" * 5, "\ufdfa"),
    *("\u0645\u064e\u0631\u0652", "\u05e9\u05c1\u05b8\u05dc", "\u0645\u06cc\u200c\u062e\u0648"),
    *("\u0915\u094d\u0937\u093f", "\u0915\u094d\u200d", "\u0d28\u0d4d\u200d", "\u0ba8\u0bbf"),
    *("漢字", "。", "かな", "한글", "\u1112\u1161\u11ab", "\u3000", "，"),
    *("\r\n", "\r", "\n", "\n\n", "\r\n\r\n", "\n \t\n", "\u2028", "\u2029", "\t", " ", "\u00a0"),
    *("“", "”", "…", "—", "'", "’", "_", "-", "(", "]", "$", "%", "½", "²", "7"),
    *("\u202e", "\u2066", "\u2069", "\u200f", "\u200b", "\u200c", "\u200d", "\ufe0f", "\u0301"),
    *("\ufeff", "\ufffe", "\uffff", "\ue000", "\U0010ffff", "word", "Osmanov", "a"),
)

nasty_texts = st.lists(st.one_of(st.sampled_from(NASTY), st.characters(codec="utf-8")), max_size=25).map(
    "".join
)
"""Legal and illegal alike, but always valid Unicode."""

any_strings = st.text(
    st.one_of(
        st.characters(), st.sampled_from("\x00\x0b\x1b\x7f\x85\x9f\ud800\udfff\u2028\u202e\u2067\t\n\r")
    )
)
"""Lone surrogates and controls too."""


@st.composite
def texts_with_range(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text with ``0 <= start < end <= len(text)``."""
    text = draw(nasty_texts.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))
