from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def course_quiz(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def exam(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


def mistakes(request: HttpRequest) -> HttpResponse:
    raise Http404
