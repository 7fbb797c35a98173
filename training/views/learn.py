"""Where to learn: the paths, the courses, and the lessons a search finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge import markdown
from knowledge.enums import Status
from knowledge.search import engine
from knowledge.search.highlight import highlight
from knowledge.text import clean_query
from training.models import Course, Lesson, Path
from training.models.course import sees_drafts
from training.services import assignments, curriculum, progress
from training.services.assignments import Due
from training.services.curriculum import CourseEntry, Curriculum, PathEntry, Standing
from training.services.progress import Step, Tally

FOUND = 20  # lessons a search shows at most


@dataclass(frozen=True, slots=True)
class CourseState:
    """A course as one reader sees it."""

    course: CourseEntry
    tally: Tally
    finished: bool
    missing: list[CourseEntry]
    read: frozenset[int]
    passed: bool


def course_state(course: CourseEntry, taught: Curriculum, standing: Standing) -> CourseState:
    return CourseState(
        course=course,
        tally=progress.tally([course], standing),
        finished=progress.is_finished(course, standing),
        missing=progress.missing(course, taught, standing),
        read=standing.finished,
        passed=course.quiz is not None and course.quiz.pk in standing.passed,
    )


@dataclass(frozen=True, slots=True)
class PathState:
    """A path as one reader sees it."""

    path: PathEntry
    tally: Tally
    step: Step | None
    passed: bool
    due: Due | None = None


def path_state(path: PathEntry, taught: Curriculum, standing: Standing, dues: Iterable[Due] = ()) -> PathState:
    return PathState(
        path=path,
        tally=progress.tally_of(path, taught, standing),
        step=progress.next_step(path, taught, standing),
        passed=path.exam is not None and path.exam.pk in standing.passed,
        due=next((due for due in dues if due.path == path.pk), None),
    )


@require_safe
def learn(request: HttpRequest) -> HttpResponse:
    """The path one follows, the others, all courses; with `q`, the lessons that hold the words."""
    query = clean_query(request.GET.get("q", ""))
    if query.text:
        return _found(request, query.text)
    taught, standing = curriculum.read(request.user)
    dues = assignments.mine(request.user, taught, standing, timezone.localdate())
    current = assignments.leading(taught, standing, dues, by_default=True)
    context = {
        "section": "learn",
        "current": path_state(current, taught, standing, dues) if current else None,
        "chosen": bool(standing.path),
        "standing": standing,
        "others": [path_state(path, taught, standing, dues) for path in taught.paths.values() if path != current],
        "courses": [course_state(course, taught, standing) for course in taught.courses.values()],
    }
    return render(request, "training/learn.html", context)


def _found(request: HttpRequest, query: str) -> HttpResponse:
    """Lessons by the site's own search, in its order."""
    viewer = engine.Viewer(sees_drafts=sees_drafts(request.user))
    found = engine.find(query, viewer, kinds=(Lesson.search_kind,), limit=FOUND)
    rows = Lesson.objects.visible_to(request.user).select_related("course").defer("body", "segments")
    lessons = rows.in_bulk([hit.object_id for hit in found.hits])
    hits: list[dict[str, Any]] = [
        {
            "lesson": lesson,
            "title": highlight(lesson.title, hit.matched, None),
            "excerpt": highlight(markdown.plain(lesson.body_html), hit.matched),
        }
        for hit in found.hits
        if (lesson := lessons.get(hit.object_id))
    ]
    return render(request, "training/lessons_found.html", {"section": "learn", "query": query, "hits": hits})


@require_safe
def course(request: HttpRequest, code: str) -> HttpResponse:
    """A course: what it is about, its lessons, its quiz. A trainer may look at one that is not published yet."""
    taught, standing = curriculum.read(request.user)
    if entry := taught.courses.get(code):
        context = {"section": "learn", "state": course_state(entry, taught, standing)}
        context["step"] = progress.next_in_course(entry, standing)
        return render(request, "training/course.html", context)
    draft = get_object_or_404(Course.objects.visible_to(request.user), code=code)
    lessons = Lesson.objects.visible_to(request.user).filter(course=draft).exclude(status=Status.RETIRED)
    context = {"section": "learn", "course": draft, "lessons": lessons.order_by("position", "slug")}
    return render(request, "training/course_draft.html", context)


@require_safe
def path(request: HttpRequest, slug: str) -> HttpResponse:
    """A path: its courses in order, each with its state or the reason why it is closed, and its exam.

    A trainer may look at one that is not published yet.
    """
    taught, standing = curriculum.read(request.user)
    entry, draft = taught.paths.get(slug), None
    if entry is None:
        draft = get_object_or_404(Path.objects.visible_to(request.user), slug=slug)
        entry = curriculum.path_entry(draft, taught.courses)
    dues = assignments.mine(request.user, taught, standing, timezone.localdate())
    state = path_state(entry, taught, standing, dues)
    context = {
        "section": "learn",
        "draft": draft,
        "state": state,
        "due": state.due,
        "follows": assignments.leading(taught, standing, dues, by_default=standing.is_learner) == entry,
        "courses": [course_state(one, taught, standing) for one in taught.courses_of(entry)],
        "missing": progress.missing_for_exam(entry, taught, standing),
    }
    return render(request, "training/path.html", context)


@require_POST
def follow(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose this path; its next step stands on the home page from now on."""
    chosen = get_object_or_404(Path.objects.published(), slug=slug)
    progress.follow(chosen, request.user, now=timezone.now())
    messages.success(request, _("You follow “%s” now. Its next step stands on your home page.") % chosen.title)
    return redirect("path", slug)
