"""Remembering: what comes in, what is asked when, and what an answer does."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge.enums import Status
from knowledge.models import Card, Favourite, Line
from knowledge.services.cards import publish_document
from knowledge.services.events import toggle_favourite
from tests import factories
from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson
from training.models import Attempt, Dialogue, Lesson, LessonProgress, Question, RecallItem, RecallLog, RecallSession
from training.services import (
    lessons,
    practice_doors,
    progress,
    quizzes,
    recall,
    recall_sessions,
    recall_sources,
    wrong_answers,
)
from training.services.recall import Kind
from training.services.recall_live import CODE, Ask, alive, live
from training.services.recall_sessions import Stale, token
from training.services.wrong_answers import Wanted

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate(NOW)
TOMORROW = NOW + timedelta(days=1)
FRONT = {"prompt": "顾客说：等了五天。", "answer": "让您久等了。", "given": "耐心等。", "why": "先接住。"}


def point(user: Any, key: str = "late#安抚", now: datetime = NOW, **front: str) -> RecallItem:
    return recall.remember(user, Kind.POINT, key, "psychology", FRONT | front, now)


def question(user: Any, code: str = "language-01", now: datetime = NOW, **changes: Any) -> RecallItem:
    """A question answered wrong at that time."""
    if not Question.objects.filter(code=code).exists():
        making.questions.save_document(making.single(code, **changes), "language")
    return recall.remember(user, Kind.QUESTION, code, "language", {"prompt": "情境"}, now)


def due(user: Any, now: datetime = TOMORROW) -> list[str]:
    return [item.key for item in recall_sessions.due(user, timezone.localdate(now))]


def shown(item: RecallItem, user: Any) -> Ask:
    ask = live(RecallItem.objects.get(pk=item.pk), user)
    assert ask is not None
    return ask


def answer(item: RecallItem, user: Any, given: Any, now: datetime = TOMORROW, after: int = 20) -> RecallItem:
    item = RecallItem.objects.get(pk=item.pk)
    mark = token(shown(item, user), now - timedelta(seconds=after))
    return recall_sessions.answer(item, user, given, mark, now=now)


# --- what comes in ---------------------------------------------------------------------------------------------------


def test_a_mistake_is_due_tomorrow(trainee: Any) -> None:
    """From the first minute of the local day on, not 24 hours later."""
    item = point(trainee)
    assert timezone.localtime(item.due) == timezone.localtime(item.due).replace(hour=0, minute=0, second=0)
    assert (due(trainee, NOW), due(trainee)) == ([], ["late#安抚"])


def test_the_same_mistake_is_one_item_and_a_lapse(trainee: Any) -> None:
    """Wrong again another day counts, wrong again the same day does not."""
    for days in (0, 0, 3):
        point(trainee, now=NOW + timedelta(days=days), given=str(days))
    item = RecallItem.objects.get()
    assert (item.lapses, item.front["given"]) == (2, "3")
    assert timezone.localdate(item.due) == TODAY + timedelta(days=4)


def test_a_new_wrong_answer_brings_back_what_was_set_aside(trainee: Any) -> None:
    wrong_answers.set_aside(point(trainee), True)
    assert due(trainee) == []
    point(trainee, now=NOW + timedelta(days=2))
    assert due(trainee, NOW + timedelta(days=3)) == ["late#安抚"]


def test_a_long_key_is_one_item_too(trainee: Any) -> None:
    """The name of a point is a trainer's, and the column ends somewhere."""
    for tail in ("甲" * 200, "甲" * 200, "甲" * 199 + "乙"):
        point(trainee, f"late#{tail}")
    assert RecallItem.objects.count() == 2
    assert recall.forget(trainee, Kind.POINT, f"late#{'甲' * 200}")
    assert not recall.forget(trainee, Kind.POINT, f"late#{'甲' * 200}")


def test_everything_under_full_marks_in_an_attempt(trainee: Any) -> None:
    """Half right and not answered are not right; what was right is left alone; once, however often it is handed in."""
    questions = {
        kind: making.questions.save_document(making.document(kind), "language")
        for kind in ("single", "multiple", "fill")
    }
    right = making.questions.save_document(making.single("language-right"), "language")
    attempt = making.start(making.quiz(rules=[{"course": "language", "count": 4}]), trainee)
    given = {"language-single": "2", "language-multiple": ["0"], "language-right": "0"}
    for item in attempt.items.all():
        if item.document["id"] in given:
            quizzes.answer(attempt, item.position, given[item.document["id"]], sequence=1, seconds=1, now=NOW)
    for _again in range(2):
        quizzes.finish(attempt, now=NOW)
    items = {item.key: item for item in RecallItem.objects.all()}
    assert sorted(items) == sorted(question.code for question in questions.values())
    assert right.code not in items
    assert {key: item.front["reply"] for key, item in items.items()} == {
        "language-single": "2",
        "language-multiple": ["0"],
        "language-fill": None,
    }
    assert {item.lapses for item in items.values()} == {1}


def test_an_attempt_left_alone_is_remembered_too(trainee: Any) -> None:
    """The worker grades it when its time is up."""
    making.pool()
    making.start(making.quiz(time_limit=60), trainee)
    assert quizzes.finish_overdue(NOW + timedelta(hours=1)) == 1
    assert RecallItem.objects.count() == 2


@pytest.fixture
def read(trainee: Any) -> LessonProgress:
    making.course("language")
    return progress.open_lesson(lessons.save_document(lesson(body="{{check:1}}")).pk, trainee, now=NOW)


def wrong_option(of: Lesson) -> int:
    return [option["right"] for option in of.checks[0]["options"]].index("no")


def test_a_checkpoint_answered_wrong(read: LessonProgress, trainee: Any) -> None:
    """And answered right at once: it is asked tomorrow all the same."""
    wrong = wrong_option(read.lesson)
    for option in (1 - wrong, wrong, wrong, 1 - wrong):
        progress.answer_check(read, 1, option, now=NOW)
    item = RecallItem.objects.get()
    assert (item.kind, item.key, item.lapses) == (Kind.CHECK, f"{read.lesson.slug}#1", 1)
    answered = answer(item, trainee, str(1 - wrong))
    assert answered.card["rating"] > 1


def test_a_star_and_its_end(trainee: Any) -> None:
    """A line is no mistake: it comes without a lapse, goes with its star, and comes anew with the next."""
    line = factories.card("fee", code="fe").say[0]
    for kept in (True, False, True):
        assert toggle_favourite(line, trainee) is kept
        assert RecallItem.objects.count() == int(kept)
    item = RecallItem.objects.get()
    assert (item.key, item.lapses, due(trainee, timezone.now())) == ("fe1", 0, [])
    assert due(trainee, timezone.now() + timedelta(days=1)) == ["fe1"]
    assert list(wrong_answers.items(trainee, Wanted())) == []


def test_old_stars_are_caught_up_with(trainee: Any) -> None:
    """Favourites from before there was remembering, once."""
    Favourite.objects.create(user=trainee, line=factories.card("fee", code="fe").say[1])
    assert [recall_sources.catch_up(NOW) for _again in range(2)] == [1, 0]
    assert due(trainee) == ["fe2"]


def test_many_mistakes_at_once_are_a_few_queries(trainee: Any) -> None:
    """A final exam handed in empty has fifty."""
    counts = []
    for start, number in ((0, 1), (10, 30)):
        missed = [recall.Missed(Kind.POINT, f"d#{at}", "psychology", {}) for at in range(start, start + number)]
        with CaptureQueriesContext(connection) as queries:
            recall.remember_all(trainee, missed, NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["single", "multiple", "truefalse", "better", "ordering", "matching", "fill", "rewrite"]
)
def test_each_type_is_asked_live_and_graded(trainee: Any, kind: str) -> None:
    """Right answers go further away than tomorrow, wrong ones come back then."""
    factories.card("a", code="aa")
    made = making.questions.save_document(making.document(kind), "language")
    item = question(trainee, made.code)
    asked = shown(item, trainee).document
    assert asked is not None
    right = answer(item, trainee, making.right_answer(dict(asked)))
    assert timezone.localdate(right.due) > timezone.localdate(TOMORROW) + timedelta(days=1)
    wrong = answer(right, trainee, None, now=right.due + timedelta(hours=9))
    assert timezone.localdate(wrong.due) == timezone.localdate(right.due) + timedelta(days=1)
    assert (wrong.times, wrong.lapses, wrong.front["reply"]) == (2, 2, None)


def test_the_order_stays_until_it_is_answered(trainee: Any) -> None:
    """A refresh does not shuffle; the next time it does, sooner or later."""
    item = question(trainee)
    orders = []
    for times in range(6):
        item.times = times
        orders.append([option["key"] for option in _document(item, trainee)["options"]])
        assert orders[-1] == [option["key"] for option in _document(item, trainee)["options"]]
    assert len({tuple(order) for order in orders}) > 1


def _document(item: RecallItem, user: Any) -> Any:
    ask = live(item, user)
    assert ask is not None
    return ask.document


def test_the_words_are_todays(trainee: Any) -> None:
    """One text, everywhere: a question edited since is asked as it reads now, and an answer to the old one is stale."""
    item = question(trainee)
    before = token(shown(item, trainee), NOW)
    changed = making.single(explanation="新的说明。", prompt="新的情境？")
    making.questions.save_document(changed, "language")
    assert shown(item, trainee).prompt == "新的情境？"
    with pytest.raises(Stale):
        recall_sessions.answer(item, trainee, "0", before, now=TOMORROW)


def test_what_is_retired_waits_unseen(trainee: Any, read: LessonProgress) -> None:
    """And comes back with it: nothing is deleted."""
    progress.answer_check(read, 1, wrong_option(read.lesson), now=NOW)
    question(trainee)
    card = factories.card("fee", code="fe")
    Favourite.objects.create(user=trainee, line=card.say[0])
    recall_sources.catch_up(NOW)
    recall.remember(trainee, Kind.DRILL, f"fee#{CODE}", "language", {}, NOW)
    Dialogue.objects.create(slug="late", title="x", status=Status.PUBLISHED, competency="psychology")
    point(trainee)
    everything = sorted([f"{read.lesson.slug}#1", "language-01", "fe1", "fee#code", "late#安抚"])
    assert sorted(due(trainee)) == everything
    tables: list[Any] = [Question, Lesson, Card, Dialogue]
    for table in tables:
        table.objects.update(status=Status.RETIRED)
    assert due(trainee) == []
    for table in tables:
        table.objects.update(status=Status.PUBLISHED)
    assert sorted(due(trainee)) == everything


def test_what_is_not_for_a_team_is_never_shown_to_it(trainee: Any) -> None:
    """Not the line, not the question about its card, not the drill, not the point that names the card."""
    factories.team("vip", factories.person("agent"))
    card = factories.card("fee", code="fe")
    making.questions.save_document(making.document("better", id="language-fee", card="fee") | {
        "options": [{"line": "fe1", "right": "yes", "feedback": "x"}, {"line": "fe51", "right": "no", "feedback": "x"}]
    }, "language")  # fmt: skip
    Favourite.objects.create(user=trainee, line=card.say[0])
    recall_sources.catch_up(NOW)
    question(trainee, "language-fee")
    recall.remember(trainee, Kind.DRILL, "fee#fe51", "language", {}, NOW)
    item = point(trainee, card="fee")
    assert len(due(trainee)) == 4
    assert live(item, trainee) is not None
    publish_document({**card.to_document(), "audience": ["vip"]}, status="published", reason="x")
    assert due(trainee) == []
    assert live(item, trainee) is None
    assert recall_sessions.first(alive(trainee), trainee) is None


def everything(user: Any, read: LessonProgress) -> list[RecallItem]:
    """One item of each kind and way, all of them due tomorrow."""
    progress.answer_check(read, 1, wrong_option(read.lesson), now=NOW)
    card = factories.card("fee", code="fe")
    making.questions.save_document(making.document("better", id="language-fee", card="fee") | {
        "options": [{"line": "fe1", "right": "yes", "feedback": "x"}, {"line": "fe51", "right": "no", "feedback": "x"}]
    }, "language")  # fmt: skip
    question(user, "language-fee")
    question(user)
    for what in ("fe51", CODE):
        recall.remember(user, Kind.DRILL, f"fee#{what}", "language", {}, NOW)
    Favourite.objects.create(user=user, line=card.say[0])
    recall_sources.catch_up(NOW)
    Dialogue.objects.create(slug="late", title="x", status=Status.PUBLISHED, competency="psychology")
    point(user, card="fee")
    return list(RecallItem.objects.filter(user=user))


def dont_line_gone(card: Card) -> None:
    Line.objects.filter(code="fe51").delete()


def all_said_gone(card: Card) -> None:
    Line.objects.filter(card=card, side="do").delete()


def card_retired(card: Card) -> None:
    Card.objects.update(status=Status.RETIRED)


def card_closed(card: Card) -> None:
    factories.team("vip")
    publish_document({**card.to_document(), "audience": ["vip"]}, status="published", reason="x")


def checks_gone(card: Card) -> None:
    Lesson.objects.update(checks=[])


def dialogue_retired(card: Card) -> None:
    Dialogue.objects.update(status=Status.RETIRED)


def dialogue_deleted(card: Card) -> None:
    Dialogue.objects.all().delete()


def questions_retired(card: Card) -> None:
    Question.objects.update(status=Status.RETIRED)


def star_gone(card: Card) -> None:
    Favourite.objects.all().delete()


@pytest.mark.parametrize(("change", "left"), [
    (None, 7), (dont_line_gone, 5), (all_said_gone, 3), (card_retired, 4), (card_closed, 2), (checks_gone, 6),
    (dialogue_retired, 6), (dialogue_deleted, 7), (questions_retired, 5), (star_gone, 6),
])  # fmt: skip
def test_what_is_counted_is_what_can_be_asked(
    trainee: Any, read: LessonProgress, change: Callable[[Card], None] | None, left: int
) -> None:
    """ "3 to recall today" with nothing to ask behind it is a promise that cannot be kept: home, door and /review/
    count the same, and every item counted can be shown."""
    items = everything(trainee, read)
    if change:
        change(Card.objects.get(slug="fee"))
    shown_now = {item.key for item in items if live(item, trainee) is not None}
    assert set(due(trainee)) == shown_now
    doors = practice_doors.waiting(trainee, TOMORROW)
    overview = recall_sessions.overview(trainee, TOMORROW)
    assert {len(shown_now), doors.due, doors.kept, overview.due, overview.all} == {left}


@pytest.mark.parametrize("what", ["fe51", CODE])
def test_a_drill_is_asked_from_the_card(trainee: Any, what: str) -> None:
    """With the line it was about; when that line is gone there is nothing to ask."""
    card = factories.card("fee", code="fe")
    item = recall.remember(trainee, Kind.DRILL, f"fee#{what}", "language", {}, NOW)
    asked = shown(item, trainee).document
    assert asked is not None
    assert answer(item, trainee, making.right_answer(dict(asked))).card["rating"] > 1
    Line.objects.filter(card=card).exclude(code="fe52").delete()
    assert live(item, trainee) is None


def test_a_point_is_rated_by_whoever_remembers(trainee: Any) -> None:
    """By one of the three words offered, and by no answer."""
    item = point(trainee)
    ask = shown(item, trainee)
    assert (ask.document, ask.answer, ask.said, ask.why) == (None, "让您久等了。", "耐心等。", "先接住。")
    for rating in (0, 2, 5):
        with pytest.raises(ValueError, match=str(rating)):
            recall_sessions.rate(item, trainee, rating, token(ask, NOW), now=TOMORROW)
    with pytest.raises(Stale):
        answer(item, trainee, "0")
    rated = recall_sessions.rate(item, trainee, 3, token(ask, NOW), now=TOMORROW)
    assert (rated.times, rated.lapses, RecallLog.objects.get().rating) == (1, 1, 3)


# --- the day and its ten minutes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_any_split_of_a_day_gives_the_same_schedule(seed: int) -> None:
    """In one go, or in five at other hours: the same queue in the same order, and the same days after it."""
    dice = random.Random(seed)
    hours = [sorted(dice.uniform(0, 23.9) for _item in range(6)) for _person in range(2)]
    outcomes = []
    for moments in hours:
        person = factories.person("trainee")
        for at in range(6):
            point(person, f"d#{at}", now=NOW + timedelta(hours=at))
        seen, ratings = [], random.Random(seed)
        for moment in moments:
            now = recall.morning(TODAY + timedelta(days=1)) + timedelta(hours=moment)
            ask = recall_sessions.first(recall_sessions.due(person, timezone.localdate(now)), person)
            assert ask is not None
            seen.append(ask.item.key)
            rating = ratings.choice((1, 3, 4))
            recall_sessions.rate(ask.item, person, rating, token(ask, now), now=now)
        rows = RecallItem.objects.filter(user=person).order_by("key").values_list("key", "card", "due", "lapses")
        outcomes.append((seen, list(rows), due(person)))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][2] == []


def test_it_stops_at_ten_minutes_exactly(trainee: Any) -> None:
    """A second before there is a next one, on the stroke there is none; what is on the page may be finished."""
    session = recall_sessions.start(trainee, now=NOW)
    assert recall_sessions.is_over(session, NOW + timedelta(minutes=9, seconds=59.999)) is False
    assert recall_sessions.is_over(session, NOW + timedelta(minutes=10)) is True
    item = point(trainee, now=NOW - timedelta(days=1))
    late = NOW + timedelta(minutes=25)
    recall_sessions.rate(item, trainee, 3, token(shown(item, trainee), NOW), now=late)
    session.refresh_from_db()
    assert session.recalled == 1


def test_two_tabs_get_the_same_ten_minutes(trainee: Any) -> None:
    """And whoever comes after them, or ended them, new ones."""
    first = recall_sessions.start(trainee, now=NOW)
    assert recall_sessions.start(trainee, now=NOW + timedelta(minutes=9)) == first
    recall_sessions.end(first, now=NOW + timedelta(minutes=9))
    recall_sessions.end(first, now=NOW + timedelta(minutes=20))
    first.refresh_from_db()
    assert first.ended_at == NOW + timedelta(minutes=9)
    assert recall_sessions.start(trainee, now=NOW + timedelta(minutes=9)) != first
    assert RecallSession.objects.count() == 2


def test_a_second_click_changes_nothing(trainee: Any) -> None:
    """Nor does another tab with the same item, a token of another item, or none."""
    item, other = point(trainee), point(trainee, "late#别的")
    mark = token(shown(item, trainee), NOW)
    stale = RecallItem.objects.get(pk=item.pk)
    recall_sessions.rate(item, trainee, 3, mark, now=TOMORROW)
    for one, sent in (
        (stale, mark),
        (RecallItem.objects.get(pk=item.pk), mark),
        (other, mark),
        (other, ""),
        (other, "x:y"),
    ):
        with pytest.raises(Stale):
            recall_sessions.rate(one, trainee, 1, sent, now=TOMORROW)
    assert RecallLog.objects.count() == 1


def test_what_waits(trainee: Any) -> None:
    """Today with what was left from before, and the days ahead, as bars that fit their picture."""
    for at, days in enumerate((0, 0, 0, 2, 9)):
        point(trainee, f"d#{at}", now=NOW + timedelta(days=days - 1))
    question(trainee, now=NOW - timedelta(days=5))
    wrong_answers.set_aside(point(trainee, "d#resting", now=NOW - timedelta(days=1)), True)
    found = recall_sessions.overview(trainee, NOW)
    assert (found.due, found.all, found.next) == (4, 6, TODAY + timedelta(days=2))
    assert [count for _name, count in found.kinds] == [1, 3]
    assert [day.count for day in found.days] == [4, 0, 1, 0, 0, 0, 0]
    assert [(day.bar, day.top) for day in found.days[:3]] == [(40, 0), (0, 40), (10, 30)]
    assert recall_sessions.count(trainee, TODAY) == 4


def test_the_retention_is_told_from_twenty_on(trainee: Any) -> None:
    """Of the last 30 days, first showings left out: nothing was expected of them."""
    item = point(trainee)
    at = NOW - timedelta(days=1)
    logs = [RecallLog(item=item, at=at, rating=1 if number < 4 else 3, expected=0.9) for number in range(19)]
    logs.append(RecallLog(item=item, at=at, rating=3, expected=None))
    logs.append(RecallLog(item=item, at=NOW - timedelta(days=31), rating=3, expected=0.5))
    RecallLog.objects.bulk_create(logs)
    assert recall_sessions.retention(trainee, NOW) is None
    RecallLog.objects.create(item=item, at=at, rating=3, expected=0.7)
    told = recall_sessions.retention(trainee, NOW)
    assert told == recall_sessions.Retention(asked=20, recalled=80, expected=89)


# --- the book --------------------------------------------------------------------------------------------------------


def test_the_book_tells_why_and_where_to_read_on(trainee: Any) -> None:
    """The question as it was answered last, its card and its lesson; competencies apart, most often wrong first."""
    making.course("language")
    taught = lessons.save_document(lesson(facts=["A-01"], body="{{check:1}}"))
    factories.card("a", code="aa")
    made = making.questions.save_document(making.document("single", facts=["A-01"], card="a"), "language")
    attempt = making.start(making.quiz(rules=[{"course": "language", "count": 1}]), trainee)
    quizzes.answer(attempt, 1, "2", sequence=1, seconds=1, now=NOW)
    quizzes.finish(attempt, now=NOW)
    for days in (0, 1):
        point(trainee, now=NOW + timedelta(days=days))
    found = wrong_answers.entries(list(wrong_answers.items(trainee, Wanted())), trainee)
    assert [entry.item.key for entry in found] == [made.code, "late#安抚"]
    of_question, of_point = found
    assert (of_point.told, of_point.words["why"], of_point.item.lapses) == (None, "先接住。", 2)
    assert of_question.told is not None
    assert (of_question.told.state, of_question.told.answer) == ("wrong", "2")
    assert (of_question.card and of_question.card.slug, of_question.lessons, of_question.due) == (
        "a",
        (taught,),
        TODAY + timedelta(days=1),
    )
    counts = {code: number for code, _name, number in wrong_answers.counts(trainee, Wanted())}
    assert counts == {"language": 1, "psychology": 1}
    assert list(wrong_answers.items(trainee, Wanted(competency="psychology"))) == [of_point.item]


def test_set_aside_and_back(trainee: Any) -> None:
    item = point(trainee)
    wrong_answers.set_aside(item, True)
    assert list(wrong_answers.items(trainee, Wanted())) == []
    assert list(wrong_answers.items(trainee, Wanted(resting=True))) == [item]
    wrong_answers.set_aside(item, False)
    assert due(trainee) == ["late#安抚"]


def test_everybody_has_their_own(trainee: Any, trainer: Any) -> None:
    """A trainer finds nothing of somebody else's, not even here."""
    point(trainee)
    assert (due(trainer), list(wrong_answers.items(trainer, Wanted()))) == ([], [])
    assert Attempt.objects.count() == 0
