"""How articles are spread over the people who get them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

from django.contrib.auth.models import User
from django.db.models import Count

from annotations.enums import EDITABLE, AssignmentStrategy
from annotations.models import AnnotationSet, Corpus

#: Chooses a number of the users who are free for an article; each strategy keeps its own state.
Chooser = Callable[[Sequence[User], int], list[User]]


def _round_robin(_: Corpus, people: Sequence[User]) -> Chooser:
    turn = cycle(people)

    def choose(free: Sequence[User], number: int) -> list[User]:
        chosen: list[User] = []
        while len(chosen) < min(number, len(free)):
            person = next(turn)
            if person in free and person not in chosen:
                chosen.append(person)
        return chosen

    return choose


def _least_loaded(corpus: Corpus, people: Sequence[User]) -> Chooser:
    at_work = AnnotationSet.objects.filter(corpus=corpus, owner__in=people, state__in=EDITABLE).order_by()
    load = Counter(dict(at_work.values_list("owner").annotate(number=Count("pk"))))

    def choose(free: Sequence[User], number: int) -> list[User]:
        chosen = sorted(free, key=lambda person: load[person.pk])[:number]
        load.update(person.pk for person in chosen)
        return chosen

    return choose


CHOOSERS: Mapping[AssignmentStrategy, Callable[[Corpus, Sequence[User]], Chooser]] = {
    AssignmentStrategy.ROUND_ROBIN: _round_robin,
    AssignmentStrategy.LEAST_LOADED: _least_loaded,
}
