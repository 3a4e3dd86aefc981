"""What corrections of texts left behind, for the records of an export: few articles have any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from annotations.formats.core import json_text, records
from annotations.models import CarryItem, CarryOver
from annotations.services.exchange.exports.expressions import IDS_PLACEHOLDER, IdQuery, id_in
from annotations.services.exchange.exports.queries import id_as_text
from annotations.text.align import CarryStatus


@cache
def _has_carries_query() -> IdQuery:
    """Return the query for whether the text of any article was corrected under a set."""
    return IdQuery(
        CarryOver.objects.filter(id_in("article_id", IDS_PLACEHOLDER)).order_by().values_list("digest")[:1]
    )


def add_carries(
    articles: list[records.Article], ids: Sequence[UUID], sets: Sequence[UUID]
) -> list[records.Article]:
    """Return the articles, of these ids, with the carry-overs and the items of their sets."""
    if not sets or not any(_has_carries_query().fetch(ids)):
        return articles
    carries, items = _load_carries(sets), _load_items(sets)
    return [
        article._replace(
            sets=[
                row._replace(carry=carries.get(row.id), carry_items=items.get(row.id, ()))
                for row in article.sets
            ]
        )
        for article in articles
    ]


def _load_carries(sets: Sequence[UUID]) -> Mapping[str, records.CarryOver]:
    rows = CarryOver.objects.filter(id_in("to_set_id", sets)).order_by()
    columns = rows.values_list("to_set_id", "pk", "counts", "digest", "by__username", "at")
    return {
        str(set_id): records.CarryOver(
            str(id), {str(status): counts.get(status, 0) for status in CarryStatus}, digest, by, at
        )
        for set_id, id, counts, digest, by, at in columns
    }


def _load_items(sets: Sequence[UUID]) -> Mapping[str, list[records.CarryItem]]:
    """Return the items by set, in the order of ids."""
    rows = CarryItem.objects.filter(id_in("set_id", sets)).select_related("by").order_by("set_id", "pk")
    return {str(id): list(map(_item_record, group)) for id, group in groupby(rows, key=attrgetter("set_id"))}


def _item_record(item: CarryItem) -> records.CarryItem:
    place = item.proposal
    return records.CarryItem(
        id=str(item.pk),
        carry=str(item.carry_id),
        status=item.status,
        old_span=str(item.old_span),
        label=item.label,
        start=item.start,
        end=item.end,
        quote=item.quote,
        proposal=(place["start"], place["end"], place["quote"]) if place else None,
        attributes=json_text.dump_json(item.attributes),
        actor=id_as_text(item.actor_id),
        proposition=id_as_text(item.proposition_id),
        relations=[
            records.WaitingRelation(link["type"], link["is_source"], link["old"], link["span"])
            for link in item.relations
        ],
        comments=item.comments,
        decision=item.decision,
        by=item.by.get_username() if item.by else None,
        at=item.at,
        span=id_as_text(item.span_id),
    )
