"""Files that were tried and wait to be imported: each belongs to its user and corpus, and lasts a day.

They lie in the spool, from which the sweep takes whatever is older. Trying other files of the same
corpus replaces them, so that nobody fills the disk by trying.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User

from annotations.exceptions import InvalidInputError
from annotations.messages import message
from annotations.models import Corpus

_TOKEN = re.compile(r"[0-9a-f]{32}")


def keep_file(by: User, corpus: Corpus, source: IO[bytes]) -> str:
    """Keep a file that was tried; return the token by which its user finds it again."""
    token = uuid4().hex
    source.seek(0)
    handle = os.open(_path(by, corpus.pk, token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(source, target)
    return token


@contextmanager
def open_kept_file(by: User, corpus: Corpus, token: str) -> Iterator[IO[bytes]]:
    """Yield a file that the user has tried in this corpus."""
    path = _path(by, corpus.pk, token) if _TOKEN.fullmatch(token) else None
    if path is None or not path.is_file():
        raise InvalidInputError(message("The file is kept no more; choose it again."))
    with path.open("rb") as file:
        yield file


def discard_kept_files(by: User, corpus: Corpus, *, but: frozenset[str] = frozenset()) -> None:
    """Delete the files that a user has tried in a corpus, without those of some tokens."""
    kept = {_path(by, corpus.pk, token).name for token in but}
    for path in Path(settings.SPOOL_DIR).glob(f"{_prefix(by, corpus.pk)}*"):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _prefix(by: User, corpus: UUID) -> str:
    return f"import-{by.pk}-{corpus.hex}-"


def _path(by: User, corpus: UUID, token: str) -> Path:
    return Path(settings.SPOOL_DIR) / f"{_prefix(by, corpus)}{token}"
