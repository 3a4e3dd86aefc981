"""Stories: articles that are copies of one text."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.addresses import api_url
from annotations.api import parameters
from annotations.api.operations import (
    created_response,
    detail_response,
    no_content_response,
    paginated_response,
)
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.stories import (
    StoryMemberCreateSerializer,
    StoryMemberSerializer,
    StoryRowSerializer,
    StorySerializer,
    StoryUpdateSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Story, StoryMember
from annotations.permissions import Permission, require_permission
from annotations.services.core import stories
from annotations.services.core.story_details import describe_member, describe_story, story_rows
from annotations.visibility import get_visible, get_visible_row, visible

DEFAULT_MIN_SIZE = 2


class StoryListView(BaseCorpusView):
    """The stories of a corpus."""

    resource = "story"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE)
    parameters = {
        "GET": {
            **parameters.PAGE,
            "min_size": parameters.number(
                "With at least so many copies, the lead among them; 2 if nothing is sent. Those of one hold "
                "what is only proposed, or was judged apart.",
                minimum=1,
            ),
        }
    }
    responses = {"GET": paginated_response(StoryRowSerializer)}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without their articles."""
        corpus = self.get_corpus(slug, Permission.VIEW_ARTICLE)
        size = min(self.query_params().get("min_size", DEFAULT_MIN_SIZE), 2**31 - 1)
        rows = story_rows().filter(corpus=corpus, size__gte=size)
        return self.paginate(visible(self.user, rows), StoryRowSerializer)


class BaseStoryView(BaseView):
    """Base of the views below one story."""

    def require_judge(self, pk: UUID) -> None:
        """Raise unless the caller sees the story (404) and may judge it (403)."""
        seen = get_visible_row(self.user, Story.objects.all(), pk=pk)
        require_permission(self.user, Permission.JUDGE_COPY, seen)


class StoryDetailView(BaseStoryView):
    """One story."""

    resource = "story"
    scopes = scopes_by_method(GET=Permission.VIEW_ARTICLE, PATCH=Permission.JUDGE_COPY)
    request_bodies = {"PATCH": StoryUpdateSerializer}
    responses = {"GET": detail_response(StorySerializer), "PATCH": detail_response(StorySerializer)}
    error_codes = {"PATCH": ("not-in-corpus",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it with its articles, and in what each of them differs from the lead."""
        story = get_visible(self.user, story_rows(), pk=pk)
        return self.respond(StorySerializer(describe_story(story)), version=story.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Choose the lead; the copies are compared with it anew, and no search chooses another."""
        self.require_judge(pk)
        lead = self.validated_data(StoryUpdateSerializer)["lead"]
        stories.choose_lead(self.user, pk, lead, version=self.expected_version())
        return self.get(request, pk)


class StoryMemberListView(BaseStoryView):
    """The articles of a story."""

    resource = "story member"
    scopes = scopes_by_method(POST=Permission.JUDGE_COPY)
    request_bodies = {"POST": StoryMemberCreateSerializer}
    responses = {"POST": created_response(StoryMemberSerializer)}
    error_codes = {"POST": ("not-in-corpus", "not-allowed-now")}

    def post(self, request: Request, pk: UUID) -> Response:
        """Judge that an article is a copy, whatever was found; the ETag is that of the story."""
        self.require_judge(pk)
        article = self.validated_data(StoryMemberCreateSerializer)["article"]
        _, new = stories.confirm_copy(self.user, pk, article)
        story = get_visible(self.user, story_rows(), pk=pk)
        member = StoryMemberSerializer(describe_member(story, article))
        return self.respond_created(
            member, location=api_url(f"stories/{pk}/"), version=story.version, new=new
        )


class StoryMemberDetailView(BaseStoryView):
    """One article of a story."""

    resource = "story member"
    scopes = scopes_by_method(DELETE=Permission.JUDGE_COPY)
    responses = {"DELETE": no_content_response()}
    error_codes = {"DELETE": ("not-allowed-now",)}

    def delete(self, request: Request, pk: UUID, article: UUID) -> Response:
        """Judge that an article is no copy of the story, for good; If-Match is the version of the story."""
        seen = get_visible_row(self.user, StoryMember.objects.all(), story=pk, article=article)
        require_permission(self.user, Permission.JUDGE_COPY, seen)
        stories.set_apart(self.user, pk, article, version=self.expected_version())
        return self.respond_no_content()
