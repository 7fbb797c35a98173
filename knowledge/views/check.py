"""The reply checker: a draft is judged, nothing of it is kept."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def check(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def judge(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
