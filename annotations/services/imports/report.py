"""What an import tells of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.exceptions import FieldError
from annotations.formats.base import Losses
from annotations.services.imports.lines import LineLog

#: So many faults a report lists; the others are counted.
MOST_ERRORS = 1_000


@dataclass(frozen=True, kw_only=True)
class LineError(FieldError):
    """A fault with the line where it is."""

    line: int
    external_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the report shows it."""
        return {
            "line": self.line,
            "external_id": self.external_id,
            "code": self.code,
            "pointer": self.pointer or "",
            "detail": self.detail,
        }


@dataclass
class Report:
    """What an import did. ``created``, ``updated`` and ``skipped`` count articles, ``failed`` lines."""

    dry_run: bool
    lines: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    rekeyed: int = 0
    errors: list[LineError] = field(default_factory=list)
    errors_left_out: int = 0
    losses: Losses = field(default_factory=Losses)
    log: LineLog | None = None

    def fail(self, line: int, external_id: str | None, faults: Iterable[FieldError]) -> None:
        """Count a line that was refused, with everything that is wrong with it."""
        self.failed += 1
        faults = list(faults)
        if self.log is not None:
            self.log.add(line, external_id, "failed", errors=[fault.as_dict() for fault in faults])
        for fault in faults:
            if len(self.errors) >= MOST_ERRORS:
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

    def tell(self, line: int, external_id: str | None, outcome: str, article: str | None) -> None:
        """Write down what became of a line, where somebody wants to know."""
        if self.log is not None:
            self.log.add(line, external_id, outcome, article)

    def go_on(self, counts: Mapping[str, Any]) -> None:
        """Begin where an earlier attempt was: ``counts`` are those of its report."""
        for name in ("lines", "created", "updated", "skipped", "failed", "rekeyed", "errors_left_out"):
            setattr(self, name, counts[name])
        for loss in counts["losses"]:
            self.losses.add(loss["what"], [*loss["ids"], *[""] * (loss["count"] - len(loss["ids"]))])

    def sort(self, start: int) -> int:
        """Put the faults from ``start`` on into the order of their lines; answers how many there are."""
        self.errors[start:] = sorted(self.errors[start:], key=lambda error: error.line)
        return len(self.errors)

    def counts(self) -> dict[str, Any]:
        """The members of the report but the errors."""
        return {
            "lines": self.lines,
            "created": self.created,
            "updated": self.updated,
            "skipped": self.skipped,
            "failed": self.failed,
            "rekeyed": self.rekeyed,
            "dry_run": self.dry_run,
            "errors_left_out": self.errors_left_out,
            "losses": self.losses.as_list(),
        }

    def as_dict(self) -> dict[str, Any]:
        """In the shape of the wire."""
        counts = self.counts()
        tail = {name: counts.pop(name) for name in ("errors_left_out", "losses")}
        return {**counts, "errors": [error.as_dict() for error in self.errors], **tail}
