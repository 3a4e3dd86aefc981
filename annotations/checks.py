"""Django system checks of the settings and the tables of the code; none reads a row of the database.

``manage.py check``, ``migrate`` and most other commands run them first. Their ids are stable, so that
one can be looked up or silenced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from annotations import formats, permissions, scheme, workflow
from annotations.enums import State
from annotations.services.review import guards


@dataclass(frozen=True)
class SystemCheck:
    """One system check: its id, the requirement as a hint, and a function that yields the violations."""

    id: str
    hint: str
    find_faults: Callable[[], Iterator[str]]


def _databases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each database as the last part of its engine's name and its configuration."""
    for config in settings.DATABASES.values():
        yield str(config["ENGINE"]).rpartition(".")[2], config


def _check_engines() -> Iterator[str]:
    for engine, _ in _databases():
        if engine not in {"sqlite3", "postgresql"}:
            yield f"The database engine is {engine}; Standpoint is proved on SQLite and PostgreSQL only."


def _check_sqlite() -> Iterator[str]:
    for engine, config in _databases():
        options = config.get("OPTIONS", {})
        commands = str(options.get("init_command", "")).replace(" ", "").lower()
        if engine != "sqlite3":
            continue
        if options.get("transaction_mode") != "IMMEDIATE":
            yield "SQLite must begin its transactions IMMEDIATE, or two writers that meet are refused."
        for pragma in ("journal_mode=wal", "synchronous=full", "foreign_keys=on"):
            if pragma not in commands:
                yield f"SQLite must run with PRAGMA {pragma}, or what was acknowledged may be lost."


def _check_postgresql() -> Iterator[str]:
    for engine, config in _databases():
        options = config.get("OPTIONS", {})
        if engine != "postgresql":
            continue
        if "isolation_level" in options:
            yield "PostgreSQL must keep its own isolation level; the services lock what they decide on."
        if not options.get("pool"):
            yield "PostgreSQL needs a pool of connections, or each request opens one of its own."
        if config.get("CONN_MAX_AGE"):
            yield "CONN_MAX_AGE must be 0 where a pool keeps the connections."


def _check_transactions() -> Iterator[str]:
    for _, config in _databases():
        if config.get("ATOMIC_REQUESTS"):
            yield "ATOMIC_REQUESTS must be off, or a slow client holds a transaction while it uploads."


def _check_format_parameter() -> Iterator[str]:
    if settings.REST_FRAMEWORK.get("URL_FORMAT_OVERRIDE", "format") is not None:
        yield "URL_FORMAT_OVERRIDE must be None; ?format= names the format of an export."


def _check_scheme() -> Iterator[str]:
    for name, attribute in scheme.ATTRIBUTES.items():
        if name != attribute.name:
            yield f"The attribute {attribute.name} stands under the name {name}."
        if (attribute.kind == "choice") != bool(attribute.choices):
            yield f"The attribute {name} is of the kind {attribute.kind}, which does not fit its choices."
        if len(set(attribute.values)) < len(attribute.values):
            yield f"The attribute {name} has a choice twice."
        for use in attribute.uses:
            if use.label not in scheme.LABELS:
                yield f"The attribute {name} is for the label {use.label}, which there is not."
            if use.rule is not None and use.rule not in scheme.GUIDELINE_RULES:
                yield f"The attribute {name} follows the rule {use.rule}, which there is not."
            if use.required and use.rule is None:
                yield f"The attribute {name} is needed on {use.label} without a rule that says so."
            if use.default is not None and use.default not in attribute.values:
                yield f"The attribute {name} has the default {use.default}, which is none of its choices."


def _check_labels() -> Iterator[str]:
    keys = [label.key for label in scheme.LABELS.values()]
    if len(set(keys)) < len(keys):
        yield "Two labels have the same key in the workbench."
    for name, relation in scheme.RELATIONS.items():
        for label in (*relation.sources, *relation.targets):
            if label not in scheme.LABELS:
                yield f"The relation {name} connects the label {label}, which there is not."


def _check_guards() -> Iterator[str]:
    for guard in workflow.Guard:
        if guard not in guards.GUARD_CHECKS:
            yield f"The guard “{guard}” has no check in services.review.guards.GUARD_CHECKS."
    for name, transition in workflow.TRANSITIONS.items():
        if name != transition.name:
            yield f"The transition {transition.name} stands under the name {name}."


def _check_states() -> Iterator[str]:
    reached = {State.OPEN}
    rows = workflow.TRANSITIONS.values()
    while True:
        further = {row.target for row in rows if row.target and row.sources & reached} - reached
        if not further:
            break
        reached |= further
    for state in State:
        if state not in reached:
            yield f"No transition leads to the state {state}."


def _check_permissions() -> Iterator[str]:
    for permission in permissions.Permission:
        rule = permissions.PERMISSIONS.get(permission)
        if rule is None:
            yield f"Nobody may {permission}: it has no row in permissions.PERMISSIONS."
        elif not rule.scopes:
            yield f"No access token may {permission}: its row names no scope."
    roles = {role for row in workflow.USER_TRANSITIONS for role in row.sources_by_role}
    for role in sorted(roles - permissions.TRANSITION_SCOPES.keys()):
        yield f"No access token may make the moves of the {role}: permissions.TRANSITION_SCOPES has no row."


def _check_formats() -> Iterator[str]:
    for name, row in formats.FORMATS.items():
        if name != row.name:
            yield f"The format {row.name} stands under the name {name}."
        if not (row.is_readable or row.is_writable):
            yield f"The format {name} has neither a reader nor a writer."


SYSTEM_CHECKS: Sequence[SystemCheck] = (
    SystemCheck("E001", "The database is SQLite or PostgreSQL.", _check_engines),
    SystemCheck(
        "E002", "SQLite runs with IMMEDIATE transactions, WAL and full synchronisation.", _check_sqlite
    ),
    SystemCheck("E003", "PostgreSQL runs with a pool and in its own isolation level.", _check_postgresql),
    SystemCheck("E004", "No transaction spans a whole request.", _check_transactions),
    SystemCheck("E005", "`?format=` belongs to exports.", _check_format_parameter),
    SystemCheck("E006", "Attributes name labels, rules and defaults that there are.", _check_scheme),
    SystemCheck(
        "E007", "Labels have keys of their own, and relations connect labels that there are.", _check_labels
    ),
    SystemCheck("E008", "Each guard of the workflow has its check.", _check_guards),
    SystemCheck("E009", "Each state of a set can be reached.", _check_states),
    SystemCheck("E010", "Each permission and each move says who may, with which scope.", _check_permissions),
    SystemCheck("E011", "Each format can be read or written.", _check_formats),
)


def run_checks(app_configs: Sequence[AppConfig] | None = None, **options: object) -> list[CheckMessage]:  # noqa: ARG001
    """Return the violations of all checks as messages of Django's check framework."""
    return [
        Error(fault, hint=rule.hint, id=f"standpoint.{rule.id}")
        for rule in SYSTEM_CHECKS
        for fault in rule.find_faults()
    ]


def register_checks() -> None:
    """Register the checks with Django."""
    register(run_checks, "standpoint")
