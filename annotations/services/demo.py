"""The demo: a team at work in a corpus of samples, loaded by the importer that everybody uses."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import transaction

from annotations.exceptions import Invalid
from annotations.models import Corpus, Role
from annotations.services import corpora
from annotations.services.imports import import_file
from annotations.visibility import get_visible

SEEDS = Path(__file__).resolve().parent.parent.parent / "seeds" / "demo.jsonl"
ADMINISTRATOR = "administrator"

#: Who works in the demo, and as what. The administrator is no member: superusers are managers anyway.
PEOPLE: Mapping[str, Role | str] = {
    "ann": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "rae": Role.REVIEWER,
    "max": Role.MANAGER,
    "vic": Role.VIEWER,
    "ada": ADMINISTRATOR,
}
FOUNDER = "max"

#: What of a corpus in the file is for its founder to say; the rest follows.
_CORPUS_FIELDS = (
    "id", "slug", "name", "description", "depth", "annotators_per_article", "same_label_overlap",
)  # fmt: skip

LogIns = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Outcome:
    """Whether the demo was loaded now, what to tell, and the log-ins where they are known."""

    loaded: bool
    says: str
    log_ins: LogIns | None = None


def log_ins_file() -> Path:
    """Where the log-ins are kept."""
    return Path(settings.DATA_DIR) / "demo-logins.json"


def load() -> Outcome:
    """Fill an empty database with the demo; any other database stays as it is.

    Everything is stored in one transaction. The passwords are on disk before it ends, so there is
    never an account whose password nobody knows.
    """
    header = _header()
    with transaction.atomic():
        if Corpus.objects.filter(pk=header["id"]).exists():
            return _loaded_before()
        why_not = _occupied()
        if why_not:
            return Outcome(False, f"{why_not}, so the demo was not loaded.")
        log_ins = _kept(log_ins_file())
        people = {name: _make_person(name, log_in) for name, log_in in log_ins.items()}
        _fill(_found(header, people))
    return Outcome(True, "The demo was loaded.", log_ins)


def _loaded_before() -> Outcome:
    """The log-ins of a demo that is there already; the people may have other passwords by now."""
    path = log_ins_file()
    if path.exists():
        return Outcome(False, "The demo is loaded already.", _read(path))
    return Outcome(
        False,
        f"The demo is loaded already, but {path} is gone; give its people new passwords with "
        "manage.py changepassword.",
    )


def _occupied() -> str | None:
    if Corpus.objects.exists():
        return "The database has corpora of its own"
    known = User.objects.filter(username__in=PEOPLE).order_by("username").values_list("username", flat=True)
    if known:
        return f"The database knows people called {', '.join(known)}"
    return None


def _header() -> dict[str, Any]:
    with SEEDS.open(encoding="utf-8") as file:
        header = json.loads(file.readline())
    return cast("dict[str, Any]", header["corpus"])


def _kept(path: Path) -> LogIns:
    """The log-ins in the file, made afresh if there is none.

    The file gets its name when it is whole, and only if no other process was faster: a link to an
    existing name fails.
    """
    if not path.exists():
        fresh = {
            name: {"password": secrets.token_urlsafe(12), "role": str(role)} for name, role in PEOPLE.items()
        }
        descriptor, candidate = tempfile.mkstemp(dir=path.parent, prefix=".demo-")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(fresh, file, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(candidate, path)
        finally:
            Path(candidate).unlink()
    return _read(path)


def _read(path: Path) -> LogIns:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: {"password": kept[name]["password"], "role": str(PEOPLE[name])} for name in PEOPLE}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{path} does not hold the demo log-ins; delete it to have new ones made.") from error


def _make_person(name: str, log_in: Mapping[str, str]) -> User:
    """Somebody who may sign in to the admin; what they see there follows from their role."""
    person = User.objects.create_user(
        name,
        password=log_in["password"],
        is_staff=True,
        is_superuser=PEOPLE[name] == ADMINISTRATOR,
    )
    if name == FOUNDER:
        person.user_permissions.add(
            Permission.objects.get(content_type__app_label="annotations", codename="add_corpus")
        )
    return person


def _found(header: Mapping[str, Any], people: Mapping[str, User]) -> Corpus:
    """The corpus with its members, founded as anybody would found one."""
    founder = people[FOUNDER]
    corpus, _ = corpora.create(founder, {name: header[name] for name in _CORPUS_FIELDS})
    for name, role in PEOPLE.items():
        if isinstance(role, Role) and name != FOUNDER:
            corpora.add_member(founder, corpus.pk, people[name], role)
    return get_visible(founder, Corpus.objects.all(), pk=corpus.pk)


def _fill(corpus: Corpus) -> None:
    """Restore the work. By nobody: who brings content along counts as one of its authors."""
    with SEEDS.open("rb") as file:
        report = import_file(None, corpus, file, format="jsonl", restore=True)
    if report.failed:
        first = report.errors[0]
        raise Invalid(f"{SEEDS} cannot be loaded; line {first.line}: {first.detail}")
