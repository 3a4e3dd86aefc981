"""Serializers of exports."""

from __future__ import annotations

from annotations.api.serializers.base import Strict
from annotations.api.serializers.fields import (
    Choice,
    LanguageTag,
    Line,
    StrictBoolean,
    StrictUUID,
    Timestamp,
    Title,
)
from annotations.api.serializers.releases import FORMAT_NAMES
from annotations.formats import Dialect
from annotations.services.exports import SETS
from annotations.states import ArticleStatus


class ExportRequestSerializer(Strict):
    """The request for an export: the parameters of ``GET export/`` as a body."""

    format = Choice(FORMAT_NAMES, required=False)
    sets = Choice(tuple(SETS), required=False)
    dialect = Choice(Dialect, required=False)
    strict = StrictBoolean(required=False)
    status = Choice(ArticleStatus, required=False)
    language = LanguageTag(required=False)
    source = Title(200, required=False)
    story_key = Line(255, required=False)
    published_after = Timestamp(required=False)
    published_before = Timestamp(required=False)
    search = Line(255, required=False)
    external_id = Line(255, required=False)
    actor = StrictUUID(required=False)
    proposition = StrictUUID(required=False)
