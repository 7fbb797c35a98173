"""需复核: what leans on a card that has changed since, card by card, cleared one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge.models import Card, Revision, Use
from knowledge.text import whole
from training.services import uses

PAGE_LENGTH = 50


@require_safe
def rechecks(request: HttpRequest) -> HttpResponse:
    """The queue, one query for each kind of what leans on cards."""
    user: Any = request.user
    if not (user.is_staff and user.has_perm("knowledge.view_card")):
        raise Http404
    pages = Paginator(uses.flagged(user), PAGE_LENGTH).get_page(request.GET.get("page"))
    page_uses = list(pages.object_list)
    prefetch_related_objects(page_uses, "target")
    context = {"section": "team", "tab": "rechecks", "pages": pages, "cards": _by_card(page_uses, user)}
    return render(request, "team/rechecks.html", context)


@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """Looked at: this use leaves the queue."""
    use = get_object_or_404(uses.flagged(request.user), pk=pk)
    if not _may_change(request.user, use.content_type):
        raise Http404
    uses.seen(use, by=request.user)
    messages.success(request, _("“%s” has been looked at.") % use.target)
    page = whole(request.POST.get("page", ""), 6)
    return redirect(f"{reverse('rechecks')}?page={page}" if page else reverse("rechecks"))


def _by_card(page_uses: list[Use], user: Any) -> list[dict[str, Any]]:
    """The rows under the card they lean on: [{card, rows: [{use, edit}], changed}]; `edit` is empty for whoever only
    looks, `changed` is where the versions are compared."""
    groups: dict[int, dict[str, Any]] = {}
    versions = Versions(page_uses)
    for use in page_uses:
        if use.target is None:  # deleted behind the back of its service
            continue
        group = groups.setdefault(use.card_id, {"card": use.card, "rows": [], "changed": versions.since(use)})
        here = use.content_type
        edit = f"admin:{here.app_label}_{here.model}_change"
        allowed = _may_change(user, here)
        group["rows"].append({"use": use, "edit": reverse(edit, args=[use.object_id]) if allowed else ""})
    return list(groups.values())


class Versions:
    """The published versions of the cards of some uses, oldest first: two of them show what has changed since."""

    def __init__(self, page_uses: list[Use]) -> None:
        cards = {use.card_id for use in page_uses}
        rows = Revision.objects.published().filter(kind=Card.search_kind, object_id__in=cards)
        self.of_card: dict[int, list[int]] = defaultdict(list)
        for card, pk in rows.order_by("number").values_list("object_id", "pk"):
            self.of_card[card or 0].append(pk)

    def since(self, use: Use) -> str:
        """Where the version that was seen and today's are compared; the card's history when one of them has gone."""
        known = self.of_card[use.card_id]
        seen = use.card_version_seen - 1
        if 0 <= seen < len(known) - 1:
            return f"{reverse('admin:knowledge_revision_compare')}?a={known[seen]}&b={known[-1]}"
        return reverse("admin:knowledge_card_history", args=[use.card_id])


def _may_change(user: Any, kind: ContentType) -> bool:
    return bool(user.is_staff and user.has_perm(f"{kind.app_label}.change_{kind.model}"))
