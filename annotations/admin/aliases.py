"""The aliases of actors as a list of their own."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import pgettext_lazy

from annotations.admin.filters import CorpusFilter
from annotations.admin.scoped_admin import ScopedAdmin, change_url, isolate_direction
from annotations.admin.search_columns import NameColumn
from annotations.models import Actor, Alias
from annotations.permissions import Permission


@admin.register(Alias)
class AliasAdmin(ScopedAdmin):
    """The aliases of actors; they are changed on the actor's page."""

    view_permission = Permission.VIEW_REGISTRY
    joined_relations = ("actor__corpus",)
    deferred_columns = ("actor__corpus__guideline", "actor__corpus__description")
    search_columns = (NameColumn("folded"), NameColumn("actor__folded_name"))
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
