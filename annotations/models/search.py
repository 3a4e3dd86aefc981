"""The index of words, and the searches that people have saved."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.db import models

from annotations import limits
from annotations.models.articles import Article
from annotations.models.base import VersionedModel, values_constraint
from annotations.models.corpora import Corpus
from annotations.models.vocabulary import translated_choices


class SearchPlace(StrEnum):
    """The parts of an article whose words are indexed."""

    TEXT = "text"
    TITLE = "title"


class SearchPart(models.Model):
    """A block of the words of an article: all of its title, or a part of its current text.

    Derived by ``services.core.search_index`` alone. The words stand beside the columns: on PostgreSQL in two
    more, on SQLite in a table of FTS5 under the same ids (``models.term_index``). ``revision`` is that of a
    text.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    place = models.CharField(max_length=10, choices=translated_choices(SearchPlace))
    revision = models.UUIDField(null=True)
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints = (
            values_constraint("place", SearchPlace, name="search_part_place"),
            models.UniqueConstraint(fields=("article", "place", "number"), name="search_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.place} {self.number} of {self.article_id}"


class SavedSearch(VersionedModel):
    """A question that somebody keeps under a name, for themselves or for all members of the corpus.

    ``filters`` are the other parameters of the address of a search, as texts.
    """

    corpus = models.ForeignKey(Corpus, on_delete=models.CASCADE, related_name="+", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=limits.MAX_SEARCH_NAME)
    query = models.CharField(max_length=limits.MAX_QUESTION)
    filters = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("corpus", "owner", "name"), name="saved_search_once"),)
        indexes = (models.Index(fields=("corpus", "id"), name="saved_search_corpus"),)

    def __str__(self) -> str:
        return self.name
