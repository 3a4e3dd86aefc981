"""The registry: actors, topics and propositions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import ResponseSpec, created_response, detail_response, paginated_response
from annotations.api.permissions import require_scope, scopes_by_method
from annotations.api.preconditions import optional_version
from annotations.api.serializers.registry import (
    ActorCreateSerializer,
    ActorSerializer,
    ActorUpdateSerializer,
    CreatedActorSerializer,
    CreatedPropositionSerializer,
    CreatedTopicSerializer,
    EmptySerializer,
    PropositionCreateSerializer,
    PropositionSerializer,
    PropositionUpdateSerializer,
    TopicCreateSerializer,
    TopicSerializer,
    TopicUpdateSerializer,
)
from annotations.api.views.base import BaseView
from annotations.api.views.corpora import BaseCorpusView
from annotations.models import Actor, Proposition, Topic
from annotations.permissions import PERMISSIONS, Permission, require_permission
from annotations.services.registry import entries, names, search
from annotations.services.registry.entries import RegistryRow
from annotations.services.rights import confidentiality
from annotations.services.rights.confidentiality import with_protection
from annotations.visibility import get_visible, get_visible_row, visible

RowT = TypeVar("RowT", bound=Model)
#: How many entries with the same name an answer names.
MAX_SIMILAR = 20


def actor_rows(queryset: QuerySet[Actor]) -> QuerySet[Actor]:
    """Return actors with all that their serializer shows."""
    return with_protection(queryset.prefetch_related("aliases"))


def with_similar(entry: RegistryRow, rows: QuerySet[RegistryRow]) -> RegistryRow:
    """Return an entry with ``similar``: others that have a name which folds like one of its names."""
    kind = names.KINDS_BY_MODEL[type(entry)]
    found = rows.in_bulk(names.entries_with_name(kind, entry.corpus_id, entry.pk, MAX_SIMILAR))
    annotated: Any = entry
    annotated.similar = [found[pk] for pk in sorted(found)]
    return entry


class BaseEntryListView(BaseCorpusView):
    """Base of the lists of the registry."""

    def filter_entries(self, table: filters.Filters, rows: QuerySet[RowT]) -> QuerySet[RowT]:
        """Return the visible rows that fit the filters; merged ones only if they are asked for."""
        values = {"canonical": True, **self.query_params()}
        return filters.apply_filters(table, visible(self.user, rows), self.user, values)


class ActorListView(BaseEntryListView):
    """The actors of a corpus."""

    resource = "actor"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, POST=Permission.ADD_ACTOR)
    parameters = {"GET": filters.list_parameters(filters.ENTRIES)}
    request_bodies = {"POST": ActorCreateSerializer}
    responses = {"GET": paginated_response(ActorSerializer), "POST": created_response(CreatedActorSerializer)}
    error_codes = {"POST": ("id-taken", "not-in-corpus", "duplicate")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without those that were merged into another."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        rows = self.filter_entries(filters.ENTRIES, Actor.objects.filter(corpus=corpus))
        return self.paginate(actor_rows(rows), ActorSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Add one with its aliases; without an id, one that is there already is answered with 200."""
        seen = self.seen_corpus(slug, Permission.ADD_ACTOR)
        actor, new = entries.add_actor(self.user, seen, self.validated_data(ActorCreateSerializer))
        at = api_url(f"actors/{actor.pk}/")
        body = CreatedActorSerializer(with_similar(actor, actor_rows(Actor.objects.all())))
        return self.respond_created(body, location=at, version=actor.version, new=new)


class ActorDetailView(BaseView):
    """One actor."""

    resource = "actor"
    scopes = {
        "GET": PERMISSIONS[Permission.VIEW_REGISTRY].scopes,
        "PATCH": (
            *PERMISSIONS[Permission.CHANGE_ACTOR].scopes,
            *PERMISSIONS[Permission.PROTECT_ACTOR].scopes,
        ),
    }
    request_bodies = {"PATCH": ActorUpdateSerializer}
    responses = {"GET": detail_response(ActorSerializer), "PATCH": detail_response(ActorSerializer)}
    error_codes = {"PATCH": ("not-in-corpus", "duplicate", "merge-conflict", "not-allowed-now")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        actor = get_visible(self.user, actor_rows(Actor.objects.all()), pk=pk)
        return self.respond(ActorSerializer(actor), version=actor.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it; aliases are replaced whole. Managers protect it, and two of them lift that."""
        seen = get_visible_row(self.user, Actor.objects.all(), pk=pk)
        require_permission(self.user, Permission.CHANGE_ACTOR, seen)
        changes = self.validated_data(ActorUpdateSerializer, partial=True)
        for permission in _needed_permissions(changes):
            require_scope(request, PERMISSIONS[permission].scopes)
            require_permission(self.user, permission, seen)
        actor = confidentiality.update_actor(self.user, pk, changes, version=self.expected_version())
        return self.respond(ActorSerializer(actor), version=actor.version)


def _needed_permissions(changes: Mapping[str, Any]) -> Iterator[Permission]:
    """Yield the permissions for changes of an actor; those without any are like those of its fields."""
    if "confidential" in changes:
        yield Permission.PROTECT_ACTOR
    if changes.keys() != {"confidential"}:
        yield Permission.CHANGE_ACTOR


class ActorSuggestView(BaseCorpusView):
    """Actors for a field that completes what is typed."""

    resource = "actor suggestion"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY)
    parameters = {
        "GET": {"q": parameters.text("What was typed.", max_length=limits.MAX_ACTOR_NAME, required=True)}
    }
    responses = {"GET": ResponseSpec(content=ActorSerializer, shape="list")}

    def get(self, request: Request, slug: str) -> Response:
        """List up to 20 actors with a name or an alias that contains the typed text, in any case."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        typed = self.query_params()["q"]
        rows = visible(self.user, Actor.objects.filter(corpus=corpus))
        found = search.suggest_actors(actor_rows(rows), corpus.pk, typed)
        return self.respond(ActorSerializer(found, many=True))


class TopicListView(BaseEntryListView):
    """The topics of a corpus."""

    resource = "topic"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, POST=Permission.ADD_TOPIC)
    parameters = {"GET": filters.list_parameters(filters.ENTRIES)}
    request_bodies = {"POST": TopicCreateSerializer}
    responses = {"GET": paginated_response(TopicSerializer), "POST": created_response(CreatedTopicSerializer)}
    error_codes = {"POST": ("id-taken", "duplicate")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without those that were merged into another."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        rows = self.filter_entries(filters.ENTRIES, Topic.objects.filter(corpus=corpus).defer("search_key"))
        return self.paginate(rows, TopicSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Add one."""
        seen = self.seen_corpus(slug, Permission.ADD_TOPIC)
        topic, new = entries.add_topic(self.user, seen, self.validated_data(TopicCreateSerializer))
        at = api_url(f"topics/{topic.pk}/")
        body = CreatedTopicSerializer(with_similar(topic, Topic.objects.all()))
        return self.respond_created(body, location=at, version=topic.version, new=new)


class TopicDetailView(BaseView):
    """One topic."""

    resource = "topic"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, PATCH=Permission.CHANGE_TOPIC)
    request_bodies = {"PATCH": TopicUpdateSerializer}
    responses = {"GET": detail_response(TopicSerializer), "PATCH": detail_response(TopicSerializer)}
    error_codes = {"PATCH": ("duplicate", "merge-conflict")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        topic = get_visible(self.user, Topic.objects.all(), pk=pk)
        return self.respond(TopicSerializer(topic), version=topic.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Rename it."""
        seen = get_visible_row(self.user, Topic.objects.all(), pk=pk)
        require_permission(self.user, Permission.CHANGE_TOPIC, seen)
        changes = self.validated_data(TopicUpdateSerializer, partial=True)
        topic = entries.update_topic(self.user, pk, changes, version=self.expected_version())
        return self.respond(TopicSerializer(topic), version=topic.version)


class PropositionListView(BaseEntryListView):
    """The propositions of a corpus."""

    resource = "proposition"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, POST=Permission.ADD_PROPOSITION)
    parameters = {"GET": filters.list_parameters(filters.PROPOSITIONS)}
    request_bodies = {"POST": PropositionCreateSerializer}
    responses = {
        "GET": paginated_response(PropositionSerializer),
        "POST": created_response(CreatedPropositionSerializer),
    }
    error_codes = {"POST": ("id-taken", "not-in-corpus")}

    def get(self, request: Request, slug: str) -> Response:
        """List them, without those that were merged into another."""
        corpus = self.get_corpus(slug, Permission.VIEW_REGISTRY)
        rows = Proposition.objects.filter(corpus=corpus).defer("search_key")
        rows = self.filter_entries(filters.PROPOSITIONS, rows)
        return self.paginate(rows, PropositionSerializer)

    def post(self, request: Request, slug: str) -> Response:
        """Propose one; a reviewer accepts it."""
        seen = self.seen_corpus(slug, Permission.ADD_PROPOSITION)
        proposition, new = entries.add_proposition(
            self.user, seen, self.validated_data(PropositionCreateSerializer)
        )
        at = api_url(f"propositions/{proposition.pk}/")
        body = CreatedPropositionSerializer(with_similar(proposition, Proposition.objects.all()))
        return self.respond_created(body, location=at, version=proposition.version, new=new)


class PropositionDetailView(BaseView):
    """One proposition."""

    resource = "proposition"
    scopes = scopes_by_method(GET=Permission.VIEW_REGISTRY, PATCH=Permission.CHANGE_PROPOSITION)
    request_bodies = {"PATCH": PropositionUpdateSerializer}
    responses = {
        "GET": detail_response(PropositionSerializer),
        "PATCH": detail_response(PropositionSerializer),
    }
    error_codes = {"PATCH": ("not-in-corpus", "in-use", "merge-conflict")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        proposition = get_visible(self.user, Proposition.objects.all(), pk=pk)
        return self.respond(PropositionSerializer(proposition), version=proposition.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change its wording, topic or kind."""
        seen = get_visible_row(self.user, Proposition.objects.all(), pk=pk)
        require_permission(self.user, Permission.CHANGE_PROPOSITION, seen)
        changes = self.validated_data(PropositionUpdateSerializer, partial=True)
        proposition = entries.update_proposition(self.user, pk, changes, version=self.expected_version())
        return self.respond(PropositionSerializer(proposition), version=proposition.version)


class PropositionAcceptView(BaseView):
    """Accepting a proposition."""

    resource = "proposition acceptance"
    scopes = scopes_by_method(POST=Permission.ACCEPT_PROPOSITION)
    request_bodies = {"POST": EmptySerializer}
    responses = {"POST": detail_response(PropositionSerializer)}
    error_codes = {"POST": ("stale", "not-allowed-now", "merge-conflict")}

    def post(self, request: Request, pk: UUID) -> Response:
        """Accept it; If-Match is optional, and accepting it again changes nothing."""
        seen = get_visible_row(self.user, Proposition.objects.all(), pk=pk)
        require_permission(self.user, Permission.ACCEPT_PROPOSITION, seen)
        self.validated_data(EmptySerializer)
        proposition = entries.accept_proposition(self.user, pk, version=optional_version(request))
        return self.respond(PropositionSerializer(proposition), version=proposition.version)
