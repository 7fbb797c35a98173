"""The skills matrix: one's own, and for trainers and managers everybody's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.services import audit
from training import radar
from training.services import board, certificates, drills, people
from training.services.matrix import HALF_LIFE_DAYS, PASS_LINE, Cell, matrix

PAGE_LENGTH = 20


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own competencies with the answers behind them, certificates, and the last attempts."""
    now = timezone.now()
    context = proof(request.user, matrix(request.user, now), now) | {
        "section": "me",
        "attempts": people.recent_attempts(request.user),
        "practised": drills.practised(request.user),
    }
    return render(request, "training/matrix.html", context)


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody else, with their paths, deadlines and all their attempts.

    404 for whoever may not see this person's results. `cell` names the competency whose evidence stands open.
    """
    visible = User.objects.results_visible_to(request.user).select_related("team")
    found = get_object_or_404(visible, pk=pk)
    audit.viewed(request.user, person=found)
    page = Paginator(people.attempts(found), PAGE_LENGTH).get_page(request.GET.get("page"))
    now = timezone.now()
    line = board.line(found, now)
    context = proof(found, line.cells, now) | {
        "section": "team",
        "person": found,
        "line": line,
        "opened": request.GET.get("cell", ""),
        "paths": people.path_progress(found),
        "attempts": page,
    }
    return render(request, "training/person.html", context)


def proof(user: Any, cells: list[Cell], now: datetime) -> dict[str, Any]:
    """What both pages show of a person today."""
    return {
        "cells": cells,
        "known": sum(cell.percent is not None for cell in cells),
        "shown": sum(cell.shown for cell in cells),
        "radar": radar.draw(
            [str(cell.competency.label) for cell in cells], [cell.percent for cell in cells], PASS_LINE
        ),
        "pass_line": PASS_LINE,
        "half_life": HALF_LIFE_DAYS,
        "certificates": certificates.of_person(user, timezone.localdate(now)),
    }
