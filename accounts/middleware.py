"""What signing in changes about every request."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation

Handler = Callable[[HttpRequest], HttpResponse]
LANGUAGES = {code for code, _ in settings.LANGUAGES}


def language_for(request: HttpRequest) -> str:
    """The person's own language, else the cookie's, else Chinese. Accept-Language is ignored on purpose:
    a shared shop computer says little about who sits at it."""
    wanted = getattr(request.user, "locale", "") or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return wanted if wanted in LANGUAGES else settings.LANGUAGE_CODE


def speak_their_language(get_response: Handler) -> Handler:
    """Activate the reader's language for this request."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(language_for(request)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response

    return middleware


# Reachable with a temporary password: the form itself, the way out, and what is public anyway.
OPEN_WHILE_FORCED = {"password_change", "logout", "login", "healthz", "set_language", "certificate"}


def ask_for_new_password(get_response: Handler) -> Handler:
    """Send a person with a temporary password to the form that replaces it, whatever page they ask for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_: object) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else None
        if getattr(request.user, "must_change_password", False) and name not in OPEN_WHILE_FORCED:
            return redirect("password_change")
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware
