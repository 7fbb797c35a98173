"""The readiness board: who is ready for which shift."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Team, sees_results
from accounts.services import audit
from knowledge.enums import Competency
from knowledge.tables import csv
from knowledge.text import clean_query
from training.services import board
from training.services.board import NO_TEAM, SORTS, Wanted
from training.services.matrix import PASS_LINE

PAGE_LENGTH = 50
LONGEST_NAME = 40
ORDERS = [
    ("name", gettext_lazy("Name")),
    ("ready", gettext_lazy("Ready first")),
    ("weakest", gettext_lazy("Weakest first")),
    ("overdue", gettext_lazy("Overdue first")),
]


@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """People by competencies. Managers see the teams they lead, and are told kindly when there is none."""
    teams = _gate(request)
    wanted, now = _wanted(request.GET), timezone.now()
    everybody = request.user.has_perm("accounts.change_team")
    context: dict[str, Any] = {"section": "team", "tab": "board", "teams": teams, "everybody": everybody}
    if not (teams or everybody):
        return render(request, "team/board_none.html", context)
    audit.viewed(request.user, kind="board")
    found = board.board(request.user, wanted, now)
    context |= {
        "board": found,
        "page": Paginator(found.lines, PAGE_LENGTH).get_page(request.GET.get("page")),
        "wanted": wanted,
        "filtered": wanted != Wanted(sort=wanted.sort),
        "orders": ORDERS,
        "competencies": list(Competency),
        "pass_line": PASS_LINE,
        "no_team": NO_TEAM,
    }
    return render(request, "team/board.html", context)


@require_POST
def team_csv(request: HttpRequest) -> HttpResponse:
    """The board as it was chosen on the page, all of its pages."""
    _gate(request)
    found = board.board(request.user, _wanted(request.POST), timezone.now())
    audit.note(request.user, audit.Action.EXPORTED, kind="board", detail=str(len(found.lines)))
    name = content_disposition_header(as_attachment=True, filename=_("readiness.csv"))
    return HttpResponse(csv.write(_rows(found)), "text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _gate(request: HttpRequest) -> list[Team]:
    """The teams this viewer may ask for; 404 for those who see nobody's results."""
    if not sees_results(request.user):
        raise Http404
    return list(Team.objects.led_by(request.user))


def _wanted(given: QueryDict) -> Wanted:
    """What was asked for; whatever is none of ours counts as not asked."""
    sort = given.get("sort", "")
    return Wanted(
        team=clean_query(given.get("team", ""), LONGEST_NAME).text,
        path=clean_query(given.get("path", ""), LONGEST_NAME).text,
        query=clean_query(given.get("q", ""), LONGEST_NAME).text,
        sort=sort if sort in SORTS else "name",
        leavers=given.get("leavers") == "1",
    )


def _rows(found: board.Board) -> list[list[str]]:
    heads = [_("Name"), _("Staff number"), _("Team"), _("Path"), _("Ready"), _("Steps done"), _("Steps")]
    labels = [str(competency.label) for competency in Competency]
    return [[*heads, *labels, _("To finish"), _("Due on")], *(_row(line) for line in found.lines)]


def _row(line: board.Line) -> list[str]:
    aim, due = line.readiness, line.dues[0] if line.dues else None
    return [
        str(line.person),
        line.person.staff_number or "",
        str(line.person.team or ""),
        *([aim.path.title, _("yes") if aim.ready else _("no")] if aim else ["", ""]),
        *([str(aim.tally.done), str(aim.tally.total)] if aim else ["", ""]),
        *("" if cell.percent is None else str(cell.percent) for cell in line.cells),
        *([due.title, due.due_on.isoformat()] if due else ["", ""]),
    ]
