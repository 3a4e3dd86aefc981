"""Views of the problems of a set by the rules of the guideline."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api import parameters
from annotations.api.operations import unversioned_response
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.set_content import SetProblemChangesSerializer, SetProblemsSerializer
from annotations.api.views.sets import BaseSetView
from annotations.permissions import Permission
from annotations.services.review import problem_changes, problems

_PROBLEM_STATE = parameters.Parameter(
    description="The state of an earlier answer; without it all problems are listed.",
    parse=problem_changes.parse_state,
    schema={"type": "string", "maxLength": problem_changes.MAX_STATE_LENGTH},
)


class SetProblemsView(BaseSetView):
    """The problems that the guideline's rules find in a set."""

    resource = "problem"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    responses = {"GET": unversioned_response(SetProblemsSerializer)}
    error_codes = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List every problem, with the rule of the guideline and whether it blocks."""
        row = self.get_readable_set(pk)
        self.query_params()
        content = {"version": row.version, "problems": problems.find_set_problems(row)}
        return self.respond(content, version=row.version, translated=True)


class SetProblemChangesView(BaseSetView):
    """The problems of a set that differ from those of an earlier answer."""

    resource = "problem change"
    scopes = scopes_by_method(GET=Permission.VIEW_CONTENT)
    parameters = {"GET": {"since": _PROBLEM_STATE}}
    responses = {"GET": unversioned_response(SetProblemChangesSerializer)}
    error_codes = {"GET": ("blind",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """List the problems that differ from those of an earlier answer; without ``since``, all."""
        row = self.get_readable_set(pk)
        since = self.query_params().get("since")
        found = problem_changes.describe_changes(problems.find_set_problems(row), since)
        return self.respond({"version": row.version, **found}, version=row.version, translated=True)
