"""How the site is served: 2 processes x 4 threads, on this machine's own address only."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 10
# The path without its query string: queries are customers' words.
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(b)s %(M)sms"
# gunicorn 27 opens a control socket under the home folder unless told not to.
control_socket_disable = True
