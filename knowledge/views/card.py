"""One card, and what a reader may do with its lines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import FeedbackForm
from knowledge.models import Card, ComplianceNote, Favourite, Line
from knowledge.models.audience import may_change_cards, viewer_of
from knowledge.services import events


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """The whole card. `?line=<code>` is the share link: that line is shown first of all."""
    found = get_object_or_404(
        Card.objects.visible_to(request.user).with_parts().select_related("owner", "verified_by"), slug=slug
    )
    reader: Any = request.user
    context: dict[str, Any] = {
        "section": "phrases",
        "card": found,
        "shared": request.GET.get("line", ""),
        "notes": ComplianceNote.objects.for_facts(found.facts),
        "neighbours": sorted(
            Card.objects.visible_to(request.user).filter(slug__in=found.neighbours),
            key=lambda near: found.neighbours.index(near.slug),
        ),
        "favourites": set(Favourite.objects.filter(user=reader, line__card=found).values_list("line_id", flat=True)),
        "may_change": may_change_cards(reader),
    }
    return render(request, "knowledge/card.html", context)


def _line(request: HttpRequest, uuid: UUID) -> Line:
    """The line this reader may see, or 404."""
    return get_object_or_404(Line.objects.visible_to(request.user).select_related("card"), uuid=uuid)


@require_POST
@sensitive_post_parameters("q")
def copied(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Count a copy: line, reader, time. What was pasted never comes here."""
    line = get_object_or_404(Line.objects.visible_to(request.user).copyable(), uuid=uuid)
    events.count_copy(line, request.user, request.POST.get("q", ""))
    return HttpResponse(status=204)


@require_POST
@sensitive_post_parameters("q")
def searched(request: HttpRequest) -> HttpResponse:
    """A query the reader settled on (800 ms without a key)."""
    events.log_search(request.POST.get("q", ""), request.user, viewer_of(request.user))
    return HttpResponse(status=204)


@require_POST
def favourite(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep or drop a line. Script gets JSON, a plain form goes back to where it came from."""
    line = _line(request, uuid)
    kept = events.toggle_favourite(line, request.user)
    if request.headers.get("X-Fragment"):
        return JsonResponse({"kept": kept})
    messages.success(request, _("Added to your favourites.") if kept else _("Removed from your favourites."))
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else line.get_absolute_url())  # an address, never the name of a view


@require_http_methods(["GET", "HEAD", "POST"])
def feedback(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """报错 / 建议: a short form, into the trainers' queue."""
    line = _line(request, uuid)
    form = FeedbackForm(request.POST if request.method == "POST" else None, initial={"kind": "error"})
    if form.is_valid():
        form.instance.card, form.instance.line, form.instance.author = line.card, line, request.user
        form.save()
        messages.success(request, _("Thank you. The trainers have it in their queue."))
        return redirect(reverse("card", args=[line.card.slug]) + f"#{line.code}")
    status = 422 if form.errors else 200
    return render(request, "knowledge/feedback.html", {"section": "phrases", "line": line, "form": form}, status=status)
