"""The site's addresses and, beside them, the views the site is measured against. Never part of the site."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from csportal.urls import *  # noqa: F403
from csportal.urls import urlpatterns as site
from knowledge.models import Card

SMALL = engines["django"].from_string("<!doctype html><title>{{ card.title }}</title><h1>{{ card.title }}</h1>")


def limit(request: HttpRequest) -> HttpResponse:
    """The limit: signed in (LoginRequiredMiddleware), the site's whole middleware, one line of view."""
    return HttpResponse("ok")


@login_not_required
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


@login_not_required
def query(request: HttpRequest) -> HttpResponse:
    """One query and a small template."""
    return HttpResponse(SMALL.render({"card": Card.objects.get(slug="shipping-fee-doubt")}))


urlpatterns = [
    path("bench/limit/", limit),
    path("bench/empty/", empty),
    path("bench/query/", query),
    *site,
]
