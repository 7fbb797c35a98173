"""/me/: what belongs to the reader."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from knowledge.forms import SnippetForm
from knowledge.models import Snippet
from knowledge.services import feedback, shelves

REMARKS = 5


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Favourites and snippets; settings are a page of their own."""
    context = {
        "section": "me",
        "favourites": shelves.favourites(request.user),
        "snippets": Snippet.objects.visible_to(request.user),
        "remarks": feedback.of_author(request.user, REMARKS),
    }
    return render(request, "knowledge/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def snippet(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write or change a snippet of one's own."""
    owner: Any = request.user
    found = get_object_or_404(Snippet.objects.visible_to(owner), pk=pk) if pk else Snippet(user=owner)
    form = SnippetForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved. Type %s in the search box to find it.") % found.code)
        return redirect("me")
    return render(
        request, "knowledge/snippet.html", {"section": "me", "form": form}, status=422 if form.errors else 200
    )


@require_POST
def delete_snippet(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Snippet.objects.visible_to(request.user), pk=pk).delete()
    messages.success(request, _("Deleted."))
    return redirect("me")
