"""Settings from the environment: one table, and a reader for each type.

A reader refuses a name that is not in the table, and ``manage.py write_reference`` writes
docs/reference/settings.md from it. An invalid value stops the start with a sentence that names
the variable; no value is guessed.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from project.database_settings import DATABASE_SETTINGS
from project.outgoing_settings import OUTGOING_SETTINGS
from project.setting_rows import Kind, Setting
from project.sign_in_settings import SIGN_IN_SETTINGS

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
MIN_SECRET_KEY_LENGTH = 50


class SettingError(ImproperlyConfigured):
    """An invalid setting, which keeps the service from starting; its message is a whole sentence."""


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "DATA_DIR",
        "text",
        "var",
        "Folder for what the service keeps itself: the SQLite database, the generated secret key, the "
        "demo log-ins, and in `spool` what is written while a file comes in or goes out (elsewhere if "
        "`TMPDIR` is set). Relative to the folder of `manage.py`; made if it is missing.",
    ),
    Setting(
        "FILES_DIR",
        "text",
        "",
        "Folder for the files of releases and of background jobs. Every server and every worker must see "
        "the same one. Empty: `files` in `DATA_DIR`.",
    ),
    Setting(
        "FILES_URL",
        "text",
        "",
        "Where those files lie instead: `file:///absolute/folder`, or `s3://bucket/prefix` for an object "
        "store that speaks S3 (install `requirements-s3.txt`). Key, region and endpoint of the store come "
        "from the usual variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and "
        "`AWS_ENDPOINT`. What a machine is at work on stays in `FILES_DIR`, which need not be shared then.",
    ),
    Setting(
        "FILES_REDIRECT",
        "boolean",
        "off",
        "With an object store: answer a download with a redirect (302) to a signed link, which works for "
        "five minutes, instead of passing the bytes on.",
    ),
    Setting(
        "JOB_LEASE",
        "integer",
        "30",
        "Seconds without a sign of life after which a worker counts as dead and its job is given to another "
        "one.",
    ),
    Setting(
        "EMBEDDED_WORKER",
        "boolean",
        "off",
        "Start a worker for background jobs beside the server, and end it with the server. `make run` turns "
        "it on; a service rather runs `manage.py worker` under its own supervision.",
    ),
    Setting(
        "IMPORT_INLINE_BYTES",
        "integer",
        "67108864",
        "An import whose file is larger is not read in the request but by a worker.",
    ),
    Setting(
        "RELEASE_INLINE_SPANS",
        "integer",
        "20000",
        "A release with more spans, or a tenth as many articles, is not built in the request but by a "
        "worker.",
    ),
    Setting(
        "EXPORT_INLINE_SPANS",
        "integer",
        "1000000",
        "An export with more spans, or a tenth as many articles, is not made in the request: `export/` then "
        "answers `too-large` and names the address, `exports/`, that lets a worker make it, and the page of "
        "the corpus has a button for that.",
    ),
    Setting(
        "EXPORT_KEEP_DAYS",
        "integer",
        "7",
        "Days for which the file of an export that a worker has made can be downloaded.",
    ),
    *DATABASE_SETTINGS,
    Setting(
        "SECRET_KEY",
        "secret",
        "",
        "Signs sessions and forms; at least 50 characters. Empty with the embedded default: made at the "
        "first start and kept in `DATA_DIR/secret-key`, mode 0600.",
    ),
    Setting(
        "URL_PREFIX",
        "text",
        "",
        "The path below which a proxy serves the service, such as `/standpoint`; empty: the root of the "
        "host. The proxy may send requests with this path or without it. Pages, files, links and the API are "
        "then all below it, and so are the cookies.",
    ),
    Setting("SCRIPT_NAME", "text", "", "The former name of `URL_PREFIX`, which is read where that is empty."),
    Setting(
        "TIME_ZONE",
        "text",
        "UTC",
        "The time zone of all pages and mails, by its IANA name, such as `Europe/Berlin`; days begin and end "
        "in it. The API answers in UTC whatever it is.",
    ),
    Setting("DEBUG", "boolean", "off", "Error pages that show the inside. For development only."),
    Setting(
        "ALLOWED_HOSTS",
        "list",
        "localhost,127.0.0.1,[::1]",
        "Host names under which the service may be called, with commas between. With `DATABASE_URL` set "
        "and `DEBUG` off it must be given, and `*` is refused.",
    ),
    Setting(
        "CSRF_TRUSTED_ORIGINS",
        "list",
        "",
        "Origins with scheme, such as `https://standpoint.example`, from which forms are taken; needed "
        "when a proxy speaks HTTPS and the service behind it does not know.",
    ),
    Setting(
        "SECURE_COOKIES",
        "boolean",
        "",
        "Send cookies over HTTPS only. Empty: on when `DATABASE_URL` is set and `DEBUG` is off, since the "
        "embedded default speaks plain HTTP on 127.0.0.1.",
    ),
    Setting(
        "HTTPS_REDIRECT",
        "boolean",
        "off",
        "Answer plain HTTP with a redirect to HTTPS (`/healthz` and `/readyz` excepted). Behind a proxy "
        "that ends TLS, `TRUST_FORWARDED_PROTO` must be on as well.",
    ),
    Setting(
        "HSTS_SECONDS",
        "integer",
        "0",
        "Tell browsers for so many seconds to use HTTPS only. Start small: it cannot be taken back.",
    ),
    Setting(
        "TRUST_FORWARDED_PROTO",
        "boolean",
        "off",
        "Believe `X-Forwarded-Proto`. Only behind a proxy that always sets it itself: a client could "
        "otherwise pretend to use HTTPS.",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "integer",
        "0",
        "How many proxies of yours stand in front and write `X-Forwarded-For`. Failed sign-ins are counted "
        "by account and by address; with 0 behind a proxy, all people have the address of the proxy.",
    ),
    Setting(
        "CORS_ORIGINS",
        "list",
        "",
        "Origins with scheme, such as `https://desk.example`, whose pages may call the API with an access "
        "token, and never with cookies. Each is named whole; there is no wildcard. Empty: none may.",
    ),
    Setting(
        "EMBED_ANCESTORS",
        "list",
        "",
        "Origins with scheme, such as `https://www.example.org`, whose pages may show single quotes in a "
        "frame. Anonymous readers then see a quote if the rights of its article, or of the corpus, say "
        "`may_send_out`. Empty: nobody may, and only members see the page of a quote.",
    ),
    Setting(
        "EMAIL_HOST",
        "text",
        "",
        "The mail server (SMTP) that takes invitations, digests and links for a new password. Empty: mails "
        "are printed to the console, and the sign-in offers no new password.",
    ),
    Setting("EMAIL_PORT", "integer", "587", "Its port: 587 for `STARTTLS`, 465 for `TLS`, 25 for `NONE`."),
    Setting("EMAIL_USER", "text", "", "The name with which the service signs in to it. Empty: it does not."),
    Setting("EMAIL_PASSWORD", "secret", "", "The password that belongs to `EMAIL_USER`."),
    Setting("EMAIL_SECURITY", "text", "STARTTLS", "STARTTLS, TLS (from the first byte) or NONE."),
    Setting(
        "EMAIL_FROM",
        "text",
        "",
        "The address that mails come from, such as `Standpoint <standpoint@example.org>`; needed with "
        "`EMAIL_HOST`.",
    ),
    *OUTGOING_SETTINGS,
    Setting(
        "STATIC_DIR",
        "text",
        "",
        "Folder that `manage.py collectstatic` has filled, served with compressed files and lasting names. "
        "Empty: files are served straight from the packages, without a build step.",
    ),
    Setting(
        "LOG_LEVEL",
        "text",
        "INFO",
        "DEBUG, INFO, WARNING, ERROR or CRITICAL. The log goes to standard error, one JSON object a line.",
    ),
    Setting(
        "METRICS_PORT",
        "integer",
        "0",
        "Port on which metrics for Prometheus are served, at `/metrics`; needs `requirements-metrics.txt`. "
        "0: none.",
    ),
    Setting(
        "METRICS_ADDRESS",
        "text",
        "127.0.0.1",
        "Address on which they are served. They name no person and no text, but nobody has to sign in.",
    ),
    Setting("BIND_ADDRESS", "text", "127.0.0.1", "Address on which the server listens."),
    Setting("PORT", "integer", "8000", "Port on which the server listens."),
    Setting("WEB_WORKERS", "integer", "2", "Server processes."),
    Setting("WEB_THREADS", "integer", "4", "Threads in each server process."),
    *SIGN_IN_SETTINGS,
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def _value(name: str, kind: Kind) -> str:
    """Return the raw value, or the default; raise ``LookupError`` if the setting is not declared."""
    setting = _BY_NAME.get(name)
    if setting is None or setting.kind != kind:
        raise LookupError(f"{name} is not declared as a {kind} in project.env.SETTINGS.")
    given = os.environ.get(name, "").strip()
    if setting.file_variable is not None:
        given = _from_file(setting.file_variable, name, given)
    return given or setting.default


def _from_file(variable: str, name: str, given: str) -> str:
    path = os.environ.get(variable, "").strip()
    if not path:
        return given
    if given:
        raise SettingError(f"{name} and {variable} are both set; set only one of them.")
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{variable} names the file {path!r}, which cannot be read: {error}.") from error
    if not value:
        # as "not set" it would start another service than the operator wanted
        raise SettingError(f"{variable} names the file {path!r}, which is empty.")
    return value


def is_set(name: str) -> bool:
    """Return whether the environment gives a value, so that the default of the table is not used."""
    if name not in _BY_NAME:
        raise LookupError(f"{name} is not declared in project.env.SETTINGS.")
    file_variable = _BY_NAME[name].file_variable
    variables = [name] if file_variable is None else [name, file_variable]
    return any(os.environ.get(variable, "").strip() for variable in variables)


def read_text(name: str) -> str:
    """Return the value of a setting of kind text."""
    return _value(name, "text")


def read_secret(name: str) -> str:
    """Return the value of a secret, from its variable or from the file that ``…_FILE`` names."""
    return _value(name, "secret")


def read_list(name: str) -> list[str]:
    """Return the items of a list, without blanks and without empty items."""
    return [part.strip() for part in _value(name, "list").split(",") if part.strip()]


def read_integer(name: str, *, minimum: int = 0, maximum: int = 2**31 - 1) -> int:
    """Return a whole number within these bounds."""
    raw = _value(name, "integer")
    # int() would also accept "1_000", "+5" and digits of other scripts
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 10 else -1
    if not minimum <= number <= maximum:
        raise SettingError(f"{name} must be a whole number from {minimum} to {maximum}, not {raw!r}.")
    return number


def read_boolean(name: str, *, default: bool = False) -> bool:
    """Return whether the setting is on; ``default`` if neither the environment nor the table has a value."""
    raw = _value(name, "boolean").lower()
    if raw in TRUE_WORDS:
        return True
    if raw in FALSE_WORDS:
        return False
    if not raw:
        return default
    raise SettingError(f"{name} must be on or off, not {raw!r}.")


def read_choice(name: str, choices: tuple[str, ...]) -> str:
    """Return one of the choices, in capitals."""
    raw = read_text(name).upper()
    if raw not in choices:
        raise SettingError(f"{name} must be one of {', '.join(choices)}, not {raw!r}.")
    return raw


def read_time_zone(name: str) -> str:
    """Return the name of a time zone that this machine knows."""
    raw = read_text(name)
    # Names are compared with the list: as a path, "zoneinfo" would open what is no zone.
    if raw not in available_timezones():
        raise SettingError(
            f"{name} must be the IANA name of a time zone, such as Europe/Berlin, not {raw!r}."
        )
    return raw


def create_folder(name: str, base: Path) -> Path:
    """Return a folder for the service's own files; create it, closed to other users, if it is missing."""
    path = base / Path(read_text(name)).expanduser()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"{name} names the folder {str(path)!r}, which cannot be made: {error}."
        ) from error
    return path.resolve()


def read_database(name: str) -> dict[str, Any] | None:
    """Return the connection settings of a database URL, or None without a URL."""
    url = read_secret(name)
    if not url:
        return None
    # No message may repeat the URL, which holds a password.
    try:
        scheme = urlsplit(url).scheme
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            config: dict[str, Any] = Env.db_url_config(url)
    except (ValueError, KeyError, TypeError, UserWarning) as error:
        raise SettingError(f"{name} is not a database URL that can be read.") from error
    if scheme not in DATABASE_SCHEMES:
        raise SettingError(f"{name} must begin with postgresql:// or sqlite://.")
    if not config.get("NAME") or config["NAME"] == ":memory:":
        raise SettingError(f"{name} must end with the name of a database.")
    return config
