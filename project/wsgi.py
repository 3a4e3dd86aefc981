"""The WSGI application: ``gunicorn --config project/gunicorn.py project.wsgi``."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from project.env import BadSetting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
try:
    application = get_wsgi_application()
except BadSetting as error:
    print(f"Standpoint cannot start. {error}", file=sys.stderr)
    # By this status gunicorn knows that starting the worker again would not help.
    sys.exit(3)
# Django would load the addresses, and with them every view, in the first request of each process.
# Here it happens once, before the server forks, and the memory is shared.
import_module(settings.ROOT_URLCONF)
