"""Every word that people see can be translated, and is: into each language that there is."""

from __future__ import annotations

import gettext
import io
import json
import re
from pathlib import Path

import django.contrib
import pytest
from babel.messages import Message
from django.core.management import CommandError, call_command

from project import messages
from project.messages import catalog, django_sentences, extract
from project.messages.catalog import StableCatalog, as_texts
from project.messages.extract import ExtractedMessage

PLACES = re.compile(r"%\(\w+\)s|\{\w*(?:![rs])?(?::[^{}]*)?\}|<[^>]+>")
CATALOGUES = [(language, domain) for language in messages.LANGUAGES for domain in messages.DOMAINS]


def entries(language: str, domain: str) -> list[Message]:
    """Return the messages of a catalogue, without its header."""
    read = catalog.read_catalog(messages.catalog_path(language, domain, "po"), language)
    return [message for message in read if message.id]


def test_the_files_are_in_step_with_the_code() -> None:
    hint = "run manage.py write_messages, translate what is new, run it again"
    assert list(messages.outdated_files()) == [], hint


def test_everything_is_translated() -> None:
    assert messages.untranslated_messages() == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_a_translation_keeps_the_places_for_names_and_numbers(language: str, domain: str) -> None:
    wrong = []
    for entry in entries(language, domain):
        wanted = sorted(PLACES.findall(as_texts(entry.id)[-1]))
        for text in as_texts(entry.string):
            found = sorted(PLACES.findall(text))
            # a plural form for one thing may say it in a word
            if found != wanted and not (entry.pluralizable and set(found) <= set(wanted)):
                wrong.append((entry.id, text))
    assert wrong == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_gettext_reads_what_was_compiled(language: str, domain: str) -> None:
    """By the library of Python, which Django uses where the service runs."""
    compiled = messages.catalog_path(language, domain, "mo").read_bytes()
    read = gettext.GNUTranslations(io.BytesIO(compiled))
    for entry in entries(language, domain):
        text, *plural = as_texts(entry.id)
        if plural:
            found = [read.ngettext(text, plural[0], n) for n in (1, 2)]
        elif entry.context:
            found = [read.pgettext(entry.context, text)]
        else:
            found = [read.gettext(text)]
        assert tuple(found) == as_texts(entry.string)


def test_translations_are_kept_and_new_messages_come_without_one(tmp_path: Path) -> None:
    old = StableCatalog(locale="de", header_comment="")
    old.add('A "quote", a \\ and\na line', 'Ein "Zitat", ein \\ und\neine Zeile')
    old.add(("%(n)s thing", "%(n)s things"), ("%(n)s Ding", "%(n)s Dinge"))
    old.add("open", "offen", context="here", flags={"fuzzy"})
    old.add("gone", "weg")
    old.add("plural now", "jetzt im Plural")
    path = tmp_path / "django.po"
    path.write_bytes(catalog.format_catalog(old))
    found = [
        ("b.py", ExtractedMessage("", 'A "quote", a \\ and\na line')),
        ("b.py", ExtractedMessage("", "%(n)s thing")),
        ("a.py", ExtractedMessage("", "%(n)s thing", "%(n)s things")),
        ("a.py", ExtractedMessage("here", "open")),
        ("a.py", ExtractedMessage("there", "open")),
        ("a.py", ExtractedMessage("", "plural now", "plurals now")),
    ]
    new = catalog.create_catalog("de", found, catalog.read_catalog(path, "de"))
    path.write_bytes(catalog.format_catalog(new))
    assert path.read_text().count("#: a.py b.py\n") == 1
    read = catalog.read_catalog(path, "de")
    assert {(row.context, *as_texts(row.id)): as_texts(row.string) for row in read if row.id} == {
        (None, 'A "quote", a \\ and\na line'): ('Ein "Zitat", ein \\ und\neine Zeile',),
        (None, "%(n)s thing", "%(n)s things"): ("%(n)s Ding", "%(n)s Dinge"),
        ("here", "open"): ("offen",),
        ("there", "open"): ("",),
        (None, "plural now", "plurals now"): ("", ""),
    }
    assert sorted(catalog.untranslated_messages(read)) == ["open", "open", "plural now"]
    compiled = gettext.GNUTranslations(io.BytesIO(catalog.compile_catalog(new)))
    assert compiled.pgettext("here", "open") == "open"
    assert catalog.compile_catalog(new) == catalog.compile_catalog(
        catalog.create_catalog("de", reversed(found), read)
    )


def test_the_command_tells_what_is_missing_and_mends_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in (
        messages.expected_files,
        messages.outdated_files,
        messages.write_files,
        messages.untranslated_messages,
    ):
        monkeypatch.setattr(function, "__defaults__", (tmp_path,))
    with pytest.raises(CommandError, match=r"^Out of date in annotations/locale: de/LC_MESSAGES/django\.po"):
        call_command("write_messages", check=True)
    assert not list(tmp_path.iterdir())
    said = io.StringIO()
    call_command("write_messages", stdout=said)
    assert "Without translation: de/djangojs: Submit for review\n" in said.getvalue()
    with pytest.raises(CommandError, match=r"^Without translation: "):
        call_command("write_messages", check=True)
    source = messages.catalog_path("de", "django", "po", tmp_path)
    source.write_text(source.read_text().replace('msgid "Accept"\nmsgstr ""', 'msgid "Accept"\nmsgstr "Ja"'))
    call_command("write_messages", stdout=io.StringIO())
    with messages.catalog_path("de", "django", "mo", tmp_path).open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Accept") == "Ja"


def test_words_are_found_in_python_templates_and_scripts() -> None:
    script = 'h("p", {}, gettext("One")); pgettext("c", "Say \\"so\\""); '
    script += 'counted(ngettext(\n  "%(n)s two", "%(n)s twos", n), n);'
    assert list(extract.messages_in_text(script, json.loads)) == [
        ExtractedMessage("", "One"),
        ExtractedMessage("c", 'Say "so"'),
        ExtractedMessage("", "%(n)s two", "%(n)s twos"),
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
SAME = {"Standpoint", "SHA-256", "PNG", "yes"}


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
    r"|(?:(?:Ctrl|Alt|Shift) ?)+(?:.|Enter)?|Shift\+|Arrow\w+|Home|End|Escape|Enter|Shift|Delete"
    r"|Backspace|Key|Segmenter"
    r"|Content-Type|If-Match|Set-Version|Link|X-CSRFToken|[A-Z]+|application/.*|\(prefers-.*|.*[\[\]#].*"
    r"|button:not.*|.*tbody tr.*|input, select.*"
)
_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|^[A-Z][a-z]+\b")


def bare_strings(script: str) -> list[str]:
    """Strings of a script that look like words for people and pass no function that translates."""
    rest = _GETTEXT.sub(" ", _COMMENT.sub(" ", script))
    found = (plain or re.sub(r"\$\{[^}]*\}", " ", template) for plain, template in _LITERAL.findall(rest))
    return [text for text in found if _WORDS.search(text.strip()) and not NO_WORDS.fullmatch(text.strip())]


#: Lists of words that are looked for in articles of many languages, and shown to nobody.
WORD_LISTS = {"abbreviations.js", "speechCues.js"}
SCRIPTS = sorted(
    p.relative_to(extract.APP).as_posix() for p in extract.APP.rglob("*.js") if p.name not in WORD_LISTS
)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_has_text_that_nobody_can_translate(name: str) -> None:
    assert bare_strings((extract.APP / name).read_text(encoding="utf-8")) == []


def test_text_in_a_script_is_found() -> None:
    bad = 'say("Nothing found.", gettext("Fine")); h("p", {class: "a b"}, `Not ${x} saved`); // "No"'
    assert bare_strings(bad) == ["Nothing found.", "Not   saved"]


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_ours_say_what_those_of_django_do_not(language: str) -> None:
    """Exactly that: a sentence that Django has translated since is not kept."""
    lacking = set()
    for app in django_sentences.APPS:
        place = Path(django.contrib.__path__[0], app, "locale", language, "LC_MESSAGES", "django.po")
        lacking |= set(catalog.untranslated_messages(catalog.read_catalog(place, language)))
    assert lacking == set(django_sentences.SENTENCES)
