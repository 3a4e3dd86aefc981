"""The steps of ``bench.statements``, which run in ``manage.py shell``, with Django set up."""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import AutoField
from django.test import Client

from annotations.enums import Scope, State
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    Corpus,
    Membership,
    Proposition,
    Relation,
    Revision,
    Role,
    Span,
    Statement,
    Topic,
    bulk,
)
from annotations.services.core import access_tokens
from annotations.services.core.articles import build_revision
from annotations.services.core.statements import rebuild_statements
from bench.client import HOST

ACTORS, TOPICS, ISSUES = 1_000, 12, 60
BATCH_SIZE = 500
SOURCES = ("Herald", "Post", "Courier", "Gazette")
STANCES = ("support", "support", "oppose", "oppose", "mixed", "undecided")
BASES = ("stated", "stated", "conduct", "ascribed")
WORD = "word "
TIMES = 11

#: The statement that a count of the whole matrix cannot do without.
FLOOR_SQL = """
SELECT a.canonical_id, p.canonical_id, s.stance, count(*), max(s.day)
FROM annotations_statement s
JOIN annotations_actor a ON a.id = s.actor_id JOIN annotations_proposition p ON p.id = s.proposition_id
WHERE s.corpus_id = %s AND s.kind = 'position' AND s.basis <> 'ascribed' GROUP BY 1, 2, 3
"""
SHIFT_SQL = """
CREATE TEMP TABLE shift AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM annotations_actor
"""
SHIFT_JOIN_SQL = """
LEFT JOIN shift s ON s.id = t.actor_id
LEFT JOIN shift other ON other.place = (s.place + {copy}) % {actors}
"""
CELL_FLOOR_SQL = """
SELECT s.id, x.quote FROM annotations_statement s JOIN annotations_span x ON x.id = s.span_id
WHERE s.actor_id = %s AND s.proposition_id = %s
"""


def create_articles(articles: int) -> str:
    """Store a corpus of approved sets with some five statements each; return ``statements token``."""
    user = User.objects.create_user("reader")
    corpus = Corpus.objects.create(slug="statements", name="Statements")
    Membership.objects.create(corpus=corpus, user=user, role=Role.VIEWER)
    owner = User.objects.create_user("owner")
    reviewer = User.objects.create_user("approver")
    rng = random.Random(1)
    actors = [
        _entry(Actor, corpus, name=f"Actor {n}", folded_name=f"actor {n}", kind="person")
        for n in range(ACTORS)
    ]
    for actor in actors[ACTORS // 2 :]:
        actor.parent = actors[rng.randrange(20)]
    for loser in actors[-ACTORS // 20 :]:
        loser.merged_into = rng.choice(actors[: ACTORS // 2])
        loser.canonical_id = loser.merged_into.pk
    topics = [_entry(Topic, corpus, name=f"Topic {n}") for n in range(TOPICS)]
    issues = [
        _entry(
            Proposition, corpus, text=f"Issue {n}", kind="issue", status="accepted", topic=rng.choice(topics)
        )
        for n in range(ISSUES)
    ]
    for entries in (actors, topics, issues):
        type(entries[0])._default_manager.bulk_create(entries)
    for start in range(0, articles, BATCH_SIZE):
        numbers = range(start, min(start + BATCH_SIZE, articles))
        _store(corpus, (owner, reviewer), rng, numbers, (actors, issues))
    total = rebuild_statements(corpus)
    bulk.analyze(Statement, Span, AnnotationSet, Article, Actor, Proposition)
    return f"{total} {access_tokens.create_token(user, 'bench', [Scope.READ])[1]}"


def multiply_articles(times: int) -> str:
    """Copy all sets with other actors until there are so many times as many; return the number of statements.

    In SQL, which takes a minute for what objects take an hour. Relations are not copied: nothing counts them.
    """
    new_id = "md5({}::text || {})::uuid"
    copied: dict[type[Any], tuple[str, ...]] = {
        Article: ("id", "revision_id"),
        Revision: ("id", "article_id"),
        AnnotationSet: ("id", "article_id", "revision_id"),
        Span: ("id", "set_id"),
        Statement: ("article_id", "set_id", "span_id"),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SHIFT_SQL)
        for model in copied:
            table = model._meta.db_table
            cursor.execute(f"CREATE TEMP TABLE first_{table} AS TABLE {table}")
        for copy, (model, keys) in product(range(1, times), copied.items()):
            table = model._meta.db_table
            fields = (field for field in model._meta.concrete_fields if not isinstance(field, AutoField))
            values = {field.column: f't."{field.column}"' for field in fields}
            values |= {name: new_id.format(values[name], copy) for name in keys}
            values |= {"external_id": f"t.external_id || '-{copy}'"} if model is Article else {}
            values |= {"actor_id": "other.id"} if "actor_id" in values else {}
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(map(connection.ops.quote_name, values))})"  # noqa: S608
                f" SELECT {', '.join(values.values())} FROM first_{table} t "
                + (SHIFT_JOIN_SQL.format(copy=copy, actors=ACTORS) if "actor_id" in values else "")
            )
    bulk.analyze(Statement, Span, AnnotationSet, Article, Actor, Proposition)
    return str(Statement.objects.count())


def _entry(model: Any, corpus: Corpus, **values: Any) -> Any:
    entry = model(corpus=corpus, **values)
    entry.canonical_id = entry.pk
    return entry


@transaction.atomic
def _store(
    corpus: Corpus, people: tuple[User, User], rng: random.Random, numbers: range, entries: tuple[Any, Any]
) -> None:
    (owner, reviewer), (actors, issues) = people, entries
    rows: dict[type[Any], list[Any]] = {
        model: [] for model in (Article, Revision, AnnotationSet, Span, Relation)
    }
    now = datetime.now(UTC)
    for number in numbers:
        published = datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=rng.randrange(2_000))
        article = Article(
            corpus=corpus, external_id=f"s{number}", title=f"Article {number}", source=rng.choice(SOURCES),
            language="en", published_at=published, status="done", created_at=now,
        )  # fmt: skip
        article.revision = build_revision(article, WORD * 60, number=1, by=None)
        article.revision.created_at = now
        row = AnnotationSet(
            corpus=corpus, article=article, revision=article.revision, owner=owner, reviewer=reviewer,
            state=State.APPROVED, created_at=now, submitted_at=now, approved_at=now,
        )  # fmt: skip
        rows[Article].append(article)
        rows[Revision].append(article.revision)
        rows[AnnotationSet].append(row)
        for place in range(rng.randint(2, 7)):
            holder = _span(row, "actor", 2 * place, actor=actors[min(int(rng.expovariate(0.02)), ACTORS - 1)])
            attributes = {"stance": rng.choice(STANCES), "basis": rng.choice(BASES), "attribution": "named"}
            issue = issues[min(int(rng.expovariate(0.1)), ISSUES - 1)]
            position = _span(row, "position", 2 * place + 1, proposition=issue, attributes=attributes)
            rows[Span] += [holder, position]
            rows[Relation].append(Relation(set=row, type="held_by", source=position, target=holder))
            if rng.random() < 0.1:
                other = _span(row, "actor", 20 + place, actor=rng.choice(actors))
                rows[Span].append(other)
                rows[Relation].append(Relation(set=row, type="held_by", source=position, target=other))
    for objects in rows.values():
        bulk.create_objects(objects)


def _span(row: AnnotationSet, label: str, place: int, **values: Any) -> Span:
    start = place * len(WORD)
    return Span(set=row, label=label, start=start, end=start + 4, quote="word", **values)


def measure_answers(token: str, *paths: str) -> str:
    """Return ``[wall, processor]`` seconds of GETs below the corpus as JSON, after one that fills all caches.

    The wall clock is the median. The processor's time, of this process and of its session in the database,
    is the least: it says more on a machine that is busy with something else.
    """
    # as project/gunicorn.py does
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    client = Client(headers={"authorization": f"Bearer {token}", "host": HOST})
    found = []
    for path in paths:
        _get(client, path)
        found.append(measure_call(lambda path=path: _get(client, path)))  # type: ignore[misc]
    return json.dumps(found)


def measure_call(call: Callable[[], object], times: int = TIMES) -> tuple[float, float]:
    """Return the median seconds by the clock, and the least of the processors, of so many calls."""
    wall, processor = (sorted(column) for column in zip(*(_times(call) for _ in range(times)), strict=True))
    return wall[times // 2], processor[0]


def busiest_cell(token: str) -> str:
    """Return the path of the cell with most statements, below the corpus."""
    client = Client(headers={"authorization": f"Bearer {token}", "host": HOST})
    cells = json.loads(_get(client, "matrix/"))["cells"]
    busiest = max(cells, key=lambda cell: sum(cell[name] for name in ("support", "oppose", "mixed")))
    return str(busiest["href"]).partition("/statements/")[2]


def measure_floors() -> str:
    """Return the median seconds of the bare queries of a matrix and of a cell as JSON."""
    corpus = Corpus.objects.get(slug="statements")
    common = (
        Statement.objects.filter(corpus=corpus).exclude(actor=None).values_list("actor_id", "proposition_id")
    )
    cell = common.first()
    key = str(corpus.pk) if connection.vendor == "postgresql" else corpus.pk.hex
    floors = [_median(lambda: _run(FLOOR_SQL, [key]))]
    if cell is not None:
        ids = [str(id) if connection.vendor == "postgresql" else id.hex for id in cell]
        floors.append(_median(lambda: _run(CELL_FLOOR_SQL, ids)))
    return json.dumps(floors)


def _get(client: Client, path: str) -> bytes:
    answer = client.get(f"/api/v1/corpora/statements/{path}")
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path}: {answer.status_code} {answer.content[:300]!r}")
    return answer.content


def _run(sql: str, values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.fetchall()


def _times(call: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of a call by the clock, and of the processors that worked for it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        statistics = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    before, own = int(statistics.read_text().split()[0]), time.process_time()
    wall = _seconds(call)
    of_database = (int(statistics.read_text().split()[0]) - before) / 1e9
    return wall, time.process_time() - own + of_database


def _median(call: Callable[[], object]) -> float:
    call()
    return sorted(_seconds(call) for _ in range(TIMES))[TIMES // 2]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
