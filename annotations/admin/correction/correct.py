"""The page "Correct the text": the new text, what happens to the marks, and then the storing."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy

from annotations import limits
from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.correction import outcome
from annotations.admin.form_fields import prose_check
from annotations.admin.labels import format_number
from annotations.admin.scoped_admin import ObjectTool, change_url
from annotations.enums import State
from annotations.exceptions import InsufficientRoleError, StandpointError, TextNotAllowedError
from annotations.models import AnnotationSet, Article, Revision, uuid7
from annotations.models.fields import VerbatimFormField
from annotations.permissions import Permission
from annotations.services.correction import editing, reports, revisions
from annotations.text.gate import MAX_TEXT
from annotations.translation import translate_message

TEMPLATE = "admin/annotations/article/correct.html"
_DEFERRED = ("revision__text", "search_key", "corpus__guideline", "corpus__description")


def _text_help() -> str:
    return gettext(
        "Up to %(most)s characters. Browsers send every line end as CR and LF; the line ends stay as they "
        "are in the text before, and are LF where it has several kinds."
    ) % {"most": format_number(MAX_TEXT)}


class CorrectionForm(forms.Form):
    """Form for a corrected text. ``seen`` is the revision that it was made of, ``shown`` the outcome shown.

    ``new_id`` makes a form that is sent twice one revision.
    """

    text = VerbatimFormField(
        label=gettext_lazy("Text"),
        # No maxlength: a browser counts UTF-16 units, and keeps back what is longer.
        widget=forms.Textarea(attrs={"rows": 24, "cols": 80, "dir": "auto"}),
        help_text=lazy(_text_help, str)(),
    )
    reason = VerbatimFormField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=limits.MAX_PROSE,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80, "dir": "auto"}),
        help_text=gettext_lazy("It stands in the history of the article."),
    )
    recall = forms.BooleanField(required=False)
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    new_id = forms.UUIDField(initial=uuid7, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_reason(self) -> str:
        """Check the reason by the rules for prose. To store a text one has to give one."""
        reason = str(self.cleaned_data["reason"])
        if not reason.strip() and "store" in self.data:
            raise forms.ValidationError(gettext("Say why, in a sentence."))
        try:
            if reason:
                prose_check("reason")(reason)
        except TextNotAllowedError as error:
            raise forms.ValidationError(translate_message(error.detail)) from error
        return reason


def correct_tools(request: HttpRequest, article: Article) -> list[ObjectTool]:
    """Return the link to the page, for those who may correct the text."""
    if article.corpus.archived or not has_permission(request, Permission.ADD_REVISION, article):
        return []
    return [ObjectTool(gettext_lazy("Correct the text"), correct_url(article))]


def correct_url(article: Article) -> str:
    """Return the address of the page."""
    return reverse("admin:annotations_article_correct", args=(article.pk,))


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the form, with the outcome when it was asked for; store the text when it was seen."""
    rows = Article.objects.select_related("corpus", "revision").defer(*_DEFERRED)
    article = get_visible_or_404(request, rows, pk)
    if not has_permission(request, Permission.ADD_REVISION, article):
        raise PermissionDenied
    if article.corpus.archived:
        raise Http404
    draft = _Draft(request, article)
    stored = draft.handle() if request.method == "POST" else None
    if stored is not None:
        return stored
    context = {
        **site.each_context(request),
        "title": gettext("Correct the text"),
        "subtitle": str(article),
        "opts": Article._meta,
        "object": article,
        "article": article,
        "article_url": change_url(Article, article.pk),
        "form": draft.form,
        "outcome": draft.outcome,
        "blocker": draft.blocker,
        "submitted": _count_submitted(article),
        "is_recalled": draft.form["recall"].value(),
    }
    return TemplateResponse(request, TEMPLATE, context)


def _count_submitted(article: Article) -> int:
    return AnnotationSet.objects.filter(article=article, round="production", state=State.SUBMITTED).count()


@dataclass
class Blocker:
    """The set that stops the correction, and why."""

    detail: str
    url: str
    can_recall: bool


class _Draft:
    """A form that was sent, or is shown for the first time; and what came of it."""

    def __init__(self, request: HttpRequest, article: Article) -> None:
        self.request, self.article = request, article
        self.by = current_user(request)
        self.old_text = Revision.objects.values_list("text", flat=True).get(pk=article.revision_id)
        self.outcome: outcome.Outcome | None = None
        self.blocker: Blocker | None = None
        initial = {"text": self.old_text, "seen": article.revision.number}
        # a copy that can be changed: a form that is shown again carries what was found out
        self.sent = request.POST.copy()
        self.form = CorrectionForm(self.sent or None, initial=initial)

    def handle(self) -> HttpResponse | None:
        """Show the outcome of what was sent; store it, and redirect, if that was asked for and shown."""
        if not self.form.is_valid():
            return None
        values = self.form.cleaned_data
        text = restore_line_ends(values["text"], self.old_text)
        try:
            if "store" in self.request.POST and self._is_repeat(values["new_id"]):
                return self._store(text)
            editing.require_newest_revision(self.article, values["seen"])
            plans = revisions.preview_revision(self.by, self.article.pk, text, recall=values["recall"])
            report = reports.report_plans(self.by, plans)
            shown = _fingerprint(text, recall=values["recall"], report=report)
            if "store" in self.request.POST and values["shown"] == shown:
                return self._store(text)
            if "store" in self.request.POST:
                messages.warning(
                    self.request,
                    gettext(
                        "The text or the marks have changed since; look at what happens now, then store."
                    ),
                )
            self.outcome = outcome.describe_outcome(self.request, self.article, self.old_text, text, report)
            self._set("shown", shown)
        except InsufficientRoleError as error:
            raise PermissionDenied from error
        except StandpointError as error:
            self._refuse(error)
        return None

    def _is_repeat(self, id: UUID) -> bool:
        return Revision.objects.filter(pk=id, article=self.article).exists()

    def _store(self, text: str) -> HttpResponse:
        values = self.form.cleaned_data
        result = editing.correct_text(
            self.by,
            self.article.pk,
            text,
            values["reason"],
            seen=values["seen"],
            revision_id=values["new_id"],
            recall=values["recall"],
        )
        number = result.revision.number
        message = gettext('The text is stored as revision {}: <a href="{}">see what changed</a>.')
        url = reverse("admin:annotations_article_diff", args=(self.article.pk,))
        messages.success(self.request, format_html(message, number, f"{url}?from={number - 1}&to={number}"))
        return HttpResponseRedirect(change_url(Article, self.article.pk))

    def _refuse(self, error: StandpointError) -> None:
        """Say why, beside the field or above the form; what was written stays in the form."""
        if error.code == "stale":
            # what is sent next is decided with the newer text in view
            seen = self.form.cleaned_data["seen"]
            url = reverse("admin:annotations_article_diff", args=(self.article.pk,))
            number = error.data["version"]
            compare = gettext(
                '{} <a href="{}">Compare revision {} with revision {}</a>; your text is kept here.'
            )
            link = f"{url}?from={seen}&to={number}"
            messages.error(
                self.request, format_html(compare, translate_message(error.detail), link, seen, number)
            )
            self._set("seen", str(number))
        elif "set" in error.data:
            state = str(error.data.get("state"))
            url = change_url(AnnotationSet, error.data["set"])
            self.blocker = Blocker(translate_message(error.detail), url, state == State.SUBMITTED)
        else:
            about = "text" if any((one.pointer or "") == "/text" for one in error.errors) else None
            self.form.add_error(about, translate_message(error.detail))
        self._set("shown", "")

    def _set(self, name: str, value: str) -> None:
        """Put a value into a field of the form that is shown again."""
        self.sent[name] = value


def restore_line_ends(text: str, old: str) -> str:
    """Return the text with the line ends of the old one, if that has one kind; browsers tell none apart."""
    kinds = set(re.findall(r"\r\n|\r|\n", old))
    return text.replace("\n", kinds.pop()) if len(kinds) == 1 else text


def _fingerprint(text: str, *, recall: bool, report: reports.CarryReport) -> str:
    """Return a digest of a text and of its outcome, which tells whether somebody has seen both."""
    rows = [[str(row.from_set), row.state, row.counts] for row in report.sets]
    items = [[item.status, item.start, item.quote, item.proposal] for item in report.items]
    content = json.dumps([text, recall, rows, items], default=str)
    return hashlib.sha256(content.encode()).hexdigest()
