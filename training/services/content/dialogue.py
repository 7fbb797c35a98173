"""fixtures/dialogues/: a file a dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from django.utils.translation import gettext as _

from knowledge import files
from knowledge.documents import take_status, tidy_document, with_status
from knowledge.enums import Status
from knowledge.files import FileProblem
from knowledge.services.content import Reading, Report, Write
from training.desk.documents import dialogue_problems
from training.models import Dialogue
from training.services import dialogues
from training.services.content.items import Item, Settle, card_slugs, leave, publish_item, unknown


class DialogueSection:
    """fixtures/dialogues/<slug>.yaml."""

    name = "dialogue"

    def label(self) -> str:
        return _("Dialogues")

    def read(self, reading: Reading) -> list[Item]:
        found: list[Item] = []
        for path in sorted((reading.folder / "dialogues").glob("*.yaml")):
            try:
                parsed = files.read(path)
            except FileProblem as problem:
                reading.problems.append(problem)
                continue
            document: Any = tidy_document(parsed.value) if isinstance(parsed.value, dict | list) else {}
            status, told = take_status(document) if isinstance(document, dict) else ("", [])
            item = Item(document, parsed, status=status)
            wrong = [*(item.problem(at, sentence) for at, sentence in told), *self._problems(item, reading)]
            reading.problems += wrong
            if not wrong:
                found.append(item)
        return found

    def _problems(self, item: Item, reading: Reading) -> Iterator[FileProblem]:
        document = item.document
        if wrong := dialogue_problems(document):
            yield from (item.problem(at, sentence) for at, sentence in wrong)
            return
        if document["slug"] != item.parsed.path.stem:
            yield item.problem(("slug",), _("the slug must be the file's name"))
        for at, sentence in unknown(document["facts"], reading.facts, "facts"):
            yield item.problem(at, sentence)
        for number, slug in enumerate(document["cards"]):
            if slug not in reading.cards:
                yield item.problem(("cards", number), _("Unknown card: %s") % slug)

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        there = {dialogue.slug: dialogue for dialogue in Dialogue.objects.all()}
        settle, cards = Settle(self.name, force, report), card_slugs()
        for item in data:
            slug = item.document["slug"]
            if not cards.issuperset(item.document["cards"]):
                leave(slug, there, report)
            else:
                found = there.get(slug)
                settle(slug, item, found, lambda: publish_item(dialogues, item, found))  # noqa: B023

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths = []
        known = card_slugs()
        for dialogue in Dialogue.objects.exclude(status=Status.RETIRED):
            if not known.issuperset(dialogue.document["cards"]):
                continue  # it could not be loaded again: it waits here until a trainer has looked at it
            path = folder / "dialogues" / f"{dialogue.slug}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, files.dump(with_status(dialogue.to_document(), dialogue.status)))
            paths.append(path)
        return paths
