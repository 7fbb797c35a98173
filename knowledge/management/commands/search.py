"""manage.py search: the site's search on the command line, as everyone sees it."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.search.results import Results


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Search the published cards, exactly as the site does for everyone.")
        parser.add_argument("query", nargs="?", help=_("search words, or a customer's message"))
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true", help=_("one JSON object instead of lines"))
        parser.add_argument("--stdin", action="store_true", help=_("a query a line in, a JSON object a line out"))

    def handle(self, *args: Any, **options: Any) -> None:
        limit = max(1, options["limit"])
        if options["stdin"]:
            self._lines(limit)
        elif options["query"] is None:
            raise CommandError(_("Give a query, or --stdin."))
        else:
            results = engine.find(options["query"], Viewer(), limit=limit)
            self._as_json(options["query"], results) if options["json"] else self._as_text(results)

    def _lines(self, limit: int) -> None:
        # Bytes, so that a line that is no UTF-8 is answered like any other.
        source = getattr(sys.stdin, "buffer", None)
        for line in source if source is not None else sys.stdin:
            text = line.decode("utf-8", "replace") if isinstance(line, bytes) else line
            query = text.rstrip("\r\n")
            self._as_json(query, engine.find(query, Viewer(), limit=limit))

    def _as_json(self, query: str, results: Results) -> None:
        answer = {"query": query, "hits": [hit.slug for hit in results.hits]}
        self.stdout.write(json.dumps(answer, ensure_ascii=_is_odd(query)))
        self.stdout.flush()

    def _as_text(self, results: Results) -> None:
        for hit in results.hits:
            reason = "" if hit.phrase in ("", hit.title) else f"  {hit.phrase}"
            self.stdout.write(f"{hit.slug}  {hit.title}{reason}")
        if not results.hits:
            self.stdout.write(_("Nothing found."))


def _is_odd(query: str) -> bool:
    """Whether UTF-8 cannot carry the query as it is (lone surrogates): then it is written in ASCII."""
    return any("\ud800" <= char <= "\udfff" for char in query)
