"""An attempt: answer, save, finish, and the result. Only its owner answers; a GET changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import audit
from training import forms
from training.enums import AttemptState
from training.forms import AnswerForm
from training.grading import Misfit
from training.models import Attempt, AttemptItem
from training.services import doors, quizzes, results
from training.services.asking import asked
from training.services.quizzes import Closed


def _mine(request: HttpRequest, pk: int) -> Attempt:
    """This person's own attempt, or 404: not even a trainer answers in somebody's place."""
    return get_object_or_404(Attempt.objects.select_related("quiz__course"), pk=pk, user=request.user.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """All questions on one page. POST saves the whole page; the page's script asks here what the server has."""
    found, now = _mine(request, pk), timezone.now()
    if request.method == "POST":
        return _save(request, found, now)
    if request.headers.get("X-Fragment"):
        return _state(request, found, now)
    if found.state == AttemptState.FINISHED:
        return redirect("attempt_result", pk)
    if quizzes.is_over(found, now):
        return render(request, "training/attempt_over.html", {"section": "learn", "attempt": found})
    questions = [asked(item) for item in found.items.all()]
    context = {
        "section": "learn",
        "attempt": found,
        "questions": questions,
        "answered": sum(one.answer is not None for one in questions),
        "remaining": quizzes.remaining(found, now),
        "door": doors.address(found.quiz),
    }
    return render(request, "training/attempt.html", context)


def _state(request: HttpRequest, found: Attempt, now: datetime) -> JsonResponse:
    """What the server has, for a page that was asleep or stands beside another one."""
    if found.state == AttemptState.FINISHED or quizzes.is_over(found, now):
        return _closed(request, found)
    items = found.items.values_list("position", "sequence", "answer")
    saved = {position: {"sequence": sequence, "answer": answer} for position, sequence, answer in items}
    return JsonResponse({"remaining": quizzes.remaining(found, now), "items": saved})


def _closed(request: HttpRequest, found: Attempt) -> JsonResponse:
    """For a script that comes too late: it goes to the result, where the sentence stands."""
    _tell_closed(request)
    return _there(found, 409)


def _there(found: Attempt, status: int = 200) -> JsonResponse:
    return JsonResponse({"closed": True, "result": reverse("attempt_result", args=[found.pk])}, status=status)


def _tell_closed(request: HttpRequest) -> None:
    messages.info(request, _("This attempt is finished; what was saved in time is counted."))


def _save(request: HttpRequest, found: Attempt, now: datetime) -> HttpResponse:
    """Without script: everything at once, and back to the page."""
    try:
        outcome = quizzes.answer_all(found, forms.sheet(list(found.items.all()), request.POST), now=now)
    except Closed:
        _tell_closed(request)
        return redirect("attempt_result", found.pk)
    if not _told(request, outcome):
        messages.success(request, _("Saved."))
    return redirect("attempt", found.pk)


def _told(request: HttpRequest, outcome: quizzes.Outcome) -> bool:
    """Say what was not saved and why. Returns whether there was anything to say."""
    for position, code in sorted(outcome.misfits.items()):
        said = {"number": position, "reason": forms.sentence(code)}
        messages.warning(request, _("Question %(number)d: %(reason)s") % said)
    for position in sorted(outcome.newer):
        messages.info(request, _("Question %d has a newer answer from another window; that one was kept.") % position)
    return bool(outcome.misfits or outcome.newer)


@require_POST
@sensitive_post_parameters()
def answer(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """One answer from the page's script. 409 with what the server has when that is newer, or that it is closed."""
    found, now = _mine(request, pk), timezone.now()
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _refused(forms.SENTENCES["shape"])
    given = form.cleaned_data
    try:
        saved = quizzes.answer(
            found, position, given["answer"], sequence=given["sequence"], seconds=given["seconds"], now=now
        )
    except AttemptItem.DoesNotExist as error:
        raise Http404 from error
    except Misfit as misfit:
        return _refused(forms.sentence(misfit))
    except Closed:
        return _closed(request, found)
    item = found.items.get(position=position)
    body = {"sequence": item.sequence, "answer": item.answer, "remaining": quizzes.remaining(found, now)}
    return JsonResponse(body, status=200 if saved else 409)


def _refused(sentence: Any) -> JsonResponse:
    return JsonResponse({"error": str(sentence)}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in: what the page holds is saved first. Asks once when questions are open; safe to repeat.

    A GET comes from the sign-in page, when the session had ended before a page without script was handed in.
    """
    found, now = _mine(request, pk), timezone.now()
    if request.method != "POST":
        return redirect("attempt", pk)
    try:
        outcome = quizzes.answer_all(found, forms.sheet(list(found.items.all()), request.POST), now=now)
    except Closed:
        _tell_closed(request)
    else:
        if (asking := _open_ones(request, found, outcome)) is not None:
            return asking
        quizzes.finish(found, now=now)
    return _there(found) if request.headers.get("X-Fragment") else redirect("attempt_result", pk)


def _open_ones(request: HttpRequest, found: Attempt, outcome: quizzes.Outcome) -> HttpResponse | None:
    """The page that asks once, when something is open or was not saved; nothing for whoever is sure."""
    if request.POST.get("sure"):
        return None
    open_ones = list(found.items.filter(answer__isnull=True).values_list("position", flat=True))
    if not _told(request, outcome) and not open_ones:
        return None
    return render(request, "training/attempt_finish.html", {"section": "learn", "attempt": found, "open": open_ones})


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own result; trainers see everybody's, managers their teams', with whose it is on top."""
    found = get_object_or_404(Attempt.objects.visible_to(request.user).select_related("quiz__course", "user"), pk=pk)
    own = found.user_id == request.user.pk
    if found.state != AttemptState.FINISHED:
        if not own:
            raise Http404
        return redirect("attempt", pk)
    audit.viewed(request.user, person=found.user)
    context = {
        "section": "learn" if own else "team",
        "attempt": found,
        "quiz": found.quiz,
        "result": results.tell(found, request.user),
        "own": own,
        "again": doors.again(found, timezone.now()) if own else None,
        "door": doors.address(found.quiz),
    }
    return render(request, "training/result.html", context)
