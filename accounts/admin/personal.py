"""A person's data: handed out, and erased. Two pages beside the person's form."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from accounts.services import erasure, personal_data


def pages(of: admin.ModelAdmin) -> list[URLPattern]:
    """The addresses of the two pages, never cached as everything in the admin."""
    views = {"data": data_view, "erase": erase_view}
    return [
        path(f"<int:pk>/{name}/", of.admin_site.admin_view(partial(view, of)), name=f"accounts_user_{name}")
        for name, view in views.items()
    ]


def offers(request: HttpRequest, person: User | None) -> dict[str, bool]:
    """Which of the two the form of a person links to."""
    return {
        "may_export": person is not None and personal_data.may_export(request.user, person),
        "may_erase": person is not None and erasure.may_erase(request.user, person) and not person.erased_at,
    }


def data_view(of: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """GET says what is in the archive, POST hands it out."""
    person = get_object_or_404(User, pk=pk)
    if not personal_data.may_export(request.user, person):
        raise PermissionDenied
    if request.method == "POST":
        return archive(request, person)
    context = {"title": gettext("Personal data"), "person": person, "parts": personal_data.PARTS.values()}
    return _page(of, request, "accounts/admin_data.html", context)


def archive(request: HttpRequest, person: User) -> HttpResponse:
    name = f"personal-data-{person.pk}-{timezone.localdate():%Y%m%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(personal_data.archive(person, by=request.user), "application/zip", headers=headers)


def erase_view(of: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """GET says what goes and what stays; POST does it, for whoever has typed the name and a reason."""
    person = get_object_or_404(User, pk=pk)
    if not erasure.may_erase(request.user, person):
        raise PermissionDenied
    sent = {name: request.POST.get(name, "") for name in ("name", "reason")}
    typed: dict[str, str] = {name: text.replace("\0", "").strip() for name, text in sent.items()}
    context: dict[str, Any] = {"title": gettext("Erase personal data"), "person": person, "typed": typed, "errors": {}}
    if request.method == "POST":
        # Whoever was erased meanwhile has no name to type any more: doing it again only clears what came since.
        if typed["name"] != str(person).strip() and not person.erased_at:
            context["errors"]["name"] = gettext("This is not the name of the person. Nothing was erased.")
        try:
            if not context["errors"]:
                erasure.erase(person, by=request.user, reason=typed["reason"][:300])
                messages.success(request, gettext("All personal data of #%(number)s has been erased.") % {"number": pk})
                return redirect("admin:accounts_user_changelist")
        except ValidationError as error:
            context["errors"]["reason"] = " ".join(error.messages)
    return _page(of, request, "accounts/admin_erase.html", context)


def _page(of: admin.ModelAdmin, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    context |= {**of.admin_site.each_context(request), "title": context["title"], "opts": of.opts}
    return render(request, template, context, status=422 if context.get("errors") else 200)
