"""Two faults at once: the refusal that comes first in the contract is the one that is answered.

411 · 413 · 401 · 403 scope, CSRF · 404 · 403 role, four eyes, blind · 415 · 400 · 428 · a repeat: 200 ·
412 · 409 · 422. Each row has at least two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotations.enums import Scope
from annotations.models import Corpus
from tests.api.matrix_rows import MISSING
from tests.newsroom import Caller, Newsroom, Reply, new_id, span

PROVES = False  # the data of these tests is proved by others

Case = Callable[[Newsroom], Reply]
BAD_SPAN = span(60, 69, quote="Something else")
CHUNKED = {"Transfer-Encoding": "chunked"}


def reader(newsroom: Newsroom) -> Caller:
    """Ann with a token that only reads."""
    return Caller(newsroom.user("ann"), [Scope.READ])


def signed_in(newsroom: Newsroom) -> Caller:
    """Ann in a browser that has no CSRF token."""
    caller = Caller(enforce_csrf_checks=True)
    caller.client.force_login(newsroom.user("ann"))
    return caller


def with_span(newsroom: Newsroom, state: str = "set") -> tuple[Any, Any]:
    """A set of ann's in some state, and its span."""
    row = getattr(newsroom, state)()
    if state == "set":
        newsroom.ann.post(f"sets/{row.pk}/spans/", span())
    return newsroom.fresh(row), row.spans.get()


def archived(newsroom: Newsroom) -> int:
    return Corpus.objects.filter(slug="lake").update(archived=True)


def huge(newsroom: Newsroom, caller: Caller, **headers: str) -> Reply:
    return caller.raw("POST", "corpora/lake/topics/", b"x" * (4 * 2**20 + 1), "text/plain", headers=headers)


CASES: dict[str, tuple[tuple[int, str], Case]] = {
    "411 before 413, 401, 404, 415": (
        (411, "length-required"),
        lambda h: huge(h, h.anonymous, **CHUNKED),
    ),
    "413 before 401, 415": ((413, "too-large"), lambda h: huge(h, h.anonymous)),
    "413 before 403 scope, role": ((413, "too-large"), lambda h: huge(h, reader(h))),
    "401 before 404, 415, 400": (
        (401, "unauthenticated"),
        lambda h: h.anonymous.raw("POST", f"sets/{MISSING}/spans/?x=1", b"{", "text/plain"),
    ),
    "a bad token before everything that it could not do": (
        (401, "unauthenticated"),
        lambda _: Caller().raw("POST", "tokens/", b"{", headers={"Authorization": "Bearer nonsense"}),
    ),
    "403 scope before 404": ((403, "scope"), lambda h: reader(h).post(f"sets/{MISSING}/spans/", span())),
    "403 scope before 403 role": ((403, "scope"), lambda h: reader(h).post("corpora/lake/topics/", {})),
    "403 scope before 415, 400": (
        (403, "scope"),
        lambda h: reader(h).raw("POST", "corpora/lake/actors/?x=1", b"{", "text/plain"),
    ),
    "403 CSRF before 404": ((403, "csrf"), lambda h: signed_in(h).post(f"sets/{MISSING}/spans/", span())),
    "403 CSRF before 415, 400": (
        (403, "csrf"),
        lambda h: signed_in(h).raw("POST", "corpora/lake/actors/?x=1", b"{", "text/plain"),
    ),
    "404 before 415": (
        (404, "not-found"),
        lambda h: h.ann.raw("POST", f"sets/{MISSING}/spans/", b"x", "text/plain"),
    ),
    "404 before 400": ((404, "not-found"), lambda h: h.ann.raw("POST", f"sets/{MISSING}/spans/?x=1", b"{")),
    "404 before 428": ((404, "not-found"), lambda h: h.ann.patch(f"spans/{MISSING}/", {})),
    "404 before 400 in a list": ((404, "not-found"), lambda h: h.sam.get("corpora/lake/sets/", nonsense=1)),
    "403 role before 415": (
        (403, "role"),
        lambda h: h.vic.raw("POST", "corpora/lake/topics/", b"x", "text/plain"),
    ),
    "403 role before 400": ((403, "role"), lambda h: h.vic.raw("POST", "corpora/lake/topics/?x=1", b"{")),
    "403 role before 428": (
        (403, "role"),
        lambda h: h.rae.patch(f"spans/{with_span(h)[1].pk}/", {"end": 1}),
    ),
    "403 role before 409 archived": (
        (403, "role"),
        lambda h: (archived(h), h.vic.post("corpora/lake/topics/", {"name": "x"}))[1],
    ),
    "403 role before 428: the comment of another": (
        (403, "role"),
        lambda h: h.max.patch(
            f"comments/{h.ann.post(f'sets/{h.set().pk}/comments/', {'text': 'So?'}).data['id']}/",
            {"text": "No."},
        ),
    ),
    "403 role before 409: a viewer and the queue of an archive": (
        (403, "role"),
        lambda h: (archived(h), h.vic.post("corpora/lake/queue/", {"task": "annotate"}))[1],
    ),
    "403 four eyes before 400, 428": (
        (403, "four-eyes"),
        lambda h: h.rae.raw("POST", f"sets/{h.submitted('rae').pk}/start-review/", b"{"),
    ),
    "403 four eyes before 412, 409": (
        (403, "four-eyes"),
        lambda h: h.rae.move(h.set("rae").pk, "approve", 99),
    ),
    "403 blind before 400 in a list": (
        (403, "blind"),
        lambda h: h.max.get(f"sets/{h.set('ann', h.article(annotators=2)).pk}/spans/", nonsense=1),
    ),
    "403 blind before 412": (
        (403, "blind"),
        lambda h: h.max.move(h.set("ann", h.article(annotators=2)).pk, "take-over", 99, reason="So."),
    ),
    "415 before 400": (
        (415, "unsupported-media-type"),
        lambda h: h.ann.raw("POST", "corpora/lake/actors/?x=1", b"{", "text/plain"),
    ),
    "415 before 428": (
        (415, "unsupported-media-type"),
        lambda h: h.ann.raw("PATCH", f"spans/{with_span(h)[1].pk}/", b"x", "text/plain"),
    ),
    "400 before 428": (
        (400, "invalid"),
        lambda h: h.ann.patch(f"spans/{with_span(h)[1].pk}/", {"nonsense": 1}),
    ),
    "400 before 412": (
        (400, "invalid"),
        lambda h: h.ann.patch(f"spans/{with_span(h)[1].pk}/", {"nonsense": 1}, 99),
    ),
    "400 before 409": (
        (400, "invalid"),
        lambda h: h.ann.post(f"sets/{h.submitted().pk}/spans/", {**BAD_SPAN, "start": "x"}),
    ),
    "400 parameter before 409": (
        (400, "invalid"),
        lambda h: h.ann.post(f"sets/{h.submitted().pk}/spans/", BAD_SPAN, nonsense=1),
    ),
    "400 reason before 428": ((400, "invalid"), lambda h: h.ann.post(f"sets/{h.set().pk}/withdraw/", {})),
    "428 before 412, 409, 422": (
        (428, "precondition-required"),
        lambda h: h.ann.patch(f"spans/{with_span(h, 'submitted')[1].pk}/", {"quote": "Something else"}),
    ),
    "428 before 409 in a transition": (
        (428, "precondition-required"),
        lambda h: h.ann.post(f"sets/{h.approved().pk}/submit/", {}),
    ),
    "a repeat before 412, 409 closed": (
        (200, ""),
        lambda h: h.ann.patch(f"spans/{with_span(h, 'submitted')[1].pk}/", {"end": 69}, 99),
    ),
    "a repeat before 409 archived": (
        (200, ""),
        lambda h: (with_span(h), archived(h), h.ann.patch(f"spans/{one(h)}/", {"end": 69}, 99))[2],
    ),
    "the same id before 409 closed": (
        (200, ""),
        lambda h: h.ann.post(
            f"sets/{(found := with_span(h, 'submitted'))[0].pk}/spans/", span(id=str(found[1].pk))
        ),
    ),
    "412 before 409 closed": (
        (412, "stale"),
        lambda h: h.ann.patch(f"spans/{with_span(h, 'submitted')[1].pk}/", {"end": 64}, 99),
    ),
    "412 before 409 archived": (
        (412, "stale"),
        lambda h: (with_span(h), archived(h), h.ann.patch(f"spans/{one(h)}/", {"end": 64}, 99))[2],
    ),
    "412 before 409 of the state": ((412, "stale"), lambda h: h.ann.move(h.approved().pk, "submit", 99)),
    "412 before 409 problems": (
        (412, "stale"),
        lambda h: (
            h.ann.post(f"sets/{(row := h.set()).pk}/spans/", span(59, 69)),
            h.ann.move(row.pk, "submit", 99),
        )[1],
    ),
    "412 before 422": (
        (412, "stale"),
        lambda h: h.ann.patch(f"spans/{with_span(h)[1].pk}/", {"quote": "Something else"}, 99),
    ),
    "412 before 409 in use": (
        (412, "stale"),
        lambda h: h.max.delete(f"articles/{h.set().article_id}/", 99),
    ),
    "412 before 422 unknown user": (
        (412, "stale"),
        lambda h: h.max.move(h.approved().pk, "reopen", 99, reason="So.", owner="nobody"),
    ),
    "409 closed before 422 quote": (
        (409, "closed-set"),
        lambda h: h.ann.post(f"sets/{h.submitted().pk}/spans/", BAD_SPAN),
    ),
    "409 closed before 422 bounds": (
        (409, "closed-set"),
        lambda h: h.ann.post(f"sets/{h.submitted().pk}/spans/", span(60, 9_999)),
    ),
    "409 closed before 422 in a change": (
        (409, "closed-set"),
        lambda h: h.ann.patch(f"spans/{with_span(h, 'submitted')[1].pk}/", {"end": 9_999}, 1),
    ),
    "409 closed before 422 ends": (
        (409, "closed-set"),
        lambda h: h.ann.post(
            f"sets/{h.submitted().pk}/relations/", {"type": "about", "source": MISSING, "target": MISSING}
        ),
    ),
    "409 archived before 422": (
        (409, "not-allowed-now"),
        lambda h: (row := h.set(), archived(h), h.ann.post(f"sets/{row.pk}/spans/", BAD_SPAN))[2],
    ),
    "409 taken before 422": (
        (409, "id-taken"),
        lambda h: h.ann.post(f"sets/{h.set().pk}/spans/", {**BAD_SPAN, "id": spare(h)}),
    ),
    "409 duplicate before 422 not in corpus": (
        (409, "duplicate"),
        lambda h: h.ann.post(f"sets/{with_span(h)[0].pk}/spans/", span(actor=new_id())),
    ),
    "409 excluded before 422 unknown user": (
        (409, "not-allowed-now"),
        lambda h: h.max.post(f"articles/{excluded(h)}/sets/", {"owner": "nobody"}),
    ),
    "409 of the state before 422 unknown user": (
        (409, "not-allowed-now"),
        lambda h: h.max.move(h.set().pk, "reopen", reason="So.", owner="nobody"),
    ),
    "409 blocking time before 422 place": (
        (409, "not-allowed-now"),
        lambda h: h.rae.post(
            f"sets/{h.set().pk}/comments/", {"text": "No.", "blocking": True, "span": new_id()}
        ),
    ),
    "405 after 401": ((401, "unauthenticated"), lambda h: h.anonymous.raw("PUT", "me/")),
}


def one(newsroom: Newsroom) -> Any:
    """The id of the only span."""
    return newsroom.ann.all("corpora/lake/spans/")[0]["id"]


def spare(newsroom: Newsroom) -> str:
    """The id of a span in another set."""
    return str(with_span(newsroom)[1].pk)


def excluded(newsroom: Newsroom) -> Any:
    article = newsroom.article()
    newsroom.max.post(f"articles/{article.pk}/exclude/", {"reason": "Twice."})
    return article.pk


@pytest.mark.parametrize("name", CASES)
def test_the_first_that_fits(newsroom: Newsroom, name: str) -> None:
    expected, case = CASES[name]
    reply = case(newsroom)
    assert (reply.status, reply.code if reply.status >= 400 else "") == expected, reply
