"""The page on which a manager imports files into a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy

from annotations.admin import labels
from annotations.admin.access import current_user, get_visible_or_404, has_permission
from annotations.admin.labels import LazyText
from annotations.admin.scoped_admin import change_url
from annotations.admin.team import pages
from annotations.exceptions import InvalidInputError, StandpointError
from annotations.formats.core.term_mapping import MAX_LENGTH
from annotations.models import Corpus, Job
from annotations.permissions import Permission
from annotations.services import job_runner as queue
from annotations.services.exchange.imports import (
    FORMAT_OF_ENDING,
    READABLE_FORMATS,
    READER_OPTIONS,
    ImportOptions,
    import_file,
)
from annotations.services.exchange.imports.options import ReaderOption
from annotations.services.jobs import leases
from annotations.translation import translate_message

#: The options of readers on the page; the name of a text is that of its file.
_OPTIONS = tuple(name for name in READER_OPTIONS if name not in ("external_id", "title"))

CONFLICT_CHOICES = (
    ("skip", gettext_lazy("Skip it: what is stored stays")),
    ("update", gettext_lazy("Update its metadata, and add a revision where the text differs")),
    ("fail", gettext_lazy("Stop at the first one")),
)
#: The numbers of a report, as the page names them.
COUNT_LABELS: Mapping[str, LazyText] = {
    "lines": gettext_lazy("lines"),
    "created": gettext_lazy("created"),
    "updated": gettext_lazy("updated"),
    "skipped": gettext_lazy("skipped"),
    "failed": gettext_lazy("failed"),
    "rekeyed": gettext_lazy("rekeyed"),
}
#: How many errors of one file the page shows.
MAX_ERRORS_SHOWN = 50


class MultipleFileInput(forms.ClearableFileInput):
    """File input that takes more than one file."""

    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """Field for several files."""

    widget = MultipleFileInput

    def clean(self, data: object, initial: object = None) -> Any:
        """Return each file as Django cleans one."""
        files = data if isinstance(data, list) and data else [data or None]
        return [super(MultipleFileField, self).clean(file, initial) for file in files]


class ImportForm(forms.Form):
    """Form for files and the options of their import."""

    sent_files = MultipleFileField(
        label=gettext_lazy("Files"),
        help_text=gettext_lazy(
            "Plain text (.txt): one article each, whose file name becomes its external id. JSONL (.jsonl): "
            "one article a line. Tables of articles (.csv, .tsv). Files of other tools: choose their format."
        ),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=(
            ("", gettext_lazy("By the ending of the file")),
            *labels.format_choices(READABLE_FORMATS),
        ),
    )
    on_conflict = forms.ChoiceField(
        label=gettext_lazy("Where the article exists already"), choices=CONFLICT_CHOICES
    )
    background = forms.BooleanField(
        label=gettext_lazy("In the background"),
        required=False,
        help_text=gettext_lazy(
            "A worker reads the files: you can watch how far it is, and download what became of each line. "
            "Large files are always read so."
        ),
    )
    dry_run = forms.BooleanField(
        label=gettext_lazy("Dry run"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Read everything and report, but store nothing."),
    )

    owners = forms.CharField(
        label=gettext_lazy("Owners"),
        required=False,
        max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy(
            "Which people of the file are which members, such as ann:1,ben:2; each of them gets a set. "
            "Without this, one set of each article becomes yours."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in _OPTIONS:
            self.fields[name] = _option_field(READER_OPTIONS[name])


def _option_field(option: ReaderOption) -> forms.Field:
    """Return the form field of an option of readers."""
    label, description = translate_message(option.title), translate_message(option.description)
    if option.choices:
        choices = [(value, translate_message(title)) for value, title in option.choices.items()]
        return forms.ChoiceField(label=label, help_text=description, required=False, choices=choices)
    size = {"size": min(60, option.max_length)}
    return forms.CharField(
        label=label,
        help_text=description,
        required=False,
        max_length=option.max_length,
        widget=forms.TextInput(attrs=size),
    )


@dataclass(frozen=True)
class ImportOutcome:
    """The result of one file: a report, a job, or the message of an error."""

    name: str
    report: dict[str, Any]
    refusal: str = ""
    job: Job | None = None

    @property
    def job_url(self) -> str:
        """The page of the job."""
        return change_url(Job, self.job.pk) if self.job else ""

    @property
    def counts(self) -> list[tuple[LazyText, int]]:
        """The counts of the report that are not zero."""
        return [(label, self.report[name]) for name, label in COUNT_LABELS.items() if self.report.get(name)]

    @property
    def errors(self) -> list[Any]:
        """The first errors."""
        return list(self.report.get("errors", ()))[:MAX_ERRORS_SHOWN]

    @property
    def losses(self) -> list[Any]:
        """The losses: what the file has and the service cannot store."""
        return labels.labelled_losses(self.report.get("losses", ()))

    @property
    def left_out(self) -> int:
        """The number of errors that are not shown."""
        return (
            len(self.report.get("errors", ())) - len(self.errors) + int(self.report.get("errors_left_out", 0))
        )


def import_upload(
    by: User,
    corpus: Corpus,
    file: UploadedFile[Any],
    *,
    format: str = "",
    background: bool = False,
    **options: Any,
) -> ImportOutcome:
    """Import one file, or create the job that imports it."""
    name = str(file.name)
    path = PurePosixPath(name)
    format_name = format or FORMAT_OF_ENDING.get(path.suffix.lower())
    try:
        if format_name is None:
            raise InvalidInputError(
                gettext("The ending %(ending)s is not read by itself; choose the format.")
                % {"ending": path.suffix}
                if path.suffix
                else gettext("A file without an ending is not read by itself; choose the format.")
            )
        names: dict[str, Any] = (
            {"external_id": path.stem, "title": path.stem} if format_name == "text" else {}
        )
        import_options = ImportOptions.from_parameters(format=format_name, **options, **names)
        if background or (file.size or 0) > settings.IMPORT_INLINE_BYTES:
            return ImportOutcome(name, {}, job=queue.queue_import(by, corpus, file, import_options))
        report = import_file(by, corpus, file, import_options)
    except StandpointError as error:
        return ImportOutcome(name, dict(error.data), translate_message(error.detail))
    return ImportOutcome(name, report.as_dict())


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the form, and below it the results of the uploaded files."""
    by = current_user(request)
    corpus = get_visible_or_404(request, Corpus.objects.all(), pk)
    if not has_permission(request, Permission.IMPORT_CORPUS, corpus):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    outcomes: list[ImportOutcome] = []
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        files = sent.pop("sent_files")
        outcomes = [import_upload(by, corpus, file, **sent) for file in files]
    context = {
        **pages.page_context(request, site, corpus, gettext("Import files")),
        "form": form,
        "outcomes": outcomes,
        "notice": next((leases.waiting_notice(outcome.job) for outcome in outcomes if outcome.job), None),
        "dry_run": bool(outcomes) and form.cleaned_data["dry_run"],
    }
    return TemplateResponse(request, "admin/annotations/corpus/import.html", context)
