"""Remembering: what is due, ten minutes of it, and the book of wrong answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def recall(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def session(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def rate(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def wrong_answers(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


def rest(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404
