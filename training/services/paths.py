"""Write paths: courses in order, and the exam that ends them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from knowledge.enums import Status
from training.enums import QuizKind
from training.models import Course, Path, PathCourse, Quiz
from training.services import items


@dataclass(frozen=True, slots=True)
class Exam:
    """What a trainer says of a path's exam: questions drawn from each course, pass mark in percent, seconds."""

    each: int
    pass_mark: int
    time_limit: int | None
    cooldown: int

    def rules(self, courses: Sequence[Course]) -> list[dict[str, Any]]:
        return [{"course": course.code, "count": self.each} for course in courses]


@transaction.atomic
def save(path: Path, courses: Sequence[Course], exam: Exam | None) -> Path:
    """Save a path with its steps and its exam. Without one, the exam it had is retired: attempts keep it.

    The path's own row is always written: what is cached of the navigation is keyed by when it changed.
    """
    before, path.exam = path.exam, _write_exam(path, courses, exam) if exam else None
    path.save()
    if before and not exam:
        before.status = Status.RETIRED
        before.save()
    if _steps(path) != [course.pk for course in courses]:
        path.steps.all().delete()
        PathCourse.objects.bulk_create(
            PathCourse(path=path, course=course, position=at) for at, course in enumerate(courses, 1)
        )
    return path


def exam_of(path: Path) -> Exam | None:
    """The exam of a path in the words of its form."""
    if not (quiz := path.exam):
        return None
    each = max((int(rule["count"]) for rule in quiz.rules), default=1)
    return Exam(each, quiz.pass_mark, quiz.time_limit, quiz.cooldown)


def _write_exam(path: Path, courses: Sequence[Course], exam: Exam) -> Quiz:
    """The path's quiz. Rules that a trainer has made finer stay until the courses or the number change."""
    quiz = path.exam or Quiz(slug=_exam_slug(path), title=f"{path.title}终考", kind=QuizKind.EXAM)
    before = exam_of(path)
    if not before or before.each != exam.each or _steps(path) != [course.pk for course in courses]:
        quiz.rules = exam.rules(courses)
    quiz.pass_mark, quiz.time_limit, quiz.cooldown = exam.pass_mark, exam.time_limit, exam.cooldown
    quiz.save()
    return quiz


def _steps(path: Path) -> list[int]:
    return list(path.steps.values_list("course_id", flat=True)) if path.pk else []


def _exam_slug(path: Path) -> str:
    slug = f"exam-{path.slug}"
    return items.free_slug(Quiz, slug) if Quiz.objects.filter(slug=slug).exists() else slug


@transaction.atomic
def duplicate(path: Path) -> Path:
    """A draft with the same courses and an exam of its own."""
    copy = Path(
        slug=items.free_slug(Path, path.slug),
        title=path.title,
        summary=path.summary,
        position=path.position,
        valid_months=path.valid_months,
        status=Status.DRAFT,
    )
    return save(copy, [step.course for step in path.steps.select_related("course")], exam_of(path))


@transaction.atomic
def delete(paths: Iterable[Path]) -> None:
    """Delete paths for good, as `items.delete` does, and their exams; an exam somebody has taken is retired.

    Raises ProtectedError for a path with certificates.
    """
    chosen = list(paths)
    exams = list(Quiz.objects.filter(paths__in=chosen).distinct())
    items.delete("path", chosen)
    for exam in exams:
        try:
            with transaction.atomic():
                exam.delete()
        except ProtectedError:
            exam.status = Status.RETIRED
            exam.save()
