"""The reply checker: a draft is judged, nothing of it is kept or logged."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from knowledge.services import checking
from knowledge.text import fill_defaults


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("reply")
def check(request: HttpRequest) -> HttpResponse:
    """The box, and below it what became of a reply that was sent without script. An address never carries a reply:
    `?line=<code>` names a line of a card, whose own words stand in the box to begin with."""
    context = _context(request)
    if request.method != "POST" and (code := request.GET.get("line", "")):
        context["line"] = line = checking.line_to_start_from(code, request.user)
        context["draft"] = fill_defaults(line.text) if line else ""
    answer = render(request, "knowledge/check.html", context)
    if "judged" in context:
        # Going back must not bring up what somebody else had judged here.
        answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@sensitive_post_parameters("reply")
def judge(request: HttpRequest) -> HttpResponse:
    """The judgement alone, for who pauses while typing. The header tells the script that this is no sign-in page."""
    answer = render(request, "knowledge/check_result.html", _context(request))
    answer.headers["X-Fragment"] = "judgement"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _context(request: HttpRequest) -> dict[str, Any]:
    context: dict[str, Any] = {"section": "practice", "longest": checking.LONGEST}
    if reply := request.POST.get("reply", "").replace("\r\n", "\n"):
        context["judged"] = judged = checking.judged(reply, request.user)
        context["draft"] = judged.text
    return context
