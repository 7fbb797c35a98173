"""manage.py work: what goes on beside the requests. `make run` starts it beside gunicorn."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from knowledge.services import chores

PAUSE = 2.0  # seconds
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Run imports, scheduled publications, mails and other regular work until stopped.")
        parser.add_argument("--once", action="store_true", help=_("Do what is due now and stop."))

    def handle(self, *, once: bool, **options: Any) -> None:
        parent = os.getppid()
        while True:
            close_old_connections()
            try:
                call_command("db_worker", batch=True, interval=0, startup_delay=False)
                chores.run_due(timezone.now())
            except Exception:
                if once:
                    raise
                logger.exception("The worker goes on after an error")
            # Without its parent, the server, nobody would stop it.
            if once or os.getppid() != parent:
                return
            time.sleep(PAUSE)
