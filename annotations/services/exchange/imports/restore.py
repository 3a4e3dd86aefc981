"""The corpus of a restore: created if needed, with the settings of the file."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from annotations.exceptions import InUseError
from annotations.formats.core import records
from annotations.formats.core.value_checks import is_uuid
from annotations.models import Article, Corpus, uuid7
from annotations.services.core import events
from annotations.services.core.corpora import CORPUS_FIELDS, DEFAULT_GUIDELINE_PATH, corpus_payload
from annotations.services.core.sets import require_not_archived


def require_empty(corpus: Corpus) -> None:
    """Raise ``InUseError`` if the corpus has articles: the restored ones could not be told apart."""
    require_not_archived(corpus)
    if Article.objects.filter(corpus=corpus).exists():
        raise InUseError(
            f"The corpus {corpus.slug} has articles, and a restore needs one without; import the file"
            " without restore, or restore it into a corpus of another name."
        )


@transaction.atomic
def create_corpus_from_header(slug: str, header: records.Corpus | None, *, dry_run: bool) -> Corpus:
    """Create a corpus for a restore, with the id of the file if it is free."""
    id = UUID(header.id) if header is not None and is_uuid(header.id) else uuid7()
    if Corpus.objects.filter(pk=id).exists():
        id = uuid7()
    corpus = Corpus(id=id, slug=slug, name=slug, guideline=DEFAULT_GUIDELINE_PATH.read_text(encoding="utf-8"))
    if not dry_run:
        corpus.full_clean(exclude=["name"])
        corpus.save(force_insert=True)
        events.record_event("corpus_created", by=None, corpus_id=corpus.pk, after=corpus_payload(corpus))
    return corpus


@transaction.atomic
def apply_header(corpus: Corpus, header: records.Corpus, *, dry_run: bool) -> None:
    """Set the settings of the file on the corpus; the guideline only if the file has it."""
    settings: dict[str, Any] = {name: getattr(header, name) for name in (*CORPUS_FIELDS, "guideline_version")}
    settings = {name: value for name, value in settings.items() if value is not None}
    if all(getattr(corpus, name) == value for name, value in settings.items()):
        return
    before = corpus_payload(corpus)
    for name, value in settings.items():
        setattr(corpus, name, value)
    if not dry_run:
        corpus.version += 1
        corpus.save(force_update=True, update_fields=[*settings, "version"])
        after = corpus_payload(corpus)
        events.record_event("corpus_changed", by=None, corpus_id=corpus.pk, before=before, after=after)
