"""manage.py update_catalog: bring the message catalogues in line with the code, without GNU gettext."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from csportal import catalog


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Bring the message catalogues in line with the code; translations are kept.")
        parser.add_argument(
            "--check",
            action="store_true",
            help=_("Write nothing; exit code 1 when something is missing, fuzzy, left over or out of date."),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            messages = catalog.collect()
        except catalog.Uncollectable as error:
            raise CommandError(str(error)) from error
        problems = []
        for language in catalog.languages():
            path = catalog.path_of(language)
            old = catalog.read(path)
            new = catalog.follow(old, messages.values(), language)
            missing = catalog.untranslated(new)
            if options["check"] and str(new) != str(old):
                problems.append(_("%s does not match the code: run `make catalog`.") % path.name)
            if not options["check"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"{new}\n", encoding="utf-8", newline="\n")
            self.report(language, len(new), missing)
            if missing:
                text = ngettext(
                    "%(count)d message has no translation.", "%(count)d messages have no translation.", len(missing)
                )
                problems.append(text % {"count": len(missing)})
        if options["check"] and problems:
            raise CommandError(" ".join(problems))

    def report(self, language: str, count: int, missing: list[str]) -> None:
        text = _("%(language)s: %(count)d messages, %(missing)d without translation.")
        self.stdout.write(text % {"language": language, "count": count, "missing": len(missing)})
        for message in missing:
            self.stdout.write(f"  {message}")
