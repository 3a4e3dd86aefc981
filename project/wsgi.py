"""The WSGI application: ``gunicorn --config project/gunicorn.py project.wsgi``."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from project.env import SettingError
from project.path_prefix import PathPrefix

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
try:
    application = PathPrefix(get_wsgi_application(), settings.FORCE_SCRIPT_NAME or "")
except SettingError as error:
    print(f"Standpoint cannot start. {error}", file=sys.stderr)
    # gunicorn does not start a worker again that ends with this status.
    sys.exit(3)
# Django would import the URLs, and with them all views, in the first request of each process. Imported
# before the server forks, they are loaded once, and the processes share the memory.
import_module(settings.ROOT_URLCONF)
