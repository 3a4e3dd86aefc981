"""What can go wrong, each with a whole sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx


class StandpointClientError(Exception):
    """The parent of all errors of this package."""


class ProblemError(StandpointClientError):
    """A refusal of the service: its status, code, sentence and the places that it names.

    ``data`` is the whole problem document, ``pointer`` the first place in the body that is at fault.
    """

    def __init__(self, status: int, data: Mapping[str, Any]) -> None:
        self.status = status
        self.data = dict(data)
        self.code = str(self.data.get("code", ""))
        self.detail = str(self.data.get("detail", ""))
        self.errors: list[dict[str, Any]] = list(self.data.get("errors") or [])
        places = (error.get("pointer") for error in self.errors)
        self.pointer: str | None = next((place for place in places if place is not None), None)
        super().__init__(self._sentence())

    @classmethod
    def from_response(cls, response: httpx.Response) -> ProblemError:
        """Return the error that an answer is; one of a proxy, which is no problem document, too."""
        try:
            data = response.json()
        except ValueError:
            data = None
        if not isinstance(data, dict) or "detail" not in data:
            address = response.request.url
            data = {"code": "", "detail": f"{address} answered {response.status_code}, without saying why."}
        return cls(response.status_code, data)

    def _sentence(self) -> str:
        lines = [f"{self.detail} ({self.status} {self.code})".replace(" )", ")")]
        for error in self.errors:
            where = error.get("pointer") or error.get("parameter") or ""
            lines.append(f"  {where}: {error.get('detail', '')}" if where else f"  {error.get('detail', '')}")
        return "\n".join(lines)


class ConnectionLostError(StandpointClientError):
    """No answer came, however often the request was sent."""


class ImportFailedError(StandpointClientError):
    """Lines of an import were refused; ``report`` has all of it, and the other lines are stored."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report = dict(report)
        lines = [f"{report['failed']} of {report['lines']} articles were refused:"]
        for error in report["errors"][:10]:
            name = error.get("external_id") or f"line {error.get('line')}"
            lines.append(f"  {name} {error.get('pointer') or ''}: {error.get('detail')}")
        super().__init__("\n".join(lines))


class JobFailedError(StandpointClientError):
    """A job of the service failed; ``job`` is its row."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = dict(job)
        super().__init__(str(job.get("error") or "The job failed, and does not say why."))


class StillWaitingError(StandpointClientError):
    """What was waited for has not happened in the time that was given."""


class DigestError(StandpointClientError):
    """Bytes that arrived, or that lie on the disk, are not those that the service wrote."""
