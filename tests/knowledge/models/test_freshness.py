"""Whether a text still holds: the same answer from an object and from the database, on the local day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from knowledge.models import Card
from knowledge.models.freshness import GRACE_DAYS, Freshness, freshness_on, in_the_past
from tests import factories

pytestmark = pytest.mark.django_db

VERIFIED = date(2026, 1, 1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
# Local time -> state of a text verified on 1 January for 180 days: 30 June is its last day, 30 July that of its grace.
CLOCK = [
    ("2026-01-01 00:00:00", "fresh"),
    ("2026-06-29 23:59:59", "fresh"),
    ("2026-06-30 00:00:00", "fresh"),
    ("2026-06-30 23:59:59", "fresh"),
    ("2026-07-01 00:00:00", "due"),
    ("2026-07-30 23:59:59", "due"),
    ("2026-07-31 00:00:00", "expired"),
    ("2027-06-01 08:00:00", "expired"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("now", "state"), CLOCK)
def test_the_day_is_shanghais(now: str, state: str) -> None:
    """Counted in UTC a card would turn due at eight in the morning, in the middle of a shift."""
    card = factories.card("clock")
    Card.objects.update(verified_on=VERIFIED)
    card.refresh_from_db()
    with time_machine.travel(at(now), tick=False):
        assert card.freshness == state
        assert [one for one in Freshness.values if Card.objects.in_state(one).exists()] == [state]


def test_nobody_has_looked() -> None:
    """Unverified text must not look checked; it is not expired either, for nothing has run out."""
    card = factories.card("unseen")
    assert card.freshness == "due"
    assert card.valid_to is None
    assert [one for one in Freshness.values if Card.objects.in_state(one).exists()] == ["due"]
    assert list(Card.objects.to_verify()) == [card]


@pytest.mark.parametrize("days", [1, 90, 180, 3650])
def test_the_interval_is_the_cards_own(days: int) -> None:
    """Object and database on the two sides of each edge."""
    card = factories.card("own")
    Card.objects.update(verified_on=VERIFIED, verify_days=days)
    card.refresh_from_db()
    last = VERIFIED + timedelta(days=days)
    assert card.valid_to == last
    edges = {
        last: "fresh",
        last + timedelta(days=1): "due",
        last + timedelta(days=GRACE_DAYS): "due",
        last + timedelta(days=GRACE_DAYS + 1): "expired",
    }
    for day, state in edges.items():
        assert freshness_on(day, VERIFIED, days) == state
        assert [one for one in Freshness.values if Card.objects.in_state(one, day=day).exists()] == [state]


def test_every_row_is_in_one_state() -> None:
    """A row in no state would be in no list."""
    for number, verified in enumerate((None, "2020-01-01", "2026-06-01", "2026-11-20")):
        factories.card(f"c{number}")
        Card.objects.filter(slug=f"c{number}").update(verified_on=verified)
    day = date(2026, 12, 1)
    found = {state: sorted(Card.objects.in_state(state, day=day).values_list("slug", flat=True)) for state in Freshness}
    assert found == {"fresh": ["c3"], "due": ["c0", "c2"], "expired": ["c1"]}
    assert Card.objects.in_state().count() == 0
    assert Card.objects.to_verify(day).count() == 3


def test_nobody_has_looked_tomorrow() -> None:
    """A day to come, typed by mistake, would keep a card valid for years."""
    with time_machine.travel(at("2026-11-25 00:30:00"), tick=False):  # still the 24th in UTC
        in_the_past(date(2026, 11, 25))
        with pytest.raises(ValidationError):
            in_the_past(date(2026, 11, 26))


def test_listing_costs_one_query(django_assert_num_queries: Any) -> None:
    """The state of a listed row is read off the row."""
    for number in range(3):
        factories.card(f"c{number}")
    with django_assert_num_queries(1):
        assert [card.freshness for card in Card.objects.all()] == ["due"] * 3
