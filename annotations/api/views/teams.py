"""Team work: bulk assignment, calibrations, stale work, agreement, progress and invitations."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.api import filters, parameters
from annotations.api.operations import Answer, created, nothing, page, plain
from annotations.api.permissions import scopes_of
from annotations.api.serializers.progress import ProgressShape
from annotations.api.serializers.sets import SetRow
from annotations.api.serializers.teams import (
    AgreementShape,
    AssignmentBody,
    CalibrationBody,
    InvitationBody,
    InvitationShape,
    NewInvitationShape,
    ReviewersShape,
    StuckRow,
)
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.api.views.sets import SetView, set_rows
from annotations.exceptions import FieldError, Invalid, NotYourRole
from annotations.models import Corpus, Invitation, Role
from annotations.permissions import Permission, Seen, allows, require
from annotations.says import says
from annotations.services import agreement, invitations, progress, stuck, team
from annotations.services.assignments import Job, assign_many, with_room
from annotations.states import Kind, Round, Strategy
from annotations.visibility import get_seen, visible

_SETS = Answer(content=SetRow, status=201, shape="list")
_REFUSALS = ("not-allowed-now", "unknown-user", "not-in-corpus")


class _BulkAssignmentView(CorpusView):
    """Base of the views that make many sets at once."""

    scopes = scopes_of(POST=Permission.ASSIGN_SET)
    answers = {"POST": _SETS}
    refusals = {"POST": _REFUSALS}

    def assign_and_respond(self, seen: Seen[Corpus], job: Job) -> Response:
        """Create the sets, and return them in the order in which they were created."""
        ids = [row.pk for row in assign_many(self.person, seen, job)]
        rows = {row.pk: row for row in visible(self.person, set_rows().filter(pk__in=ids))}
        return self.created(SetRow([rows[id] for id in ids], many=True))


class Assignments(_BulkAssignmentView):
    """Assignments of many articles to several people."""

    resource = "assignment"
    bodies = {"POST": AssignmentBody}

    def post(self, request: Request, slug: str) -> Response:
        """Spread articles over people, all or none; each article gets as many as it still takes."""
        seen = self.seen_corpus(slug, Permission.ASSIGN_SET)
        values = self.body(AssignmentBody)
        articles = values.get("articles")
        if articles is None:
            articles = self._filtered_articles(seen.row, values["filter"])
        job = Job(
            articles=articles,
            owners=values["owners"],
            strategy=Strategy(values["strategy"]),
            due_at=values["due_at"],
        )
        return self.assign_and_respond(seen, job)

    def _filtered_articles(self, corpus: Corpus, sent: Mapping[str, str]) -> list[UUID]:
        """Return the articles that match a filter and still wait for annotators, by priority."""
        values = filters.read(filters.ARTICLES, sent, at="/filter")
        rows = visible(self.person, with_room(corpus))
        waiting = filters.apply(filters.ARTICLES, rows, self.person, values)
        ids = list(
            waiting.order_by("-priority", "pk").values_list("pk", flat=True)[
                : limits.MAX_ARTICLES_PER_REQUEST + 1
            ]
        )
        if not 0 < len(ids) <= limits.MAX_ARTICLES_PER_REQUEST:
            how_many = says("more than 1,000 articles") if ids else says("no article")
            detail = says(
                "The filter lets {how_many} through that still wait for annotators; change it.",
                how_many=how_many,
            )
            raise Invalid(detail, errors=[FieldError(code="value", detail=detail, pointer="/filter")])
        return ids


class Calibrations(_BulkAssignmentView):
    """Calibration rounds, in which everybody annotates the same articles."""

    resource = "calibration"
    bodies = {"POST": CalibrationBody}

    def post(self, request: Request, slug: str) -> Response:
        """Give all these articles to all these people; what they make never becomes gold."""
        seen = self.seen_corpus(slug, Permission.ASSIGN_SET)
        values = self.body(CalibrationBody)
        return self.assign_and_respond(seen, Job(round=Round.CALIBRATION, **values))


class Stuck(CorpusView):
    """Live sets without recent events."""

    resource = "stuck set"
    scopes = scopes_of(GET=Permission.VIEW_PROGRESS)
    parameters = {
        "GET": {
            **parameters.PAGE,
            "days": parameters.number(
                f"Nothing happened for so many days; {stuck.DAYS} without it.", maximum=3650
            ),
        }
    }
    answers = {"GET": page(StuckRow)}

    def get(self, request: Request, slug: str) -> Response:
        """List the live sets without an event for some days; unassign gives one back to the queue."""
        corpus = self.corpus(slug, Permission.VIEW_PROGRESS)
        days = self.query().get("days", stuck.DAYS)
        return self.page(set_rows(stuck.of_corpus(self.person, corpus, days)), StuckRow)


class Progress(CorpusView):
    """The progress of a corpus."""

    resource = "progress"
    scopes = scopes_of(GET=Permission.VIEW_PROGRESS)
    parameters = {
        "GET": {
            "days": parameters.number(
                f"How far back throughput and agreement go; {progress.DAYS} without it.",
                minimum=1,
                maximum=progress.MOST_DAYS,
            )
        }
    }
    answers = {"GET": plain(ProgressShape)}

    def get(self, request: Request, slug: str) -> Response:
        """Show articles done, throughput per day, waiting, people, blockers and agreement over time."""
        corpus = self.corpus(slug, Permission.VIEW_PROGRESS)
        days = self.query().get("days", progress.DAYS)
        return self.answer(progress.of_corpus(corpus, days), told=True)


class Agreement(CorpusView):
    """The agreement of independent annotators."""

    resource = "agreement"
    scopes = scopes_of(GET=Permission.VIEW_OWN_AGREEMENT)
    parameters = {
        "GET": {
            "round": parameters.choice("Of which round; production without it.", Round),
            "kind": parameters.choice(
                "annotation: annotators with one another. adjudication: annotators with the gold.", Kind
            ),
            "guideline_version": parameters.number("Of sets made by this version.", minimum=1),
            "article": parameters.identifier("Of this article alone."),
        }
    }
    answers = {"GET": plain(AgreementShape)}

    def get(self, request: Request, slug: str) -> Response:
        """Show the report; annotators see calibrations in which they took part, and their own pairs."""
        seen = self.seen_corpus(slug, Permission.VIEW_OWN_AGREEMENT)
        params = self.query()
        round_ = Round(params.get("round", Round.PRODUCTION))
        sees_all = allows(self.person, Permission.VIEW_AGREEMENT, seen)
        if not sees_all and round_ != Round.CALIBRATION:
            raise NotYourRole(
                says("Annotators see agreement of calibrations only; ask with round=calibration.")
            )
        question = agreement.Question(
            round=round_,
            kind=Kind(params.get("kind", Kind.ANNOTATION)),
            guideline_version=params.get("guideline_version"),
            only=None if sees_all else self.person,
            article=params.get("article"),
        )
        return self.answer(AgreementShape(agreement.of_corpus(seen.row, question)))


class Reviewers(SetView):
    """The members who can review a set."""

    resource = "set reviewer"
    scopes = scopes_of(GET=Permission.VIEW_SET)
    answers = {"GET": plain(ReviewersShape)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List everybody with the reason against them, why nobody can, and the smallest team by mode."""
        row = self.row(pk)
        self.query()
        return self.answer(team.reviewers_of(row), told=True)


def invitation_rows() -> QuerySet[Invitation]:
    """Return invitations with all that their serializer shows."""
    return Invitation.objects.select_related("invited_by", "used_by")


class Invitations(CorpusView):
    """The invitations to a corpus."""

    resource = "invitation"
    scopes = scopes_of(GET=Permission.INVITE, POST=Permission.INVITE)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": InvitationBody}
    answers = {"GET": page(InvitationShape), "POST": created(NewInvitationShape, versioned=False)}
    refusals = {"POST": ("id-taken", "not-allowed-now")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their links."""
        corpus = self.corpus(slug, Permission.INVITE)
        return self.page(visible(self.person, invitation_rows().filter(corpus=corpus)), InvitationShape)

    def post(self, request: Request, slug: str) -> Response:
        """Invite somebody; the answer shows the link, and nothing does again."""
        seen = self.seen_corpus(slug, Permission.INVITE)
        values = self.body(InvitationBody)
        role = Role(values.pop("role"))
        row, token = invitations.create(self.person, seen, role, **values)
        link = request.build_absolute_uri(invitations.path_of(token))
        invitations.send(row, link)
        content = {**InvitationShape(row).data, "link": link}
        return self.created(content, at=f"/api/v1/invitations/{row.pk}/")


class InvitationDetail(View):
    """One invitation."""

    resource = "invitation"
    scopes = scopes_of(GET=Permission.INVITE, DELETE=Permission.INVITE)
    guarded = frozenset()
    answers = {"GET": plain(InvitationShape), "DELETE": nothing()}
    refusals = {"DELETE": ("not-allowed-now",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it, without its link."""
        return self.answer(InvitationShape(self._invitation(pk)))

    def delete(self, request: Request, pk: UUID) -> Response:
        """Take it back; its link stops working at once."""
        self._invitation(pk)
        self.query()
        invitations.delete(self.person, pk)
        return self.deleted()

    def _invitation(self, pk: UUID) -> Invitation:
        return require(self.person, Permission.INVITE, get_seen(self.person, invitation_rows(), pk=pk))
