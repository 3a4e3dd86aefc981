"""The main form of a page as a browser would send it, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Fields(HTMLParser):
    """Collects the fields of the form whose id ends with ``_form``, as Django names those of the admin."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sent: dict[str, str] = {}
        self.inside = False
        self.select = ""
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value if value is not None else name for name, value in attrs}
        if tag == "form":
            self.inside = found.get("id", "").endswith("_form")
        if not self.inside:
            return
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "input" and name and found.get("type") not in {"submit", "file"}:
            if found.get("type") != "checkbox":
                self.sent[name] = value
            elif "checked" in found:
                self.sent[name] = found.get("value", "on")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and ("selected" in found or self.select not in self.sent):
            self.sent[self.select] = value
        elif tag == "textarea":
            self.text = name
            self.sent[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.text:
            # The parser of a browser drops the line end right after the tag, and sends CR and LF for others.
            text = self.sent[self.text].replace("\r\n", "\n").replace("\r", "\n").removeprefix("\n")
            self.sent[self.text] = text.replace("\n", "\r\n")
            self.text = ""

    def handle_data(self, data: str) -> None:
        if self.text:
            self.sent[self.text] += data


def form_of(answer: Any) -> dict[str, Any]:
    """Every field of the main form of a page."""
    assert answer.status_code == 200, answer
    parser = _Fields()
    parser.feed(answer.content.decode())
    sent: dict[str, Any] = dict(parser.sent)
    sent.pop("csrfmiddlewaretoken", None)
    return sent
