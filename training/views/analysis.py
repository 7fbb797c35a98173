"""Which questions mislead: item analysis on first attempts. Nobody's name stands here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import sees_results
from accounts.services import audit
from knowledge.enums import Course, Status
from knowledge.services import workflow
from knowledge.tables import csv
from training.enums import ItemFlag
from training.models import Question
from training.services import analysis
from training.services.analysis import SORTS, Item
from training.statistics import FEWEST

ANY = "any"
ORDERS = [
    ("code", gettext_lazy("Course")),
    ("flags", gettext_lazy("Most pressing first")),
    ("discrimination", gettext_lazy("Lowest discrimination first")),
    ("facility", gettext_lazy("Hardest first")),
    ("answers", gettext_lazy("Most answers first")),
]
# What to do at each flag, in words.
ADVICE = {
    ItemFlag.KEY: gettext_lazy(
        "The stronger third chose a wrong option more often than the right one. Look first whether the key is where it "
        "belongs, then whether that option is right in some reading."
    ),
    ItemFlag.NEGATIVE: gettext_lazy(
        "Who did well in the rest got this one wrong more often than who did badly. The wording misleads, or the key "
        "is wrong: rewrite it, or retire it until then."
    ),
    ItemFlag.LOW: gettext_lazy(
        "Strong and weak answer alike. Often the situation leaves out what decides, or two options say the same."
    ),
    ItemFlag.HARD: gettext_lazy(
        "People earn less than by guessing. Either the lesson does not teach it yet, or an option looks too right."
    ),
    ItemFlag.EASY: gettext_lazy(
        "Nearly everybody gets it right. As a warm-up it may stay; as a test it tells nothing apart."
    ),
    ItemFlag.UNUSED: gettext_lazy(
        "Fewer than 5 in 100 chose this option. A mistake people really make would do more in its place."
    ),
}


@require_safe
def item_analysis(request: HttpRequest) -> HttpResponse:
    """Every question with what its first answers say."""
    _gate(request)
    asked = _asked(request.GET)
    context = {
        "section": "team",
        "tab": "items",
        "items": analysis.items(viewer=request.user, **asked),
        "asked": asked,
        "filtered": bool(asked["course"] or asked["flag"]),
        "courses": Course.choices,
        "flags": ItemFlag.choices,
        "orders": ORDERS,
        "fewest": FEWEST,
    }
    return render(request, "team/items.html", context)


@require_POST
def item_analysis_csv(request: HttpRequest) -> HttpResponse:
    """The list as it was chosen on the page."""
    _gate(request)
    found = analysis.items(viewer=request.user, **_asked(request.POST))
    audit.note(request.user, audit.Action.EXPORTED, kind="items", detail=str(len(found)))
    heads = [_("Question"), _("Course"), _("Type"), _("Status"), _("Version"), _("First answers")]
    heads += [_("Facility"), _("Discrimination"), _("Median seconds"), _("Flags")]
    name = content_disposition_header(as_attachment=True, filename=_("item-analysis.csv"))
    body = csv.write([heads, *(_row(item) for item in found)])
    return HttpResponse(body, "text/csv; charset=utf-8", headers={"Content-Disposition": name})


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One question: as it was asked, and how it was answered, version by version."""
    _gate(request)
    found = get_object_or_404(Question.objects.for_teams_of(request.user).select_related("card"), code=code)
    live, *older = sorted(analysis.versions(found), key=lambda one: (one.number != found.version, -one.number))
    context = {
        "section": "team",
        "tab": "items",
        "question": found,
        "live": live,
        "older": older,
        "course": Course(found.course).label,
        "advice": [(flag, ADVICE[flag]) for flag in live.measured.flags],
        "may_change": request.user.has_perm("training.change_question"),
        "may_retire": _may_retire(request, found),
    }
    return render(request, "team/item.html", context)


@require_POST
def item_retire(request: HttpRequest, code: str) -> HttpResponse:
    """Draw this question no more, from here."""
    _gate(request)
    found = get_object_or_404(Question, code=code)
    if not _may_retire(request, found):
        raise PermissionDenied
    if found.status != Status.RETIRED:
        analysis.retire(found, by=request.user)
    messages.success(request, _("Retired: no quiz draws it any more. It can be published again in the admin."))
    return redirect("item", code)


def _gate(request: HttpRequest) -> None:
    if not sees_results(request.user):
        raise Http404


def _may_retire(request: HttpRequest, question: Question) -> bool:
    """As in the admin: whoever may publish without somebody else's approval."""
    may_change = request.user.has_perm("training.change_question")
    return may_change and workflow.may_publish(request.user, workflow.kind_of(question))


def _asked(given: QueryDict) -> dict[str, Any]:
    """What was asked for; whatever is none of ours counts as not asked."""
    course, flag, sort = (given.get(name, "") for name in ("course", "flag", "sort"))
    return {
        "course": course if course in Course.values else "",
        "flag": flag if flag in (ANY, *ItemFlag.values) else "",
        "sort": sort if sort in SORTS else "code",
        "retired": given.get("retired") == "1",
    }


def _row(item: Item) -> list[str]:
    question, measured = item.question, item.measured
    return [
        question.code,
        item.course,
        str(question.get_type_display()),
        str(question.get_status_display()),
        str(question.version),
        str(measured.count),
        _three(measured.facility),
        _three(measured.discrimination),
        "" if measured.times is None else f"{measured.times.median:g}",
        "、".join(str(flag.label) for flag in measured.flags),
    ]


def _three(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
