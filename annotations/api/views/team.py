"""Team work: bulk assignment, calibrations, stale work, agreement, progress and invitations."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import (
    ResponseSpec,
    created_response,
    no_content_response,
    paginated_response,
    unversioned_response,
)
from annotations.api.permissions import require_may_give, scopes_by_method
from annotations.api.serializers.progress import ProgressSerializer
from annotations.api.serializers.sets import AnnotationSetSerializer
from annotations.api.serializers.team import (
    AgreementSerializer,
    AssignmentCreateSerializer,
    CalibrationCreateSerializer,
    InvitationCreateSerializer,
    InvitationSerializer,
    InvitationWithLinkSerializer,
    SetReviewersSerializer,
    StaleSetSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.sets import BaseSetView, set_rows
from annotations.enums import AssignmentStrategy, Round, SetKind
from annotations.exceptions import FieldError, InsufficientRoleError, InvalidInputError
from annotations.messages import message
from annotations.models import Corpus, Invitation, Role
from annotations.permissions import Permission, VisibleRow, is_allowed, require_permission
from annotations.services.double_annotation import agreement
from annotations.services.review import eligibility
from annotations.services.team import invitations, progress, stale_work
from annotations.services.team.assignments import AssignmentRequest, articles_with_open_slot, assign_articles
from annotations.visibility import get_visible_row, visible

_SETS = ResponseSpec(content=AnnotationSetSerializer, status=201, shape="list")
_REFUSALS = ("not-allowed-now", "unknown-user", "not-in-corpus")


class _BulkAssignmentView(BaseCorpusView):
    """Base of the views that make many sets at once."""

    scopes = scopes_by_method(POST=Permission.ASSIGN_SET)
    responses = {"POST": _SETS}
    error_codes = {"POST": _REFUSALS}

    def assign_and_respond(self, seen: VisibleRow[Corpus], job: AssignmentRequest) -> Response:
        """Create the sets, and return them in the order in which they were created."""
        ids = [row.pk for row in assign_articles(self.user, seen, job)]
        rows = {row.pk: row for row in visible(self.user, set_rows().filter(pk__in=ids))}
        return self.respond_created(AnnotationSetSerializer([rows[id] for id in ids], many=True))


class AssignmentListView(_BulkAssignmentView):
    """Assignments of many articles to several people."""

    resource = "assignment"
    request_bodies = {"POST": AssignmentCreateSerializer}

    def post(self, request: Request, slug: str) -> Response:
        """Spread articles over people, all or none; each article gets as many as it still takes."""
        seen = self.seen_corpus(slug, Permission.ASSIGN_SET)
        values = self.validated_data(AssignmentCreateSerializer)
        articles = values.get("articles")
        if articles is None:
            articles = self._filtered_articles(seen.row, values["filter"])
        job = AssignmentRequest(
            articles=articles,
            owners=values["owners"],
            strategy=AssignmentStrategy(values["strategy"]),
            due_at=values["due_at"],
        )
        return self.assign_and_respond(seen, job)

    def _filtered_articles(self, corpus: Corpus, sent: Mapping[str, str]) -> list[UUID]:
        """Return the articles that match a filter and still wait for annotators, by priority."""
        values = filters.parse_filters(filters.ARTICLES, sent, pointer="/filter")
        rows = visible(self.user, articles_with_open_slot(corpus))
        waiting = filters.apply_filters(filters.ARTICLES, rows, self.user, values)
        ids = list(
            waiting.order_by("-priority", "pk").values_list("pk", flat=True)[
                : limits.MAX_ARTICLES_PER_REQUEST + 1
            ]
        )
        if not 0 < len(ids) <= limits.MAX_ARTICLES_PER_REQUEST:
            how_many = message("more than 1,000 articles") if ids else message("no article")
            detail = message(
                "The filter lets {how_many} through that still wait for annotators; change it.",
                how_many=how_many,
            )
            raise InvalidInputError(
                detail, errors=[FieldError(code="value", detail=detail, pointer="/filter")]
            )
        return ids


class CalibrationListView(_BulkAssignmentView):
    """Calibration rounds, in which everybody annotates the same articles."""

    resource = "calibration"
    request_bodies = {"POST": CalibrationCreateSerializer}

    def post(self, request: Request, slug: str) -> Response:
        """Give all these articles to all these people; what they make never becomes gold."""
        seen = self.seen_corpus(slug, Permission.ASSIGN_SET)
        values = self.validated_data(CalibrationCreateSerializer)
        return self.assign_and_respond(seen, AssignmentRequest(round=Round.CALIBRATION, **values))


class StaleSetListView(BaseCorpusView):
    """Live sets without recent events."""

    resource = "stuck set"
    scopes = scopes_by_method(GET=Permission.VIEW_PROGRESS)
    parameters = {
        "GET": {
            **parameters.PAGE,
            "days": parameters.number(
                f"Nothing happened for so many days; {stale_work.DEFAULT_DAYS} without it.", maximum=3650
            ),
        }
    }
    responses = {"GET": paginated_response(StaleSetSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List the live sets without an event for some days; unassign gives one back to the queue."""
        corpus = self.get_corpus(slug, Permission.VIEW_PROGRESS)
        days = self.query_params().get("days", stale_work.DEFAULT_DAYS)
        return self.paginate(set_rows(stale_work.stale_sets(self.user, corpus, days)), StaleSetSerializer)


class ProgressView(BaseCorpusView):
    """The progress of a corpus."""

    resource = "progress"
    scopes = scopes_by_method(GET=Permission.VIEW_PROGRESS)
    parameters = {
        "GET": {
            "days": parameters.number(
                f"How far back throughput and agreement go; {progress.DEFAULT_DAYS} without it.",
                minimum=1,
                maximum=progress.MAX_DAYS,
            )
        }
    }
    responses = {"GET": unversioned_response(ProgressSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """Show articles done, throughput per day, waiting, people, blockers and agreement over time."""
        corpus = self.get_corpus(slug, Permission.VIEW_PROGRESS)
        days = self.query_params().get("days", progress.DEFAULT_DAYS)
        return self.respond(progress.corpus_progress(self.user, corpus, days), translated=True)


class AgreementView(BaseCorpusView):
    """The agreement of independent annotators."""

    resource = "agreement"
    scopes = scopes_by_method(GET=Permission.VIEW_OWN_AGREEMENT)
    parameters = {
        "GET": {
            "round": parameters.choice("Of which round; production without it.", Round),
            "kind": parameters.choice(
                "annotation: annotators with one another. adjudication: annotators with the gold.", SetKind
            ),
            "guideline_version": parameters.number("Of sets made by this version.", minimum=1),
            "article": parameters.identifier("Of this article alone."),
            "person": parameters.text(
                "With this person alone: the pairs that the whole report leaves out.",
                max_length=limits.MAX_USERNAME,
            ),
        }
    }
    responses = {"GET": unversioned_response(AgreementSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """Show the report; annotators see calibrations in which they took part, and their own pairs."""
        seen = self.seen_corpus(slug, Permission.VIEW_OWN_AGREEMENT)
        params = self.query_params()
        round_ = Round(params.get("round", Round.PRODUCTION))
        sees_all = is_allowed(self.user, Permission.VIEW_AGREEMENT, seen)
        if not sees_all and round_ != Round.CALIBRATION:
            raise InsufficientRoleError(
                message("Annotators see agreement of calibrations only; ask with round=calibration.")
            )
        question = agreement.AgreementQuery(
            round=round_,
            kind=SetKind(params.get("kind", SetKind.ANNOTATION)),
            guideline_version=params.get("guideline_version"),
            user=None if sees_all else self.user,
            article=params.get("article"),
            person=params.get("person"),
        )
        report = agreement.with_worst_pairs(agreement.corpus_agreement(seen.row, question))
        return self.respond(AgreementSerializer(report))


class SetReviewersView(BaseSetView):
    """The members who can review a set."""

    resource = "set reviewer"
    scopes = scopes_by_method(GET=Permission.VIEW_SET)
    responses = {"GET": unversioned_response(SetReviewersSerializer)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List everybody with the reason against them, why nobody can, and the smallest team by mode."""
        row = self.get_set(pk)
        self.query_params()
        return self.respond(eligibility.describe_reviewers(row), translated=True)


def invitation_rows() -> QuerySet[Invitation]:
    """Return invitations with all that their serializer shows."""
    return Invitation.objects.select_related("invited_by", "used_by")


class InvitationListView(BaseCorpusView):
    """The invitations to a corpus."""

    resource = "invitation"
    scopes = scopes_by_method(GET=Permission.INVITE_MEMBER, POST=Permission.INVITE_MEMBER)
    parameters = {"GET": parameters.PAGE}
    request_bodies = {"POST": InvitationCreateSerializer}
    responses = {
        "GET": paginated_response(InvitationSerializer),
        "POST": created_response(InvitationWithLinkSerializer, versioned=False),
    }
    error_codes = {"POST": ("id-taken", "not-allowed-now")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their links."""
        corpus = self.get_corpus(slug, Permission.INVITE_MEMBER)
        return self.paginate(
            visible(self.user, invitation_rows().filter(corpus=corpus)), InvitationSerializer
        )

    def post(self, request: Request, slug: str) -> Response:
        """Invite somebody; a repeat has null for the link. Only a session invites managers."""
        seen = self.seen_corpus(slug, Permission.INVITE_MEMBER)
        values = self.validated_data(InvitationCreateSerializer)
        role = Role(values.pop("role"))
        require_may_give(request, role)
        row, token = invitations.create_invitation(self.user, seen, role, **values)
        link = request.build_absolute_uri(invitations.invitation_path(token)) if token else None
        if link is not None:
            invitations.send_invitation(row, link)
        content = {**InvitationSerializer(row).data, "link": link}
        at = api_url(f"invitations/{row.pk}/")
        return self.respond_created(content, location=at, new=link is not None)


class InvitationDetailView(BaseView):
    """One invitation."""

    resource = "invitation"
    scopes = scopes_by_method(GET=Permission.INVITE_MEMBER, DELETE=Permission.INVITE_MEMBER)
    requires_if_match = frozenset()
    responses = {"GET": unversioned_response(InvitationSerializer), "DELETE": no_content_response()}
    error_codes = {"DELETE": ("not-allowed-now",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its link."""
        return self.respond(InvitationSerializer(self._invitation(pk)))

    def delete(self, request: Request, pk: UUID) -> Response:
        """Take it back; its link stops working at once."""
        self._invitation(pk)
        self.query_params()
        invitations.delete_invitation(self.user, pk)
        return self.respond_no_content()

    def _invitation(self, pk: UUID) -> Invitation:
        return require_permission(
            self.user, Permission.INVITE_MEMBER, get_visible_row(self.user, invitation_rows(), pk=pk)
        )
