"""A corpus in which a protected source is named wherever a name can stand, and what tells whether it leaks.

The search knows nothing of the masker: it looks for letters that occur in the name alone, in every byte.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from urllib.parse import unquote

from django.utils import timezone

from annotations.formats.release.leaks import unpack_texts
from annotations.models import (
    Actor,
    Affiliation,
    AnnotationSet,
    Article,
    ConfidentialActor,
    Corpus,
    Judgement,
    Merge,
    Proposition,
)
from annotations.services.core import comments
from annotations.services.core.comments import CommentDraft
from annotations.services.correction import revisions
from tests import factories
from tests.services.small_newsroom import SmallNewsroom

NAME, ALIAS, OTHER = "Zsófia Quintyr", "Quintyr", "Vadnay Panni"
#: Words of the names, folded, that stand in nothing else.
SECRETS = ("quintyr", "vadnay", "zsofia", "gatekeeper", "osmanov", "османов", "ᴏꜱᴍᴀɴᴏᴠ")
TEXT = (
    "“We heard it from Zsófia Quintyr’s sister: ‘Quintyr knows’,” said Lorn, who is against the toll. "
    "The old gatekeeper confirmed it. VADNAY PANNI and Zso\u0301fia\u00a0Quintyr left. "
    "Ardenia said the lock leaks."
)
#: How else texts write a name: in cases, in other letters, divided, with markup, in codes.
SPELLINGS = (
    "Osmanovs", "Osmanov's", "OSMANOVS’", "Osmanova", "Османов", "Османова", "ОСМАНОВЫМ", "Oсмaнов",
    "Os-\nmanov", "Osma\u2010\n  nov", "Os\u00ad\nmanov", "Os\u00admanov", "Os\u200bma\u2060nov",
    "<b>Os</b>manov", "Elif <em>Osmanov</em>", "**Os**manov", "Os&shy;manov", "Os&#109;anov",
    "Ｏｓｍａｎｏｖ", "ᴏꜱᴍᴀɴᴏᴠ", "https://news.example/%4fsmanov/os%6Danov?by=elif%20osmanov",
    "elif_osmanov.mp3", "Elif\n> Osmanov", "𝐎𝐬𝐦𝐚𝐧𝐨𝐯", "Os\\u006danov", "Osmanov™", "Osmano\u0301v",
    "Osmanov, Elif", "OSMANOV Elif", "osmanov_elif.jpg", "O s m a n o v", "E l i f  O s m a n o v",
    "O.s.m.a.n.o.v", "@ElifOsmanov", "#OsmanovElif",
)  # fmt: skip
SPELLED = "Lorn met " + ", then ".join(SPELLINGS) + "."
URL = "https://news.example/2026/zsofia-quintyr-says?by=Zs%C3%B3fia+Quintyr"


#: The packages of formats, and of dialects of them, that a small installation has not.
_PACKAGES = {"parquet": "pyarrow", "spacy docbin": "spacy"}


def is_installed(format: str, dialect: str = "machine") -> bool:
    """Whether a format can be written here."""
    package = _PACKAGES.get(format) or _PACKAGES.get(f"{format} {dialect}")
    return package is None or find_spec(package) is not None


def protect(actor: Actor, **at: Any) -> ConfidentialActor:
    """Protect an actor, as a manager would."""
    by = factories.manager_of(actor.corpus)
    return ConfidentialActor.objects.create(
        actor=actor, reason="She would lose her work.", by=by, at=timezone.now() + timedelta(**at)
    )


def place(words: str, text: str = TEXT) -> tuple[int, int]:
    """Return where words first stand in a text."""
    start = text.index(words)
    return start, start + len(words)


def plant(newsroom: SmallNewsroom) -> Actor:
    """Name a source in every field that a name can stand in; return the actor, which is protected."""
    corpus = newsroom.corpus
    Corpus.objects.filter(pk=corpus.pk).update(
        name=f"What {NAME} knows",
        slug="quintyr-files",
        description=f"Of {NAME} and others.",
        guideline=f"Ask {ALIAS} first.",
    )
    corpus.refresh_from_db()
    source = newsroom.actor(NAME, kind="person", qid="Q42", note=f"{ALIAS} lives here.")
    source = Actor.objects.get(pk=source.pk)
    source.aliases.create(text=ALIAS)
    twin = Actor.objects.get(pk=newsroom.actor(OTHER, kind="person").pk)
    lorn = Actor.objects.get(pk=newsroom.actor("Lorn", note=f"Married to {NAME}.").pk)
    lorn.aliases.create(text=f"Friend of {ALIAS}")
    lorn.aliases.create(text=ALIAS)
    office = Actor.objects.get(pk=newsroom.actor("Office", kind="organisation", parent_id=source.pk).pk)
    Affiliation.objects.create(actor=source, organisation=office, kind="member", role=f"{ALIAS}’s own")
    Affiliation.objects.create(
        actor=lorn, organisation=office, kind="member", role=f"aide of {NAME}", note=ALIAS
    )
    _plant_merges(newsroom, source, twin, lorn)
    topic = newsroom.topic(f"{ALIAS} affair")
    issue = newsroom.issue(f"{NAME} should be believed", topic.pk)
    protect(source)
    article = newsroom_article(newsroom)
    row = newsroom_work(newsroom, article, source, lorn, issue)
    newsroom.move("rae", newsroom.move("ann", row, "submit"), "start_review", "approve")
    plain = newsroom.article("plain")
    done = newsroom.work("ann", plain, actor=lorn.pk, issue=issue.pk)
    newsroom.move("rae", newsroom.move("ann", done, "submit"), "start_review", "approve")
    return source


def plant_spellings(newsroom: SmallNewsroom) -> Article:
    """Name another source in every spelling, in both versions of a text; the gold stands on the older one."""
    source = Actor.objects.get(pk=newsroom.actor("Elif Osmanov", kind="person").pk)
    source.aliases.create(text="Osmanov")
    protect(source)
    article = factories.make_article(
        newsroom.corpus, SPELLED, external_id="spelled", title=SPELLINGS[8], author=SPELLINGS[0],
        metadata={SPELLINGS[5]: " · ".join(SPELLINGS), "by": "She\nOsmanov\tsaid"},
    )  # fmt: skip
    row = factories.make_set(article, newsroom.people["ann"])
    factories.make_span(row, "actor", 0, 4)
    for spelling in SPELLINGS[5:8]:
        factories.make_span(row, "actor", *place(spelling, SPELLED))
    newsroom.move("rae", newsroom.move("ann", newsroom.fresh(row), "submit"), "start_review", "approve")
    text = SPELLED.replace("Lorn met", "Yesterday Lorn met")
    revisions.add_revision(newsroom.people["max"], article.pk, text, f"{SPELLINGS[0]} own words.")
    return article


def _plant_merges(newsroom: SmallNewsroom, source: Actor, twin: Actor, lorn: Actor) -> None:
    by, corpus = newsroom.people["max"], newsroom.corpus
    Merge.objects.create(
        corpus=corpus, kind="actor", loser=twin.pk, winner=source.pk, reason=f"{OTHER} is {NAME}", by=by,
        at=timezone.now(), moved={"aliases": [{"text": OTHER, "language": "", "kind": "name"}]},
    )  # fmt: skip
    Actor.objects.filter(pk=twin.pk).update(merged_into=source, canonical=source)
    twins = [newsroom.actor(name) for name in ("Lorn state", "Lorne")]
    Merge.objects.create(
        corpus=corpus, kind="actor", loser=twins[1].pk, winner=twins[0].pk, reason=f"{NAME} says so", by=by,
        at=timezone.now(), moved={"stayed": [{"text": f"{ALIAS} land", "language": "", "kind": "name"}]},
    )  # fmt: skip
    Actor.objects.filter(pk=twins[1].pk).update(merged_into=twins[0].pk, canonical=twins[0].pk)
    left, right = sorted((lorn.pk, twins[0].pk))
    Judgement.objects.create(
        corpus=corpus, kind="actor", left=left, right=right, verdict="different", reason=f"Not {NAME}", by=by,
        at=timezone.now(),
    )  # fmt: skip


def newsroom_article(newsroom: SmallNewsroom) -> Article:
    """Return an article whose every field names the source."""
    made = factories.make_article(
        newsroom.corpus, TEXT, title=f"“{NAME} knows”", source=f"{ALIAS} Gazette", author=f"Lorn and {NAME}",
        url=URL, external_id="zsofia_quintyr-1", language="en", story_key=f"{ALIAS}-story",
        metadata={f"of {NAME}": "zsofia-quintyr.jpg", "tape": "Quintyr.wav", "number": 1, "license": ALIAS},
    )  # fmt: skip
    Article.objects.filter(pk=made.pk).update(published_at=timezone.now())
    return made


def newsroom_work(
    newsroom: SmallNewsroom, article: Article, source: Actor, lorn: Actor, issue: Proposition
) -> AnnotationSet:
    """Return an open set that names the source in its content."""
    ann = newsroom.people["ann"]
    row = factories.make_set(article, ann)
    add = factories.make_span
    add(
        row,
        "actor",
        *place("Zsófia Quintyr"),
        actor_id=source.pk,
        attributes={"role_text": f"{ALIAS} herself"},
    )
    add(row, "actor", *place("old gatekeeper"), actor_id=source.pk)
    add(row, "actor", *place("Lorn"), actor_id=lorn.pk)
    add(row, "claim", *place("Quintyr knows"), attributes={"claim_type": "assertion"})
    add(row, "position", *place("who is against the toll"), proposition_id=issue.pk)
    add(row, "actor", *place("Ardenia"))
    remark = CommentDraft(text=f"Is it {NAME}?", start=place("Quintyr’s")[0], end=place("sister")[1])
    made = comments.add_comment(ann, row.pk, remark)[0]
    comments.add_comment(ann, row.pk, CommentDraft(text=f"Ask {ALIAS}.", parent_id=made.pk))
    return newsroom.fresh(row)


def readings(data: bytes, name: str) -> Iterator[str]:
    """Yield all texts in a file, with escapes of JSON, HTML and addresses undone, and folded."""
    for _, text in unpack_texts(name, data):
        for reading in (text, _unescape(text), html.unescape(text), unquote(text), _join_words(text)):
            yield reading.lower()
            plain = unicodedata.normalize("NFKD", reading.casefold())
            yield "".join(char for char in plain if not unicodedata.combining(char))


def _unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)


def _join_words(text: str) -> str:
    """Return a text without what can stand in a word that readers take for one."""
    return re.sub(
        r"<[^<>]*>|[\u00ad\u200b\u2060*]|[-\u2010](?:\n|\\n)\s*|(?<=\b\w)[ .](?=\w\b)",
        "",
        html.unescape(_unescape(text)),
    )


def leaks_in(data: bytes, name: str, secrets: Iterable[str] = SECRETS) -> list[str]:
    """Return what of the name stands in a file, with the words around it."""
    return [
        reading[max(0, at - 40) : at + 40]
        for reading in readings(data, name)
        for secret in secrets
        for at in [reading.find(secret)]
        if at >= 0
    ]
