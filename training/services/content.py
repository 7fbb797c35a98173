"""Starter courses, lessons, questions and paths: sections of the loader in knowledge.services.content."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from knowledge import files
from knowledge.documents import SLUG, Document, digest, has_control, tidy_document
from knowledge.enums import Competency, Status
from knowledge.enums import Course as CourseCode
from knowledge.files import FileProblem, Parsed
from knowledge.models import Card, Tombstone
from knowledge.search.indexed import mark
from knowledge.services.content import ContentProblems, Reading, Report, Write
from training.documents import LESSON_KEYS, lesson_problems, places, question_problems
from training.enums import CourseKind, QuestionType, QuizKind
from training.models import Course, Lesson, Path, PathCourse, Question, Quiz
from training.services import lessons, questions

MATTER = ("title", "minutes", "facts", "takeaways", "checks")
LESSON_FILE = re.compile(r"(\d{2})-([a-z0-9-]+)\.md\Z", re.ASCII)
COURSE_KEYS = ("code", "title", "kind", "competency", "summary", "questions", "needs")
PATH_KEYS = ("slug", "title", "summary", "courses", "exam")
EXAM_KEYS = ("questions", "pass", "minutes", "cooldown_hours")
COURSE_PASS_MARK = 80


@dataclass(frozen=True, slots=True)
class Item:
    """One document of a file, and how to name a place in it."""

    document: Document
    parsed: Parsed
    at: tuple[str | int, ...] = ()

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


class CourseSection:
    """fixtures/courses.yaml: each course with the quiz that ends it."""

    name = "course"

    def label(self) -> str:
        return _("Courses")

    def read(self, reading: Reading) -> list[Item]:
        found = list(_listed(reading, "courses.yaml", "courses", COURSE_KEYS))
        known: list[str] = []
        for item in found:
            course = item.document
            wrong = _text_problems(course, ("code", "title", "summary"))
            for key, choices in (("code", CourseCode), ("kind", CourseKind), ("competency", Competency)):
                if course[key] not in choices.values:
                    wrong.append(((key,), _("%(value)r is none of %(choices)s") % _choices(course[key], choices)))
            wrong += _number_problems(course, ("questions",))
            wrong += _unknown(course["needs"], known, "needs")
            if course["code"] in known:
                wrong.append((("code",), _("%r stands here twice") % course["code"]))
            if not wrong:
                course["needs"].sort(key=known.index)  # the database keeps no order of its own here
            reading.problems += [item.problem(at, sentence) for at, sentence in wrong]
            if isinstance(course["code"], str):
                known.append(course["code"])
        return found

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        """Courses stand in the file before those that need them, so that one pass finds all."""
        there = {course.code: course for course in Course.objects.select_related("quiz").prefetch_related("needs")}
        settle = Settle(self.name, force, report)
        for position, item in enumerate(data, 1):
            found = there.get(item.document["code"])
            settle(item.document["code"], item, found, lambda: self._save(item, found, position))  # noqa: B023

    def _save(self, item: Item, found: Course | None, position: int) -> Course:
        document = item.document
        course = found or Course(code=document["code"], status=Status.PUBLISHED, position=position)
        for key in ("title", "kind", "competency", "summary"):
            setattr(course, key, document[key])
        course.clean_fields()
        course.save()
        course.needs.set(Course.objects.filter(code__in=document["needs"]))
        _write_quiz(
            course.code,
            f"{course.title}小测",
            course=course,
            rules=[{"course": course.code, "count": int(document["questions"])}],
        )
        for lesson in course.lessons.all():  # its competency is part of their index rows
            mark(lesson)
        return course

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        courses = Course.objects.exclude(status=Status.RETIRED).select_related("quiz").prefetch_related("needs")
        return _export_list(folder / "courses.yaml", "courses", [course.to_document() for course in courses], write)


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
        name = LESSON_FILE.match(path.name)
        if not name:
            raise FileProblem(path, 1, _("the file's name is two digits, a hyphen and the slug"))
        parsed, body = files.read_with_matter(path)
        if not isinstance(parsed.value, dict) or set(parsed.value) != set(MATTER):
            raise parsed.problem((), _("the keys here are %s") % "、".join(MATTER))
        first = parsed.lines["body",] + len(body) - len(body.lstrip("\n"))
        matter = tidy_document(parsed.value)
        values = matter | {
            "course": path.parent.name,
            "slug": name[2],
            "position": str(int(name[1])),
            "body": tidy_document(body),
        }
        document = {key: values[key] for key in LESSON_KEYS}
        parsed.lines |= {("body", at): first + at for at in range(document["body"].count("\n") + 1)}
        return Item(document, parsed)

    def _problems(self, item: Item, reading: Reading) -> Iterator[FileProblem]:
        document = item.document
        wrong = lesson_problems(document)
        for at, sentence in wrong or _unknown(document["facts"], reading.facts, "facts"):
            yield item.problem(at, sentence)
        for number, line in enumerate(document["body"].split("\n")):
            for kind, slug in places(line):
                if kind == "card" and slug not in reading.cards:
                    yield item.problem(("body", number), _("Unknown card: %s") % slug)

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        there = {lesson.slug: lesson for lesson in Lesson.objects.select_related("course")}
        settle = Settle(self.name, force, report)
        courses, cards = set(Course.objects.values_list("code", flat=True)), _cards()
        for item in data:
            slug = item.document["slug"]
            named = {part for kind, part in places(item.document["body"]) if kind == "card"}
            if item.document["course"] not in courses or named - cards:
                _leave(slug, there, report)
            else:
                settle(slug, item, there.get(slug), lambda: _publish(lessons, item))  # noqa: B023

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths = []
        for lesson in Lesson.objects.exclude(status=Status.RETIRED).select_related("course").order_by("slug"):
            document = lesson.to_document()
            path = folder / "lessons" / lesson.course.code / f"{lesson.position:02d}-{lesson.slug}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            matter = files.dump({key: document[key] for key in MATTER})
            write(path, f"---\n{matter}---\n{document['body']}\n")
            paths.append(path)
        return paths


class QuestionSection:
    """fixtures/questions/<course>.yaml."""

    name = "question"

    def label(self) -> str:
        return _("Questions")

    def read(self, reading: Reading) -> list[Item]:
        found: list[Item] = []
        for code in CourseCode.values:
            for item in _listed(reading, f"questions/{code}.yaml", "questions", None):
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
        for at, sentence in _unknown(document["facts"], reading.facts, "facts"):
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
        settle, cards = Settle(self.name, force, report), _cards()
        for item in data:
            code = item.document["id"]
            if item.document.get("card", "") not in cards | {""}:
                _leave(code, there, report)
            else:
                settle(code, item, there.get(code), lambda: _publish(questions, item, item.parsed.path.stem))  # noqa: B023

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths: list[FilePath] = []
        rows = Question.objects.exclude(status=Status.RETIRED).select_related("card").order_by("course", "code")
        for course, group in groupby(rows, lambda question: question.course):
            path = folder / "questions" / f"{course}.yaml"
            paths += _export_list(path, "questions", [question.to_document() for question in group], write)
        return paths


class PathSection:
    """fixtures/paths.yaml: courses in order, and the exam that ends them."""

    name = "path"

    def label(self) -> str:
        return _("Paths")

    def read(self, reading: Reading) -> list[Item]:
        found = list(_listed(reading, "paths.yaml", "paths", PATH_KEYS))
        seen: list[str] = []
        for item in found:
            path, exam = item.document, item.document["exam"]
            wrong = _text_problems(path, ("slug", "title", "summary"))
            if not SLUG.match(str(path["slug"])) or path["slug"] in seen:
                wrong.append((("slug",), _("use lower-case letters, digits and single hyphens, each slug once")))
            wrong += _unknown(path["courses"], CourseCode.values, "courses")
            if not isinstance(exam, dict) or set(exam) != set(EXAM_KEYS):
                wrong.append((("exam",), _("the keys here are %s") % "、".join(EXAM_KEYS)))
            else:
                wrong += [(("exam", *at), sentence) for at, sentence in _number_problems(exam, EXAM_KEYS)]
            reading.problems += [item.problem(at, sentence) for at, sentence in wrong]
            seen.append(str(path["slug"]))
        return found

    def write(self, data: list[Item], force: set[str], report: Report) -> None:
        there = {path.slug: path for path in Path.objects.select_related("exam").prefetch_related("steps__course")}
        settle, courses = Settle(self.name, force, report), {course.code: course for course in Course.objects.all()}
        for position, item in enumerate(data, 1):
            slug = item.document["slug"]
            found = there.get(slug)
            if any(code not in courses for code in item.document["courses"]):
                _leave(slug, there, report)
            else:
                settle(slug, item, found, lambda: self._save(item, found, position, courses))  # noqa: B023

    def _save(self, item: Item, found: Path | None, position: int, courses: Mapping[str, Course]) -> Path:
        document, exam = item.document, item.document["exam"]
        path = found or Path(slug=document["slug"], status=Status.PUBLISHED, position=position)
        path.title, path.summary = document["title"], document["summary"]
        path.exam = _write_quiz(
            f"exam-{path.slug}",
            f"{path.title}终考",
            kind=QuizKind.EXAM,
            rules=[{"course": code, "count": int(exam["questions"])} for code in document["courses"]],
            pass_mark=int(exam["pass"]),
            time_limit=60 * int(exam["minutes"]) or None,
            cooldown=3600 * int(exam["cooldown_hours"]),
        )
        path.clean_fields()
        path.save()
        path.steps.all().delete()
        PathCourse.objects.bulk_create(
            PathCourse(path=path, course=courses[code], position=at) for at, code in enumerate(document["courses"], 1)
        )
        return path

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        paths = Path.objects.exclude(status=Status.RETIRED).select_related("exam").prefetch_related("steps__course")
        documents = [path.to_document() for path in paths if path.exam]
        return _export_list(folder / "paths.yaml", "paths", documents, write)


SECTIONS = (CourseSection(), LessonSection(), QuestionSection(), PathSection())


def _publish(service: Any, item: Item, *place: str) -> Any:
    return service.save_document(item.document, *place, reason=_("Starter content"))


def _leave(slug: str, there: Mapping[str, Any], report: Report) -> None:
    """A card or course it stands on was deleted in this shop: the item waits with it, and says so."""
    (report.kept if slug in there else report.deleted).append(slug)


def _cards() -> set[str]:
    return set(Card.objects.values_list("slug", flat=True))


def _write_quiz(slug: str, title: str, *, rules: list[dict[str, Any]], **values: Any) -> Quiz:
    """The quiz with this slug. On an update what the files do not say (attempts allowed) stays as it is."""
    quiz = Quiz.objects.filter(slug=slug).first() or Quiz(slug=slug, kind=QuizKind.COURSE, pass_mark=COURSE_PASS_MARK)
    quiz.title, quiz.rules = title, rules
    for key, value in values.items():
        setattr(quiz, key, value)
    quiz.clean_fields(exclude=["course"])
    quiz.save()
    return quiz


def _listed(reading: Reading, name: str, key: str, keys: tuple[str, ...] | None) -> Iterator[Item]:
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


def _export_list(path: FilePath, key: str, documents: list[Document], write: Write) -> list[FilePath]:
    if not documents:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, files.dump({key: documents}))
    return [path]


Wrong = list[tuple[tuple[str | int, ...], str]]


def _text_problems(document: Document, keys: tuple[str, ...]) -> Wrong:
    return [
        ((key,), _("a text is needed here"))
        for key in keys
        if not isinstance(document[key], str) or not document[key] or has_control(document[key])
    ]


def _number_problems(document: Document, keys: tuple[str, ...]) -> Wrong:
    """Whole numbers without leading zeros, so that the file reads back as it was."""
    return [
        ((key,), _("a whole number is needed here"))
        for key in keys
        if not isinstance(document[key], str) or not re.fullmatch(r"0|[1-9][0-9]{0,4}", document[key])
    ]


def _unknown(names: Any, among: Any, key: str) -> Wrong:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [((key,), _("a list is needed here"))]
    unknown: Wrong = [((key, at), _("%r is not known") % name) for at, name in enumerate(names) if name not in among]
    return unknown + [
        ((key, at), _("%r stands here twice") % name) for at, name in enumerate(names) if name in names[:at]
    ]


def _choices(value: Any, choices: Any) -> dict[str, Any]:
    return {"value": value, "choices": ", ".join(choices.values)}
