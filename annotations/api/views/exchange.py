"""Import into a corpus and export from it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import limits
from annotations.addresses import api_url
from annotations.api import filters, parameters
from annotations.api.operations import MEGABYTE, ResponseSpec, file_body, file_response
from annotations.api.parsers import NDJSONParser, OctetStreamParser, PlainTextParser
from annotations.api.permissions import scopes_by_method
from annotations.api.serializers.releases import JobSerializer
from annotations.api.views.articles import article_rows
from annotations.api.views.corpora import BaseCorpusView
from annotations.api.views.jobs import job_url
from annotations.exceptions import AnswerTooLargeError, FieldError, InvalidInputError
from annotations.formats import FORMATS
from annotations.formats.core.interfaces import Dialect
from annotations.formats.core.term_mapping import MAX_LENGTH
from annotations.messages import join_list, message
from annotations.models import Article, Corpus
from annotations.permissions import Permission
from annotations.services import job_runner
from annotations.services.core.sets import find_user
from annotations.services.exchange import exports, imports
from annotations.services.exchange.exports import SET_STATES
from annotations.services.exchange.exports.jobs import is_large_export
from annotations.services.exchange.imports import CONFLICT_CHOICES, INITIAL_STATES, READER_OPTIONS
from annotations.services.exchange.imports.options import ReaderOption
from annotations.text.align import CarryStatus
from annotations.visibility import visible

READABLE_FORMATS = tuple(name for name, row in FORMATS.items() if row.is_readable)
WRITABLE_FORMATS = tuple(name for name, row in FORMATS.items() if row.is_writable)

#: The format of a request body, for media types that determine it.
FORMAT_BY_MEDIA_TYPE: Mapping[str, str] = {
    NDJSONParser.media_type: "jsonl",
    PlainTextParser.media_type: "text",
}

EXPORT_MEDIA_TYPES = tuple(FORMATS[name].media_type for name in WRITABLE_FORMATS)
EXPORT_HEADERS = {
    "Content-Disposition": "The name of the file.",
    "Loss-Count": "How many things the format could not carry.",
}

IMPORT_REPORT_SCHEMA = {
    "type": "object",
    "properties": {
        name: {"type": "integer"} for name in ("lines", "created", "updated", "skipped", "failed", "rekeyed")
    }
    | {
        "carried": {
            "type": "object",
            "properties": {str(status): {"type": "integer"} for status in CarryStatus},
            "description": "What became of the marks of articles whose text was replaced.",
        },
        "dry_run": {"type": "boolean"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "errors_left_out": {"type": "integer"},
        "losses": {"type": "array", "items": {"type": "object"}},
    },
}


def _reader_parameter(row: ReaderOption) -> parameters.Parameter:
    """Return the query parameter of an option of readers."""
    if row.choices:
        name = f"Reader{row.keyword.title().replace('_', '')}"
        return parameters.choice(row.description, tuple(row.choices), name=name)
    return parameters.text(row.description, max_length=row.max_length)


class ImportView(BaseCorpusView):
    """The import of a file into a corpus."""

    resource = "import"
    max_body_bytes = 2048 * MEGABYTE
    parser_classes = (NDJSONParser, PlainTextParser, OctetStreamParser)
    scopes = scopes_by_method(POST=Permission.IMPORT_CORPUS)
    parameters: ClassVar[Mapping[str, parameters.AllowedParameters]] = MappingProxyType(
        {
            "POST": {
                "format": parameters.choice(
                    "The format of the file; needed for application/octet-stream.",
                    READABLE_FORMATS,
                    name="ImportFormat",
                ),
                "on_conflict": parameters.choice(
                    "What to do where an article exists.", CONFLICT_CHOICES, name="ConflictChoice"
                ),
                "dry_run": parameters.boolean("Check everything and write nothing."),
                "owner": parameters.text(
                    "Who owns the imported sets; you by default.", max_length=limits.MAX_USERNAME
                ),
                "state": parameters.choice(
                    "The state of the imported sets; open by default.", INITIAL_STATES, name="ImportState"
                ),
                "owners": parameters.text(
                    "Which people of the file are which members, such as ann:1,ben:2: a user name, a colon "
                    "and the file's name; each of them gets a set.",
                    max_length=MAX_LENGTH,
                ),
                **{name: _reader_parameter(row) for name, row in READER_OPTIONS.items()},
                "background": parameters.boolean(
                    "Let a worker read the file (202 and the job), or read it in this request (200 and the "
                    "report); by default its size decides."
                ),
            }
        }
    )
    request_bodies = {"POST": file_body(*(parser.media_type for parser in parser_classes))}
    responses = {"POST": ResponseSpec(content=IMPORT_REPORT_SCHEMA, accepted_content=JobSerializer)}
    error_codes = {"POST": ("duplicate", "unknown-user", "not-allowed-now")}

    def post(self, request: Request, slug: str) -> Response:
        """Read the file that is the body: at once (200), or by a worker if it is large (202 and the job)."""
        corpus = self.get_corpus(slug, Permission.IMPORT_CORPUS)
        body = self.body_stream()
        params = dict(self.query_params())
        name = params.pop("format", None) or FORMAT_BY_MEDIA_TYPE.get(body.media_type)
        if name is None:
            detail = message(
                "It is missing: say in which format the file is, one of {formats}.",
                formats=join_list(READABLE_FORMATS),
            )
            raise InvalidInputError(
                message("The parameter format: {detail}", detail=detail),
                errors=[FieldError(code="required", detail=detail, parameter="format")],
            )
        owner = params.pop("owner", None)
        in_background = params.pop("background", self._content_length(request) > settings.IMPORT_INLINE_BYTES)
        options = imports.ImportOptions.from_parameters(
            format=name,
            owner=find_user(owner, location=message("the parameter owner")) if owner else None,
            **params,
        )
        if in_background:
            job = job_runner.queue_import(self.user, corpus, body, options)
            response = self.respond(JobSerializer(job), status=202, translated=True)
            response.headers["Location"] = request.build_absolute_uri(job_url(job))
            return response
        return self.respond(imports.import_file(self.user, corpus, body, options).as_dict())


class ExportView(BaseCorpusView):
    """The export of a corpus as a file."""

    resource = "export"
    scopes = scopes_by_method(GET=Permission.EXPORT_CORPUS)
    parameters: ClassVar[Mapping[str, parameters.AllowedParameters]] = MappingProxyType(
        {
            "GET": {
                "format": parameters.choice(
                    "The format of the file; jsonl by default.", WRITABLE_FORMATS, name="ExportFormat"
                ),
                "sets": parameters.choice("Which sets; approved by default.", SET_STATES, name="ExportSets"),
                "dialect": parameters.choice("For whom tables are written.", Dialect),
                "strict": parameters.boolean("Refuse an export that would lose something."),
                **{name: row.parameter for name, row in filters.ARTICLES.items()},
            }
        }
    )
    responses = {
        "GET": file_response(
            EXPORT_MEDIA_TYPES, {**EXPORT_HEADERS, "Repr-Digest": "Its SHA-256 by RFC 9530."}
        )
    }
    error_codes = {"GET": ("would-lose", "not-installed", "answer-too-large")}

    def get(self, request: Request, slug: str) -> FileResponse:
        """Write everything that you may see and that the filters select, as of one moment.

        What would be too large for one request is refused; the address in `exports` lets a worker make it.
        """
        corpus = self.get_corpus(slug, Permission.EXPORT_CORPUS)
        params = self.query_params()
        options: dict[str, Any] = {key: params[key] for key in ("sets", "dialect", "strict") if key in params}
        articles = self._articles(corpus, params)
        self._require_size(slug, articles, params.get("sets", "approved"))
        export = exports.export_corpus(
            self.user,
            corpus,
            format=params.get("format", "jsonl"),
            articles=articles,
            question=params.get("q", ""),
            **options,
        )
        return _download(export)

    def _require_size(self, slug: str, articles: QuerySet[Article], sets: str) -> None:
        if not is_large_export(self.user, articles, sets):
            return
        sent = self.request.GET.urlencode()
        address = api_url(f"corpora/{slug}/exports/") + (f"?{sent}" if sent else "")
        raise AnswerTooLargeError(
            message(
                "This export is too large for one request. Let a worker make it with POST {address}, or "
                "choose fewer articles.",
                address=address,
            ),
            exports=address,
        )

    def _articles(self, corpus: Corpus, params: Mapping[str, Any]) -> QuerySet[Article]:
        rows = visible(self.user, article_rows(Article.objects.filter(corpus=corpus)))
        return filters.apply_filters(filters.ARTICLES, rows, self.user, params)


def _download(export: exports.ExportFile) -> FileResponse:
    response = FileResponse(
        export.file, as_attachment=True, filename=export.filename, content_type=export.media_type
    )
    digest = base64.b64encode(bytes.fromhex(export.sha256)).decode()
    response.headers["Content-Length"] = str(export.length)
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    response.headers["Loss-Count"] = str(export.loss_count)
    # made anew for each request: a download that broke off cannot go on
    response.headers["Accept-Ranges"] = "none"
    return response
