"""fixtures/lessons/: a Markdown file each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from django.utils.translation import gettext as _

from knowledge import files
from knowledge.enums import Status
from knowledge.files import FileProblem
from knowledge.services.content import Reading, Report, Write
from training.documents import lesson_problems, places
from training.exchange import lesson_files
from training.models import Course, Lesson
from training.services import lessons
from training.services.content.items import (
    Item,
    Settle,
    card_slugs,
    leave,
    publish_item,
    unknown,
)


class LessonSection:
    """fixtures/lessons/<course>/<nn>-<slug>.md: YAML between two lines of ---, then Markdown."""

    name = "lesson"

    def label(self) -> str:
        return _("Lessons")

    def read(self, reading: Reading) -> list[Item]:
        found: list[Item] = []
        seen: dict[str, str] = {}
        for path in sorted((reading.folder / "lessons").glob("*/*.md")):
            try:
                item = self._item(path)
            except FileProblem as problem:
                reading.problems.append(problem)
                continue
            reading.problems += self._problems(item, reading)
            slug = item.document["slug"]
            if (other := seen.setdefault(slug, path.parent.name)) != path.parent.name:
                sentence = _("%(slug)s is used by %(other)s") % {"slug": slug, "other": other}
                reading.problems.append(FileProblem(path, 1, sentence))
            found.append(item)
        return found

    def _item(self, path: FilePath) -> Item:
        found = lesson_files.with_matter(path, files.read_text(path))
        return Item(found.document, found.parsed, status=found.status)

    def _problems(self, item: Item, reading: Reading) -> Iterator[FileProblem]:
        document = item.document
        wrong = lesson_problems(document)
        for at, sentence in wrong or unknown(document["facts"], reading.facts, "facts"):
            yield item.problem(at, sentence)
        for number, line in enumerate(document["body"].split("\n")):
            for kind, slug in places(line):
                if kind == "card" and slug not in reading.cards:
                    yield item.problem(("body", number), _("Unknown card: %s") % slug)

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        there = {lesson.slug: lesson for lesson in Lesson.objects.select_related("course")}
        settle = Settle(self.name, force, report)
        courses, cards = set(Course.objects.values_list("code", flat=True)), card_slugs()
        for item in data:
            slug = item.document["slug"]
            named = {part for kind, part in places(item.document["body"]) if kind == "card"}
            if item.document["course"] not in courses or named - cards:
                leave(slug, there, report)
            else:
                found = there.get(slug)
                settle(slug, item, found, lambda: publish_item(lessons, item, found))  # noqa: B023

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths = []
        for lesson in Lesson.objects.exclude(status=Status.RETIRED).select_related("course").order_by("slug"):
            document = lesson.to_document()
            path = folder / "lessons" / lesson_files.name_of(document)
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, lesson_files.dump(document, lesson.status))
            paths.append(path)
        return paths
