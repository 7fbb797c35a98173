"""What leans on a card, for the card's page in the admin: knowledge does not know the courses."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from knowledge.models import Card, Use
from training.models import Lesson, Question

register = template.Library()


@register.simple_tag
def uses_of(card: Card) -> list[dict[str, Any]]:
    """The lessons and questions that use a card, flagged ones first: {kind, title, flagged, edit, rechecked}."""
    uses = list(card.uses.filter(kind__in=(Use.Kind.LESSON, Use.Kind.QUESTION)).order_by("-recheck", "kind", "pk"))
    found: dict[str, dict[int, Any]] = {
        str(kind): model.objects.in_bulk([use.object_id for use in uses if use.kind == kind])  # type: ignore[attr-defined]
        for kind, model in ((Use.Kind.LESSON, Lesson), (Use.Kind.QUESTION, Question))
    }
    return [_row(use, found[use.kind][use.object_id]) for use in uses if use.object_id in found[use.kind]]


def _row(use: Use, item: Any) -> dict[str, Any]:
    return {
        "kind": use.get_kind_display(),
        "title": str(item),
        "status": item.get_status_display(),
        "flagged": use.recheck,
        "edit": reverse(f"admin:training_{use.kind}_change", args=[item.pk]),
        "rechecked": reverse(f"admin:training_{use.kind}_rechecked", args=[item.pk]),
    }
