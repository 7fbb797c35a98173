"""How long ago something was, in one unit: the exact time stands beside it."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.timesince import timesince

register = template.Library()


@register.filter
def ago(moment: datetime) -> str:
    return timesince(moment, depth=1)
