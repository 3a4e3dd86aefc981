"""How gunicorn serves the service: ``gunicorn --config project/gunicorn.py project.wsgi``."""

from __future__ import annotations

import sys

from project import env

try:
    bind = f"{env.text('BIND_ADDRESS')}:{env.integer('PORT', least=1, most=65_535)}"
    workers = env.integer("WEB_WORKERS", least=1, most=64)
    threads = env.integer("WEB_THREADS", least=1, most=64)
except env.BadSetting as error:
    sys.exit(f"Standpoint cannot start. {error}")

worker_class = "gthread"
# Load once and fork: a faster start, and the processes share the memory of the code.
preload_app = True
# The heartbeat of a worker; a long import or export does not count against it in gthread.
timeout = 60
# How long a request may still run when the server is told to stop.
graceful_timeout = 30
keepalive = 5
# The control socket wants a writable home, which a read-only container does not have.
control_socket_disable = True
