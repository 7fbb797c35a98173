"""The skills matrix: one's own, and for trainers and managers everybody's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from training import radar
from training.services import certificates, people
from training.services.matrix import HALF_LIFE_DAYS, PASS_LINE, matrix

PAGE_LENGTH = 20


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own competencies with the answers behind them, certificates, and the last attempts."""
    context = proof(request.user) | {"section": "me", "attempts": people.recent_attempts(request.user)}
    return render(request, "training/matrix.html", context)


@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody else, with their paths and all their attempts. 404 for whoever may not see results."""
    if not (request.user.is_staff and request.user.has_perm("training.view_attempt")):
        raise Http404
    found = get_object_or_404(get_user_model(), pk=pk)
    page = Paginator(people.attempts(found), PAGE_LENGTH).get_page(request.GET.get("page"))
    context = proof(found) | {"person": found, "paths": people.path_progress(found), "attempts": page}
    return render(request, "training/person.html", context)


def proof(user: Any) -> dict[str, Any]:
    """What both pages show of a person today."""
    now = timezone.now()
    cells = matrix(user, now)
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
