"""Previews for trainers: a question or a quiz exactly as a learner sees it. Nothing is stored."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from training import forms
from training.grading import Misfit, fit
from training.models import Question, Quiz
from training.services import drawing, results
from training.services.asking import Asked
from training.views.doors import DICE


def _staff_with(request: HttpRequest, permission: str) -> None:
    if not (request.user.is_staff and request.user.has_perm(permission)):
        raise Http404


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, code: str) -> HttpResponse:
    """GET asks, POST shows what a learner would be told about that answer."""
    _staff_with(request, "training.change_question")
    found = get_object_or_404(Question.objects.select_related("card"), code=code)
    document, graded, error = drawing.asked_now([found], DICE)[0], None, ""
    answer = None
    if request.method == "POST":
        try:
            answer = fit(document, forms.read(Asked(1, document, None), request.POST))
            graded = results.told_by_rules(document, answer)
        except Misfit as misfit:
            error = forms.sentence(misfit)
    context = {
        "section": "learn",
        "question": found,
        "asked": Asked(1, document, answer),
        "graded": graded,
        "model": results.model_that_falls_short(document),
        "error": error,
    }
    return render(request, "training/question_preview.html", context, status=422 if error else 200)


@require_safe
def quiz(request: HttpRequest, slug: str) -> HttpResponse:
    """One draw, as it might come; each look draws anew."""
    _staff_with(request, "training.change_quiz")
    found = get_object_or_404(Quiz, slug=slug)
    drawn = drawing.asked_now(drawing.draw(found.rules, request.user, DICE), DICE)
    context = {
        "section": "learn",
        "quiz": found,
        "questions": [Asked(at, document, None) for at, document in enumerate(drawn, 1)],
    }
    return render(request, "training/quiz_preview.html", context)
