"""The grammar of everything that counts statements: one table of parameters, one request.

Pages, the API and exports choose and count statements by the same request, and every answer repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from annotations import limits
from annotations.enums import ArticleStatus
from annotations.exceptions import FieldError, InvalidInputError
from annotations.messages import message, message_of
from annotations.scheme import ATTRIBUTES
from annotations.scheme.statements import STATEMENT_KINDS
from annotations.services.knowledge.parameters import (
    StatementParameter,
    boolean,
    choice,
    choices,
    day,
    format_text,
    format_value,
    identifier,
    moment,
    number,
    text,
)
from annotations.services.knowledge.windows import PERIODS
from annotations.text.parsing import MAX_LANGUAGE

#: The most rows or columns of a matrix.
MAX_AXIS = 500
DEDUP_PERIODS = ("week", "month", "year")
DEDUP_CHOICES = ("none", "article", *DEDUP_PERIODS, "range")
DEDUP_KEYS = ("stance", "issue")
ACTOR_ROLLUPS = ("none", "parent", "affiliation", "kind")
ISSUE_ROLLUPS = ("none", "topic")
ORDERS = ("salience", "name", "score")
DEFAULT_BASIS = ("stated", "conduct")
MAX_KEY = 100

#: The filters of articles that choose statements, too; ``actor`` and ``proposition`` have rows of their own.
ARTICLE_PARAMETERS: Mapping[str, StatementParameter] = {
    "status": choice("Where the article stands.", ArticleStatus),
    "language": text("The BCP 47 tag of the article.", MAX_LANGUAGE),
    "source": text("The source of the article.", limits.MAX_SOURCE),
    "story_key": text("What the editors of the article call the event.", limits.MAX_STORY_KEY),
    "story": identifier("The story of which the article is a copy."),
    "published_after": moment("The article was published at this time or later."),
    "published_before": moment("The article was published before this time."),
    "search": text("A part of title, external id, author or source, in any case.", 255),
    "external_id": text("The external id of the article.", limits.MAX_EXTERNAL_ID),
}

#: The parameters by which statements are chosen and counted, by the name of the field of the request.
STATEMENT_PARAMETERS: Mapping[str, StatementParameter] = {
    "actor": identifier("The actor, under whatever of its merged entries."),
    "descendants": boolean(
        "Also the parts of the actor, its affiliates on the day of the statement, and those of theirs."
    ),
    "proposition": identifier("The proposition, under whatever of its merged entries."),
    "topic": identifier("The topic of the proposition."),
    "stance": choices("The stances.", ATTRIBUTES["stance"].values),
    "basis": choices(
        "What shows the stance; what does not say it counts as stated.",
        ATTRIBUTES["basis"].values,
        default=DEFAULT_BASIS,
    ),
    "kind": choices("The kinds of statements.", STATEMENT_KINDS),
    "from": day("Of this day or later. A statement of a month or a year has to lie in the range as a whole."),
    "to": day("Before this day."),
    "dedup": choice(
        "Count an actor's same stance on an issue once: in an article, an ISO week, a month, a year, or "
        "the whole range.",
        DEDUP_CHOICES,
        name="DedupPeriod",
        default="none",
    ),
    "dedup_key": choice(
        "What dedup counts once: an actor's stance on an issue, or an actor on an issue, whose latest stance "
        "counts.",
        DEDUP_KEYS,
        name="DedupKey",
        default="stance",
    ),
    "copies": choice(
        "Of an actor's same stance on an issue in the copies of one text, count that of the lead, or all.",
        ("one", "all"),
        name="CopyCount",
        default="one",
    ),
    "rollup_actor": choice(
        "Count actors as their parent, their affiliation on the day of the statement, or their kind.",
        ACTOR_ROLLUPS,
        name="ActorRollup",
        default="none",
    ),
    "rollup_issue": choice(
        "Count propositions as their topic.", ISSUE_ROLLUPS, name="IssueRollup", default="none"
    ),
    "time": choice(
        "Count each window of time by itself; weeks are those of ISO 8601.",
        ("none", *PERIODS),
        name="TimeWindow",
        default="none",
    ),
    "min_statements": number(
        "Leave out rows and columns with fewer statements.", 1, limits.MAX_METADATA_INTEGER, default=1
    ),
    "rows": number("At most so many rows, those with most statements.", 1, MAX_AXIS),
    "columns": number("At most so many columns, those with most statements.", 1, MAX_AXIS),
    "order": choice("The order of rows and columns.", ORDERS, name="MatrixOrder", default="salience"),
}

#: The parameters by which a list names one cell of a matrix, in the terms of its roll-ups.
CELL_PARAMETERS: Mapping[str, StatementParameter] = {
    "row": text("A row of a matrix with the other parameters: the id of an actor, or a kind.", MAX_KEY),
    "column": text("A column: the id of a proposition or of a topic.", MAX_KEY),
    "window": text("A window of time, as the matrix names it.", MAX_KEY),
}
GRAMMAR: Mapping[str, StatementParameter] = {**ARTICLE_PARAMETERS, **STATEMENT_PARAMETERS}

#: What views begin with where it is not what lists begin with.
MATRIX_DEFAULTS: Mapping[str, Any] = {"kind": ("position",), "rows": MAX_AXIS, "columns": MAX_AXIS}
POSITIONS_ONLY: Mapping[str, Any] = {"kind": ("position",)}

#: Names that are words of Python, with those of the fields.
_FIELDS: Mapping[str, str] = {"from": "start", "to": "end"}


@dataclass(frozen=True, kw_only=True)
class StatementRequest:
    """Which statements to count, and how. The fields are the parameters; None is what is not limited.

    ``articles`` are the filters of articles that were sent. Nothing in ``stance`` or ``kind`` means all.
    ``row``, ``column`` and ``window`` name a cell.
    """

    articles: Mapping[str, Any] = field(default_factory=dict)
    actor: UUID | None = None
    descendants: bool = False
    proposition: UUID | None = None
    topic: UUID | None = None
    stance: tuple[str, ...] = ()
    basis: tuple[str, ...] = DEFAULT_BASIS
    kind: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    dedup: str = "none"
    dedup_key: str = "stance"
    copies: str = "one"
    rollup_actor: str = "none"
    rollup_issue: str = "none"
    time: str = "none"
    min_statements: int = 1
    rows: int | None = None
    columns: int | None = None
    order: str = "salience"
    row: str | None = None
    column: str | None = None
    window: str | None = None
    #: Whether the counts leave the house, so that they hold only what may; it is no parameter.
    goes_out: bool = False

    def value_of(self, name: str) -> Any:
        """Return the value of a parameter by its name."""
        if name in ARTICLE_PARAMETERS:
            return self.articles.get(name)
        return getattr(self, _FIELDS.get(name, name))

    def as_parameters(self) -> dict[str, Any]:
        """Return all parameters of the grammar for JSON; null where nothing is limited."""
        values = {name: format_value(self.value_of(name)) for name in GRAMMAR}
        return {name: None if value == [] else value for name, value in values.items()}

    def as_query(self) -> dict[str, str]:
        """Return the parameters of an address that differ from what holds if nothing is sent."""
        return {
            name: format_text(self.value_of(name))
            for name, row in {**GRAMMAR, **CELL_PARAMETERS}.items()
            if self.value_of(name) not in (row.default, None)
        }

    def listing(self, **cell: str | None) -> StatementRequest:
        """Return the request for a list of statements, of a cell, without what orders and cuts a matrix."""
        plain = StatementRequest()
        cut = {name: getattr(plain, name) for name in ("min_statements", "rows", "columns", "order")}
        return replace(self, **{**cut, **cell})


def build_request(values: Mapping[str, Any], **defaults: object) -> StatementRequest:
    """Return the request of parsed parameters; ``defaults`` are those of a view, such as ``kind``.

    Raises ``InvalidInputError`` where values contradict each other.
    """
    articles = {name: values[name] for name in ARTICLE_PARAMETERS if name in values}
    names = (*STATEMENT_PARAMETERS, *CELL_PARAMETERS)
    sent = {_FIELDS.get(name, name): values[name] for name in names if name in values}
    request = StatementRequest(articles=articles, **{**defaults, **sent})
    if request.start is not None and request.end is not None and request.end <= request.start:
        raise parameter_error("to", message("It has to be later than from, which it is not."))
    return request


def parse_request(texts: Mapping[str, str], **defaults: object) -> StatementRequest:
    """Return the request of the texts of an address; names that the grammar does not have are ignored.

    Raises ``InvalidInputError`` for the first value that is none.
    """
    values = {}
    for name, row in {**GRAMMAR, **CELL_PARAMETERS}.items():
        if texts.get(name):
            try:
                values[name] = row.parse(texts[name])
            except ValueError as error:
                raise parameter_error(name, message_of(error)) from None
    return build_request(values, **defaults)


def parameter_error(name: str, detail: str, code: str = "value") -> InvalidInputError:
    """Return the error for one parameter."""
    return InvalidInputError(
        message("The parameter {parameter}: {detail}", parameter=name, detail=detail),
        errors=[FieldError(code=code, detail=detail, parameter=name)],
    )
