"""manage.py import_staff FILE.csv [--dry-run]"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError
from django.utils.translation import gettext as _

from accounts.services import staff_import


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Add or update people from a CSV file. Nobody gets a password: hand out sign-in slips.")
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument("--dry-run", action="store_true", help=_("Report only, write nothing."))

    def handle(self, *, file: str, dry_run: bool, **options: Any) -> None:
        path = Path(file)
        try:
            parsed, outcome = staff_import.run(read(path), dry_run=dry_run)
        except IntegrityError as error:
            raise CommandError(_("Somebody changed people meanwhile. Nothing was written; run it again.")) from error
        for line in staff_import.report(path.name, parsed, outcome):
            self.stdout.write(line)
        if outcome.problems:
            raise CommandError(_("Nothing was written. Correct the rows above and run it again."))
        self.stdout.write(_("Dry run: nothing was written.") if dry_run else _("Written."))


def read(path: Path) -> bytes:
    """The file's bytes, one more than allowed at most. Raises CommandError when it cannot be read."""
    try:
        with path.open("rb") as handle:
            return handle.read(staff_import.MAX_BYTES + 1)
    except OSError as error:
        values = {"file": path, "error": error.strerror}
        raise CommandError(_("%(file)s cannot be read: %(error)s.") % values) from error
