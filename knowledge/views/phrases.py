"""The search screens: /phrases/ and /dock/, page and fragment from one context."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.html import escape
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from knowledge import splice
from knowledge.enums import FILTER_STAGES, Competency, CustomerGroup
from knowledge.models.audience import viewer_of
from knowledge.search import engine
from knowledge.services import shelves
from knowledge.text import PASTED_LIMIT, clean_query
from knowledge.views.results import (
    answer_key,
    beside,
    entries,
    kept_answer,
    kept_fragment,
    kinds_beside,
    shelf,
)

KINDS = ("card", "snippet")
HITS = {"dock": 8, "phrases": 12, "home": 6}
PAGE_LENGTH = 24
# Filter parameter -> its choices; the facet tokens of the index are "<parameter>:<code>".
FILTERS = {"stage": FILTER_STAGES, "competency": tuple(Competency), "group": tuple(CustomerGroup)}


@require_safe
def phrases(request: HttpRequest) -> HttpResponse:
    """The phrasebook: search, filters with counts, cards."""
    return finder(request, "phrases")


@require_safe
def dock(request: HttpRequest) -> HttpResponse:
    """The same search for a narrow window beside a chat client."""
    return finder(request, "dock")


def finder(
    request: HttpRequest, screen: str, template: str = "", *, shelves: bool = True, **extra: Any
) -> HttpResponse:
    """Page or fragment. The X-Fragment header on the answer tells the script that it is not a sign-in page.

    `extra` is for the template of a page that is more than the search.
    """
    chosen = chosen_filters(request)
    query = clean_query(request.GET.get("q", ""))
    context: dict[str, Any] = {**extra, "screen": screen, "section": screen, "query": query.text, "cut": query.cut}
    if query.text:
        context |= searched(request, screen, chosen)
    elif screen == "phrases":
        context |= browsed(request, chosen)
    elif shelves:
        context |= ready_shelves(request)
    counts = context.get("counts", {})
    context |= {"filters": SimpleLazyObject(lambda: filter_rows(request, screen, chosen, counts)), "chosen": chosen}
    return answer(request, context, template or f"knowledge/{screen}.html")


def answer(request: HttpRequest, context: dict[str, Any], template: str) -> HttpResponse:
    """Page or fragment of one context. Entries and filters are lazy: a cached answer needs neither."""
    if not (key := answer_key(context)):
        return (
            fragment(render(request, "knowledge/_results.html", context))
            if wanted_as_fragment(request)
            else render(request, template, context)
        )
    if wanted_as_fragment(request):
        return fragment(kept_fragment(key, request, context))
    shown = {name: context[name] for name in ("screen", "section")}
    results = kept_answer(key, request, context)
    holes: dict[str, splice.Filling] = {"query": escape(context["query"]), "results": results}
    return splice.respond(request, template, context["screen"], shown, holes)


def wanted_as_fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("X-Fragment"))


def fragment(response: HttpResponse) -> HttpResponse:
    """The header tells the script that this is no sign-in page."""
    response.headers["X-Fragment"] = "results"
    return response


def chosen_filters(request: HttpRequest) -> dict[str, str]:
    """The filters of the address that mean something; anything else is ignored, not an error."""
    wanted = {name: request.GET.get(name, "") for name in FILTERS}
    return {name: code for name, code in wanted.items() if code in FILTERS[name]}


def searched(request: HttpRequest, screen: str, chosen: dict[str, str]) -> dict[str, Any]:
    found = engine.find(
        request.GET["q"],
        viewer_of(request.user),
        kinds=KINDS,
        filters=tuple(f"{name}:{code}" for name, code in chosen.items()),
        aside=() if screen == "dock" else kinds_beside(),
        limit=HITS[screen],
    )
    return {
        "hits": found.hits,
        "aside": found.aside,
        "beside": SimpleLazyObject(lambda: beside(found.aside, request.user)),
        "entries": SimpleLazyObject(lambda: entries(found.hits, request.user)),
        "total": found.total,
        "mode": found.mode,
        "counts": found.facet_counts,
    }


def browsed(request: HttpRequest, chosen: dict[str, str]) -> dict[str, Any]:
    """Without a query the phrasebook can still be read, page by page, in the order of the stages."""
    found = engine.browse(
        viewer_of(request.user), kinds=("card",), filters=tuple(f"{name}:{code}" for name, code in chosen.items())
    )
    page = Paginator(found.hits, PAGE_LENGTH).get_page(request.GET.get("page"))
    return {
        "hits": list(page.object_list),
        "entries": SimpleLazyObject(lambda: entries(list(page.object_list), request.user)),
        "total": found.total,
        "mode": found.mode,
        "counts": found.facet_counts,
        "pages": page,
        "page_query": urlencode(chosen),
    }


def ready_shelves(request: HttpRequest) -> dict[str, Any]:
    """Lines at hand before anybody types."""
    return {
        "favourites": shelf(shelves.favourites(request.user, shelves.SHELF_LENGTH)),
        "recents": shelf(shelves.recents(request.user)),
        "most_used": shelf(shelves.most_used(request.user)),
    }


def filter_rows(
    request: HttpRequest, screen: str, chosen: dict[str, str], counts: dict[str, int]
) -> list[dict[str, Any]]:
    """The filter chips. Only the phrasebook has room for more than the stages."""
    rows = []
    for name in FILTERS if screen == "phrases" else ("stage",):
        rest = {key: code for key, code in chosen.items() if key != name}
        if query := request.GET.get("q", ""):
            rest["q"] = clean_query(query).text
        chips: list[dict[str, Any]] = [
            {"code": "", "label": "", "count": None, "on": name not in chosen, "href": f"?{urlencode(rest)}"}
        ]
        chips += [
            {
                "code": choice.value,
                "label": choice.label,
                "count": counts.get(f"{name}:{choice.value}", 0) if counts else None,
                "on": chosen.get(name) == choice.value,
                "href": f"?{urlencode({**rest, name: choice.value})}",
            }
            for choice in FILTERS[name]
        ]
        rows.append({"name": name, "chips": chips})
    return rows


@require_POST
@sensitive_post_parameters("message")
def match(request: HttpRequest) -> HttpResponse:
    """A customer's whole message: the three best cards and why. Nothing of the message is stored or logged."""
    message = clean_query(request.POST.get("message", ""), PASTED_LIMIT)
    screen = "dock" if request.POST.get("screen") == "dock" else "phrases"
    context: dict[str, Any] = {"screen": screen, "section": screen, "pasted": True, "cut": message.cut}
    if message.text:
        found = engine.match_message(message.text, viewer_of(request.user), kinds=("card",), limit=3)
        context |= {"entries": entries(found.hits, request.user), "total": found.total, "mode": found.mode}
    else:
        context |= {"entries": [], "total": 0, "mode": "empty"}
    if not wanted_as_fragment(request):
        context |= {"filters": filter_rows(request, screen, {}, {})}
    return answer(request, context, f"knowledge/{screen}.html")
