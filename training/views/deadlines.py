"""Who has to finish what by when, and what was agreed otherwise."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def deadlines(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def deadlines_csv(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def assign(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def assignment_end(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def deadline_change(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
