"""Items: deciding what becomes of a span that needs a look since the text was corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from annotations.enums import CarryDecision
from annotations.exceptions import NotAllowedNowError
from annotations.messages import join_list, message, term
from annotations.models import CarryItem
from annotations.permissions import Permission
from annotations.services.core import events
from annotations.services.core.errors import require_current_version
from annotations.services.core.sets import SetEdit, edit_set
from annotations.services.correction.item_spans import drop_span, mark_words, move_span
from annotations.text.align import CarryStatus
from annotations.visibility import get_visible


@dataclass(frozen=True, kw_only=True)
class ItemDecision:
    """What somebody decided of an item; the range comes with ``moved`` only, as the caller has checked."""

    decision: CarryDecision
    start: int | None = None
    end: int | None = None
    quote: str | None = None


def allowed_decisions(item: CarryItem) -> list[CarryDecision]:
    """Return what can be decided of an open item."""
    if item.status == CarryStatus.TOUCHED:
        return [CarryDecision.FINE, CarryDecision.MOVED, CarryDecision.DROPPED]
    kept = [CarryDecision.KEPT] if item.proposal_start is not None else []
    return [*kept, CarryDecision.MOVED, CarryDecision.DROPPED]


def settle_item(by: User, seen: CarryItem, decided: ItemDecision, *, version: int) -> tuple[CarryItem, int]:
    """Carry out a decision; return the item and the version of its set. ``version`` is that of the set."""
    with edit_set(by, seen.set_id, Permission.EDIT_CONTENT) as edit:
        item = get_visible(by, CarryItem.objects.select_related("set", "by", "span"), pk=seen.pk)
        if _is_repeat(by, item, decided):
            return item, edit.row.version
        require_current_version("set", edit.row.version, version)
        edit.require_editable()
        _require_allowed(edit, item, decided)
        _CARRY_OUT[decided.decision](edit, item, decided)
        item.decision, item.by, item.at = decided.decision, by, timezone.now()
        item.save(force_update=True)
        edit.record(events.ITEM_SETTLED, after=_item_payload(item))
    item.set = edit.row
    return item, edit.row.version


def _is_repeat(by: User, item: CarryItem, decided: ItemDecision) -> bool:
    same = (item.decision, item.by_id) == (decided.decision, by.pk)
    if decided.decision != CarryDecision.MOVED or not same:
        return same
    return item.span is not None and (item.span.start, item.span.end) == (decided.start, decided.end)


def _require_allowed(edit: SetEdit, item: CarryItem, decided: ItemDecision) -> None:
    if item.decision:
        raise NotAllowedNowError(
            message("This mark has been decided already: {decision}.", decision=_term(item.decision)),
            **{**edit.refusal_details(), "allowed": []},
        )
    allowed = allowed_decisions(item)
    if decided.decision not in allowed:
        raise NotAllowedNowError(
            message(
                "A mark that is {status} cannot be decided as {decision}; possible are: {allowed}.",
                status=term("CarryStatus", item.status),
                decision=_term(decided.decision),
                allowed=join_list(map(_term, allowed)),
            ),
            **{**edit.refusal_details(), "allowed": [str(decision) for decision in allowed]},
        )


def _term(decision: str) -> str:
    return term("CarryDecision", str(decision))


def _keep(edit: SetEdit, item: CarryItem, decided: ItemDecision) -> None:
    quote = item.proposal_quote if decided.quote is None else decided.quote
    mark_words(edit, item, int(item.proposal_start or 0), int(item.proposal_end or 0), quote)


def _move(edit: SetEdit, item: CarryItem, decided: ItemDecision) -> None:
    move = move_span if item.status == CarryStatus.TOUCHED else mark_words
    move(edit, item, int(decided.start or 0), int(decided.end or 0), decided.quote)


def _drop(edit: SetEdit, item: CarryItem, _: ItemDecision) -> None:
    if item.status == CarryStatus.TOUCHED:
        drop_span(edit, item)


def _leave(edit: SetEdit, item: CarryItem, _: ItemDecision) -> None:
    """Leave everything as it is."""


_CARRY_OUT: Mapping[CarryDecision, Callable[[SetEdit, CarryItem, ItemDecision], None]] = {
    CarryDecision.KEPT: _keep,
    CarryDecision.MOVED: _move,
    CarryDecision.DROPPED: _drop,
    CarryDecision.FINE: _leave,
}


def _item_payload(item: CarryItem) -> dict[str, Any]:
    """Return the payload of the event about a decision."""
    return {
        "id": str(item.pk),
        "status": item.status,
        "decision": item.decision,
        "span": item.span_id and str(item.span_id),
    }
