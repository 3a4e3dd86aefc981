"""Serializers of releases and jobs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from annotations import limits
from annotations.api.serializers.base import EmptyAsNullField, StrictSerializer
from annotations.api.serializers.collections import StrictListField
from annotations.api.serializers.fields import (
    LanguageTagField,
    LineField,
    ProseField,
    StrictBooleanField,
    StrictChoiceField,
    StrictUUIDField,
    TimestampField,
    TitleField,
)
from annotations.enums import ArticleStatus
from annotations.exceptions import InvalidInputError
from annotations.formats import FORMATS
from annotations.formats.release.splits import DEFAULT_SHARES, SPLIT_NAMES, SPLIT_RULES
from annotations.models import JobKind, JobState, Release, ReleaseState
from annotations.services import releases
from annotations.services.exchange import filters
from annotations.services.jobs.leases import waiting_notice
from annotations.translation import translate_message

FORMAT_NAMES = tuple(name for name, row in FORMATS.items() if row.is_writable)
FILE_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "sha256": {"type": "string"},
        "bytes": {"type": "integer"},
        "records": {"type": "integer"},
    },
}


@extend_schema_field(
    {
        "type": "object",
        "properties": {name: {"type": "integer", "minimum": 0, "maximum": 100} for name in SPLIT_NAMES},
        "additionalProperties": False,
    }
)
class SplitSharesField(serializers.Field[dict[str, int], Any, dict[str, int], Any]):
    """Splits with their percentages, which add up to 100."""

    default_error_messages = {
        "type": gettext_lazy("It has to be an object of percentages, such as {usual}."),
        "null": gettext_lazy("It cannot be null; leave it out."),
    }

    def to_internal_value(self, data: object) -> dict[str, int]:
        """Return the shares as they were sent; the service checks the sum."""
        if not isinstance(data, dict) or not all(type(share) is int for share in data.values()):
            self.fail("type", usual=str(DEFAULT_SHARES).replace("'", '"'))
        return data

    def to_representation(self, value: dict[str, int]) -> dict[str, int]:
        """Return the shares as they are."""
        return value


class SplitsSerializer(StrictSerializer):
    """The rule that divides articles into splits."""

    by = StrictChoiceField(SPLIT_RULES, name="SplitRule")
    shares = SplitSharesField(required=False, help_text=f"Percentages of {', '.join(SPLIT_NAMES)}.")
    seed = LineField(releases.MAX_SEED_LENGTH, optional=True)


class SplitsField(SplitsSerializer):
    """The same rule, as an object or only as its name."""

    def run_validation(self, data: object = serializers.empty) -> Any:
        """Return the checked rule."""
        if isinstance(data, str):
            data = {"by": data}
        sent = super().run_validation(data)
        if not isinstance(sent, dict):
            return sent
        try:
            return releases.parse_splits(sent["by"], sent.get("shares"), sent.get("seed", ""))
        except InvalidInputError as error:
            raise ValidationError(
                [ErrorDetail(translate_message(error.errors[0].detail), "choice")]
            ) from error


class ReleaseCreateSerializer(StrictSerializer):
    """The request for a release. Its filters are those of the list of articles."""

    id = StrictUUIDField(required=False)
    name = TitleField(limits.MAX_RELEASE_NAME, optional=True)
    formats = StrictListField(
        child=StrictChoiceField(FORMAT_NAMES, name="ExportFormat"),
        allow_empty=False,
        max_length=len(FORMAT_NAMES),
    )
    sets = StrictChoiceField(releases.SETS_CHOICES, name="ReleaseSets", default=releases.SETS_CHOICES[0])
    include_text = StrictBooleanField(default=True)
    independent_sets = StrictBooleanField(default=False)
    splits = SplitsField(allow_null=True, default=None)
    status = StrictChoiceField(ArticleStatus, allow_null=True, default=None)
    language = LanguageTagField(allow_null=True, default=None)
    source = TitleField(limits.MAX_SOURCE, allow_null=True, default=None)
    story_key = LineField(limits.MAX_STORY_KEY, allow_null=True, default=None)
    story = StrictUUIDField(allow_null=True, default=None)
    copies = StrictChoiceField(filters.COPIES_CHOICES, name="ArticleCopies", allow_null=True, default=None)
    published_after = TimestampField(allow_null=True, default=None)
    published_before = TimestampField(allow_null=True, default=None)
    updated_after = TimestampField(allow_null=True, default=None)
    approved_after = TimestampField(allow_null=True, default=None)
    search = LineField(255, allow_null=True, default=None)
    external_id = LineField(limits.MAX_EXTERNAL_ID, allow_null=True, default=None)
    actor = StrictUUIDField(allow_null=True, default=None)
    proposition = StrictUUIDField(allow_null=True, default=None)


def release_request(values: dict[str, Any]) -> releases.ReleaseRequest:
    """Return the request that is in a checked body."""
    return releases.ReleaseRequest(
        id=values.get("id"),
        name=values["name"],
        formats=values["formats"],
        sets=values["sets"],
        include_text=values["include_text"],
        independent_sets=values["independent_sets"],
        splits=values["splits"],
        filter={name: values[name] for name in filters.ARTICLE_FILTERS if name in values},
    )


class WithdrawalSerializer(StrictSerializer):
    """Who withdrew the release, when and why."""

    at = TimestampField(source="withdrawn_at", read_only=True)
    by = serializers.CharField(source="withdrawn_by.username", read_only=True)
    reason = serializers.CharField(source="withdrawn_reason", read_only=True)


class AmendmentSerializer(StrictSerializer):
    """An article that was taken out of a finished release because it had to be erased."""

    number = serializers.IntegerField(read_only=True)
    date = serializers.DateField(read_only=True)
    article = StrictUUIDField(read_only=True)
    reason = serializers.CharField(read_only=True)


class ReleaseFileSerializer(StrictSerializer):
    """A file of a release."""

    name = serializers.CharField(read_only=True)
    sha256 = serializers.CharField(read_only=True)
    bytes = serializers.IntegerField(read_only=True)
    records = serializers.IntegerField(read_only=True)


class ReleaseSerializer(StrictSerializer):
    """A release. Files and counts come when it is ready; ``withdrawn`` is null unless it was."""

    id = StrictUUIDField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    name = EmptyAsNullField()
    state = StrictChoiceField(ReleaseState, read_only=True)
    created_at = TimestampField(read_only=True)
    filter = serializers.JSONField(read_only=True)
    counts = serializers.JSONField(read_only=True)
    files = ReleaseFileSerializer(many=True, read_only=True, source="files.all")
    losses = serializers.JSONField(read_only=True)
    withdrawn = serializers.SerializerMethodField()
    amendments = serializers.SerializerMethodField()

    @extend_schema_field(AmendmentSerializer(many=True))
    def get_amendments(self, release: Release) -> list[Any]:
        """Return what was taken out of the release because it had to be erased."""
        found: Any = getattr(release, "amendments", None)
        return list(found or ())

    def get_withdrawn(self, release: Release) -> dict[str, Any] | None:
        """Return the withdrawal, or null."""
        return None if release.withdrawn_at is None else WithdrawalSerializer(release).data


class ReleaseWithdrawSerializer(StrictSerializer):
    """The reason for a withdrawal."""

    reason = ProseField(limits.MAX_PROSE)


class JobSerializer(StrictSerializer):
    """A job. ``done`` of ``total`` says how far it is; ``notice`` that nobody is there to do it."""

    id = StrictUUIDField(read_only=True)
    corpus = serializers.CharField(source="corpus.slug", read_only=True)
    kind = StrictChoiceField(JobKind, read_only=True)
    state = StrictChoiceField(JobState, read_only=True)
    done = serializers.IntegerField(read_only=True)
    total = serializers.IntegerField(read_only=True, allow_null=True)
    result = serializers.DictField(read_only=True, allow_null=True)
    error = EmptyAsNullField()
    notice = serializers.SerializerMethodField()
    attempt = serializers.IntegerField(read_only=True)
    created_at = TimestampField(read_only=True)
    started_at = TimestampField(read_only=True, allow_null=True)
    finished_at = TimestampField(read_only=True, allow_null=True)

    def get_notice(self, job: Any) -> str | None:
        """Return the sentence for people who wait for the job, or null."""
        return waiting_notice(job)


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
DIFFERENCE_SCHEMA = {
    "type": "object",
    "properties": {
        "from": {"type": "object"},
        "to": {"type": "object"},
        **dict.fromkeys(("articles", "spans", "registry"), _CHANGES),
    },
}
