"""The numbers of every page that counts statements lead to lists of exactly so many."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from operator import itemgetter
from urllib.parse import parse_qsl, urlsplit

from django.contrib.auth.models import User
from django.test import Client

from annotations.models import Actor
from tests.newsroom import Newsroom
from tests.statements import make_random

#: Rows of random corpora go straight into the tables, without events.
PROVES = False
PAGES = (
    "",
    "?rows=3&columns=2&min_statements=2",
    "?rollup_actor=affiliation&rollup_issue=topic&dedup=month&dedup_key=issue",
    "?from=2024&to=2025&basis=stated&source=Herald&row=x&column=y&window=2024",
    *(f"quoted/?by={by}&dedup=article" for by in ("actor", "kind", "affiliation", "source")),
    "network/?mode=bipartite&rollup_actor=parent",
    "network/?mode=bipartite&window=90&step=60",
    "network/?mode=bipartite&dedup=year&dedup_key=issue&stance=support,mixed",
)
LINK = re.compile(r'<a href="([^"]*/statements/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
HIDDEN = re.compile(r'<span class="visually-hidden">.*?</span>', re.DOTALL)
#: A number that stands alone, beside the name of a head, or behind the score of a cell.
NUMBER = re.compile(r'^\s*(\d+)\s*$|class="(?:note|number)">\s*(\d+)|^(\d+) statements? in approved')
TOTAL = re.compile(r"<p>(\d+) statements?, the newest first")


def numbers(page: str) -> Iterator[tuple[str, int]]:
    """Yield the addresses behind numbers, with the numbers."""
    # a weight is no number of statements
    for url, inner in LINK.findall(re.sub(r'<td><a [^>]*dir="ltr">.*?</a></td>', "", page, flags=re.DOTALL)):
        found = NUMBER.search(HIDDEN.sub("", inner))
        if found:
            yield html.unescape(url), int(next(filter(None, found.groups())))


def some_of_each_kind(found: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the smallest, a middle and the largest number of each kind of link.

    A kind is the names of the parameters; the links of one come from the same lines of a template.
    """
    kinds: dict[tuple[str, ...], dict[str, int]] = {}
    for url, number in found:
        kinds.setdefault(tuple(sorted(dict(parse_qsl(urlsplit(url).query)))), {})[url] = number
    for links in kinds.values():
        ordered = sorted(links.items(), key=itemgetter(1))
        yield from {ordered[place] for place in (0, len(ordered) // 2, -1)}


def test_every_kind_of_number_leads_to_so_many_statements(newsroom: Newsroom) -> None:
    make_random(newsroom.lake, newsroom.user("ann"), 1, articles=15)
    User.objects.update(is_staff=True)
    client = Client()
    client.force_login(newsroom.user("vic"))
    base = f"/admin/annotations/corpus/{newsroom.lake.pk}/positions/"
    actors = Actor.objects.filter(corpus=newsroom.lake, merged_into__isnull=True).order_by("pk")[:2]
    followed: dict[str, int] = {}
    for address in (
        *(base + page for page in PAGES),
        *(f"/admin/annotations/actor/{a.pk}/change/" for a in actors),
    ):
        found = list(numbers(client.get(address).content.decode()))
        assert found, address
        for url, number in some_of_each_kind(found):
            if url not in followed:
                total = TOTAL.search(client.get(url).content.decode())
                followed[url] = int(total[1]) if total else -1
            assert followed[url] == number, (address, url)
    assert len(followed) > 40
