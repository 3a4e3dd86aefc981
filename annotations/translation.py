"""Translation of messages into the active language: that of the request, or of the mail being written."""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.functional import lazy
from django.utils.translation import get_language, gettext, ngettext, pgettext

from annotations.messages import TranslatableMessage, message_of

#: The languages in which the messages of the code are written.
SOURCE_LANGUAGES = ("en",)


def translate_message(error: str | BaseException) -> str:
    """Return a message, or that of an error, in the active language; a plain string stays as it is."""
    text = message_of(error)
    if not isinstance(text, TranslatableMessage) or is_source_language():
        return str(text)
    return text.translate_with(_translate_template, _format_integer)


#: ``told`` at the moment of display, for module constants that pages show.
translate_message_lazy = lazy(translate_message, str)


def translate_data(data: object) -> Any:
    """Return JSON data with every message in it in the active language."""
    return data if is_source_language() else _translate_nested(data)


def is_source_language() -> bool:
    """Return whether the active language is one of ``SOURCE_LANGUAGES``: then nothing is translated."""
    return (get_language() or "en").split("-")[0] in SOURCE_LANGUAGES


def _translate_nested(data: object) -> Any:
    if isinstance(data, TranslatableMessage):
        return translate_message(data)
    if isinstance(data, dict):
        return {key: _translate_nested(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_translate_nested(value) for value in data]
    return data


def _translate_template(text: TranslatableMessage) -> str:
    template, plural = text.template, text.plural
    if not template:
        return ""  # gettext("") would return the header of the catalogue
    if plural:
        return ngettext(template, plural, text.number)
    return pgettext(text.context, template) if text.context else gettext(template)


def _format_integer(number: int) -> str:
    return str(formats.number_format(number, use_l10n=True, force_grouping=True))
