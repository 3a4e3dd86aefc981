"""Serializers of the rights in articles, of takedowns and of protected actors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations import limits
from annotations.api.serializers.base import StrictSerializer
from annotations.api.serializers.collections import StrictListField
from annotations.api.serializers.fields import (
    HttpURLField,
    OptionalChoiceField,
    ProseField,
    ShareField,
    StrictBooleanField,
    StrictChoiceField,
    StrictIntegerField,
    StrictTextField,
    StrictUUIDField,
    TimestampField,
    TitleField,
)
from annotations.enums import TextRight
from annotations.models import Article, ArticleRights, CorpusRights
from annotations.scheme.licences import check_licence
from annotations.services.rights.terms import article_rights, combine_terms, corpus_rights

MAX_RELEASES = 1_000


class LicenceField(StrictTextField):
    """Field for the identifier of a licence by SPDX, or a LicenseRef of one's own."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=limits.MAX_LICENCE, optional=True, **kwargs)

    def check_value(self, value: str) -> None:
        """Raise ``ValueError``, which says what to write, unless there is such a licence."""
        if value:
            check_licence(value)


class TermsSerializer(StrictSerializer):
    """The terms of articles; null is "as in the corpus", and in those of a corpus "no limit"."""

    licence = LicenceField()
    licence_url = HttpURLField(optional=True)
    holder = TitleField(limits.MAX_RIGHTS_HOLDER, optional=True)
    notice = ProseField(limits.MAX_PROSE, optional=True)
    may_export_text = OptionalChoiceField(TextRight)
    max_quote_share = ShareField(allow_null=True, default=None)
    may_send_out = StrictBooleanField(allow_null=True, default=None)


class ArticleTermsSerializer(TermsSerializer):
    """The terms of one article, and its embargo."""

    embargo_until = TimestampField(allow_null=True, default=None)


class TakedownSerializer(StrictSerializer):
    """Who took an article down, when and why."""

    at = TimestampField(source="taken_down_at", read_only=True)
    by = serializers.CharField(source="taken_down_by.username", read_only=True, allow_null=True, default=None)
    reason = serializers.CharField(source="taken_down_reason", read_only=True)


class EffectiveTermsSerializer(StrictSerializer):
    """The terms that hold for an article with those of its corpus."""

    licence = serializers.CharField(read_only=True, allow_null=True)
    licence_url = serializers.CharField(read_only=True, allow_null=True)
    holder = serializers.CharField(read_only=True, allow_null=True)
    notice = serializers.CharField(read_only=True, allow_null=True)
    may_export_text = StrictChoiceField(TextRight, read_only=True)
    max_quote_share = serializers.FloatField(read_only=True)
    may_send_out = serializers.BooleanField(read_only=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the terms; what is empty is null."""
        values = super().to_representation(instance)
        return {name: None if value == "" else value for name, value in values.items()}


class ArticleRightsSerializer(ArticleTermsSerializer):
    """The rights in an article: its own terms, its takedown, and what holds with those of its corpus."""

    taken_down = TakedownSerializer(read_only=True, allow_null=True)
    effective = EffectiveTermsSerializer(read_only=True)


def rights_representation(article: Article) -> dict[str, Any]:
    """Return the rights in an article as answers show them."""
    return represent_terms(article_rights(article), corpus_rights(article.corpus))


def represent_terms(own: ArticleRights, defaults: CorpusRights) -> dict[str, Any]:
    """Return the terms of an article, and what holds with those of its corpus, as answers show them."""
    return {
        **ArticleTermsSerializer().to_representation(own),
        "taken_down": None if own.taken_down_at is None else TakedownSerializer().to_representation(own),
        "effective": EffectiveTermsSerializer().to_representation(combine_terms(own, defaults)),
    }


class LicenceCountSerializer(StrictSerializer):
    """How many articles have a licence; null is none."""

    licence = serializers.CharField(read_only=True, allow_null=True)
    articles = serializers.IntegerField(read_only=True)


class EmbargoEndSerializer(StrictSerializer):
    """How many embargoes end at a time."""

    until = TimestampField(read_only=True)
    articles = serializers.IntegerField(read_only=True)


class EmbargoCountsSerializer(StrictSerializer):
    """How many articles are under an embargo, and when the first ones end."""

    articles = serializers.IntegerField(read_only=True)
    until = EmbargoEndSerializer(many=True, read_only=True)


class WithheldCountsSerializer(StrictSerializer):
    """How many articles leave with their quotes alone, and how many without any words."""

    quotes = serializers.IntegerField(read_only=True)
    no = serializers.IntegerField(read_only=True)


class RightsCountsSerializer(StrictSerializer):
    """The articles of a corpus by the terms that hold for them."""

    licences = LicenceCountSerializer(many=True, read_only=True)
    embargoed = EmbargoCountsSerializer(read_only=True)
    taken_down = serializers.IntegerField(read_only=True)
    text_withheld = WithheldCountsSerializer(read_only=True)
    not_sent_out = serializers.IntegerField(read_only=True)
    protected_actors = serializers.IntegerField(read_only=True)


class CorpusRightsSerializer(TermsSerializer):
    """The terms of the articles of a corpus that have none of their own, and what there is of all."""

    counts = RightsCountsSerializer(read_only=True)
    version = serializers.IntegerField(read_only=True)


class TakeDownSerializer(StrictSerializer):
    """Why an article is taken down, and the numbers of releases to withdraw with it."""

    reason = ProseField(limits.MAX_PROSE)
    also_withdraw = StrictListField(
        child=StrictIntegerField(min_value=1), default=list, max_length=MAX_RELEASES
    )


class HoldingReleaseSerializer(StrictSerializer):
    """A release that holds an article."""

    id = StrictUUIDField(read_only=True)
    number = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    withdrawn_at = TimestampField(read_only=True, allow_null=True)


class ConfidentialSerializer(StrictSerializer):
    """The reason why an actor is protected."""

    reason = ProseField(limits.MAX_PROSE)

    def to_internal_value(self, data: object) -> dict[str, Any]:
        """Return the reason, which is needed in a PATCH, too."""
        values = dict(super().to_internal_value(data))
        if "reason" not in values:
            missing = self.fields["reason"].error_messages["required"]
            raise serializers.ValidationError({"reason": [serializers.ErrorDetail(str(missing), "required")]})
        return values


class ProtectionSerializer(StrictSerializer):
    """The protection of an actor; the reason is null but for managers."""

    reason = serializers.CharField(read_only=True, allow_null=True)
    by = serializers.CharField(source="by.username", read_only=True)
    at = TimestampField(read_only=True)
    lift_asked_by = serializers.CharField(
        source="lift_asked_by.username", read_only=True, allow_null=True, default=None
    )
    lift_asked_at = TimestampField(read_only=True, allow_null=True)
