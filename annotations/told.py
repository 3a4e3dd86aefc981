"""Sentences in the language of whoever reads: what interfaces do with a refusal before they show it.

The language is the one that is active: that of the request, or that of a mail.
"""

from __future__ import annotations

from typing import Any

from django.utils import formats
from django.utils.translation import get_language, gettext, ngettext, pgettext

from annotations.says import Sentence, said

#: The languages that the sentences are written in.
WRITTEN = ("en",)


def told(what: str | BaseException) -> str:
    """A sentence, or that of an error, in the active language; what is no sentence stays as it is."""
    sentence = said(what)
    if not isinstance(sentence, Sentence) or is_written():
        return str(sentence)
    return sentence.told(_template, _grouped)


def told_all(data: Any) -> Any:
    """JSON data with every sentence in the active language."""
    return data if is_written() else _all(data)


def is_written() -> bool:
    """Whether the active language is that of the sentences, so that nothing is to be translated."""
    return (get_language() or "en").split("-")[0] in WRITTEN


def _all(data: Any) -> Any:
    if isinstance(data, Sentence):
        return told(data)
    if isinstance(data, dict):
        return {key: _all(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_all(value) for value in data]
    return data


def _template(sentence: Sentence) -> str:
    template, plural = sentence.template, sentence.plural
    if not template:
        return ""  # under which catalogues keep their own header
    if plural:
        return ngettext(template, plural, sentence.number)
    return pgettext(sentence.context, template) if sentence.context else gettext(template)


def _grouped(number: int) -> str:
    return str(formats.number_format(number, use_l10n=True, force_grouping=True))
