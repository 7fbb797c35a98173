"""Drills: the better of two replies, typing, short codes. A round is its player's alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.text import whole
from training.models import DrillRound
from training.services import drills, results
from training.services.asking import Asked
from training.services.drills import Kind, Totals

DICE = random.SystemRandom()
UNCOUNTED = gettext_lazy(
    "This round could not be counted: times and text do not fit. It is still open; type it once more."
)


def _door(kind: str) -> Callable[[HttpRequest], HttpResponse]:
    """The page of a drill: GET tells what it is and one's bests, POST begins a round or goes on with it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    def door(request: HttpRequest) -> HttpResponse:
        now = timezone.now()
        if request.method == "POST":
            try:
                return redirect("drill_round", drills.start(request.user, kind, now=now, rng=DICE).pk)
            except drills.Nothing:
                messages.info(request, _("There is no published card to practise with yet."))
                return redirect(request.path)
        context = {
            "section": "practice",
            "bests": drills.bests(request.user, kind),
            "standing": drills.open_round(request.user, kind, now),
        }
        return render(request, f"practice/{kind}.html", context)

    return door


better = _door(Kind.BETTER)
typing = _door(Kind.TYPING)
codes = _door(Kind.CODES)


@require_safe
def drill_round(request: HttpRequest, pk: int) -> HttpResponse:
    """What is asked now, why the last one was right or wrong, or how the round came out."""
    found, now = get_object_or_404(drills.rounds(request.user), pk=pk), timezone.now()
    if found.finished_at:
        return render(request, "practice/round_result.html", _result(request, found))
    if found.kind == Kind.TYPING:
        seconds = int(drills.LONGEST.total_seconds())
        return render(request, "practice/round_typing.html", {**_common(found), "longest": seconds})
    at = drills.current(found)
    if at is None:
        raise Http404
    if "shown" not in found.items[at]:
        return render(request, "practice/round_told.html", _told(request, found, at))
    return render(request, "practice/round_ask.html", _ask(request, found, at, now))


def _common(found: DrillRound) -> dict[str, Any]:
    return {"section": "practice", "round": found, "total": len(found.items), "door": f"drill_{found.kind}"}


def _ask(request: HttpRequest, found: DrillRound, at: int, now: datetime) -> dict[str, Any]:
    item = found.items[at]
    return {
        **_common(found),
        "at": at,
        "number": at + 1,
        "open": item["card"] in drills.readable(found, request.user),
        "q": Asked(at + 1, item["asked"], None),
        "remaining": drills.remaining(found, at, now),
        "seconds": drills.SECONDS,
    }


def _told(request: HttpRequest, found: DrillRound, following: int) -> dict[str, Any]:
    """The item before this one, answered."""
    entry = _entry(found.items[following - 1], drills.readable(found, request.user))
    return {**_common(found), "number": following, "following": following, "entry": entry}


def _entry(item: dict[str, Any], cards: dict[str, Any]) -> dict[str, Any]:
    """An answered item with what was right and why, for whoever may read its card today."""
    card = cards.get(item["card"])
    return {
        "card": card,
        "told": results.told_now(item["asked"], item["given"] or None) if card else None,
        "right": item.get("right", False),
    }


def _result(request: HttpRequest, found: DrillRound) -> dict[str, Any]:
    cards = drills.readable(found, request.user)
    typed = found.kind == Kind.TYPING
    return {
        **_common(found),
        "bests": drills.bests(request.user, found.kind),
        "entries": [] if typed else [_entry(item, cards) for item in found.items],
        "cards": [cards[item["card"]] for item in found.items if item["card"] in cards] if typed else [],
        "speed": drills.speed(found),
        "accuracy": drills.accuracy(found),
    }


@require_POST
@sensitive_post_parameters()
def drill_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer, the way on to the next item, or the totals of a typing round. Always back to the round."""
    found, now = get_object_or_404(drills.rounds(request.user), pk=pk), timezone.now()
    if found.kind == Kind.TYPING:
        return _typed(request, found, now)
    at = whole(request.POST.get("at", ""), 3)
    if at is None or at >= len(found.items):
        raise Http404
    if request.POST.get("on"):
        drills.show(found, at, now=now)
    else:
        drills.answer(found, at, request.POST.get(f"a{at + 1}", ""), now=now)
    return redirect("drill_round", pk)


def _typed(request: HttpRequest, found: DrillRound, now: datetime) -> HttpResponse:
    """Totals from the page's script; without one the texts, which are counted and dropped."""
    alone = bool(request.headers.get("X-Fragment"))
    try:
        drills.finish_typing(found, _totals(request, found, now), now=now)
    except drills.Implausible:
        if alone:
            return JsonResponse({"error": str(UNCOUNTED)}, status=422)
        messages.warning(request, str(UNCOUNTED))
    return JsonResponse({}) if alone else redirect("drill_round", found.pk)


def _totals(request: HttpRequest, found: DrillRound, now: datetime) -> Totals:
    if "characters" not in request.POST:
        texts = [request.POST.get(f"t{at}", "") for at in range(len(found.items))]
        return drills.typed_totals(found, texts, now)
    numbers = [
        whole(request.POST.get(name, ""), 9) for name in ("lines", "asked", "characters", "mistakes", "milliseconds")
    ]
    if None in numbers:
        raise drills.Implausible
    lines, asked, characters, mistakes, milliseconds = (number or 0 for number in numbers)
    return Totals(lines, asked, characters, mistakes, milliseconds / 1000)
