"""Stories: fingerprints are those of the texts, and what was found shares text with its lead."""

from __future__ import annotations

from uuid import UUID

from annotations.models import (
    COPY_STATES,
    Fingerprint,
    FingerprintHash,
    MemberState,
    Story,
    StoryMember,
)
from annotations.services.core.fingerprints import Place, load_shingles
from annotations.services.integrity.checks import (
    TEXTS_AT_ONCE,
    Check,
    CheckResult,
    CheckScope,
    stream_batches,
)
from annotations.text.copies import MIN_SHARED, Shingles


def _check_fingerprints(scope: CheckScope, result: CheckResult) -> None:
    """Check those of current texts; one that is missing or older is made by the next search."""
    fingerprints = scope.select(Fingerprint.objects.select_related("article", "revision"), "corpus_id")
    for batch in stream_batches(fingerprints, TEXTS_AT_ONCE):
        ids = [row.pk for row in batch]
        hashes: dict[UUID, list[tuple[int, int]]] = {id: [] for id in ids}
        stored = FingerprintHash.objects.filter(article__in=ids).order_by("pk")
        for id, hash, place in stored.values_list("article_id", "hash", "place"):
            hashes[id].append((hash, place))
        copies = StoryMember.objects.filter(article__in=ids, state__in=COPY_STATES).order_by()
        copied = {id for id, lead in copies.values_list("article_id", "story__lead_id") if id != lead}
        for row in batch:
            result.add_row(row.pk, _fingerprint_fault(row, hashes[row.pk], is_copy=row.pk in copied))


def _fingerprint_fault(row: Fingerprint, hashes: list[tuple[int, int]], *, is_copy: bool) -> str | None:
    if row.revision.article_id != row.article_id or row.corpus_id != row.article.corpus_id:
        return "The fingerprint is of another article or corpus."
    shingles = Shingles.of_text(row.revision.text)
    kept = sorted(shingles.kept)
    if (row.digest, row.size, [hash for hash, _ in hashes]) != (shingles.digest, len(kept), kept):
        return "The fingerprint is not that of its text."
    if row.place != Place.WAITS and {place for _, place in hashes} - {row.place}:
        return "The hashes of the fingerprint stand where it does not stand."
    if row.place != Place.WAITS and is_copy != (row.place == Place.COPY):
        return "The fingerprint stands where its article does not stand."
    return None


def _check_stories(scope: CheckScope, result: CheckResult) -> None:
    stories = scope.select(Story.objects.select_related("lead"), "corpus_id")
    for batch in stream_batches(stories):
        members: dict[UUID, list[StoryMember]] = {row.pk: [] for row in batch}
        for member in StoryMember.objects.filter(story__in=list(members)).select_related("article"):
            members[member.story_id].append(member)
        for row in batch:
            result.add_row(row.pk, _story_fault(row, members[row.pk]))


def _story_fault(story: Story, members: list[StoryMember]) -> str | None:
    copies = [member for member in members if member.state in COPY_STATES]
    if story.size != len(copies):
        return f"The story is stored with {story.size} copies, and has {len(copies)}."
    if story.lead_id not in {member.article_id for member in copies}:
        return "The lead of the story is no member of it."
    if any(member.article.corpus_id != story.corpus_id for member in members):
        return "The story has an article of another corpus."
    if len(members) == 1:
        return "The story has no article beside its lead."
    return None


def _check_copies(scope: CheckScope, result: CheckResult) -> None:
    """Check that what is found shares with its lead what a copy has to share, whatever is boilerplate."""
    found = StoryMember.objects.filter(state=MemberState.FOUND).select_related("story")
    current = {"article__fingerprint__place": Place.COPY}
    for batch in stream_batches(scope.select(found.filter(**current), "story__corpus_id"), TEXTS_AT_ONCE):
        texts = dict(load_shingles({id for row in batch for id in (row.article_id, row.story.lead_id)}))
        for row in batch:
            left, right = texts[row.article_id], texts[row.story.lead_id]
            is_copy = left.digest == right.digest or (len(set(left.hashes) & set(right.hashes)) >= MIN_SHARED)
            fault = (
                "The article was found to be a copy, and shares nearly nothing with the lead of its story."
            )
            result.add_row(row.pk, None if is_copy else fault)


CHECKS = (
    Check("fingerprints", "Fingerprints are those of the texts.", _check_fingerprints),
    Check("stories", "A story has its lead and its copies, all of its corpus.", _check_stories),
    Check("copies", "What was found to be a copy shares text with its lead.", _check_copies),
)
