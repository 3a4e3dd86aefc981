"""The language of a response.

Pages and the API use the language that the user chose, else one that the request accepts, else English. A
page is translated as a whole. In the API only messages for people are translated, as in errors and
problems; codes, names and values are the same in every language. Health checks and other responses for
programs are always English.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

#: Paths below which responses are pages for people.
PAGE_PREFIXES = ("/admin/",)
#: Paths below which responses may hold messages for people; each view sets Content-Language where they do.
API_PREFIXES = ("/api/",)


class LanguageMiddleware:
    """Middleware that activates the language of the reader for the time of the request.

    The body of a streaming response, such as an export, is made after that, in English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for_people = request.path_info.startswith(PAGE_PREFIXES)
        is_translated = for_people or request.path_info.startswith(API_PREFIXES)
        language = translation.get_language_from_request(request) if is_translated else settings.LANGUAGE_CODE
        setattr(request, "LANGUAGE_CODE", language)  # noqa: B010 - not an attribute that Django's class has
        with translation.override(language):
            response = self.get_response(request)
        if for_people:
            response.headers.setdefault("Content-Language", language)
        if is_translated:
            # the chosen language is kept in a cookie
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
