"""The oracle: every invariant of the data, proved over again from the rows themselves.

``manage.py fsck`` prints what ``run`` finds. The checks trust nothing that a service has computed:
what can be derived is derived once more and compared. They stream, so that memory does not grow
with the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotations.models import Corpus
from annotations.services.integrity import belonging, datasets, derived, history, teams, texts
from annotations.services.integrity.base import MOST_KEPT, Check, Finding, Scope, Tally
from annotations.services.snapshot import read_snapshot

__all__ = ["CHECKS", "MOST_KEPT", "Check", "Finding", "Report", "Tally", "run"]

#: Every check, by its name, in the order in which they run.
CHECKS: Mapping[str, Check] = {
    check.name: check
    for part in (texts, history, derived, belonging, teams, datasets)
    for check in part.CHECKS
}


@dataclass(frozen=True)
class Report:
    """What the checks have seen and found, by their names."""

    checks: Mapping[str, Tally]

    @property
    def found(self) -> int:
        """The number of all findings; 0 is the only good one."""
        return sum(tally.found for tally in self.checks.values())


def run(corpus: Corpus | None = None) -> Report:
    """Make every check, over one corpus or over all of them, while people go on working."""
    scope = Scope(corpus)
    report = Report({name: Tally() for name in CHECKS})
    with read_snapshot():
        for name, check in CHECKS.items():
            check.look(scope, report.checks[name])
    return report
