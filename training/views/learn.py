from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def learn(request: HttpRequest) -> HttpResponse:
    raise Http404


def course(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def path(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404


def follow(request: HttpRequest, slug: str) -> HttpResponse:
    raise Http404
