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
    "admin/test_article_lists.py": (
        "forms on top of services.team; its filters and the queries of its list run on both"
    ),
    "admin/test_blind.py": "which fields a page shows is decided in Python",
    "admin/test_blind_walk.py": "compares pages; test_pages asks for those of every table on both engines",
    "admin/test_corpus_tabs.py": "links, and who is shown which; a manager opens all of them on both",
    "admin/test_correction_pages.py": (
        "pages on top of services.correction; test_corrections asks both engines for what they show"
    ),
    "admin/test_feed_pages.py": "forms on top of services.feeds; test_feeds runs on both",
    "admin/test_fields.py": "values of forms",
    "admin/test_form_tampering.py": (
        "roles are decided in Python; the services write the same for test_wire_writes"
    ),
    "admin/test_history.py": "sentences made from events",
    "admin/test_imports.py": "forms on top of services.exchange; the report is made in Python",
    "admin/test_invitations.py": "forms and roles; test_teams makes a member by an invitation on both",
    "admin/test_isolation.py": (
        "pages of one's own rows only; test_pages asks both engines for every page, test_permissions"
        " who sees a row"
    ),
    "admin/test_knowledge_pages.py": (
        "pages on top of services.knowledge; test_knowledge and test_knowledge_lists run on both, and"
        " here every page is opened once"
    ),
    "admin/test_languages.py": "translated pages",
    "admin/test_merges.py": (
        "forms on top of services.registry; test_wire_merges and test_merge_races run on both"
    ),
    "admin/test_number_links.py": "pages on top of services.knowledge; test_knowledge_lists runs on both",
    "admin/test_overview.py": "drawn in Python from counts; what is counted by day is asked of both",
    "admin/test_pages.py": (
        "roles are decided in Python; a manager and a superuser ask for all pages on both,"
        " test_permissions who sees a row"
    ),
    "admin/test_passwords.py": "forms, links and mails of Django's",
    "admin/test_people.py": "forms on Django's own tables, and who gets them",
    "admin/test_pictures.py": "drawn in Python from what test_teams asks both engines for",
    "admin/test_refusals.py": "sentences of forms",
    "admin/test_registry_pages.py": "pages on top of services.registry; test_registry_links runs on both",
    "admin/test_registry_writing.py": (
        "forms on top of services.registry, which test_matrix writes with on both"
    ),
    "admin/test_releases.py": "forms on top of services.releases, which run on both",
    "admin/test_rights.py": (
        "forms on top of services.rights; test_rights_gate and test_rights_exports run on both"
    ),
    "admin/test_sign_in.py": "waits and sentences are made in Python; rows are locked and counted on both",
    "admin/test_start.py": "lists that test_order and test_work ask of both engines, shown to people",
    "admin/test_story_pages.py": "pages on top of services.core.stories, which run on both",
    "admin/test_team_actions.py": "forms and roles; test_work and test_handing_out write on both",
    "admin/test_team_pages.py": (
        "drawn in Python from what test_teams asks both engines for; a manager opens each page on both"
    ),
    "admin/test_tokens.py": "forms on top of services.tokens",
    "admin/test_workbench_page.py": "what a page carries",
    "admin/test_writing.py": (
        "forms on top of services, which test_wire_writes and test_matrix write with on both"
    ),
    "api/test_adjudication.py": (
        "differences are found and settled in Python; its rows are written, locked and handed out on both"
    ),
    "api/test_authentication.py": "headers and cookies",
    "api/test_blindness.py": "compares answers; test_wire_blind asks for what is hidden on both engines",
    "api/test_contract.py::test_every_operation_is_in_the_document": "a document made from classes",
    "api/test_contract.py::test_the_document_holds_together": "a document made from classes",
    "api/test_contract.py::test_the_service_keeps_to_its_document": (
        "four cases for each operation; the slow test has the same and more for both engines, and"
        " test_hostile sends both what a database might refuse"
    ),
    "api/test_corrections.py": (
        "marks are carried in Python; services/test_correction and test_correction_races write on both"
    ),
    "api/test_cost.py": "refused before the body is read, and before any write",
    "api/test_cross_origin.py": "headers",
    "api/test_embeds.py": (
        "a page made from one span; test_matrix asks for it on both, test_rights_gate for what is held back"
    ),
    "api/test_four_eyes.py": "who is an author is decided in Python",
    "api/test_knowledge.py::test_a_wrong_parameter_is_named": "refused before any query",
    "api/test_languages.py": "translated answers",
    "api/test_long_spans.py": "lengths are counted in Python",
    "api/test_matrix.py": (
        "roles and scopes; test_every_status_is_as_the_table_says gets each answer of every route"
    ),
    "api/test_odd_requests.py": (
        "refused before any write; test_hostile sends both what a database might refuse"
    ),
    "api/test_origins.py": "headers",
    "api/test_outages.py": (
        "errors are made by the test, with the codes of the server, and told apart in Python"
    ),
    "api/test_parsers.py": "bodies and their types",
    "api/test_preconditions.py": "headers",
    "api/test_problems.py": "documents made from errors",
    "api/test_reviewing.py": "suggestions and differences are made in Python; names are found on both",
    "api/test_rights.py": (
        "terms are judged by services.rights; test_rights_gate, test_rights_exports and"
        " test_rights_in_files run on both"
    ),
    "api/test_schema.py": "a document made from classes",
    "api/test_teams.py": "agreement and mails are made in Python; what is counted in SQL is asked of both",
    "api/test_views.py": "views without tables",
    "api/test_wire_comment_ranges.py": (
        "offsets and quotes are checked in Python; services/test_comments writes on both"
    ),
    "api/test_wire_comments.py": "who talks when is decided in Python; services/test_comments writes on both",
    "api/test_wire_corpora.py": "who may do what is decided in Python; text and what is unique go into both",
    "api/test_wire_export_jobs.py": "jobs on top of services.jobs and services.exports, which run on both",
    "api/test_wire_lists.py::test_parameters_of_pages": "refused before any query",
    "api/test_wire_lists.py::test_parameters_where_there_are_none": "refused before any query",
    "api/test_wire_moves.py": "moves are decided in Python; test_state_machine makes all of them on both",
    "api/test_wire_order.py": "the order of refusals is that of the checks in Python",
    "api/test_wire_releases.py": "requests on top of services.releases, which run on both",
    "api/test_wire_repeats.py": (
        "what is sent again is compared in Python; the whole of it comes back from both"
    ),
    "api/test_wire_spans.py": (
        "offsets, quotes and labels are checked in Python; services/test_spans writes on both"
    ),
    "api/test_wire_strict.py": "what a body may hold is decided before any query",
    "api/test_wire_webhooks.py": "requests on top of services.webhooks, which run on both",
    "api/test_wire_writes.py::test_if_match": "headers",
    "browser": "the page talks to the API, which is tested on both",
    "client": "the client talks to the API, which is tested on both",
    "identity": "claims, codes and pages; what is locked, counted and given by groups is written on both",
    "management/test_exchange.py": "a command on top of services.exchange, which runs on both",
    "management/test_token.py": "a command on top of services.core.access_tokens",
    "services/test_foreign_files.py": "files are read in Python and stored as those of test_imports",
    "services/test_leaks.py": "files and logs are searched, whatever made them",
    "services/test_rights_in_files.py": (
        "files are read in Python; lines bring rights, and updates change them, on both"
    ),
}

#: What stands above and yet runs on both.
BOTH_ENGINES: Mapping[str, str] = {
    "admin/test_article_lists.py::test_each_filter_finds_its_articles": "filters are SQL",
    "admin/test_article_lists.py::test_many_articles_cost_a_constant_number_of_queries": (
        "every bulk action writes"
    ),
    "admin/test_article_lists.py::test_the_queries_of_the_list_are_pinned_and_do_not_grow": (
        "queries are counted"
    ),
    "admin/test_corpus_tabs.py::test_each_role_has_its_tabs_and_every_link_opens_with_the_same_bar[max]": (
        "opens every page of a corpus"
    ),
    "admin/test_knowledge_pages.py::test_pages_ask_the_same_however_much_there_is": "queries are counted",
    "admin/test_overview.py::test_its_queries_are_pinned_and_do_not_grow": "queries are counted",
    "admin/test_overview.py::test_the_work_of_each_day_is_counted_through_the_gate": "days are made in SQL",
    "admin/test_pages.py::test_everybody_gets_their_pages[max]": (
        "opens every page of the admin with its rows"
    ),
    "admin/test_pages.py::test_everybody_gets_their_pages[sue]": "opens the pages of superusers",
    "admin/test_sign_in.py::test_an_account_has_to_wait_longer_each_time": "rows are locked",
    "admin/test_sign_in.py::test_failures_are_forgotten": "rows are deleted by their age",
    "admin/test_team_pages.py::test_each_role_sees_its_pages[max]": "opens every page of a team",
    "admin/test_team_pages.py::test_queries_are_pinned_and_do_not_grow": "queries are counted",
    "api/test_adjudication.py::test_from_the_first_decision_to_gold": "rows are locked and written",
    "api/test_adjudication.py::test_several_are_settled_at_once_or_none": "one transaction",
    "api/test_adjudication.py::test_the_queue_hands_out_adjudications": "the queue is SQL",
    "api/test_matrix.py::test_every_status_is_as_the_table_says": "gets each answer of every route",
    "api/test_reviewing.py::test_actors_are_found_in_other_spellings_and_scripts": "names are found by SQL",
    "api/test_reviewing.py::test_an_ambiguous_alias_brings_all_its_actors": "names are found by SQL",
    "api/test_teams.py::test_agreement_is_frozen_with_the_last_submission": "figures are stored",
    "api/test_teams.py::test_an_invitation_makes_a_member_once": "rows are locked",
    "api/test_teams.py::test_progress_costs_the_same_for_more": "queries are counted",
    "api/test_teams.py::test_progress_tells_what_a_manager_asks": "counts and medians are SQL",
    "api/test_teams.py::test_the_digest_is_one_mail_for_each_and_nothing_twice": "rows are locked",
    "api/test_teams.py::test_the_history_of_an_article_is_one_page": "a union, ordered and cut",
    "api/test_teams.py::test_why_nobody_can_review": "people are found by SQL",
    "api/test_wire_corpora.py::test_a_megabyte": "text is stored",
    "api/test_wire_corpora.py::test_any_text_comes_back_to_the_byte": "text is stored",
    "api/test_wire_corpora.py::test_external_ids_are_unique_in_a_corpus": "a constraint",
    "api/test_wire_corpora.py::test_nobody_has_two_sets_on_an_article": "a constraint",
    "api/test_wire_corpora.py::test_text_comes_back_to_the_byte": "text is stored",
    "api/test_wire_corpora.py::test_text_that_cannot_be_stored": "text that an engine would refuse",
    "api/test_wire_corpora.py::test_the_last_manager_stays": "rows are locked",
    "api/test_wire_export_jobs.py::test_all_filters_are_those_of_the_request": "filters are SQL",
    "api/test_wire_export_jobs.py::test_the_file_is_deleted_after_some_days_and_its_job_stays": (
        "rows are found by their age"
    ),
    "api/test_wire_releases.py::test_a_corpus_with_releases_is_kept": "rows refer to rows",
    "api/test_wire_repeats.py::test_the_same_again_is_what_is_stored": (
        "JSON and times come back from the columns of the engine"
    ),
    "api/test_wire_spans.py::test_a_list_goes_in_as_a_whole_or_not_at_all": "one transaction",
    "api/test_wire_spans.py::test_many_spans_and_one_more": "as many parameters as a statement may have",
    "api/test_wire_webhooks.py::test_deliveries_are_listed_by_state_and_sent_again": "filters are SQL",
    "identity/test_people.py::test_an_owner_connects_an_account": "rows of the library",
    "identity/test_people.py::test_groups_count_at_each_sign_in": "memberships are written",
    "identity/test_second_factor.py::test_a_code_is_good_once_in_any_process": "rows are locked",
    "identity/test_second_factor.py::test_a_code_on_paper_is_good_once": "rows are locked",
    "identity/test_second_factor.py::test_removing_it_takes_a_code": "rows are locked and deleted",
    "identity/test_second_factor.py::test_wrong_codes_have_to_wait_whatever_the_password": "rows are locked",
    "identity/test_sso_only.py::test_a_superuser_comes_in_once": "rows are locked",
    "services/test_foreign_files.py::test_an_event_list_founds_its_registry": "registry rows are founded",
    "services/test_foreign_files.py::test_every_format_comes_out": "every format reads its rows",
    "services/test_rights_in_files.py::test_an_update_changes_the_rights_that_it_sends_and_no_others": (
        "rows are changed"
    ),
    "services/test_rights_in_files.py::test_lines_bring_rights_and_exports_hold_them": "rows are written",
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
    nodeid = item.nodeid.removeprefix("tests/")
    path = nodeid.split("[", 1)[0]
    places = {nodeid, path, path.split("::", 1)[0], path.split("/", 1)[0]}
    if places & BOTH_ENGINES.keys():
        return True
    return uses_database(item) and not places & ANY_ENGINE.keys()


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what has been tested on SQLite."""
    left_out = [item for item in items if not depends_on_engine(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if depends_on_engine(item)]
