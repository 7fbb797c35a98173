"""What is stale: cards and lessons to be verified, most used first."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.enums import Course
from knowledge.models.event import RECENT_DAYS
from knowledge.services.freshness import verify as still_valid
from knowledge.text import whole
from training.services.freshness import MINE, MODELS, NOBODYS, Queue

PAGE_LENGTH = 30


@require_safe
def freshness(request: HttpRequest) -> HttpResponse:
    """The queue. Without a filter, what is the reader's own where there is any."""
    _may_look(request.user)
    chosen = _chosen(request)
    now = timezone.now()
    if "owner" not in request.GET and len(Queue(request.user, now, owner=MINE)):
        chosen["owner"] = MINE
    queue: Any = Queue(request.user, now, **chosen)
    pages: Any = Paginator(queue, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {
        "section": "team",
        "tab": "freshness",
        "pages": pages,
        "rows": list(pages.object_list),
        "chosen": chosen,
        "owners": [person for person in queue.owners() if person.pk != request.user.pk],
        "courses": Course.choices,
        "days": RECENT_DAYS,
        "may_verify": {kind for kind in MODELS if _may_verify(request.user, kind)},
        "here": request.get_full_path(),
    }
    return render(request, "team/freshness.html", context)


@require_POST
def verify(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """仍然有效, from the queue, the card's page or a form of the admin: back to where it was said."""
    if kind not in MODELS or not _may_verify(request.user, kind):
        raise Http404
    item = get_object_or_404(MODELS[kind].objects.visible_to(request.user), pk=pk)
    still_valid([item], by=request.user, day=timezone.localdate())
    messages.success(request, _("“%s” still holds: noted for today.") % item)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if safe else reverse("freshness"))  # an address, never the name of a view


def _may_look(user: Any) -> None:
    """Raises Http404 for whoever may not see what trainers work on."""
    if not (user.is_staff and user.has_perm("knowledge.view_card") and user.has_perm("training.view_lesson")):
        raise Http404


def _may_verify(user: Any, kind: str) -> bool:
    return bool(user.is_staff and user.has_perm(f"{MODELS[kind]._meta.app_label}.change_{kind}"))


def _chosen(request: HttpRequest) -> dict[str, str]:
    """The filters of the address that mean something; anything else is ignored, not an error."""
    owner, kind, course = (request.GET.get(name, "") for name in ("owner", "kind", "course"))
    known = owner in {MINE, NOBODYS} or whole(owner, 9) is not None
    return {
        "owner": owner if known else "",
        "kind": kind if kind in MODELS else "",
        "course": course if course in Course.values else "",
    }
