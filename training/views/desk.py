"""The chat desk: customers at once, a clock, and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def practice(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def desk(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def start(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def state(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def send(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def end(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def report(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def play(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
