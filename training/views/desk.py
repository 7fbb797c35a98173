"""The chat desk: choose customers, serve them against the clock, and the report. A GET changes nothing."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.services import audit
from knowledge.enums import FILTER_STAGES, Competency
from knowledge.services import workflow
from knowledge.text import whole
from training.desk import drawing
from training.desk.advance import Said
from training.desk.script import read
from training.models import DeskChat, DeskRun, Dialogue
from training.services import dialogues, practice_doors, run_reports, runs
from training.services.runs import Desk, Refused, Reply

DICE = random.SystemRandom()
RANDOM = 3
TALKS = 1000  # drawn ones a worker keeps
FAR = 9  # digits of the highest number a column holds


@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """The door of all practice, with what waits behind each."""
    context = {"section": "practice", "doors": practice_doors.waiting(request.user, timezone.now())}
    return render(request, "practice/practice.html", context)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Choose customers; how each talk came out the last time; the last runs."""
    chosen = {
        name: code
        for name, choices in (("stage", FILTER_STAGES), ("competency", Competency))
        if (code := request.GET.get(name, "")) in list(choices)
    }
    found = list(dialogues.playable(request.user).filter(**chosen).order_by("stage", "title", "slug"))
    last = run_reports.last_outcomes(request.user)
    context = {
        "section": "practice",
        "rows": [(one, last.get(one.pk)) for one in found],
        "chosen": chosen,
        "stages": FILTER_STAGES,
        "competencies": list(Competency),
        "standing": runs.open_run(request.user),
        "runs": run_reports.last_runs(request.user),
        "random": RANDOM,
        "most": runs.MOST,
    }
    return render(request, "practice/desk.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin with the chosen customers, or with some by chance."""
    able = dialogues.playable(request.user)
    if "random" in request.POST:
        found = runs.pick(list(able), RANDOM, DICE)
    else:
        wanted = set(request.POST.getlist("dialogue"))
        found = [one for one in able.order_by("slug") if one.slug in wanted]
        DICE.shuffle(found)
    gentle = bool(request.POST.get("gentle"))
    try:
        begun = runs.start(request.user, found, now=timezone.now(), dice=DICE, gentle=gentle)
    except Refused as refused:
        messages.info(request, str(refused))
        return redirect("desk")
    return redirect("desk_run", begun.pk)


def _mine(request: HttpRequest, pk: int) -> DeskRun:
    """This person's own run, or 404: nobody answers in somebody's place."""
    return get_object_or_404(DeskRun, pk=pk, user=request.user.pk)


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """The run as it stands now. Once it is over the page asks for the report with a POST."""
    found = _mine(request, pk)
    if found.state == DeskRun.State.FINISHED:
        return redirect("desk_report", pk)
    now = runs.look(found, now=timezone.now())
    if now.over:
        return render(request, "practice/run_over.html", {"section": "practice", "run": found})
    # Without script each form carries its own number, so that a second click sends nothing twice.
    context = {"section": "practice", "run": found, "desk": now, "sequence": DICE.randrange(1, runs.LAST_SEQUENCE)}
    return render(request, "practice/run.html", context | {"longest": runs.LONGEST})


@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """What has changed since the page last asked; 304 when nothing has. One query of its own either way."""
    now = timezone.now()
    found = runs.glance(request.user, pk) if pk < 10**FAR else None
    if found is None:
        raise Http404
    mine, rows = found
    known = request.headers.get("If-None-Match", "").removeprefix("W/").strip('"')
    if runs.unchanged(mine, len(rows), known, now=now):
        answer = HttpResponse(status=304)
        answer.headers["ETag"] = f'W/"{known}"'
        return answer
    return _told(runs.look(mine, now=now, rows=rows))


def _told(now: Desk, status: int = 200, **more: Any) -> JsonResponse:
    """The whole state for the page's script, the parts it shows as they stand on the page."""
    chats = [
        {
            "position": chat.position,
            "here": chat.here,
            "over": chat.state.over,
            "waiting": chat.waiting,
            "left": chat.left,
            "said": chat.said,
            # Without the request: what its context processors add would cost more than the two pieces.
            "tab": render_to_string("practice/_desk_tab.html", {"chat": chat}),
            "talk": _talk(chat.script.brief, chat.state.transcript, get_language()) if chat.here else "",
        }
        for chat in now.chats
    ]
    body = {"over": now.over, "at": now.at, "next": now.next, "waiting": now.waiting, "chats": chats, **more}
    answer = JsonResponse(body, status=status)
    answer.headers["ETag"] = f'W/"{now.mark}"'
    return answer


@lru_cache(maxsize=TALKS)
def _talk(brief: str, lines: tuple[Said, ...], language: str | None) -> str:
    """A talk as it stands on the page in this language: most looks find it as it was."""
    return render_to_string("practice/_desk_talk.html", {"brief": brief, "lines": lines})


@require_POST
@sensitive_post_parameters("text")
def send(request: HttpRequest, pk: int, position: int) -> HttpResponse:
    """A reply to one customer. From the page's script the answer is the state; 409 for what came too late."""
    found, now = _mine(request, pk), timezone.now()
    sequence = whole(request.POST.get("sequence", ""), 10) or DICE.randrange(1, runs.LAST_SEQUENCE)
    reply = Reply(
        min(position, 10**FAR), request.POST.get("text", "")[: 2 * runs.LONGEST], sequence, request.POST.get("card", "")
    )
    scripted = bool(request.headers.get("X-Fragment"))
    status, told = 200, ""
    try:
        runs.send(found, reply, now=now)
    except DeskChat.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        status, told = 409 if refused.over else 422, str(refused)
    if scripted:
        found.refresh_from_db()
        return _told(runs.look(found, now=timezone.now()), status, error=told)
    if told:
        messages.info(request, told)
    return redirect(f"{reverse('desk_run', args=[pk])}#chat-{position}")


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the run. While customers are still there it asks once; safe to repeat."""
    found, now = _mine(request, pk), timezone.now()
    if request.method != "POST":
        return redirect("desk_run", pk)
    if not request.POST.get("sure") and not runs.close_if_over(found, now=now):
        there = [chat for chat in runs.look(found, now=now).chats if not chat.state.over]
        return render(request, "practice/run_end.html", {"section": "practice", "run": found, "there": len(there)})
    runs.finish(found, now=now)
    return redirect("desk_report", pk)


@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of a run: one's own; trainers see everybody's, managers their teams'. A preview is its player's."""
    rows = DeskRun.objects.visible_to(request.user).select_related("user")
    found = get_object_or_404(rows, pk=pk)
    own = found.user_id == request.user.pk
    if not own and (found.preview or found.state != DeskRun.State.FINISHED):
        raise Http404
    if found.state != DeskRun.State.FINISHED:
        return redirect("desk_run", pk)
    audit.viewed(request.user, person=found.user)
    context = {
        "section": "practice" if own else "team",
        "run": found,
        "own": own,
        "report": run_reports.tell(found, request.user),
    }
    return render(request, "practice/report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def play(request: HttpRequest, slug: str) -> HttpResponse:
    """A dialogue drawn, and played by whoever may change it: as it is being written. Nothing of it counts."""
    if not (request.user.is_staff and request.user.has_perm("training.change_dialogue")):
        raise Http404
    found = get_object_or_404(Dialogue, slug=slug)
    draft = workflow.open_revision(found)
    document = draft.document if draft else found.to_document()
    if request.method == "POST":
        try:
            begun = runs.preview(request.user, found, document, now=timezone.now())
        except Refused as refused:
            messages.info(request, str(refused))
            return redirect("dialogue_play", slug)
        return redirect("desk_run", begun.pk)
    script = read(document)
    context = {"section": "practice", "dialogue": found, "draft": draft, "script": script}
    return render(request, "practice/play.html", context | {"drawing": drawing.draw(script)})
