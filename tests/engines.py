"""Which tests run on one engine only.

A test runs on SQLite and on PostgreSQL, unless it asks for no database or stands below: then the
engine cannot change its result, and ``make test`` runs it on SQLite only (tests/lanes.py). Whoever names
tests on the command line gets all of them, on whatever engine.
"""

from __future__ import annotations

from collections.abc import Mapping

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
    "admin/test_correction_worklist.py": (
        "pages on top of services.correction; test_corrections_in_a_row settles marks on both"
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
        "pages of one's own rows only; test_pages asks both engines for every page, test_permissions who"
        " sees a row"
    ),
    "admin/test_knowledge_pages.py": (
        "pages on top of services.knowledge; test_knowledge and test_knowledge_lists run on both, and here"
        " every page is opened once"
    ),
    "admin/test_languages.py": "translated pages",
    "admin/test_merges.py": (
        "forms on top of services.registry; test_wire_merges and test_merge_races run on both"
    ),
    "admin/test_number_links.py": "pages on top of services.knowledge; test_knowledge_lists runs on both",
    "admin/test_overview.py": "drawn in Python from counts; what is counted by day is asked of both",
    "admin/test_pages.py": (
        "roles are decided in Python; a manager and a superuser ask for all pages on both, test_permissions"
        " who sees a row"
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
    "api/test_descendants.py::test_the_pages_take_the_filter_along": (
        "links; what the filter finds is counted on both"
    ),
    "api/test_downloads.py": (
        "parts of files; test_jobs and test_releases make the rows of such files on both"
    ),
    "api/test_embeds.py": (
        "a page made from one span; test_matrix asks for it on both, test_rights_gate for what is held back"
    ),
    "api/test_feeds.py::test_protected_names_are_masked": (
        "names are masked in Python; test_rights_exports masks them on both"
    ),
    "api/test_feeds.py::test_what_no_xml_holds_is_left_out": "a document made in Python",
    "api/test_four_eyes.py": "who is an author is decided in Python",
    "api/test_framework_pitfalls.py::test_t10_addresses_that_run": "refused before any query",
    "api/test_framework_pitfalls.py::test_t5_json_that_is_too_deep": (
        "refused before any query; test_hostile sends more to both"
    ),
    "api/test_framework_pitfalls.py::test_t8_bodies_that_are_too_large": "refused before any query",
    "api/test_framework_pitfalls.py::test_t9_json_that_everybody_reads_differently": (
        "bodies are read in Python; test_hostile sends more to both"
    ),
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
    "api/test_pagination.py::test_sizes_that_are_none": "refused before any query",
    "api/test_parsers.py": "bodies and their types",
    "api/test_preconditions.py": "headers",
    "api/test_problems.py": "documents made from errors",
    "api/test_promises.py": (
        "a summary; each promise has tests of its own that run on both (api/test_wire_corpora,"
        " services/test_spans, test_review, test_releases, test_exports, test_permissions, and"
        " test_wire_repeats)"
    ),
    "api/test_registry_links.py::test_a_wrong_affiliation_is_refused": "refused before any write",
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
    "api/test_wire_shapes.py": (
        "documents made in Python; JSON and times come back from both in test_wire_repeats"
    ),
    "api/test_wire_spans.py": (
        "offsets, quotes and labels are checked in Python; services/test_spans writes on both"
    ),
    "api/test_wire_strict.py": "what a body may hold is decided before any query",
    "api/test_wire_sync.py::test_lists_of_ids_that_are_refused": "refused before any query",
    "api/test_wire_webhooks.py": "requests on top of services.webhooks, which run on both",
    "api/test_wire_writes.py::test_a_change_that_changes_nothing": (
        "compared in Python with what test_a_change_of_what_is_sent reads back from both"
    ),
    "api/test_wire_writes.py::test_a_stale_change": (
        "versions are compared in Python; test_concurrency lets writes race on both"
    ),
    "api/test_wire_writes.py::test_an_id_that_is_taken_where_one_does_not_see": (
        "looked up before any write, the same for each kind; test_concurrency lets ids race on both"
    ),
    "api/test_wire_writes.py::test_another_thing_under_the_same_id": (
        "compared in Python with what test_wire_repeats gets back from both"
    ),
    "api/test_wire_writes.py::test_if_match": "headers",
    "api/test_wire_writes.py::test_the_same_again_is_no_second_one": (
        "test_wire_repeats sends whatever can be created again to both"
    ),
    "browser": "the page talks to the API, which is tested on both",
    "client": "the client talks to the API, which is tested on both",
    "identity": "claims, codes and pages; what is locked, counted and given by groups is written on both",
    "management/test_demo.py": (
        "a command on top of services.exchange; what is loaded and counted runs on both"
    ),
    "management/test_exchange.py": "a command on top of services.exchange, which runs on both",
    "management/test_token.py": "a command on top of services.core.access_tokens",
    "project/test_path_prefix.py": (
        "addresses are made in Python; the same pages and lists are asked for on both"
    ),
    "project/test_squashed_migrations.py": (
        "the plan is made in Python from what is recorded; tables are compared on both"
    ),
    "services/test_access.py::test_an_account_has_a_free_name_and_a_good_password": (
        "rules for passwords; test_usernames asks both for names"
    ),
    "services/test_affiliations_in_files.py::test_a_wrong_affiliation_refuses_its_line": (
        "lines are judged in Python"
    ),
    "services/test_comments.py::test_a_mention_reaches_whom_it_means_however_it_is_written": (
        "names are found in a text in Python"
    ),
    "services/test_foreign_files.py": "files are read in Python and stored as those of test_imports",
    "services/test_import_edge_cases.py::TestHeadersAndKinds::test_other_kinds_of_files": (
        "files are read in Python; test_foreign_files stores every format on both"
    ),
    "services/test_import_edge_cases.py::test_the_entrances_have_the_same_options": (
        "options of commands and forms"
    ),
    "services/test_independent_sets.py": (
        "entrances of services.releases; test_releases makes such a release on both"
    ),
    "services/test_leaks.py": "files and logs are searched, whatever made them",
    "services/test_object_storage.py::test_a_download_may_be_a_signed_link": "addresses of a bucket",
    "services/test_object_storage.py::test_a_file_is_put_read_listed_and_deleted": "files without rows",
    "services/test_object_storage.py::test_a_log_goes_on_where_its_valid_end_is": "files without rows",
    "services/test_rights_in_files.py": (
        "files are read in Python; lines bring rights, and updates change them, on both"
    ),
    "services/test_webhooks.py::test_a_full_payload_is_what_a_viewer_gets": "documents made in Python",
    "services/test_webhooks.py::test_both_secrets_sign_while_the_webhook_is_rotated": "signatures",
    "services/test_webhook_gate.py::test_names_that_stay_in_the_house_are_masked": (
        "names are masked in Python; test_rights_exports masks them on both"
    ),
    "services/test_webhooks.py::test_redirects_are_not_followed": "answers of a receiver",
    "services/test_webhooks.py::test_the_package_of_the_specification_verifies_what_is_sent": "signatures",
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
    "api/test_downloads.py::test_too_large_an_export_names_the_address_that_makes_it": (
        "spans are counted by SQL"
    ),
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
    "api/test_wire_shapes.py::test_a_full_article": "JSON and times come back from the columns of the engine",
    "api/test_wire_shapes.py::test_events": "data of events, in their order",
    "api/test_wire_shapes.py::test_sets": "counts and times",
    "api/test_wire_shapes.py::test_stats": "counts are SQL",
    "api/test_wire_shapes.py::test_the_order_of_spans_in_a_set": "rows are ordered by SQL",
    "api/test_wire_shapes.py::test_what_is_in_a_set": "rows are ordered by SQL",
    "api/test_wire_spans.py::test_a_list_goes_in_as_a_whole_or_not_at_all": "one transaction",
    "api/test_wire_spans.py::test_many_spans_and_one_more": "as many parameters as a statement may have",
    "api/test_wire_webhooks.py::test_deliveries_are_listed_by_state_and_sent_again": "filters are SQL",
    "api/test_wire_writes.py::test_a_change_that_changes_nothing[article]": (
        "JSON is compared with what is stored"
    ),
    "api/test_wire_writes.py::test_a_change_that_changes_nothing[span]": (
        "JSON is compared with what is stored"
    ),
    "api/test_wire_writes.py::test_a_stale_change[article]": "one of them",
    "api/test_wire_writes.py::test_a_stale_change[span]": "its set is locked, too",
    "api/test_wire_writes.py::test_an_id_that_is_taken_where_one_does_not_see[articles]": "one of them",
    "api/test_wire_writes.py::test_an_id_that_is_taken_where_one_does_not_see[spans]": (
        "all ids of a request are looked up at once"
    ),
    "identity/test_people.py::test_an_owner_connects_an_account": "rows of the library",
    "identity/test_people.py::test_groups_count_at_each_sign_in": "memberships are written",
    "identity/test_second_factor.py::test_a_code_is_good_once_in_any_process": "rows are locked",
    "identity/test_second_factor.py::test_a_code_on_paper_is_good_once": "rows are locked",
    "identity/test_second_factor.py::test_removing_it_takes_a_code": "rows are locked and deleted",
    "identity/test_second_factor.py::test_wrong_codes_have_to_wait_whatever_the_password": "rows are locked",
    "identity/test_sso_only.py::test_a_superuser_comes_in_once": "rows are locked",
    "management/test_demo.py::test_a_seed_that_fails_leaves_nothing": "one transaction",
    "management/test_demo.py::test_a_service_is_warned": "only PostgreSQL is a service",
    "management/test_demo.py::test_a_team_at_work": "everything is written once",
    "management/test_demo.py::test_the_samples_tell_a_story_of_positions": "counts are SQL",
    "services/test_foreign_files.py::test_an_event_list_founds_its_registry": "registry rows are founded",
    "services/test_foreign_files.py::test_every_format_comes_out": "every format reads its rows",
    "services/test_rights_in_files.py::test_an_update_changes_the_rights_that_it_sends_and_no_others": (
        "rows are changed"
    ),
    "services/test_rights_in_files.py::test_lines_bring_rights_and_exports_hold_them": "rows are written",
}

#: Folders in which no test asks for a database.
NO_DATABASE = frozenset({"formats", "measures", "messages", "seeds", "text"})
