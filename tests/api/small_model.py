"""A small model of who may do what to a set, written without looking at the tables of the service.

``expect`` says what the API has to answer; ``Model`` keeps what it then has to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

ROLES = {"vic": 0, "ann": 1, "ben": 1, "rae": 2, "max": 3}
LIVE = {"open", "submitted", "in_review", "returned"}
EDITABLE = {"open", "returned"}
FINISHED = {"submitted", "in_review", "approved", "superseded"}

#: Who makes a move from where, and where it leads; None leaves the set as it is.
MOVES: dict[str, tuple[dict[str, set[str]], str | None]] = {
    "submit": ({"owner": EDITABLE}, "submitted"),
    "recall": ({"owner": {"submitted"}}, "open"),
    "start-review": ({"reviewer": {"submitted"}}, "in_review"),
    "release-review": ({"that": {"in_review"}, "manager": {"in_review"}}, "submitted"),
    "return": ({"that": {"in_review"}}, "returned"),
    "approve": ({"that": {"in_review"}}, "approved"),
    "take-over": ({"reviewer": {"open", "returned", "submitted"}}, "withdrawn"),
    "reopen": ({"manager": {"approved"}}, None),
    "withdraw": ({"owner": EDITABLE, "manager": LIVE | {"approved"}}, "withdrawn"),
    "unassign": ({"manager": EDITABLE}, "withdrawn"),
}
FOUR_EYES = {"start-review", "return", "approve"}
SUCCESSORS = {"take-over", "reopen"}


@dataclass
class Work:
    """A set as the model has it."""

    id: str
    article: str
    owner: str
    kind: str = "annotation"
    state: str = "open"
    reviewer: str | None = None
    authors: set[str] = field(default_factory=set)
    sources: tuple[Work, ...] = ()
    marks: set[tuple[int, int]] = field(default_factory=set)
    unassigned: bool = False

    def __post_init__(self) -> None:
        self.authors = {self.owner, *self.authors}
        for source in self.sources:
            self.authors |= source.authors

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass
class Model:
    """All sets, and how many annotators each article takes."""

    annotators: dict[str, int]
    sets: dict[str, Work] = field(default_factory=dict)

    def on(self, article: str, kind: str = "") -> Iterator[Work]:
        return (work for work in self.sets.values() if work.article == article and kind in ("", work.kind))

    def adjudicated_now(self, article: str) -> bool:
        return any(work.state in LIVE for work in self.on(article, "adjudication"))

    def is_unblinded(self, article: str) -> bool:
        finished = sum(work.state in FINISHED for work in self.on(article, "annotation"))
        several = self.annotators[article]
        return several == 1 or finished >= several or self.adjudicated_now(article)

    def places(self, article: str) -> int:
        sets = list(self.on(article))
        if any(work.state == "approved" for work in sets) or self.adjudicated_now(article):
            return 0
        taken = sum(work.state in LIVE for work in self.on(article, "annotation"))
        return self.annotators[article] - taken

    def is_ready(self, article: str) -> bool:
        """For adjudication."""
        several = self.annotators[article] > 1
        settled = any(work.state == "approved" for work in self.on(article))
        return several and not settled and not self.adjudicated_now(article) and self.is_unblinded(article)

    def sources(self, article: str) -> tuple[Work, ...]:
        return tuple(work for work in self.on(article, "annotation") if work.state in FINISHED)

    def sees_row(self, who: str, work: Work) -> bool:
        return who == work.owner or ROLES[who] == 3 or self.reads(who, work)

    def reads(self, who: str, work: Work) -> bool:
        sees = ROLES[who] >= 2 or work.state == "approved"
        return who == work.owner or (sees and self.is_unblinded(work.article))

    def people(self, who: str, work: Work) -> set[str]:
        facts = {
            "owner": who == work.owner,
            "reviewer": ROLES[who] >= 2,
            "that": ROLES[who] >= 2 and (work.state != "in_review" or work.reviewer == who),
            "manager": ROLES[who] == 3,
        }
        return {name for name, fits in facts.items() if fits}

    def expect(self, who: str, name: str, work: Work, *, open_decisions: int = 0) -> int:
        """The status of a move from the current version."""
        moves, _ = MOVES[name]
        people = self.people(who, work) & moves.keys()
        if not self.sees_row(who, work):
            return 404
        if not people or (name in FOUR_EYES and who in work.authors):
            return 403
        # what is hidden is not copied, and that is said before the state is
        if name in SUCCESSORS and not self.reads(who, work):
            return 403
        if not any(work.state in moves[person] for person in people):
            return 409
        return self.guarded(who, name, work, open_decisions)

    def guarded(self, who: str, name: str, work: Work, open_decisions: int) -> int:
        several = self.annotators[work.article] > 1
        independent = several and work.kind == "annotation"
        others = [other for other in self.on(work.article) if other is not work and other.state in LIVE]
        twins = [other for other in others if (other.owner, other.kind) == (who, work.kind)]
        is_source = any(who in source.authors for source in work.sources)
        rows = {
            "submit": [(open_decisions > 0, 409)],
            "recall": [(independent and self.is_unblinded(work.article), 409)],
            "start-review": [(independent, 409)],
            "take-over": [
                (is_source, 403),
                (work.owner == who, 409),
                (bool(twins), 409),
            ],
            "reopen": [(bool(others), 409)],
        }
        success = 201 if name in SUCCESSORS else 200
        return next((status for fits, status in rows.get(name, []) if fits), success)

    def carry_out(self, who: str, name: str, work: Work, new_id: str) -> None:
        """What a move that was made leaves behind."""
        target = MOVES[name][1]
        if name in SUCCESSORS:
            owner = who if name == "take-over" else work.owner
            self.sets[new_id] = Work(
                new_id, work.article, owner, work.kind, authors=set(work.authors), sources=work.sources,
                marks=set(work.marks),
            )  # fmt: skip
        if name == "approve":
            for other in self.on(work.article):
                settled = (work.kind, other.kind, other.state) == ("adjudication", "annotation", "submitted")
                if other is not work and (other.state == "approved" or settled):
                    other.state = "superseded"
        work.state = target or work.state
        work.unassigned = name == "unassign"
        if name in ("start-review", "submit", "release-review"):
            work.reviewer = who if name == "start-review" else None

    def had(self, who: str, article: str, *, withdrawn: bool = True) -> bool:
        """Whether somebody has, or with ``withdrawn`` ever had, a set on an article."""
        return any(
            work.owner == who and (withdrawn or work.state != "withdrawn")
            for work in self.on(article, "annotation")
        )

    def start(self, id: str, article: str, owner: str, kind: str = "annotation") -> Work:
        """A new set: of an adjudication with its sources, of one annotator with what was unassigned."""
        sources = self.sources(article) if kind == "adjudication" else ()
        last = next(reversed(list(self.on(article, "annotation"))), None)
        base = last if last is not None and last.unassigned and not sources else None
        if self.annotators[article] > 1:
            base = None
        made = Work(id, article, owner, kind, sources=sources)
        if base is not None:
            made.authors |= base.authors
            made.marks = set(base.marks)
        self.sets[id] = made
        return made
