"""Runs at the desk, on the database: one open run, replies that are never lost or doubled, one report."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from knowledge.enums import Status
from knowledge.models import Use, WordingRule
from knowledge.services import cards
from tests import factories
from tests.training.desk.making import document
from training.models import DeskChat, DeskEvent, DeskRun, Dialogue, RecallItem
from training.services import dialogues, matrix, run_reports, runs
from training.services.runs import Refused, Reply

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 15, 59, 40, tzinfo=UTC)  # twenty seconds before midnight in Shanghai


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@pytest.fixture(autouse=True)
def card(db: None) -> Any:
    return factories.card("haggle")


@pytest.fixture(autouse=True)
def cold_rule(db: None) -> WordingRule:
    return WordingRule.objects.create(
        code="cold", severity="error", about="太冷。", clues=[{"match": ["不知道"]}], catches=["不知道"]
    )


def make(*slugs: str, **changes: Any) -> list[Dialogue]:
    return [dialogues.save_document(document(slug, **changes)) for slug in slugs]


def begin(user: Any, *slugs: str, now: datetime = NOW, **values: Any) -> DeskRun:
    made = make(*(slugs or ("one", "two")))
    return runs.start(user, made, now=now, dice=random.Random(7), **values)


def say(run: DeskRun, position: int, text: str, second: float, sequence: int = 0) -> bool:
    return runs.send(run, Reply(position, text, sequence or int(1000 * second) + position), now=at(second))


GREETING, ANSWER = "您好，券后119元。", "谢谢您，今天就发。"


# Beginning


def test_one_run_a_person(trainee: Any, agent: Any) -> None:
    """A second tab that starts too is told; another person is not in the way."""
    first = begin(trainee)
    with pytest.raises(Refused):
        runs.start(trainee, list(Dialogue.objects.all()), now=at(1), dice=random.Random(1))
    assert runs.start(agent, list(Dialogue.objects.all()), now=NOW, dice=random.Random(1)) != first


@pytest.mark.parametrize("count", [0, 1, 6])
def test_two_to_five_customers(trainee: Any, count: int) -> None:
    with pytest.raises(Refused):
        runs.start(trainee, make(*(f"d{at}" for at in range(count))), now=NOW, dice=random.Random(1))


def test_customers_come_one_after_the_other(trainee: Any) -> None:
    run = begin(trainee, "one", "two", "three")
    arrivals = list(run.chats.values_list("arrival", flat=True))
    assert arrivals[0] == runs.FIRST
    assert all(8 <= later - earlier <= 20 for earlier, later in pairwise(arrivals))
    assert [chat.here for chat in runs.look(run, now=at(1)).chats] == [True, False, False]


def test_a_gentle_pace_is_half_as_slow_again(trainee: Any) -> None:
    run = begin(trainee, gentle=True)
    (chat, _other) = run.chats.all()
    assert (chat.document["first_seconds"], chat.document["seconds"]) == ("60", "90")


def test_a_run_left_behind_makes_way(trainee: Any) -> None:
    """Whoever closed the window yesterday is not locked out today: the old run is finished as it stood."""
    old = begin(trainee)
    new = runs.start(trainee, list(Dialogue.objects.all()), now=at(90_000), dice=random.Random(1))
    old.refresh_from_db()
    assert (old.state, new.pk != old.pk) == ("finished", True)
    assert {chat.ending for chat in old.chats.all()} == {"left"}
    assert old.finished_at is not None
    assert old.finished_at < at(200)


def test_random_customers_differ_in_competency(trainee: Any) -> None:
    made = [*make("a", "b", "c"), *make("d", competency="rules"), *make("e", competency="language")]
    picked = runs.pick(made, 3, random.Random(3))
    assert sorted(one.competency for one in picked) == ["language", "psychology", "rules"]


# Replying


def test_a_reply_is_judged_when_it_comes_and_frozen(trainee: Any, cold_rule: WordingRule) -> None:
    """A rule edited later changes no past run."""
    run = begin(trainee)
    say(run, 1, "不知道，119元", 3)
    event = DeskEvent.objects.get()
    assert (event.at, event.judged["turn"], event.judged["made"]) == (3.0, "t1", ["报价"])
    assert [one["code"] for one in event.judged["findings"]] == ["cold"]
    WordingRule.objects.update(clues=[{"match": ["完全不同"]}])
    cache.clear()
    assert runs.look(run, now=at(10)).chats[0].state.ending == "gone"


def test_a_reply_sent_twice_is_one(trainee: Any) -> None:
    """The line broke after the server had it: the browser cannot know and sends it again."""
    run = begin(trainee)
    assert [say(run, 1, GREETING, second, sequence=5) for second in (3, 4)] == [True, False]
    assert DeskEvent.objects.count() == 1


def test_two_pages_that_took_the_same_number_have_both_said_something(trainee: Any) -> None:
    run = begin(trainee)
    say(run, 1, GREETING, 3, sequence=5)
    say(run, 1, "还有现货。", 4, sequence=5)
    assert list(DeskEvent.objects.values_list("text", flat=True)) == [GREETING, "还有现货。"]


def test_each_of_two_replies_with_the_same_number_is_one_however_often_it_comes(trainee: Any) -> None:
    """The second one is kept under another number; a line that broke sends it again under its own."""
    run = begin(trainee)
    say(run, 1, GREETING, 3, sequence=5)
    assert [say(run, 1, "还有现货。", second, sequence=5) for second in (4, 5)] == [True, False]
    assert DeskEvent.objects.count() == 2


@pytest.mark.parametrize("text", ["", " \n ", "长" * 601])
def test_no_empty_or_endless_reply(trainee: Any, text: str) -> None:
    with pytest.raises(Refused):
        say(begin(trainee), 1, text, 3)
    assert DeskEvent.objects.count() == 0


def test_signs_that_no_database_takes_are_left_out(trainee: Any) -> None:
    """A NUL or half an emoji from a broken clipboard would end the request, and the reply be sent again for ever."""
    run = begin(trainee)
    runs.send(run, Reply(1, "您好\x00，\ud83d券后\u2028119元。", 5, "a\x00b1"), now=at(3))
    assert list(DeskEvent.objects.values_list("text", "card")) == [("您好，券后\n119元。", "ab1")]


def test_nobody_there_yet_or_any_more(trainee: Any) -> None:
    run = begin(trainee)
    with pytest.raises(Refused) as early:
        say(run, 2, GREETING, 2)
    with pytest.raises(Refused) as late:
        say(run, 1, GREETING, 120)
    with pytest.raises(DeskChat.DoesNotExist):
        say(run, 3, GREETING, 3)
    assert (early.value.over, late.value.over) == (False, True)
    runs.finish(run, now=at(130))
    with pytest.raises(Refused):
        say(run, 1, GREETING, 131)


def test_a_clock_set_back_turns_no_replies_round(trainee: Any) -> None:
    run = begin(trainee)
    say(run, 1, GREETING, 6)
    say(run, 1, "还有现货。", 5)
    assert [event.at for event in DeskEvent.objects.all()] == [6.0, 6.0]


def test_a_clock_set_back_takes_back_no_reply(trainee: Any) -> None:
    """What was said stands on the page and in the report, however early the clock says it is."""
    run = begin(trainee)
    say(run, 1, GREETING, 6)
    told = runs.look(run, now=at(2))
    assert (told.at, told.chats[0].waiting, len(told.chats[0].state.transcript)) == (6.0, False, 3)
    assert runs.finish(run, now=at(2)).finished_at == at(6)


def test_clocks_go_on_over_midnight(trainee: Any) -> None:
    """The run began twenty seconds before midnight: a minute is a minute."""
    run = begin(trainee)
    assert [runs.look(run, now=at(second)).chats[0].said for second in (40.9, 41)] == [2, 3]


# Ending


def serve(run: DeskRun) -> None:
    """Both customers served well, the second slower."""
    second = run.chats.get(position=2).arrival
    for position, start in ((1, 3.0), (2, second + 5)):
        say(run, position, GREETING, start)
        say(run, position, ANSWER, start + 10)


def test_a_run_finishes_once_and_by_itself(trainee: Any) -> None:
    run = begin(trainee)
    serve(run)
    assert runs.finish_over(at(12)) == 0
    assert runs.finish_over(at(200)) == 1
    assert runs.finish_over(at(201)) == 0
    run.refresh_from_db()
    first, second = run.chats.all()
    assert (first.ending, first.ending_kind, first.mood) == ("deal", "good", 5)
    assert (first.points, first.max_points) == (Decimal(4), Decimal(4))
    assert first.first_response == 2.0
    assert run.finished_at == NOW + timedelta(seconds=second.arrival + 5 + 10 + 4)


def test_a_run_repeated_gives_the_same_score(trainee: Any, agent: Any) -> None:
    told = []
    for user in (trainee, agent):
        run = begin(user)
        say(run, 1, "您好，在的。", 3)
        say(run, 1, "抱歉，119元。", 10)
        say(run, 2, GREETING, 26)
        report = run_reports.tell(runs.finish(run, now=at(400)), user)
        told.append((report.earned, report.most, report.percent, report.first, report.mean, report.at_once))
    assert told[0] == told[1]
    assert told[0][:2] == ("5", "10")


def test_who_is_sent_home_early_counts_nothing(trainee: Any) -> None:
    run = runs.finish(begin(trainee), now=at(5))
    assert {(chat.ending, chat.ending_kind, chat.points, chat.max_points) for chat in run.chats.all()} == {
        ("", "", None, Decimal(0))
    }
    assert run_reports.tell(run, trainee).percent is None
    assert RecallItem.objects.count() == 0


def test_missed_points_and_broken_rules_come_back(trainee: Any) -> None:
    run = begin(trainee)
    say(run, 1, "不知道，119元", 3)
    runs.finish(run, now=at(400))
    items = {item.key: item.front for item in RecallItem.objects.filter(user=trainee)}
    assert set(items) == {"one#t1:应声", "one#t1:cold"}
    front = items["one#t1:应声"]
    assert (front["given"], front["card"], front["why"]) == ("不知道，119元", "haggle", "应声：先应声。")


def test_a_preview_is_nobodys_result(trainer: Any) -> None:
    (dialogue,) = make("one")
    run = runs.preview(trainer, dialogue, document("one", brief="还没发布"), now=NOW)
    assert run.chats.get().document["brief"] == "还没发布"
    say(run, 1, "嗯", 3)
    again = runs.preview(trainer, dialogue, dialogue.to_document(), now=at(5))
    run.refresh_from_db()
    assert (run.state, again.preview) == ("finished", True)
    assert (RecallItem.objects.count(), run_reports.last_runs(trainer)) == (0, [])
    assert run_reports.ways(dialogue, trainer).talks == 0


# While it is played


def test_edited_or_retired_while_it_is_played(trainee: Any) -> None:
    """The run goes on with what it began with, and its report tells that."""
    run = begin(trainee)
    one = Dialogue.objects.get(slug="one")
    dialogues.save_document(document("one", brief="改过", patience="1"))
    dialogues.set_status([one], Status.RETIRED)
    dialogues.delete([Dialogue.objects.get(slug="two")])
    serve(run)
    report = run_reports.tell(runs.finish(run, now=at(300)), trainee)
    assert [chat.chat.script.brief for chat in report.chats] == [document()["brief"]] * 2
    assert [chat.kind for chat in report.chats] == ["good", "good"]
    assert [one.slug for one in dialogues.playable(trainee)] == []


def test_every_look_is_two_queries_then_one(trainee: Any) -> None:
    """However many customers and replies: the scripts are read once, then only the events."""
    run = begin(trainee, "one", "two", "three")
    counts = []
    for second in (3, 6):
        say(run, 1, "您好", second)
        with CaptureQueriesContext(connection) as queries:
            runs.look(run, now=at(second + 1))
        with CaptureQueriesContext(connection) as glances:
            runs.glance(trainee, run.pk)
        counts.append((len(queries), len(glances)))
    assert counts == [(1, 1), (1, 1)]
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        runs.look(run, now=at(9))
    assert len(queries) == 2


def test_a_mark_is_good_until_something_happens(trainee: Any, agent: Any) -> None:
    run = begin(trainee)
    mark = runs.look(run, now=at(2)).mark
    glanced = runs.glance(trainee, run.pk)
    assert glanced is not None
    found, rows = glanced
    arrival = run.chats.get(position=2).arrival
    assert [runs.unchanged(found, len(rows), mark, now=at(second)) for second in (3, arrival - 0.01, arrival)] == [
        True,
        True,
        False,
    ]
    say(run, 1, "您好", 3)
    glanced = runs.glance(trainee, run.pk)
    assert glanced is not None
    assert not runs.unchanged(glanced[0], len(glanced[1]), mark, now=at(4))
    for wrong in ("", "x", f"{run.pk}.open.0.", f"{run.pk}.open.0.x"):
        assert not runs.unchanged(found, 0, wrong, now=at(3))
    assert runs.glance(agent, run.pk) is None


# Who sees what


def test_only_for_teams_whose_card_it_leans_on(trainee: Any, trainer: Any) -> None:
    """A dialogue that teaches another team's words is not offered."""
    factories.team("night")
    cards.publish_document(factories.document("haggle", audience=["night"]))
    make("one")
    assert [list(dialogues.playable(user)) for user in (trainee, trainer)] == [[], [Dialogue.objects.get()]]


def test_a_changed_card_asks_for_a_second_look(trainee: Any) -> None:
    (dialogue,) = make("one")
    cards.publish_document(factories.document("haggle", title="改了"))
    assert [(use.kind, use.recheck) for use in Use.objects.filter(object_id=dialogue.pk)] == [("dialogue", True)]


def test_ways_count_the_runs_one_may_see(trainee: Any, agent: Any, manager: Any, trainer: Any) -> None:
    factories.team("day", trainee, leaders=[manager])
    for user in (trainee, agent):
        run = begin(user)
        serve(run)
        runs.finish(run, now=at(300))
    one = Dialogue.objects.get(slug="one")
    seen = {user.username: run_reports.ways(one, user) for user in (manager, trainer)}
    assert [ways.talks for ways in seen.values()] == [1, 2]
    assert seen[trainer.username].taken == {("t1", "t2"): 2, ("t2", "deal"): 2}


# Evidence


def test_the_last_finished_talk_of_each_dialogue_is_evidence(trainee: Any) -> None:
    """A better talk takes the place of an older one; a preview, or one ended early, takes nobody's."""
    run = begin(trainee)
    say(run, 1, "嗯", 3)
    runs.finish(run, now=at(300))
    again = runs.start(trainee, list(Dialogue.objects.all()), now=at(400), dice=random.Random(7))
    for position, (dialogue, arrival) in enumerate(again.chats.values_list("dialogue__slug", "arrival"), 1):
        if dialogue == "one":
            runs.send(again, Reply(position, GREETING, 900), now=at(400 + arrival + 2))
            runs.send(again, Reply(position, ANSWER, 901), now=at(400 + arrival + 12))
    runs.finish(again, now=at(900))
    runs.finish(runs.start(trainee, list(Dialogue.objects.all()), now=at(1000), dice=random.Random(7)), now=at(1003))
    cell = next(one for one in matrix.matrix(trainee, at(2000)) if one.competency == "psychology")
    assert {(one.title, one.earned, one.most, one.weight) for one in cell.evidence} == {
        (document()["title"], "4", "4", 1),
        (document()["title"], "0", "2", 1),
    }
    assert cell.percent == 66


# The report


def test_the_report_tells_turn_by_turn(trainee: Any) -> None:
    run = begin(trainee)
    say(run, 1, "不知道，119元", 3)
    report = run_reports.tell(runs.finish(run, now=at(400)), trainee)
    (turn,) = report.chats[0].turns
    assert [line.text for line in turn.lines] == ["老板在吗", "最低多少"]
    assert [(piece.text, piece.ends) for piece in turn.replies[0].pieces] == [("不知道", (1,)), ("，119元", ())]
    assert [(fault.label, fault.about, fault.text) for fault in turn.replies[0].faults] == [
        (str(WordingRule.objects.get()), "太冷。", "不知道")
    ]
    assert ([point.name for point in turn.made], [point.name for point in turn.missed]) == (["报价"], ["应声"])
    assert (turn.why, report.chats[0].why, report.chats[0].last) == ("太冷。", "不想说了。", "")
    assert report.chats[1].left
    assert [chat.kind for chat in report.chats] == ["bad", "bad"]
    assert report.at_once == 1


def test_the_report_says_what_took_points_away(trainee: Any, cold_rule: WordingRule) -> None:
    """A point with a tick and nothing earned is a riddle: the word that cost it is told."""
    run = begin(trainee)
    say(run, 1, "不知道，119元", 3)
    cold_rule.severity = "warning"
    cold_rule.save()
    say(run, 2, "您好，119元，不知道", 30)
    report = run_reports.tell(runs.finish(run, now=at(400)), trainee)
    told = [[(turn.cut, turn.points) for turn in chat.turns] for chat in report.chats]
    assert told == [[("error", "0")], [("warning", "1")]]


def test_the_report_says_why_a_customer_was_lost(trainee: Any) -> None:
    """How long they waited, how often they asked, and at each change of satisfaction what brought it about."""
    run = begin(trainee)
    say(run, 1, "不知道", 3)
    with override("en"):
        cold, left = run_reports.tell(runs.finish(run, now=at(400)), trainee).chats
    assert [(mood, why) for _second, mood, why in cold.moods] == [(3, "came"), (1, "太冷。")]
    assert [(mood, why) for _second, mood, why in left.moods] == [(3, "came"), (2, "asked again"), (1, "asked again")]
    assert (left.waited, left.asked) == (88, 2)


def test_a_report_costs_the_same_for_any_number(trainee: Any) -> None:
    counts = []
    for slugs in (("one", "two"), ("a", "b", "c", "d", "e")):
        run = begin(trainee, *slugs)
        say(run, 1, GREETING, 3)
        finished = runs.finish(run, now=at(400))
        with CaptureQueriesContext(connection) as queries:
            run_reports.tell(finished, trainee)
        counts.append(len(queries))
    assert counts[0] == counts[1]
