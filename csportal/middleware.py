"""Rules for every response of the site."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


def keep_private(get_response: Handler) -> Handler:
    """Pages of signed-in people are theirs: no shared cache keeps them, no search engine lists them.

    Each answer names its release, so that a dock left open since the last one can say so.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["X-Robots-Tag"] = "noindex"
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-cache")
            response.headers["X-Release"] = settings.VERSION
        return response

    return middleware


def address_behind_proxy(request: HttpRequest) -> str:
    """Who asks, for the sign-in throttle: the last address of X-Forwarded-For, the one our own proxy wrote.

    Earlier ones are the client's word and could be made up to escape a lock-out.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-1].strip()
    return forwarded or request.META["REMOTE_ADDR"]
