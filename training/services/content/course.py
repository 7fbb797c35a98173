"""fixtures/courses.yaml."""

from __future__ import annotations

from pathlib import Path as FilePath

from django.utils.translation import gettext as _

from knowledge.enums import Competency, Status
from knowledge.enums import Course as CourseCode
from knowledge.services.content import Reading, Report, Write
from training.enums import CourseKind
from training.models import Course
from training.services.content.items import (
    Item,
    Settle,
    choices_told,
    export_list,
    listed,
    number_problems,
    text_problems,
    unknown,
    write_quiz,
)
from training.services.courses import mark_lessons

COURSE_KEYS = ("code", "title", "kind", "competency", "summary", "questions", "needs")


class CourseSection:
    """fixtures/courses.yaml: each course with the quiz that ends it."""

    name = "course"

    def label(self) -> str:
        return _("Courses")

    def read(self, reading: Reading) -> list[Item]:
        found = list(listed(reading, "courses.yaml", "courses", COURSE_KEYS))
        known: list[str] = []
        for item in found:
            course = item.document
            wrong = text_problems(course, ("code", "title", "summary"))
            for key, choices in (("code", CourseCode), ("kind", CourseKind), ("competency", Competency)):
                if course[key] not in choices.values:
                    wrong.append(((key,), _("%(value)r is none of %(choices)s") % choices_told(course[key], choices)))
            wrong += number_problems(course, ("questions",))
            wrong += unknown(course["needs"], known, "needs")
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
        write_quiz(
            course.code,
            f"{course.title}小测",
            course=course,
            rules=[{"course": course.code, "count": int(document["questions"])}],
        )
        mark_lessons(course)
        return course

    def export(self, folder: FilePath, write: Write) -> list[FilePath]:
        courses = Course.objects.exclude(status=Status.RETIRED).select_related("quiz").prefetch_related("needs")
        return export_list(folder / "courses.yaml", "courses", [course.to_document() for course in courses], write)
