"""manage.py check_search: does the index say what the database says?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from knowledge.search.index import Key, fingerprints
from knowledge.search.indexed import all_documents

_SHOWN = 10


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _(
            "Compare the search index with the database, document by document; exit code 1 when they differ."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {(document.kind, document.object_id): document.content_hash for document in all_documents()}
        stored = {key: found[0] for key, found in fingerprints().items()}
        problems = [
            (_("missing"), sorted(wanted.keys() - stored.keys())),
            (_("left over"), sorted(stored.keys() - wanted.keys())),
            (_("outdated"), sorted(key for key in wanted.keys() & stored.keys() if wanted[key] != stored[key])),
        ]
        if sentences := [_sentence(what, keys) for what, keys in problems if keys]:
            raise CommandError(
                _("The search index differs from the database: %s. Run rebuild_search.") % "; ".join(sentences)
            )
        self.stdout.write(_("The search index agrees with the database: %(count)d documents.") % {"count": len(wanted)})


def _sentence(what: str, keys: list[Key]) -> str:
    """How many of one sort, and the first few by name."""
    names = ", ".join(f"{kind} {pk}" for kind, pk in keys[:_SHOWN])
    return f"{what} {len(keys)} ({names}{', …' if len(keys) > _SHOWN else ''})"
