"""What customers ask that we have no words for, and which words nobody uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.services import audit
from knowledge.enums import FILTER_STAGES, Course, Status
from knowledge.models import Card, GapDecision, SynonymGroup
from knowledge.models.audience import tokens, viewer_of
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import copies as copied
from knowledge.services import gap_decisions
from knowledge.services import gaps as found_gaps
from knowledge.services.gap_decisions import Made, Turned
from knowledge.services.gaps import Gap, Reason
from knowledge.tables import csv
from knowledge.text import clean_query, whole

PERIODS = (7, 30, 90)  # days
LEAST = (1, 2, 3, 5, 10)
PAGE_LENGTH = 25
NEAREST = 5  # cards offered for an alias
DECIDED = "decided"
EXPORTED = 10_000  # rows of a file at most


# Gaps


@require_safe
def gaps(request: HttpRequest) -> HttpResponse:
    """The list; with `open` the query to decide on, with `find` cards looked for as the site finds them."""
    _may_look(request.user)
    if request.headers.get("X-Fragment") and request.GET.get("open"):
        answer = render(request, "team/_gap_cards.html", {"cards": _looked_for(request), "sought": True})
        answer.headers["X-Fragment"] = "cards"
        return answer
    return render(request, "team/gaps.html", _page(request, _chosen(request.GET), request.GET.get("open", "")))


@require_POST
def gaps_csv(request: HttpRequest) -> HttpResponse:
    """The whole list, as it is filtered. It is a POST because the audit log has a line for it."""
    _may_look(request.user)
    chosen, now = _chosen(request.POST), timezone.now()
    since = _since(chosen["days"], now)
    listed = found_gaps.find(since, least=chosen["least"], reason=chosen["reason"], limit=EXPORTED).gaps
    for start in range(0, len(listed), 500):  # no engine takes more names in one query
        found_gaps.explain(listed[start : start + 500], since, request.user)
    data = csv.write(found_gaps.rows_of(listed))
    audit.note(request.user, audit.Action.EXPORTED, kind="gap", detail=_("%d rows") % len(listed))
    return _file(data, f"search-gaps-{timezone.localdate(now)}.csv")


@require_POST
def gap_decide(request: HttpRequest) -> HttpResponse:
    """Turn a query into an alias, a synonym or a card to be written, or set it aside. What cannot be comes back with
    a sentence and all that was typed."""
    if not may_decide(request.user):
        raise Http404
    query, chosen = request.POST.get("query", ""), _chosen(request.POST)
    if not found_gaps.known(query):
        text = _("Nobody has searched for that, so there is nothing to decide. Choose a query of the list.")
        return render(request, "team/gaps.html", _page(request, chosen, "") | {"errors": [text]}, status=422)
    back = _address(chosen)
    if request.POST.get("make") == "back":
        if gap_decisions.take_back(query, by=request.user):
            messages.success(request, _("“%s” is on the list again.") % query)
        return redirect(back)
    try:
        turned = _decide(request, query)
    except ValidationError as error:
        context = _page(request, chosen, query) | {"errors": error.messages}
        return render(request, "team/gaps.html", context, status=422)
    messages.success(request, _told(turned))
    if turned.made == Made.CARD and turned.card:
        return redirect("admin:knowledge_card_change", turned.card.pk)
    return redirect(back)


def _decide(request: HttpRequest, query: str) -> Turned:
    """Raises ValidationError when it cannot be."""
    by: Any = request.user
    make, seen = request.POST.get("make", ""), request.POST.get("seen", "")
    if make == Made.ALIAS:
        return gap_decisions.as_alias(query, _card(request), by=by, seen=seen)
    if make == Made.SYNONYM and by.has_perm("knowledge.change_synonymgroup"):
        words = request.POST.get("words", "").replace("\0", "")[:200]
        return gap_decisions.as_synonym(query, words, _group(request.POST.get("group", "")), by=by, seen=seen)
    if make == Made.CARD and by.has_perm("knowledge.add_card"):
        near = _nearest(query, by)
        return gap_decisions.as_card(query, near[0] if near else None, by=by, seen=seen)
    if make == Made.NOTHING:
        return gap_decisions.set_aside(query, by=by, seen=seen)
    raise ValidationError(_("Choose what the query should become."))


def _card(request: HttpRequest) -> Card:
    number = whole(request.POST.get("card", ""), 9) or 0
    card = Card.objects.visible_to(request.user).exclude(status=Status.RETIRED).filter(pk=number).first()
    if card is None:
        raise ValidationError(_("Choose the card this query should lead to."))
    return card


def _group(typed: str) -> SynonymGroup | None:
    if not typed:
        return None
    group = SynonymGroup.objects.filter(pk=whole(typed, 9) or 0).first()
    if group is None:
        raise ValidationError(_("Somebody has deleted this group meanwhile. Nothing was changed."))
    return group


def _told(turned: Turned) -> SafeString | str:
    """What became of the query, and where to see it."""
    if turned.made == Made.NOTHING:
        return _("“%s” is set aside. It comes back when it is asked again and leads nowhere.") % turned.query
    if turned.made == Made.CARD:
        return _("A draft card for “%s”. Readers see it once it is published.") % turned.query
    if turned.card and not turned.live:
        text = _("“%(query)s” is an alias of “%(card)s” in a draft. It is found once that is published.")
        return text % {"query": turned.query, "card": turned.card.title}
    if not _is_found(turned):
        return _("Saved, but the search still finds nothing for “%s”: no card holds the other words.") % turned.query
    return format_html(
        '{} <a href="{}?{}">{}</a>',
        _("“%s” is found now.") % turned.query,
        *(reverse("phrases"), urlencode({"q": turned.query}), _("See the search")),
    )


def _is_found(turned: Turned) -> bool:
    """Whether a reader finds something now; for an alias, whether it is its card."""
    reader = Viewer(tokens=tokens(turned.card.audience) if turned.card else ())
    hits = engine.find(turned.query, reader, limit=10).hits
    return any(hit.object_id == turned.card.pk for hit in hits) if turned.card else bool(hits)


def _page(request: HttpRequest, chosen: dict[str, Any], opened: str) -> dict[str, Any]:
    decider, since = may_decide(request.user), _since(chosen["days"], timezone.now())
    number = whole(request.GET.get("page", ""), 6) or 1
    context: dict[str, Any] = {
        "section": "team",
        "tab": "gaps",
        "chosen": chosen,
        "kept": urlencode(chosen),
        "periods": PERIODS,
        "least": LEAST,
        "reasons": [*Reason.choices, (DECIDED, _("Decided"))],
        "may_decide": decider,
    }
    if chosen["reason"] == DECIDED:
        return context | {"pages": Paginator(found_gaps.decided(since, request.user), PAGE_LENGTH).get_page(number)}
    listed, total = _listed(chosen, since, number)
    if not listed and number > 1:
        number = 1
        listed, total = _listed(chosen, since, number)
    found_gaps.explain(listed, since, request.user)
    pages = Paginator(range(total), PAGE_LENGTH).get_page(number)
    context |= {"gaps": listed, "pages": pages, "total": total}
    if decider and opened and found_gaps.known(opened):
        mine = next((gap for gap in listed if gap.query == opened), None)
        context |= {"opened_in_list": mine is not None, **_panel(request, opened, mine)}
    return context


def _listed(chosen: dict[str, Any], since: datetime, number: int) -> tuple[list[Gap], int]:
    offset = (number - 1) * PAGE_LENGTH
    found = found_gaps.find(since, least=chosen["least"], reason=chosen["reason"], limit=PAGE_LENGTH, offset=offset)
    return found.gaps, found.total


def _panel(request: HttpRequest, query: str, gap: Gap | None) -> dict[str, Any]:
    """What the open query can be turned into."""
    decision = gap.decided if gap else GapDecision.objects.filter(query=query).first()
    copied_cards = [hint.card for hint in gap.copied if hint.card] if gap else []
    found = _looked_for(request)
    offered = {card.pk: card for card in [*copied_cards, *_nearest(query, request.user)] if card not in found}
    return {
        "opened": query,
        "seen": request.POST.get("seen") if request.method == "POST" else gap_decisions.state_of(decision),
        "suggested": list(offered.values())[:NEAREST],
        "find": request.GET.get("find", ""),
        "cards": found,
        "sought": bool(request.GET.get("find", "").strip()),
        "is_word": gap_decisions.is_word(query),
        "masked": gap_decisions.MASK in query,
        "groups": SynonymGroup.objects.all(),
        "typed": {"words": request.POST.get("words", ""), "group": request.POST.get("group", "")},
    }


def _looked_for(request: HttpRequest) -> list[Card]:
    """What the site's own search finds for the words in the panel's box."""
    text = clean_query(request.GET.get("find", "")).text
    return _cards(engine.find(text, viewer_of(request.user), limit=NEAREST).hits, request.user) if text else []


def _nearest(query: str, user: Any) -> list[Card]:
    """Cards that come near a query, even where a search for it finds nothing."""
    viewer = viewer_of(user)
    hits = engine.find(query, viewer, limit=NEAREST).hits or engine.match_message(query, viewer, limit=NEAREST).hits
    return _cards(hits, user)


def _cards(hits: list[engine.Hit], user: Any) -> list[Card]:
    rows = Card.objects.visible_to(user).in_bulk([hit.object_id for hit in hits])
    return [rows[hit.object_id] for hit in hits if hit.object_id in rows]


# Copies


@require_safe
def copies(request: HttpRequest) -> HttpResponse:
    """What is copied most, and what never: lines or whole cards."""
    _may_look(request.user)
    chosen, now = _filters(request.GET), timezone.now()
    rows = copied.Copies(request.user, now, **chosen)
    pages: Any = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    context = {
        "section": "team",
        "tab": "copies",
        "chosen": chosen,
        "kept": urlencode(chosen),
        "pages": pages,
        "rows": list(pages.object_list),
        "periods": PERIODS,
        "courses": Course.choices,
        "stages": [(stage.value, stage.label) for stage in FILTER_STAGES],
        "may_edit": may_decide(request.user),
        "weeks": copied.WEEKS,
    }
    return render(request, "team/copies.html", context)


@require_POST
def copies_csv(request: HttpRequest) -> HttpResponse:
    _may_look(request.user)
    chosen, now = _filters(request.POST), timezone.now()
    rows = copied.Copies(request.user, now, **chosen)[:EXPORTED]
    data = csv.write(copied.rows_of(rows))
    audit.note(request.user, audit.Action.EXPORTED, kind="copies", detail=_("%d rows") % len(rows))
    return _file(data, f"copies-{timezone.localdate(now)}.csv")


# Shared


def may_decide(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm("knowledge.change_card"))


def _may_look(user: Any) -> None:
    """Raises Http404 for whoever has no business with what is searched for."""
    if not (user.is_staff and user.has_perm("knowledge.view_searchlog")):
        raise Http404


def _chosen(data: Any) -> dict[str, Any]:
    """The filters that mean something; anything else is ignored, not an error."""
    reason = data.get("reason", "")
    return {
        "days": _one_of(data.get("days", ""), PERIODS, 30),
        "least": _one_of(data.get("least", ""), LEAST, 1),
        "reason": reason if reason in {*Reason.values, DECIDED} else "",
    }


def _filters(data: Any) -> dict[str, Any]:
    values = {"by": data.get("by", ""), "side": data.get("side", "")}
    course, stage = data.get("course", ""), data.get("stage", "")
    return {
        "days": _one_of(data.get("days", ""), PERIODS, 30),
        "by": values["by"] if values["by"] in copied.BY else copied.BY[0],
        "side": values["side"] if values["side"] in copied.SIDES else copied.SIDES[0],
        "course": course if course in Course.values else "",
        "stage": stage if stage in {one.value for one in FILTER_STAGES} else "",
    }


def _one_of(typed: str, known: tuple[int, ...], usual: int) -> int:
    number = whole(typed, 3)
    return number if number in known else usual


def _since(days: int, now: datetime) -> datetime:
    return now - timedelta(days=days)


def _address(chosen: dict[str, Any]) -> str:
    return f"{reverse('gaps')}?{urlencode(chosen)}"


def _file(data: bytes, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, "text/csv; charset=utf-8", headers=disposition)
