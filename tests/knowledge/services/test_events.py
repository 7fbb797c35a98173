"""What is counted, and what is never kept."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from hypothesis import given
from hypothesis import strategies as st

from knowledge.models import CopyEvent, Favourite, SearchLog
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import events
from knowledge.services.events import LOGGED_LENGTH, loggable
from tests import factories

NOW = datetime.datetime(2026, 3, 1, 4, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("运费", "运费"),
        ("  运费　多少  ", "运费 多少"),
        ("ＹｕｎＦＥＩ", "yunfei"),
        ("13800138000", "*"),
        ("打 138 0013 8000", "打 *"),
        ("１３８００１３８０００", "*"),
        ("138-0013-8000是谁", "*是谁"),
        ("123456", "123456"),
        ("1234567", "*"),
        ("一" * 20, "一" * 20),
        ("一" * 21, ""),
        ("单号" + "1" * 40, "单号*"),
        ("一" * 15 + "1234567890123", "一" * 15 + "*"),
        ("运费\n多少", ""),
        ("运费\r多少", ""),
        ("运费\n", ""),
        ("", ""),
        (" \t", ""),
        ("\x00\ud800", ""),
        ("运\x00费", "运费"),
        ("字" * 5000, ""),
    ],
)
def test_what_the_log_may_hold(query: str, kept: str) -> None:
    """A pasted message or a phone number in the log would be a customer's data kept for ever."""
    assert loggable(query) == kept


@given(st.text(alphabet="0123456789０９ -–.运费a\n\x00", max_size=40))
def test_no_seven_digits_in_a_row_ever_reach_it(query: str) -> None:
    """Masking comes before cutting, and nothing after it joins digits again."""
    kept = loggable(query)
    assert len(kept) <= LOGGED_LENGTH
    assert "\n" not in kept
    longest = max((len(run) for run in "".join(c if c.isdigit() else " " for c in kept).split()), default=0)
    assert longest < 7


@pytest.mark.django_db
def test_a_copy_counts_line_person_and_time_and_nothing_else(agent: Any) -> None:
    """The model has no place for a text, so nothing pasted can ever be stored."""
    line = factories.card("a", code="aa").say[0]
    with time_machine.travel(NOW, tick=False):
        events.count_copy(line, agent)
    assert list(CopyEvent.objects.values()) == [{"id": CopyEvent.objects.get().pk, "line_id": line.pk,
                                                 "user_id": agent.pk, "at": NOW}]  # fmt: skip
    assert not SearchLog.objects.exists()
    assert str(CopyEvent.objects.get()) == f"{line.pk} 2026-03-01 04:00"


@pytest.mark.django_db
def test_a_copy_teaches_the_search_its_ties(agent: Any) -> None:
    """Of two cards that fit equally the one people use comes first."""
    factories.card("a", aliases=["同一个说法"], title="情景")
    second = factories.card("b", aliases=["同一个说法"], title="情景")
    found = lambda: [hit.slug for hit in engine.search("同一个说法", Viewer()).hits]  # noqa: E731
    assert found() == ["a", "b"]
    events.count_copy(second.say[0], agent)
    assert found() == ["b", "a"]


@pytest.mark.django_db
def test_a_copy_out_of_a_search_marks_its_log_row(agent: Any, trainer: Any) -> None:
    """Results but no copy is a list trainers read: a copy must take the query off it, of this person only."""
    line = factories.card("a").say[0]
    with time_machine.travel(NOW, tick=False) as clock:
        for user in (agent, trainer):
            events.log_search("运费", user, Viewer())
        clock.shift(60)
        events.count_copy(line, agent, "运费")
        events.count_copy(line, agent, " 运费 ")
    rows = list(SearchLog.objects.order_by("pk").values_list("query", "user", "copied"))
    assert rows == [("运费", agent.pk, True), ("运费", trainer.pk, False)]


@pytest.mark.django_db
def test_a_copy_faster_than_the_settled_query_writes_the_row_itself(agent: Any) -> None:
    """The skilled never wait 800 ms: without this their searches would look like nobody's."""
    line = factories.card("a").say[0]
    with time_machine.travel(NOW, tick=False) as clock:
        events.log_search("蓝莓", agent, Viewer())
        clock.shift(601)
        events.count_copy(line, agent, "蓝莓")
        events.count_copy(line, agent, "顾客说：" + "长" * 30)
    rows = list(SearchLog.objects.order_by("at").values_list("query", "results", "copied"))
    assert rows == [("蓝莓", 0, False), ("蓝莓", 1, True)]


@pytest.mark.django_db
def test_a_settled_search_is_logged_with_what_it_found(agent: Any) -> None:
    """Zero results is the list of words the phrasebook lacks."""
    factories.card("a", aliases=["运费贵"])
    assert events.log_search("运费", agent, Viewer()) is True
    assert events.log_search("蓝莓果酱", agent, Viewer()) is True
    assert events.log_search("你好\n我的电话 13800138000", agent, Viewer()) is False
    assert events.log_search("长" * 30, agent, Viewer()) is False
    rows = list(SearchLog.objects.order_by("pk").values_list("query", "results", "copied", "user"))
    assert rows == [("运费", 1, False, agent.pk), ("蓝莓果酱", 0, False, agent.pk)]
    assert sorted(map(str, SearchLog.objects.all())) == ["蓝莓果酱", "运费"]


@pytest.mark.django_db
def test_a_favourite_goes_on_and_off(agent: Any, trainer: Any) -> None:
    """The answer is what the star shows; another person's star is not touched."""
    line = factories.card("a").say[0]
    events.toggle_favourite(line, trainer)
    assert [events.toggle_favourite(line, agent) for _ in range(3)] == [True, False, True]
    assert sorted(Favourite.objects.values_list("user", flat=True)) == sorted([agent.pk, trainer.pk])


def test_no_table_of_events_has_room_for_a_message() -> None:
    """Promise of the product: pasted messages are stored nowhere. 20 characters of query is all there is."""
    texts = {
        (model.__name__, field.name): field.max_length
        for model in (apps.get_model("knowledge", "CopyEvent"), apps.get_model("knowledge", "SearchLog"))
        for field in model._meta.get_fields()
        if getattr(field, "max_length", None)
    }
    assert texts == {("SearchLog", "query"): LOGGED_LENGTH}
