"""Every word that people see can be translated, and is: into each language that there is."""

from __future__ import annotations

import gettext
import io
import json
import re
from pathlib import Path

import django.contrib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from project import messages
from project.messages import catalog, extract, of_django
from project.messages.catalog import Entry, Message

PLACES = re.compile(r"%\(\w+\)s|\{\w*(?:![rs])?(?::[^{}]*)?\}|<[^>]+>")
CATALOGUES = [(language, domain) for language in messages.PLURALS for domain in messages.DOMAINS]


def entries(language: str, domain: str) -> dict[catalog.Key, Entry]:
    return catalog.read(messages.path(language, domain, "po").read_text(encoding="utf-8"))


def test_the_files_are_in_step_with_the_code() -> None:
    assert messages.outdated() == [], "run manage.py write_messages, translate what is new, run it again"


def test_everything_is_translated() -> None:
    assert messages.untranslated() == []


def test_every_language_of_the_switch_has_its_catalogues() -> None:
    assert {"en", *messages.PLURALS} == {code for code, _ in settings.LANGUAGES}


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_a_translation_keeps_the_places_for_names_and_numbers(language: str, domain: str) -> None:
    wrong = []
    for entry in entries(language, domain).values():
        wanted = sorted(PLACES.findall(entry.message.plural or entry.message.text))
        for text in entry.translations if entry.message.text else ():
            found = sorted(PLACES.findall(text))
            # a plural form for one thing may say it in a word
            if found != wanted and not (entry.message.plural and set(found) <= set(wanted)):
                wrong.append((entry.message.text, text))
    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_gettext_reads_what_was_compiled(language: str, domain: str) -> None:
    """By the library of Python, which knows nothing of our compiler."""
    compiled = messages.path(language, domain, "mo").read_bytes()
    read = gettext.GNUTranslations(io.BytesIO(compiled))
    for entry in entries(language, domain).values():
        message = entry.message
        if not message.text:
            continue
        if message.plural:
            found = [read.ngettext(message.text, message.plural, n) for n in (1, 2)]
        elif message.context:
            found = [read.pgettext(message.context, message.text)]
        else:
            found = [read.gettext(message.text)]
        assert tuple(found) == entry.translations


def test_a_catalogue_survives_being_written_and_read() -> None:
    header = messages.header("de")
    rows = [
        Entry(Message("", 'A "quote", a \\ and\na line'), ('Ein "Zitat", ein \\ und\neine Zeile',)),
        Entry(Message("", "%(n)s thing", "%(n)s things"), ("%(n)s Ding", "%(n)s Dinge")),
        Entry(Message("here", "open"), ("offen",), is_fuzzy=True),
        Entry(Message("there", "open")),
    ]
    read = catalog.read(catalog.write(header, rows))
    assert [read[row.message.key].message for row in rows] == [row.message for row in rows]
    assert [read[row.message.key].translations for row in rows[:3]] == [row.translations for row in rows[:3]]
    assert [read[row.message.key].is_done for row in rows] == [True, True, False, False]
    assert "open" not in gettext.GNUTranslations(io.BytesIO(catalog.compiled(read)))._catalog  # type: ignore[attr-defined]


def test_the_command_tells_what_is_missing_and_mends_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in (messages.files, messages.outdated, messages.write, messages.untranslated):
        monkeypatch.setattr(function, "__defaults__", (tmp_path,))
    with pytest.raises(CommandError, match=r"^Out of date in annotations/locale: de/LC_MESSAGES/django\.po"):
        call_command("write_messages", check=True)
    assert not list(tmp_path.iterdir())
    said = io.StringIO()
    call_command("write_messages", stdout=said)
    assert "Without translation: de/djangojs: Submit for review\n" in said.getvalue()
    with pytest.raises(CommandError, match=r"^Without translation: "):
        call_command("write_messages", check=True)
    source = messages.path("de", "django", "po", tmp_path)
    source.write_text(source.read_text().replace('msgid "Accept"\nmsgstr ""', 'msgid "Accept"\nmsgstr "Ja"'))
    call_command("write_messages", stdout=io.StringIO())
    with messages.path("de", "django", "mo", tmp_path).open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Accept") == "Ja"


def test_words_are_found_in_python_templates_and_scripts() -> None:
    script = 'h("p", {}, gettext("One")); pgettext("c", "Say \\"so\\""); '
    script += 'counted(ngettext(\n  "%(n)s two", "%(n)s twos", n), n);'
    assert list(extract.in_text(script, json.loads)) == [
        Message("", "One"),
        Message("c", 'Say "so"'),
        Message("", "%(n)s two", "%(n)s twos"),
    ]


# --- what has been forgotten ------------------------------------------------------------------

_TAGS = (
    r"{#.*?#}",
    r"{% block (?:bodyclass|coltype) %}.*?{% endblock[^%]*%}",
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}",
    r"{%.*?%}",
    r"{{.*?}}",
    r'\bname="[\w-]+" value="[a-z0-9_-]*"',  # what a button sends is not what it says
)
_ATTRIBUTES = re.compile(r'\b(?:aria-label|title|placeholder|alt|value|data-title)="([^"]*)"')
#: What stays as it is in every language.
SAME = {"Standpoint", "SHA-256", "yes"}


def bare_text(template: str) -> list[str]:
    """Words of a template that stand outside the tags that translate."""
    for pattern in _TAGS:
        template = re.sub(pattern, " ", template, flags=re.DOTALL)
    found = _ATTRIBUTES.findall(template)
    found += re.sub(r"<[^>]*>", "\n", template).split("\n")
    texts = (re.sub(r"&\w+;|·", " ", text).strip() for text in found)
    return [text for text in texts if re.search(r"[A-Za-z]{2}", text) and text not in SAME]


@pytest.mark.parametrize(
    "name", sorted(p.relative_to(extract.APP).as_posix() for p in extract.APP.rglob("*.html"))
)
def test_no_template_has_text_that_nobody_can_translate(name: str) -> None:
    assert bare_text((extract.APP / name).read_text(encoding="utf-8")) == []


def test_text_in_a_template_is_found() -> None:
    bad = '<p title="A hint">{% translate "Fine" %} Not fine</p>{# no #}<input value="{{ x }}"><b>{{ y }}</b>'
    assert bare_text(bad) == ["A hint", "Not fine"]


_COMMENT = re.compile(
    r"/\*.*?\*/|(?<=\s)//[^\n]*|^import[^\n]*|^const [A-Z]+ = /[^\n]*", re.DOTALL | re.MULTILINE
)
_GETTEXT = re.compile(r'\bn?p?gettext\((?:\s*"(?:[^"\\]|\\.)*"\s*,?)+')
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`([^`]*)`')
#: Names of keys, headers, selectors, style classes: what has words in it and says nothing to people.
NO_WORDS = re.compile(
    r"[a-z-]+(?:[ ,]+[a-z-]+)*"  # style classes
    r"|(?:Ctrl|Alt|Shift) .|Shift\+|Arrow\w+|Home|End|Escape|Enter|Shift|Delete|Backspace|Key|Segmenter"
    r"|Content-Type|If-Match|Set-Version|X-CSRFToken|[A-Z]+|application/.*|\(prefers-.*|.*[\[\]#].*"
    r"|button:not.*|.*tbody tr.*|input, select.*"
)
_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]+\b")


def bare_strings(script: str) -> list[str]:
    """Strings of a script that look like words for people and pass no function that translates."""
    rest = _GETTEXT.sub(" ", _COMMENT.sub(" ", script))
    found = (plain or re.sub(r"\$\{[^}]*\}", " ", template) for plain, template in _LITERAL.findall(rest))
    return [text for text in found if _WORDS.search(text.strip()) and not NO_WORDS.fullmatch(text.strip())]


SCRIPTS = sorted(p.relative_to(extract.APP).as_posix() for p in extract.APP.rglob("*.js"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_has_text_that_nobody_can_translate(name: str) -> None:
    assert bare_strings((extract.APP / name).read_text(encoding="utf-8")) == []


def test_text_in_a_script_is_found() -> None:
    bad = 'say("Nothing found.", gettext("Fine")); h("p", {class: "a b"}, `Not ${x} saved`); // "No"'
    assert bare_strings(bad) == ["Nothing found.", "Not   saved"]


@pytest.mark.parametrize("language", messages.PLURALS)
def test_ours_say_what_those_of_django_do_not(language: str) -> None:
    """Exactly that: a sentence that Django has translated since is not kept."""
    lacking = set()
    for app in of_django.APPS:
        place = Path(django.contrib.__path__[0], app, "locale", language, "LC_MESSAGES", "django.po")
        found = catalog.read(place.read_text(encoding="utf-8"))
        lacking |= {
            entry.message.text for key, entry in found.items() if key != ("", "") and not entry.is_done
        }
    assert lacking == set(of_django.SENTENCES)
