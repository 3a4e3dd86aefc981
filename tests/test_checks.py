"""The system checks: silent on our own settings and tables, and each of them can speak."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.checks.registry import registry
from pytest_django import Settings

from annotations import checks, formats, permissions, scheme, workflow
from annotations.enums import SetRole
from annotations.formats.core.interfaces import Format
from annotations.scheme import AttributeUse, Choice
from annotations.services.review import guards
from annotations.workflow import Guard
from project.databases import SQLITE_OPTIONS

Patch = Callable[[pytest.MonkeyPatch], None]


def ids() -> list[str]:
    return [str(message.id) for message in checks.run_checks()]


def test_django_makes_them_and_they_find_nothing() -> None:
    assert checks.__name__ in {made.__module__ for made in registry.get_checks()}
    assert not [message for message in run_checks() if str(message.id).startswith("standpoint.")]


def test_ids_are_stable() -> None:
    assert [rule.id for rule in checks.SYSTEM_CHECKS] == [f"E{number:03}" for number in range(1, 12)]


SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": SQLITE_OPTIONS}
POSTGRESQL = {"ENGINE": "django.db.backends.postgresql", "OPTIONS": {"pool": {"max_size": 1}}}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"ENGINE": "django.db.backends.mysql"}, "standpoint.E001"),
        ({**SQLITE, "OPTIONS": {**SQLITE_OPTIONS, "transaction_mode": None}}, "standpoint.E002"),
        (
            {
                **SQLITE,
                "OPTIONS": {
                    **SQLITE_OPTIONS,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON;",
                },
            },
            "standpoint.E002",
        ),
        ({**POSTGRESQL, "OPTIONS": {}}, "standpoint.E003"),
        ({**POSTGRESQL, "CONN_MAX_AGE": 60}, "standpoint.E003"),
        ({**POSTGRESQL, "OPTIONS": {"pool": True, "isolation_level": 3}}, "standpoint.E003"),
        ({**SQLITE, "ATOMIC_REQUESTS": True}, "standpoint.E004"),
    ],
)
def test_databases(monkeypatch: pytest.MonkeyPatch, config: dict[str, Any], said: str) -> None:
    # not the settings fixture: Django warns of a change of DATABASES under its feet
    monkeypatch.setattr(checks, "settings", Pretended({"default": config}))
    assert ids() == [said]


class Pretended:
    """Settings of which only the databases matter."""

    REST_FRAMEWORK = {"URL_FORMAT_OVERRIDE": None}

    def __init__(self, databases: dict[str, Any]) -> None:
        self.DATABASES = databases


def test_both_engines_as_they_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "settings", Pretended({"default": SQLITE, "other": POSTGRESQL}))
    assert ids() == []


def test_the_format_parameter(settings: Settings) -> None:
    settings.REST_FRAMEWORK = {}
    assert ids() == ["standpoint.E005"]


STANCE = scheme.ATTRIBUTES["stance"]
SUBMIT = workflow.TRANSITIONS["submit"]


def attribute(**fields: Any) -> Patch:
    rows = {**scheme.ATTRIBUTES, "stance": replace(STANCE, **fields)}
    return lambda patch: patch.setattr(scheme, "ATTRIBUTES", rows)


def patched_transitions(**rows: Any) -> Patch:
    changed = {**workflow.TRANSITIONS, **rows}
    return lambda patch: patch.setattr(workflow, "TRANSITIONS", changed)


def table(module: Any, name: str, without: Any, **rows: Any) -> Patch:
    rest = {key: value for key, value in getattr(module, name).items() if key != without}
    return lambda patch: patch.setattr(module, name, {**rest, **rows})


READ = permissions.PERMISSIONS[permissions.Permission.VIEW_SET]
BROKEN: list[tuple[str, str, Patch]] = [
    ("E006", "name", attribute(name="other")),
    ("E006", "no choices", attribute(choices=(), uses=(AttributeUse("position", "P3"),))),
    ("E006", "twice", attribute(choices=(Choice("support", ""), Choice("support", "")))),
    ("E006", "label", attribute(uses=(AttributeUse("song", "P3"),))),
    ("E006", "rule", attribute(uses=(AttributeUse("position", "X9"),))),
    ("E006", "needed", attribute(uses=(AttributeUse("position", required=True),))),
    ("E006", "default", attribute(uses=(AttributeUse("position", "P3", default="never"),))),
    ("E007", "key", table(scheme, "LABELS", "claim", claim=replace(scheme.LABELS["claim"], key="a"))),
    (
        "E007",
        "ends",
        table(scheme, "RELATIONS", "about", about=replace(scheme.RELATIONS["about"], targets=("song",))),
    ),
    ("E008", "guard", table(guards, "GUARD_CHECKS", Guard.CHANGES_REQUESTED)),
    ("E008", "name", patched_transitions(submit=replace(SUBMIT, name="other"))),
    (
        "E009",
        "unreachable",
        patched_transitions(**{"return": replace(workflow.TRANSITIONS["return"], target=None)}),
    ),
    ("E010", "no row", table(permissions, "PERMISSIONS", permissions.Permission.VIEW_SET)),
    (
        "E010",
        "no scope",
        lambda patch: patch.setitem(
            permissions.PERMISSIONS, permissions.Permission.VIEW_SET, replace(READ, scopes=())
        ),
    ),
    ("E010", "no scope for a move", table(permissions, "TRANSITION_SCOPES", SetRole.OWNER)),
    (
        "E011",
        "neither way",
        table(
            formats,
            "FORMATS",
            "",
            x=Format(name="x", title="X", media_type="text/plain", extension="x"),
        ),
    ),
    ("E011", "name", table(formats, "FORMATS", "jsonl", other=formats.FORMATS["jsonl"])),
]


@pytest.mark.parametrize(("id", "how", "spoil"), BROKEN, ids=[f"{i}: {h}" for i, h, _ in BROKEN])
def test_tables(monkeypatch: pytest.MonkeyPatch, id: str, how: str, spoil: Patch) -> None:
    spoil(monkeypatch)
    assert ids() == [f"standpoint.{id}"]


def test_faults_are_sentences_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, _, spoil in BROKEN:
        spoil(monkeypatch)
    found = checks.run_checks()
    assert len(found) >= len({id for id, _, _ in BROKEN})
    for message in found:
        assert message.msg.endswith(".")
        assert message.hint
