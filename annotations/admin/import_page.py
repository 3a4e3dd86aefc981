"""The page on which a manager imports files into a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import SEEK_END
from pathlib import PurePosixPath
from typing import IO, Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from annotations.admin import labels
from annotations.admin.access import current_user
from annotations.admin.import_columns import TablePreview, mapping_of_columns, preview_table
from annotations.admin.labels import LazyText, format_number
from annotations.admin.scoped_admin import change_url, list_url
from annotations.admin.team import pages
from annotations.exceptions import InvalidInputError, StandpointError
from annotations.formats.core.term_mapping import MAX_LENGTH
from annotations.models import Article, Corpus, Job
from annotations.permissions import Permission
from annotations.services import job_runner as queue
from annotations.services.exchange.imports import (
    READABLE_FORMATS,
    READER_OPTIONS,
    ImportOptions,
    find_format,
    import_file,
    kept_files,
)
from annotations.services.exchange.imports.options import ReaderOption
from annotations.services.jobs import leases
from annotations.text.parsing import format_timestamp
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


MAX_KEPT = 50
_FORMAT_CHOICES = labels.format_choices(READABLE_FORMATS)


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
        required=False,
        help_text=gettext_lazy(
            "Plain text (.txt): one article each, whose file name becomes its external id. JSONL (.jsonl): "
            "one article a line. Tables of articles (.csv, .tsv). Files and archives of other tools are "
            "known by what is in them."
        ),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=(
            ("", gettext_lazy("By what is in the file")),
            *_FORMAT_CHOICES,
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

    def clean(self) -> dict[str, Any]:
        """Ask for files where none was sent and none is kept."""
        if not self.files and "kept" not in self.data:
            self.add_error("sent_files", gettext("Choose at least one file."))
        return dict(self.cleaned_data)

    def options(self, sent: QueryDict) -> dict[str, Any]:
        """Return the options of the import, with the columns that were chosen."""
        options = {name: value for name, value in self.cleaned_data.items() if name != "sent_files"}
        return {**options, "map": mapping_of_columns(sent, options["map"])}

    def hidden_options(self, sent: QueryDict) -> list[tuple[str, str]]:
        """Return what the form that imports the kept files sends again; a dry run is no longer wished."""
        options = {**self.options(sent), "dry_run": ""}
        return [(name, "on" if value is True else str(value)) for name, value in options.items() if value]


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
    format: str = ""
    refusal: str = ""
    job: Job | None = None
    #: Of a file that was only tried: where it is kept, and its columns if it is a table.
    token: str = ""
    table: TablePreview | None = None

    @property
    def importable(self) -> int:
        """The number of articles that an import would create or update."""
        return int(self.report.get("created", 0)) + int(self.report.get("updated", 0))

    @property
    def format_title(self) -> str:
        """The format in words."""
        return str(dict(_FORMAT_CHOICES).get(self.format, ""))

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
    file: IO[bytes],
    name: str,
    *,
    format: str = "",
    background: bool = False,
    **options: object,
) -> ImportOutcome:
    """Import one file, or create the job that imports it."""
    path, format_name = PurePosixPath(name), format or find_format(file, name)
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
        if background or _size(file) > settings.IMPORT_INLINE_BYTES:
            job = queue.queue_import(by, corpus, file, import_options)
            return ImportOutcome(name, {}, format_name, job=job)
        report = import_file(by, corpus, file, import_options)
    except StandpointError as error:
        return ImportOutcome(name, dict(error.data), format_name or "", translate_message(error.detail))
    return ImportOutcome(name, report.as_dict(), format_name)


def _size(file: IO[bytes]) -> int:
    size = file.seek(0, SEEK_END)
    file.seek(0)
    return size


def page(request: HttpRequest, pk: UUID, site: AdminSite) -> HttpResponse:
    """Render the form, and above it the results of the files."""
    by = current_user(request)
    corpus = pages.get_corpus(request, pk, Permission.IMPORT_CORPUS)
    form = ImportForm(request.POST or None, request.FILES or None)
    outcomes: list[ImportOutcome] = []
    since = format_timestamp(timezone.now())
    if request.method == "POST" and form.is_valid():
        outcomes = _import_files(request, by, corpus, form.options(request.POST))
    is_tried = bool(outcomes) and bool(form.cleaned_data["dry_run"])
    added = urlencode({"corpus__id__exact": corpus.pk, "added": since})
    context = {
        **pages.page_context(request, site, corpus, gettext("Import files")),
        "form": form,
        "outcomes": outcomes,
        "notice": next((leases.waiting_notice(outcome.job) for outcome in outcomes if outcome.job), None),
        "dry_run": is_tried,
        "importable": sum(outcome.importable for outcome in outcomes) if is_tried else 0,
        "importable_text": _describe_importable(outcomes) if is_tried else "",
        "kept": [f"{outcome.token}:{outcome.name}" for outcome in outcomes if outcome.token],
        "kept_options": form.hidden_options(request.POST) if is_tried else [],
        "created": sum(int(outcome.report.get("created", 0)) for outcome in outcomes) if not is_tried else 0,
        "articles_url": list_url(Article, added),
        "hand_out_url": f"{pages.page_url(corpus, 'hand_out')}?{urlencode({'added': since})}",
    }
    return TemplateResponse(request, "admin/annotations/corpus/import.html", context)


def _describe_importable(outcomes: list[ImportOutcome]) -> str:
    """Return the words of the button that imports what was tried."""
    number = sum(outcome.importable for outcome in outcomes)
    text = ngettext("Import this %(n)s article", "Import these %(n)s articles", number)
    return text % {"n": format_number(number)}


def _import_files(
    request: HttpRequest, by: User, corpus: Corpus, options: dict[str, Any]
) -> list[ImportOutcome]:
    """Import the files that were sent, or those that were kept; what is only tried is kept."""
    sent: list[UploadedFile[Any]] = list(request.FILES.getlist("sent_files"))
    outcomes = [_import_one(by, corpus, cast("IO[bytes]", file), str(file.name), options) for file in sent]
    for entry in [] if sent else request.POST.getlist("kept")[:MAX_KEPT]:
        token, _, name = entry.partition(":")
        try:
            with kept_files.open_kept_file(by, corpus, token) as file:
                outcomes.append(_import_one(by, corpus, file, name, options))
        except StandpointError as error:
            outcomes.append(ImportOutcome(name, {}, "", translate_message(error.detail)))
    tokens = frozenset(outcome.token for outcome in outcomes if outcome.token)
    kept_files.discard_kept_files(by, corpus, but=tokens)
    return outcomes


def _import_one(
    by: User, corpus: Corpus, file: IO[bytes], name: str, options: dict[str, Any]
) -> ImportOutcome:
    """Import a file, or try it: then it is kept, and the columns of a table are shown."""
    outcome = import_upload(by, corpus, file, name, **options)
    if not options["dry_run"] or outcome.job is not None:
        return outcome
    file.seek(0)
    table = preview_table(file, options.get("map", "")) if outcome.format == "csv" else None
    return replace(outcome, token=kept_files.keep_file(by, corpus, file), table=table)
