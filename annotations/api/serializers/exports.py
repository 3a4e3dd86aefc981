"""Serializers of exports."""

from __future__ import annotations

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.fields import (
    LanguageTagField,
    LineField,
    StrictBooleanField,
    StrictChoiceField,
    StrictUUIDField,
    TimestampField,
    TitleField,
)
from annotations.api.serializers.releases import FORMAT_NAMES
from annotations.enums import ArticleStatus
from annotations.formats import Dialect
from annotations.services.exchange.exports import SET_STATES
from annotations.services.exchange.filters import COPIES_CHOICES


class ExportRequestSerializer(StrictSerializer):
    """The request for an export: the parameters of ``GET export/`` as a body."""

    format = StrictChoiceField(FORMAT_NAMES, name="ExportFormat", required=False)
    sets = StrictChoiceField(tuple(SET_STATES), name="ExportSets", required=False)
    dialect = StrictChoiceField(Dialect, required=False)
    strict = StrictBooleanField(required=False)
    status = StrictChoiceField(ArticleStatus, required=False)
    language = LanguageTagField(required=False)
    source = TitleField(200, required=False)
    story_key = LineField(255, required=False)
    story = StrictUUIDField(required=False)
    copies = StrictChoiceField(COPIES_CHOICES, name="ArticleCopies", required=False)
    published_after = TimestampField(required=False)
    published_before = TimestampField(required=False)
    search = LineField(255, required=False)
    q = LineField(limits.MAX_QUESTION, required=False)
    external_id = LineField(255, required=False)
    actor = StrictUUIDField(required=False)
    proposition = StrictUUIDField(required=False)
