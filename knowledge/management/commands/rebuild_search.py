"""manage.py rebuild_search: the index made anew beside the live one, and swapped in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from knowledge.search.index import rebuild
from knowledge.search.indexed import all_documents, documents_of


class Command(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.description = _("Build the search index anew from the database; searches go on meanwhile.")

    def handle(self, *args: Any, **options: Any) -> None:
        count = rebuild(all_documents(), reload=documents_of)
        self.stdout.write(_("%(count)d documents indexed.") % {"count": count})
