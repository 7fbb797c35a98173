"""Rules for every response of the site."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Handler = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


def keep_private(get_response: Handler) -> Handler:
    """Pages of signed-in people are theirs: no shared cache keeps them, no search engine lists them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["X-Robots-Tag"] = "noindex"
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def service_unavailable(get_response: Handler) -> Handler:
    """A database that does not answer is a 503 with a way on, not a 500 that looks like our mistake."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, OperationalError):
            return None
        log.error("Database unavailable on %s: %s", request.path, error)
        return render(request, "errors/503.html", status=503, headers={"Retry-After": "10"})

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware
