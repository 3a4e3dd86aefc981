"""The registry: actors with their aliases, topics, propositions."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from annotations.admin import affiliations
from annotations.admin.access import current_user, has_permission, is_archived
from annotations.admin.filters import CorpusFilter
from annotations.admin.forms import ServiceForm
from annotations.admin.registry_forms import ActorForm, PropositionForm, TopicForm
from annotations.admin.scoped_admin import ScopedAdmin, change_url, isolate_direction
from annotations.admin.service_admin import ServiceAdmin, seen_version
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import (
    Actor,
    Alias,
    Event,
    Proposition,
    PropositionStatus,
    Topic,
)
from annotations.permissions import Permission, VisibleRow
from annotations.services.registry import entries
from annotations.text.names import fold_name
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

_CORPUS_TEXTS = ("corpus__guideline", "corpus__description")


class RegistryAdmin(ServiceAdmin):
    """Base of the tables of the registry. Entries are never deleted, since spans may link to them."""

    view_permission = Permission.VIEW_REGISTRY
    joined_relations: ClassVar[tuple[str, ...]] = ("corpus",)
    deferred_columns = _CORPUS_TEXTS
    list_filter: ClassVar[Any] = (("corpus", CorpusFilter),)
    sortable_by = ()
    event_actions: ClassVar[tuple[str, ...]] = ()
    empty_message = gettext_lazy(
        "The registry is empty. Entries are added here, or in the workbench while one marks."
    )

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Any) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.corpus.name)

    def events_for(self, request: HttpRequest, obj: Any) -> QuerySet[Event] | None:
        """Return the events that name the entry, for managers."""
        if not has_permission(request, Permission.VIEW_EVENTS, obj):
            return None
        rows = Event.objects.filter(corpus_id=obj.corpus_id, action__in=self.event_actions)
        return visible(current_user(request), rows.filter(data__after__id=str(obj.pk)))


@admin.register(Actor)
class ActorAdmin(RegistryAdmin):
    """The actors, who speak."""

    add_permission = Permission.ADD_ACTOR
    change_permission = Permission.CHANGE_ACTOR
    form = ActorForm
    search_help_text = gettext_lazy("Part of the name or of an alias.")
    casefolded_lookups = search_fields = ("folded_name__contains",)
    list_display = ("name_shown", "kind", "corpus_name", "qid", "merged")
    list_filter = (("corpus", CorpusFilter), "kind")
    ordering = ("-pk",)
    autocomplete_fields = ("parent",)
    add_fields = ("corpus", "name", "kind", "aliases", "qid", "parent", "note", "add_anyway")
    fields = ("corpus_name", "name", "kind", "aliases", "qid", "parent", "note", "merged")
    readonly_fields = ("corpus_name", "merged")
    event_actions = ("actor_added", "actor_changed")
    change_form_template = "admin/annotations/actor/change_form.html"

    class Media:
        js = ("annotations/autocomplete.js",)

    def extra_context(self, request: HttpRequest, obj: Actor) -> dict[str, Any]:
        """Return the affiliations of the actor, with their forms."""
        return affiliations.affiliations_context(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Return the address of the forms of affiliations, before the pages whose address is any id."""
        view = self.admin_site.admin_view(require_POST(affiliations.change_affiliations))
        row = path("<uuid:pk>/affiliations/", view, name="annotations_actor_affiliations")
        return [row, *super().get_urls()]

    def get_fields(self, request: HttpRequest, obj: Actor | None = None) -> Any:
        """Return the fields; users who may not change the aliases get them as text."""
        names = super().get_fields(request, obj)
        is_read_only = obj is not None and "seen" not in names
        return ["aliases_shown" if name == "aliases" and is_read_only else name for name in names]

    @admin.display(description=pgettext_lazy("field", "aliases"))
    def aliases_shown(self, row: Actor) -> str:
        """Return the aliases, one a line."""
        return format_html_join(
            "", "<div><bdi>{}</bdi></div>", ((alias.text,) for alias in row.aliases.all())
        )

    @admin.display(description=pgettext_lazy("field", "name"))
    def name_shown(self, row: Actor) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.name)

    @admin.display(description=pgettext_lazy("field", "merged"), boolean=True)
    def merged(self, row: Actor) -> bool:
        """Return whether the actor is merged into another one."""
        return row.merged_into_id is not None

    def search_condition(self, word: str) -> Q:
        """Return the condition that the name or one of the aliases contains the word."""
        folded = fold_name(word)
        aliases = Alias.objects.filter(actor=OuterRef("pk"), folded__contains=folded)
        return Q(folded_name__contains=folded) | Q(Exists(aliases))

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Add the actor."""
        entries.add_actor(current_user(request), VisibleRow.of(form.cleaned_data["corpus"]), values)

    def update_object(
        self, request: HttpRequest, obj: Actor, changes: dict[str, Any], *, version: int
    ) -> None:
        """Change the actor."""
        entries.update_actor(current_user(request), obj.pk, changes, version=version)


@admin.register(Alias)
class AliasAdmin(ScopedAdmin):
    """The aliases of actors; they are changed on the actor's page."""

    view_permission = Permission.VIEW_REGISTRY
    joined_relations = ("actor__corpus",)
    deferred_columns = ("actor__corpus__guideline", "actor__corpus__description")
    casefolded_lookups = ("folded__contains", "actor__folded_name__contains")
    list_display = ("text_shown", "actor_shown", "language", "kind", "corpus_name")
    list_filter = (("actor__corpus", CorpusFilter), "kind")
    sortable_by = ()
    ordering = ("-pk",)
    fields = ("text_shown", "actor_shown", "language", "kind", "corpus_name")
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("field", "alias"))
    def text_shown(self, row: Alias) -> str:
        """Return the alias, isolated from the direction of the text around it."""
        return isolate_direction(row.text)

    @admin.display(description=pgettext_lazy("field", "actor"))
    def actor_shown(self, row: Alias) -> str:
        """Return the actor as a link to its page."""
        return format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(Actor, row.actor_id), row.actor.name)

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Alias) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.actor.corpus.name)


@admin.register(Topic)
class TopicAdmin(RegistryAdmin):
    """The topics, headings over propositions."""

    add_permission = Permission.ADD_TOPIC
    change_permission = Permission.CHANGE_TOPIC
    form = TopicForm
    casefolded_lookups = ("name__icontains",)
    list_display = ("name_shown", "corpus_name")
    ordering = ("name", "pk")
    add_fields = ("corpus", "name", "add_anyway")
    fields = ("corpus_name", "name")
    readonly_fields = ("corpus_name",)
    event_actions = ("topic_added", "topic_changed")

    @admin.display(description=pgettext_lazy("field", "name"))
    def name_shown(self, row: Topic) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.name)

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Add the topic."""
        entries.add_topic(current_user(request), VisibleRow.of(form.cleaned_data["corpus"]), values)

    def update_object(
        self, request: HttpRequest, obj: Topic, changes: dict[str, Any], *, version: int
    ) -> None:
        """Rename the topic."""
        entries.update_topic(current_user(request), obj.pk, changes, version=version)


@admin.register(Proposition)
class PropositionAdmin(RegistryAdmin):
    """The propositions: issues and assertions, which reviewers accept."""

    add_permission = Permission.ADD_PROPOSITION
    change_permission = Permission.CHANGE_PROPOSITION
    form = PropositionForm
    joined_relations = ("corpus", "topic")
    casefolded_lookups = ("text__icontains",)
    list_display = ("text_shown", "kind", "topic_name", "status", "corpus_name")
    list_filter = (("corpus", CorpusFilter), "status", "kind")
    ordering = ("-pk",)
    add_fields = ("corpus", "text", "kind", "topic", "add_anyway")
    fields = ("corpus_name", "status", "text", "kind", "topic")
    readonly_fields = ("corpus_name", "status")
    change_form_template = "admin/annotations/proposition/change_form.html"
    event_actions = ("proposition_added", "proposition_changed", "proposition_accepted")

    @admin.display(description=pgettext_lazy("field", "text"))
    def text_shown(self, row: Proposition) -> str:
        """Return the text, isolated from the direction of the text around it."""
        return isolate_direction(row.text)

    @admin.display(description=pgettext_lazy("field", "topic"))
    def topic_name(self, row: Proposition) -> str:
        """Return the topic."""
        return isolate_direction(row.topic.name) if row.topic else "–"

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Propose it."""
        entries.add_proposition(current_user(request), VisibleRow.of(form.cleaned_data["corpus"]), values)

    def update_object(
        self, request: HttpRequest, obj: Proposition, changes: dict[str, Any], *, version: int
    ) -> None:
        """Change it."""
        entries.update_proposition(current_user(request), obj.pk, changes, version=version)

    def extra_context(self, request: HttpRequest, obj: Proposition) -> dict[str, Any]:
        """Return the address of the accept button, for reviewers of a proposed one."""
        is_open = obj.status == PropositionStatus.PROPOSED and not is_archived(obj)
        may_accept = is_open and has_permission(request, Permission.ACCEPT_PROPOSITION, obj)
        return {
            "accept_url": reverse("admin:annotations_proposition_accept", args=(obj.pk,))
            if may_accept
            else ""
        }

    def get_urls(self) -> list[URLPattern]:
        """Return the address of the button, before the pages whose address is any id."""
        view = self.admin_site.admin_view(require_POST(accept_proposition))
        return [path("<uuid:pk>/accept/", view, name="annotations_proposition_accept"), *super().get_urls()]


def accept_proposition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a proposition and redirect to it."""
    by = current_user(request)
    try:
        row = get_visible(by, Proposition.objects.all(), pk=pk)
    except NotVisibleError as error:
        raise Http404 from error
    if not has_permission(request, Permission.ACCEPT_PROPOSITION, row):
        raise PermissionDenied
    try:
        entries.accept_proposition(by, pk, version=seen_version(request))
        messages.success(
            request, gettext("The proposition is accepted; spans that link to it can be approved.")
        )
    except StandpointError as error:
        messages.error(request, translate_message(error.detail))
    return HttpResponseRedirect(change_url(Proposition, pk))
