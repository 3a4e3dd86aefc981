"""Which tests run on one engine only.

A test runs on SQLite and on PostgreSQL, unless it asks for no database or stands below: then the
engine cannot change its result, and ``make test`` runs it on SQLite only. Whoever names tests on the
command line gets all of them, on whatever engine.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.db import connection

#: Paths below ``tests``, or node ids, and why the engine cannot matter there.
ANY_ENGINE: Mapping[str, str] = {
    "admin/test_blind.py": "which fields a page shows is decided in Python",
    "admin/test_blind_walk.py": "compares pages; test_pages asks for those of every table on both engines",
    "admin/test_correction_pages.py": (
        "pages on top of services.correction; test_corrections asks both engines for what they show"
    ),
    "admin/test_fields.py": "values of forms",
    "admin/test_form_tampering.py": "roles are decided in Python; the writes are those of test_writing",
    "admin/test_history.py": "sentences made from events",
    "admin/test_imports.py": "forms on top of services.exchange; the report is made in Python",
    "admin/test_isolation.py": (
        "pages of one's own rows only;"
        " test_pages asks both engines for every page, test_permissions who sees a row"
    ),
    "admin/test_languages.py": "translated pages",
    "admin/test_merges.py": (
        "forms on top of services.registry; test_wire_merges and test_merge_races run on both"
    ),
    "admin/test_passwords.py": "forms, links and mails of Django's",
    "admin/test_people.py": "forms on Django's own tables, and who gets them",
    "admin/test_pictures.py": "drawn in Python from what test_teams asks both engines for",
    "admin/test_refusals.py": "sentences of forms",
    "admin/test_registry_pages.py": "pages on top of services.registry; test_registry_links runs on both",
    "admin/test_releases.py": "forms on top of services.releases, which run on both",
    "admin/test_story_pages.py": "pages on top of services.core.stories, which run on both",
    "admin/test_team_actions.py": "forms and roles; test_work and test_handing_out write on both",
    "admin/test_tokens.py": "forms on top of services.tokens",
    "admin/test_workbench_page.py": "what a page carries",
    "api/test_authentication.py": "headers and cookies",
    "api/test_blindness.py": "compares answers; test_wire_blind asks for what is hidden on both engines",
    "api/test_contract.py::test_every_operation_is_in_the_document": "a document made from classes",
    "api/test_contract.py::test_the_document_holds_together": "a document made from classes",
    "api/test_contract.py::test_the_service_keeps_to_its_document": (
        "four cases for each operation; the slow test has the same and more for both engines, and"
        " test_hostile sends both what a database might refuse"
    ),
    "api/test_cost.py": "refused before the body is read, and before any write",
    "api/test_four_eyes.py": "who is an author is decided in Python",
    "api/test_languages.py": "translated answers",
    "api/test_matrix.py": (
        "roles and scopes; test_every_status_is_as_the_table_says gets each answer of every route"
    ),
    "api/test_odd_requests.py": (
        "refused before any write; test_hostile sends both what a database might refuse"
    ),
    "api/test_origins.py": "headers",
    "api/test_parsers.py": "bodies and their types",
    "api/test_preconditions.py": "headers",
    "api/test_problems.py": "documents made from errors",
    "api/test_schema.py": "a document made from classes",
    "api/test_views.py": "views without tables",
    "api/test_wire_comment_ranges.py": (
        "offsets and quotes are checked in Python; test_wire_comments writes on both"
    ),
    "api/test_wire_moves.py": "moves are decided in Python; test_state_machine makes all of them on both",
    "api/test_wire_order.py": "the order of refusals is that of the checks in Python",
    "api/test_wire_strict.py": "what a body may hold is decided before any query",
    "browser": "the page talks to the API, which is tested on both",
    "client": "the client talks to the API, which is tested on both",
}

#: What stands above and yet runs on both.
BOTH_ENGINES: Mapping[str, str] = {
    "api/test_matrix.py::test_every_status_is_as_the_table_says": "gets each answer of every route",
}

#: The functions whose rows have been proved on PostgreSQL.
_proved: set[str] = set()


def proves(nodeid: str) -> bool:
    """Whether the rows of a test are proved: on SQLite always, on PostgreSQL once for each function.

    What its other parameters write goes through the same code, and is proved on SQLite.
    """
    function = nodeid.partition("[")[0]
    if connection.vendor == "postgresql" and function in _proved:
        return False
    _proved.add(function)
    return True


_DATABASE_FIXTURES = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})


def uses_database(item: pytest.Item) -> bool:
    """Whether a test may touch the database at all; pytest-django blocks it for all others."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & _DATABASE_FIXTURES) or item.get_closest_marker("django_db") is not None


def depends_on_engine(item: pytest.Item) -> bool:
    """Whether the engine may change the result of a test."""
    if item.get_closest_marker("postgres"):
        return True
    path = item.nodeid.removeprefix("tests/").split("[", 1)[0]
    places = {path, path.split("::", 1)[0], path.split("/", 1)[0]}
    if places & BOTH_ENGINES.keys():
        return True
    return uses_database(item) and not places & ANY_ENGINE.keys()


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has been tested on SQLite."""
    left_out = [item for item in items if not depends_on_engine(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if depends_on_engine(item)]
