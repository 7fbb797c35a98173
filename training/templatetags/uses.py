"""What leans on a card, for the card's page in the admin: knowledge does not know the courses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.contrib.contenttypes.models import ContentType
from django.urls import NoReverseMatch, reverse

from knowledge.models import Card, Use

register = template.Library()


@register.simple_tag
def uses_of(card: Card) -> list[dict[str, Any]]:
    """Whatever uses a card, of every kind there is, flagged ones first: {kind, title, status, flagged, edit,
    rechecked}. An address is empty where the admin has no such page."""
    uses = list(card.uses.order_by("-recheck", "kind", "pk"))
    found = {key: _items(key, uses) for key in {use.content_type_id for use in uses}}
    return [_row(use, item) for use in uses if (item := found[use.content_type_id].get(use.object_id)) is not None]


@register.filter
def flagged(uses: Iterable[dict[str, Any]]) -> int:
    """How many of them somebody has to look at."""
    return sum(use["flagged"] for use in uses)


def _items(content_type: int, uses: Iterable[Use]) -> dict[int, Any]:
    """The objects of one type by key: one query for any number."""
    model = ContentType.objects.get_for_id(content_type).model_class()
    keys = [use.object_id for use in uses if use.content_type_id == content_type]
    return model._default_manager.in_bulk(keys) if model else {}


def _row(use: Use, item: Any) -> dict[str, Any]:
    return {
        "kind": use.get_kind_display(),
        "title": str(item),
        "status": item.get_status_display() if hasattr(item, "get_status_display") else "",
        "flagged": use.recheck,
        "edit": _address(item, "change"),
        "rechecked": _address(item, "rechecked"),
    }


def _address(item: Any, screen: str) -> str:
    try:
        return reverse(f"admin:{item._meta.app_label}_{item._meta.model_name}_{screen}", args=[item.pk])
    except NoReverseMatch:
        return ""
