"""The registry: actors, topics and propositions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.api import filters, parameters
from annotations.api.operations import Answer, created, one, page
from annotations.api.permissions import scopes_of
from annotations.api.preconditions import optional_version
from annotations.api.serializers.registry import (
    ActorBody,
    ActorChange,
    ActorShape,
    EmptyBody,
    PropositionBody,
    PropositionChange,
    PropositionShape,
    TopicBody,
    TopicChange,
    TopicShape,
)
from annotations.api.views.base import View
from annotations.api.views.corpora import CorpusView
from annotations.models import Actor, Proposition, Topic
from annotations.permissions import Permission, require
from annotations.services import registry, registry_search
from annotations.visibility import get_seen, get_visible, visible


def actor_rows(queryset: QuerySet[Actor]) -> QuerySet[Actor]:
    """Return actors with all that their serializer shows."""
    return queryset.prefetch_related("aliases")


class Actors(CorpusView):
    """The actors of a corpus."""

    resource = "actor"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, POST=Permission.ADD_ACTOR)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": ActorBody}
    answers = {"GET": page(ActorShape), "POST": created(ActorShape)}
    refusals = {"POST": ("id-taken", "not-in-corpus", "duplicate")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.corpus(slug, Permission.VIEW_REGISTRY)
        rows = visible(self.person, Actor.objects.filter(corpus=corpus))
        return self.page(actor_rows(rows), ActorShape)

    def post(self, request: Request, slug: str) -> Response:
        """Add one with its aliases."""
        seen = self.seen_corpus(slug, Permission.ADD_ACTOR)
        actor, new = registry.add_actor(self.person, seen, self.body(ActorBody))
        at = f"/api/v1/actors/{actor.pk}/"
        return self.created(ActorShape(actor), at=at, version=actor.version, new=new)


class ActorDetail(View):
    """One actor."""

    resource = "actor"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, PATCH=Permission.CHANGE_ACTOR)
    bodies = {"PATCH": ActorChange}
    answers = {"GET": one(ActorShape), "PATCH": one(ActorShape)}
    refusals = {"PATCH": ("not-in-corpus", "duplicate")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        actor = get_visible(self.person, actor_rows(Actor.objects.all()), pk=pk)
        return self.answer(ActorShape(actor), version=actor.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change it; aliases are replaced whole."""
        seen = get_seen(self.person, Actor.objects.all(), pk=pk)
        require(self.person, Permission.CHANGE_ACTOR, seen)
        changes = self.body(ActorChange, partial=True)
        actor = registry.change_actor(self.person, pk, changes, version=self.version())
        return self.answer(ActorShape(actor), version=actor.version)


class ActorSuggestions(CorpusView):
    """Actors for a field that completes what is typed."""

    resource = "actor suggestion"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY)
    parameters = {
        "GET": {"q": parameters.text("What was typed.", max_length=limits.MAX_ACTOR_NAME, required=True)}
    }
    answers = {"GET": Answer(content=ActorShape, shape="list")}

    def get(self, request: Request, slug: str) -> Response:
        """List up to 20 actors with a name or an alias that contains the typed text, in any case."""
        corpus = self.corpus(slug, Permission.VIEW_REGISTRY)
        typed = self.query()["q"]
        rows = visible(self.person, Actor.objects.filter(corpus=corpus))
        return self.answer(ActorShape(registry_search.suggest(actor_rows(rows), typed), many=True))


class Topics(CorpusView):
    """The topics of a corpus."""

    resource = "topic"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, POST=Permission.ADD_TOPIC)
    parameters = {"GET": parameters.PAGE}
    bodies = {"POST": TopicBody}
    answers = {"GET": page(TopicShape), "POST": created(TopicShape)}
    refusals = {"POST": ("id-taken", "duplicate")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.corpus(slug, Permission.VIEW_REGISTRY)
        return self.page(visible(self.person, Topic.objects.filter(corpus=corpus)), TopicShape)

    def post(self, request: Request, slug: str) -> Response:
        """Add one."""
        seen = self.seen_corpus(slug, Permission.ADD_TOPIC)
        topic, new = registry.add_topic(self.person, seen, self.body(TopicBody))
        at = f"/api/v1/topics/{topic.pk}/"
        return self.created(TopicShape(topic), at=at, version=topic.version, new=new)


class TopicDetail(View):
    """One topic."""

    resource = "topic"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, PATCH=Permission.CHANGE_TOPIC)
    bodies = {"PATCH": TopicChange}
    answers = {"GET": one(TopicShape), "PATCH": one(TopicShape)}
    refusals = {"PATCH": ("duplicate",)}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        topic = get_visible(self.person, Topic.objects.all(), pk=pk)
        return self.answer(TopicShape(topic), version=topic.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Rename it."""
        seen = get_seen(self.person, Topic.objects.all(), pk=pk)
        require(self.person, Permission.CHANGE_TOPIC, seen)
        changes = self.body(TopicChange, partial=True)
        topic = registry.change_topic(self.person, pk, changes, version=self.version())
        return self.answer(TopicShape(topic), version=topic.version)


class Propositions(CorpusView):
    """The propositions of a corpus."""

    resource = "proposition"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, POST=Permission.PROPOSE)
    parameters = {"GET": filters.parameters_of(filters.PROPOSITIONS)}
    bodies = {"POST": PropositionBody}
    answers = {"GET": page(PropositionShape), "POST": created(PropositionShape)}
    refusals = {"POST": ("id-taken", "not-in-corpus")}

    def get(self, request: Request, slug: str) -> Response:
        """List them."""
        corpus = self.corpus(slug, Permission.VIEW_REGISTRY)
        rows = visible(self.person, Proposition.objects.filter(corpus=corpus))
        rows = filters.apply(filters.PROPOSITIONS, rows, self.person, self.query())
        return self.page(rows, PropositionShape)

    def post(self, request: Request, slug: str) -> Response:
        """Propose one; a reviewer accepts it."""
        seen = self.seen_corpus(slug, Permission.PROPOSE)
        proposition, new = registry.propose(self.person, seen, self.body(PropositionBody))
        at = f"/api/v1/propositions/{proposition.pk}/"
        return self.created(PropositionShape(proposition), at=at, version=proposition.version, new=new)


class PropositionDetail(View):
    """One proposition."""

    resource = "proposition"
    scopes = scopes_of(GET=Permission.VIEW_REGISTRY, PATCH=Permission.CHANGE_PROPOSITION)
    bodies = {"PATCH": PropositionChange}
    answers = {"GET": one(PropositionShape), "PATCH": one(PropositionShape)}
    refusals = {"PATCH": ("not-in-corpus", "in-use")}

    def get(self, request: Request, pk: UUID) -> Response:
        """Show it."""
        proposition = get_visible(self.person, Proposition.objects.all(), pk=pk)
        return self.answer(PropositionShape(proposition), version=proposition.version)

    def patch(self, request: Request, pk: UUID) -> Response:
        """Change its wording, topic or kind."""
        seen = get_seen(self.person, Proposition.objects.all(), pk=pk)
        require(self.person, Permission.CHANGE_PROPOSITION, seen)
        changes = self.body(PropositionChange, partial=True)
        proposition = registry.change_proposition(self.person, pk, changes, version=self.version())
        return self.answer(PropositionShape(proposition), version=proposition.version)


class PropositionAcceptance(View):
    """Accepting a proposition."""

    resource = "proposition acceptance"
    scopes = scopes_of(POST=Permission.ACCEPT_PROPOSITION)
    bodies = {"POST": EmptyBody}
    answers = {"POST": one(PropositionShape)}
    refusals = {"POST": ("stale", "not-allowed-now")}

    def post(self, request: Request, pk: UUID) -> Response:
        """Accept it; If-Match is optional, and accepting it again changes nothing."""
        seen = get_seen(self.person, Proposition.objects.all(), pk=pk)
        require(self.person, Permission.ACCEPT_PROPOSITION, seen)
        self.body(EmptyBody)
        proposition = registry.accept(self.person, pk, version=optional_version(request))
        return self.answer(PropositionShape(proposition), version=proposition.version)
