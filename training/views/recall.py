"""Remembering: what is due, ten minutes of it, and the book of wrong answers. All of it is its owner's alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.text import whole
from training import forms, recalling
from training.grading import Misfit
from training.models import RecallItem, RecallSession
from training.services import recall_sessions, wrong_answers
from training.services.asking import Asked
from training.services.recall_live import Ask, alive, live
from training.services.recall_sessions import Stale

PAGE_LENGTH = 20
WORDS = {
    recalling.AGAIN: gettext_lazy("Forgotten"),
    recalling.GOOD: gettext_lazy("Remembered"),
    recalling.EASY: gettext_lazy("Knew it well"),
}


@require_safe
def recall(request: HttpRequest) -> HttpResponse:
    """What is due today and the days after, and how well it is remembered."""
    now = timezone.now()
    last = recall_sessions.last(request.user)
    on = last if last and not recall_sessions.is_over(last, now) else None
    context = {
        "section": "practice",
        "overview": recall_sessions.overview(request.user, now),
        "on": on,
        "remaining": recall_sessions.remaining(on, now) if on else None,
    }
    return render(request, "practice/recall.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Ten minutes: POST begins or ends them, GET shows what is asked now, or what became of it."""
    now = timezone.now()
    if request.method == "POST":
        return _begin_or_end(request)
    found = recall_sessions.last(request.user)
    if found is None:
        return redirect("recall")
    if told := _told(request):
        return render(request, "practice/session_told.html", _context(found, told, now))
    due = recall_sessions.due(request.user, timezone.localdate(now))
    ask = (
        None
        if recall_sessions.is_over(found, now)
        else recall_sessions.first(due.iterator(chunk_size=20), request.user)
    )
    if ask is None:
        overview = recall_sessions.overview(request.user, now)
        return render(request, "practice/session_done.html", _context(found, {"overview": overview}, now))
    return _asking(request, found, ask, now)


def _asking(request: HttpRequest, found: RecallSession, ask: Ask, now: datetime, given: Any = None) -> HttpResponse:
    """The page of one item, with what was given so far when that could not be taken."""
    left = recall_sessions.count(request.user, timezone.localdate(now))
    more: dict[str, Any] = {"ask": ask, "token": recall_sessions.token(ask, now), "left": left}
    if ask.document:
        more["q"] = Asked(found.recalled + 1, ask.document, given)
    else:
        more["ratings"] = _ratings(ask, timezone.localdate(now))
    return render(request, "practice/session.html", _context(found, more, now), status=200 if given is None else 422)


def _begin_or_end(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    if not request.POST.get("end"):
        recall_sessions.start(request.user, now=now)
        return redirect("recall_session")
    if found := recall_sessions.last(request.user):
        recall_sessions.end(found, now=now)
    messages.success(request, _("Everything recalled so far is kept. What is left waits here."))
    return redirect("recall")


def _context(found: RecallSession, more: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "section": "practice",
        "session": found,
        "remaining": recall_sessions.remaining(found, now),
        "over": recall_sessions.is_over(found, now),
        "number": found.recalled + 1,
        **more,
    }


def _ratings(ask: Ask, today: date) -> list[dict[str, Any]]:
    """What one may say of one's memory, each with the days until it is asked again."""
    days = {rating: (recalling.due(recalling.review(ask.item.card, rating, today)) - today).days for rating in WORDS}
    return [{"value": rating, "words": words, "days": days[rating]} for rating, words in WORDS.items()]


def _told(request: HttpRequest) -> dict[str, Any] | None:
    """The item answered just now, with what was right and why; nothing when none is named or it is not theirs."""
    pk = whole(request.GET.get("told", ""), 12)
    item = alive(request.user).filter(pk=pk, reviewed_at__isnull=False).first() if pk else None
    if item is None or not item.front.get("asked"):
        return None
    [entry] = wrong_answers.entries([item], request.user)
    return {"entry": entry, "told": entry.told}


@require_POST
@sensitive_post_parameters()
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer, or what somebody says of their memory. A page that is out of date is shown anew and says so."""
    item = get_object_or_404(RecallItem, pk=pk, user=request.user.pk)
    shown, now = request.POST.get("shown", ""), timezone.now()
    try:
        if "rating" in request.POST:
            rating = whole(request.POST["rating"], 1) or 0
            recall_sessions.rate(item, request.user, rating, shown, now=now)
            return redirect("recall_session")
        given = _given(request, item)
        recall_sessions.answer(item, request.user, given, shown, now=now)
    except Misfit as misfit:
        return _misfit(request, item, given, misfit)
    except (Stale, ValueError):
        messages.info(
            request, _("This one was answered in another window or has been edited since. Here is what is asked now.")
        )
        return redirect("recall_session")
    return redirect(f"{reverse('recall_session')}?told={pk}")


def _misfit(request: HttpRequest, item: RecallItem, given: Any, misfit: Misfit) -> HttpResponse:
    """The same item again, with what was given and why it was not taken."""
    ask, found = live(item, request.user), recall_sessions.last(request.user)
    messages.warning(request, forms.sentence(misfit))
    if ask is None or found is None:
        return redirect("recall_session")
    return _asking(request, found, ask, timezone.now(), given)


def _given(request: HttpRequest, item: RecallItem) -> Any:
    """The answer in the fields of the page."""
    ask = live(item, request.user)
    if ask is None or ask.document is None:
        raise Stale
    position = whole(request.POST.get("position", ""), 5) or 1
    return forms.read(Asked(position, ask.document, None), request.POST)


@require_safe
def book(request: HttpRequest) -> HttpResponse:
    """Everything answered wrong, by competency."""
    wanted = wrong_answers.wanted(request.GET)
    pages = Paginator(wrong_answers.items(request.user, wanted), PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "section": "practice",
        "wanted": wanted,
        "counts": wrong_answers.counts(request.user, wanted),
        "pages": pages,
        "entries": wrong_answers.entries(list(pages), request.user),
    }
    return render(request, "practice/wrong_answers.html", context)


@require_POST
def rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a mistake aside, or take it back; and back to where the book was open."""
    item = get_object_or_404(RecallItem, pk=pk, user=request.user.pk)
    aside = request.POST.get("back") != "1"
    wrong_answers.set_aside(item, aside)
    messages.success(
        request, _("Set aside. It stands under “Set aside” and can come back.") if aside else _("It is asked again.")
    )
    following = request.POST.get("next", "")
    safe = following.startswith("/review/") and url_has_allowed_host_and_scheme(following, allowed_hosts=None)
    return redirect(following if safe else "wrong_answers")
