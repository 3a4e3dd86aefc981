"""In which language somebody is answered.

The pages for people and the API follow what the person chose, else what the request asks for, else
English. A page is translated as a whole; of the API only the sentences for people are, those of refusals
and of problems: its codes, names and values are the same for everybody. The health checks and whatever
else only programs read are English always.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

#: Below these addresses the pages are made for people.
FOR_PEOPLE = ("/admin/",)
#: And below these the answers hold sentences for people; each says itself whether it does.
WITH_SENTENCES = ("/api/",)


class LanguageMiddleware:
    """Answers in the language of the reader, and leaves the language as it was afterwards.

    What is streamed after that, such as an export, is English.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for_people = request.path_info.startswith(FOR_PEOPLE)
        follows = for_people or request.path_info.startswith(WITH_SENTENCES)
        language = translation.get_language_from_request(request) if follows else settings.LANGUAGE_CODE
        setattr(request, "LANGUAGE_CODE", language)  # noqa: B010 - not an attribute that Django's class has
        with translation.override(language):
            response = self.get_response(request)
        if for_people:
            response.headers.setdefault("Content-Language", language)
        if follows:
            # the choice of a person is kept in a cookie
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
