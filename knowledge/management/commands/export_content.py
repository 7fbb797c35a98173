"""manage.py export_content: write the content back in the form load_content reads."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.services import content


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Write cards, courses, lessons, questions and paths under FOLDER, in the form load_content reads."
        )
        parser.add_argument("folder", nargs="?", type=Path, default=settings.CONTENT_DIR)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            paths = content.export(options["folder"])
        except OSError as error:
            raise CommandError(
                _("Export stopped: %s. Files already written are whole; the rest are as they were.") % error
            ) from error
        audit.note(None, audit.Action.EXPORTED, kind="content", detail=_("%d files") % len(paths))
        self.stdout.write(
            _("%(count)d files written to %(folder)s") % {"count": len(paths), "folder": options["folder"]}
        )
