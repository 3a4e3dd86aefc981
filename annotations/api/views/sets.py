"""Sets: their lists, one set with all its content, the queue, and the transitions of the workflow."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    ResponseSpec,
    created_response,
    detail_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.pagination import CursorPage, SeqPage
from annotations.api.permissions import require_scope, scopes_by_method
from annotations.api.serializers.events import EventSerializer
from annotations.api.serializers.set_content import SetChangesSerializer, select_span_rows
from annotations.api.serializers.sets import (
    AnnotationSetCreateSerializer,
    AnnotationSetDetailSerializer,
    AnnotationSetSerializer,
    QueueRequestSerializer,
    QueueResponseSerializer,
    ReasonedTransitionSerializer,
    ReopenSerializer,
    SetContents,
    TransitionSerializer,
)
from annotations.api.views.articles import BaseArticleView
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.enums import Round, Scope, SetKind
from annotations.exceptions import InsufficientRoleError
from annotations.messages import message
from annotations.models import AnnotationSet, Comment, Event, Relation, Span
from annotations.models.compiled import CompiledQuery
from annotations.permissions import (
    PERMISSIONS,
    TRANSITION_SCOPES,
    Permission,
    VisibleRow,
    is_allowed,
    require_content_access,
    require_permission,
    set_roles,
)
from annotations.services.core.articles import require_not_erased
from annotations.services.core.events import with_external_ids
from annotations.services.core.stories import pass_story_place, with_story_places
from annotations.services.double_annotation import adjudication
from annotations.services.review import changes, guards, transitions
from annotations.services.team import queue
from annotations.services.team.assignments import assign_article
from annotations.services.team.queue import QueueTask
from annotations.visibility import VisibleRowQuery, get_visible_row, visible
from annotations.workflow import Transition

#: The columns of the owner and the reviewer that no set row shows, such as their passwords.
_HIDDEN_USER_COLUMNS = tuple(
    f"{path}__{field.name}"
    for path in ("owner", "reviewer")
    for field in User._meta.concrete_fields
    if field.name not in ("id", "username")
)


def set_rows(queryset: QuerySet[AnnotationSet] | None = None) -> QuerySet[AnnotationSet]:
    """Return sets with all that a set row shows; of users no more than their names."""
    rows = AnnotationSet.objects.all() if queryset is None else queryset
    return rows.select_related("owner", "reviewer").defer(*_HIDDEN_USER_COLUMNS)


class BaseSetView(BaseView):
    """Base of the views below one set."""

    def get_set(self, pk: UUID) -> AnnotationSet:
        """Return the set if the caller sees it (404)."""
        return self.seen(pk).row

    def seen(self, pk: UUID) -> VisibleRow[AnnotationSet]:
        """Return the set with the role of the caller, if the caller sees it (404)."""
        rows = AnnotationSet.objects.select_related("corpus").defer("corpus__guideline")
        return get_visible_row(self.user, rows, pk=pk)

    def get_readable_set(self, pk: UUID) -> AnnotationSet:
        """Return the set if the caller sees it (404) and its content (403)."""
        return self.readable_seen(pk).row

    def readable_seen(self, pk: UUID) -> VisibleRow[AnnotationSet]:
        """Return the set as ``readable`` does, with the role of the caller."""
        seen = self.seen(pk)
        require_content_access(self.user, seen.row)
        return seen


#: The permission that starting a set needs, by its kind.
START_PERMISSIONS = {SetKind.ANNOTATION: Permission.ASSIGN_SET, SetKind.ADJUDICATION: Permission.ADJUDICATE}


class ArticleSetListView(BaseArticleView):
    """The sets of an article."""

    resource = "article set"
    scopes: ClassVar[dict[str, tuple[Scope, ...]]] = {
        "GET": PERMISSIONS[Permission.VIEW_SET].scopes,
        "POST": tuple(scope for kind in START_PERMISSIONS.values() for scope in PERMISSIONS[kind].scopes),
    }
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": AnnotationSetCreateSerializer}
    responses = {
        "GET": paginated_response(AnnotationSetSerializer),
        "POST": created_response(AnnotationSetSerializer),
    }
    error_codes = {"POST": ("four-eyes", "not-allowed-now", "unknown-user", "not-in-corpus", "id-taken")}

    def get(self, request: Request, pk: UUID) -> Response:
        """List those that the caller sees."""
        article = self.get_article(pk, Permission.VIEW_SET)
        return self.paginate(visible(self.user, set_rows().filter(article=article)), AnnotationSetSerializer)

    def post(self, request: Request, pk: UUID) -> Response:
        """Assign the article to an annotator, or begin its adjudication."""
        seen = self.seen_article(pk, Permission.VIEW_SET)
        article = seen.row
        if not is_allowed(self.user, Permission.ADJUDICATE, seen):
            require_permission(self.user, Permission.ASSIGN_SET, seen)
        values = self.validated_data(AnnotationSetCreateSerializer)
        kind = SetKind(values["kind"])
        require_permission(self.user, START_PERMISSIONS[kind], seen)
        require_scope(request, PERMISSIONS[START_PERMISSIONS[kind]].scopes)
        owner = values["owner"]
        if kind == SetKind.ADJUDICATION and owner not in (None, self.user.get_username()):
            require_permission(self.user, Permission.ASSIGN_SET, seen)
        options = {"owner": owner, "due_at": values["due_at"], "id": values.get("id")}
        if kind == SetKind.ADJUDICATION:
            row, new = adjudication.begin_adjudication(self.user, article.pk, **options)
        else:
            row, new = assign_article(self.user, article.pk, round_=Round(values["round"]), **options)
        return self.respond_created(
            AnnotationSetSerializer(row),
            location=api_url(f"sets/{row.pk}/"),
            version=row.version,
            new=new,
        )


class CorpusSetListView(BaseCorpusView):
    """The sets of a corpus."""

    resource = "set"
    scopes = scopes_by_method(GET=Permission.VIEW_SET)
    parameters = {"GET": filters.list_parameters(filters.SETS)}
    responses = {"GET": paginated_response(AnnotationSetSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List those that the caller sees."""
        corpus = self.get_corpus(slug, Permission.VIEW_SET)
        rows = visible(self.user, set_rows().filter(corpus=corpus))
        return self.paginate(
            filters.apply_filters(filters.SETS, rows, self.user, self.query_params()), AnnotationSetSerializer
        )


class QueueView(BaseCorpusView):
    """The queue of work that waits."""

    resource = "queue"
    scopes: ClassVar[dict[str, tuple[Any, ...]]] = {
        "POST": tuple({scope for task in QueueTask for scope in queue.task_scopes(task)})
    }
    request_bodies = {"POST": QueueRequestSerializer}
    responses = {"POST": unversioned_response(QueueResponseSerializer)}
    error_codes = {"POST": ("role", "not-allowed-now", "id-taken")}

    def post(self, request: Request, slug: str) -> Response:
        """Take the next piece of work; what you hold already comes first."""
        seen = self.seen_corpus(slug, Permission.VIEW_CORPUS)
        if not any(queue.may_take(task, seen.role) for task in QueueTask):
            raise InsufficientRoleError(
                message("Viewers take no work from the queue; ask a manager for another role.")
            )
        values = self.validated_data(QueueRequestSerializer)
        task = QueueTask(values["task"])
        require_scope(request, queue.task_scopes(task))
        work = queue.take_next_set(self.user, seen, task, another=values["another"], id=values.get("id"))
        content = {
            "set": AnnotationSetSerializer(work.row).data if work.row else None,
            "reason": work.reason,
        }
        return self.respond(content, translated=True)


def _detail_rows() -> QuerySet[AnnotationSet]:
    joined = ("corpus__rights", "article__rights", "article__erasure", "revision")
    rows = set_rows().select_related(*joined).defer("corpus__guideline")
    return with_story_places(rows, "article__")


_SET: VisibleRowQuery[AnnotationSet] = VisibleRowQuery(_detail_rows)
_SPANS = CompiledQuery(lambda set_id: select_span_rows(Span.objects.filter(set_id=set_id)), UUID)
_RELATIONS = CompiledQuery(lambda set_id: Relation.objects.filter(set_id=set_id), UUID)
# One more than is shown tells whether there are more.
_COMMENTS = CompiledQuery(
    lambda set_id: Comment.objects.filter(set_id=set_id).select_related("author", "resolved_by")[
        : limits.MAX_COMMENTS_SHOWN + 1
    ],
    UUID,
)


COMMENTS_LINK = {
    "Link": 'Where the comments go on (`rel="next"`); only for a set with more comments than stand here.'
}


class SetDetailView(BaseSetView):
    """One set with all that a workbench needs."""

    resource = "set"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    responses = {"GET": detail_response(AnnotationSetDetailSerializer, headers=COMMENTS_LINK)}
    error_codes = {"GET": ("blind", "erased")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show the set, its article and text, spans, relations, comments, and what you may do.

        Of many comments the first 500 stand here; ``Link`` leads to the others.
        """
        seen = _SET(self.user, pk)
        row = seen.row
        require_content_access(self.user, row)
        article = row.article
        require_not_erased(article)
        # The article has the corpus of its set and, nearly always, the same revision: a second join
        # would double the time that the database takes to plan the query.
        article.corpus = row.corpus
        pass_story_place(article, row)
        if article.revision_id == row.revision_id:
            article.revision = row.revision
        comments = _COMMENTS(pk)
        contents = SetContents(
            row=row,
            article=VisibleRow(article, seen.role),
            spans=_SPANS(pk),
            relations=_RELATIONS(pk),
            comments=comments[: limits.MAX_COMMENTS_SHOWN],
            allowed=transitions.available_transitions(self.user, seen),
        )
        response = self.respond(AnnotationSetDetailSerializer(contents), version=row.version)
        if len(comments) > limits.MAX_COMMENTS_SHOWN:
            address = request.build_absolute_uri(api_url(f"sets/{pk}/comments/"))
            further = CursorPage.address_after(address, contents.comments[-1].pk)
            response.headers["Link"] = f'<{further}>; rel="next"'
        return response


class SetChangesView(BaseSetView):
    """The changes of a set since it was last submitted."""

    resource = "set change"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    responses = {"GET": unversioned_response(SetChangesSerializer)}
    error_codes = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List the spans added, removed, moved and changed since the set was returned, recalled or copied."""
        row = self.get_readable_set(pk)
        self.query_params()
        return self.respond(SetChangesSerializer(changes.changes_since_submission(row)))


class SetHistoryView(BaseSetView):
    """The events of a set."""

    resource = "set history"
    pagination_class = SeqPage
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    parameters = {"GET": parameters.PAGE}
    responses = {"GET": paginated_response(EventSerializer)}
    error_codes = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List them in their order."""
        row = self.get_readable_set(pk)
        return self.paginate(with_external_ids(Event.objects.filter(set_id=row.pk)), EventSerializer)


class TransitionView(BaseSetView):
    """Base of the transitions: ``transition`` is the row of the workflow's table."""

    transition: ClassVar[Transition]
    body_serializer: ClassVar[type[TransitionSerializer]]
    error_codes = {"POST": ("role", "four-eyes", "blind", "stale", "not-allowed-now", "has-problems")}
    requires_if_match = frozenset({"POST"})

    def post(self, request: Request, pk: UUID) -> Response:
        """Make the transition from the version that you saw."""
        seen = self.seen(pk)
        transitions.authorize_transition(self.user, seen, self.transition)
        roles = set_roles(self.user, seen) & self.transition.sources_by_role.keys()
        require_scope(request, [TRANSITION_SCOPES[role] for role in roles])
        values = self.validated_data(self.body_serializer)
        transition_request = guards.TransitionRequest(version=self.expected_version(), **values)
        outcome = transitions.make_transition(self.user, pk, self.transition.name, transition_request)
        result = outcome.row
        return self.respond_created(
            AnnotationSetSerializer(result),
            location=api_url(f"sets/{result.pk}/"),
            version=result.version,
            set_version=result.version,
            new=outcome.created,
        )


_BODIES: dict[str, type[TransitionSerializer]] = {"reopen": ReopenSerializer}


def make_transition_view(row: Transition) -> type[TransitionView]:
    """Return the view class of a transition."""
    body = _BODIES.get(row.name, ReasonedTransitionSerializer if row.needs_reason else TransitionSerializer)
    answer = (
        created_response(AnnotationSetSerializer)
        if row.makes_set
        else detail_response(AnnotationSetSerializer)
    )

    class OneTransition(TransitionView):
        __doc__ = row.description
        resource = f"set {row.name.replace('_', ' ')}"
        transition = row
        body_serializer = body
        scopes: ClassVar[dict[str, tuple[Scope, ...]]] = {
            "POST": tuple(dict.fromkeys(TRANSITION_SCOPES[role] for role in row.sources_by_role))
        }
        request_bodies: ClassVar[dict[str, type[TransitionSerializer]]] = {"POST": body}
        responses: ClassVar[dict[str, ResponseSpec]] = {"POST": answer}

    OneTransition.__name__ = f"{row.name.title().replace('_', '')}View"
    return OneTransition
