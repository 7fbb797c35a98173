"""manage.py check_reply: the reply checker on the command line, by exactly the site's rules."""

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils.translation import gettext as _

from knowledge.checker.engine import CompiledRule, check, codes, verdict
from knowledge.models import WordingRule
from knowledge.services import checking


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Judge replies by the rules of the site. Where its database holds none yet, by those of the starter "
            "content, and stderr says so."
        )
        parser.add_argument("reply", nargs="?", help=_("a reply"))
        parser.add_argument("--stdin", action="store_true", help=_("a reply a line in, a JSON object a line out"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reply"] is None and not options["stdin"]:
            raise CommandError(_("Give a reply, or --stdin."))
        if hasattr(self.stdout, "reconfigure"):
            # Chinese goes out whole whatever the terminal speaks, half a sign as JSON would escape it.
            self.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
        rules = self._rules()
        for reply in _lines() if options["stdin"] else [options["reply"]]:
            found = check(reply, rules)
            told = {"reply": reply, "codes": codes(found), "verdict": verdict(found).value}
            self.stdout.write(json.dumps(told, ensure_ascii=False))

    def _rules(self) -> tuple[CompiledRule, ...]:
        try:
            if WordingRule.objects.exists():
                return checking.current_rules().compiled
        except DatabaseError:
            pass  # no table yet: a clone that has never run
        self.stderr.write(_("The database holds no rules yet: these are the rules of the starter content."))
        return checking.starter_rules(settings.CONTENT_DIR)


def _lines() -> Iterator[str]:
    """Bytes, so that a line that is no UTF-8 is answered like any other."""
    source = getattr(sys.stdin, "buffer", None)
    for line in source if source is not None else sys.stdin:
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
        yield text.rstrip("\r\n")
