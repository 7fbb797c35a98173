"""How the site is served: 2 processes x 4 threads, on this machine's own address only."""

import gc
import os
from typing import Any

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
# The site is loaded once, and the workers share its pages for as long as nobody writes to them.
preload_app = True
timeout = 60
graceful_timeout = 10
# The path without its query string: queries are customers' words.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(b)s %(M)sms"
# gunicorn 27 opens a control socket under the home folder unless told not to.
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Before the first fork: load what every worker would load by itself, and take it out of the collector's sight.

    The collector writes into each object it looks at, and what is written to is shared no longer
    (docs/decisions/0011-memory.md). No database connection is left open here, so none is carried over.
    """
    from django.conf import settings
    from django.contrib.messages.storage import fallback  # noqa: F401 - else imported by the first request
    from django.db import connection
    from django.template import engines
    from django.urls import reverse
    from django.utils import formats, translation

    from knowledge.services import checking

    engine = engines["django"].engine
    engine.template_libraries, engine.template_loaders, engine.template_context_processors  # noqa: B018
    connection.ops.compiler("SQLCompiler")
    with translation.override(settings.LANGUAGE_CODE):
        reverse("home")  # the views and all they import, and the addresses by their names
        formats.get_format("DATE_FORMAT")
    checking.warm()
    gc.collect()
    gc.freeze()
