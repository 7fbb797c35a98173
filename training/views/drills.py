"""Drills: the better of two replies, typing, short codes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def better(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def typing(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def codes(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def drill_round(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def drill_answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
