"""GIFT and Moodle XML as two more ways to write questions. What finds no place here is told on the import's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from knowledge.documents import Document, in_words
from knowledge.enums import Course as CourseCode
from knowledge.models import Line
from knowledge.services.exchange.registry import Entry, Format, Row
from knowledge.tables import csv
from knowledge.tables.guard import MAX_UPLOAD, Refused, too_large
from knowledge.text import fill_defaults
from training.documents import question_problems
from training.exchange import gift, gift_writing, losses, moodle_xml, moodle_xml_writing
from training.exchange.mapping import Course, Mapped, mapped
from training.exchange.moodle import Asked
from training.exchange.xml_tree import Unreadable
from training.models import Course as CourseRow

Reader = Callable[[str], Iterable[Asked]]


def reading(read: Reader) -> Callable[..., Iterator[Row]]:
    """`read` of a Format: every question, with what of it finds no place here.

    `course` is the code of the course for questions whose category names none.
    """

    def rows(data: bytes, notes: list[str], course: str = "") -> Iterator[Row]:
        named = courses()
        found = mapped(read(_text(data, notes)), named, named.get(course), wrong, line_texts())
        try:
            yield from (row for one in found if (row := _row(one)))
        except Unreadable as error:
            raise Refused(str(losses.UNREADABLE[error.code]) % {"line": error.line}) from error

    return rows


def _text(data: bytes, notes: list[str]) -> str:
    if len(data) > MAX_UPLOAD:
        raise too_large(MAX_UPLOAD)
    text, encoding = csv.decode(data)
    if encoding == "GB18030":
        notes.append(_("Read as GB18030: look whether the Chinese below reads as it should."))
    return text.removeprefix("\ufeff")


def _row(found: Mapped) -> Row | None:
    """The question, or why there is none; nothing for a heading of which nothing is lost."""
    told = losses.sentences(found.losses)
    if found.broken:
        sentence = str(losses.BROKEN[found.broken])
        problem = sentence % found.why if "%s" in sentence else sentence
        return Row(found.line, found.label, None, [(_("line %d") % found.line, problem)], named=told)
    if found.document is None:
        return Row(found.line, found.label, None, [], named=told) if told else None
    beside = {"course": found.course} | ({"status": found.status} if found.status else {})
    return Row(found.line, found.document["id"], found.document, [], beside, named=told)


def courses() -> dict[str, Course]:
    """Courses by code, by title and by their names in both languages. One query."""
    found: dict[str, Course] = {}
    for code, title, competency in CourseRow.objects.values_list("code", "title", "competency"):
        course = Course(code, competency)
        found |= dict.fromkeys((code, title), course)
        for language in ("en", "zh-hans"):
            with override(language):
                found.setdefault(str(CourseCode(code).label), course)
    return found


def wrong(document: Document) -> str:
    """Why a question cannot be asked here, or nothing."""
    return "; ".join(in_words(question_problems(document)))


def line_texts() -> dict[str, str]:
    """The words of every line by its code, as a question shows them. One query."""
    return {code: fill_defaults(text) for code, text in Line.objects.values_list("code", "text")}


def writing(part: Any, head: str = "", foot: str = "") -> Callable[[Iterable[Entry]], Iterator[bytes]]:
    """`write` of a Format: a category for each course, its questions under it."""

    def pieces(entries: Iterable[Entry]) -> Iterator[bytes]:
        texts, course = line_texts(), None
        yield head.encode()
        for entry in entries:
            if (of := entry.beside.get("course", "")) != course:
                course = of
                yield part.category(course).encode()
            yield part.write(entry.document, texts, entry.beside.get("status", "")).encode()
        yield foot.encode()

    return pieces


GIFT = Format(
    name="gift",
    label="GIFT",
    extensions=(".gift", ".txt"),
    content_type="text/plain; charset=utf-8",
    read=reading(gift.read),
    wants_course=True,
    write=writing(gift_writing),
    limit=MAX_UPLOAD,
)
MOODLE_XML = Format(
    name="moodle-xml",
    label=gettext_lazy("Moodle XML"),
    extensions=(".xml",),
    content_type="application/xml",
    read=reading(moodle_xml.read),
    wants_course=True,
    write=writing(moodle_xml_writing, moodle_xml_writing.HEAD, moodle_xml_writing.FOOT),
    limit=MAX_UPLOAD,
)


def beside(tables: Iterable[Format]) -> list[Format]:
    """The tables with both between them: a .txt is what Moodle calls its GIFT, and no table of questions."""
    return [
        *(replace(one, extensions=tuple(e for e in one.extensions if e != ".txt")) for one in tables),
        GIFT,
        MOODLE_XML,
    ]
