"""What the rights in the articles of a corpus are, counted."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from annotations.enums import TextRight
from annotations.models import Article, Corpus
from annotations.services.rights.confidentiality import protected_actors
from annotations.services.rights.terms import corpus_rights

#: How many licences and how many ends of embargoes an answer names.
MAX_NAMED = 100


def embargoed_articles(corpus: Corpus) -> QuerySet[Article]:
    """Return the articles of a corpus under an embargo, in the order in which it ends."""
    rows = Article.objects.filter(corpus=corpus, rights__embargo_until__gt=timezone.now())
    return rows.order_by("rights__embargo_until", "pk")


def taken_down_articles(corpus: Corpus) -> QuerySet[Article]:
    """Return the articles of a corpus that were taken down, the latest first."""
    rows = Article.objects.filter(corpus=corpus, rights__taken_down_at__isnull=False)
    return rows.order_by("-rights__taken_down_at", "pk")


def count_rights(corpus: Corpus) -> dict[str, Any]:
    """Return the counts of licences, embargoes, takedowns, withheld texts and protected actors."""
    defaults = corpus_rights(corpus)
    articles = Article.objects.filter(corpus=corpus).order_by()
    withheld = _effective(articles, "may_export_text", defaults.may_export_text)
    sent = _effective(articles, "may_send_out", defaults.may_send_out)
    embargoed = embargoed_articles(corpus).order_by()
    ends = embargoed.values_list("rights__embargo_until").annotate(articles=Count("pk"))
    return {
        "licences": _licences(articles, defaults.licence),
        "embargoed": {
            "articles": embargoed.count(),
            "until": [
                {"until": until, "articles": count}
                for until, count in ends.order_by("rights__embargo_until")[:MAX_NAMED]
            ],
        },
        "taken_down": taken_down_articles(corpus).count(),
        "text_withheld": {
            "quotes": withheld.get(TextRight.QUOTES, 0),
            "no": withheld.get(TextRight.NO, 0),
        },
        "not_sent_out": sent.get(False, 0),
        "protected_actors": protected_actors(corpus).count(),
    }


def _licences(articles: QuerySet[Article], default: str) -> list[dict[str, Any]]:
    counts = _effective(articles, "licence", default)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"licence": name or None, "articles": count} for name, count in ordered[:MAX_NAMED]]


def _effective(articles: QuerySet[Article], name: str, default: object) -> dict[Any, int]:
    """Return the numbers of articles by the value of a term that holds for them, in one query."""
    column = f"rights__{name}"
    empty = Q((f"{column}__isnull", True)) | (Q((column, "")) if isinstance(default, str) else Q())
    own = articles.exclude(empty).values_list(column).annotate(articles=Count("pk"))
    found: dict[Any, int] = dict(own)
    rest = articles.count() - sum(found.values())
    if rest:
        found[default] = found.get(default, 0) + rest
    return found
