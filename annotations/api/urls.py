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
    corpora,
    corrections,
    embeds,
    events,
    exchange,
    export_jobs,
    feeds,
    jobs,
    knowledge,
    merges,
    notifications,
    registry,
    registry_links,
    releases,
    rights,
    search,
    set_content,
    set_problems,
    sets,
    span_batches,
    stories,
    team,
    webhooks,
)
from annotations.models import EntryKind
from annotations.workflow import USER_TRANSITIONS


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
            url_name=SCHEMA_NAME,
            template_name="annotations/api_docs.html",
            permission_classes=(AllowAny,),
            authentication_classes=(),
        ),
    ),
    path("me/", corpora.MeView.as_view()),
    path("tokens/", corpora.TokenListView.as_view()),
    path("tokens/<uuid:pk>/", corpora.TokenDetailView.as_view()),
    path("corpora/", corpora.CorpusListView.as_view()),
    path("corpora/<slug:slug>/", corpora.CorpusDetailView.as_view()),
    path("corpora/<slug:slug>/members/", corpora.MemberListView.as_view()),
    path("corpora/<slug:slug>/members/<username:username>/", corpora.MemberDetailView.as_view()),
    path("corpora/<slug:slug>/imports/", exchange.ImportView.as_view()),
    path("corpora/<slug:slug>/export/", exchange.ExportView.as_view()),
    path("corpora/<slug:slug>/exports/", export_jobs.ExportJobListView.as_view()),
    path("corpora/<slug:slug>/feed/", feeds.FeedView.as_view()),
    path("corpora/<slug:slug>/feeds/", feeds.FeedAddressListView.as_view()),
    path("feeds/<uuid:pk>/", feeds.FeedAddressDetailView.as_view()),
    path("corpora/<slug:slug>/invitations/", team.InvitationListView.as_view()),
    path("corpora/<slug:slug>/assignments/", team.AssignmentListView.as_view()),
    path("corpora/<slug:slug>/calibrations/", team.CalibrationListView.as_view()),
    path("corpora/<slug:slug>/stuck/", team.StaleSetListView.as_view()),
    path("corpora/<slug:slug>/progress/", team.ProgressView.as_view()),
    path("corpora/<slug:slug>/agreement/", team.AgreementView.as_view()),
    path("corpora/<slug:slug>/releases/", releases.ReleaseListView.as_view()),
    path("corpora/<slug:slug>/rights/", rights.CorpusRightsView.as_view()),
    path("corpora/<slug:slug>/stats/", corpora.StatsView.as_view()),
    path("corpora/<slug:slug>/articles/", articles.ArticleListView.as_view()),
    path("corpora/<slug:slug>/articles/status/", articles.ArticleStatusView.as_view()),
    path("corpora/<slug:slug>/sets/", sets.CorpusSetListView.as_view()),
    path("corpora/<slug:slug>/queue/", sets.QueueView.as_view()),
    path("corpora/<slug:slug>/spans/", set_content.CorpusSpanListView.as_view()),
    path("corpora/<slug:slug>/carry-items/", corrections.CarryItemListView.as_view()),
    path("corpora/<slug:slug>/events/", events.CorpusEventListView.as_view()),
    path("corpora/<slug:slug>/actors/", registry.ActorListView.as_view()),
    path("corpora/<slug:slug>/actors/suggest/", registry.ActorSuggestView.as_view()),
    path("corpora/<slug:slug>/topics/", registry.TopicListView.as_view()),
    path("corpora/<slug:slug>/positions/", knowledge.PositionListView.as_view()),
    path("corpora/<slug:slug>/matrix/", knowledge.MatrixView.as_view()),
    path("corpora/<slug:slug>/changes/", knowledge.ChangesView.as_view()),
    path("corpora/<slug:slug>/quoted/", knowledge.QuotedView.as_view()),
    path("corpora/<slug:slug>/network/", knowledge.NetworkView.as_view()),
    path("corpora/<slug:slug>/propositions/", registry.PropositionListView.as_view()),
    path("corpora/<slug:slug>/search/", search.SearchView.as_view()),
    path("corpora/<slug:slug>/searches/", search.SavedSearchListView.as_view()),
    path("corpora/<slug:slug>/merges/", merges.MergeListView.as_view()),
    path("corpora/<slug:slug>/duplicates/", registry_links.DuplicateListView.as_view()),
    path("corpora/<slug:slug>/stories/", stories.StoryListView.as_view()),
    path("corpora/<slug:slug>/webhooks/", webhooks.WebhookListView.as_view()),
    path("stories/<uuid:pk>/", stories.StoryDetailView.as_view()),
    path("stories/<uuid:pk>/members/", stories.StoryMemberListView.as_view()),
    path("stories/<uuid:pk>/members/<uuid:article>/", stories.StoryMemberDetailView.as_view()),
    path("articles/<uuid:pk>/", articles.ArticleDetailView.as_view()),
    path("articles/<uuid:pk>/text/", articles.ArticleTextView.as_view()),
    path("articles/<uuid:pk>/exclude/", articles.ArticleExcludeView.as_view()),
    path("articles/<uuid:pk>/include/", articles.ArticleIncludeView.as_view()),
    path("articles/<uuid:pk>/take-down/", rights.ArticleTakeDownView.as_view()),
    path("articles/<uuid:pk>/restore/", rights.ArticleRestoreView.as_view()),
    path("articles/<uuid:pk>/revisions/", corrections.RevisionListView.as_view()),
    path("articles/<uuid:pk>/revisions/<int:number>/diff/", corrections.RevisionDiffView.as_view()),
    path("articles/<uuid:pk>/history/", events.ArticleHistoryView.as_view()),
    path("articles/<uuid:pk>/sets/", sets.ArticleSetListView.as_view()),
    path("sets/<uuid:pk>/", sets.SetDetailView.as_view()),
    path("sets/<uuid:pk>/spans/", set_content.SetSpanListView.as_view()),
    path("sets/<uuid:pk>/spans/bulk/", span_batches.SpanBatchView.as_view()),
    path("sets/<uuid:pk>/relations/", set_content.SetRelationListView.as_view()),
    path("sets/<uuid:pk>/comments/", set_content.SetCommentListView.as_view()),
    path("sets/<uuid:pk>/decisions/", adjudication.SetDecisionListView.as_view()),
    path("sets/<uuid:pk>/reviewers/", team.SetReviewersView.as_view()),
    path("sets/<uuid:pk>/problems/", set_problems.SetProblemsView.as_view()),
    path("sets/<uuid:pk>/problems/changes/", set_problems.SetProblemChangesView.as_view()),
    path("sets/<uuid:pk>/changes/", sets.SetChangesView.as_view()),
    path("sets/<uuid:pk>/history/", sets.SetHistoryView.as_view()),
    *(
        path(f"sets/<uuid:pk>/{row.path}/", sets.make_transition_view(row).as_view())
        for row in USER_TRANSITIONS
    ),
    path("spans/<uuid:pk>/", set_content.SpanDetailView.as_view()),
    path("quotes/<uuid:pk>/embed.html", embeds.QuoteEmbedView.as_view()),
    path("relations/<uuid:pk>/", set_content.RelationDetailView.as_view()),
    path("comments/<uuid:pk>/", set_content.CommentDetailView.as_view()),
    path("comments/<uuid:pk>/take/", set_content.AcceptProposedChangeView.as_view()),
    path("decisions/<uuid:pk>/", adjudication.DecisionDetailView.as_view()),
    path("decisions/<uuid:pk>/settle/", adjudication.DecisionResolveView.as_view()),
    path("decisions/<uuid:pk>/reopen/", adjudication.DecisionReopenView.as_view()),
    path("carry-items/<uuid:pk>/settle/", corrections.CarryItemSettleView.as_view()),
    path("invitations/<uuid:pk>/", team.InvitationDetailView.as_view()),
    path("notifications/", notifications.NotificationListView.as_view()),
    path("notifications/<uuid:pk>/read/", notifications.NotificationReadView.as_view()),
    path("actors/<uuid:pk>/", registry.ActorDetailView.as_view()),
    path("actors/<uuid:pk>/usage/", merges.ActorUsageView.as_view()),
    path("actors/<uuid:pk>/affiliations/", registry_links.ActorAffiliationListView.as_view()),
    path("affiliations/<uuid:pk>/", registry_links.AffiliationDetailView.as_view()),
    path("topics/<uuid:pk>/", registry.TopicDetailView.as_view()),
    path("propositions/<uuid:pk>/", registry.PropositionDetailView.as_view()),
    path("propositions/<uuid:pk>/accept/", registry.PropositionAcceptView.as_view()),
    *(path(f"{kind}s/<uuid:pk>/merge/", merges.make_merge_view(kind).as_view()) for kind in EntryKind),
    path("searches/<uuid:pk>/", search.SavedSearchDetailView.as_view()),
    path("merges/<uuid:pk>/", merges.MergeDetailView.as_view()),
    path("merges/<uuid:pk>/undo/", merges.MergeUndoView.as_view()),
    path("releases/<uuid:pk>/", releases.ReleaseDetailView.as_view()),
    path("releases/<uuid:pk>/diff/", releases.ReleaseDiffView.as_view()),
    path("releases/<uuid:pk>/files/<str:name>", releases.ReleaseFileView.as_view()),
    path("releases/<uuid:pk>/withdraw/", releases.ReleaseWithdrawView.as_view()),
    path("webhooks/<uuid:pk>/", webhooks.WebhookDetailView.as_view()),
    path("webhooks/<uuid:pk>/test/", webhooks.WebhookTestView.as_view()),
    path("webhooks/<uuid:pk>/rotate/", webhooks.WebhookRotateView.as_view()),
    path("webhooks/<uuid:pk>/replay/", webhooks.WebhookReplayView.as_view()),
    path("webhooks/<uuid:pk>/deliveries/", webhooks.DeliveryListView.as_view()),
    path("deliveries/<uuid:pk>/retry/", webhooks.DeliveryRetryView.as_view()),
    path("jobs/<uuid:pk>/", jobs.JobDetailView.as_view()),
    path("jobs/<uuid:pk>/report/", jobs.JobReportView.as_view()),
    path("jobs/<uuid:pk>/file/", export_jobs.ExportFileView.as_view()),
    # Last, so that an unknown address answers the same document with DEBUG on and off.
    path("<path:unknown>", error_views.unknown_address),
]
