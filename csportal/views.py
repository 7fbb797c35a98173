"""Home, health and the error pages: what needs every app, or none."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from knowledge.views.phrases import finder, wanted_as_fragment
from training.services import today

log = logging.getLogger(__name__)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A learner's next step; the search box with focus; what this reader uses most.

    A trainee has no shelves yet: the queries they would take go to what has been learnt.
    """
    if wanted_as_fragment(request) or request.GET.get("q"):
        return finder(request, "home", template="csportal/home.html")
    here = today.today(request.user, now=timezone.now(), day=timezone.localdate())
    return finder(request, "home", "csportal/home.html", shelves=not here.is_learner, today=here)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when database and cache answer, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cache.set("healthz", 1, 5)
        well = cache.get("healthz") == 1
    except (DatabaseError, OSError) as error:
        log.error("Health check failed: %s", error)
        well = False
    return HttpResponse("ok\n" if well else "unavailable\n", "text/plain", status=200 if well else 503)


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("img/icon.svg"))


def error_page(request: HttpRequest, status: int, template: str = "", **context: Any) -> HttpResponse:
    """A designed error page: what happened, what was kept, what to do."""
    return render(request, f"errors/{template or status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return error_page(request, 413)
    return error_page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.info("CSRF check failed on %s: %s", request.path, reason)
    return error_page(request, 403, "csrf")


@login_not_required
def too_many_requests(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What a locked-out name gets; django-axes calls it."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    response = error_page(request, 429, minutes=minutes)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it was the database that did not answer: a way on, not our mistake.

    It may have failed in a middleware, so nothing here asks for a session, a user or a context processor.
    """
    status = 503 if isinstance(sys.exc_info()[1], OperationalError) else 500
    page = render_to_string(f"errors/{status}.html", {"version": settings.VERSION, "theme": "system"})
    response = HttpResponse(page, status=status)
    if status == 503:
        response.headers["Retry-After"] = "10"
    return response
