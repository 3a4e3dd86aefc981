"""Integrity checks: every invariant of the data, proved again from the rows themselves.

``manage.py fsck`` prints the findings. The checks trust no value that a service has computed: a derived
value is derived again and compared. They stream rows, so that memory does not grow with the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from annotations.models import Corpus
from annotations.services.core.snapshot import read_snapshot
from annotations.services.integrity import (
    carry_overs,
    derived,
    double_annotation,
    history,
    merges,
    references,
    releases,
    search,
    statements,
    stories,
    texts,
)
from annotations.services.integrity.checks import MAX_FINDINGS, Check, CheckResult, CheckScope, Finding

__all__ = ["CHECKS", "MAX_FINDINGS", "Check", "CheckResult", "Finding", "IntegrityReport", "run_checks"]

#: The checks by name, in the order in which they run.
CHECKS: Mapping[str, Check] = {
    check.name: check
    for part in (
        texts,
        history,
        derived,
        search,
        statements,
        references,
        merges,
        double_annotation,
        carry_overs,
        stories,
        releases,
    )
    for check in part.CHECKS
}


@dataclass(frozen=True)
class IntegrityReport:
    """The results of the checks by name."""

    checks: Mapping[str, CheckResult]

    @property
    def found(self) -> int:
        """The number of all findings, 0 for a sound database."""
        return sum(result.found for result in self.checks.values())

    @property
    def noticed(self) -> int:
        """The number of all notices."""
        return sum(result.noticed for result in self.checks.values())


def run_checks(
    corpus: Corpus | None = None, tell: Callable[[str, CheckResult], object] | None = None
) -> IntegrityReport:
    """Run every check over one corpus or all of them, in one snapshot that blocks no writer.

    ``tell`` is called with the name and the result of each as soon as it is done.
    """
    scope = CheckScope(corpus)
    report = IntegrityReport({name: CheckResult() for name in CHECKS})
    with read_snapshot():
        for name, check in CHECKS.items():
            check.run(scope, report.checks[name])
            if tell is not None:
                tell(name, report.checks[name])
    return report
