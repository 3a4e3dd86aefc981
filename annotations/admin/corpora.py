"""Corpora and their members."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from annotations import limits
from annotations.admin import form_fields, labels
from annotations.admin.access import current_user, has_permission
from annotations.admin.corpus_pages import corpus_urls
from annotations.admin.filters import CorpusFilter
from annotations.admin.forms import ServiceForm
from annotations.admin.scoped_admin import isolate_direction
from annotations.admin.search_columns import SmallTable, people_column
from annotations.admin.service_admin import ServiceAdmin
from annotations.admin.team.pages import page_url
from annotations.messages import message
from annotations.models import Corpus, Event, Membership, Role
from annotations.models.corpora import validate_slug
from annotations.permissions import Permission
from annotations.services.core import corpora
from annotations.services.core.sets import find_user
from annotations.visibility import visible

#: The limits of the number fields.
NUMBER_LIMITS: dict[str, dict[str, Any]] = {
    "annotators_per_article": {"min_value": 1, "max_value": limits.MAX_ANNOTATORS, "initial": 1},
    "double_share": {"min_value": 0, "max_value": limits.MAX_DOUBLE_SHARE, "initial": 5},
    "most_open": {"min_value": 0, "max_value": limits.MAX_OPEN_SETS, "required": False},
}


class CorpusForm(ServiceForm):
    """Form for a corpus; without a guideline it starts with the product's own."""

    service_fields = (
        "slug", "name", "description", "guideline", "depth", "annotators_per_article",
        "same_label_overlap", "double_share", "most_open", "carry_approval", "archived",
    )  # fmt: skip
    text_checks = {
        "slug": validate_slug,
        "name": form_fields.line_check("name", limits.MAX_CORPUS_NAME, required=True),
        "description": form_fields.prose_check("description"),
        "guideline": form_fields.prose_check("guideline", limits.MAX_GUIDELINE),
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        helps = {
            "slug": gettext(
                "Stands in addresses and file names, and stays as it is. Lower-case letters, digits and "
                "hyphens."
            ),
            "guideline": gettext("Markdown. Every change raises its version.")
            if "seen" in self.fields
            else gettext("Markdown. Left empty, the corpus starts with Standpoint’s own guideline."),
            "depth": gettext(
                "Spans: only badly cut marks stop a submission. Statements: every problem does."
            ),
            "annotators_per_article": gettext(
                "For new articles. With more than one, the work of each is hidden from "
                "everybody else until all have submitted."
            ),
            "same_label_overlap": gettext("Whether two marks of one label may overlap."),
            "double_share": gettext(
                "So many of a hundred articles of single annotators are silently given to a "
                "second one, so that agreement is known."
            ),
            "most_open": gettext(
                "The queue hands out nothing more to somebody who holds so many open sets. Empty: no limit."
            ),
            "carry_approval": gettext(
                "What becomes of an approved set when its text is corrected. Review: its owner and a "
                "reviewer look at every correction. When untouched: a correction that changes no marked "
                "word, and no sentence with a mark in it, such as a typo elsewhere, leaves it approved."
            ),
            "archived": gettext("An archived corpus can only be read."),
        }
        for name, text in helps.items():
            if name in self.fields:
                self.fields[name].help_text = text
        if "carry_approval" in self.fields:
            self.fields["carry_approval"].label = gettext("Approval after a correction")
        for name, bounds in NUMBER_LIMITS.items():
            if name in self.fields:
                self.fields[name] = forms.IntegerField(help_text=helps[name], **bounds)


@admin.register(Corpus)
class CorpusAdmin(ServiceAdmin):
    """The corpora of which the user is a member; managers change them."""

    view_permission = Permission.VIEW_CORPUS
    change_permission = Permission.CHANGE_CORPUS
    delete_permission = Permission.DELETE_CORPUS
    form = CorpusForm
    search_columns = (SmallTable("pk", Corpus, ("name", "slug")),)
    empty_message = gettext_lazy("You are not a member of any corpus yet.")
    list_display = ("name_shown", "slug", "my_role_shown", "depth", "archived")
    list_display_links = None
    list_filter = ("archived", "depth")
    sortable_by = ("slug",)
    ordering = ("name", "pk")
    add_fields = (
        "name",
        "slug",
        "description",
        "guideline",
        "depth",
        "annotators_per_article",
        "same_label_overlap",
        "double_share",
        "most_open",
        "carry_approval",
    )
    fields = (
        "name", "slug", "description", "guideline", "guideline_version", "depth", "annotators_per_article",
        "same_label_overlap", "double_share", "most_open", "carry_approval", "archived", "created_at",
    )  # fmt: skip
    readonly_fields = ("slug", "guideline_version", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the corpora, in a list without the guidelines, which are long."""
        rows = super().get_queryset(request)
        match = request.resolver_match
        in_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer("guideline", "description") if in_list else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the user has the Django permission: there is no role yet in a new corpus."""
        return current_user(request).has_perm("annotations.add_corpus")

    @admin.display(description=pgettext_lazy("field", "name"), ordering="name")
    def name_shown(self, row: Corpus) -> str:
        """Return the name, as a link to the overview of the corpus."""
        return format_html('<a href="{}"><bdi>{}</bdi></a>', page_url(row, "overview"), row.name)

    @admin.display(description=pgettext_lazy("field", "my role"))
    def my_role_shown(self, row: Any) -> str:
        """Return the role of the user in the corpus."""
        return labels.enum_label(Role, row.my_role)

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Create the corpus."""
        corpora.create_corpus(current_user(request), values)

    def update_object(
        self, request: HttpRequest, obj: Corpus, changes: dict[str, Any], *, version: int
    ) -> None:
        """Change the corpus."""
        corpora.update_corpus(current_user(request), obj.pk, changes, version=version)

    def delete_object(self, request: HttpRequest, obj: Corpus, *, version: int) -> None:
        """Delete a corpus without articles."""
        corpora.delete_corpus(current_user(request), obj.pk, version=version)

    def events_for(self, request: HttpRequest, obj: Corpus) -> QuerySet[Event] | None:
        """Return the events of the corpus and its members."""
        if not has_permission(request, Permission.VIEW_EVENTS, obj):
            return None
        rows = Event.objects.filter(corpus_id=obj.pk, article_id__isnull=True, set_id__isnull=True)
        return visible(current_user(request), rows)

    def get_urls(self) -> list[URLPattern]:
        """Return the pages of a corpus, before the pages whose address is any id."""
        return [*corpus_urls(self.admin_site), *super().get_urls()]


class MembershipForm(ServiceForm):
    """Form for a user, by name, and a role."""

    service_fields = ("role",)
    username = forms.CharField(
        label=gettext_lazy("Username"),
        max_length=limits.MAX_USERNAME,
        help_text=gettext_lazy("The name with which the person signs in."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "seen" in self.fields:
            self.fields.pop("username")


@admin.register(Membership)
class MembershipAdmin(ServiceAdmin):
    """The members of corpora. They are added by name: nobody gets a list of all users."""

    view_permission = Permission.VIEW_MEMBERS
    add_permission = Permission.CHANGE_MEMBERS
    change_permission = Permission.CHANGE_MEMBERS
    delete_permission = Permission.CHANGE_MEMBERS
    form = MembershipForm
    joined_relations = ("corpus", "user")
    deferred_columns = ("corpus__guideline", "corpus__description")
    search_columns = (people_column("user"), SmallTable("corpus", Corpus, ("name",)))
    list_display = ("member", "corpus_name", "role")
    list_filter = (("corpus", CorpusFilter), "role")
    sortable_by = ("role",)
    ordering = ("corpus__name", "user__username", "pk")
    add_fields = ("corpus", "username", "role")
    fields = ("corpus_name", "member", "role")
    readonly_fields = ("corpus_name", "member", "given_by")

    def display_name(self, obj: Membership) -> str:
        """Return the username and the role."""
        return f"{obj.user.get_username()} · {labels.enum_label(Role, obj.role)}"

    @admin.display(description=pgettext_lazy("field", "member"))
    def member(self, row: Membership) -> str:
        """Return the username, without a link: accounts are for superusers."""
        return isolate_direction(row.user.get_username())

    @admin.display(description=pgettext_lazy("field", "corpus"))
    def corpus_name(self, row: Membership) -> str:
        """Return the name, isolated from the direction of the text around it."""
        return isolate_direction(row.corpus.name)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns; who has given a role is of interest only beside single sign-on."""
        columns = super().get_list_display(request)
        return [*columns, "given_by"] if settings.OIDC else columns

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, with who has given the role."""
        fields = super().get_fields(request, obj)
        return (*fields, "given_by") if settings.OIDC and obj is not None else fields

    @admin.display(description=pgettext_lazy("field", "given by"))
    def given_by(self, row: Membership) -> str:
        """Return whether a group of the sign-in service has given the membership, and what a change means."""
        if not row.from_sso:
            return gettext("hand")
        return gettext("single sign-on, until the group is gone or somebody gives another role here")

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Add the member."""
        user = find_user(form.cleaned_data["username"].strip(), location=message("the user name"))
        corpus = form.cleaned_data["corpus"]
        member, _ = corpora.add_member(
            current_user(request), corpus.pk, user, Role(form.cleaned_data["role"])
        )
        form.instance.pk, form.instance.user = member.pk, user

    def update_object(
        self, request: HttpRequest, obj: Membership, changes: dict[str, Any], *, version: int
    ) -> None:
        """Give the member another role."""
        name, role = obj.user.get_username(), Role(changes["role"])
        corpora.update_member(current_user(request), obj.corpus_id, name, role, version=version)

    def delete_object(self, request: HttpRequest, obj: Membership, *, version: int) -> None:
        """End the membership."""
        corpora.remove_member(current_user(request), obj.corpus_id, obj.user.get_username(), version=version)
