"""Any string of the characters that formats give a meaning to survives the way through every format."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.formats.core import records
from tests.formats import edge_cases
from tests.formats.essence import again, essence

#: Formats that carry texts and marks, and whether they carry attributes.
FORMATS = {
    "brat": True, "labelstudio": True, "webannotation": True, "webannotsv": True, "casjson": True,
    "doccano": False, "conll": False,
}  # fmt: skip
SPECIAL = "\\[]|_->;*:=#@\"',<&/%${}()~^!?.+\u00a0\u200d\u2019 aTBIO01\U0001f6a7"
words = st.text(SPECIAL, min_size=1, max_size=12)
#: Whole tokens that mean something where they stand.
TOKENS = st.sampled_from(
    ["-DOCSTART-", "#Text=", "#FORMAT=WebAnno TSV 3.3", "T1", "B-actor", "[1]", "\\[1]", "C:\\", "\\\\", "_",
     "*", "a|b", "->", "\\->", "{}", "null", '""', "1-1", "E1\\t", "=1+1", "%TYPE", "O", "\\n", "]]>", "<p>"]
)  # fmt: skip
anything = st.one_of(
    words, TOKENS, st.tuples(TOKENS, words).map("".join), st.tuples(words, TOKENS).map("".join)
)


def article(value: str, text: str, external_id: str) -> records.Article:
    """An article whose only span, on its last word, has this attribute."""
    whole = f"{text}\nArdenia"
    span = edge_cases.span(10, "actor", "Ardenia", whole[len(text) + 1 :])
    start = len(text) + 1
    facts = json.dumps({"role_text": value})
    span = span._replace(start=start, end=start + 7, attributes=facts)
    base = edge_cases.article()
    only = base.sets[0]._replace(spans=[span], relations=[], comments=[], revision=edge_cases.id_of(3))
    return base._replace(external_id=external_id, revisions=[edge_cases.revision(3, 1, whole)], sets=[only])


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=40, deadline=None)
@given(value=anything, text=anything, external_id=anything)
def test_a_string_survives(name: str, value: str, text: str, external_id: str) -> None:
    value, external_id = value.strip() or "x", external_id.strip()
    if not any(map(str.isprintable, external_id)):
        external_id += "x"  # nothing visible is no external id
    sent = article(value, text, external_id)
    only = {} if FORMATS[name] else {"links": False, "attributes": False}
    assert essence(again(name, sent), **only) == essence(sent, **only)


@pytest.mark.parametrize("name", [name for name, carries in FORMATS.items() if carries])
@pytest.mark.parametrize(
    "value", ["C:\\", "\\\\", "a\\[1]", "[1]", "\\", "x]", "|\\|", "->", "a\\->", "*", "_", "\\_"]
)
def test_backslashes_and_brackets_come_back(name: str, value: str) -> None:
    sent = article(value, "Lorn", "a1")
    assert essence(again(name, sent)) == essence(sent)
