"""Sets and their content, to be read here and edited in the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypedDict
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from annotations.admin import correction, labels, set_actions, team
from annotations.admin.access import current_user
from annotations.admin.correction import worklist
from annotations.admin.correction.outcome import describe_approval
from annotations.admin.filters import CorpusFilter, SetFilter, UserFilter
from annotations.admin.history import describe_events, without_minor_events
from annotations.admin.scoped_admin import ObjectTool, ScopedAdmin, change_url, isolate_direction, list_url
from annotations.admin.search_columns import FoldedColumn, LongColumn, NameColumn, people_column
from annotations.admin.workbench import WorkbenchMixin
from annotations.models import AnnotationSet, Article, Comment, Event, Relation, Span
from annotations.permissions import Permission

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class _Hiding(TypedDict):
        hidden: bool

    SetWithHiding: TypeAlias = WithAnnotations[AnnotationSet, _Hiding]

HIDDEN_LABEL = gettext_lazy("hidden until all have submitted")
#: How many events a set's page shows.
MAX_EVENTS_SHOWN = 20

_CORPUS_TEXTS = ("guideline", "description")


def unlisted_columns(path: str) -> tuple[str, ...]:
    """Return the columns of the corpus and the article at the end of a path that no list loads."""
    return (f"{path}article__search_key", *(f"{path}corpus__{name}" for name in _CORPUS_TEXTS))


def workbench_url(row: AnnotationSet) -> str:
    """Return the address of the set's workbench."""
    return reverse("admin:annotations_annotationset_workbench", args=(row.pk,))


@admin.register(AnnotationSet)
class AnnotationSetAdmin(WorkbenchMixin, ScopedAdmin):
    """The sets: who works on what, and its state."""

    view_permission = Permission.VIEW_SET
    joined_relations = ("corpus", "article", "owner", "reviewer")
    deferred_columns = unlisted_columns("")
    search_columns = (FoldedColumn("article__search_key"), people_column("owner"))
    search_help_text = gettext_lazy(
        "Part of the article’s title, external id, author or source, or of the owner’s name."
    )
    empty_message = gettext_lazy(
        "You see no sets yet. A set begins when somebody takes an article from the queue, on the first page, "
        "or is assigned one, on the article’s page."
    )
    list_display = (
        "headline",
        "corpus_name",
        "state",
        "owner_name",
        "reviewer_name",
        "marks",
        "due_day",
        "created_day",
    )
    list_filter = (
        ("corpus", CorpusFilter),
        "state",
        "kind",
        "round",
        ("owner", UserFilter),
        ("reviewer", UserFilter),
    )
    sortable_by = ("due_day",)
    ordering = ("-pk",)
    fields = (
        "article_shown", "corpus_name", "state", "owner_name", "reviewer_name", "marks", "kind", "round",
        "guideline_version", "imported", "based_on_shown", "due_at", "created_at", "submitted_at",
        "review_started_at", "approved_at", "approved_by_shown",
    )  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/annotations/annotationset/change_form.html"

    @admin.display(description=pgettext_lazy("field", "article"))
    def headline(self, row: AnnotationSet) -> str:
        """Return the title of the article."""
        return isolate_direction(row.article)

    @admin.display(description=pgettext_lazy("field", "article"))
    def article_shown(self, row: AnnotationSet) -> str:
        """Return the article as a link to its page."""
        return format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(Article, row.article_id), row.article)

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: AnnotationSet) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.corpus.name)

    @admin.display(description=pgettext_lazy("field", "owner"))
    def owner_name(self, row: AnnotationSet) -> str:
        """Return the owner of the set."""
        return isolate_direction(row.owner.get_username())

    @admin.display(description=pgettext_lazy("field", "reviewer"))
    def reviewer_name(self, row: AnnotationSet) -> str:
        """Return the user who reviews, or reviewed, the set."""
        return isolate_direction(row.reviewer.get_username()) if row.reviewer else "–"

    @admin.display(description=pgettext_lazy("field", "based on"))
    def based_on_shown(self, row: AnnotationSet) -> str:
        """Return a link to the set that this one continues."""
        if row.based_on_id is None:
            return "–"
        return format_html(
            '<a href="{}">{}</a>', change_url(AnnotationSet, row.based_on_id), gettext("an earlier set")
        )

    @admin.display(description=pgettext_lazy("field", "approved by"))
    def approved_by_shown(self, row: AnnotationSet) -> str:
        """Return what the approval rests on."""
        return describe_approval(row)

    @admin.display(description=pgettext_lazy("field", "marks"))
    def marks(self, row: SetWithHiding) -> str:
        """Return the number of spans; of a blind set, not even that."""
        return str(HIDDEN_LABEL) if row.hidden else str(sum(row.span_counts.values()))

    @admin.display(description=pgettext_lazy("field", "due at"), ordering="due_at")
    def due_day(self, row: AnnotationSet) -> str:
        """Return the due date as a day, for which a list has room."""
        return labels.format_day(row.due_at)

    @admin.display(description=pgettext_lazy("field", "created at"))
    def created_day(self, row: AnnotationSet) -> str:
        """Return the day of its creation."""
        return labels.format_day(row.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SetWithHiding]:
        """Return the sets; each knows whether its content is hidden from the user."""
        others = Q(blind=True) & ~Q(owner_id=current_user(request).pk)
        hidden = ExpressionWrapper(others, output_field=BooleanField())
        rows: QuerySet[SetWithHiding] = super().get_queryset(request).annotate(hidden=hidden)
        return rows

    def display_name(self, obj: AnnotationSet) -> str:
        """Return the article and the owner."""
        return f"{obj.article} · {obj.owner.get_username()}"

    def events_for(self, request: HttpRequest, obj: SetWithHiding) -> QuerySet[Event] | None:
        """Return the events, or None if the content is hidden: the history belongs to the content."""
        return None if obj.hidden else Event.objects.filter(set_id=obj.pk)

    def object_tools(self, request: HttpRequest, obj: SetWithHiding) -> list[ObjectTool]:
        """Return the links to the workbench and to the lists of the content."""
        url = reverse("admin:annotations_annotationset_reviewers", args=(obj.pk,))
        reviewers = ObjectTool(gettext("Who can review?"), url)
        if obj.hidden:
            return [reviewers]
        query = urlencode({"set": obj.pk})
        return [
            ObjectTool(gettext("Open in the workbench"), workbench_url(obj), is_primary=True),
            *worklist.items_tools(obj),
            reviewers,
            ObjectTool(gettext("Spans"), list_url(Span, query)),
            ObjectTool(gettext("Relations"), list_url(Relation, query)),
            ObjectTool(gettext("Comments"), list_url(Comment, query)),
        ]

    def extra_context(self, request: HttpRequest, obj: SetWithHiding) -> dict[str, Any]:
        """Return the last events, or why they are hidden, and the actions."""
        rows = self.events_for(request, obj)
        return {
            "events": None
            if rows is None
            else describe_events(without_minor_events(rows).order_by("-seq")[:MAX_EVENTS_SHOWN]),
            "hidden": obj.hidden,
            "workbench_url": workbench_url(obj),
            "forms": set_actions.action_forms(request, obj),
        }

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses of the actions and of the reviewers page.

        They stand before the pages whose address is any id.
        """
        view = self.admin_site.admin_view(require_POST(set_actions.perform_action))
        actions = [
            path(f"<uuid:pk>/{name}/", view, {"name": name}, name=f"annotations_annotationset_{name}")
            for name in set_actions.ACTIONS
        ]
        others = [*team.set_urls(self.admin_site), *correction.set_urls(self.admin_site)]
        return [*actions, *others, *super().get_urls()]


class ContentAdmin(ScopedAdmin):
    """Base of the content of sets; ``visible`` shows blind sets to their owners only."""

    view_permission = Permission.VIEW_CONTENT
    empty_message = gettext_lazy(
        "You see none yet. Marks, relations and comments are made in the workbench of a set."
    )
    list_filter: ClassVar[Any] = (("set__corpus", CorpusFilter), SetFilter)
    sortable_by = ()
    ordering = ("-pk",)

    @admin.display(description=pgettext_lazy("field", "article"))
    def article_shown(self, row: Any) -> str:
        """Return the title of the article."""
        return isolate_direction(row.set.article)

    @admin.display(description=pgettext_lazy("field", "owner"))
    def owner_name(self, row: Any) -> str:
        """Return the owner of the set."""
        return isolate_direction(row.set.owner.get_username())

    @admin.display(description=pgettext_lazy("field", "state of the set"))
    def state_shown(self, row: Any) -> str:
        """Return the state of the set."""
        return str(row.set.get_state_display())

    @admin.display(description=pgettext_lazy("field", "set"))
    def set_shown(self, row: Any) -> str:
        """Return links to the set's page and to the workbench."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            change_url(AnnotationSet, row.set_id),
            gettext("Page of the set"),
            workbench_url(row.set),
            gettext("workbench"),
        )


@admin.register(Span)
class SpanAdmin(ContentAdmin):
    """The spans that the user may see."""

    joined_relations = ("set__article", "set__owner", "actor", "proposition")
    deferred_columns = ("set__article__search_key", "proposition__search_key")
    search_columns = (
        FoldedColumn("set__article__search_key"),
        NameColumn("actor__folded_name"),
        LongColumn("quote"),
    )
    search_help_text = gettext_lazy("Part of the quote, of the article’s title or of the actor’s name.")
    list_display = (
        "quote_shown",
        "label",
        "actor_name",
        "proposition_text",
        "article_shown",
        "owner_name",
        "state_shown",
    )
    list_filter = ("label", ("set__corpus", CorpusFilter), "origin", SetFilter)
    fields = (
        "quote_whole", "label", "start", "end", "attributes_shown", "actor_name", "proposition_text",
        "origin", "article_shown", "owner_name", "set_shown",
    )  # fmt: skip
    readonly_fields = fields

    def display_name(self, obj: Span) -> str:
        """Return the label and the offsets."""
        return f"{labels.span_label(obj.label)} {obj.start}–{obj.end}"

    @admin.display(description=pgettext_lazy("field", "quote"))
    def quote_shown(self, row: Span) -> str:
        """Return the beginning of the quote."""
        return isolate_direction(Truncator(row.quote).chars(120))

    @admin.display(description=pgettext_lazy("field", "quote"))
    def quote_whole(self, row: Span) -> str:
        """Return the quote."""
        return format_html('<div class="article-text" dir="auto">{}</div>', row.quote)

    @admin.display(description=pgettext_lazy("field", "actor"))
    def actor_name(self, row: Span) -> str:
        """Return the linked actor."""
        return isolate_direction(row.actor.name) if row.actor else "–"

    @admin.display(description=pgettext_lazy("field", "proposition"))
    def proposition_text(self, row: Span) -> str:
        """Return the linked proposition."""
        return isolate_direction(row.proposition.text) if row.proposition else "–"

    @admin.display(description=pgettext_lazy("field", "attributes"))
    def attributes_shown(self, row: Span) -> str:
        """Return each attribute with its value."""
        lines = (
            (labels.attribute_label(name), labels.attribute_value_label(name, value))
            for name, value in row.attributes.items()
        )
        return format_html_join("", "<div>{}: <bdi>{}</bdi></div>", lines) or "–"


@admin.register(Relation)
class RelationAdmin(ContentAdmin):
    """The relations that the user may see."""

    joined_relations = ("set__article", "set__owner", "source", "target")
    deferred_columns = ("set__article__search_key",)
    search_columns = (
        FoldedColumn("set__article__search_key"),
        LongColumn("source__quote"),
        LongColumn("target__quote"),
    )
    search_help_text = gettext_lazy("Part of one of the quotes or of the article’s title.")
    list_display = ("source_quote", "type", "target_quote", "article_shown", "owner_name", "state_shown")
    list_filter = ("type", ("set__corpus", CorpusFilter), SetFilter)
    fields = ("source_quote", "type", "target_quote", "article_shown", "owner_name", "set_shown")
    readonly_fields = fields

    def display_name(self, obj: Relation) -> str:
        """Return both ends, and the type of the relation between them."""
        source, target = (Truncator(span.quote).chars(40) for span in (obj.source, obj.target))
        return f"{source} · {labels.relation_label(obj.type)} · {target}"

    @admin.display(description=pgettext_lazy("field", "from"))
    def source_quote(self, row: Relation) -> str:
        """Return the beginning of the quote of its source."""
        return isolate_direction(Truncator(row.source.quote).chars(80))

    @admin.display(description=pgettext_lazy("field", "to"))
    def target_quote(self, row: Relation) -> str:
        """Return the beginning of the quote of its target."""
        return isolate_direction(Truncator(row.target.quote).chars(80))


@admin.register(Comment)
class CommentAdmin(ContentAdmin):
    """The comments that the user may see; they are written in the workbench."""

    joined_relations = ("set__article", "set__owner", "author", "resolved_by", "span")
    deferred_columns = ("set__article__search_key",)
    search_columns = (
        FoldedColumn("set__article__search_key"),
        people_column("author"),
        LongColumn("text"),
    )
    search_help_text = gettext_lazy("Part of the comment, of the article’s title or of the author’s name.")
    list_display = (
        "text_shown",
        "author_name",
        "blocking",
        "resolved",
        "article_shown",
        "owner_name",
        "created_at",
    )
    list_filter = ("blocking", ("set__corpus", CorpusFilter), SetFilter)
    fields = (
        "text_whole", "author_name", "span_quote", "blocking", "resolved", "created_at", "article_shown",
        "owner_name", "set_shown",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description=pgettext_lazy("field", "comment"))
    def text_shown(self, row: Comment) -> str:
        """Return the beginning of the comment."""
        return isolate_direction(Truncator(row.text).chars(120))

    @admin.display(description=pgettext_lazy("field", "comment"))
    def text_whole(self, row: Comment) -> str:
        """Return the comment."""
        return format_html('<div class="article-text" dir="auto">{}</div>', row.text)

    @admin.display(description=pgettext_lazy("field", "author"))
    def author_name(self, row: Comment) -> str:
        """Return the author."""
        return isolate_direction(row.author.get_username())

    @admin.display(description=pgettext_lazy("field", "on"))
    def span_quote(self, row: Comment) -> str:
        """Return the words that the comment is about."""
        quote = row.span.quote if row.span else row.quote
        return isolate_direction(Truncator(quote).chars(120)) if quote else gettext("the whole set")

    @admin.display(description=pgettext_lazy("field", "resolved"))
    def resolved(self, row: Comment) -> str:
        """Return the user who resolved it, if anybody did."""
        return isolate_direction(row.resolved_by.get_username()) if row.resolved_by else "–"
