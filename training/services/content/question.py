"""fixtures/questions/: a file a course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path as FilePath

from django.utils.translation import gettext as _

from knowledge.documents import Document, take_status, with_status
from knowledge.enums import Course as CourseCode
from knowledge.enums import Status
from knowledge.files import FileProblem
from knowledge.models import Card
from knowledge.services.content import Reading, Report, Write
from training.documents import question_problems
from training.enums import QuestionType
from training.models import Question
from training.services import drawing, questions
from training.services.content.items import (
    Item,
    Settle,
    export_list,
    leave,
    listed,
    publish_item,
    unknown,
)


def _leans_on(document: Document) -> set[tuple[str, str | None]]:
    """The card of a question, and the lines of it that a better reply is asked with: (slug, code or None)."""
    card = document.get("card", "")
    lines = [option["line"] for option in document["options"]] if document["type"] == QuestionType.BETTER else []
    return {(card, part) for part in (None, *lines)} if card else set()


def _parts_of_cards() -> set[tuple[str, str | None]]:
    """What questions may lean on: every card there is, published or not, and each of its lines."""
    rows = set(Card.objects.values_list("slug", "lines__code"))
    return rows | {(slug, None) for slug, _code in rows}


class QuestionSection:
    """fixtures/questions/<course>.yaml."""

    name = "question"

    def label(self) -> str:
        return _("Questions")

    def read(self, reading: Reading) -> list[Item]:
        found: list[Item] = []
        for code in CourseCode.values:
            for read in listed(reading, f"questions/{code}.yaml", "questions", None):
                status, wrong = take_status(read.document)
                item = replace(read, status=status)
                reading.problems += [item.problem(at, sentence) for at, sentence in wrong]
                reading.problems += self._problems(item, code, reading)
                found.append(item)
        reading.problems += [
            FileProblem(path, 1, _("%r is no course") % path.stem)
            for path in sorted((reading.folder / "questions").glob("*.yaml"))
            if path.stem not in CourseCode.values
        ]
        seen: set[str] = set()
        for item in found:
            name = str(item.document.get("id"))
            if name in seen:
                reading.problems.append(item.problem(("id",), _("%r stands here twice") % name))
            seen.add(name)
        return found

    def _problems(self, item: Item, course: str, reading: Reading) -> Iterator[FileProblem]:
        document = item.document
        if wrong := question_problems(document):
            yield from (item.problem(at, sentence) for at, sentence in wrong)
            return
        if not document["id"].startswith(f"{course}-"):
            yield item.problem(("id",), _("the id begins with the course: %s-") % course)
        for at, sentence in unknown(document["facts"], reading.facts, "facts"):
            yield item.problem(at, sentence)
        card = document.get("card", "")
        if card and card not in reading.cards:
            yield item.problem(("card",), _("Unknown card: %s") % card)
        elif document["type"] == QuestionType.BETTER:
            for number, option in enumerate(document["options"]):
                if option["line"] not in reading.cards[card]:
                    yield item.problem(("options", number, "line"), _("Not a line of this card: %s") % option["line"])

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        there = {question.code: question for question in Question.objects.select_related("card")}
        settle, parts = Settle(self.name, force, report), _parts_of_cards()
        for item in data:
            code = item.document["id"]
            if not _leans_on(item.document) <= parts:
                leave(code, there, report)
            else:
                found = there.get(code)
                settle(code, item, found, lambda: publish_item(questions, item, found, item.parsed.path.stem))  # noqa: B023

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths: list[FilePath] = []
        rows = Question.objects.exclude(status=Status.RETIRED).select_related("card").order_by("course", "code")
        # A reply whose line is gone could not be loaded again: it waits here until a trainer has looked at it.
        for course, group in groupby(drawing.askable(rows), lambda question: question.course):
            path = folder / "questions" / f"{course}.yaml"
            paths += export_list(
                path, "questions", [with_status(question.to_document(), question.status) for question in group], write
            )
        return paths
