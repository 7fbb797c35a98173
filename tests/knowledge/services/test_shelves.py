"""What stands ready before anybody types."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from knowledge.models import Card, CopyEvent, Favourite
from knowledge.services import shelves
from tests import factories
from tests.factories import person

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 1, 4, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def copy(line: Any, user: Any, minutes_ago: int) -> None:
    CopyEvent.objects.create(line=line, user=user, at=timezone.now() - datetime.timedelta(minutes=minutes_ago))


def codes(lines: list[Any]) -> list[str]:
    return [line.code for line in lines]


def lines() -> list[Any]:
    return [*factories.card("a", code="aa").say, *factories.card("b", code="bb").say]


def test_favourites_are_the_readers_own_newest_first(agent: Any, trainer: Any) -> None:
    """Somebody else's favourites on the shelf would be noise and a small leak."""
    one, two, three, _four = lines()
    for minutes, line in ((3, one), (1, three), (2, two)):
        Favourite.objects.create(user=agent, line=line, at=NOW - datetime.timedelta(minutes=minutes))
    Favourite.objects.create(user=trainer, line=one, at=NOW)
    assert codes(shelves.favourites(agent)) == ["bb1", "aa2", "aa1"]
    assert codes(shelves.favourites(agent, 2)) == ["bb1", "aa2"]
    assert codes(shelves.favourites(trainer)) == ["aa1"]


def test_recents_are_each_line_once_by_the_readers_own_last_copy(agent: Any, trainer: Any) -> None:
    """A colleague's later copy must not pull a line to the top of my list."""
    one, two, three, four = lines()
    copy(one, agent, 50)
    copy(two, agent, 40)
    copy(one, agent, 30)
    copy(two, trainer, 1)
    copy(four, trainer, 1)
    copy(three, agent, 30 * 24 * 60 + 1)
    assert codes(shelves.recents(agent)) == ["aa1", "aa2"]


def test_most_used_counts_the_whole_team_in_thirty_days(agent: Any, trainer: Any) -> None:
    """An old favourite of the shop must make room for what is asked now."""
    one, two, three, _four = lines()
    for minutes in (1, 2):
        copy(two, agent, minutes)
    copy(two, trainer, 3)
    copy(one, trainer, 30 * 24 * 60)
    for _ in range(9):
        copy(three, agent, 30 * 24 * 60 + 1)
    assert codes(shelves.most_used(agent)) == ["aa2", "aa1"]


def test_shelves_are_short(agent: Any) -> None:
    """They stand above the fold of a 320 px window."""
    for number in range(4):
        for line in factories.card(f"c{number}").say:
            copy(line, agent, number)
    assert shelves.SHELF_LENGTH == 5
    assert [len(shelves.recents(agent)), len(shelves.most_used(agent))] == [5, 5]


def test_what_may_not_be_seen_or_copied_any_more_is_gone(agent: Any, trainer: Any) -> None:
    """A retired card's line on the shelf would still be pasted to customers."""
    card = factories.card("a", code="aa")
    for user in (agent, trainer):
        for line in (card.say[0], card.avoid[0]):
            Favourite.objects.create(user=user, line=line)
            copy(line, user, 1)
    Card.objects.update(status="retired")
    three = (shelves.favourites, shelves.recents, shelves.most_used)
    assert [codes(found(agent)) for found in three] == [[], [], []]
    assert [codes(found(trainer)) for found in three] == [["aa1"]] * 3


def test_each_shelf_is_one_query(agent: Any, django_assert_num_queries: Any) -> None:
    """Home and dock show all three at every opening; the permission check is asked once a person."""
    for line in lines():
        Favourite.objects.create(user=agent, line=line)
        copy(line, agent, 1)
    agent.has_perm("knowledge.change_card")
    with django_assert_num_queries(3):
        found = shelves.favourites(agent) + shelves.recents(agent) + shelves.most_used(agent)
        assert {line.card.slug for line in found} == {"a", "b"}


def test_nobody_new_has_empty_shelves() -> None:
    """The first day must show the hint, not an error."""
    factories.card("a")
    newcomer = person("trainee")
    assert shelves.favourites(newcomer) + shelves.recents(newcomer) + shelves.most_used(newcomer) == []
