"""The workbench: one page in which a set is annotated and reviewed.

The page is a client of the REST API. It is rendered with what never changes while it is open: the
set, the user, and the tables of the scheme. Text, spans and comments come from the API, and every
write goes there.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext, pgettext
from django.views.decorators.gzip import gzip_page

from annotations import scheme
from annotations.addresses import api_url
from annotations.admin import labels, work_lists
from annotations.admin.correction import worklist
from annotations.admin.workbench_files import joined_file_url, script_file, style_file
from annotations.enums import SetKind, State
from annotations.exceptions import BlindError, NotVisibleError
from annotations.models import ActorKind, AnnotationSet, PropositionKind, Span
from annotations.permissions import VisibleRow, require_content_access
from annotations.services.core.notifications import set_readers
from annotations.services.team import queue
from annotations.services.team.queue import QueueTask
from annotations.translation import translate_message
from annotations.visibility import get_visible_row
from annotations.workflow import USER_TRANSITIONS, Guard, Transition, TransitionTexts

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's class takes no type arguments at runtime.
    _ModelAdmin = admin.ModelAdmin

TEMPLATE = "admin/annotations/annotationset/workbench.html"
HIDDEN_TEMPLATE = "admin/annotations/annotationset/hidden.html"
ERASED_TEMPLATE = "admin/annotations/annotationset/erased.html"


_SETS = AnnotationSet.objects.select_related("corpus", "article__erasure").defer("article__search_key")


def scheme_tables() -> dict[str, Any]:
    """Return the annotation scheme as the page needs it: menus, defaults, keys and relation ends."""
    return {
        "labels": [
            {
                "name": label.name,
                "title": labels.span_label(label.name),
                "key": label.key,
                "description": pgettext("scheme", label.description),
                "links": label.links,
            }
            for label in scheme.LABELS.values()
        ],
        "attributes": [_attribute_table(attribute) for attribute in scheme.ATTRIBUTES.values()],
        "relations": [
            {
                "name": relation.name,
                "title": labels.relation_label(relation.name),
                "sources": relation.sources,
                "targets": relation.targets,
                "description": pgettext("scheme", relation.description),
            }
            for relation in scheme.RELATIONS.values()
        ],
        "actor_kinds": labels.enum_choices(ActorKind, ActorKind),
        "proposition_kinds": labels.enum_choices(PropositionKind, PropositionKind),
        "states": labels.enum_choices(State, State),
        "transitions": [_transition(row, row.texts) for row in USER_TRANSITIONS if row.texts is not None],
    }


def _transition(row: Transition, texts: TransitionTexts) -> dict[str, Any]:
    """Return a transition with its texts; ``field`` is the input of its dialog, if it has one."""
    field = None
    if row.needs_reason or row.asks_comment:
        key, label = ("reason", gettext("Reason")) if row.needs_reason else ("comment", gettext("Comment"))
        field = {"key": key, "label": label, "required": row.needs_reason}
    return {
        "name": row.name,
        "path": row.path,
        "title": translate_message(texts.title),
        "button": translate_message(texts.button),
        "help": translate_message(texts.help),
        "done": translate_message(texts.done),
        "field": field,
        "is_primary": row.is_primary,
        "for_others": row.for_others,
        "counts_comments": bool({Guard.NO_BLOCKING_COMMENT, Guard.CHANGES_REQUESTED} & set(row.guards)),
        "counts_decisions": Guard.NO_OPEN_DECISION in row.guards,
    }


def _attribute_table(attribute: scheme.Attribute) -> dict[str, Any]:
    return {
        "name": attribute.name,
        "title": labels.attribute_label(attribute.name),
        "kind": attribute.kind,
        "description": pgettext("scheme", attribute.description),
        "max_length": attribute.max_length,
        "choices": [
            {
                "value": choice.value,
                "text": labels.attribute_value_label(attribute.name, choice.value),
                "description": pgettext("scheme", choice.description),
            }
            for choice in attribute.choices
        ],
        "uses": {
            use.label: {"rule": use.rule, "needed": use.required, "default": use.default}
            for use in attribute.uses
        },
    }


class WorkbenchMixin(_ModelAdmin):
    """Adds the workbench to the admin of annotation sets, at ``<id>/workbench/``."""

    def get_urls(self) -> list[URLPattern]:
        """Return the workbench before the pages whose address is any id."""
        # compressed, as Django does it: with a random length, and tokens that are masked afresh each time
        view = gzip_page(self.admin_site.admin_view(self.workbench_view))
        name = "annotations_annotationset_workbench"
        return [path("<uuid:pk>/workbench/", view, name=name), *super().get_urls()]

    def workbench_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Render the page if the user sees the set (else 404) and its content (else 403; 410 if erased)."""
        user = cast("User", request.user)
        try:
            seen = get_visible_row(user, _SETS.all(), pk=pk)
        except NotVisibleError as error:
            raise Http404 from error
        context = {**self.admin_site.each_context(request), "opts": self.model._meta}
        try:
            require_content_access(user, seen.row)
        except BlindError as error:
            context |= {"title": gettext("Hidden for now"), "sentence": translate_message(error.detail)}
            return TemplateResponse(request, HIDDEN_TEMPLATE, context, status=403)
        erasure = getattr(seen.row.article, "erasure", None)
        if erasure is not None:
            context |= {"title": gettext("Erased"), "corpus": seen.row.corpus, "erasure": erasure}
            return TemplateResponse(request, ERASED_TEMPLATE, context, status=HTTPStatus.GONE)
        get_token(request)
        work_lists.remember_opened(request, seen.row)
        context |= {
            "title": gettext("Workbench"),
            "style_file": joined_file_url(style_file()),
            "script_file": joined_file_url(script_file(SetKind(seen.row.kind))),
            "scheme": scheme_tables(),
            "workbench": {
                "set": str(seen.row.pk),
                "api": api_url(),
                "me": _current_user(user, seen),
                "time_zone": get_current_timezone_name(),
                "correction": worklist.workbench_facts(seen.row),
                "next": _next_work(request, seen),
                "linked": _linked_entries(seen.row),
            },
            "corpus": seen.row.corpus,
        }
        return TemplateResponse(request, TEMPLATE, context)


def _linked_entries(row: AnnotationSet) -> dict[str, Any]:
    """Return what the links of the spans stand for after all merges, by the ids of the links.

    With these the page shows its marks without asking for all actors and propositions of the corpus.
    """
    spans = Span.objects.filter(set=row).order_by()
    actors = spans.filter(actor__isnull=False).values_list("actor_id", "actor__canonical__name").distinct()
    columns = ("id", "topic_id", "text", "kind", "status", "topic__name")
    propositions = spans.filter(proposition__isnull=False).values_list(
        "proposition_id", *(f"proposition__canonical__{name}" for name in columns)
    )
    return {
        "actors": {str(id): name for id, name in actors},
        "propositions": {
            str(id): {
                "id": str(canonical_id),
                "topic": topic_id and str(topic_id),
                "text": text,
                "kind": kind,
                "status": status,
                "merged_into": None,
                "topicName": topic or "",
            }
            for id, canonical_id, topic_id, text, kind, status, topic in propositions.distinct()
        },
    }


def _next_work(request: HttpRequest, seen: VisibleRow[AnnotationSet]) -> dict[str, Any]:
    """Return where the user goes from here: through the list that they come from, else to the queue."""
    corpus = seen.row.corpus
    tasks = () if corpus.archived else QueueTask
    return {
        "home": reverse("admin:index"),
        "queue": f"corpora/{corpus.slug}/queue/",
        "tasks": [str(task) for task in tasks if queue.may_take(task, seen.role)],
        "list": work_lists.way_through_list(request, seen.row),
    }


def _current_user(user: User, seen: VisibleRow[AnnotationSet]) -> dict[str, Any]:
    """Return the user, to leave out controls that would be refused, and those whom a comment can reach.

    The API decides by itself.
    """
    return {
        "username": user.get_username(),
        "role": seen.role,
        "archived": seen.row.corpus.archived,
        "people": [reader.username for reader in set_readers(seen.row)],
    }
