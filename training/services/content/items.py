"""What the sections share: an item of a file, what becomes of it, and how lists of them are read and written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from knowledge import files
from knowledge.documents import Document, digest, has_control, tidy_document
from knowledge.files import FileProblem, Parsed
from knowledge.models import Card, Tombstone
from knowledge.services.content import ContentProblems, Reading, Report, Write
from training.enums import QuizKind
from training.models import Quiz

COURSE_PASS_MARK = 80


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a file, and how to name a place in it."""

    document: Document
    parsed: Parsed
    at: tuple[str | int, ...] = ()
    status: str = ""  # where the file says that it is not published

    def problem(self, at: tuple[str | int, ...], sentence: str) -> FileProblem:
        return self.parsed.problem((*self.at, *at), sentence)


class Settle:
    """What becomes of one item after another: the same, kept, left deleted, or written by `save`."""

    def __init__(self, kind: str, force: set[str], report: Report) -> None:
        self.kind, self.force, self.report = kind, force, report
        self.buried = set(Tombstone.objects.filter(kind=kind).values_list("slug", flat=True))

    def __call__(self, slug: str, item: Item, found: Any, save: Callable[[], Any]) -> None:
        wanted = digest(item.document)
        if found is None and slug in self.buried and slug not in self.force:
            self.report.deleted.append(slug)
            return
        current = digest(found.to_document()) if found else ""
        if current == wanted:
            if found.loaded_hash != wanted:
                self._remember(found, wanted)
            self.report.same.append(slug)
            return
        if found and slug not in self.force and current != found.loaded_hash:
            self.report.kept.append(slug)
            return
        try:
            written = save()
        except ValidationError as error:
            raise ContentProblems([item.problem((), " ".join(error.messages))]) from error
        self._remember(written, wanted)
        if slug in self.buried:
            Tombstone.objects.filter(kind=self.kind, slug=slug).delete()
        (self.report.updated if found else self.report.created).append(slug)

    def _remember(self, written: Any, wanted: str) -> None:
        type(written).objects.filter(pk=written.pk).update(loaded_hash=wanted)


def publish_item(service: Any, item: Item, found: Any, *place: str) -> Any:
    """Make the item's document live by the service of its kind (training.services.lessons or questions). The status of
    a file is that of something new; what is there keeps its own."""
    status = "" if found else item.status
    return service.save_document(item.document, *place, reason=_("Starter content"), status=status)


def leave(slug: str, there: Mapping[str, Any], report: Report) -> None:
    """A card or course it stands on was deleted in this shop: the item waits with it, and says so."""
    (report.kept if slug in there else report.deleted).append(slug)


def card_slugs() -> set[str]:
    """Of the cards there are, published or not: what lessons and questions may stand on."""
    return set(Card.objects.values_list("slug", flat=True))


def write_quiz(slug: str, title: str, *, rules: list[dict[str, Any]], **values: Any) -> Quiz:
    """The quiz with this slug. On an update what the files do not say stays as it is: the attempts allowed, and a
    trainer's finer rules, as long as they draw as many from the same courses."""
    quiz = Quiz.objects.filter(slug=slug).first() or Quiz(slug=slug, kind=QuizKind.COURSE, pass_mark=COURSE_PASS_MARK)
    quiz.title = title
    if _in_short(quiz.rules) != _in_short(rules):
        quiz.rules = rules
    for key, value in values.items():
        setattr(quiz, key, value)
    quiz.clean_fields(exclude=["course"])
    quiz.save()
    return quiz


def _in_short(rules: list[dict[str, Any]]) -> dict[str, int]:
    """What a file says of draw rules: how many questions of each course."""
    counts: Counter[str] = Counter()
    for rule in rules:
        counts[rule.get("course") or ""] += int(rule["count"])
    return dict(counts)


def listed(reading: Reading, name: str, key: str, keys: tuple[str, ...] | None) -> Iterator[Item]:
    """The documents of a file that holds one list under `key`; nothing when there is no such file."""
    path = reading.folder / name
    if not path.exists():
        return
    try:
        parsed = files.read(path)
    except FileProblem as problem:
        reading.problems.append(problem)
        return
    rows = parsed.value.get(key) if isinstance(parsed.value, dict) and list(parsed.value) == [key] else None
    if not isinstance(rows, list):
        reading.problems.append(parsed.problem((), _("the one key here is %r") % key))
        return
    for at, row in enumerate(rows):
        if not isinstance(row, dict) or (keys and set(row) != set(keys)):
            told = _("the keys here are %s") % "、".join(keys or ("id", "type", "…"))
            reading.problems.append(parsed.problem((key, at), told))
        else:
            yield Item(tidy_document(row), parsed, (key, at))


def export_list(path: FilePath, key: str, documents: list[Document], write: Write) -> list[FilePath]:
    """Write the file that `listed` reads. Returns its path, or nothing where there is nothing to write."""
    if not documents:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, files.dump({key: documents}))
    return [path]


Wrong = list[tuple[tuple[str | int, ...], str]]


def text_problems(document: Document, keys: tuple[str, ...]) -> Wrong:
    """The keys that hold no text, or one with control characters."""
    return [
        ((key,), _("a text is needed here"))
        for key in keys
        if not isinstance(document[key], str) or not document[key] or has_control(document[key])
    ]


def number_problems(document: Document, keys: tuple[str, ...]) -> Wrong:
    """Whole numbers without leading zeros, so that the file reads back as it was."""
    return [
        ((key,), _("a whole number is needed here"))
        for key in keys
        if not isinstance(document[key], str) or not re.fullmatch(r"0|[1-9][0-9]{0,4}", document[key])
    ]


def unknown(names: Any, among: Any, key: str) -> Wrong:
    """What of a list of names is none of `among`, or stands there twice."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [((key,), _("a list is needed here"))]
    unknown: Wrong = [((key, at), _("%r is not known") % name) for at, name in enumerate(names) if name not in among]
    return unknown + [
        ((key, at), _("%r stands here twice") % name) for at, name in enumerate(names) if name in names[:at]
    ]


def choices_told(value: Any, choices: Any) -> dict[str, Any]:
    """For the sentence that a value is none of the choices."""
    return {"value": value, "choices": ", ".join(choices.values)}
