"""The demo: a corpus of samples with its team, loaded by the ordinary importer."""

from __future__ import annotations

import contextlib
import io
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

from annotations.exceptions import InvalidInputError
from annotations.models import Corpus, Role
from annotations.models.ordering import text_order
from annotations.services.core import corpora
from annotations.services.demo_corrections import write_corrections
from annotations.services.demo_history import write_history
from annotations.services.demo_rights import write_rights
from annotations.services.exchange.imports import ImportOptions, import_file
from annotations.visibility import get_visible

SEEDS = Path(__file__).resolve().parent.parent.parent / "seeds" / "demo.jsonl"
#: A wire story in three papers, which belongs behind the other articles.
WIRE_STORY = SEEDS.with_name("wire.jsonl")
ADMINISTRATOR = "administrator"

#: The users of the demo and their roles. The administrator is no member: superusers are managers anyway.
DEMO_ROLES: Mapping[str, Role | str] = {
    "ann": Role.ANNOTATOR,
    "ben": Role.ANNOTATOR,
    "rae": Role.REVIEWER,
    "max": Role.MANAGER,
    "vic": Role.VIEWER,
    "ada": ADMINISTRATOR,
}
FOUNDER = "max"

#: The fields of the file that the corpus is created with; the restore sets the others.
_CORPUS_FIELDS = (
    "id", "slug", "name", "description", "depth", "annotators_per_article", "same_label_overlap",
)  # fmt: skip

LogIns = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class DemoResult:
    """The result of loading the demo: whether it was loaded now, a sentence, and the log-ins if known."""

    is_new: bool
    message: str
    log_ins: LogIns | None = None


def log_ins_path() -> Path:
    """Return the path of the file with the log-ins."""
    return Path(settings.DATA_DIR) / "demo-logins.json"


def load_demo() -> DemoResult:
    """Load the demo into an empty database; any other database stays as it is.

    Everything is stored in one transaction. The passwords are on disk before it is committed, so that no
    account has an unknown password.
    """
    header = _read_header()
    with transaction.atomic():
        if Corpus.objects.filter(pk=header["id"]).exists():
            return _already_loaded()
        why_not = _why_not_empty()
        if why_not:
            return DemoResult(False, f"{why_not}, so the demo was not loaded.")
        log_ins = _read_or_create_log_ins(log_ins_path())
        people = {name: _create_user(name, log_in) for name, log_in in log_ins.items()}
        corpus = _create_corpus(header, people)
        _restore_work(corpus)
        write_history(corpus, people)
        write_corrections(corpus, people)
        write_rights(corpus, people)
    return DemoResult(True, "The demo was loaded.", log_ins)


def _already_loaded() -> DemoResult:
    """Return the log-ins of a demo that is loaded already; passwords may have been changed since."""
    path = log_ins_path()
    if path.exists():
        return DemoResult(False, "The demo is loaded already.", _read_log_ins(path))
    return DemoResult(
        False,
        f"The demo is loaded already, but {path} is gone; give its people new passwords with "
        "manage.py changepassword.",
    )


def _why_not_empty() -> str | None:
    if Corpus.objects.exists():
        return "The database has corpora of its own"
    users = User.objects.filter(username__in=DEMO_ROLES).order_by(text_order("username"))
    known = users.values_list("username", flat=True)
    if known:
        return f"The database knows people called {', '.join(known)}"
    return None


def _read_header() -> dict[str, Any]:
    with SEEDS.open(encoding="utf-8") as file:
        header = json.loads(file.readline())
    return cast("dict[str, Any]", header["corpus"])


def _read_or_create_log_ins(path: Path) -> LogIns:
    """Return the log-ins of the file; create it if there is none.

    The file gets its name when it is complete, and only if no other process was faster: linking to an
    existing name fails.
    """
    if not path.exists():
        log_ins = {
            name: {"password": secrets.token_urlsafe(12), "role": str(role)}
            for name, role in DEMO_ROLES.items()
        }
        descriptor, candidate = tempfile.mkstemp(dir=path.parent, prefix=".demo-")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(log_ins, file, indent=2)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(candidate, path)
        finally:
            Path(candidate).unlink()
    return _read_log_ins(path)


def _read_log_ins(path: Path) -> LogIns:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: {"password": stored[name]["password"], "role": str(DEMO_ROLES[name])} for name in DEMO_ROLES
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            f"{path} does not hold the demo log-ins; delete it to have new ones made."
        ) from error


def _create_user(name: str, log_in: Mapping[str, str]) -> User:
    """Create a user who may sign in to the admin; what they see there follows from their role."""
    person = User.objects.create_user(
        name,
        password=log_in["password"],
        is_staff=True,
        is_superuser=DEMO_ROLES[name] == ADMINISTRATOR,
    )
    if name == FOUNDER:
        person.user_permissions.add(
            Permission.objects.get(content_type__app_label="annotations", codename="add_corpus")
        )
    return person


def _create_corpus(header: Mapping[str, Any], people: Mapping[str, User]) -> Corpus:
    """Create the corpus and its members by the ordinary services."""
    founder = people[FOUNDER]
    corpus, _ = corpora.create_corpus(founder, {name: header[name] for name in _CORPUS_FIELDS})
    for name, role in DEMO_ROLES.items():
        if isinstance(role, Role) and name != FOUNDER:
            corpora.add_member(founder, corpus.pk, people[name], role)
    return get_visible(founder, Corpus.objects.all(), pk=corpus.pk)


def _restore_work(corpus: Corpus) -> None:
    """Restore the work, by no user: an importing user would count as an author of the content."""
    file = io.BytesIO(SEEDS.read_bytes() + WIRE_STORY.read_bytes())
    report = import_file(None, corpus, file, ImportOptions(restore=True))
    if report.failed:
        first = report.errors[0]
        raise InvalidInputError(f"{SEEDS} cannot be loaded; line {first.line}: {first.detail}")
