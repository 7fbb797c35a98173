"""manage.py compile_catalog: .po to .mo, so that no machine needs GNU gettext."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation.reloader import translation_file_changed


def compile_all(folder: Path) -> list[Path]:
    """Compile each .po under folder that is newer than its .mo. Returns the .mo files written."""
    written = []
    for source in sorted(folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            # Test workers compile at the same time: none may read what another has half written.
            partial = target.with_suffix(f".{os.getpid()}")
            polib.pofile(str(source)).save_as_mofile(str(partial))
            partial.replace(target)
            written.append(target)
    return written


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Compile the message catalogues that have changed.")

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for path in compile_all(folder):
                # What this process says next, on a machine's first run, is already in the reader's language.
                translation_file_changed(None, path)
                self.stdout.write(f"{path.relative_to(folder)}")
