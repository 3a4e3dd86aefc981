"""A correction as a person makes it who has read one revision of the text."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from annotations.exceptions import StaleVersionError
from annotations.messages import message
from annotations.models import Article, Revision
from annotations.permissions import Permission
from annotations.services.core.articles import lock_article_for
from annotations.services.correction.revisions import RevisionResult, add_revision


def require_newest_revision(article: Article, seen: int) -> None:
    """Raise ``StaleVersionError`` if the text has been corrected since the revision that was read."""
    number = article.revision.number
    if number != seen:
        raise StaleVersionError(
            message(
                "The text was corrected to revision {number} meanwhile, and this was written on revision "
                "{seen}; compare the two and decide with both in view.",
                number=number,
                seen=seen,
            ),
            version=number,
        )


@transaction.atomic
def correct_text(
    by: User, id: UUID, text: str, reason: str, *, seen: int, revision_id: UUID, recall: bool = False
) -> RevisionResult:
    """Add a revision if the text is still the one that the person has read. The same id is a repeat."""
    article = lock_article_for(by, id, Permission.ADD_REVISION)
    if not Revision.objects.filter(pk=revision_id).exists():
        require_newest_revision(article, seen)
    return add_revision(by, id, text, reason, revision_id=revision_id, recall=recall)
