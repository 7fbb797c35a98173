"""Who has to finish what by when, and what was agreed otherwise."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Team, User, sees_results
from accounts.services import audit
from knowledge.tables import csv
from knowledge.text import whole
from training.forms import AgreeForm, AssignForm
from training.models import Assignment, DeadlineChange, Path
from training.services import assigning, assignments, duelist
from training.services.assignments import Due
from training.services.duelist import PRESSING, STATES, Wanted

PAGE_LENGTH = 50


@require_safe
def deadlines(request: HttpRequest) -> HttpResponse:
    """Everything due and overdue, most pressing first, and the assignments it comes from."""
    teams = _gate(request)
    audit.viewed(request.user, kind="deadlines")
    wanted, today = _wanted(request.GET), timezone.localdate()
    lines = duelist.lines(request.user, wanted, today)
    running = Assignment.objects.running().visible_to(request.user)
    context = {
        "section": "team",
        "tab": "deadlines",
        "wanted": wanted,
        "pages": Paginator(lines, PAGE_LENGTH).get_page(request.GET.get("page")),
        "counts": duelist.counts(lines),
        "teams": teams,
        "paths": Path.objects.filter(assignments__in=running).distinct(),
        "states": STATES,
        "assignments": running.select_related("path", "team", "person", "created_by"),
        "may_assign": request.user.has_perm("training.add_assignment"),
        "may_agree": request.user.has_perm("training.add_deadlinechange"),
        "everybody": request.user.has_perm("accounts.change_team"),
        "no_team": duelist.NO_TEAM,
        "asked": request.GET.urlencode(),
    }
    return render(request, "team/deadlines.html", context)


@require_POST
def deadlines_csv(request: HttpRequest) -> HttpResponse:
    """What the page shows, all of its pages."""
    _gate(request)
    today = timezone.localdate()
    lines = duelist.lines(request.user, _wanted(request.POST), today)
    audit.note(request.user, audit.Action.EXPORTED, kind="deadlines", detail=str(len(lines)))
    name = content_disposition_header(True, _("deadlines-%s.csv") % today.isoformat())
    return HttpResponse(
        csv.write(duelist.table(lines)), "text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest) -> HttpResponse:
    """Give a path to teams and people."""
    teams = _gate(request, "training.add_assignment")
    people = User.objects.results_visible_to(request.user).filter(is_active=True)
    initial = {"people": [whole(request.GET.get("person", ""), 9)], "path": request.GET.get("path", "")}
    form = AssignForm(request.POST if request.method == "POST" else None, teams=teams, people=people, initial=initial)
    if request.method == "POST" and form.is_valid() and _assigned(request, form):
        return redirect("deadlines")
    context = {"section": "team", "tab": "deadlines", "form": form}
    return render(request, "team/deadlines_assign.html", context, status=422 if form.errors else 200)


def _assigned(request: HttpRequest, form: AssignForm) -> bool:
    """Assign what a sound form asks for, and say so. False with an error on the form where it cannot be."""
    path, days = form.cleaned_data["path"], {name: form.cleaned_data[name] for name in ("due_on", "due_days")}
    try:
        outcome = assigning.assign(path, form.whom, **days, by=request.user, today=timezone.localdate())
    except ValidationError as error:
        form.add_error("due_days" if days["due_on"] is None else "due_on", error)
        return False
    except IntegrityError:  # somebody has just deleted one of them
        form.add_error(None, _("A team or person of your choice is gone. Nothing was assigned; choose again."))
        return False
    count = len(outcome.made)
    if count:
        done = ngettext("“%(path)s” is assigned.", "“%(path)s” is assigned to %(count)d.", count)
        messages.success(request, done % {"path": path, "count": count})
    if outcome.there:
        kept = _("These had “%(path)s” to do already; their day stays as it was: %(names)s")
        messages.warning(request, kept % {"path": path, "names": "、".join(map(str, outcome.there))})
    return True


@require_POST
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an assignment back. What was finished stays finished."""
    _gate(request, "training.add_assignment")
    found = get_object_or_404(Assignment.objects.visible_to(request.user).select_related("path"), pk=pk)
    if assigning.end(found, by=request.user, now=timezone.now()):
        messages.success(request, _("“%s” has ended: it is not due by way of it any more.") % found)
    return redirect("deadlines")


@require_http_methods(["GET", "HEAD", "POST"])
def deadline_change(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """More time for one person and path, or none needed, with what was agreed before."""
    _gate(request, "training.add_deadlinechange")
    person = get_object_or_404(User.objects.results_visible_to(request.user).select_related("team"), pk=pk)
    due = _due(person, slug)
    audit.viewed(request.user, person=person)  # what was agreed with somebody says something of their life
    form = AgreeForm(request.POST if request.method == "POST" else None, due=due)
    if request.method == "POST" and form.is_valid():
        try:
            assigning.agree(due, person, by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error("due_on", error)
        else:
            messages.success(request, _("Noted for %s.") % person)
            return redirect(f"{reverse('deadlines')}?{request.GET.urlencode()}")
    changes = DeadlineChange.objects.filter(person=person, path=due.path).select_related("by")
    context = {"section": "team", "tab": "deadlines", "form": form, "person": person, "due": due, "changes": changes}
    return render(request, "team/deadlines_change.html", context, status=422 if form.errors else 200)


def _due(person: User, slug: str) -> Due:
    found = assignments.dues(User.objects.filter(pk=person.pk), timezone.localdate())[person.pk]
    due = next((due for due in found if due.slug == slug), None)
    if due is None:
        raise Http404
    return due


def _gate(request: HttpRequest, *rights: str) -> Any:
    """The teams one may ask for; 404 for those who see nobody's results or lack one of these rights."""
    if not (sees_results(request.user) and request.user.has_perms(rights)):
        raise Http404
    return Team.objects.led_by(request.user)


def _wanted(data: Any) -> Wanted:
    """What is asked for; anything unknown asks for nothing in particular."""
    asked = {name: data.get(name, "").replace("\0", "").strip()[:40] for name in ("team", "path", "state", "q")}
    return Wanted(
        team=asked["team"],
        path=asked["path"],
        state=asked["state"] if asked["state"] in dict(STATES) else PRESSING,
        query=asked["q"],
        leavers=data.get("leavers") == "1",
    )
