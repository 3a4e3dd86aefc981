"""A corpus of any size, made in the database itself: 100,000 articles with three million spans in minutes.

Runs in ``manage.py shell``, on PostgreSQL. Four fifths of the articles have one annotator, and a seventh two;
a third of the sets wait for a review. One proposition and one actor are popular. No set has a digest of its
content in the trail, which ``fsck`` tells, nothing is indexed for the search, and there are no statements.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import connection, transaction

from annotations.enums import Scope
from annotations.metrics.agreement.compare import SetData, count_agreement
from annotations.models import Corpus
from annotations.scheme import LABEL_NAMES, SpanData
from annotations.services.core import access_tokens

PEOPLE, MANAGERS, REVIEWERS = 213, 3, 10
#: Somebody of each role.
ROLES = {"manager": "p001", "reviewer": "p004", "annotator": "p014"}
SPANS, RELATIONS = 27, 6
ACTORS, PROPOSITIONS = 2_000, 200
#: The places of what measurements ask for, in the tables of actors and propositions.
POPULAR, UNUSED = 0, 1_999

_SENTENCE = (
    "The harbour office said on Monday that Ada Verde would close the old lock in June, "
    "and the council opposes it."
)
_PERIOD = len(_SENTENCE) + 1
_TIME = "timestamptz '2025-01-06 08:00+00' + make_interval(mins => ({} % 400000)::int)"

_FUNCTIONS = """
CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex(1750000000000 + n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0')
    || '8' || lpad(to_hex(n), 15, '0'))::uuid $$;
"""
# A plan of every set: its article, side, owner, kind and state. Of twenty articles with one annotator, eight
# are approved, seven wait for a review; of four with two, one is ready for adjudication and one adjudicated.
_PLAN = """
CREATE TEMP TABLE plan AS
WITH article AS (
  SELECT n, CASE WHEN n % 7 = 0 THEN 2 ELSE 1 END AS annotators, n / 7 AS d
  FROM generate_series(1, {articles}) n
), planned AS (
  SELECT n, annotators, 0 AS side, 'annotation' AS kind,
    CASE WHEN annotators = 2 THEN (ARRAY['submitted', 'submitted', 'open', 'superseded'])[d % 4 + 1]
      WHEN n % 20 < 8 THEN 'approved' WHEN n % 20 IN (12, 13) THEN 'open' WHEN n % 20 = 14 THEN 'returned'
      WHEN n % 20 = 15 THEN 'in_review' WHEN n % 20 <> 16 THEN 'submitted' END AS state
  FROM article
  UNION ALL
  SELECT n, 2, 1, 'annotation', (ARRAY['submitted', 'open', 'open', 'superseded'])[d % 4 + 1]
  FROM article WHERE annotators = 2
  UNION ALL
  SELECT n, 2, 2, 'adjudication', 'approved' FROM article WHERE annotators = 2 AND d % 4 = 3
)
SELECT row_number() OVER (ORDER BY n, side) AS id, n, annotators, side, kind, state,
  annotators = 2 AND (n / 7) % 4 IN (1, 2) AS blind,
  CASE WHEN side = 2 THEN {managers} + 1 + n % 5
    ELSE {first} + (n * 31 + side * (1 + n / 7 % 199)) % {annotators} END AS owner,
  CASE WHEN state IN ('approved', 'returned', 'in_review')
    THEN {managers} + 1 + CASE WHEN side = 2 THEN 5 + n % 5 ELSE n % 10 END END AS reviewer
FROM planned WHERE state IS NOT NULL;
ANALYZE plan;
CREATE TEMP TABLE people AS
SELECT n, id, username FROM generate_series(1, {people}) n
JOIN auth_user ON username = 'p' || lpad(n::text, 3, '0');
CREATE TEMP TABLE mark AS
SELECT k, (ARRAY['actor', 'claim', 'position'])[k % 3 + 1] AS label, k * {period} + 9 + k % 3 * 20 AS start,
  (ARRAY['{{"mention_type": "name"}}',
    '{{"claim_type": "assertion", "mode": "indirect", "attribution": "named"}}',
    '{{"stance": "support", "basis": "stated", "attribution": "named"}}'])[k % 3 + 1]::jsonb AS attributes
FROM generate_series(0, {spans} - 1) k;
"""
_STATUS = """
CASE WHEN n % 7 = 0 THEN
    (ARRAY['ready_for_adjudication', 'annotating', 'annotating', 'done'])[n / 7 % 4 + 1]
  WHEN n % 20 < 8 THEN 'done' WHEN n % 20 IN (12, 13, 14) THEN 'annotating' WHEN n % 20 = 15 THEN 'in_review'
  WHEN n % 20 = 16 THEN 'unassigned' ELSE 'ready_for_review' END
"""
_STEPS = """
CREATE TEMP TABLE step AS
SELECT * FROM (VALUES
  (1, 'created', NULL, 'open', NULL::text[]),
  (2, 'span_added', NULL, NULL, NULL),
  (3, 'submit', 'open', 'submitted', ARRAY['submitted', 'superseded', 'returned', 'in_review', 'approved']),
  (4, 'start_review', 'submitted', 'in_review', ARRAY['returned', 'in_review', 'approved']),
  (5, 'return', 'in_review', 'returned', ARRAY['returned']),
  (5, 'approve', 'in_review', 'approved', ARRAY['approved']),
  (6, 'supersede', 'submitted', 'superseded', ARRAY['superseded'])
) AS step(place, action, source, target, states);
"""

#: The rows of each table, in order. Their foreign keys hold by construction, and are not looked up.
_ROWS: Mapping[str, str] = {
    "annotations_membership (id, version, corpus_id, user_id, role, from_sso)": """
SELECT pg_temp.id(2, n), 1, '{corpus}', id, CASE WHEN n <= {managers} THEN 'manager' WHEN n < {first}
  THEN 'reviewer' ELSE 'annotator' END, false FROM people""",
    "annotations_actor (id, version, corpus_id, name, folded_name, kind, qid, note, canonical_id)": """
SELECT pg_temp.id(3, n), 1, '{corpus}', 'Actor ' || n, 'actor ' || n, 'person', '', '', pg_temp.id(3, n)
FROM generate_series(0, {actors} - 1) n""",
    "annotations_proposition (id, version, corpus_id, text, search_key, kind, status, canonical_id)": """
SELECT pg_temp.id(4, n), 1, '{corpus}', 'Issue ' || n, 'issue ' || n, 'issue', 'accepted', pg_temp.id(4, n)
FROM generate_series(0, {propositions} - 1) n""",
    "annotations_article (id, version, corpus_id, external_id, title, source, author, url, language,"
    " published_at, story_key, metadata, annotators, excluded_reason, search_key, status, revision_id,"
    " created_at)": """
SELECT pg_temp.id(5, n), 1, '{corpus}', 'a' || n, 'Article ' || n, 'Source ' || n % 20, '', '', 'en',
  {time_n}, '', '{{}}', CASE WHEN n % 7 = 0 THEN 2 ELSE 1 END, '',
  'article ' || n || E'\\na' || n || E'\\n\\nsource ' || n % 20, {status}, pg_temp.id(6, n), now()
FROM generate_series(1, {articles}) n""",
    "annotations_revision (id, article_id, number, text, sha256, length, reason, created_at)": """
SELECT pg_temp.id(6, n), pg_temp.id(5, n), 1, text, encode(sha256(convert_to(text, 'UTF8')), 'hex'),
  length(text), '', now()
FROM (SELECT n, lpad(n::text, 8, '0') || E'\\n' || repeat('{sentence} ', 30) AS text
  FROM generate_series(1, {articles}) n) t""",
    "annotations_annotationset (id, version, corpus_id, article_id, revision_id, owner_id, kind, round,"
    " state, reviewer_id, review_started_at, imported, blind, span_counts, guideline_version, created_at,"
    " submitted_at, approved_at, approved_by)": """
SELECT pg_temp.id(7, p.id), 6, '{corpus}', pg_temp.id(5, p.n), pg_temp.id(6, p.n), o.id, p.kind, 'production',
  p.state, r.id, CASE WHEN r.id IS NOT NULL THEN {time_id} END, false, p.blind,
  '{{"actor": {third}, "claim": {third}, "position": {third}}}', 1, {time_id},
  CASE WHEN p.state <> 'open' THEN {time_id} END, CASE WHEN p.state = 'approved' THEN {time_id} END,
  CASE WHEN p.state = 'approved' THEN 'review' ELSE '' END
FROM plan p JOIN people o ON o.n = p.owner LEFT JOIN people r ON r.n = p.reviewer ORDER BY p.id""",
    "annotations_source (id, set_id, source_id, position)": """
SELECT pg_temp.id(8, s.id), pg_temp.id(7, a.id), pg_temp.id(7, s.id), s.side
FROM plan a JOIN plan s ON s.n = a.n AND s.side < 2 WHERE a.side = 2""",
    'annotations_span (id, version, set_id, label, start, "end", quote, attributes, actor_id, proposition_id,'
    " origin)": """
SELECT pg_temp.id(9, p.id * 32 + k), 1, pg_temp.id(7, p.id), label, start, start + 18,
  substr('{sentence}', 1 + k % 3 * 20, 18), attributes,
  CASE WHEN label = 'actor' THEN pg_temp.id(3, CASE WHEN (p.n + k) % 5 = 0 THEN 0
    ELSE (p.n * 7 + k * 13) % ({actors} - 1) END) END,
  CASE WHEN label = 'position' THEN pg_temp.id(4, CASE WHEN (p.n + k) % 4 = 0 THEN 0
    ELSE (p.n + k * 11) % ({propositions} - 1) END) END, 'human'
FROM plan p CROSS JOIN mark ORDER BY p.id, k""",
    "annotations_relation (id, version, set_id, type, source_id, target_id)": """
SELECT pg_temp.id(10, p.id * 8 + k), 1, pg_temp.id(7, p.id),
  CASE WHEN k % 2 = 0 THEN 'made_by' ELSE 'held_by' END,
  pg_temp.id(9, p.id * 32 + k * 3 + 1 + k % 2), pg_temp.id(9, p.id * 32 + k * 3)
FROM plan p CROSS JOIN generate_series(0, {relations} - 1) k ORDER BY p.id, k""",
    "annotations_frozenagreement (id, corpus_id, article_id, round, kind, first_id, second_id, annotators,"
    " counts, guideline_version, frozen_at)": """
SELECT pg_temp.id(11, one.id), '{corpus}', pg_temp.id(5, one.n), 'production', 'annotation',
  least(f.id, s.id), greatest(f.id, s.id), 2, '{counts}', 1, {time_one}
FROM plan one JOIN plan other ON other.n = one.n AND one.side = 0 AND other.side = 1 AND NOT one.blind
JOIN people f ON f.n = one.owner JOIN people s ON s.n = other.owner""",
    "annotations_event (corpus_id, article_id, set_id, user_id, username, action, data, request_id,"
    " time)": """
SELECT '{corpus}', pg_temp.id(5, p.n), pg_temp.id(7, p.id), u.id, u.username, action,
  CASE WHEN action = 'span_added' THEN jsonb_build_object('before', NULL, 'after', jsonb_build_object(
      'id', pg_temp.id(9, p.id * 32), 'label', 'actor', 'start', 9, 'end', 27))
    ELSE jsonb_build_object('before', CASE WHEN source IS NOT NULL THEN
        jsonb_build_object('state', source, 'version', place) END,
      'after', jsonb_build_object('state', target, 'version', place)) END, '', {time_id}
FROM plan p JOIN step ON states IS NULL OR p.state = ANY(states)
JOIN people u ON u.n = CASE WHEN place < 4 THEN owner ELSE coalesce(reviewer, 1) END ORDER BY p.id, place""",
}


def _agreement_counts() -> str:
    """Return the counts of two people who agree on most marks as JSON."""
    text = f"{1:08}\n" + f"{_SENTENCE} " * 30
    spans = [
        SpanData(k, label, start, start + 18, text[start : start + 18], {})
        for k, label, start in ((k, LABEL_NAMES[k % 3], k * _PERIOD + 9 + k % 3 * 20) for k in range(SPANS))
    ]
    (counts,) = count_agreement(text, {"a": SetData(spans[:-5]), "b": SetData(spans[3:])}).values()
    return json.dumps(counts.to_json())


def create_corpus(articles: int) -> str:
    """Create the corpus ``scale`` and its people; return the seconds it took and tokens as JSON."""
    started = time.perf_counter()
    corpus = Corpus.objects.create(slug="scale", name="Scale")
    User.objects.bulk_create(
        User(username=f"p{n:03}", is_staff=True, is_active=True) for n in range(1, PEOPLE + 1)
    )
    first = MANAGERS + REVIEWERS + 1
    values = {
        "articles": articles, "corpus": corpus.pk, "people": PEOPLE, "managers": MANAGERS, "first": first,
        "annotators": PEOPLE - first + 1, "spans": SPANS, "relations": RELATIONS, "third": SPANS // 3,
        "actors": ACTORS, "propositions": PROPOSITIONS, "sentence": _SENTENCE, "period": _PERIOD,
        "status": _STATUS, "counts": _agreement_counts(), "time_n": _TIME.format("n"),
        "time_id": _TIME.format("p.id"), "time_one": _TIME.format("one.id"),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # neither foreign keys nor triggers
        cursor.execute(_FUNCTIONS)
        cursor.execute(_PLAN.format(**values))
        cursor.execute(_STEPS)
        for table, rows in _ROWS.items():
            cursor.execute(f"INSERT INTO {table} {rows.format(**values)}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    users = User.objects.filter(username__in=ROLES.values())
    tokens = {row.username: access_tokens.create_token(row, "bench", list(Scope))[1] for row in users}
    return json.dumps({"seconds": time.perf_counter() - started, "roles": ROLES, "tokens": tokens})
