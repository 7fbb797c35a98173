"""The work that nobody asks for: when it is due, by the local clock, and once whoever does it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.models import Chore
from knowledge.services import chores
from knowledge.services.chores import Regular, run_due

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A moment by the clock in Shanghai. 23 November 2026 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "REGULAR", {})


@pytest.fixture
def ran() -> list[datetime]:
    return []


@pytest.fixture
def every_day(ran: list[datetime]) -> None:
    chores.register(Regular("daily", ran.append, at=time(9)))


@pytest.fixture
def every_monday(ran: list[datetime]) -> None:
    chores.register(Regular("weekly", ran.append, weekday=0, at=time(9)))


def days(ran: list[datetime]) -> list[str]:
    return [f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}" for moment in ran]


def go(*moments: str) -> None:
    for moment in moments:
        run_due(at(moment))


def test_every_so_often(ran: list[datetime]) -> None:
    """At once the first time: a scheduled text does not wait for the second look."""
    chores.register(Regular("often", ran.append, every=timedelta(minutes=10)))
    go("2026-11-23 08:00", "2026-11-23 08:09", "2026-11-23 08:10", "2026-11-23 08:19", "2026-11-23 09:00")
    assert days(ran) == ["11-23 08:00", "11-23 08:10", "11-23 09:00"]


def test_once_a_day_from_its_hour_on(every_day: None, ran: list[datetime]) -> None:
    """A new site does not begin with what was due before it was there."""
    go("2026-11-23 10:00")
    assert ran == []
    go("2026-11-23 23:59:59", "2026-11-24 00:00", "2026-11-24 08:59:59", "2026-11-24 09:00", "2026-11-24 09:00:02")
    assert days(ran) == ["11-24 09:00"]
    go("2026-11-25 08:59", "2026-11-25 17:00", "2026-11-26 08:59")
    assert days(ran) == ["11-24 09:00", "11-25 17:00"]


def test_the_day_is_the_local_one(ran: list[datetime]) -> None:
    """Half an hour after midnight in Shanghai it is still yesterday in UTC."""
    chores.register(Regular("early", ran.append, at=time(0, 30)))
    go("2026-11-23 12:00", "2026-11-24 00:29:59", "2026-11-24 00:30", "2026-11-24 07:59", "2026-11-24 08:01")
    assert days(ran) == ["11-24 00:30"]


def test_once_a_week(every_monday: None, ran: list[datetime]) -> None:
    go("2026-11-20 12:00", "2026-11-22 23:59", "2026-11-23 08:59", "2026-11-23 09:00", "2026-11-23 09:10")
    go("2026-11-24 09:00", "2026-11-29 23:59", "2026-11-30 08:59:59")
    assert days(ran) == ["11-23 09:00"]
    go("2026-11-30 09:00")
    assert days(ran) == ["11-23 09:00", "11-30 09:00"]


def test_made_up_for_after_a_night_off(every_monday: None, ran: list[datetime]) -> None:
    """The site was down on Monday: the work is done when it is back, once, and the next week as usual."""
    go("2026-11-20 12:00", "2026-11-25 15:00", "2026-11-25 15:01", "2026-11-30 09:00")
    assert days(ran) == ["11-25 15:00", "11-30 09:00"]


def test_a_restart_repeats_nothing(every_day: None, ran: list[datetime]) -> None:
    """What was done is in the database, not in the process."""
    go("2026-11-23 10:00", "2026-11-24 09:00")
    assert Chore.objects.get().ran_at == at("2026-11-24 09:00")
    chores.REGULAR.clear()
    chores.register(Regular("daily", ran.append, at=time(9)))
    go("2026-11-24 09:01", "2026-11-24 23:00")
    assert days(ran) == ["11-24 09:00"]


def test_one_that_fails_stops_no_other(ran: list[datetime], caplog: pytest.LogCaptureFixture) -> None:
    def fail(now: datetime) -> None:
        raise OSError("no route")

    chores.register(Regular("broken", fail, every=timedelta(minutes=1)))
    chores.register(Regular("sound", ran.append, every=timedelta(minutes=1)))
    assert run_due(at("2026-11-23 08:00")) == ["sound"]
    assert [record.getMessage() for record in caplog.records] == ["The chore broken failed"]
    assert run_due(at("2026-11-23 08:00:30")) == []
    assert run_due(at("2026-11-23 08:01")) == ["sound"]
    assert len(caplog.records) == 2


def test_a_clock_set_back_holds_nothing_up(ran: list[datetime]) -> None:
    """A last run of next year would keep scheduled texts waiting for a year."""
    chores.register(Regular("often", ran.append, every=timedelta(minutes=10)))
    go("2027-11-23 08:00", "2026-11-23 08:00", "2026-11-23 08:05")
    assert days(ran) == ["11-23 08:00", "11-23 08:00"]


def test_a_look_costs_one_query(every_day: None, ran: list[datetime]) -> None:
    """Every two seconds, all day: it may not ask for the write lock."""
    chores.register(Regular("often", ran.append, every=timedelta(hours=1)))
    go("2026-11-23 10:00")
    with CaptureQueriesContext(connection) as asked:
        go("2026-11-23 10:00:02")
    assert len(asked) == 1
    assert asked.captured_queries[0]["sql"].startswith("SELECT")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once(ran: list[datetime]) -> None:
    """Two servers on one database, or a restart that overlaps: one of them does it."""
    lock = threading.Barrier(4)
    chores.register(Regular("once", ran.append, every=timedelta(minutes=1)))
    run_due(at("2026-11-23 08:00"))
    ran.clear()
    problems: list[BaseException] = []

    def work(look: Callable[[datetime], Any]) -> None:
        try:
            lock.wait(10)
            look(at("2026-11-23 09:00"))
        except BaseException as error:
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[run_due]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert days(ran) == ["11-23 09:00"]
