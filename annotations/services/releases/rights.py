"""What the manifest and the card of a release tell of rights, counted when it is frozen."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet

from annotations.formats.release.build_spec import stated_licence
from annotations.models import Article
from annotations.services.rights.terms import terms_payload
from annotations.services.rights.verdicts import Gate
from annotations.text.parsing import format_timestamp


def count_embargoes(articles: QuerySet[Article], gate: Gate) -> list[tuple[str, int]]:
    """Return until when how many of the articles are under an embargo, the first end first."""
    rows = articles.filter(rights__embargo_until__gt=gate.now, rights__taken_down_at__isnull=True).order_by()
    ends = rows.values_list("rights__embargo_until").annotate(articles=Count("pk"))
    return [(format_timestamp(until), number) for until, number in ends.order_by("rights__embargo_until")]


def default_terms(gate: Gate) -> dict[str, Any]:
    """Return the terms of the corpus for articles without terms of their own; nothing where it has none."""
    terms = terms_payload(gate.defaults)
    masked = {
        name: gate.mask_text(value) if isinstance(value, str) else value for name, value in terms.items()
    }
    return masked if any(value is not None for value in masked.values()) else {}


def count_licences(articles: QuerySet[Article], gate: Gate) -> dict[str, int]:
    """Return the numbers of articles by licence: their own, else that of the corpus, else in the metadata.

    Where no article has a licence of its own and the corpus has none, nothing is counted here.
    """
    rows = articles.order_by()
    own = rows.exclude(rights__licence="").exclude(rights__licence__isnull=True)
    counts = Counter(dict(own.values_list("rights__licence").annotate(articles=Count("pk"))))
    default = gate.defaults.licence
    if not counts and not default:
        return {}
    rest = rows.exclude(pk__in=own.values("pk"))
    if default:
        counts[default] += rest.count()
    else:
        counts.update(
            stated_licence(metadata) for metadata in rest.values_list("metadata", flat=True).iterator()
        )
    return {gate.mask_text(licence): number for licence, number in counts.items() if number}
