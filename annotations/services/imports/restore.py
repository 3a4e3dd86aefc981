"""The corpus of a restore: created if needed, with the settings of the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from annotations.exceptions import InUse
from annotations.formats import records
from annotations.formats.values import is_uuid
from annotations.models import Article, Corpus, uuid7
from annotations.services import events
from annotations.services.corpora import FIELDS, GUIDELINE, facts
from annotations.services.sets import require_not_archived


def require_empty(corpus: Corpus) -> None:
    """Raise ``InUseError`` if the corpus has articles: the restored ones could not be told apart."""
    require_not_archived(corpus)
    if Article.objects.filter(corpus=corpus).exists():
        raise InUse(
            f"The corpus {corpus.slug} has articles, and a restore needs one without; import the file"
            " without restore, or restore it into a corpus of another name."
        )


@transaction.atomic
def found(slug: str, header: records.Corpus | None, *, dry_run: bool) -> Corpus:
    """Create a corpus for a restore, with the id of the file if it is free."""
    id = UUID(header.id) if header is not None and is_uuid(header.id) else uuid7()
    if Corpus.objects.filter(pk=id).exists():
        id = uuid7()
    corpus = Corpus(id=id, slug=slug, name=slug, guideline=GUIDELINE.read_text(encoding="utf-8"))
    if not dry_run:
        corpus.full_clean(exclude=["name"])
        corpus.save(force_insert=True)
        events.record("corpus_created", by=None, corpus_id=corpus.pk, after=facts(corpus))
    return corpus


@transaction.atomic
def adopt(corpus: Corpus, header: records.Corpus, *, dry_run: bool) -> None:
    """Set the settings of the file on the corpus; the guideline only if the file has it."""
    settings: dict[str, Any] = {name: getattr(header, name) for name in (*FIELDS, "guideline_version")}
    settings = {name: value for name, value in settings.items() if value is not None}
    if all(getattr(corpus, name) == value for name, value in settings.items()):
        return
    before = facts(corpus)
    for name, value in settings.items():
        setattr(corpus, name, value)
    if not dry_run:
        corpus.version += 1
        corpus.save(force_update=True, update_fields=[*settings, "version"])
        after = facts(corpus)
        events.record("corpus_changed", by=None, corpus_id=corpus.pk, before=before, after=after)
