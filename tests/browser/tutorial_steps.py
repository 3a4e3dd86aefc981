"""The steps of a page of the documentation, read from its Markdown, and somebody who follows them literally.

A step is an item of a numbered list. Of its words these are done, in their order:

- **Name**: the button, link or tab with this name, or whose name begins so if it ends in …, is pressed; it
  has to be there.
- `key`: the key is pressed; `Ctrl` `Enter` beside one another are pressed together.
- Select “words”: the words are selected in the article with the mouse.
- Write “words”, or write “words” into **Field**: they are typed where the focus is, or into the field.
- Choose “option” in **Field**: it is chosen.
- Sign in as **name**: with the password of the demo.
- Any other “words” are looked for on the page.

Everything else is for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from annotations.models import AnnotationSet
from tests.browser.conftest import TIMEOUT
from tests.browser.workbench_page import WorkbenchPage


class Kind(Enum):
    """What is done."""

    SIGN_IN = auto()
    PRESS = auto()
    KEY = auto()
    SELECT = auto()
    WRITE = auto()
    CHOOSE = auto()
    SEE = auto()


class Action(NamedTuple):
    """One thing to do; ``field`` is where."""

    kind: Kind
    what: str
    field: str = ""


@dataclass(frozen=True)
class Step:
    """An item of a numbered list, with the heading above it."""

    heading: str
    text: str
    actions: tuple[Action, ...]


#: What is done, each by how it is written; the first that fits counts.
_ACTIONS: Mapping[Kind, str] = {
    Kind.SIGN_IN: r"[Ss]ign in as \*\*(?P<who>[^*]+)\*\*",
    Kind.SELECT: r"[Ss]elect “(?P<selected>[^”]+)”",
    Kind.WRITE: r"[Ww]rite “(?P<written>[^”]+)”(?: into \*\*(?P<into>[^*]+)\*\*)?",
    Kind.CHOOSE: r"[Cc]hoose “(?P<option>[^”]+)” in \*\*(?P<list>[^*]+)\*\*",
    Kind.PRESS: r"\*\*(?P<name>[^*]+)\*\*",
    Kind.KEY: r"(?P<key>(?:`(?:Ctrl|Shift|Alt)` )*`[^`]+`)",
    Kind.SEE: r"“(?P<seen>[^”]+)”",
}
_ACTION = re.compile("|".join(f"(?P<{kind.name}>{pattern})" for kind, pattern in _ACTIONS.items()))
_ITEM = re.compile(r"^\d+\. (.+(?:\n   .*|\n(?=\n   ))*)", re.MULTILINE)
_KEYS = {"Ctrl": "Control", "←": "ArrowLeft", "→": "ArrowRight", "↑": "ArrowUp", "↓": "ArrowDown"}
_PRESSABLE = ("button", "link", "tab", "menuitem", "option")


def read_steps(path: Path) -> list[Step]:
    """Return the steps of a page in their order."""
    steps = []
    for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        steps += [Step(heading, text, tuple(read_actions(text))) for text in _ITEM.findall(body)]
    return steps


def read_actions(text: str) -> Iterator[Action]:
    """Yield what a step says to do."""
    for found in _ACTION.finditer(re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)):
        kind = next(kind for kind in Kind if found[kind.name] is not None)
        values = [
            value for name, value in found.groupdict().items() if value and name not in Kind.__members__
        ]
        if kind is Kind.KEY:
            yield Action(kind, "+".join(_KEYS.get(key, key) for key in re.findall(r"`([^`]+)`", found[0])))
        else:
            yield Action(kind, *values)


@dataclass
class Follower:
    """Somebody who does what the steps say, on one page of a browser, and nothing else."""

    page: Page
    passwords: Mapping[str, str]
    #: How long something may take to appear, in milliseconds.
    patience: int = TIMEOUT

    def follow(self, step: Step) -> None:
        """Do everything that a step says; an error tells the step."""
        for action in step.actions:
            try:
                _DONE_BY[action.kind](self, action)
            except Exception as error:
                error.add_note(f"{step.heading}: {step.text}\nat {action}")
                raise

    def sign_in(self, action: Action) -> None:
        """Sign in with the password of the demo."""
        self.page.goto("/admin/login/")
        self.page.fill("#id_username", action.what)
        self.page.fill("#id_password", self.passwords[action.what])
        self.page.click("[type=submit]")
        expect(self.page.locator("#user-tools")).to_be_visible()

    def press(self, action: Action) -> None:
        """Press what has the name."""
        self.be_ready()
        self.find(action.what).click()

    def find(self, name: str) -> Locator:
        """Find what can be pressed by its name, which a number may follow, or by the words before “…”."""
        rest = ".*" if name.endswith("…") else r"\s*(?:\d+|\(.*\)|[,:].*)?\s*"
        exact = re.compile(rf"^\s*{re.escape(name.removesuffix('…').strip())}{rest}$", re.DOTALL)
        # of a page behind an open dialog nothing can be pressed
        dialog = self.page.locator("dialog[open]")
        around = dialog.last if dialog.count() else self.page.locator("body")
        found = around.locator("summary", has_text=exact)
        for role in _PRESSABLE:
            found = found.or_(around.get_by_role(role, name=exact))  # type: ignore[arg-type]
        shown = found.filter(visible=True).first
        expect(shown, f"There is nothing to press that is called “{name}”.").to_be_visible(
            timeout=self.patience
        )
        return shown

    def press_key(self, action: Action) -> None:
        """Press a key once the page can hear it."""
        self.be_ready()
        self.page.keyboard.press(action.what)

    def select(self, action: Action) -> None:
        """Select words of the article with the mouse."""
        self.be_ready()
        WorkbenchPage(self.page, AnnotationSet()).drag(action.what)

    def write(self, action: Action) -> None:
        """Type where the focus is, or into a field."""
        self.be_ready()
        if action.field:
            self.find_field(action.field).fill(action.what)
        else:  # who types looks for the caret first
            self.page.wait_for_function("document.activeElement.matches('input, textarea')")
            self.page.keyboard.type(action.what)

    def choose(self, action: Action) -> None:
        """Choose from a list."""
        self.be_ready()
        field = self.find_field(action.field)
        field.focus()
        field.select_option(label=action.what)

    def find_field(self, name: str) -> Locator:
        """Find a field by its label, which may end in a colon."""
        label = re.compile(rf"^\s*{re.escape(name)}:?\s*$")
        return self.page.get_by_label(label).filter(visible=True).first

    def see(self, action: Action) -> None:
        """Find words on the page."""
        found = self.page.get_by_text(action.what).filter(visible=True).first
        expect(found, f"The page does not say “{action.what}”.").to_be_visible()

    def be_ready(self) -> None:
        """Wait until the page hears keys, and until what was done before is stored."""
        self.page.wait_for_load_state("load")
        if "/workbench/" in self.page.url:
            self.page.wait_for_selector("html[data-workbench=ready]")


_DONE_BY = {
    Kind.SIGN_IN: Follower.sign_in,
    Kind.PRESS: Follower.press,
    Kind.KEY: Follower.press_key,
    Kind.SELECT: Follower.select,
    Kind.WRITE: Follower.write,
    Kind.CHOOSE: Follower.choose,
    Kind.SEE: Follower.see,
}
