"""The readiness board: who is ready for which shift."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def team(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
