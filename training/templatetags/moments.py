"""Moments as a reader needs them: the date only when it is not today."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def moment(at: datetime) -> str:
    """14:05 today, 2026-11-27 00:20 on any other day: an attempt begun late at night ends tomorrow."""
    local = timezone.localtime(at)
    return formatted(local, "H:i" if local.date() == timezone.localdate() else "Y-m-d H:i")


@register.filter
def minutes(seconds: float) -> str:
    """A short time in words: 9 min 3 s."""
    whole, rest = divmod(int(seconds), 60)
    return _("%(minutes)d min %(seconds)d s") % {"minutes": whole, "seconds": rest}


@register.filter
def is_past(at: datetime) -> bool:
    return at < timezone.now()
