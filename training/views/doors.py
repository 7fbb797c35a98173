"""The doors of quizzes: GET shows what waits, POST starts. A lock always says why, and from when."""

from __future__ import annotations

import random
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from training.models import Attempt, Course, Path, Quiz
from training.services import doors, quizzes, results
from training.services.quizzes import NotNow

DICE = random.SystemRandom()


@require_http_methods(["GET", "HEAD", "POST"])
def course_quiz(request: HttpRequest, code: str) -> HttpResponse:
    """The quiz at the end of a course."""
    course = get_object_or_404(Course.objects.visible_to(request.user), code=code)
    quiz = get_object_or_404(Quiz.objects.visible_to(request.user), course=course)
    door = doors.of_course(course, quiz, request.user, timezone.now())
    return _through(request, door, {"course": course})


@require_http_methods(["GET", "HEAD", "POST"])
def exam(request: HttpRequest, slug: str) -> HttpResponse:
    """The final exam of a path."""
    path = get_object_or_404(Path.objects.visible_to(request.user), slug=slug)
    quiz = get_object_or_404(Quiz.objects.visible_to(request.user), pk=path.exam_id)
    door = doors.of_exam(path, quiz, request.user, timezone.now())
    return _through(request, door, {"path": path})


def _through(request: HttpRequest, door: doors.Door, place: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        try:
            return redirect("attempt", doors.enter(door, request.user, now=timezone.now(), rng=DICE).pk)
        except NotNow as reason:
            messages.warning(request, str(reason))
            return redirect(request.path)
    context = {"section": "learn", "door": door, "quiz": door.quiz, "rules": results.credit_rules(), **place}
    return render(request, "training/door.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def mistakes(request: HttpRequest) -> HttpResponse:
    """Practice of what was answered wrong last time."""
    if request.method == "POST":
        try:
            attempt = quizzes.start_practice(request.user, now=timezone.now(), rng=DICE)
            return redirect("attempt", attempt.pk)
        except NotNow as reason:
            messages.info(request, str(reason))
            return redirect("mistakes")
    wrong = quizzes.wrong_questions(request.user)
    context = {
        "section": "learn",
        "wrong": len(wrong),
        "questions": min(len(wrong), quizzes.PRACTICE_LENGTH),
        "standing": Attempt.objects.open().filter(user=request.user.pk, quiz__slug=quizzes.PRACTICE).first(),
    }
    return render(request, "training/door_mistakes.html", context)
