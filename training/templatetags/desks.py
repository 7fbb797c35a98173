"""Seconds of a run as people read them, and who speaks in a transcript."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

SPEAKERS = {"customer": _("Customer"), "nudge": _("Customer, nudging"), "trainee": _("You")}


@register.filter
def clock(seconds: float | None) -> str:
    """1:05; an empty text for none."""
    if seconds is None:
        return ""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


@register.filter
def speaker(who: str) -> str:
    return str(SPEAKERS.get(who, who))
