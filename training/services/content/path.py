"""fixtures/paths.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath

from django.utils.translation import gettext as _

from knowledge.documents import SLUG
from knowledge.enums import Course as CourseCode
from knowledge.enums import Status
from knowledge.services.content import Reading, Report, Write
from training.enums import QuizKind
from training.models import Course, Path, PathCourse
from training.services.content.items import (
    Item,
    Settle,
    export_list,
    leave,
    listed,
    number_problems,
    text_problems,
    unknown,
    write_quiz,
)

PATH_KEYS = ("slug", "title", "summary", "courses", "exam")
EXAM_KEYS = ("questions", "pass", "minutes", "cooldown_hours")


class PathSection:
    """fixtures/paths.yaml: courses in order, and the exam that ends them."""

    name = "path"

    def label(self) -> str:
        return _("Paths")

    def read(self, reading: Reading) -> list[Item]:
        found = list(listed(reading, "paths.yaml", "paths", PATH_KEYS))
        seen: list[str] = []
        for item in found:
            path, exam = item.document, item.document["exam"]
            wrong = text_problems(path, ("slug", "title", "summary"))
            if not SLUG.match(str(path["slug"])) or path["slug"] in seen:
                wrong.append((("slug",), _("use lower-case letters, digits and single hyphens, each slug once")))
            wrong += unknown(path["courses"], CourseCode.values, "courses")
            if not isinstance(exam, dict) or set(exam) != set(EXAM_KEYS):
                wrong.append((("exam",), _("the keys here are %s") % "、".join(EXAM_KEYS)))
            else:
                wrong += [(("exam", *at), sentence) for at, sentence in number_problems(exam, EXAM_KEYS)]
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
                leave(slug, there, report)
            else:
                settle(slug, item, found, lambda: self._save(item, found, position, courses))  # noqa: B023

    def _save(self, item: Item, found: Path | None, position: int, courses: Mapping[str, Course]) -> Path:
        document, exam = item.document, item.document["exam"]
        path = found or Path(slug=document["slug"], status=Status.PUBLISHED, position=position)
        path.title, path.summary = document["title"], document["summary"]
        path.exam = write_quiz(
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
        return export_list(folder / "paths.yaml", "paths", documents, write)
