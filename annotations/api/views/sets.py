"""Sets: their lists, one set with all its content, the queue, and the transitions of the workflow."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import F, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.api import filters, parameters
from annotations.api.operations import Answer, created, one, page, plain
from annotations.api.pagination import CursorPage, SeqPage
from annotations.api.permissions import require_scope, scopes_of
from annotations.api.serializers.content import ChangesShape, ProblemsShape
from annotations.api.serializers.events import EventShape
from annotations.api.serializers.sets import (
    MoveBody,
    QueueAnswer,
    QueueBody,
    ReasonedMoveBody,
    ReopenBody,
    SetBody,
    SetContents,
    SetDetail,
    SetRow,
)
from annotations.api.views.articles import ArticleView
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.exceptions import NotYourRole
from annotations.models import AnnotationSet, Comment, Event, Relation, Span
from annotations.models.prepared import Prepared
from annotations.permissions import (
    PERMISSIONS,
    TRANSITION_SCOPES,
    Permission,
    Scope,
    Seen,
    allows,
    people,
    require,
    require_content,
)
from annotations.says import says
from annotations.services import adjudication, changes, problems, queue, review
from annotations.services.assignments import assign
from annotations.services.queue import Task
from annotations.states import Kind, Round
from annotations.visibility import Lookup, get_seen, visible
from annotations.workflow import Transition


def set_rows(queryset: QuerySet[AnnotationSet] | None = None) -> QuerySet[AnnotationSet]:
    """Return sets with all that a set row shows; of users no more than their names."""
    rows = AnnotationSet.objects.all() if queryset is None else queryset
    return rows.annotate(owner_name=F("owner__username"), reviewer_name=F("reviewer__username"))


def named(row: AnnotationSet) -> AnnotationSet:
    """Add the usernames that a set row shows to a set that a service returned, and return the set.

    Loading the set again could show a newer version than the one that the service made.
    """
    annotated: Any = row
    annotated.owner_name = row.owner.get_username()
    annotated.reviewer_name = row.reviewer.get_username() if row.reviewer else None
    return row


class SetView(View):
    """Base of the views below one set."""

    def row(self, pk: UUID) -> AnnotationSet:
        """Return the set if the caller sees it (404)."""
        return self.seen(pk).row

    def seen(self, pk: UUID) -> Seen[AnnotationSet]:
        """Return the set with the role of the caller, if the caller sees it (404)."""
        rows = AnnotationSet.objects.select_related("corpus").defer("corpus__guideline")
        return get_seen(self.person, rows, pk=pk)

    def readable(self, pk: UUID) -> AnnotationSet:
        """Return the set if the caller sees it (404) and its content (403)."""
        return self.readable_seen(pk).row

    def readable_seen(self, pk: UUID) -> Seen[AnnotationSet]:
        """Return the set as ``readable`` does, with the role of the caller."""
        seen = self.seen(pk)
        require_content(self.person, seen.row)
        return seen


#: The permission that starting a set needs, by its kind.
STARTING = {Kind.ANNOTATION: Permission.ASSIGN_SET, Kind.ADJUDICATION: Permission.ADJUDICATE}


class ArticleSets(ArticleView):
    """The sets of an article."""

    resource = "article set"
    scopes: ClassVar[dict[str, tuple[Scope, ...]]] = {
        "GET": PERMISSIONS[Permission.VIEW_SET].scopes,
        "POST": tuple(scope for kind in STARTING.values() for scope in PERMISSIONS[kind].scopes),
    }
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": SetBody}
    answers = {"GET": page(SetRow), "POST": created(SetRow)}
    refusals = {"POST": ("four-eyes", "not-allowed-now", "unknown-user", "not-in-corpus", "id-taken")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List those that the caller sees."""
        article = self.article(pk, Permission.VIEW_SET)
        return self.page(visible(self.person, set_rows().filter(article=article)), SetRow)

    def post(self, request: Request, pk: UUID) -> Response:
        """Assign the article to an annotator, or begin its adjudication."""
        seen = self.seen_article(pk, Permission.VIEW_SET)
        article = seen.row
        if not allows(self.person, Permission.ADJUDICATE, seen):
            require(self.person, Permission.ASSIGN_SET, seen)
        values = self.body(SetBody)
        kind = Kind(values["kind"])
        require(self.person, STARTING[kind], seen)
        require_scope(request, PERMISSIONS[STARTING[kind]].scopes)
        owner = values["owner"]
        if kind == Kind.ADJUDICATION and owner not in (None, self.person.get_username()):
            require(self.person, Permission.ASSIGN_SET, seen)
        options = {"owner": owner, "due_at": values["due_at"], "id": values.get("id")}
        if kind == Kind.ADJUDICATION:
            row, new = adjudication.begin(self.person, article.pk, **options)
        else:
            row, new = assign(self.person, article.pk, round_=Round(values["round"]), **options)
        return self.created(SetRow(named(row)), at=f"/api/v1/sets/{row.pk}/", version=row.version, new=new)


class CorpusSets(CorpusView):
    """The sets of a corpus."""

    resource = "set"
    scopes = scopes_of(GET=Permission.VIEW_SET)
    parameters = {"GET": filters.parameters_of(filters.SETS)}
    answers = {"GET": page(SetRow)}

    def get(self, request: Request, slug: str) -> Response:
        """List those that the caller sees."""
        corpus = self.corpus(slug, Permission.VIEW_SET)
        rows = visible(self.person, set_rows().filter(corpus=corpus))
        return self.page(filters.apply(filters.SETS, rows, self.person, self.query()), SetRow)


class Queue(CorpusView):
    """The queue of work that waits."""

    resource = "queue"
    scopes: ClassVar[dict[str, tuple[Any, ...]]] = {
        "POST": tuple({scope for task in Task for scope in queue.scopes(task)})
    }
    bodies = {"POST": QueueBody}
    answers = {"POST": plain(QueueAnswer)}
    refusals = {"POST": ("role", "not-allowed-now", "id-taken")}

    def post(self, request: Request, slug: str) -> Response:
        """Take the next piece of work; what you hold already comes first."""
        seen = self.seen_corpus(slug, Permission.VIEW_CORPUS)
        if not any(queue.may(task, seen.role) for task in Task):
            raise NotYourRole(says("Viewers take no work from the queue; ask a manager for another role."))
        values = self.body(QueueBody)
        task = Task(values["task"])
        require_scope(request, queue.scopes(task))
        work = queue.take(self.person, seen, task, another=values["another"], id=values.get("id"))
        content = {"set": SetRow(named(work.row)).data if work.row else None, "reason": work.reason}
        return self.answer(content, told=True)


def _detail_rows() -> QuerySet[AnnotationSet]:
    return set_rows().select_related("corpus", "article", "revision").defer("corpus__guideline")


_SET: Lookup[AnnotationSet] = Lookup(_detail_rows)
_SPANS = Prepared(lambda set_id: Span.objects.filter(set_id=set_id), UUID)
_RELATIONS = Prepared(lambda set_id: Relation.objects.filter(set_id=set_id), UUID)
# One more than is shown tells whether there are more.
_COMMENTS = Prepared(
    lambda set_id: Comment.objects.filter(set_id=set_id).select_related("author", "resolved_by")[
        : limits.MAX_COMMENTS_SHOWN + 1
    ],
    UUID,
)


COMMENTS_LINK = {
    "Link": 'Where the comments go on (`rel="next"`); only for a set with more comments than stand here.'
}


class SetContent(SetView):
    """One set with all that a workbench needs."""

    resource = "set"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    answers = {"GET": one(SetDetail, headers=COMMENTS_LINK)}
    refusals = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show the set, its article and text, spans, relations, comments, and what you may do.

        Of many comments the first 500 stand here; ``Link`` leads to the others.
        """
        seen = _SET(self.person, pk)
        row = seen.row
        require_content(self.person, row)
        article = row.article
        # The article has the corpus of its set and, nearly always, the same revision: a second join
        # would double the time that the database takes to plan the query.
        article.corpus = row.corpus
        if article.revision_id == row.revision_id:
            article.revision = row.revision
        comments = _COMMENTS(pk)
        contents = SetContents(
            row=row,
            article=Seen(article, seen.role),
            spans=_SPANS(pk),
            relations=_RELATIONS(pk),
            comments=comments[: limits.MAX_COMMENTS_SHOWN],
            allowed=review.allowed_to(self.person, seen),
        )
        response = self.answer(SetDetail(contents), version=row.version)
        if len(comments) > limits.MAX_COMMENTS_SHOWN:
            address = request.build_absolute_uri(f"/api/v1/sets/{pk}/comments/")
            further = CursorPage.address_after(address, contents.comments[-1].pk)
            response.headers["Link"] = f'<{further}>; rel="next"'
        return response


class Problems(SetView):
    """The problems that the guideline's rules find in a set."""

    resource = "problem"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    answers = {"GET": plain(ProblemsShape)}
    refusals = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List every problem, with the rule of the guideline and whether it blocks."""
        row = self.readable(pk)
        self.query()
        content = {"version": row.version, "problems": problems.find(row)}
        return self.answer(content, version=row.version, told=True)


class Changes(SetView):
    """The changes of a set since it was last submitted."""

    resource = "set change"
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    answers = {"GET": plain(ChangesShape)}
    refusals = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List the spans added, removed, moved and changed since the set was returned, recalled or copied."""
        row = self.readable(pk)
        self.query()
        return self.answer(ChangesShape(changes.since_last_submission(row)))


class History(SetView):
    """The events of a set."""

    resource = "set history"
    pagination_class = SeqPage
    scopes = scopes_of(GET=Permission.VIEW_CONTENT)
    parameters = {"GET": parameters.PAGE}
    answers = {"GET": page(EventShape)}
    refusals = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in their order."""
        row = self.readable(pk)
        return self.page(Event.objects.filter(set_id=row.pk), EventShape)


class Move(SetView):
    """Base of the transitions: ``transition`` is the row of the workflow's table."""

    transition: ClassVar[Transition]
    body_shape: ClassVar[type[MoveBody]]
    refusals = {"POST": ("role", "four-eyes", "blind", "stale", "not-allowed-now", "has-problems")}
    guarded = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Make the transition from the version that you saw."""
        seen = self.seen(pk)
        review.authorize(self.person, seen, self.transition)
        roles = people(self.person, seen) & self.transition.moves.keys()
        require_scope(request, [TRANSITION_SCOPES[role] for role in roles])
        values = self.body(self.body_shape)
        transition_request = review.Request(version=self.version(), **values)
        outcome = review.move(self.person, pk, self.transition.name, transition_request)
        result = named(outcome.row)
        return self.created(
            SetRow(result),
            at=f"/api/v1/sets/{result.pk}/",
            version=result.version,
            set_version=result.version,
            new=outcome.created,
        )


_BODIES: dict[str, type[MoveBody]] = {"reopen": ReopenBody}


def move_view(row: Transition) -> type[Move]:
    """Return the view class of a transition."""
    body = _BODIES.get(row.name, ReasonedMoveBody if row.needs_reason else MoveBody)
    answer = created(SetRow) if row.makes_set else one(SetRow)

    class OneTransition(Move):
        __doc__ = row.does
        resource = f"set {row.name.replace('_', ' ')}"
        transition = row
        body_shape = body
        scopes: ClassVar[dict[str, tuple[Scope, ...]]] = {
            "POST": tuple(dict.fromkeys(TRANSITION_SCOPES[role] for role in row.moves))
        }
        bodies: ClassVar[dict[str, type[MoveBody]]] = {"POST": body}
        answers: ClassVar[dict[str, Answer]] = {"POST": answer}

    OneTransition.__name__ = f"{row.name.title().replace('_', '')}View"
    return OneTransition
