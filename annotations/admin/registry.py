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
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from annotations.admin import actor_statements, affiliations, merges
from annotations.admin.access import current_user, has_permission, is_archived
from annotations.admin.filters import CorpusFilter
from annotations.admin.forms import ServiceForm
from annotations.admin.labels import format_number
from annotations.admin.registry_forms import ActorForm, PropositionForm, TopicForm
from annotations.admin.rights import actor_protection
from annotations.admin.scoped_admin import ObjectTool, change_url, isolate_direction
from annotations.admin.search_columns import FoldedColumn, NameColumn
from annotations.admin.service_admin import ServiceAdmin, seen_version
from annotations.exceptions import NotVisibleError, StandpointError
from annotations.models import (
    Actor,
    Alias,
    EntryKind,
    Event,
    Proposition,
    PropositionStatus,
    Topic,
)
from annotations.permissions import Permission, VisibleRow
from annotations.services.registry import entries
from annotations.translation import translate_message
from annotations.visibility import get_visible, visible

_CORPUS_TEXTS = ("corpus__guideline", "corpus__description")


class RegistryAdmin(ServiceAdmin):
    """Base of the tables of the registry. Entries are never deleted, since spans may link to them."""

    view_permission = Permission.VIEW_REGISTRY
    joined_relations: ClassVar[tuple[str, ...]] = ("corpus", "canonical")
    deferred_columns: ClassVar[tuple[str, ...]] = _CORPUS_TEXTS
    list_filter: ClassVar[Any] = (("corpus", CorpusFilter),)
    sortable_by = ("name_shown", "use")
    event_actions: ClassVar[tuple[str, ...]] = ()
    change_form_template = "admin/annotations/registry/change_form.html"
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
        named = Q(data__after__id=str(obj.pk)) | Q(data__after__into=str(obj.pk))
        return visible(current_user(request), rows.filter(named))

    @property
    def kind(self) -> EntryKind:
        """The kind of the entries."""
        return EntryKind(str(self.opts.model_name))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the visible entries; with their use in a list, and only those to choose in a field."""
        rows = super().get_queryset(request)
        page = request.resolver_match.url_name if request.resolver_match else None
        if page == "autocomplete":
            return rows.filter(merged_into__isnull=True)
        return merges.with_use(request, rows, self.kind) if str(page).endswith("_changelist") else rows

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role allows it; of merged entries, only the winner is changed."""
        is_merged = obj is not None and obj.merged_into_id is not None
        return not is_merged and super().has_change_permission(request, obj)

    def show_name(self, row: Any) -> SafeString:
        """Return the name, isolated from the direction of the text around it, and what it is merged into."""
        name = isolate_direction(row)
        if row.merged_into_id is None:
            return name
        merged = gettext("merged into %(name)s") % {"name": "{name}"}
        return format_html("{} ({})", name, format_html(merged, name=isolate_direction(row.canonical)))

    @admin.display(description=gettext_lazy("marks"), ordering="use")
    def use(self, row: Any) -> str:
        """Return the number of marks that count for the entry."""
        return format_number(row.use)

    def object_tools(self, request: HttpRequest, obj: Any) -> list[ObjectTool]:
        """Return the link to the merge."""
        return merges.merge_tools(request, obj)

    def extra_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the merges of the entry."""
        return merges.merge_context(request, obj)

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of merging, before the pages whose address is any id."""
        return [*merges.merge_urls(self.admin_site, self.kind), *super().get_urls()]


class AliasColumn:
    """The aliases of an actor, as a column of a search."""

    path = "aliases__folded"

    def condition(self, word: str, rows: QuerySet[Any]) -> Q:
        """Return the condition that one of the aliases contains the word."""
        aliases = Alias.objects.filter(NameColumn("folded").contains(word), actor=OuterRef("pk"))
        return Q(Exists(aliases))


@admin.register(Actor)
class ActorAdmin(RegistryAdmin):
    """The actors, who speak."""

    add_permission = Permission.ADD_ACTOR
    change_permission = Permission.CHANGE_ACTOR
    form = ActorForm
    search_help_text = gettext_lazy("Part of the name or of an alias.")
    search_columns = (NameColumn("folded_name"), AliasColumn())
    search_fields = ("folded_name",)
    list_display = ("name_shown", "kind", "corpus_name", "wikidata_id", "use")
    list_filter = (("corpus", CorpusFilter), "kind")
    ordering = ("-pk",)
    autocomplete_fields = ("parent",)
    add_fields = ("corpus", "name", "kind", "aliases", "qid", "parent", "note", "add_anyway")
    fields = ("corpus_name", "name", "kind", "aliases", "qid", "parent", "note")
    readonly_fields = ("corpus_name",)
    event_actions = (
        "actor_added", "actor_changed", "actor_merged", "actor_unmerged", "actor_protected",
        "actor_unprotection_asked", "actor_unprotected",
    )  # fmt: skip
    change_form_template = "admin/annotations/actor/change_form.html"

    class Media:
        js = ("annotations/autocomplete.js",)

    def extra_context(self, request: HttpRequest, obj: Actor) -> dict[str, Any]:
        """Return the merges, the affiliations with their forms, and what the actor says."""
        return {
            **super().extra_context(request, obj),
            "protected": actor_protection.protection_row(request, obj),
            **affiliations.affiliations_context(request, obj),
            **actor_statements.statements_context(request, obj),
        }

    def get_urls(self) -> list[URLPattern]:
        """Return the address of the forms of affiliations, before the pages whose address is any id."""
        view = self.admin_site.admin_view(require_POST(affiliations.change_affiliations))
        row = path("<uuid:pk>/affiliations/", view, name="annotations_actor_affiliations")
        return [row, *actor_protection.actor_urls(self.admin_site), *super().get_urls()]

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

    @admin.display(description=pgettext_lazy("field", "name"), ordering="folded_name")
    def name_shown(self, row: Actor) -> str:
        """Return the name."""
        return self.show_name(row)

    @admin.display(description=pgettext_lazy("field", "Wikidata id"))
    def wikidata_id(self, row: Actor) -> str:
        """Return the id of the item."""
        return row.qid or "–"

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Add the actor."""
        entries.add_actor(current_user(request), VisibleRow.of(form.cleaned_data["corpus"]), values)

    def update_object(
        self, request: HttpRequest, obj: Actor, changes: dict[str, Any], *, version: int
    ) -> None:
        """Change the actor."""
        entries.update_actor(current_user(request), obj.pk, changes, version=version)


@admin.register(Topic)
class TopicAdmin(RegistryAdmin):
    """The topics, headings over propositions."""

    add_permission = Permission.ADD_TOPIC
    change_permission = Permission.CHANGE_TOPIC
    form = TopicForm
    deferred_columns = (*_CORPUS_TEXTS, "search_key", "canonical__search_key")
    search_columns = (FoldedColumn("search_key"),)
    list_display = ("name_shown", "corpus_name", "use")
    ordering = ("search_key", "pk")
    add_fields = ("corpus", "name", "add_anyway")
    fields = ("corpus_name", "name")
    readonly_fields = ("corpus_name",)
    event_actions = ("topic_added", "topic_changed", "topic_merged", "topic_unmerged")

    @admin.display(description=pgettext_lazy("field", "name"), ordering="search_key")
    def name_shown(self, row: Topic) -> str:
        """Return the name."""
        return self.show_name(row)

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
    deferred_columns = (
        *_CORPUS_TEXTS, "search_key", "canonical__search_key", "topic__search_key",
        "topic__canonical__search_key",
    )  # fmt: skip
    joined_relations = ("corpus", "canonical", "topic__canonical")
    sortable_by = ("text_shown", "use")
    search_columns = (FoldedColumn("search_key"),)
    list_display = ("text_shown", "kind", "topic_name", "status", "corpus_name", "use")
    list_filter = (("corpus", CorpusFilter), "status", "kind")
    ordering = ("-pk",)
    add_fields = ("corpus", "text", "kind", "topic", "add_anyway")
    fields = ("corpus_name", "status", "text", "kind", "topic")
    readonly_fields = ("corpus_name", "status")
    change_form_template = "admin/annotations/proposition/change_form.html"
    event_actions = (
        "proposition_added", "proposition_changed", "proposition_accepted", "proposition_merged",
        "proposition_unmerged",
    )  # fmt: skip

    @admin.display(description=pgettext_lazy("field", "text"), ordering="search_key")
    def text_shown(self, row: Proposition) -> str:
        """Return the text."""
        return self.show_name(row)

    @admin.display(description=pgettext_lazy("field", "topic"))
    def topic_name(self, row: Proposition) -> str:
        """Return the topic."""
        return isolate_direction(row.topic.canonical.name) if row.topic else "–"

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
        is_open &= obj.merged_into_id is None
        may_accept = is_open and has_permission(request, Permission.ACCEPT_PROPOSITION, obj)
        return {
            **super().extra_context(request, obj),
            "accept_url": reverse("admin:annotations_proposition_accept", args=(obj.pk,))
            if may_accept
            else "",
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
