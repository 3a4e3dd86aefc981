"""Articles, and the immutable revisions of their texts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.enums import ArticleStatus
from annotations.models.base import UUIDModel, VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.fields import VerbatimText
from annotations.models.vocabulary import translated_choices
from annotations.text.parsing import MAX_LANGUAGE, MAX_URL

#: The statuses in which an article may still get an annotator.
WAITING_STATUSES = (ArticleStatus.ANNOTATING, ArticleStatus.UNASSIGNED)


class Article(VersionedModel):
    """The metadata of a text. The text is in the revisions, so that lists of articles never load it."""

    corpus = models.ForeignKey(Corpus, on_delete=models.PROTECT, related_name="articles", db_index=False)
    external_id = models.CharField(max_length=limits.MAX_EXTERNAL_ID, null=True, blank=True)
    title = models.CharField(max_length=limits.MAX_TITLE, blank=True, default="")
    source = models.CharField(max_length=limits.MAX_SOURCE, blank=True, default="")
    author = models.CharField(max_length=limits.MAX_AUTHOR, blank=True, default="")
    url = models.CharField(max_length=MAX_URL, blank=True, default="")
    language = models.CharField(max_length=MAX_LANGUAGE, blank=True, default="")
    published_at = models.DateTimeField(null=True, blank=True)
    story_key = models.CharField(max_length=limits.MAX_STORY_KEY, blank=True, default="")
    metadata = models.JSONField(default=dict, blank=True)
    annotators = models.PositiveSmallIntegerField(default=1)
    # Whether the queue chose it for double annotation (``Corpus.double_share``).
    doubled = models.BooleanField(default=False, db_default=False, editable=False)
    # The database needs the default too, for bulk inserts that leave the column out.
    priority = models.SmallIntegerField(default=0, db_default=0)
    excluded_reason = VerbatimText(blank=True, default="")
    search_key = models.TextField(editable=False, default="")
    status = models.CharField(
        max_length=30,
        choices=translated_choices(ArticleStatus),
        default=ArticleStatus.UNASSIGNED,
        editable=False,
    )
    # Article and revision refer to each other; the foreign key is checked at the end of the transaction.
    revision = models.ForeignKey("Revision", on_delete=models.DO_NOTHING, related_name="+", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("corpus", "external_id"), name="article_external_id"),
            values_constraint("status", ArticleStatus, name="article_status"),
            models.CheckConstraint(condition=models.Q(annotators__gte=1), name="article_annotators"),
        )
        indexes = (
            models.Index(fields=("corpus", "id"), name="article_corpus"),
            models.Index(fields=("corpus", "status", "id"), name="article_status"),
            models.Index(fields=("corpus", "source", "id"), name="article_source"),
            models.Index(fields=("corpus", "language", "id"), name="article_language"),
            models.Index(fields=("corpus", "story_key", "id"), name="article_story_key"),
            models.Index(fields=("corpus", "published_at", "id"), name="article_published_at"),
            # The articles that still wait for annotators, in the order of the queue.
            models.Index(
                "corpus",
                models.F("priority").desc(),
                "id",
                condition=models.Q(status__in=[str(status) for status in WAITING_STATUSES]),
                name="article_waiting",
            ),
            # And those with work that waits for review.
            models.Index(
                "corpus",
                models.F("priority").desc(),
                "id",
                condition=models.Q(status=ArticleStatus.READY_FOR_REVIEW),
                name="article_to_review",
            ),
        )

    def __str__(self) -> str:
        return self.title or self.external_id or str(self.id)


class Revision(UUIDModel):
    """One immutable version of the text of an article.

    ``length`` is in code points, ``sha256`` is the hex digest of the UTF-8 bytes.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    text = VerbatimText()
    sha256 = models.CharField(max_length=64)
    length = models.PositiveIntegerField()
    reason = VerbatimText(blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("article", "number"), name="revision_number"),
            models.CheckConstraint(condition=models.Q(length__gte=1), name="revision_length"),
        )
        indexes = (models.Index(fields=("sha256",), name="revision_sha256"),)

    def __str__(self) -> str:
        return f"revision {self.number}"
