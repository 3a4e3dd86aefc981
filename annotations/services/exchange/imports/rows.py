"""The rows of an import: collected for a batch of articles, inserted with one statement for each table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db.models import Model

from annotations.context import request_id
from annotations.enums import CLOSED, ApprovalBasis, Origin, Round, SetKind, State
from annotations.formats.core import records
from annotations.models import (
    Actor,
    AnnotationSet,
    Article,
    ArticleRights,
    CarryItem,
    CarryOver,
    Comment,
    Event,
    Proposition,
    Relation,
    Revision,
    Span,
    bulk,
    uuid7,
)
from annotations.services.core import events, statements
from annotations.services.core.articles import METADATA_FIELDS, build_search_key
from annotations.services.core.span_values import SPAN_COLUMNS, payload_of_columns
from annotations.services.exchange.imports.carries import (
    CARRY_ITEM_COLUMNS,
    CARRY_OVER_COLUMNS,
    CarryRows,
    StoredIds,
)
from annotations.services.exchange.imports.context import BatchResult, ImportContext, RegistryLink, assign_ids
from annotations.services.exchange.imports.rights import TAKEDOWN_COLUMNS, new_rights, rights_events
from annotations.services.review.transitions import content_digest
from annotations.text.parsing import format_timestamp
from annotations.workflow import ArticleSummary, SetSummary, article_status, is_blinded

#: The columns of each table, in the order in which the tables are filled.
COLUMNS: Mapping[type[Model], tuple[str, ...]] = {
    Revision: ("id", "article_id", "number", "text", "sha256", "length", "reason", "author_id", "created_at"),
    Article: (
        "id", "version", "corpus_id", "external_id", "title", "source", "author", "url", "language",
        "published_at", "story_key", "metadata", "annotators", "priority", "excluded_reason", "search_key",
        "status", "revision_id", "created_at",
    ),
    ArticleRights: ("id", "version", "article_id", *records.TERM_FIELDS, *TAKEDOWN_COLUMNS),
    AnnotationSet: (
        "id", "version", "corpus_id", "article_id", "revision_id", "owner_id", "reviewer_id", "kind", "round",
        "state", "review_started_at", "based_on_id", "imported", "blind", "span_counts", "guideline_version",
        "due_at", "created_at", "submitted_at", "approved_at", "approved_by",
    ),
    Span: ("id", "set_id", *SPAN_COLUMNS, "origin", "version"),
    Relation: ("id", "set_id", "type", "source_id", "target_id", "version"),
    Comment: (
        "id", "set_id", "span_id", "start", "end", "quote", "parent_id", "author_id", "text", "blocking",
        "suggestion", "resolved_by_id", "resolved_at", "created_at", "version",
    ),
    CarryOver: CARRY_OVER_COLUMNS,
    CarryItem: CARRY_ITEM_COLUMNS,
    Event: (
        "corpus_id", "article_id", "set_id", "user_id", "username", "action", "data", "request_id", "time",
    ),
}  # fmt: skip

_STATE = COLUMNS[AnnotationSet].index("state")

Links = Mapping[str, RegistryLink]
Sets = Sequence[records.AnnotationSet]
NewArticles = list[tuple[str, records.Article, Sets]]


class AssignedIds:
    """The stored ids of the records of a batch, each iterator in the order of its records."""

    def __init__(self, context: ImportContext, made: NewArticles, batch_result: BatchResult) -> None:
        def assign_ids_of(model: type[Model], wanted: list[tuple[str, str]]) -> list[str]:
            return assign_ids(context, model, wanted, batch_result, check_first=context.check_ids_first)

        sets = [(id, row) for id, _, rows in made for row in rows]
        self.revisions = iter(
            assign_ids_of(Revision, [(id, row.id) for id, article, _ in made for row in article.revisions])
        )
        self.sets = iter(assign_ids_of(AnnotationSet, [(id, row.id) for id, row in sets]))
        self.spans = iter(assign_ids_of(Span, [(id, span.id) for id, row in sets for span in row.spans]))
        self.relations = iter(
            assign_ids_of(Relation, [(id, link.id) for id, row in sets for link in row.relations])
        )
        self.comments = iter(
            assign_ids_of(Comment, [(id, comment.id) for id, row in sets for comment in row.comments])
        )
        self.carries = iter(
            assign_ids_of(CarryOver, [(id, row.carry.id) for id, row in sets if row.carry is not None])
        )
        self.items = iter(
            assign_ids_of(CarryItem, [(id, item.id) for id, row in sets for item in row.carry_items])
        )


class BatchRows:
    """The rows of one batch by model."""

    def __init__(self, context: ImportContext, actors: Links, propositions: Links) -> None:
        self.context = context
        self.links: Mapping[type[Model], Links] = {Actor: actors, Proposition: propositions}
        self.by_model: dict[type[Model], list[tuple[Any, ...]]] = {model: [] for model in COLUMNS}

    def insert(self) -> None:
        """Insert all rows within the open transaction."""
        for model, columns in COLUMNS.items():
            if self.by_model[model]:
                bulk.insert_rows(model, columns, self.by_model[model])
        if approved := [row[0] for row in self.by_model[AnnotationSet] if row[_STATE] == State.APPROVED]:
            statements.insert_statements(approved)

    def add_event(self, action: str, article: str, set_id: str | None, after: Mapping[str, Any]) -> None:
        """Add an event; in a restore it has no user."""
        context, by = self.context, None if self.context.options.restore else self.context.by
        who = (by.pk, by.get_username()) if by else (None, "")
        data = json.dumps({"before": None, "after": after})
        row = (
            str(context.corpus.pk),
            article,
            set_id,
            *who,
            action,
            data,
            request_id.get() or "",
            context.now,
        )
        self.by_model[Event].append(row)

    def add_article(self, id: str, article: records.Article, sets: Sets, ids: AssignedIds) -> None:
        """Add a new article with all its revisions and these sets."""
        context, corpus = self.context, self.context.corpus
        created = (article.created_at if context.options.restore else None) or context.now
        author = context.by.pk if context.by and not context.options.restore else None
        revisions = {}
        for row in article.revisions:
            revisions[row.id] = last = next(ids.revisions)
            length = len(row.text)
            self.by_model[Revision].append(
                (last, id, row.number, row.text, row.sha256, length, row.reason, author, created)
            )
        current = article.revisions[-1]
        revisions[""] = revisions[current.id]
        annotators = article.annotators or corpus.annotators_per_article
        summary = ArticleSummary(
            excluded=bool(article.excluded_reason),
            annotators=annotators,
            sets=tuple(
                SetSummary(kind=SetKind(s.kind), round=Round(s.round), state=State(s.state))
                for s in sets
                if not _is_carried(s, sets)
            ),
        )
        status = article_status(summary)
        self.by_model[Article].append(
            (
                id, 1, str(corpus.pk), article.external_id, article.title, article.source, article.author,
                article.url, article.language, article.published_at, article.story_key, article.metadata,
                annotators, article.priority, article.excluded_reason,
                build_search_key(cast(Article, article)),
                str(status), revisions[""], created,
            )
        )  # fmt: skip
        self.add_event("article_added", id, None, article_payload(id, article, annotators))
        self.add_rights(id, article.rights)
        self.add_sets(id, sets, revisions, summary, ids)
        if status in events.STATUS_ACTIONS:
            self.add_event(events.STATUS_ACTIONS[status], id, None, {"status": str(status)})

    def add_rights(self, id: str, rights: records.ArticleRights | None) -> None:
        """Add the rights in a new article, unless they are those of its corpus."""
        if rights is None or rights._replace(sent=frozenset()) == records.ArticleRights():
            return
        row = new_rights(rights, self.context.by, self.context.now)
        values = (getattr(row, name) for name in (*records.TERM_FIELDS, *TAKEDOWN_COLUMNS))
        self.by_model[ArticleRights].append((str(uuid7()), 1, id, *values))
        for action, after in rights_events(row):
            self.add_event(action, id, None, after)

    def add_sets(
        self,
        article: str,
        sets: Sets,
        revisions: Mapping[str, str],
        summary: ArticleSummary,
        ids: AssignedIds,
    ) -> None:
        """Add the sets of one article with their content."""
        new = [next(ids.sets) for _ in sets]
        stored = {row.id: id for row, id in zip(sets, new, strict=True) if row.id}
        spans_by_set: dict[str, dict[str, str]] = {}
        all_comments: dict[str, str] = {}
        for row, id in zip(sets, new, strict=True):
            spans = self._spans(id, row, ids)
            spans_by_set[row.id] = _stored_span_ids(row, spans)
            relations = self._relations(id, row, spans, ids)
            all_comments |= self._comments(id, row, spans, ids)
            linked = row._replace(
                article=article, revision=revisions[row.revision], based_on=stored.get(row.based_on or "")
            )
            self._set(id, linked, summary)
            self._add_import_event(id, article, row, spans, relations)
        if any(row.carry is not None for row in sets):
            self._carries(sets, StoredIds(article, revisions, stored, spans_by_set, all_comments), ids)

    def _carries(self, sets: Sets, stored: StoredIds, ids: AssignedIds) -> None:
        """Add what the sets of an article come from, and what waits in them."""
        rows = CarryRows(self.context, stored, self.links[Actor], self.links[Proposition])
        by_id, carries = {row.id: row for row in sets}, {}
        for row in sets:
            if row.carry is not None and row.based_on is not None:
                carries[row.carry.id] = id = next(ids.carries)
                self.by_model[CarryOver].append(
                    rows.carry_over(id, row.carry, base=by_id[row.based_on], row=row)
                )
        for row in sets:
            for item in row.carry_items:
                self.by_model[CarryItem].append(rows.item(next(ids.items), item, row, carries[item.carry]))

    def _set(self, id: str, row: records.AnnotationSet, summary: ArticleSummary) -> None:
        """Add the row of a set, whose links are stored ids already."""
        context = self.context
        blind = is_blinded(summary, SetKind(row.kind), Round(row.round))
        counts = json.dumps(dict(sorted(Counter(span.label for span in row.spans).items())))
        # The file has no start of the review, from which requests for changes are counted.
        started = row.submitted_at or row.created_at or context.now
        self.by_model[AnnotationSet].append(
            (
                id, row.version, str(context.corpus.pk), row.article, row.revision,
                context.user_ids[row.owner],
                context.user_ids[row.reviewer] if row.reviewer else None, row.kind, row.round, row.state,
                started if row.state == State.IN_REVIEW else None, row.based_on, context.options.restore,
                blind, counts, row.guideline_version or context.corpus.guideline_version, row.due_at,
                row.created_at or context.now, row.submitted_at, row.approved_at,
                row.approved_by or (ApprovalBasis.REVIEW if row.approved_at else ""),
            )
        )  # fmt: skip

    def _spans(self, set_id: str, row: records.AnnotationSet, ids: AssignedIds) -> list[tuple[Any, ...]]:
        """Add and return the rows of the spans, in the order of the file."""
        actors, propositions = self.links[Actor], self.links[Proposition]
        is_restore, imported = self.context.options.restore, str(Origin.IMPORT)
        rows = [
            (
                id, set_id, *values,
                None if actor is None else actors[actor].id,
                None if proposition is None else propositions[proposition].id,
                origin if is_restore else imported,
                version if is_restore else 1,
            )
            for (_, _, *values, actor, proposition, origin, version), id in zip(
                row.spans, ids.spans, strict=False
            )
        ]  # fmt: skip
        self.by_model[Span].extend(rows)
        return rows

    def _relations(
        self, set_id: str, row: records.AnnotationSet, spans: list[tuple[Any, ...]], ids: AssignedIds
    ) -> list[tuple[Any, ...]]:
        stored = _stored_span_ids(row, spans)
        is_restore = self.context.options.restore
        rows = [
            (next(ids.relations), set_id, type_, stored[source], stored[target], version if is_restore else 1)
            for _, _, type_, source, target, version in row.relations
        ]
        self.by_model[Relation].extend(rows)
        return rows

    def _comments(
        self, set_id: str, row: records.AnnotationSet, spans: list[tuple[Any, ...]], ids: AssignedIds
    ) -> dict[str, str]:
        """Add the comments; return the stored ids by those of the file."""
        if not row.comments:
            return {}
        context, stored = self.context, _stored_span_ids(row, spans)
        new = [next(ids.comments) for _ in row.comments]
        own = {comment.id: id for comment, id in zip(row.comments, new, strict=True)}
        for comment, id in zip(row.comments, new, strict=True):
            self.by_model[Comment].append(
                (
                    id, set_id, stored[comment.span] if comment.span else None,
                    comment.start, comment.end, comment.quote,
                    own[comment.parent] if comment.parent else None, context.user_ids[comment.author],
                    comment.text, comment.blocking, comment.suggestion,
                    context.user_ids[comment.resolved_by] if comment.resolved_by else None,
                    comment.resolved_at, comment.created_at or context.now, comment.version,
                )
            )  # fmt: skip
        return own

    def _add_import_event(
        self, id: str, article: str, row: records.AnnotationSet, spans: list[tuple[Any, ...]],
        relations: list[tuple[Any, ...]],
    ) -> None:  # fmt: skip
        after: dict[str, Any] = {"state": row.state, "version": row.version, "owner": row.owner}
        if self.context.options.restore:
            after["reviewer"] = row.reviewer
        after |= {"spans": len(spans), "relations": len(relations)}
        if row.state in CLOSED:
            after["digest"] = _content_digest(spans, relations)
        self.add_event(events.IMPORTED, article, id, after)


def _stored_span_ids(row: records.AnnotationSet, spans: list[tuple[Any, ...]]) -> dict[str, str]:
    """Return the stored ids of the spans of a set by the ids of the file."""
    return {span.id: stored[0] for span, stored in zip(row.spans, spans, strict=True) if span.id}


def _content_digest(spans: list[tuple[Any, ...]], relations: list[tuple[Any, ...]]) -> str:
    """Return the digest that closing the set would have recorded in its event."""
    return content_digest(
        [
            {**content, "attributes": json.loads(content["attributes"])}
            for content in (payload_of_columns(id, values) for id, _, *values, _, _ in sorted(spans))
        ],
        [
            {"id": id, "type": type_, "source": source, "target": target}
            for id, _, type_, source, target, _ in sorted(relations)
        ],
    )  # fmt: skip


def article_payload(id: str, article: records.Article, annotators: int) -> dict[str, Any]:
    """Return the payload of the event of a new article, the same as outside of an import."""
    values: dict[str, Any] = {"id": id, **{name: getattr(article, name) for name in METADATA_FIELDS}}
    published = article.published_at
    current = article.revisions[-1]
    values |= {
        "published_at": format_timestamp(published) if published else None,
        "metadata": json.loads(article.metadata),
        "annotators": annotators,
        "sha256": current.sha256,
        "length": len(current.text),
    }
    return values


def _is_carried(row: records.AnnotationSet, sets: Sets) -> bool:
    """Return whether the owner of a set went on in another one of the file, on a corrected text."""
    return row.state == State.SUPERSEDED and any(
        other.based_on == row.id
        and (other.owner, other.kind, other.round) == (row.owner, row.kind, row.round)
        and other.revision != row.revision
        for other in sets
    )
