"""Annotation sets: the write gate for their content and comments, their creation and their copies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotations.enums import EDITABLE, ArticleStatus, Round, SetKind, State
from annotations.exceptions import (
    ClosedSetError,
    FieldError,
    NotAllowedNowError,
    NotInCorpusError,
    NotVisibleError,
    StaleVersionError,
    UnknownUserError,
)
from annotations.messages import message, term
from annotations.models import (
    AnnotationSet,
    Article,
    CarryItem,
    CarryOver,
    Corpus,
    Event,
    Membership,
    Relation,
    Role,
    Span,
    bulk,
    uuid7,
)
from annotations.permissions import Permission, VisibleRow, require_permission, set_roles
from annotations.services.core import events
from annotations.services.core.span_values import SpanValues
from annotations.services.core.usernames import normalize_username
from annotations.visibility import VisibleRowQuery
from annotations.workflow import (
    ArticleSummary,
    SetSummary,
    allowed_transitions,
    article_status,
    is_blinded,
    still_double_annotated,
)


@dataclass
class SetEdit:
    """A locked set during one write, with what the write will store at its end.

    ``new_spans`` are stored with the events and the changed columns; other rows the caller stores.
    """

    row: AnnotationSet
    by: User
    role: Role
    new_spans: list[Span] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def seen(self) -> VisibleRow[AnnotationSet]:
        """The set with the role of the caller."""
        return VisibleRow(self.row, self.role)

    def record(self, action: str, **change: object) -> None:
        """Add an event to the ones that are stored when the edit ends."""
        self.events.append(events.build_set_event(action, self.row, self.by, **change))

    def adjust_counts(self, labels: Sequence[str], step: int) -> None:
        """Add ``step`` to the stored number of spans for each of ``labels``."""
        counts = Counter(self.row.span_counts)
        counts.update({label: step * number for label, number in Counter(labels).items()})
        self.row.span_counts = {label: number for label, number in sorted(counts.items()) if number}
        self.columns["span_counts"] = self.row.span_counts

    def require_editable(self) -> None:
        """Raise ``ClosedSetError`` if the content of the set may not change in its state."""
        require_not_archived(self.row.corpus)
        if self.row.state not in EDITABLE:
            raise ClosedSetError(
                message(
                    "The set is {state}; its marks change only while it is open or returned.",
                    state=term("State", str(self.row.state).replace("_", " ")),
                ),
                **self.refusal_details(),
            )

    def refusal_details(self) -> dict[str, Any]:
        """Return the state and the allowed transitions, which a refusal carries as data.

        Of a set that was carried over to a corrected text, also the set in which the work goes on.
        """
        details = {"state": self.row.state, "allowed": self.allowed_transitions()}
        if self.row.state == State.SUPERSEDED:
            successor = (
                CarryOver.objects.filter(from_set=self.row).values_list("to_set_id", flat=True).first()
            )
            details |= {"successor": str(successor)} if successor else {}
        return details

    def allowed_transitions(self) -> list[str]:
        """Return the names of the transitions that the caller may make now."""
        return allowed_transitions(State(self.row.state), set_roles(self.by, self.seen))


@contextmanager
def edit_set(by: User, set_id: UUID, permission: Permission, *, with_text: bool = False) -> Iterator[SetEdit]:
    """Lock a set, let the caller write its content or comments, then raise its version.

    If the caller raises, nothing is stored. An edit that records no event changes nothing. The caller
    itself calls ``require_editable``, after it has recognised repeated requests and stale versions.
    ``with_text`` loads the text that the set annotates along with it.
    """
    with transaction.atomic():
        seen = (_LOCKED_WITH_TEXT if with_text else _LOCKED)(by, set_id)
        row = require_permission(by, permission, seen)
        edit = SetEdit(row=row, by=by, role=seen.role)
        yield edit
        if edit.events:
            _store_edit(edit)


def _store_edit(edit: SetEdit) -> None:
    """Store what an edit has changed, in one wait for the database if no table gets several rows."""
    changes = {**edit.columns, "version": edit.row.version + 1}
    with bulk.statements_together(len(edit.new_spans) < 2 and len(edit.events) < 2):
        bulk.create_objects(edit.new_spans)
        updated = bulk.update_row(edit.row, changes, version=edit.row.version)
        events.store_events(edit.events)
    _pass_version(edit.row, changes, updated)


def locked_sets() -> Any:
    """Return a query for sets that locks each row until the transaction ends (SQLite locks the file)."""
    rows = AnnotationSet.objects.select_for_update(of=("self",)).select_related("corpus")
    return rows.defer("corpus__guideline")


def _locked_sets_with_text() -> Any:
    unused = (
        f"revision__{name}" for name in ("number", "sha256", "length", "reason", "author", "created_at")
    )
    return locked_sets().select_related("revision").defer("corpus__guideline", *unused)


_LOCKED: VisibleRowQuery[AnnotationSet] = VisibleRowQuery(locked_sets)
_LOCKED_WITH_TEXT: VisibleRowQuery[AnnotationSet] = VisibleRowQuery(_locked_sets_with_text)


def require_not_archived(corpus: Corpus) -> None:
    """Raise ``NotAllowedNowError`` if the corpus is archived, and so read-only."""
    if corpus.archived:
        raise NotAllowedNowError(
            message(
                "The corpus {corpus} is archived and can only be read; a manager can take it out "
                "of the archive.",
                corpus=corpus.slug,
            ),
            state="archived",
            allowed=[],
        )


def raise_version(row: AnnotationSet, **changes: object) -> None:
    """Write changed columns and the next version of a set; raise if it has changed since it was read."""
    changes["version"] = row.version + 1
    _pass_version(row, changes, bulk.update_row(row, changes, version=row.version))


def _pass_version(row: AnnotationSet, changes: Mapping[str, Any], updated: Any) -> None:
    """Let a row know what was written; raise if the cursor of the update says that it met no row."""
    if not updated.rowcount:
        raise StaleVersionError(
            message("Somebody changed the set a moment ago; load it again."), version=row.version + 1
        )
    for name, value in changes.items():
        setattr(row, name, value)


def lock_article(article_id: UUID) -> Article:
    """Lock an article. Every change of a state locks the article before its sets, to avoid deadlocks."""
    rows = Article.objects.select_for_update(of=("self",)).select_related("corpus")
    article = rows.filter(pk=article_id).first()
    if article is None:
        raise NotVisibleError(message("The article was deleted a moment ago."))
    return article


def lock_user(user: User) -> None:
    """Lock a user, so that what their requests look for and then take happens one request after the other.

    It comes before every other lock. Rows that refer to the user may still be written.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def lock_corpus(corpus: Corpus) -> None:
    """Lock a corpus against others that look whether it has something and then add it."""
    Corpus.objects.select_for_update(no_key=True).only("pk").get(pk=corpus.pk)


def carried_sets() -> Q:
    """Return the condition for sets whose owner went on in another one, on a corrected text.

    They count for nothing: their owners have not finished, they were interrupted.
    """
    successors = AnnotationSet.objects.filter(
        based_on=OuterRef("pk"), owner=OuterRef("owner"), kind=OuterRef("kind"), round=OuterRef("round")
    )
    return Q(Exists(successors.exclude(revision=OuterRef("revision"))), state=State.SUPERSEDED)


def summarize_article(article: Article) -> ArticleSummary:
    """Return what the workflow needs to know of an article and its sets."""
    return summarize_articles([article])[article.pk]


def summarize_articles(articles: Sequence[Article]) -> dict[UUID, ArticleSummary]:
    """Return the summaries of several articles by id, in one query."""
    sets: dict[UUID, list[SetSummary]] = {article.pk: [] for article in articles}
    rows = AnnotationSet.objects.filter(article__in=list(sets)).exclude(carried_sets()).order_by()
    for article_id, kind, round_, state in rows.values_list("article_id", "kind", "round", "state"):
        sets[article_id].append(SetSummary(kind=SetKind(kind), round=Round(round_), state=State(state)))
    return {
        article.pk: ArticleSummary(
            excluded=bool(article.excluded_reason),
            annotators=article.annotators,
            sets=tuple(sets[article.pk]),
        )
        for article in articles
    }


def refresh_status(*articles: Article) -> None:
    """Store what follows from the states of sets: the status of each article, and which sets are blind."""
    ids_by_status: dict[ArticleStatus, list[UUID]] = {}
    ids_by_blindness: dict[tuple[SetKind, Round, bool], list[UUID]] = {}
    summaries = summarize_articles(articles)
    reached: list[Event] = []
    for article in articles:
        summary = summaries[article.pk]
        if article.doubled and not still_double_annotated(summary):
            summary = _make_single(article, summary)
        before, article.status = article.status, article_status(summary)
        if article.status != before and article.status in events.STATUS_ACTIONS:
            reached.append(_build_status_event(article))
        ids_by_status.setdefault(ArticleStatus(article.status), []).append(article.pk)
        for kind, round_ in sorted({(row.kind, row.round) for row in summary.sets}):
            ids_by_blindness.setdefault((kind, round_, is_blinded(summary, kind, round_)), []).append(
                article.pk
            )
    events.store_events(reached)
    for status, ids in ids_by_status.items():
        Article.objects.filter(pk__in=ids).exclude(status=status).update(status=status)
    for (kind, round_, blind), ids in ids_by_blindness.items():
        rows = AnnotationSet.objects.filter(article__in=ids, kind=kind, round=round_)
        rows.filter(blind=not blind).update(blind=blind)


def _build_status_event(article: Article) -> Event:
    """Return the event that says what an article has come to; nobody does that, it follows."""
    action = events.STATUS_ACTIONS[ArticleStatus(article.status)]
    return events.build_article_event(action, article, None, after={"status": article.status})


def _make_single(article: Article, summary: ArticleSummary) -> ArticleSummary:
    """Make an article single again: of its two annotators one gave up, and the other's work is reviewed."""
    before = {"annotators": article.annotators}
    article.annotators, article.doubled = 1, False
    article.save(update_fields=["annotators", "doubled"])
    payload = {"annotators": article.annotators}
    events.store_events(
        [events.build_article_event(events.SINGLE_AGAIN, article, None, before=before, after=payload)]
    )
    return replace(summary, annotators=article.annotators)


def find_user(username: str, *, location: str) -> User:
    """Return the active user of that name, or raise.

    ``location`` is where the name was sent: a JSON pointer, or words such as the name of an option.
    """
    user = User.objects.filter(username=normalize_username(username), is_active=True).first()
    if user is None:
        detail = message(
            "There is no active person called {username!r}; check {at}.", username=username, at=location
        )
        pointed = location.startswith("/")
        faults = [FieldError(code=UnknownUserError.code, detail=detail, pointer=location)] if pointed else []
        raise UnknownUserError(detail, errors=faults)
    return user


def require_member(user: User, corpus: Corpus, role: Role) -> None:
    """Raise ``NotInCorpusError`` unless a user has at least this role in the corpus."""
    if user.is_superuser:
        return
    member = Membership.objects.filter(user=user, corpus=corpus).first()
    if member is None or member.role not in role.and_above:
        has = message("is a {role}", role=term("Role", member.role)) if member else message("is not a member")
        raise NotInCorpusError(
            message(
                "{user} {has} in the corpus {corpus}; give them the role {role} first.",
                user=user.get_username(),
                has=has,
                corpus=corpus.slug,
                role=term("Role", role),
            )
        )


def create_set(
    by: User | None,
    article: Article,
    owner: User,
    *,
    round_: Round = Round.PRODUCTION,
    kind: SetKind = SetKind.ANNOTATION,
    due_at: datetime | None = None,
    based_on: AnnotationSet | None = None,
    reason: str = "",
    id: UUID | None = None,
    refresh: bool = True,
) -> AnnotationSet:
    """Create an open set on the current revision of a locked article, with its event.

    Unless ``refresh``, the caller refreshes the status of the article, from which follows what is blind.
    """
    row = AnnotationSet(
        id=id or uuid7(),
        corpus=article.corpus,
        article=article,
        revision_id=article.revision_id,
        owner=owner,
        round=round_,
        kind=kind,
        due_at=due_at,
        based_on=based_on,
        guideline_version=article.corpus.guideline_version,
        created_at=timezone.now(),
    )
    row.save(force_insert=True)
    payload = {**events.set_payload(row), "owner": owner.get_username()}
    if based_on is not None:
        payload |= {"based_on": str(based_on.pk), "reason": reason}
    events.store_events([events.build_set_event(events.CREATED, row, by, after=payload)])
    if not refresh:
        return row
    refresh_status(article)
    row.blind = AnnotationSet.objects.values_list("blind", flat=True).get(pk=row.pk)
    return row


def copy_content(source: AnnotationSet, target: AnnotationSet) -> dict[UUID, Span]:
    """Copy spans and relations under new ids; return the new spans by the old ids.

    What waits for a decision since the text was corrected goes along.
    """
    copies = {
        span.pk: Span(set=target, origin=span.origin, **SpanValues.from_row(span).columns())
        for span in Span.objects.filter(set=source)
    }
    bulk.create_objects(list(copies.values()))
    links = Relation.objects.filter(set=source).values_list("type", "source_id", "target_id")
    bulk.create_objects(
        [Relation(set=target, type=type_, source=copies[a], target=copies[b]) for type_, a, b in links]
    )
    raise_version(target, span_counts=source.span_counts)
    for item in CarryItem.objects.open().filter(set=source):
        item.set, item.span = target, copies.get(item.span_id) if item.span_id else None
        item.relations = [
            {**link, "span": link["span"] and str(copies[UUID(link["span"])].pk)}
            for link in item.relations
            if not link["span"] or UUID(link["span"]) in copies
        ]
        item.comments = []
        item.save(update_fields=["set", "span", "relations", "comments"])
    return copies
