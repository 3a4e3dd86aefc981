"""What a setting is: a row of the tables of environment variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "boolean", "list", "secret"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable. ``default`` is written as in the environment; ``what`` is for operators."""

    name: str
    kind: Kind
    default: str
    description: str

    @property
    def file_variable(self) -> str | None:
        """The variable that may name a file with the value instead; for secrets only."""
        return f"{self.name}_FILE" if self.kind == "secret" else None
