"""What stands ready before anybody types: favourites, recents, most used."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max

from knowledge.models import CopyEvent, Line

SHELF_LENGTH = 5


def favourites(user: Any, limit: int | None = None) -> list[Line]:
    """This reader's favourite lines that they may still see, newest first."""
    found = Line.objects.visible_to(user).copyable().filter(favourites__user=user).order_by("-favourites__at")
    return list(found.select_related("card")[:limit])


def recents(user: Any, limit: int = SHELF_LENGTH) -> list[Line]:
    """The lines this reader copied last, each once, newest first."""
    found = (
        Line.objects.visible_to(user)
        .copyable()
        .filter(copies__in=CopyEvent.objects.recent().filter(user=user))
        .annotate(last=Max("copies__at"))
        .order_by("-last", "pk")
    )
    return list(found.select_related("card")[:limit])


def most_used(user: Any, limit: int = SHELF_LENGTH) -> list[Line]:
    """The lines the whole team copied most in 30 days."""
    found = (
        Line.objects.visible_to(user)
        .copyable()
        .filter(copies__in=CopyEvent.objects.recent())
        .annotate(times=Count("copies"))
        .order_by("-times", "pk")
    )
    return list(found.select_related("card")[:limit])
