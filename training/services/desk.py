"""What waits at somebody's desk on the side of training: texts to verify, to recheck, and people overdue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from knowledge.services import queues
from knowledge.services.queues import TOLD, may, titles
from training.enums import DueState
from training.services import assignments, freshness, uses


def overdue(user: Any, now: datetime, mine: bool) -> list[User]:
    """People with an overdue path, of those whose results this person may see; of the teams they lead if `mine`."""
    people = User.objects.results_visible_to(user).filter(is_active=True)
    if mine:
        people = people.filter(team__in=Team.objects.filter(leaders=user.pk))
    dues = assignments.dues(people, timezone.localdate(now))
    late = [pk for pk, found in dues.items() if any(due.state == DueState.OVERDUE for due in found)]
    return list(User.objects.filter(pk__in=late).order_by("display_name", "pk"))


def _stale(user: Any, now: datetime, mine: bool) -> freshness.Queue:
    return freshness.Queue(user, now, owner=freshness.MINE if mine else "")


TRAINING = (
    queues.Queue(
        name="freshness",
        place=30,
        label=_("To be verified"),
        empty=_("Every published text has been looked at in time."),
        may=may("knowledge.change_card", "training.change_lesson"),
        count=lambda user, now, mine: len(_stale(user, now, mine)),
        first=lambda user, now: titles(row.item.title for row in _stale(user, now, True)[:TOLD]),
        address=lambda mine: f"{reverse('freshness')}?owner={freshness.MINE if mine else ''}",
        owned=True,
    ),
    queues.Queue(
        name="rechecks",
        place=50,
        label=_("To be rechecked"),
        empty=_("No card has changed under a lesson or a question."),
        may=may("training.change_lesson", "training.change_question"),
        count=lambda user, now, mine: uses.flagged(user).count(),
        first=lambda user, now: titles(use.target for use in uses.flagged(user)[:TOLD]),
        address=lambda mine: reverse("rechecks"),
    ),
    queues.Queue(
        name="overdue",
        place=60,
        label=_("People overdue"),
        empty=_("Everybody is in time."),
        may=may("training.add_assignment"),
        count=lambda user, now, mine: len(overdue(user, now, mine)),
        first=lambda user, now: titles(overdue(user, now, True)[:TOLD]),
        address=lambda mine: f"{reverse('deadlines')}?state={DueState.OVERDUE}",
        owned=True,
    ),
)
