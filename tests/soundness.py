"""The proof, after each test, that its rows keep every promise, for a fraction of the price.

A check begins with the same statement each time, and its next one follows from what the database has
answered so far. So a check that is answered as it was in a run that found nothing finds nothing: its
statements are remembered with their answers, and asked again without the making of their SQL, which takes
ten times as long. At the first answer that is new, the check itself runs.

Ids and the time of day are new in every test. No check looks into them: it asks which are the same, and
which comes first. So answers are remembered with a number for each (``Stand-ins``), in the order in which
they came up, and beside them the order in which they sort.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from annotations.services import integrity
from annotations.services.core.snapshot import read_snapshot
from annotations.services.integrity import Check, CheckResult, IntegrityReport
from annotations.services.integrity.checks import CheckScope

#: Checks that read more than the database: files, and the time.
RUN_ALWAYS = frozenset({"release-files"})

#: Checks that read digests, in the data of events, and make none to compare them with.
PASS_BY_DIGESTS = frozenset({"json", "trail", "version"})

#: An id, or the time of day of a moment that a clock has told: what a test writes by hand has no fraction.
#: Days stay as they are, because the checks compute with them.
_VARYING = re.compile(
    r"\b[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}\b"
    r"|(?<=\d\d-\d\d[T ])\d\d:\d\d:\d\d\.\d{1,6}"
    r"|(?P<moment>datetime\.datetime\(\d+, \d+, \d+, )(\d+), (\d+), (\d+), (\d+)"
)
_VARYING_OR_DIGEST = re.compile(rf"{_VARYING.pattern}|\b[0-9a-f]{{64}}\b")


class Statement(NamedTuple):
    """A statement as the database gets it; without SQL it stands for the end of a sound check."""

    sql: str
    params: Any = None


END = Statement("")


class StandIn(NamedTuple):
    """The place of a varying parameter: which of the ids or times, and between which words."""

    number: int
    is_dashed: bool
    before: str
    after: str


class StandInId(NamedTuple):
    """The place of an id that a driver takes as it is, not as text."""

    number: int


class UnknownParameterError(Exception):
    """A parameter of which nobody knows whether it varies, so that its run cannot be remembered."""


class StandIns:
    """The ids and times of one run of a check, by the order in which they came up."""

    def __init__(self, check: str = "") -> None:
        self._varying = _VARYING_OR_DIGEST if check in PASS_BY_DIGESTS else _VARYING
        self._numbers: dict[str, int] = {}
        self._found: list[str] = []

    def __len__(self) -> int:
        return len(self._found)

    def hide(self, answer: object) -> str:
        """The answer with numbers in the place of ids and times."""
        return self._varying.sub(self._hidden, repr(answer))

    def _hidden(self, match: re.Match[str]) -> str:
        found = match[0]
        if match["moment"]:
            found = "{:0>2}:{:0>2}:{:0>2}.{:0>6}".format(*match.groups()[2:])
        bare = _bare(found)
        number = self._numbers.setdefault(bare, len(self._found))
        if number == len(self._found):
            self._found.append(bare)
        return f"{match['moment'] or found[8:9] == '-'}<{number}>"

    def order(self) -> tuple[int, ...]:
        """How they sort; a digest comes before or after nothing."""
        found = self._found
        return tuple(sorted(range(len(found)), key=lambda n: "" if len(found[n]) == 64 else found[n]))

    def encode(self, params: Any) -> Any:
        """The parameters of a statement, for a run with other ids and times."""
        return tuple(map(self._encode, params)) if params else params

    def _encode(self, param: Any) -> Any:
        if isinstance(param, UUID):
            if param.hex not in self._numbers:
                raise UnknownParameterError
            return StandInId(self._numbers[param.hex])
        if isinstance(param, list | tuple):
            return [self._encode(each) for each in param]
        if param is None or isinstance(param, int | float):
            return param
        found = list(_VARYING.finditer(param)) if isinstance(param, str) else []
        if isinstance(param, str) and not found:
            return param
        if len(found) != 1 or _bare(found[0][0]) not in self._numbers:
            raise UnknownParameterError
        [match] = found
        number = self._numbers[_bare(match[0])]
        return StandIn(number, match[0][8:9] == "-", param[: match.start()], param[match.end() :])

    def decode(self, params: Any) -> Any:
        """The parameters with the ids and times of this run."""
        return tuple(map(self._decode, params)) if params else params

    def _decode(self, param: Any) -> Any:
        if isinstance(param, StandInId):
            return UUID(self._found[param.number])
        if isinstance(param, list):
            return [self._decode(each) for each in param]
        if not isinstance(param, StandIn):
            return param
        found = self._found[param.number]
        if param.is_dashed:
            found = "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))
        return f"{param.before}{found}{param.after}"


def _bare(found: str) -> str:
    """An id without dashes; a time with all digits of its fraction."""
    return found.ljust(15, "0") if ":" in found else found.replace("-", "")


class SoundRuns:
    """The runs of checks that have found nothing: what came next after each answer."""

    def __init__(self) -> None:
        self._next: dict[int, Statement] = {}

    def include(self, check: Check) -> bool:
        """Whether the check would find nothing, as the database answers now."""
        state, stand_ins = hash(check.name), StandIns(check.name)
        with closing(connection.create_cursor()) as cursor:
            while (statement := self._next.get(state)) is not None and statement is not END:
                state = _follow(state, stand_ins, cursor, statement.sql, stand_ins.decode(statement.params))
        return statement is END

    def add(self, check: Check, statements: list[Statement]) -> None:
        """Keep a run that found nothing, as long as the database answers as it did.

        What follows a statement that cannot be asked again with other ids is not kept.
        """
        state, stand_ins = hash(check.name), StandIns(check.name)
        with closing(connection.create_cursor()) as cursor:
            for sql, params in statements:
                try:
                    self._next[state] = Statement(sql, stand_ins.encode(params))
                except UnknownParameterError:
                    return
                state = _follow(state, stand_ins, cursor, sql, params)
        self._next[state] = END


def _follow(state: int, stand_ins: StandIns, cursor: Any, sql: str, params: Any) -> int:
    """The state after the answer to a statement."""
    cursor.execute(sql, params) if params else cursor.execute(sql)
    known = len(stand_ins)
    answer = stand_ins.hide(cursor.fetchall())
    return hash((state, answer, stand_ins.order() if len(stand_ins) > known else None))


@contextmanager
def recorded_statements() -> Iterator[list[Statement]]:
    """Record the statements of the block."""
    statements: list[Statement] = []

    def record(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        # the same text again and again, with other parameters
        statements.append(Statement(sys.intern(sql), params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(record):
        yield statements


SOUND_RUNS = SoundRuns()


def run_checks(names: Collection[str] | None = None) -> IntegrityReport:
    """Do as ``integrity.run_checks`` does; a check that is known to find nothing counts no rows, either.

    Of ``names`` only, if any are given.
    """
    report = IntegrityReport({name: CheckResult() for name in integrity.CHECKS})
    with read_snapshot():
        for name, check in integrity.CHECKS.items():
            if names is not None and name not in names:
                continue
            if name not in RUN_ALWAYS and SOUND_RUNS.include(check):
                continue
            with recorded_statements() as statements:
                check.run(CheckScope(None), report.checks[name])
            if not report.checks[name].found:
                SOUND_RUNS.add(check, statements)
    return report


def prove_integrity() -> None:
    """Assert every invariant over all corpora."""
    report = run_checks()
    findings = [(name, *finding) for name, result in report.checks.items() for finding in result.findings]
    assert report.found == 0, findings
