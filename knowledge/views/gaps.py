"""What customers ask that we have no words for."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def gaps(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def gaps_csv(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def gap_decide(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def copies(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def copies_csv(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
