"""What is stale: cards and lessons to be verified, most used first."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def freshness(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def verify(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
