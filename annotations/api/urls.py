"""The routes of the API, below ``/api/v1/``."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny

from annotations.api import error_views
from annotations.api.views import (
    adjudication,
    articles,
    content,
    corpora,
    events,
    exchange,
    jobs,
    notifications,
    registry,
    releases,
    sets,
    teams,
)
from annotations.workflow import BY_PEOPLE


class UsernameConverter(StringConverter):
    """Converter for the characters that Django takes for usernames."""

    regex = r"[\w.@+-]{1,150}"


register_converter(UsernameConverter, "username")

SCHEMA_NAME = "openapi-schema"

urlpatterns: list[URLPattern] = [
    path(
        "schema/",
        SpectacularJSONAPIView.as_view(permission_classes=(AllowAny,), authentication_classes=()),
        name=SCHEMA_NAME,
    ),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name=SCHEMA_NAME, permission_classes=(AllowAny,), authentication_classes=()
        ),
    ),
    path("me/", corpora.Me.as_view()),
    path("tokens/", corpora.Tokens.as_view()),
    path("tokens/<uuid:pk>/", corpora.TokenDetail.as_view()),
    path("corpora/", corpora.Corpora.as_view()),
    path("corpora/<slug:slug>/", corpora.CorpusDetail.as_view()),
    path("corpora/<slug:slug>/members/", corpora.Members.as_view()),
    path("corpora/<slug:slug>/members/<username:username>/", corpora.MemberDetail.as_view()),
    path("corpora/<slug:slug>/imports/", exchange.Import.as_view()),
    path("corpora/<slug:slug>/export/", exchange.Export.as_view()),
    path("corpora/<slug:slug>/invitations/", teams.Invitations.as_view()),
    path("corpora/<slug:slug>/assignments/", teams.Assignments.as_view()),
    path("corpora/<slug:slug>/calibrations/", teams.Calibrations.as_view()),
    path("corpora/<slug:slug>/stuck/", teams.Stuck.as_view()),
    path("corpora/<slug:slug>/progress/", teams.Progress.as_view()),
    path("corpora/<slug:slug>/agreement/", teams.Agreement.as_view()),
    path("corpora/<slug:slug>/releases/", releases.Releases.as_view()),
    path("corpora/<slug:slug>/stats/", corpora.Stats.as_view()),
    path("corpora/<slug:slug>/articles/", articles.Articles.as_view()),
    path("corpora/<slug:slug>/sets/", sets.CorpusSets.as_view()),
    path("corpora/<slug:slug>/queue/", sets.Queue.as_view()),
    path("corpora/<slug:slug>/spans/", content.CorpusSpans.as_view()),
    path("corpora/<slug:slug>/events/", events.CorpusEvents.as_view()),
    path("corpora/<slug:slug>/actors/", registry.Actors.as_view()),
    path("corpora/<slug:slug>/actors/suggest/", registry.ActorSuggestions.as_view()),
    path("corpora/<slug:slug>/topics/", registry.Topics.as_view()),
    path("corpora/<slug:slug>/propositions/", registry.Propositions.as_view()),
    path("articles/<uuid:pk>/", articles.ArticleDetail.as_view()),
    path("articles/<uuid:pk>/text/", articles.ArticleText.as_view()),
    path("articles/<uuid:pk>/exclude/", articles.Exclude.as_view()),
    path("articles/<uuid:pk>/include/", articles.Include.as_view()),
    path("articles/<uuid:pk>/revisions/", articles.Revisions.as_view()),
    path("articles/<uuid:pk>/history/", events.ArticleHistory.as_view()),
    path("articles/<uuid:pk>/sets/", sets.ArticleSets.as_view()),
    path("sets/<uuid:pk>/", sets.SetContent.as_view()),
    path("sets/<uuid:pk>/spans/", content.SetSpans.as_view()),
    path("sets/<uuid:pk>/relations/", content.SetRelations.as_view()),
    path("sets/<uuid:pk>/comments/", content.SetComments.as_view()),
    path("sets/<uuid:pk>/decisions/", adjudication.SetDecisions.as_view()),
    path("sets/<uuid:pk>/reviewers/", teams.Reviewers.as_view()),
    path("sets/<uuid:pk>/problems/", sets.Problems.as_view()),
    path("sets/<uuid:pk>/changes/", sets.Changes.as_view()),
    path("sets/<uuid:pk>/history/", sets.History.as_view()),
    *(path(f"sets/<uuid:pk>/{row.path}/", sets.move_view(row).as_view()) for row in BY_PEOPLE),
    path("spans/<uuid:pk>/", content.SpanDetail.as_view()),
    path("relations/<uuid:pk>/", content.RelationDetail.as_view()),
    path("comments/<uuid:pk>/", content.CommentDetail.as_view()),
    path("comments/<uuid:pk>/take/", content.CommentTaking.as_view()),
    path("decisions/<uuid:pk>/", adjudication.DecisionDetail.as_view()),
    path("decisions/<uuid:pk>/settle/", adjudication.Settle.as_view()),
    path("decisions/<uuid:pk>/reopen/", adjudication.Reopen.as_view()),
    path("invitations/<uuid:pk>/", teams.InvitationDetail.as_view()),
    path("notifications/", notifications.Notifications.as_view()),
    path("notifications/<uuid:pk>/read/", notifications.NotificationRead.as_view()),
    path("actors/<uuid:pk>/", registry.ActorDetail.as_view()),
    path("topics/<uuid:pk>/", registry.TopicDetail.as_view()),
    path("propositions/<uuid:pk>/", registry.PropositionDetail.as_view()),
    path("propositions/<uuid:pk>/accept/", registry.PropositionAcceptance.as_view()),
    path("releases/<uuid:pk>/", releases.ReleaseDetail.as_view()),
    path("releases/<uuid:pk>/diff/", releases.ReleaseDifference.as_view()),
    path("releases/<uuid:pk>/files/<str:name>", releases.ReleaseDownload.as_view()),
    path("releases/<uuid:pk>/withdraw/", releases.ReleaseWithdrawal.as_view()),
    path("jobs/<uuid:pk>/", jobs.JobDetail.as_view()),
    path("jobs/<uuid:pk>/report/", jobs.JobReport.as_view()),
    # Last, so that an unknown address answers the same document with DEBUG on and off.
    path("<path:unknown>", error_views.unknown_address),
]
