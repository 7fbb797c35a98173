from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def question(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def quiz(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404
