"""Which questions mislead: item analysis on first attempts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def item_analysis(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def item(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def item_analysis_csv(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def item_retire(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
