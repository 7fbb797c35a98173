"""manage.py load_content: bring the starter content in, keeping what trainers edited."""

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
            "Load cards, facts, compliance notes, synonyms, courses, lessons, questions and paths from a folder; "
            "all or nothing, safe to repeat."
        )
        parser.add_argument("folder", nargs="?", type=Path, default=settings.CONTENT_DIR)
        parser.add_argument(
            "--force", action="append", default=[], metavar="SLUG", help=_("take the file's text anyway")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = content.load(options["folder"], options["force"])
        except content.ContentProblems as error:
            raise CommandError(_("Nothing was changed. %s") % f"\n{error}") from error
        self.write_down(report)
        self.stdout.write(
            _("Cards: %(new)d new, %(updated)d updated, %(same)d unchanged.")
            % {"new": len(report.created), "updated": len(report.updated), "same": len(report.same)}
        )
        self.show_left(report)
        for section in content.sections():
            if done := report.sections.get(section.name):
                self.stdout.write(
                    _("%(what)s: %(new)d new, %(updated)d updated, %(same)d unchanged.")
                    % {
                        "what": section.label(),
                        "new": len(done.created),
                        "updated": len(done.updated),
                        "same": len(done.same),
                    }
                )
                self.show_left(done)

    def write_down(self, report: content.Report) -> None:
        """Into the audit log, if anything is different now: loading the same again is no news."""
        done = [report, *report.sections.values()]
        if changed := sum(len(one.created) + len(one.updated) for one in done):
            audit.note(None, audit.Action.IMPORTED, kind="content", detail=_("%d items") % changed)

    def show_left(self, report: content.Report) -> None:
        if report.kept:
            self.stdout.write(_("Kept as trainers edited them: %s") % "、".join(report.kept))
        if report.deleted:
            self.stdout.write(_("Left deleted: %s") % "、".join(report.deleted))
