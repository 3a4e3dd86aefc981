"""The requests that ask for each row of the table, and the routes that there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.db import transaction
from django.urls import URLPattern

from annotations.api.urls import urlpatterns
from annotations.models import (
    Actor,
    Affiliation,
    AnnotationSet,
    Article,
    Comment,
    Corpus,
    Decision,
    Invitation,
    Membership,
    Proposition,
    Relation,
    Span,
    Story,
    Topic,
)
from tests.api.matrix_rows import OPEN_TO_ALL, ROWS, UNKNOWN, Row
from tests.newsroom import Caller, Reply


def patterns() -> list[URLPattern]:
    return [each for each in urlpatterns if str(each.pattern) not in (*OPEN_TO_ALL, UNKNOWN)]


@cache
def routes() -> Mapping[str, frozenset[str]]:
    """Every route of the URLconf with the methods that its view handles."""
    found = {}
    for each in patterns():
        view: Any = each.callback.view_class  # type: ignore[attr-defined]
        found[str(each.pattern)] = frozenset(
            name.upper()
            for name in view.http_method_names
            if hasattr(view, name) and name not in ("head", "options")
        )
    return found


def there(key: str) -> bool:
    """Whether the URLconf has this method of a route."""
    method, route = key.split()
    return method in routes().get(route, ())


def address(key: str, things: Mapping[str, str]) -> str:
    """The address of a row."""
    found, rest = "", key.split()[1]
    for name in ROWS[key].at:
        before, rest = rest.split("<", 1)
        found += before + things[name]
        rest = rest.split(">", 1)[1]
    return found + rest + ROWS[key].query


def filled(body: Any, things: Mapping[str, str]) -> Any:
    """A body with the ids of things in it."""
    if isinstance(body, dict):
        return {name: filled(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, things) for value in body]
    return things[body[1:-1]] if isinstance(body, str) and body.startswith("{") else body


def ask(caller: Caller, key: str, things: Mapping[str, str], version: Any = None) -> Reply:
    """The request of a row by somebody; what it writes is taken back."""
    each = ROWS[key]
    method, at = key.split(maxsplit=1)[0], address(key, things)
    seen = version or (stored_version(each, things) if each.version else None)
    imports = at.endswith("/imports/")
    before = transaction.savepoint()
    if imports:
        reply = caller.raw(method, at, b'{"text": "Imported."}', "application/x-ndjson")
    else:
        reply = caller.call(method, at, filled(each.body, things), version=seen)
    transaction.savepoint_rollback(before)
    return reply


#: Where the version of a thing is stored, and by what it is found; everything else is a set.
STORED: dict[str, tuple[Any, str]] = {
    "corpus": (Corpus, "slug"),
    "empty": (Corpus, "slug"),
    "member": (Membership, "user__username"),
    "article": (Article, "pk"),
    "story": (Story, "pk"),
    "copy": (Story, "members__article"),
    "span": (Span, "pk"),
    "relation": (Relation, "pk"),
    "comment": (Comment, "pk"),
    "suggestion": (Comment, "pk"),
    "actor": (Actor, "pk"),
    "affiliation": (Affiliation, "pk"),
    "topic": (Topic, "pk"),
    "proposition": (Proposition, "pk"),
    "decision": (Decision, "pk"),
    "invitation": (Invitation, "pk"),
    "item": (AnnotationSet, "carry_items"),
}


def stored_version(each: Row, things: Mapping[str, str]) -> int:
    """The version of what a row writes to."""
    model, key = STORED.get(each.at[-1], (AnnotationSet, "pk"))
    rows = model.objects.filter(**{key: things[each.at[-1]]})
    return int(rows.values_list("version", flat=True).first() or 1)


def present() -> Iterator[str]:
    """The rows whose route exists."""
    return (key for key in ROWS if there(key))
