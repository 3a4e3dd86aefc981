"""Fields take exactly what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError

from annotations.api.serializers import fields
from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.validation_errors import translate_validation_error
from annotations.exceptions import InvalidInputError, TextNotAllowedError

ID = "0193a4c1-7a3e-7c11-8f0e-0123456789ab"


def refused(field: Any, data: Any) -> list[tuple[str | None, str]]:
    """Pointer and code of each fault; empty if there is none."""
    try:
        field.run_validation(data)
    except ValidationError as error:
        faults = translate_validation_error(error).errors
        assert all(fault.detail.endswith(".") for fault in faults)
        return [(fault.pointer, fault.code) for fault in faults]
    return []


def code(field: Any, data: Any) -> str | None:
    faults = refused(field, data)
    return faults[0][1] if faults else None


@pytest.mark.parametrize("data", [0, -1, 5, 2**63 - 1, -(2**63)])
def test_integers(data: int) -> None:
    assert fields.StrictIntegerField().run_validation(data) == data


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("5", "type"),
        (5.0, "type"),
        (True, "type"),
        ([], "type"),
        ({}, "type"),
        ("", "type"),
        (None, "null"),
        (2**63, "too-large"),
        (-(2**63) - 1, "too-small"),
    ],
)
def test_no_integers(data: Any, fault: str) -> None:
    assert code(fields.StrictIntegerField(), data) == fault


def test_integers_between_bounds() -> None:
    field = fields.StrictIntegerField(min_value=1, max_value=3)
    assert [code(field, data) for data in range(5)] == ["too-small", None, None, None, "too-large"]


def test_booleans() -> None:
    field = fields.StrictBooleanField()
    assert field.run_validation(True) is True
    assert field.run_validation(False) is False
    others: tuple[Any, ...] = ("true", 1, 0, "", "null", [], {}, 0.0)
    assert [code(field, data) for data in others] == ["type"] * 8
    assert code(field, None) == "null"
    assert fields.StrictBooleanField(allow_null=True).run_validation(None) is None


def test_uuids() -> None:
    field = fields.StrictUUIDField()
    assert field.run_validation(ID) == UUID(ID)
    assert field.run_validation(ID.upper()) == UUID(ID)
    assert field.to_representation(UUID(ID)) == ID
    for data in (ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID}", f"{ID}\n", "", "٣" + ID[1:]):
        assert code(field, data) == "format"
    assert code(field, 5) == "type"


class TestText:
    """Nothing is trimmed, and the gate is asked."""

    @pytest.mark.parametrize("data", [" a ", "\ta\r\n", "\ufeffa", "ﬁ", "a\u202eb", "\u2028", " "])
    def test_articles_stay_as_they_are(self, data: str) -> None:
        assert fields.VerbatimTextField().run_validation(data) == data

    @pytest.mark.parametrize("data", ["", "a\x00", "\ud800", "\x0b", "\x85", "x" * 2_000_001])
    def test_articles_are_refused_by_the_gate(self, data: str) -> None:
        with pytest.raises(ValidationError) as caught:
            fields.VerbatimTextField().run_validation(data)
        assert isinstance(translate_validation_error(caught.value), TextNotAllowedError)

    def test_articles_of_another_type(self) -> None:
        others: tuple[Any, ...] = (5, True, [], None)
        assert [code(fields.VerbatimTextField(), data) for data in others] == ["type", "type", "type", "null"]

    def test_lines(self) -> None:
        field = fields.LineField(max_length=5)
        assert field.run_validation(" ab ") == " ab "
        assert field.run_validation("😀" * 5) == "😀" * 5
        assert code(field, "😀" * 6) == "too-long"
        assert code(field, "") == "empty"
        for data in ("a\nb", "a\x00", "\ud800", "a\u202eb", "\x1b", "  "):
            assert code(field, data) == "characters"
        others: tuple[Any, ...] = (5, 5.0, True, [], {})
        assert [code(field, data) for data in others] == ["type"] * 5

    def test_titles_and_prose(self) -> None:
        assert fields.TitleField(max_length=5).run_validation("a\u202eb") == "a\u202eb"
        assert code(fields.TitleField(max_length=5), "a\nb") == "characters"
        assert fields.ProseField(max_length=5).run_validation("a\nb") == "a\nb"
        assert code(fields.ProseField(max_length=5), "a\x00b") == "characters"
        assert code(fields.ProseField(max_length=5), " \n ") == "characters"
        assert fields.ProseField(max_length=5, optional=True).run_validation(" \n ") == " \n "

    def test_optional_ones_are_null_outside_and_empty_inside(self) -> None:
        for field in (
            fields.LineField(max_length=5, optional=True),
            fields.ProseField(max_length=5, optional=True),
            fields.HttpURLField(optional=True),
            fields.LanguageTagField(optional=True),
        ):
            assert field.run_validation(None) == ""
            assert field.run_validation("") == ""
            assert field.run_validation() == ""
            assert field.to_representation("") is None
            assert field.to_representation("a") == "a"

    @pytest.mark.parametrize("data", ["en", "tg-Cyrl", "de-CH-1996", "x-private", "i-klingon", "zh-Hant-TW"])
    def test_languages(self, data: str) -> None:
        assert fields.LanguageTagField().run_validation(data) == data

    @pytest.mark.parametrize(
        "data", ["e", "en_US", "en-", "-en", "english language", "en\n", "ён", "en" + "-a" * 17]
    )
    def test_no_languages(self, data: str) -> None:
        assert code(fields.LanguageTagField(), data) == "format"

    @pytest.mark.parametrize(
        "data",
        [
            "http://a",
            "https://example.org/a?b=c#d",
            "https://пример.рф/é",
            "http://[::1]:8000/",
            "https://a:443",
        ],
    )
    def test_addresses(self, data: str) -> None:
        assert fields.HttpURLField().run_validation(data) == data

    @pytest.mark.parametrize(
        "data",
        [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            " https://a",
            "https://a b",
            "https://a\n",
            "data:text/html,x",
            "vbscript:x",
            "//evil",
            "/path",
            "a.b",
            "https:",
            "https://",
            "https:evil",
            "https:///path",
            "https://user@host",
            "https://user:pw@host/",
            "https://a\\@b",
            "https://a:99999",
            "https://a:b",
            "http://[::1",
            "https://a\u202eb",
            "https://a\u200bb",
            "https://\ud800",
            "ftp://a",
            "https://a/" + "x" * 2000,
        ],
    )
    def test_no_addresses(self, data: str) -> None:
        assert code(fields.HttpURLField(), data) == "format"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01t12:00:00z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00+05:00", "2026-03-01T07:00:00Z"),
        ("2026-03-01T00:30:00-00:30", "2026-03-01T01:00:00Z"),
        ("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500000Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z"),
    ],
)
def test_times(data: str, shown: str) -> None:
    field = fields.TimestampField()
    assert field.to_representation(field.run_validation(data)) == shown
    assert field.run_validation(data).tzinfo is UTC


@pytest.mark.parametrize(
    "data",
    [
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "20260301T120000Z",
        "",
        "2026-03-01T12:00Z",
        "2026-03-01T12:00:00+0500",
        "2026-03-01T24:00:01Z",
        "2026-03-01T12:00:00+24:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "2026-03-01T12:00:00Z\n",
        "٢٠٢٦-03-01T12:00:00Z",
    ],
)
def test_no_times(data: str) -> None:
    assert code(fields.TimestampField(), data) == "format"


def test_times_of_another_type() -> None:
    others: tuple[Any, ...] = (5, datetime(2026, 3, 1, tzinfo=UTC), True, [])
    assert [code(fields.TimestampField(), data) for data in others] == ["type"] * 4


def test_choices() -> None:
    field = fields.StrictChoiceField(["actor", "claim", "5"])
    assert field.run_validation("claim") == "claim"
    assert [code(field, data) for data in ("CLAIM", "", "x\ud800")] == ["choice"] * 3
    others: tuple[Any, ...] = (5, True, [], {})
    assert [code(field, data) for data in others] == ["type"] * 4
    with pytest.raises(ValidationError, match=r"one of actor, claim, 5\."):
        field.run_validation("x")
    assert (field.to_representation("claim"), field.to_representation("")) == ("claim", None)


class TestMetadata:
    """Flat, and the same in every JSON reader."""

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"a": "b", "c": 1, "d": True, "e": None, "f": ""},
            {f"k{i}": i for i in range(50)},
            {"x" * 100: "y" * 2000},
            {"a": 2**53 - 1, "b": -(2**53) + 1},
            {"a": "line\nline"},
        ],
    )
    def test_fits(self, data: dict[str, Any]) -> None:
        assert fields.MetadataField().run_validation(data) == data

    @pytest.mark.parametrize(
        ("data", "faults"),
        [
            ([], [("", "type")]),
            ("{}", [("", "type")]),
            ({f"k{i}": i for i in range(51)}, [("", "too-long")]),
            ({"a": 1.5, "b": [], "c": {}}, [("/a", "type"), ("/b", "type"), ("/c", "type")]),
            ({"a": 2**53}, [("/a", "too-large")]),
            ({"a": -(2**53)}, [("/a", "too-small")]),
            ({"a": "x" * 2001}, [("/a", "too-long")]),
            ({"a": "\x00"}, [("/a", "characters")]),
            ({"a": "\ud800"}, [("/a", "characters")]),
            ({"x" * 101: 1}, [("/" + "x" * 101, "too-long")]),
            ({"": 1}, [("/", "characters")]),
            ({"a/b\n": 1}, [("/a~1b\ufffd", "characters")]),
        ],
    )
    def test_does_not_fit(self, data: Any, faults: list[tuple[str, str]]) -> None:
        assert refused(fields.MetadataField(), data) == faults


class Inner(StrictSerializer):
    flag = fields.StrictBooleanField()


class Outer(StrictSerializer):
    id = fields.StrictUUIDField(read_only=True)
    name = fields.LineField(max_length=10)
    text = fields.VerbatimTextField(required=False)
    inner = Inner(required=False)
    several = Inner(many=True, required=False, max_length=2)
    note = EmptyAsNullField()


class TestStrict:
    """What is not asked for is refused, all at once."""

    def test_all_faults_at_once(self) -> None:
        data = {
            "id": ID,
            "nme": "a",
            "a/b": 1,
            "inner": {"flag": 1, "x": 1},
            "several": [{"flag": True}, {}, 5],
        }
        assert sorted(refused(Outer(), data)) == [
            ("/a~1b", "unknown-field"),
            ("/id", "read-only"),
            ("/inner/flag", "type"),
            ("/inner/x", "unknown-field"),
            ("/name", "required"),
            ("/nme", "unknown-field"),
            ("/several", "too-long"),
        ]
        data = {"name": "a", "several": [{"flag": True}, {}]}
        assert refused(Outer(), data) == [("/several/1/flag", "required")]

    @pytest.mark.parametrize(("data", "fault"), [([], "type"), ("a", "type"), (5, "type"), (None, "null")])
    def test_no_object(self, data: Any, fault: str) -> None:
        assert refused(Outer(), data) == [("", fault)]
        assert refused(Outer(), {"name": "a", "inner": data}) == [("/inner", fault)]

    @pytest.mark.parametrize(("data", "fault"), [({}, "type"), ("a", "type"), (5, "type"), (None, "null")])
    def test_no_list(self, data: Any, fault: str) -> None:
        assert refused(Outer(), {"name": "a", "several": data}) == [("/several", fault)]

    def test_very_many_unknown_fields(self) -> None:
        assert len(refused(Outer(), {f"k{i}": 1 for i in range(10_000)})) == 21

    def test_the_text_alone_is_422(self) -> None:
        for data, kind in (
            ({"name": "a", "text": ""}, TextNotAllowedError),
            ({"name": 1, "text": ""}, InvalidInputError),
        ):
            serializer = Outer(data=data)
            with pytest.raises(ValidationError) as caught:
                serializer.is_valid(raise_exception=True)
            assert type(translate_validation_error(caught.value)) is kind

    def test_partial(self) -> None:
        serializer = Outer(data={}, partial=True)
        assert serializer.is_valid()
        assert serializer.validated_data == {}

    def test_shows_every_field(self) -> None:
        row = {"id": UUID(ID), "name": "a", "text": "b", "inner": {"flag": True}, "several": [], "note": ""}
        assert dict(Outer(row).data) == {**row, "id": ID, "note": None}

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["name", "inner", "several", "x"]), inner, max_size=3)
            ),
        )
    )
    def test_whatever_comes_is_taken_or_refused(self, data: Any) -> None:
        refused(Outer(), data)
