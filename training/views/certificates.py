from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def certificate(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def pdf(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404
