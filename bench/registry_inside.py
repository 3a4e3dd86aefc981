"""The steps of ``bench.statements`` that measure the registry, which run in ``manage.py shell``."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.test import Client

from annotations.enums import Scope, State
from annotations.models import (
    Actor,
    Alias,
    AnnotationSet,
    Corpus,
    EntryKind,
    Membership,
    RegistryName,
    Role,
    Span,
    Statement,
    bulk,
)
from annotations.services.core import access_tokens
from annotations.services.core.statements import refresh_statements
from annotations.services.registry import entries, merges
from annotations.services.registry.duplicates import rebuild_pairs
from annotations.services.registry.names import refresh_names
from annotations.services.review.guards import TransitionRequest
from annotations.services.review.transitions import make_transition
from annotations.text.names import fold_name
from bench.client import HOST
from bench.statements_inside import measure_call

ACTORS, VARIANTS = 20_000, 2_000
#: The figures with the most milliseconds that they may take; all names are three times 20,000.
LIMITS = {
    "duplicates of all names": 30_000,
    "duplicates of one new alias": 50,
    "a new actor": None,
    "first page of duplicates": None,
    "suggest, the slowest of twenty": 30,
    "preview of the largest merge": 500,
    "the largest merge": 200,
    "approval of a set": None,
    "of it, its statements": 3,
}
_SYLLABLES = tuple(first + second for first in "bdfghjklmnprstvwz" for second in "aeiou")
_QUERIES = 20


def format_limits() -> str:
    """Return ``LIMITS`` as JSON."""
    return json.dumps(LIMITS)


def create_actors() -> str:
    """Add actors with two aliases each, some of them near spellings of others; return their number."""
    corpus, rng = Corpus.objects.get(slug="statements"), random.Random(2)
    reviewer, owner = (User.objects.get(username=name) for name in ("approver", "owner"))
    Membership.objects.create(corpus=corpus, user=reviewer, role=Role.REVIEWER)
    Membership.objects.create(corpus=corpus, user=owner, role=Role.ANNOTATOR)
    names = [f"{_word(rng)} {_word(rng)}" for _ in range(ACTORS - VARIANTS)]
    names += [_misspell(name, rng) for name in rng.sample(names, VARIANTS)]
    actors = [
        Actor(corpus=corpus, name=name, folded_name=fold_name(name), kind="organisation") for name in names
    ]
    for actor in actors:
        actor.canonical_id = actor.pk
    Actor.objects.bulk_create(actors)
    Alias.objects.bulk_create(
        Alias(actor=actor, text=text, folded=fold_name(text))
        for actor in actors
        for text in (f"{actor.name} {_word(rng)}", f"{_word(rng)} {actor.name.split()[0]}")
    )
    refresh_names(EntryKind.ACTOR, corpus.pk, list(corpus.actors.values_list("pk", flat=True)))
    bulk.analyze(Actor, Alias, RegistryName)
    return f"{RegistryName.objects.count()} {access_tokens.create_token(reviewer, 'bench', list(Scope))[1]}"


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))).capitalize()


def _misspell(name: str, rng: random.Random) -> str:
    place = rng.randrange(1, len(name) - 1)
    return name[:place] + rng.choice("aeiou") + name[place + 1 :]


def measure_registry(token: str) -> str:
    """Return ``[title, wall, processor]`` in seconds of each of ``LIMITS`` as JSON; calls are taken back."""
    client = Client(headers={"authorization": f"Bearer {token}", "host": HOST})
    return json.dumps(
        [
            [title, *map(max, zip(*(measure_call(_taken_back(call), times) for call in calls), strict=True))]
            for title, times, calls in _calls(client)
        ]
    )


def _taken_back(call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        with transaction.atomic():
            call()
            transaction.set_rollback(True)

    return run


def _calls(client: Client) -> Iterator[tuple[str, int, list[Callable[[], object]]]]:
    """Yield each title of ``LIMITS`` with how often its calls, of which the slowest counts, are measured."""
    corpus, reviewer = Corpus.objects.get(slug="statements"), User.objects.get(username="approver")
    base = "/api/v1/corpora/statements/"
    spans = Span.objects.filter(actor__merged_into__isnull=True, actor__isnull=False).order_by()
    loser, winner = spans.values_list("actor").annotate(number=Count("pk")).order_by("-number")[:2]
    version, into = Actor.objects.get(pk=loser[0]).version, winner[0]
    alias = {"text": "Bador Elfin of Hulis", "language": "", "kind": "name"}
    named = Alias.objects.order_by("pk")[0].actor
    typed = [
        name.split()[-1] for name in corpus.actors.order_by("-pk").values_list("name", flat=True)[:_QUERIES]
    ]
    row = AnnotationSet.objects.filter(state=State.APPROVED).order_by("pk")[0]

    def merge() -> None:
        merges.merge_entry(
            reviewer, EntryKind.ACTOR, loser[0], {"into": into, "reason": "One."}, version=version
        )

    def preview() -> None:
        body = json.dumps({"into": str(into)})
        _expect(client.post(
            f"/api/v1/actors/{loser[0]}/merge/?preview=true", body, "application/json",
            headers={"if-match": f'"{version}"'},
        ))  # fmt: skip

    def add() -> None:
        body = json.dumps({"name": "Bador Elfin Hulis", "kind": "organisation"})
        _expect(client.post(f"{base}actors/", body, "application/json"))

    def approve() -> None:
        make_transition(reviewer, row.pk, "approve", TransitionRequest(version=row.version))

    yield "duplicates of all names", 1, [lambda: rebuild_pairs(EntryKind.ACTOR, corpus.pk)]
    yield "duplicates of one new alias", 5, [lambda: _add_alias(reviewer, named.pk, alias)]
    yield "a new actor", 5, [add]
    yield "first page of duplicates", 5, [partial(_expect_answer, client, f"{base}duplicates/")]
    asked: list[Callable[[], object]] = [
        partial(_expect_answer, client, f"{base}actors/suggest/?q={text}") for text in typed
    ]
    yield "suggest, the slowest of twenty", 3, asked
    yield "preview of the largest merge", 5, [preview]
    yield "the largest merge", 5, [merge]
    AnnotationSet.objects.filter(pk=row.pk).update(state=State.IN_REVIEW)
    Statement.objects.filter(set=row.pk).delete()
    yield "approval of a set", 5, [approve]
    yield "of it, its statements", 5, [lambda: refresh_statements(row)]


def _add_alias(by: User, id: UUID, alias: dict[str, str]) -> None:
    row = Actor.objects.get(pk=id)
    stored = [entries.alias_payload(row)[0], alias]
    entries.update_actor(by, id, {"aliases": stored}, version=row.version)


def _expect_answer(client: Client, path: str) -> None:
    _expect(client.get(path))


def _expect(answer: object) -> None:
    status = getattr(answer, "status_code", 0)
    if not 200 <= status < 300:
        raise RuntimeError(f"{status} {getattr(answer, 'content', b'')[:300]!r}")
