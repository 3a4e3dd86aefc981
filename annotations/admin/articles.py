"""Articles and the revisions of their text."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from annotations import limits
from annotations.admin import article_actions, article_bulk, correction, form_fields, stories, text_strip
from annotations.admin.access import current_user, has_permission
from annotations.admin.article_filters import AddedFilter, AnnotatorFilter, SourceFilter, StoryFilter
from annotations.admin.correction import correct, diff
from annotations.admin.filters import CorpusFilter, ValueFilter
from annotations.admin.forms import ServiceForm, label_time_inputs
from annotations.admin.labels import format_day, format_number
from annotations.admin.rights import article_rights
from annotations.admin.scoped_admin import ObjectTool, ScopedAdmin, change_url, isolate_direction
from annotations.admin.search_columns import FoldedColumn
from annotations.admin.service_admin import ServiceAdmin
from annotations.enums import Round, SetKind, State
from annotations.models import COPY_STATES, AnnotationSet, Article, Event, Revision, StoryMember
from annotations.models.fields import VerbatimFormField
from annotations.permissions import Permission, VisibleRow, can_see_annotators
from annotations.services.core import articles
from annotations.services.search.conditions import ArticleConditions
from annotations.text.gate import MAX_TEXT, check_text
from annotations.text.search_query import parse_query
from annotations.visibility import visible


def _text_help() -> str:
    """Return the help text of the text field, with the limit in the number format of the language."""
    return gettext(
        "Stored to the character, up to %(most)s of them. Browsers send every line end as CR and LF; here, "
        "and nowhere else, LF is made of it."
    ) % {"most": format_number(MAX_TEXT)}


class ArticleForm(ServiceForm):
    """Form for the metadata of an article, and the text of a new one."""

    service_fields = (*articles.METADATA_FIELDS, "text")
    text_checks = {
        "text": check_text,
        "external_id": form_fields.line_check("external id", limits.MAX_EXTERNAL_ID),
        "title": form_fields.title_check("title", limits.MAX_TITLE),
        "source": form_fields.title_check("source", limits.MAX_SOURCE),
        "author": form_fields.title_check("author", limits.MAX_AUTHOR),
        "url": form_fields.check_http_url,
        "language": form_fields.check_language_tag,
        "story_key": form_fields.line_check("story key", limits.MAX_STORY_KEY),
    }

    text = VerbatimFormField(
        label=gettext_lazy("Text"),
        # No maxlength: a browser counts UTF-16 units, and keeps back what is longer.
        widget=forms.Textarea(attrs={"rows": 24, "cols": 80, "dir": "auto"}),
        help_text=lazy(_text_help, str)(),
    )
    metadata = form_fields.MetadataField(
        label=gettext_lazy("Metadata"),
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=gettext_lazy('A flat JSON object, such as {"section": "politics"}.'),
    )

    class Meta:
        labels = {
            "url": gettext_lazy("Web address"),
            "language": gettext_lazy("Language tag"),
            "external_id": gettext_lazy("External id"),
        }
        help_texts = {
            "external_id": gettext_lazy(
                "How the article is called where it comes from; unique in the corpus."
            ),
            "language": gettext_lazy("By BCP 47, such as en or tg-Cyrl."),
            "story_key": gettext_lazy("The same for all articles about one event."),
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        label_time_inputs(self.fields.get("published_at"), gettext("Published"))
        if "seen" in self.fields:
            self.fields.pop("text")
        if "priority" in self.fields:
            self.fields["priority"] = forms.IntegerField(
                min_value=-limits.MAX_PRIORITY,
                max_value=limits.MAX_PRIORITY,
                help_text=gettext("The queue hands out the highest first."),
            )
        if "annotators" in self.fields:
            self.fields["annotators"] = forms.IntegerField(
                min_value=1,
                max_value=limits.MAX_ANNOTATORS,
                help_text=gettext(
                    "With more than one, the work of each is hidden until all have submitted. It stays "
                    "as it is once somebody has a set."
                ),
            )


def _run_bulk_action(action: article_bulk.BulkAction) -> Callable[..., HttpResponse | None]:
    """Return an action as Django calls it."""

    def run(
        model_admin: admin.ModelAdmin[Any], request: HttpRequest, rows: QuerySet[Article]
    ) -> HttpResponse | None:
        return article_bulk.run_bulk_action(request, action, rows, model_admin.admin_site)

    return run


@admin.register(Article)
class ArticleAdmin(ServiceAdmin):
    """The articles of the user's corpora; managers add, describe, assign and exclude them."""

    view_permission = Permission.VIEW_ARTICLE
    add_permission = Permission.ADD_ARTICLE
    change_permission = Permission.CHANGE_ARTICLE
    delete_permission = Permission.DELETE_ARTICLE
    form = ArticleForm
    joined_relations = ("corpus", "revision")
    deferred_columns = ("revision__text", "corpus__guideline", "corpus__description", "search_key")
    search_columns = (FoldedColumn("search_key"),)
    search_help_text = gettext_lazy(
        "Part of the title, external id, author or source; or words of the text, as on the page Search."
    )
    empty_message = gettext_lazy(
        "There are no articles yet. Managers add them here, or import files from the page of a corpus."
    )
    list_display = (
        "headline", "corpus_name", "status", "source_shown", "language", "day_shown", "story_shown",
        "annotators_shown",
    )  # fmt: skip
    list_filter = (
        ("corpus", CorpusFilter), "status", ("language", ValueFilter), SourceFilter, StoryFilter,
        AnnotatorFilter, AddedFilter,
    )  # fmt: skip
    date_hierarchy = "published_at"
    # What is done with all that the list finds says with how many.
    paginator = Paginator
    sortable_by = ("day_shown",)
    ordering = ("-pk",)
    add_fields = (
        "corpus", "title", "text", "external_id", "source", "author", "url", "language", "published_at",
        "story_key", "metadata",
    )  # fmt: skip
    fields = (
        "corpus_name", "status", "excluded_reason", "title", "external_id", "source", "author", "url",
        "language", "published_at", "story_key", "metadata", "annotators", "priority", "text_facts",
        "created_at",
    )  # fmt: skip
    readonly_fields = ("corpus_name", "status", "excluded_reason", "text_facts", "created_at")
    change_form_template = "admin/annotations/article/change_form.html"
    names_sets = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the articles, in a list with their stories and the sets that the user may know of."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not (match.url_name or "").endswith("_changelist"):
            return rows
        sets = visible(
            current_user(request),
            AnnotationSet.objects.filter(kind=SetKind.ANNOTATION, round=Round.PRODUCTION),
        )
        sets = sets.exclude(state=State.WITHDRAWN).select_related("owner").order_by()
        members = StoryMember.objects.filter(state__in=COPY_STATES).select_related("story").order_by()
        return rows.prefetch_related(
            Prefetch("sets", sets, to_attr="listed_sets"),
            Prefetch("story_members", members, to_attr="listed_members"),
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return what managers do to many articles of the corpus that the list shows."""
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            action.name: (_run_bulk_action(action), action.name, action.title)
            for action in article_bulk.offered_actions(request)
        }

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Render the list with a button for each action on many articles."""
        context = {"bulk_actions": article_bulk.offered_actions(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows whose columns contain every word, and those that a search in texts finds."""
        named, _ = super().get_search_results(request, queryset, search_term)
        asked = parse_query(search_term[: limits.MAX_QUESTION])
        if not asked.clauses:
            return named, False
        found = ArticleConditions(current_user(request)).narrow(queryset, asked)
        either = (Q(pk__in=rows.order_by().values("pk")) for rows in (named, found))
        return queryset.filter(reduce(or_, either)), False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, without the number of annotators for users who may not know it."""
        names = super().get_fields(request, obj)
        hidden = {"annotators"} if obj is not None and not can_see_annotators(obj.my_role) else set()
        hidden |= {"excluded_reason"} if obj is not None and not obj.excluded_reason else set()
        return [name for name in names if name not in hidden]

    @admin.display(description=pgettext_lazy("field", "title"))
    def headline(self, row: Article) -> str:
        """Return the title, or what stands for it."""
        return isolate_direction(row)

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Article) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.corpus.name)

    @admin.display(description=pgettext_lazy("field", "source"))
    def source_shown(self, row: Article) -> str:
        """Return the source, isolated from the direction of the text around it."""
        return isolate_direction(row.source) if row.source else "–"

    @admin.display(description=pgettext_lazy("field", "published"), ordering="published_at")
    def day_shown(self, row: Article) -> str:
        """Return the day on which the article was published."""
        return format_day(row.published_at)

    @admin.display(description=pgettext_lazy("field", "story"))
    def story_shown(self, row: Any) -> str:
        """Return the size of the story in which the article is one of several copies, as a link."""
        story = next((member.story for member in row.listed_members if member.story.size > 1), None)
        if story is None:
            return "–"
        text = gettext("%(n)s articles") % {"n": format_number(story.size)}
        return format_html('<a href="{}">{}</a>', stories.story_url(story), text)

    @admin.display(description=pgettext_lazy("field", "annotators"))
    def annotators_shown(self, row: Any) -> str:
        """Return who has a set that the user may know of, and for managers how many the article takes."""
        names = sorted({each.owner.get_username() for each in row.listed_sets})
        shown = format_html_join(", ", "<bdi>{}</bdi>", ((name,) for name in names))
        if not can_see_annotators(row.my_role):
            return shown or "–"
        return format_html(gettext("{} of {}: {}"), len(names), row.annotators, shown or "–")

    @admin.display(description=pgettext_lazy("field", "text"))
    def text_facts(self, row: Article) -> str:
        """Return the current revision, its length and its checksum."""
        revision = row.revision
        summary = gettext("%(length)s characters, SHA-256") % {"length": format_number(revision.length)}
        return format_html(
            '<a href="{}">{}</a>: {} <code>{}</code>',
            change_url(Revision, revision.pk),
            gettext("Revision %(number)s") % {"number": revision.number},
            summary,
            revision.sha256,
        )

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Create the article with its first revision."""
        articles.create_article(current_user(request), VisibleRow.of(form.cleaned_data["corpus"]), values)

    def update_object(
        self, request: HttpRequest, obj: Article, changes: dict[str, Any], *, version: int
    ) -> None:
        """Change the metadata."""
        articles.update_article(current_user(request), obj.pk, changes, version=version)

    def delete_object(self, request: HttpRequest, obj: Article, *, version: int) -> None:
        """Delete an article on which nobody has worked."""
        articles.delete_article(current_user(request), obj.pk, version=version)

    def events_for(self, request: HttpRequest, obj: Article) -> QuerySet[Event] | None:
        """Return the events of the article and of those of its sets that the user may see, for managers."""
        if not has_permission(request, Permission.VIEW_EVENTS, obj):
            return None
        return visible(current_user(request), Event.objects.filter(article_id=obj.pk))

    def extra_context(self, request: HttpRequest, obj: Article) -> dict[str, Any]:
        """Return the text, the sets, the story, the last events and the actions."""
        context = article_actions.page_context(request, obj)
        return {
            **context,
            **article_rights.rights_context(request, obj),
            "story": stories.article_context(request, obj),
            "strips": text_strip.make_strips(current_user(request), obj),
            "revisions": diff.article_revisions(obj),
        }

    def object_tools(self, request: HttpRequest, obj: Article) -> list[ObjectTool]:
        """Return the link to the correction of the text, and to what the last one changed."""
        tools = correct.correct_tools(request, obj)
        if obj.revision.number > 1:
            tools.append(ObjectTool(gettext("What changed"), diff.diff_url(obj.pk)))
        return tools

    def get_urls(self) -> list[URLPattern]:
        """Return an address for each action, before the pages whose address is any id."""
        view = self.admin_site.admin_view(require_POST(article_actions.perform_action))
        actions = [
            path(f"<uuid:pk>/{name}/", view, {"name": name}, name=f"annotations_article_{name}")
            for name in article_actions.ACTIONS
        ]
        rights = article_rights.article_urls(self.admin_site)
        return [*actions, *rights, *correction.article_urls(self.admin_site), *super().get_urls()]


@admin.register(Revision)
class RevisionAdmin(ScopedAdmin):
    """The revisions of texts; nobody changes one."""

    view_permission = Permission.VIEW_ARTICLE
    joined_relations = ("article__corpus", "author")
    deferred_columns = (
        "text",
        "article__search_key",
        "article__corpus__guideline",
        "article__corpus__description",
    )
    search_columns = (FoldedColumn("article__search_key"),)
    search_help_text = gettext_lazy("Part of the article’s title, external id, author or source.")
    list_display = ("headline", "number", "length", "corpus_name", "created_at")
    list_filter = (("article__corpus", CorpusFilter),)
    sortable_by = ()
    ordering = ("-pk",)
    fields = (
        "article_shown",
        "number",
        "length",
        "sha256",
        "reason",
        "author_shown",
        "created_at",
        "beginning",
    )
    readonly_fields = fields

    def display_name(self, obj: Revision) -> str:
        """Return the article and the number of the revision."""
        return f"{obj.article} · {self.opts.verbose_name} {obj.number}"

    @admin.display(description=pgettext_lazy("field", "article"))
    def headline(self, row: Revision) -> str:
        """Return the title of the article."""
        return isolate_direction(row.article)

    @admin.display(description=pgettext_lazy("field", "article"))
    def article_shown(self, row: Revision) -> str:
        """Return the article as a link to its page."""
        return format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(Article, row.article_id), row.article)

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Revision) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.article.corpus.name)

    @admin.display(description=pgettext_lazy("field", "author"))
    def author_shown(self, row: Revision) -> str:
        """Return the user who added the revision."""
        return isolate_direction(row.author.get_username()) if row.author else "–"

    @admin.display(description=pgettext_lazy("field", "text"))
    def beginning(self, row: Revision) -> str:
        """Return the text, or the beginning of a long one."""
        text = Revision.objects.filter(pk=row.pk).values_list(
            Left("text", article_actions.MAX_TEXT_SHOWN), flat=True
        )[0]
        left_out = row.length - len(text)
        rest = (
            gettext("… and %(number)s characters more") % {"number": format_number(left_out)}
            if left_out > 0
            else ""
        )
        return format_html('<div class="article-text" dir="auto">{}</div><p>{}</p>', text, rest)
