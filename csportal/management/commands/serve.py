"""manage.py serve: bring the site up to date and serve it with gunicorn. What `make run` runs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.roles import sync_roles
from accounts.services.demo import create_demo_accounts
from csportal import env


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Migrate, load the starter content, build static files, make demo accounts, serve on 127.0.0.1."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port = env.number("PORT", 8000, 1, 65535)
        self.refuse_busy(port)
        call_command("compile_catalog")
        self.stdout.write(_("Preparing the database…"))
        call_command("migrate", interactive=False, verbosity=0)
        sync_roles()
        call_command("load_content")
        self.stdout.write(_("Building static files…"))
        call_command("collectstatic", interactive=False, verbosity=0)
        self.show_accounts()
        self.stdout.write(_("Serving %s  (stop with Ctrl+C)") % settings.SITE_URL)
        sys.stdout.flush()
        # It ends when this process does, which becomes gunicorn.
        work = [sys.executable, "manage.py", "work", "--parent", str(os.getpid())]
        subprocess.Popen(work, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command
        os.execv(  # noqa: S606 - our own interpreter, no shell
            sys.executable,
            [sys.executable, "-m", "gunicorn", "-c", str(settings.BASE_DIR / "gunicorn.conf.py"), "csportal.wsgi"],
        )

    def refuse_busy(self, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    _(
                        "Port %(port)d is busy or not allowed (%(why)s). Stop what uses it, or choose another: "
                        "make run PORT=8001"
                    )
                    % {"port": port, "why": error.strerror}
                ) from error

    def show_accounts(self) -> None:
        path = settings.DATA_DIR / "demo-accounts.json"
        self.stdout.write(_("Demo accounts (kept in %s):") % path)
        for account in create_demo_accounts(path):
            self.stdout.write(f"  {account['username']}  {account['password']}")
