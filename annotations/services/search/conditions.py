"""What a question asks of articles and spans, as conditions of the database.

A condition on spans looks only into those that ``by`` sees; for None, the system, the approved ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.enums import LIVE, State
from annotations.models import (
    Actor,
    Article,
    EntryKind,
    Proposition,
    RegistryName,
    Relation,
    SearchPlace,
    Span,
)
from annotations.models.search_keys import contains_folded
from annotations.models.term_index import term_index
from annotations.text.folding import is_found
from annotations.text.names import fold_name
from annotations.text.search_query import SPAN_FIELDS, Atom, Clause, FieldAtom, SearchQuery, WordsAtom
from annotations.visibility import visible

#: The states of sets whose spans and comments are found: what was withdrawn or replaced is history.
FOUND_STATES = sorted((*LIVE, State.APPROVED))
#: No article: what nothing fits.
_NOTHING = Q(pk__in=())


def found_spans(by: User | None, rows: QuerySet[Span] | None = None) -> QuerySet[Span]:
    """Return the spans that a search may show."""
    spans = Span.objects.all() if rows is None else rows
    if by is None:
        return spans.filter(set__state=State.APPROVED)
    return visible(by, spans.filter(set__state__in=FOUND_STATES))


def actor_condition(actors: Any) -> Q:
    """Return the condition that a span is linked to one of these canonical actors, or to a span of one."""
    links = Relation.objects.filter(source=OuterRef("pk"), target__actor__canonical__in=actors)
    return Q(actor__canonical__in=actors) | Q(Exists(links))


def _actor_named(name: str) -> Q:
    folded = fold_name(name)
    whole = Q(folded=folded) | Q(folded__startswith=f"{folded} ") | Q(folded__endswith=f" {folded}")
    names = RegistryName.objects.filter(whole | Q(folded__contains=f" {folded} "), kind=EntryKind.ACTOR)
    return actor_condition(
        Actor.objects.filter(pk__in=names.order_by().values("entry")).order_by().values("canonical_id")
    )


def _issue_named(words: str) -> Q:
    named = contains_folded("search_key", words) | contains_folded("topic__search_key", words)
    issues = Proposition.objects.filter(named).order_by().values("canonical_id")
    return Q(proposition__canonical__in=issues)


def _stance_of(value: str) -> Q:
    return Q(attributes__stance=value.casefold())


#: What each field that says something of a span asks of it.
_SPAN_CONDITIONS: Mapping[str, Callable[[str], Q]] = {
    "actor": _actor_named, "issue": _issue_named, "stance": _stance_of,
}  # fmt: skip


def _span_condition(atom: FieldAtom) -> Q:
    return _SPAN_CONDITIONS[atom.field](atom.value)


def is_about_spans(clause: Clause) -> bool:
    """Return whether a clause asks for nothing but a property of a span."""
    return all(isinstance(atom, FieldAtom) and atom.field in SPAN_FIELDS for atom in clause.atoms)


def is_of_words(clause: Clause) -> bool:
    """Return whether a clause asks for nothing but words, and not in the title."""
    return all(isinstance(atom, WordsAtom) and not atom.in_title for atom in clause.atoms)


def span_conditions(query: SearchQuery) -> Q:
    """Return what the clauses about spans ask of one and the same span."""
    parts = [
        reduce(or_, (_span_condition(atom) for atom in clause.atoms if isinstance(atom, FieldAtom)))
        for clause in query.clauses
        if is_about_spans(clause) and not clause.is_negated
    ]
    return reduce(and_, parts, Q())


class ArticleConditions:
    """The conditions on articles of a question in one place, for one reader and one corpus or all."""

    def __init__(
        self,
        by: User | None,
        corpus: UUID | None = None,
        place: SearchPlace = SearchPlace.TEXT,
        *,
        is_paged: bool = False,
    ) -> None:
        """``is_paged`` says that only the first articles in the order of an index are asked for."""
        self._by = by
        self._corpus = corpus
        self._place = place
        self._is_paged = is_paged

    def narrow(self, rows: QuerySet[Article], query: SearchQuery) -> QuerySet[Article]:
        """Return the articles that fit; a question of which nothing is understood fits none."""
        if not query.clauses:
            return rows.filter(_NOTHING)
        spans = span_conditions(query)
        if spans:
            rows = rows.filter(self._has_span(spans))
        for clause in query.clauses:
            if clause.is_negated or not is_about_spans(clause):
                rows = rows.filter(self.clause(clause, rows))
        return rows

    def clause(self, clause: Clause, rows: QuerySet[Article]) -> Q:
        """Return the condition of one clause; ``rows`` are the articles among which it chooses."""
        found = reduce(or_, (self._atom(atom, rows) for atom in clause.atoms))
        return ~found if clause.is_negated else found

    def words(self, atoms: Iterable[WordsAtom], place: SearchPlace) -> Q:
        """Return the condition that all of these words stand in one place."""
        stand_in = term_index().stand_in
        found = (stand_in(place, atom, self._corpus, is_paged=self._is_paged) for atom in atoms)
        return reduce(and_, found, Q())

    def _atom(self, atom: Atom, rows: QuerySet[Article]) -> Q:
        if isinstance(atom, WordsAtom):
            return self.words((atom,), SearchPlace.TITLE if atom.in_title else self._place)
        if atom.field in SPAN_FIELDS:
            return self._has_span(_span_condition(atom))
        sources = rows.order_by().values_list("source", flat=True).distinct()
        return Q(source__in=[source for source in sources if is_found(atom.value, source)])

    def _has_span(self, condition: Q) -> Q:
        spans = found_spans(self._by, Span.objects.filter(condition, set__article=OuterRef("pk")))
        return Q(Exists(spans.order_by()))
