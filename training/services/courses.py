"""Write courses, and the quizzes that are edited beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from knowledge.enums import Status
from knowledge.search.indexed import indexing_batch, mark
from training.models import Course, Lesson
from training.services import items, lessons


@transaction.atomic
def save(course: Course, *, needs: Iterable[Course], order: Sequence[Lesson] = (), author: Any = None) -> Course:
    """Save a course, what it needs, and the order of its lessons (all of them, or none to leave it).

    The course's own row is always written: what is cached of the navigation is keyed by when it changed.
    """
    with indexing_batch():
        course.save()
        course.needs.set(needs)
        lessons.reorder(order, author=author)
        mark_lessons(course)
    return course


def set_status(courses: Iterable[Course], status: Status) -> None:
    """Publish, retire or withdraw courses. Their lessons are found, or no longer, from the same moment."""
    with transaction.atomic(), indexing_batch():
        for course in courses:
            course.status = status
            course.save(update_fields=["status", "updated_at"])
            mark_lessons(course)


def mark_lessons(course: Course) -> None:
    """Competency and status of a course are part of its lessons' rows in the index."""
    for lesson in course.lessons.all():
        mark(lesson)


def circle(course: Course, needs: Iterable[Course]) -> list[str]:
    """The titles of courses that would wait for each other, first and last the same; empty when all is well."""
    titles = {one.pk: one.title for one in Course.objects.all()}
    edges = dict.fromkeys(titles, ())  # type: dict[int, tuple[int, ...]]
    for waits, waited in Course.needs.through.objects.values_list("from_course_id", "to_course_id"):
        edges[waits] = (*edges[waits], waited)
    way = _way(course.pk, [one.pk for one in needs], edges)
    return [course.title, *(titles[pk] for pk in way[:-1]), course.title] if way else []


def _way(goal: int, starts: Sequence[int], edges: Mapping[int, Sequence[int]]) -> list[int]:
    """The shortest way from one of the starts to the goal, both ends included."""
    ways = [[start] for start in starts]
    seen = set(starts)
    for way in ways:  # grows while it is walked
        if way[-1] == goal:
            return way
        for following in edges[way[-1]]:
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


@transaction.atomic
def delete(courses: Iterable[Course]) -> None:
    """Delete courses with their lessons for good, as `items.delete` does: starter lessons stay deleted too.

    Raises ProtectedError for a course on a path, or one whose quiz somebody has taken.
    """
    chosen = list(courses)
    for lesson in Lesson.objects.filter(course__in=chosen):
        items.bury(lessons.LESSON, lesson)
    items.delete("course", chosen, "code")
