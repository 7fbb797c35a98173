from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    raise Http404


def answer(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    raise Http404


def finish(request: HttpRequest, pk: int) -> HttpResponse:
    raise Http404


def result(request: HttpRequest, pk: int) -> HttpResponse:
    raise Http404
