"""Serializers of releases and jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from annotations import limits
from annotations.api.serializers.base import EmptyAsNull, Strict
from annotations.api.serializers.fields import (
    Choice,
    LanguageTag,
    Line,
    Prose,
    StrictBoolean,
    StrictUUID,
    Timestamp,
    Title,
)
from annotations.exceptions import Invalid
from annotations.formats import FORMATS
from annotations.formats.release.splits import PARTS, USUAL, WAYS
from annotations.models import JobKind, JobState, Release, ReleaseState
from annotations.services import releases, selection
from annotations.services.jobs import notice
from annotations.states import ArticleStatus
from annotations.told import told

FORMAT_NAMES = tuple(name for name, row in FORMATS.items() if row.writes)
FILE = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "sha256": {"type": "string"},
        "bytes": {"type": "integer"},
        "records": {"type": "integer"},
    },
}


class Shares(serializers.Field[dict[str, int], Any, dict[str, int], Any]):
    """Splits with their percentages, which add up to 100."""

    default_error_messages = {
        "type": gettext_lazy("It has to be an object of percentages, such as {usual}."),
        "null": gettext_lazy("It cannot be null; leave it out."),
    }

    def to_internal_value(self, data: Any) -> dict[str, int]:
        """Return the shares as they were sent; the service checks the sum."""
        if not isinstance(data, dict) or not all(type(share) is int for share in data.values()):
            self.fail("type", usual=str(USUAL).replace("'", '"'))
        return data

    def to_representation(self, value: dict[str, int]) -> dict[str, int]:
        """Return the shares as they are."""
        return value


class SplitsShape(Strict):
    """The rule that divides articles into splits."""

    by = Choice(WAYS)
    shares = Shares(required=False, help_text=f"Percentages of {', '.join(PARTS)}.")
    seed = Line(releases.MOST_SEED, optional=True)


class SplitsField(SplitsShape):
    """The same rule, as an object or only as its name."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the checked rule."""
        if isinstance(data, str):
            data = {"by": data}
        sent = super().run_validation(data)
        if not isinstance(sent, dict):
            return sent
        try:
            return releases.splits_of(sent["by"], sent.get("shares"), sent.get("seed", ""))
        except Invalid as error:
            raise ValidationError([ErrorDetail(told(error.errors[0].detail), "choice")]) from error


class OrderShape(Strict):
    """The request for a release. Its filters are those of the list of articles."""

    id = StrictUUID(required=False)
    name = Title(limits.MAX_RELEASE_NAME, optional=True)
    formats = serializers.ListField(
        child=Choice(FORMAT_NAMES), allow_empty=False, max_length=len(FORMAT_NAMES)
    )
    sets = Choice(releases.SETS, default=releases.SETS[0])
    include_text = StrictBoolean(default=True)
    independent_sets = StrictBoolean(default=False)
    splits = SplitsField(allow_null=True, default=None)
    status = Choice(ArticleStatus, allow_null=True, default=None)
    language = LanguageTag(allow_null=True, default=None)
    source = Title(limits.MAX_SOURCE, allow_null=True, default=None)
    story_key = Line(limits.MAX_STORY_KEY, allow_null=True, default=None)
    published_after = Timestamp(allow_null=True, default=None)
    published_before = Timestamp(allow_null=True, default=None)
    search = Line(255, allow_null=True, default=None)
    external_id = Line(limits.MAX_EXTERNAL_ID, allow_null=True, default=None)
    actor = StrictUUID(allow_null=True, default=None)
    proposition = StrictUUID(allow_null=True, default=None)


def order_of(values: dict[str, Any]) -> releases.Order:
    """Return the request that is in a checked body."""
    return releases.Order(
        id=values.get("id"),
        name=values["name"],
        formats=values["formats"],
        sets=values["sets"],
        include_text=values["include_text"],
        independent_sets=values["independent_sets"],
        splits=values["splits"],
        filter={name: values[name] for name in selection.ARTICLES},
    )


class WithdrawnShape(Strict):
    """Who withdrew the release, when and why."""

    at = Timestamp(source="withdrawn_at", read_only=True)
    by = serializers.CharField(source="withdrawn_by.username", read_only=True)
    reason = serializers.CharField(source="withdrawn_reason", read_only=True)


class ReleaseFileShape(Strict):
    """A file of a release."""

    name = serializers.CharField(read_only=True)
    sha256 = serializers.CharField(read_only=True)
    bytes = serializers.IntegerField(read_only=True)
    records = serializers.IntegerField(read_only=True)


class ReleaseShape(Strict):
    """A release. Files and counts come when it is ready; ``withdrawn`` is null unless it was."""

    id = StrictUUID(read_only=True)
    number = serializers.IntegerField(read_only=True)
    name = EmptyAsNull()
    state = Choice(ReleaseState, read_only=True)
    created_at = Timestamp(read_only=True)
    filter = serializers.JSONField(read_only=True)
    counts = serializers.JSONField(read_only=True)
    files = ReleaseFileShape(many=True, read_only=True, source="files.all")
    losses = serializers.JSONField(read_only=True)
    withdrawn = serializers.SerializerMethodField()

    def get_withdrawn(self, release: Release) -> dict[str, Any] | None:
        """Return the withdrawal, or null."""
        return None if release.withdrawn_at is None else WithdrawnShape(release).data


class WithdrawalShape(Strict):
    """The reason for a withdrawal."""

    reason = Prose(limits.MAX_PROSE)


class JobShape(Strict):
    """A job. ``done`` of ``total`` says how far it is; ``notice`` that nobody is there to do it."""

    id = StrictUUID(read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    kind = Choice(JobKind, read_only=True)
    state = Choice(JobState, read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True, allow_null=True)
    result = serializers.JSONField(read_only=True, allow_null=True)
    error = EmptyAsNull()
    notice = serializers.SerializerMethodField()
    attempt = serializers.IntegerField(read_only=True)
    created_at = Timestamp(read_only=True)
    started_at = Timestamp(read_only=True, allow_null=True)
    finished_at = Timestamp(read_only=True, allow_null=True)

    def get_notice(self, job: Any) -> str | None:
        """Return the sentence for people who wait for the job, or null."""
        return notice(job)


_CHANGES = {
    "type": "object",
    "properties": {
        kind: {
            "type": "object",
            "properties": {
                "count": {"type": "integer"},
                "ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
            },
        }
        for kind in ("added", "removed", "changed")
    },
}
DIFFERENCE = {
    "type": "object",
    "properties": {
        "from": {"type": "object"},
        "to": {"type": "object"},
        **dict.fromkeys(("articles", "spans", "registry"), _CHANGES),
    },
}
