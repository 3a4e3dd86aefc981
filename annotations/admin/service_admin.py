"""The base of tables that write: each form and each deletion goes through a service."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from annotations.admin.access import current_user, is_in_one_corpus
from annotations.admin.form_fields import EntrySelect
from annotations.admin.forms import ServiceForm, remember_error, remembered_error
from annotations.admin.scoped_admin import ScopedAdmin, change_url, isolate_direction, list_url
from annotations.exceptions import PreconditionRequiredError, StandpointError
from annotations.models import Corpus
from annotations.models.ordering import text_order
from annotations.permissions import PERMISSIONS
from annotations.translation import translate_message
from annotations.visibility import visible

RELATED_WIDGET_LINKS = ("can_add_related", "can_change_related", "can_delete_related", "can_view_related")


class ServiceAdmin(ScopedAdmin):
    """A table whose rows are added, changed or deleted through services.

    ``fields`` of the subclass are those of an existing object, ``add_fields`` those of a new one.
    """

    form = ServiceForm
    add_fields: tuple[str, ...] = ()
    delete_confirmation_template = "admin/annotations/delete_confirmation.html"

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: object
    ) -> Any:
        """Return the form, with the error that its service raised in this request."""
        form = cast("type[ServiceForm]", super().get_form(request, obj, change, **kwargs))
        form.service_error = remembered_error(request)
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of the page, and those that the form carries for the service."""
        if obj is None:
            return [*self.add_fields, "new_id"]
        fields = list(super().get_fields(request, obj))
        return [*fields, "seen"] if self.has_change_permission(request, obj) else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return none for a new object."""
        return super().get_readonly_fields(request, obj) if obj is not None else ()

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: object) -> Any:
        """Return Django's field without trimming and without shortcuts to other tables."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.CharField):
            field.strip = False
        for shortcut in RELATED_WIDGET_LINKS:
            if field is not None and hasattr(field.widget, shortcut):
                setattr(field.widget, shortcut, False)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only rows that the user may see, and only corpora where they may add."""
        model = db_field.remote_field.model
        rows = visible(current_user(request), model._default_manager.all())
        if model is Corpus and self.add_permission is not None:
            may_add = [str(role) for role in PERMISSIONS[self.add_permission].role.and_above]
            rows = rows.filter(archived=False, my_role__in=may_add).order_by(text_order("name"), "pk")
            if is_in_one_corpus(request):
                kwargs["empty_label"] = None  # there is only one choice
        kwargs.setdefault("queryset", rows)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = EntrySelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Render Django's page.

        If the service raises an error, the write is undone and the form shown again with the message.
        """
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except StandpointError as error:
            remember_error(request, error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: object, form: ServiceForm, change: bool) -> None:
        """Hand the values of the form to the service."""
        values = form.changed_values()
        if not change:
            self.create_object(request, form, {"id": form.cleaned_data["new_id"], **values})
        elif values:
            self.update_object(request, obj, values, version=form.cleaned_data["seen"])

    def create_object(self, request: HttpRequest, form: ServiceForm, values: dict[str, Any]) -> None:
        """Call the service that creates such an object."""
        raise PermissionDenied

    def update_object(self, request: HttpRequest, obj: Any, changes: dict[str, Any], *, version: int) -> None:
        """Call the service that changes such an object."""
        raise PermissionDenied

    def delete_object(self, request: HttpRequest, obj: Any, *, version: int) -> None:
        """Call the service that deletes such an object."""
        raise PermissionDenied

    def save_related(self, request: HttpRequest, form: object, formsets: object, change: object) -> None:
        """Do nothing: the service has stored everything."""

    # Every write has its event, made in the same transaction; a second log could differ.

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> LogEntry:
        """Write no log entry beside the event."""
        return LogEntry()

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> LogEntry:
        """Write no log entry beside the event."""
        return LogEntry()

    def log_deletions(self, request: HttpRequest, queryset: object) -> list[LogEntry]:
        """Write no log entry beside the event."""
        return []

    # --- after a write ----------------------------------------------------------------------

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect where the button says, with a message."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self._report_success(request, obj, gettext("The %(kind)s “%(name)s” was added."))
        if "_continue" in request.POST:
            return HttpResponseRedirect(change_url(self.model, obj.pk))
        return self._redirect_by_button(request) or self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: object) -> HttpResponse:
        """Redirect where the button says, with a message."""
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        self._report_success(request, obj, gettext("The %(kind)s “%(name)s” was saved."))
        return self._redirect_by_button(request) or self.response_post_save_change(request, obj)

    def _redirect_by_button(self, request: HttpRequest) -> HttpResponse | None:
        if "_continue" in request.POST:
            return HttpResponseRedirect(request.path)
        if "_addanother" in request.POST:
            return HttpResponseRedirect(self.add_url())
        return None

    def add_url(self) -> str:
        """Return the address of the form for a new object."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_add")

    def _report_success(self, request: HttpRequest, obj: Any, sentence: str) -> None:
        link = format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(self.model, obj.pk), obj)
        self.message_user(request, format_sentence(sentence, self.opts.verbose_name, link), messages.SUCCESS)

    # --- deleting --------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return no related objects: the service decides about them when it is called."""
        return [str(obj) for obj in objs], {}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Render Django's page; an error of the service is shown on the object's own page."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except StandpointError as error:
            self.message_user(request, translate_message(error.detail), messages.ERROR)
            return HttpResponseRedirect(change_url(self.model, object_id))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Hand the deletion to the service, with the version that the user saw."""
        self.delete_object(request, obj, version=seen_version(request))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: object) -> HttpResponse:
        """Redirect to the list, with a message."""
        sentence = gettext("The %(kind)s “%(name)s” was deleted.")
        message = format_sentence(sentence, self.opts.verbose_name, isolate_direction(obj_display))
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(list_url(self.model))


def format_sentence(sentence: str, kind: object, name: SafeString) -> SafeString:
    """Return a translated sentence with the kind and the name of an object in their places."""
    return format_html(sentence % {"kind": "{kind}", "name": "{name}"}, kind=kind, name=name)


def seen_version(request: HttpRequest) -> int:
    """Return the version that the page showed, from its hidden field."""
    version = request.POST.get("seen", "")
    if not (version.isascii() and version.isdigit() and len(version) <= 9):
        raise PreconditionRequiredError(
            gettext("The form does not say which version you saw; load the page again.")
        )
    return int(version)
