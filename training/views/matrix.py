from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def mine(request: HttpRequest) -> HttpResponse:
    raise Http404


def person(request: HttpRequest, pk: int) -> HttpResponse:
    raise Http404
