"""In which language a page is written.

The pages for people follow what the person chose, else what the browser asks for, else English.
The API, the health checks and whatever else programs read are English always: a sentence that a
program has logged or compares must not depend on a header.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

#: Below these addresses the pages are made for people.
FOR_PEOPLE = ("/admin/",)


class LanguageMiddleware:
    """Translates the pages for people, and leaves the language as it was when the answer is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for_people = request.path_info.startswith(FOR_PEOPLE)
        language = translation.get_language_from_request(request) if for_people else settings.LANGUAGE_CODE
        setattr(request, "LANGUAGE_CODE", language)  # noqa: B010 - not an attribute that Django's class has
        with translation.override(language):
            response = self.get_response(request)
        if for_people:
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language",))
        return response
