"""manage.py coverage: every fact with the lessons that teach it and the questions that test it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from training.services import coverage


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Print every fact with its lessons and questions; end with an error when one has none.")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = coverage.table()
        self.stdout.write("\t".join([_("fact"), _("course"), _("lessons"), _("questions"), _("by card"), _("missing")]))
        for row in rows:
            cells = [row.fact, row.course, *(" ".join(part) for part in (row.lessons, row.questions, row.by_card))]
            self.stdout.write("\t".join([*cells, row.missing]))
        bare = [row.fact for row in rows if row.missing]
        self.stdout.write(_("%(all)d facts, %(bare)d not covered.") % {"all": len(rows), "bare": len(bare)})
        if bare:
            raise CommandError(_("Not covered: %s") % "、".join(bare))
