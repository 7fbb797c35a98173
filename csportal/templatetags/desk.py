"""The first page of the admin: what waits for whoever opens it."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from knowledge.services import queues

register = template.Library()


@register.simple_tag
def desk_of(user: Any) -> list[queues.Waiting]:
    """The queues this person may work on, with how much waits in each."""
    return queues.desk(user, timezone.now())
