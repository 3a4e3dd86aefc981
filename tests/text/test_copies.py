"""Near-copies: what counts as one text, on texts that are made here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.text.copies import (
    KEPT_BELOW,
    MAX_ARTICLES,
    MIN_CONTAINMENT,
    MIN_SHARED,
    Likeness,
    Overlap,
    Shingles,
    compare,
    folded_words,
    is_promising,
)
from annotations.text.folding import fold_text
from annotations.text.tokens import Tokens
from tests.press import Press
from tests.text.strategies import nasty_texts


def nothing(_: Collection[int]) -> set[int]:
    return set()


def boilerplate_of(texts: Sequence[Shingles]) -> Callable[[Collection[int]], set[int]]:
    counts = Counter(hash for text in texts for hash in text.kept)
    return lambda hashes: {hash for hash in hashes if counts[hash] > MAX_ARTICLES}


def overlap(left: str, right: str) -> Overlap:
    found = compare(Shingles.of_text(left), Shingles.of_text(right), nothing)
    assert found == compare(Shingles.of_text(right), Shingles.of_text(left), nothing)
    return found


def test_words_are_folded() -> None:
    assert folded_words("Die STRASSE, „Straße“: caf\u00e9 cafe\u0301 so\u00adft 東京") == [
        "die", "strasse", "strasse", "cafe", "cafe", "soft", "東", "京",
    ]  # fmt: skip


@given(nasty_texts)
def test_words_are_those_of_the_whole_text(text: str) -> None:
    """They are read piece by piece, of which short ones are remembered."""
    words = [text[word.start : word.end] for word in Tokens(text)]
    assert folded_words(text) == " ".join(map(fold_text, words)).split()


def test_long_pieces_are_read_as_short_ones_are() -> None:
    line = "東京" * 40
    assert folded_words(f"Café {line} café") == ["cafe", *line, "cafe"]


def test_one_hash_in_sixteen_is_kept() -> None:
    shingles = Shingles.of_text(Press().text(30_000))
    assert all(hash < KEPT_BELOW for hash in shingles.kept)
    assert 0.9 < 16 * len(shingles.kept) / len(shingles.hashes) < 1.1


WORDS = ["a", "Bär", "東", "ok", "e\u0301te", "x" * 70, "1,5", "\U00010400"]


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_hashes_are_those_of_four_words_each_once(words: list[str]) -> None:
    """They are stored, so that a quicker way to find them must find the same."""
    text = " ".join(words)
    folded = folded_words(text)
    runs = [" ".join(folded[start : start + 4]) for start in range(len(folded) - 3)]
    expected = [int.from_bytes(blake2b(run.encode(), digest_size=8).digest()) for run in runs]
    assert list(Shingles.of_text(text).hashes) == list(dict.fromkeys(expected))


def test_a_third_of_a_story_is_a_copy() -> None:
    text = Press().text(600)
    third = text[: len(text) // 3]
    assert overlap(text, third).likeness == Likeness.COPY
    assert overlap(text, third).containment > 0.97


def test_punctuation_case_and_accents_make_no_difference() -> None:
    press = Press()
    text = press.text(300)
    assert overlap(text, text.upper().replace(".", " –")) == (
        Likeness.COPY,
        1.0,
        len(Shingles.of_text(text).hashes),
    )


@pytest.mark.parametrize(
    ("own", "likeness"), [(50, Likeness.COPY), (82, Likeness.PROPOSED), (130, Likeness.NONE)]
)
def test_what_is_shared_decides(own: int, likeness: Likeness) -> None:
    press = Press()
    shared = press.text(100)
    found = overlap(f"{shared}\n{press.text(own)}", f"{shared}\n{press.text(own + 20)}")
    assert found.likeness == likeness, found


def test_the_bound_itself_is_a_copy() -> None:
    """Sixty of a hundred shingles."""
    words = [f"word{number}" for number in range(200)]
    left, right = words[:103], words[:63] + words[110:200]
    assert overlap(" ".join(left), " ".join(right)) == (Likeness.COPY, MIN_CONTAINMENT, 60)
    right = words[:62] + words[110:200]
    assert overlap(" ".join(left), " ".join(right)) == (Likeness.PROPOSED, 0.59, 59)


@pytest.mark.parametrize(
    ("shared", "likeness"), [(MIN_SHARED, Likeness.COPY), (MIN_SHARED - 1, Likeness.NONE)]
)
def test_a_copy_shares_thirty_shingles(shared: int, likeness: Likeness) -> None:
    """Repeated words make few shingles of a text that is long enough."""
    filler = ["so"] * 60
    words = [f"word{number}" for number in range(shared + 2)]
    left = Shingles.of_text(" ".join([*words, *filler]))
    right = Shingles.of_text(" ".join([*words, "and", *filler[:30], "but", *filler[:30]]))
    assert left.words >= 60
    shared_exactly = len(set(left.hashes) & set(right.hashes))
    assert shared_exactly == shared
    assert compare(left, right, nothing).likeness == likeness


def test_short_texts_are_copies_only_if_they_are_equal() -> None:
    press = Press()
    text = press.text(59)
    assert overlap(text, text.upper()).likeness == Likeness.COPY
    assert overlap(text, f"{text} more").likeness == Likeness.NONE
    longer = press.text(60)
    assert overlap(longer, f"{longer} more").likeness == Likeness.COPY


def test_texts_without_words_are_no_copies() -> None:
    assert overlap("…", "!").likeness == Likeness.NONE


def test_a_long_quotation_makes_no_copy() -> None:
    press = Press()
    quotation = press.text(120)
    left, right = (f"{press.text(150)}\n{quotation}\n{press.text(150)}" for _ in range(2))
    assert overlap(left, right).likeness == Likeness.NONE


def test_a_live_blog_contains_what_it_was() -> None:
    press = Press()
    morning = press.text(200)
    assert overlap(morning, f"{press.text(900)}\n{morning}").likeness == Likeness.COPY


@pytest.mark.parametrize("footer", [60, 300])
def test_footers_do_not_count(footer: int) -> None:
    press = Press()
    notice = press.text(footer)
    texts = [Shingles.of_text(f"{press.text(120)}\n\n{notice}") for _ in range(MAX_ARTICLES + 1)]
    likeness = {compare(texts[0], text, boilerplate_of(texts)).likeness for text in texts[1:]}
    assert likeness == {Likeness.NONE}
    if footer > 120:
        assert compare(texts[0], texts[1], nothing).likeness == Likeness.PROPOSED


def test_copies_with_the_footers_of_their_publishers() -> None:
    """What the two publishers write below each article is no difference."""
    press = Press()
    footers = [press.text(200) for _ in range(2)]
    others = [Shingles.of_text(f"{press.text(30)}\n{footers[at % 2]}") for at in range(2 * MAX_ARTICLES + 2)]
    story = press.text(250)
    left, right = (Shingles.of_text(f"{story}\n{footer}") for footer in footers)
    assert compare(left, right, nothing).likeness != Likeness.COPY
    found = compare(left, right, boilerplate_of([left, right, *others]))
    assert found.likeness == Likeness.COPY
    assert found.containment > 0.9


def test_three_hundred_copies_are_no_boilerplate() -> None:
    press = Press()
    story = press.text(400)
    copies = [Shingles.of_text(press.edited(story, 5)) for _ in range(300)]
    cut = Shingles.of_text(story[: len(story) // 3])
    widespread = boilerplate_of(copies)
    found = [compare(copies[0], text, widespread).likeness for text in [*copies[1:], cut]]
    assert found.count(Likeness.COPY) >= 0.98 * len(found)


def test_what_is_promising_follows_the_sample() -> None:
    assert is_promising(18, 0, 36)
    assert is_promising(15, 0, 36)
    assert not is_promising(14, 0, 36)
    assert is_promising(1, 0, 3)
    assert not is_promising(0, 0, 3)
    assert not is_promising(0, 20, 36)
    assert is_promising(0, 23, 36)


def shortened(_: Press, text: str) -> str:
    words = text.split(" ")
    return " ".join(words[: max(65, len(words) // 3)])


def with_another_end(press: Press, text: str) -> str:
    words = text.split(" ")
    return " ".join(words[len(words) // 8 :] + press.words(len(words) // 5))


#: What papers do to a story.
COPYING: tuple[Callable[[Press, str], str], ...] = (
    lambda _, text: text,
    lambda press, text: press.edited(text, text.count(" ") // 25),
    shortened,
    lambda press, text: f"{press.text(text.count(' ') // 2)}\n{text}",
    with_another_end,
)


@pytest.mark.slow
def test_precision_and_recall() -> None:
    """On a thousand articles with five hundred planted copies of every kind."""
    press = Press(7)
    originals = [press.text(press.rng.randint(80, 900)) for _ in range(1_000)]
    planted = [(number, COPYING[number % len(COPYING)](press, originals[number])) for number in range(500)]
    left = [Shingles.of_text(text) for text in originals]
    postings: dict[int, list[int]] = {}
    for place, shingles in enumerate(left):
        for hash in shingles.kept:
            postings.setdefault(hash, []).append(place)
    found = right = due = 0
    for origin, text in planted:
        copy = Shingles.of_text(text)
        shared = Counter(place for hash in copy.kept for place in postings.get(hash, ()))
        pairs = {
            place
            for place, number in shared.items()
            if is_promising(number, 0, min(len(copy.kept), len(left[place].kept)))
            and compare(copy, left[place], nothing).likeness == Likeness.COPY
        }
        is_due = compare(copy, left[origin], nothing).likeness == Likeness.COPY
        due += is_due
        right += is_due and origin in pairs
        found += len(pairs - {origin}) + (origin in pairs)
    assert due >= 480
    assert right / due >= 0.95, (right, due)
    assert right / found >= 0.98, (right, found)


@pytest.mark.parametrize("first", [True, False], ids=["own text first", "own text last"])
def test_texts_of_their_own_beside_the_same_words_are_proposed(first: bool) -> None:
    """A release that two papers quote, or a notice below two short reports, in few articles still."""
    press = Press()
    release = press.text(160)
    for _ in range(5):
        pairs = [(press.text(own), release)[:: 1 if first else -1] for own in (75, 80)]
        found = overlap(*("\n\n".join(parts) for parts in pairs))
        assert (found.likeness, found.containment >= MIN_CONTAINMENT) == (Likeness.PROPOSED, True)


def test_a_story_with_words_of_the_papers_stays_one() -> None:
    """A short text of one's own, or longer ones on both sides, do not make a report of a story."""
    press = Press()
    story = press.text(200)
    for before, after in ((45, 0), (0, 45), (40, 40)):
        left, right = (f"{press.text(before)}\n\n{story}\n\n{press.text(after)}" for _ in range(2))
        assert overlap(left, right).likeness == Likeness.COPY
    # the story itself, and a paper that puts it below a report of its own
    assert overlap(story, f"{press.text(90)}\n\n{story}").likeness == Likeness.COPY


def quake(*figures: object) -> str:
    """A report with figures between sentences that are always the same."""
    return Press().text(120) + "".join(
        f"\n\n{Press(at).text(12)} {figure} {Press(-at - 1).text(12)}" for at, figure in enumerate(figures)
    )


def test_reports_of_one_pattern_differ_in_their_figures() -> None:
    """Written by a program, of two match days, two days of a market, two quakes."""
    first = quake("4.2", "31", "12.31", "1,000", "77", "2026")
    assert overlap(first, quake("3.8", "9", "8.05", "2,150", "41", "2026")).likeness == Likeness.PROPOSED
    # a figure that was corrected, and thousands that are divided otherwise
    assert overlap(first, quake("4.3", "31", "12.31", "1.000", "77", "2026")).likeness == Likeness.COPY
    # too few of them to tell anything
    assert overlap(quake("4.2", "31"), quake("3.8", "9")).likeness == Likeness.COPY


def test_short_reports_above_a_notice_of_many_articles_are_none() -> None:
    """However long the notice is: a text of its own is more than hardly anything."""
    press = Press()
    notice = press.text(400)
    texts = [Shingles.of_text(f"{press.text(70)}\n\n{notice}") for _ in range(MAX_ARTICLES + 1)]
    assert compare(texts[0], texts[1], boilerplate_of(texts)).likeness != Likeness.COPY
