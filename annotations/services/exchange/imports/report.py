"""The report of an import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.exceptions import FieldError
from annotations.formats.core.interfaces import Losses
from annotations.services.exchange.imports.line_log import LineLog
from annotations.text.align import CarryStatus

#: How many errors a report lists; the others are counted.
MAX_ERRORS = 1_000
#: The counts of a report by their keys in the API.
_COUNTS = {
    "lines": "lines",
    "created": "created",
    "updated": "updated",
    "skipped": "skipped",
    "failed": "failed",
    "rekeyed": "ids_replaced",
    "errors_left_out": "errors_left_out",
}


@dataclass(frozen=True, kw_only=True)
class LineError(FieldError):
    """An error with its line."""

    line: int
    external_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the report shows it."""
        return {
            "line": self.line,
            "external_id": self.external_id,
            "code": self.code,
            "pointer": self.pointer or "",
            "detail": self.detail,
        }


@dataclass
class ImportReport:
    """The outcome of an import. ``created``, ``updated`` and ``skipped`` count articles, ``failed`` lines."""

    dry_run: bool
    lines: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    ids_replaced: int = 0
    carried: Counter[str] = field(default_factory=Counter)
    errors: list[LineError] = field(default_factory=list)
    errors_left_out: int = 0
    losses: Losses = field(default_factory=Losses)
    log: LineLog | None = None

    def add_failure(self, line: int, external_id: str | None, faults: Iterable[FieldError]) -> None:
        """Count a failed line, with all its errors."""
        self.failed += 1
        faults = list(faults)
        if self.log is not None:
            self.log.add(line, external_id, "failed", errors=[fault.as_dict() for fault in faults])
        for fault in faults:
            if len(self.errors) >= MAX_ERRORS:
                self.errors_left_out += 1
                continue
            self.errors.append(
                LineError(
                    line=line,
                    external_id=external_id,
                    code=fault.code,
                    detail=fault.detail,
                    pointer=fault.pointer,
                )
            )

    def log_outcome(self, line: int, external_id: str | None, outcome: str, article: str | None) -> None:
        """Write the outcome of a line to the log, if there is one."""
        if self.log is not None:
            self.log.add(line, external_id, outcome, article)

    def resume(self, counts: Mapping[str, Any]) -> None:
        """Continue from the ``counts`` of the report of an earlier attempt."""
        for key, name in _COUNTS.items():
            setattr(self, name, counts[key])
        self.carried = Counter(counts.get("carried", {}))
        for loss in counts["losses"]:
            self.losses.add(loss["what"], [*loss["ids"], *[""] * (loss["count"] - len(loss["ids"]))])

    def sort_errors(self, start: int) -> int:
        """Sort the errors from ``start`` on by their lines; return how many errors there are."""
        self.errors[start:] = sorted(self.errors[start:], key=lambda error: error.line)
        return len(self.errors)

    def counts(self) -> dict[str, Any]:
        """Return the members of the report except the errors."""
        return {
            **{key: getattr(self, name) for key, name in _COUNTS.items()},
            "carried": {str(status): self.carried[status] for status in CarryStatus},
            "dry_run": self.dry_run,
            "errors_left_out": self.errors_left_out,
            "losses": self.losses.as_list(),
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the API shows it."""
        counts = self.counts()
        tail = {name: counts.pop(name) for name in ("errors_left_out", "losses")}
        return {**counts, "errors": [error.as_dict() for error in self.errors], **tail}
