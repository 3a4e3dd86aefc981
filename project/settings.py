"""The Django settings. Operators change them by the environment (``project.env``)."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from project import databases, env, env_addresses, logs, secret_key, single_sign_on, tracing

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.create_folder("DATA_DIR", BASE_DIR)
# Exports, uploads and archives are spooled here, and not in /tmp, which may be small or memory.
SPOOL_DIR = DATA_DIR / "spool"
SPOOL_DIR.mkdir(mode=0o700, exist_ok=True)
if not os.environ.get("TMPDIR"):
    tempfile.tempdir = str(SPOOL_DIR)
    os.environ.setdefault("SQLITE_TMPDIR", str(SPOOL_DIR))
DEBUG = env.read_boolean("DEBUG")
# Files of releases, and files that background jobs read and write: below FILES_DIR, or in the bucket that
# FILES_URL names; then FILES_DIR has what this machine is at work on.
_files_url = env_addresses.read_files_url("FILES_URL")
if _files_url.startswith("file:") and env.is_set("FILES_DIR"):
    raise env.SettingError("FILES_DIR and FILES_URL both name a folder; set only one of them.")
FILES_URL = "" if _files_url.startswith("file:") else _files_url
if _files_url and not FILES_URL:
    FILES_DIR = Path(unquote(urlsplit(_files_url).path))
else:
    FILES_DIR = env.create_folder("FILES_DIR", BASE_DIR) if env.is_set("FILES_DIR") else DATA_DIR / "files"
FILES_REDIRECT = env.read_boolean("FILES_REDIRECT")

# --- Database -----------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = databases.read_databases(DATA_DIR)
# With DATABASE_URL this is a service in production; without, the embedded default for one machine.
_is_service = env.is_set("DATABASE_URL") and not DEBUG
DATABASE_REPLICA_LAG = env.read_integer("DATABASE_REPLICA_LAG", minimum=1, maximum=3600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Secrets and hosts --------------------------------------------------------------------

_given_key = env.read_secret("SECRET_KEY")
if _given_key:
    SECRET_KEY = secret_key.check_secret_key(_given_key, "SECRET_KEY")
elif _is_service:
    raise env.SettingError(
        "SECRET_KEY must be set when DATABASE_URL is set and DEBUG is off: at least "
        f"{env.MIN_SECRET_KEY_LENGTH} random characters that nobody else knows."
    )
else:
    SECRET_KEY = secret_key.load_or_create_key(DATA_DIR / "secret-key")

ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS")
_hosts_are_named = env.is_set("ALLOWED_HOSTS") and bool(ALLOWED_HOSTS) and "*" not in ALLOWED_HOSTS
if _is_service and not _hosts_are_named:
    raise env.SettingError(
        "ALLOWED_HOSTS must name the hosts of this service, and not be empty or *, when DATABASE_URL is "
        "set and DEBUG is off."
    )

# --- Apps --------------------------------------------------------------------------------

INSTALLED_APPS = [
    "annotations.apps.AnnotationsConfig",
    # for the commands write_reference and write_messages, which read the code of all apps
    "project",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    # first, so that the page of every fault has the id of its line in the log
    "annotations.api.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "project.compression.AnswerCompressionMiddleware",
    "project.compression.StaticCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.cross_origin.CrossOriginMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "project.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

if "replica" in DATABASES:
    _place = MIDDLEWARE.index("project.cross_origin.CrossOriginMiddleware") + 1
    MIDDLEWARE.insert(_place, "annotations.api.write_positions.WritePositionMiddleware")
# Both are off unless they are set, and need extra requirements.
METRICS_PORT = env.read_integer("METRICS_PORT", maximum=65_535)
METRICS_ADDRESS = env.read_text("METRICS_ADDRESS")
if METRICS_PORT:
    MIDDLEWARE.insert(1, "project.metrics.counting.MetricsMiddleware")
if tracing.is_wanted():
    MIDDLEWARE.insert(1, "project.tracing.TracingMiddleware")
# --- Single sign-on and the second factor -------------------------------------------------

OIDC = single_sign_on.read_issuer()
OIDC_ONLY = env.read_boolean("OIDC_ONLY")
MFA_REQUIRED = single_sign_on.read_mfa_required()
if OIDC is not None or MFA_REQUIRED != "OFF":
    INSTALLED_APPS += single_sign_on.APPS
    MIDDLEWARE.append(single_sign_on.MIDDLEWARE)
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ADAPTER = "annotations.admin.identity.provider.IssuerAccountAdapter"
MFA_ADAPTER = "annotations.services.core.second_factor.SecretAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Standpoint"
# One code before and after, for clocks that differ by half a minute.
MFA_TOTP_TOLERANCE = 1

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
PASSWORD_RESET_TIMEOUT = 24 * 3600
# where a sign-in leads whose address to go on to is missing or refused
LOGIN_REDIRECT_URL = "admin:index"

# --- Mail ---------------------------------------------------------------------------------

EMAIL_HOST = env.read_text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = env.read_integer("EMAIL_PORT", minimum=1, maximum=65_535)
EMAIL_HOST_USER = env.read_text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.read_secret("EMAIL_PASSWORD")
_mail_security = env.read_choice("EMAIL_SECURITY", ("STARTTLS", "TLS", "NONE"))
EMAIL_USE_TLS = _mail_security == "STARTTLS"
EMAIL_USE_SSL = _mail_security == "TLS"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.read_text("EMAIL_FROM")
if EMAIL_HOST and not DEFAULT_FROM_EMAIL:
    raise env.SettingError("EMAIL_FROM must be set when EMAIL_HOST is: the address that mails come from.")

LANGUAGE_CODE = "en"
# each by its own name, as the language menu in the header shows it
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
TIME_ZONE = env.read_time_zone("TIME_ZONE")
USE_TZ = True

# The path below which a proxy serves everything. Django puts it before each address that it makes.
_prefix = env_addresses.read_url_prefix()
FORCE_SCRIPT_NAME = _prefix or None

TRUSTED_PROXIES = env.read_integer("TRUSTED_PROXIES", maximum=9)
# Half of the threads of a process: the others go on answering while passwords are looked at.
SIGN_INS_AT_ONCE = max(1, env.read_integer("WEB_THREADS", minimum=1, maximum=64) // 2)

# --- Cookies and headers ------------------------------------------------------------------

_secure_cookies = env.read_boolean("SECURE_COOKIES", default=_is_service)
# Other services on the host neither get the cookies nor have theirs overwritten.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = _prefix or "/"
SESSION_COOKIE_SECURE = _secure_cookies
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _secure_cookies
CSRF_COOKIE_SECURE = _secure_cookies
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = env_addresses.read_origins("CSRF_TRUSTED_ORIGINS")
# Whose pages may call the API, and whose may show quotes in a frame.
CORS_ORIGINS = env_addresses.read_exact_origins("CORS_ORIGINS")
EMBED_ANCESTORS = env_addresses.read_origins("EMBED_ANCESTORS")
CSRF_FAILURE_VIEW = "annotations.api.exceptions.csrf_failure"

SECURE_SSL_REDIRECT = env.read_boolean("HTTPS_REDIRECT")
# the health check of a container uses plain HTTP
SECURE_REDIRECT_EXEMPT = [rf"^{re.escape(f'{_prefix}/{name}'[1:])}$" for name in ("healthz", "readyz")]
SECURE_HSTS_SECONDS = env.read_integer("HSTS_SECONDS")
# Redirects to HTTPS and HSTS are the business of the proxy that speaks HTTPS; here they can be turned on.
# What they would mean for the other hosts of its domain, this service cannot know.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W005", "security.W008", "security.W021"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.read_boolean("TRUST_FORWARDED_PROTO") else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Enforced, not report-only, without inline code or eval: all scripts and styles are static files.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: for the icons inside the style sheet of Swagger UI
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- Sizes --------------------------------------------------------------------------------

# The API checks sizes itself, for each endpoint, and answers 413 as a problem document; its
# largest body in memory has 32 MB. Django's limit, which answers with an HTML page, must lie
# above that and only guards against mistakes. Imports are read as a stream and not counted here.
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Background work ----------------------------------------------------------------------

JOB_LEASE = env.read_integer("JOB_LEASE", minimum=1, maximum=3600)
IMPORT_INLINE_BYTES = env.read_integer("IMPORT_INLINE_BYTES")
RELEASE_INLINE_SPANS = env.read_integer("RELEASE_INLINE_SPANS")
EXPORT_INLINE_SPANS = env.read_integer("EXPORT_INLINE_SPANS")
EXPORT_KEEP_DAYS = env.read_integer("EXPORT_KEEP_DAYS", minimum=1, maximum=3650)

# --- Calls to others ----------------------------------------------------------------------

PUBLIC_URL = env_addresses.read_origin("PUBLIC_URL")
OUTGOING_HOSTS = env.read_list("OUTGOING_HOSTS")
OUTGOING_PROXY = env_addresses.read_origin("OUTGOING_PROXY")
OUTGOING_ALLOW_LOOPBACK = env.read_boolean("OUTGOING_ALLOW_LOOPBACK")
WEBHOOK_KEEP_DAYS = env.read_integer("WEBHOOK_KEEP_DAYS", minimum=1, maximum=3650)

# --- Static files -------------------------------------------------------------------------

STATIC_URL = f"{_prefix}/static/"
_static_dir = env.read_text("STATIC_DIR")
STATIC_ROOT = Path(BASE_DIR / _static_dir) if _static_dir else None
# Collected files have the hash of their content in their names and are compressed. Without a folder,
# WhiteNoise serves files straight from the packages, by addresses that end in the hash.
# Static files are for our own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "project.storage.DigestStaticFilesStorage"
        if STATIC_ROOT is None
        else "project.storage.HashedStaticFilesStorage"
    },
}

# --- API ----------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotations.api.authentication.TokenAuthentication",
        "annotations.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotations.api.parsers.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "annotations.api.negotiation.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "annotations.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "annotations.api.exceptions.problem_handler",
    # the OpenAPI document says all that OPTIONS could
    "DEFAULT_METADATA_CLASS": None,
    # ?format= names an export format here; DRF would read it as a renderer and respond with 404
    "URL_FORMAT_OVERRIDE": None,
    "UNICODE_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Standpoint API",
    "DESCRIPTION": "Store articles, mark who says what and where they stand, review, export.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": _prefix or "/"}],
    "COMPONENT_SPLIT_REQUEST": True,
    # offline: the pages request nothing from another host
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # a badge from another host would say whether the document is valid
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "validatorUrl": None},
}

# --- Log ----------------------------------------------------------------------------------

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logs.logging_config(env.read_choice("LOG_LEVEL", logs.LOG_LEVELS))
