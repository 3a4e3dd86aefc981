"""The content of a form that was refused, kept until the page of its button is shown again."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

_KEY = "refused_form"


def keep_refused_form(request: HttpRequest, url: str) -> None:
    """Keep what was sent to an address; only the last refused form is kept."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    request.session[_KEY] = {"url": url, "sent": sent.urlencode()}


def take_refused_form(request: HttpRequest, url: str, **current: object) -> QueryDict | None:
    """Return what was sent to an address and refused, once, with the ``current`` values in their fields."""
    kept = request.session.get(_KEY)
    if not isinstance(kept, dict) or kept.get("url") != url:
        return None
    del request.session[_KEY]
    sent = QueryDict(str(kept.get("sent", "")), mutable=True)
    for name, value in current.items():
        sent[name] = str(value)
    return sent
