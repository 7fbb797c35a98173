"""Searches that led nowhere: what counts, what does not, and what people did next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.models import CopyEvent, GapDecision, SearchLog
from knowledge.services import gaps
from knowledge.services.gaps import Gap
from tests import factories

pytestmark = pytest.mark.django_db
NOW = timezone.now()
SINCE = NOW - timedelta(days=30)


def at(seconds: float, days: float = 1) -> datetime:
    """So many seconds into a day of the period."""
    return NOW - timedelta(days=days) + timedelta(seconds=seconds)


def searched(user: Any, query: str, seconds: float, results: int = 3, *, copied: bool = False, days: float = 1) -> None:
    SearchLog.objects.create(user=user, query=query, results=results, copied=copied, at=at(seconds, days))


def found(**wanted: Any) -> dict[str, dict[str, int]]:
    """query -> its reasons, of those that are not 0."""
    rows = gaps.find(SINCE, **wanted).gaps
    return {gap.query: {reason: times for reason, times in gap.reasons.items() if times} for gap in rows}


def test_each_search_counts_for_one_reason(agent: Any) -> None:
    """A list that told the same search three times would send a trainer after what happened once."""
    searched(agent, "没有的", 0, 0)
    searched(agent, "换着搜", 1000)
    searched(agent, "换过的", 1060)
    searched(agent, "没复制", 3000)
    searched(agent, "复制了", 5000, copied=True)
    assert found() == {
        "没复制": {"unused": 1},
        "换过的": {"unused": 1},
        "换着搜": {"again": 1},
        "没有的": {"none": 1},
    }


@pytest.mark.parametrize(
    ("apart", "reason"), [(0, "again"), (59.999, "again"), (60, "again"), (60.01, "unused"), (3600, "unused")]
)
def test_a_minute_is_a_minute(agent: Any, apart: float, reason: str) -> None:
    searched(agent, "先", 0)
    searched(agent, "后", apart, copied=True)
    assert found() == {"先": {reason: 1}}


def test_only_another_query_of_the_same_person_counts(agent: Any, trainee: Any) -> None:
    searched(agent, "一样", 0)
    searched(agent, "一样", 30)
    searched(trainee, "别人", 31, copied=True)
    assert found() == {"一样": {"unused": 2}}


def test_searches_of_nobody_do_not_follow_each_other() -> None:
    """Those of erased people have no person: read as one person's they would all be searched again."""
    searched(None, "甲", 0)
    searched(None, "乙", 1)
    assert found() == {"乙": {"unused": 1}, "甲": {"unused": 1}}
    assert [gap.people for gap in gaps.find(SINCE).gaps] == [0, 0]


@pytest.mark.parametrize(("seconds", "helped"), [(-1, False), (1, True), (599, True), (601, False)])
def test_a_copy_without_the_query_helps_too(agent: Any, seconds: float, helped: bool) -> None:
    """Whoever opens the card and copies there was helped, though the copy names no search."""
    searched(agent, "运费", 0)
    CopyEvent.objects.create(line=factories.card("fee").say[0], user=agent, at=at(seconds))
    assert found() == ({} if helped else {"运费": {"unused": 1}})


def test_a_copy_after_the_next_search_belongs_to_that_one(agent: Any) -> None:
    searched(agent, "先", 0)
    searched(agent, "后", 20)
    CopyEvent.objects.create(line=factories.card("fee").say[0], user=agent, at=at(25))
    assert found() == {"先": {"again": 1}}


def test_counts_people_and_the_last_time(agent: Any, trainee: Any) -> None:
    for user, seconds in ((agent, 0), (agent, 4000), (trainee, 9000)):
        searched(user, "花呗", seconds, 0)
    searched(agent, "少", 20000, 0)
    (gap, _other) = gaps.find(SINCE).gaps
    assert (gap.query, gap.times, gap.people, gap.last) == ("花呗", 3, 2, at(9000))
    assert (found(least=2), found(least=4)) == ({"花呗": {"none": 3}}, {})
    assert (found(reason="none"), found(reason="again")) == ({"花呗": {"none": 3}, "少": {"none": 1}}, {})


def test_what_is_older_than_the_period_is_left_out(agent: Any) -> None:
    searched(agent, "旧", 0, 0, days=31)
    assert found() == {}


def test_a_decided_query_counts_anew(agent: Any) -> None:
    """Set aside for good, a query that people ask every day would never be seen again."""
    searched(agent, "花呗", 0, 0)
    GapDecision.objects.create(query="花呗", made="nothing", at=at(10))
    assert found() == {}
    searched(agent, "花呗", 20, 5, copied=True)
    assert found() == {}
    searched(agent, "花呗", 3000, 0)
    assert found() == {"花呗": {"none": 1}}


def test_pages(agent: Any) -> None:
    for number in range(5):
        searched(agent, f"问{number}", number * 100, 0)
    page = gaps.find(SINCE, limit=2, offset=2)
    assert ([gap.query for gap in page.gaps], page.total) == (["问2", "问1"], 5)


def test_what_people_did_next_is_the_hint(agent: Any, trainee: Any) -> None:
    """What was copied in the end names the card whose alias is missing."""
    line = factories.card("fee").say[0]
    for user in (agent, trainee):
        searched(user, "邮资", 0, 0)
        searched(user, "运费", 20, 2)
        CopyEvent.objects.create(line=line, user=user, at=at(40))
    searched(agent, "邮资", 5000, 0)
    searched(agent, "快递费", 5030, 2)
    (gap, *_rest) = listed = gaps.find(SINCE).gaps
    gaps.explain(listed, SINCE, agent)
    assert [(hint.text, hint.times) for hint in gap.next] == [("运费", 2), ("快递费", 1)]
    assert [(hint.text, hint.times) for hint in gap.copied] == [("情景fee", 2)]


def test_hints_name_no_card_the_viewer_may_not_see(agent: Any, manager: Any, trainer: Any) -> None:
    factories.team("shop")
    line = factories.card("own", audience=["shop"]).say[0]
    searched(agent, "邮资", 0, 0)
    CopyEvent.objects.create(line=line, user=agent, at=at(5))
    seen = {}
    for viewer in (manager, trainer):
        listed = gaps.find(SINCE).gaps
        gaps.explain(listed, SINCE, viewer)
        seen[viewer] = [hint.text for hint in listed[0].copied]
    assert seen == {manager: [], trainer: ["情景own"]}


def test_old_rows_are_masked_when_shown() -> None:
    gap = Gap("单号13800138000", 1, 1, NOW, {"none": 1, "again": 0, "unused": 0})
    assert gap.shown == "单号*"
    assert [row[0] for row in gaps.rows_of([gap])][1:] == ["单号*"]


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_do_not_grow_with_the_rows(agent: Any, trainer: Any, rows: int) -> None:
    line = factories.card("fee").say[0]
    for number in range(rows):
        searched(agent, f"问{number}", number * 1000, 0)
        CopyEvent.objects.create(line=line, user=agent, at=at(number * 1000 + 5))
    trainer.has_perm("x")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        listed = gaps.find(SINCE).gaps
        gaps.explain(listed, SINCE, trainer)
    assert (len(listed), len(asked)) == (rows, 5)
