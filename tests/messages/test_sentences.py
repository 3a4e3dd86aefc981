"""The sentences of refusals and problems can be translated, are, and say the same in every language."""

from __future__ import annotations

import ast
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from annotations import messages as messages_module
from annotations.admin import labels
from annotations.api import problems
from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.messages import (
    TranslatableMessage,
    join_choices,
    join_list,
    message,
    message_of,
    plural_message,
    term,
)
from annotations.translation import translate_data, translate_message
from project import messages
from project.messages import catalog, extract
from project.messages.catalog import as_texts
from project.messages.extract import ExtractedMessage
from tests.messages.sentences import untranslatable

APP = extract.APP
#: What reads files of others and tells it in reports, what a machine checks, and what commands print.
ELSEWHERE = {
    "services/exchange/imports",
    "services/backup",
    "services/integrity",
    "services/demo.py",
    "services/demo_corrections.py",
    "services/demo_rights.py",
    "services/releases/verify.py",
    # what is wrong with the answer of a sign-in service stands in the log, and on no page
    "admin/identity/issuer_http.py",
    "admin/identity/provider.py",
    "admin/identity/claims.py",
    "admin/identity/tokens.py",
}
#: Tables of descriptions for the reference and the OpenAPI document.
TABLES = {"scheme/tables.py", "api/schema.py"}


def _is_scanned(path: Path) -> bool:
    name = path.relative_to(APP).as_posix()
    return not any(name.startswith(other) for other in ELSEWHERE | TABLES)


FOLDERS = ("services", "scheme", "text", "api", "admin")
FILES = ("permissions.py", "visibility.py", "models/corpora.py")
SCANNED = [
    *(path for folder in FOLDERS for path in sorted((APP / folder).rglob("*.py")) if _is_scanned(path)),
    *(APP / name for name in FILES),
]


@pytest.mark.parametrize("path", SCANNED, ids=lambda path: path.relative_to(APP).as_posix())
def test_no_sentence_is_out_of_reach(path: Path) -> None:
    assert list(untranslatable(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("bad", "found"),
    [
        ('raise InvalidInputError("No.")', "No."),
        ('raise Invalid(f"There is no {name}.")', "There is no"),
        ('raise NotVisibleError("a" + name)', "name"),
        ('FieldError(code="x", detail="Bad.")', "Bad."),
        ('raise ValueError("Bad.")', "Bad."),
        ('raise InvalidInputError("Bad %s." % name)', "Bad"),
        ('messages.error(request, "The set is closed; open it.")', "The set is closed"),
        ('raise serializers.ValidationError("Bad.")', "Bad."),
        ('def f():\n    return "The set is closed; open it."', "The set is closed"),
        ('detail = f"{n} things are wrong; mend them."\nraise Invalid(detail)', "things are wrong"),
        ('message("It is {what}.", what="open now, I think;" if x else "shut.")', "open now"),
        ('{"type": "It has to be a list."}', "It has to be a list"),
    ],
)
def test_a_bare_sentence_is_found(bad: str, found: str) -> None:
    assert any(found in one for one in untranslatable(bad))


@pytest.mark.parametrize(
    "good",
    [
        'raise InvalidInputError(message("There is no {name}.", name=name))',
        'def f():\n    """What it is for."""\n    raise Invalid(detail, errors=[])',
        'raise Invalid(gettext("Say why, in a sentence."))',
        'raise Invalid(gettext("Line %(n)s is wrong.") % {"n": 1})',
        'logger.warning("The disk is full.")',
        '{"description": "What it is for.", "Retry-After": "So many seconds."}',
    ],
)
def test_what_can_be_translated_is_let_through(good: str) -> None:
    assert list(untranslatable(good)) == []


def test_the_collector_finds_every_way_of_saying_it() -> None:
    code = (
        'message("One {a}.", a=b)\n'
        'plural_message("{number} is.", "{number} are.", n)\n'
        'term("model", "set")\nterm("model", name)\nmessage(variable)'
    )
    found = list(extract.messages_in_python(ast.parse(code)))
    assert found == [
        ExtractedMessage("", "One {a}."),
        ExtractedMessage("", "{number} is.", "{number} are."),
        ExtractedMessage("model", "set"),
    ]


# --- that a translation says the same ------------------------------------------------------------


def _places(template: str) -> list[tuple[str, str | None, str | None]]:
    """The places of ``str.format``: name, format and conversion; a broken template raises."""
    parsed = string.Formatter().parse(template)
    return sorted((name, spec or "", kind or "") for _, name, spec, kind in parsed if name is not None)


def _sentences() -> list[tuple[str, str, str, str]]:
    """Language, English words, what they are translated from and their translation."""
    rows = []
    for language in messages.LANGUAGES:
        path = messages.catalog_path(language, "django", "po")
        for entry in catalog.read_catalog(path, language):
            texts = as_texts(entry.id)
            # those of Python's other way of writing places are looked at in test_catalogues
            if "%(" in texts[0] or "<" in texts[0]:
                continue
            for form, translated in enumerate(as_texts(entry.string)):
                rows.append((language, texts[0], texts[-1] if form else texts[0], translated))
    return [row for row in rows if row[1]]


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_translation_has_exactly_the_places_of_the_english_sentence(language: str) -> None:
    rows = [row for row in _sentences() if row[0] == language]
    assert len(rows) > 300
    wrong = [row for row in rows if _places(row[2]) != _places(row[3])]
    assert wrong == []


def test_every_title_of_a_refusal_is_translated() -> None:
    with translation.override("de"):
        same = [row.title for row in problems.CODES.values() if translation.gettext(row.title) == row.title]
    assert same == []


def test_every_loss_that_a_format_knows_has_a_name() -> None:
    known = {what for row in FORMATS.values() for what in row.loss_descriptions}
    with translation.override("de"):
        assert labels.loss_label("relations") == "Beziehungen"
        assert labels.loss_label("label Ort") == "Art Ort"
        assert labels.loss_label("something else") == "something else"
        assert labels.labelled_losses([{"what": "files", "count": 2, "ids": []}])[0]["what"] == "Dateien"
    assert known <= labels.LOSSES


# --- the sentences themselves ---------------------------------------------------------------------


def test_a_sentence_is_an_english_string() -> None:
    made = message("There are {count:,} of {name!r}.", count=1234, name="a")
    assert made == "There are 1,234 of 'a'."
    assert isinstance(made, str)
    assert hash(made) == hash("There are 1,234 of 'a'.")
    assert message("No {braces} are read in it.") == "No {braces} are read in it."


def _in_german(sentence: Any) -> str:
    with translation.override("de"):
        return translate_message(sentence)


def test_it_is_told_in_the_active_language() -> None:
    made = message("The text is empty; it needs at least one character.")
    assert translate_message(made) == made
    assert type(translate_message(made)) is str
    assert _in_german(made) == "Der Text ist leer; mindestens ein Zeichen ist nötig."
    with translation.override("de-at"):
        assert translate_message(made).startswith("Der Text")
    with translation.override(None):
        assert translate_message(made) == made
    assert _in_german("The text is empty; it needs at least one character.") == made


def test_values_are_told_too_and_numbers_keep_their_meaning() -> None:
    made = message(
        "The {what} has {count:,} code points; at most {max_length:,} are allowed.",
        what=term("field", "title"),
        count=12345,
        max_length=500,
    )
    assert made == "The title has 12,345 code points; at most 500 are allowed."
    assert _in_german(made) == "Das Feld „Titel“ hat 12.345 Codepunkte; höchstens 500 sind erlaubt."
    other = message("U+{code:04X}, {kind},", code=10, kind=message("a line break"))
    assert _in_german(other) == "U+000A, ein Zeilenumbruch,"


def test_no_value_is_read_as_a_template() -> None:
    name = "{what} {0} {count:,} {"
    made = message("{name} stands twice in the list; name everybody once.", name=name)
    assert made == f"{name} stands twice in the list; name everybody once."
    assert _in_german(made) == f"{name} steht zweimal in der Liste; nennen Sie alle einmal."
    outer = message("At {pointer}: {detail}", pointer="/a{b}", detail=made)
    assert _in_german(outer) == f"Bei /a{{b}}: {_in_german(made)}"
    assert _in_german(message("{what}.", what=join_list(["{a}", "b{}"]))) == "{a}, b{}."


def test_enumerations() -> None:
    labels = [term("label", name) for name in ("actor", "claim", "position")]
    assert (join_choices(labels), _in_german(join_choices(labels))) == (
        "actor, claim or position",
        "Akteur, Aussage oder Position",
    )
    assert (join_choices(["a"]), join_choices([]), join_list([])) == ("a", "", "")
    assert _in_german(message("{what}.", what=join_list([]))) == "."


@pytest.mark.parametrize(("number", "english", "german"), [(1, "is", "ist"), (2, "are", "sind")])
def test_the_plural(number: int, english: str, german: str) -> None:
    made = plural_message(
        "{number} decision is still open; settle every difference first.",
        "{number} decisions are still open; settle every difference first.",
        number,
    )
    assert f" {english} still open" in made
    assert f" {german} noch offen" in _in_german(made)


def test_words_of_tables() -> None:
    state = term("State", "in_review")
    assert (state, _in_german(state)) == ("in_review", "in Prüfung")


def test_errors_keep_their_sentence() -> None:
    made = message("It takes true or false.")
    assert message_of(ValueError(made)) is made
    assert _in_german(InvalidInputError(made)) == "Erlaubt ist true oder false."
    assert message_of(ValueError("a", 1)) == "a"
    assert message_of(KeyError()) == ""
    assert message_of(ValueError(3)) == "3"


def test_whole_documents() -> None:
    made = message("It takes true or false.")
    data: Mapping[str, Any] = {"a": [{"detail": made, "n": 1}], "b": (made, None)}
    assert translate_data(data) is data
    with translation.override("de"):
        german = translate_data(data)
    assert german == {
        "a": [{"detail": "Erlaubt ist true oder false.", "n": 1}],
        "b": ["Erlaubt ist true oder false.", None],
    }


def test_what_is_made_of_a_sentence_is_a_plain_string() -> None:
    made = message("It takes true or false.")
    assert not isinstance(made + "", TranslatableMessage)
    assert not isinstance(f"{made}", TranslatableMessage)
    assert isinstance(made, messages_module.TranslatableMessage)
