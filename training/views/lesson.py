from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def lesson(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    raise Http404


def beacon(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    raise Http404


def finish(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    raise Http404


def check(request: HttpRequest, code: str, slug: str, number: int) -> HttpResponse:
    raise Http404
