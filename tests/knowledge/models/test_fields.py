"""When a row was changed, as the version of all that is kept under it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Max
from django.utils import timezone

from knowledge.enums import Status
from knowledge.models import Card
from knowledge.services import cards
from tests import factories

pytestmark = pytest.mark.django_db


def newest() -> Any:
    return Card.objects.aggregate(at=Max("updated_at"))["at"]


def test_a_change_is_newer_than_any_other_though_the_clock_was_set_back() -> None:
    """What is kept of a table is kept under its newest change: an edit that hides under another shows nowhere."""
    early, late = factories.card("early"), factories.card("late")
    ahead = timezone.now() + timedelta(hours=1)
    Card.objects.filter(pk=late.pk).update(updated_at=ahead)
    early.save()
    assert ahead < newest() == early.updated_at
    before = newest()
    cards.set_status([early], Status.RETIRED)
    assert before < newest() < ahead + timedelta(seconds=1)


def test_with_a_clock_that_goes_on_it_is_now() -> None:
    """People read it: it must not drift away from the clock."""
    card = factories.card("early")
    before = timezone.now()
    card.save()
    assert before <= card.updated_at <= timezone.now()
