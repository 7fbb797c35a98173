"""manage.py work: what goes on beside the requests. `make run` starts it beside gunicorn."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from knowledge.services import chores

PAUSE = 2.0  # seconds
GRACE = 5.0  # seconds between being asked to stop and being stopped, when the server has gone
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Run imports, scheduled publications, mails and other regular work until stopped.")
        parser.add_argument("--once", action="store_true", help=_("Do what is due now and stop."))
        parser.add_argument("--parent", type=int, help=_("The process with which this one ends."))

    def handle(self, *, once: bool, parent: int | None, **options: Any) -> None:
        if once:
            work_off()
            return
        # Without its parent, the server, nobody would stop it.
        threading.Thread(target=end_with, args=[parent or os.getppid()], daemon=True).start()
        while True:
            close_old_connections()
            try:
                work_off()
            except Exception:
                logger.exception("The worker goes on after an error")
            time.sleep(PAUSE)


def work_off() -> None:
    """The tasks that wait, then the chores that are due. The queue takes the database's write lock to look for a task,
    so it is asked only when there is one."""
    if DBTaskResult.objects.ready().exists():
        call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False)
    chores.run_due(timezone.now())


def end_with(parent: int) -> None:
    """Wait until the parent has gone, then stop this process: kindly, and a moment later in the middle of whatever it
    does. What it had not committed is rolled back."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
