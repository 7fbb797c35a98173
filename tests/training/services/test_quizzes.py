"""Attempts: two tabs, a double submit, a stale tab, the clock running out, a server that dies between two steps."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories
from tests.training import making
from tests.training.making import NOW, start
from training.models import Attempt, AttemptItem, Certificate, Question
from training.services import questions, quizzes
from training.services.quizzes import Closed, Given, NotNow

pytestmark = pytest.mark.django_db

LIMIT = 600


@pytest.fixture
def pool() -> list[Question]:
    return making.pool(count=4)


def wrong_answer(asked: dict[str, Any]) -> str:
    """The key of a wrong option."""
    return next(str(option["key"]) for option in asked["options"] if option["right"] == "no")


def answer_all(attempt: Attempt, right: bool, sequence: int = 1) -> None:
    for item in attempt.items.all():
        given = (making.right_answer if right else wrong_answer)(item.document)
        quizzes.answer(attempt, item.position, given, sequence=sequence, seconds=3, now=NOW)


def test_a_start_draws_by_the_rules_and_freezes(trainee: Any, pool: list[Question]) -> None:
    """Two of four, each with the version it had."""
    attempt = start(making.quiz(), trainee)
    items = list(attempt.items.all())
    assert [(item.position, item.question_version, item.competency, item.sequence) for item in items] == [
        (1, 1, "language", 0), (2, 1, "language", 0),
    ]  # fmt: skip
    assert len({item.question_id for item in items}) == 2


def test_two_tabs_get_one_attempt(trainee: Any, pool: list[Question]) -> None:
    """Otherwise the better of two open ones would count."""
    of = making.quiz()
    assert start(of, trainee) == start(of, trainee, seed=99)
    assert AttemptItem.objects.count() == 2


def test_the_second_of_two_starts_at_once_gets_the_first(trainee: Any, pool: list[Question]) -> None:
    """Both looked before either wrote: the database keeps one, and nobody sees an error."""
    of = making.quiz()
    first = start(of, trainee)
    again = quizzes._create(of, trainee, pool[:2], NOW, random.Random(1))
    assert (again, Attempt.objects.count(), AttemptItem.objects.count()) == (first, 1, 2)


def test_a_lower_sequence_never_overwrites(trainee: Any, pool: list[Question]) -> None:
    """A stale tab, or a packet that came late."""
    attempt = start(making.quiz(), trainee)
    saved = [quizzes.answer(attempt, 1, given, sequence=at, seconds=1, now=NOW) for given, at in
             (("0", 2), ("1", 1), ("1", 2), ("2", 3))]  # fmt: skip
    assert saved == [True, False, False, True]
    assert attempt.items.get(position=1).answer == "2"


@pytest.mark.parametrize(("claimed", "kept"), [(-5, 0), (7, 7), (9999, 60)])
def test_seconds_never_exceed_the_time_since_the_start(
    trainee: Any, pool: list[Question], claimed: int, kept: int
) -> None:
    """Item times are evidence; the page's word is capped by the server's clock."""
    attempt = start(making.quiz(), trainee)
    quizzes.answer(attempt, 1, "0", sequence=1, seconds=claimed, now=NOW + timedelta(seconds=60))
    assert attempt.items.get(position=1).seconds == kept


def test_an_answer_to_no_item_saves_nothing(trainee: Any, pool: list[Question]) -> None:
    """A position beyond the last is a page of another attempt."""
    with pytest.raises(AttemptItem.DoesNotExist):
        quizzes.answer(start(making.quiz(), trainee), 9, "0", sequence=1, seconds=0, now=NOW)


def test_finishing_twice_gives_one_result(trainee: Any, pool: list[Question]) -> None:
    """A double submit: the first call decides, the second returns it unchanged."""
    attempt = start(making.quiz(), trainee)
    answer_all(attempt, right=True)
    first = quizzes.finish(attempt, now=NOW)
    AttemptItem.objects.update(answer="9")
    second = quizzes.finish(attempt, now=NOW + timedelta(hours=1))
    assert (first.points, first.passed, first.percent) == (Decimal(2), True, 100)
    assert (second.points, second.finished_at, second.passed) == (first.points, NOW, True)
    with pytest.raises(Closed):
        quizzes.answer(second, 1, "0", sequence=9, seconds=0, now=NOW)


def test_an_attempt_held_by_a_stale_tab_takes_nothing_after_the_finish(trainee: Any, pool: list[Question]) -> None:
    """The other tab still believes that it is open."""
    stale = start(making.quiz(), trainee)
    quizzes.finish(stale, now=NOW)
    assert stale.state == "open"
    with pytest.raises(Closed):
        quizzes.answer(stale, 1, "0", sequence=9, seconds=0, now=NOW)
    assert stale.items.get(position=1).answer is None


@pytest.mark.parametrize(("late", "taken"), [(0, True), (5, True), (6, False)])
def test_the_deadline_has_five_seconds_of_grace(trainee: Any, pool: list[Question], late: int, taken: bool) -> None:
    """To the second, by the server's clock; what was saved before is graded."""
    attempt = start(making.quiz(time_limit=LIMIT), trainee)
    right = making.right_answer(attempt.items.get(position=2).document)
    quizzes.answer(attempt, 2, right, sequence=1, seconds=1, now=NOW)
    moment = NOW + timedelta(seconds=LIMIT + late)
    if taken:
        assert quizzes.answer(attempt, 1, "0", sequence=1, seconds=1, now=moment)
        return
    with pytest.raises(Closed):
        quizzes.answer(attempt, 1, "0", sequence=1, seconds=1, now=moment)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.points, attempt.finished_at) == (
        "finished", Decimal(1), NOW + timedelta(seconds=LIMIT + 5),
    )  # fmt: skip


def test_whoever_never_comes_back_is_graded(trainee: Any, agent: Any, pool: list[Question]) -> None:
    """By the timer's command; attempts with time left, or without a limit, stay open."""
    timed, free = making.quiz(time_limit=LIMIT), making.quiz("free")
    gone = start(timed, trainee)
    still = start(timed, agent, now=NOW + timedelta(seconds=30))
    open_end = start(free, trainee)
    assert quizzes.finish_overdue(NOW + timedelta(seconds=LIMIT + 6)) == 1
    states = [Attempt.objects.get(pk=one.pk).state for one in (gone, still, open_end)]
    assert states == ["finished", "open", "open"]


def test_an_overdue_attempt_gives_way_to_a_new_one(trainee: Any, pool: list[Question]) -> None:
    """The next look grades it; nobody is locked out by an attempt nobody can answer."""
    of = making.quiz(time_limit=LIMIT)
    first = start(of, trainee)
    second = start(of, trainee, now=NOW + timedelta(hours=1))
    assert (Attempt.objects.get(pk=first.pk).state, second.number) == ("finished", 2)


def test_later_edits_change_no_past_result(trainee: Any) -> None:
    """Question, line and deletion: what was asked stays as it was asked."""
    factories.card("a", code="aa")
    question = questions.save_document(making.document("better"), "language")
    attempt = start(making.quiz(), trainee)
    before = attempt.items.get().document
    shown = sorted(option["text"] for option in before["options"])
    assert shown == ["a没有。", "您好，a这件事我来帮您查。"]
    question.prompt = "改了。"
    questions.save(question)
    question.delete()
    item = attempt.items.get()
    assert (item.document, item.question_id, item.question_version) == (before, None, 1)
    answer_all(attempt, right=True)
    assert quizzes.finish(attempt, now=NOW).points == 1


def test_the_first_answer_to_a_question_is_marked(trainee: Any, agent: Any, pool: list[Question]) -> None:
    """Item analysis counts first tries only; a colleague's try is not mine."""
    of = making.quiz(rules=[{"course": "language", "count": 4}])
    for person in (trainee, trainee, agent):
        quizzes.finish(start(of, person), now=NOW)
    flags = [set(attempt.items.values_list("first", flat=True)) for attempt in Attempt.objects.order_by("pk")]
    assert flags == [{True}, {False}, {True}]


def test_attempts_allowed_are_counted(trainee: Any, pool: list[Question]) -> None:
    """The third start of two says what to do."""
    of = making.quiz(attempts_allowed=2)
    for _time in range(2):
        quizzes.finish(start(of, trainee), now=NOW)
    with pytest.raises(NotNow) as told:
        start(of, trainee)
    assert told.value.until is None


@pytest.mark.parametrize(("wait", "starts"), [(3599, False), (3600, True)])
def test_the_wait_between_attempts(trainee: Any, pool: list[Question], wait: int, starts: bool) -> None:
    """To the second, and it says until when."""
    of = making.quiz(cooldown=3600)
    quizzes.finish(start(of, trainee), now=NOW)
    moment = NOW + timedelta(seconds=wait)
    if starts:
        assert start(of, trainee, now=moment).number == 2
        return
    with pytest.raises(NotNow) as told:
        start(of, trainee, now=moment)
    assert told.value.until == NOW + timedelta(hours=1)


def test_an_empty_pool_starts_nothing(trainee: Any) -> None:
    """An attempt without questions would be passed by everybody."""
    with pytest.raises(NotNow):
        start(making.quiz(), trainee)
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize(("mark", "passed"), [(75, True), (76, False)])
def test_the_pass_mark_is_met_exactly_or_not(trainee: Any, pool: list[Question], mark: int, passed: bool) -> None:
    """Three of four are 75 percent: nothing is rounded up into a pass."""
    attempt = start(making.quiz(rules=[{"course": "language", "count": 4}], pass_mark=mark), trainee)
    answer_all(attempt, right=True)
    attempt.items.filter(position=1).update(answer="9")
    done = quizzes.finish(attempt, now=NOW)
    assert (done.percent, done.passed) == (75, passed)


def test_practice_asks_what_was_wrong_last_time(trainee: Any, pool: list[Question]) -> None:
    """Right later is right; nothing wrong is said so."""
    of = making.quiz(rules=[{"course": "language", "count": 4}])
    with pytest.raises(NotNow):
        quizzes.start_practice(trainee, now=NOW, rng=random.Random(1))
    attempt = start(of, trainee)
    answer_all(attempt, right=False)
    quizzes.finish(attempt, now=NOW)
    practice = quizzes.start_practice(trainee, now=NOW, rng=random.Random(1))
    assert practice.items.count() == 4
    answer_all(practice, right=True)
    quizzes.finish(practice, now=NOW + timedelta(minutes=1))
    assert quizzes.wrong_questions(trainee) == []


class Killed(Exception):
    """The power went."""


def test_a_kill_between_any_two_steps_of_finishing_loses_nothing(trainee: Any, pool: list[Question]) -> None:
    """All of the grading or none of it: the attempt is open with its answers, and the next look finishes it."""
    attempt = start(making.quiz(), trainee)
    answer_all(attempt, right=True)
    survived = 0
    for step in range(1, 40):
        seen = 0

        def die(execute: Any, sql: str, params: Any, many: bool, context: Any, step: int = step) -> Any:
            nonlocal seen
            if "SAVEPOINT" in sql:  # the test's own transaction stands around: Django's bookkeeping, not a step of ours
                return execute(sql, params, many, context)
            seen += 1
            if seen == step:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(die):
                quizzes.finish(attempt, now=NOW)
        except Killed:
            survived += 1
            attempt.refresh_from_db()
            assert attempt.state == "open"
            assert set(attempt.items.values_list("points", flat=True)) == {None}
            continue
        break
    assert survived >= 4
    assert Attempt.objects.get().points == 2


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.sampled_from("012") | st.none()), min_size=1, unique_by=lambda one: one[0]
    ),
    st.data(),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_deliveries_ends_with_the_highest_sequence(
    opened: Attempt, deliveries: list[tuple[int, str | None]], data: st.DataObject
) -> None:
    """Packets overtake each other and come twice; the last choice stands."""
    opened.items.update(answer=None, sequence=0)
    again = data.draw(st.lists(st.sampled_from(deliveries), max_size=4))
    for sequence, key in data.draw(st.permutations([*deliveries, *again])):
        quizzes.answer(opened, 1, key, sequence=sequence, seconds=1, now=NOW)
    item = opened.items.get(position=1)
    assert (item.sequence, item.answer) == max(deliveries, key=lambda one: one[0])


@pytest.fixture
def opened(trainee: Any, pool: list[Question]) -> Attempt:
    return start(making.quiz(), trainee)


def test_a_page_is_saved_whole_or_told_in_part(opened: Attempt) -> None:
    """One misfit and one newer answer cost nothing else; the same again is no change and no conflict."""
    opened = start(making.quiz("three", rules=[{"course": "language", "count": 3}]), opened.user)
    quizzes.answer(opened, 2, "1", sequence=5, seconds=1, now=NOW)
    sheet = [Given(1, "0", 1, 9), Given(2, "0", 5), Given(3, "nonsense", 1)]
    for _time in range(2):
        outcome = quizzes.answer_all(opened, sheet, now=NOW + timedelta(minutes=1))
        assert (outcome.newer, outcome.misfits) == ([2], {3: "shape"})
        found = list(opened.items.values_list("answer", "sequence", "seconds"))
        assert found == [("0", 1, 9), ("1", 5, 0), (None, 0, 0)]


def test_seconds_never_shrink(opened: Attempt) -> None:
    """A second window has looked for less long; what was measured stays."""
    later = NOW + timedelta(minutes=5)
    quizzes.answer(opened, 1, "0", sequence=1, seconds=40, now=later)
    quizzes.answer(opened, 1, "1", sequence=2, seconds=7, now=later)
    assert opened.items.get(position=1).seconds == 40


def test_a_cleared_answer_is_null_in_the_database(opened: Attempt) -> None:
    """Not the JSON null, which no query for unanswered items would find."""
    quizzes.answer(opened, 1, "0", sequence=1, seconds=1, now=NOW)
    quizzes.answer(opened, 1, None, sequence=2, seconds=1, now=NOW)
    assert opened.items.filter(answer__isnull=True).count() == 2


def test_a_mark_moved_meanwhile_passes_and_fails_nobody(trainee: Any, pool: list[Question]) -> None:
    """The mark of the start counts; it was what the door had promised."""
    of = making.quiz(rules=[{"course": "language", "count": 4}], pass_mark=75)
    attempt = start(of, trainee)
    answer_all(attempt, right=True)
    attempt.items.filter(position=1).update(answer="9")
    of.pass_mark = 100
    of.save()
    assert quizzes.finish(attempt, now=NOW).passed


def test_the_door_cannot_be_run_through_by_two_stale_looks(trainee: Any, pool: list[Question]) -> None:
    """Both tabs looked while an attempt was left; the second start is refused when the first is finished already."""
    of = making.quiz(attempts_allowed=1)
    quizzes.finish(start(of, trainee), now=NOW)
    with pytest.raises(NotNow):
        quizzes._create(of, trainee, pool[:2], NOW, random.Random(1))


def test_a_question_asked_in_two_open_attempts_is_first_once(trainee: Any, pool: list[Question]) -> None:
    """Course quiz and exam stand open side by side: whichever is handed in first has the first answer."""
    rules = [{"course": "language", "count": 4}]
    one, two = (start(making.quiz(slug, rules=rules), trainee) for slug in ("one", "two"))
    quizzes.finish(two, now=NOW)
    quizzes.finish(one, now=NOW)
    assert [set(each.items.values_list("first", flat=True)) for each in (one, two)] == [{False}, {True}]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The results of these calls, made at the same moment in a thread and connection each; errors among them."""
    line, results = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        line.wait()
        try:
            results.append(call())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_one_open_attempt_under_threads() -> None:
    """Six clicks on two workers: one attempt, everybody gets it, and no error is seen."""
    trainee = factories.person("trainee")
    making.pool(count=4)
    of = making.quiz()
    got = at_once(*(lambda seed=seed: start(of, trainee, seed=seed).pk for seed in range(6)))
    assert got == [Attempt.objects.get().pk] * 6
    assert AttemptItem.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_practice_under_threads() -> None:
    """Its quiz is made on first use: by one of them."""
    trainee = factories.person("trainee")
    making.pool(count=4)
    quizzes.finish(start(making.quiz(), trainee), now=NOW)
    got = at_once(*(lambda: quizzes.start_practice(trainee, now=NOW, rng=random.Random(1)).pk for _at in range(4)))
    assert got == [Attempt.objects.open().get().pk] * 4


@pytest.mark.django_db(transaction=True)
def test_one_result_under_threads() -> None:
    """Two tabs, the clock and the timer's command hand in at once: every one of them sees the same result."""
    trainee = factories.person("trainee")
    making.pool(count=4)
    attempt = start(making.quiz(time_limit=LIMIT), trainee)
    answer_all(attempt, right=True)
    moments = [NOW + timedelta(seconds=at) for at in range(4)]
    got = at_once(*(lambda at=at: quizzes.finish(attempt, now=at) for at in moments))
    assert {(one.points, one.passed, one.finished_at) for one in got} == {
        (Decimal(2), True, Attempt.objects.get().finished_at)
    }


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_there_before_the_grading_or_told_that_it_came_too_late() -> None:
    """Never stored and not counted: what the result shows as answered is what was graded."""
    trainee = factories.person("trainee")
    making.pool(count=4)
    for round_ in range(6):
        attempt = start(making.quiz(f"quiz-{round_}", rules=[{"course": "language", "count": 1}]), trainee)
        right = making.right_answer(attempt.items.get().document)
        got = at_once(
            lambda: quizzes.answer(attempt, 1, right, sequence=1, seconds=1, now=NOW),  # noqa: B023
            lambda: quizzes.finish(attempt, now=NOW),  # noqa: B023
        )
        stored = attempt.items.get()
        came_late = any(isinstance(one, Closed) for one in got)
        assert (stored.answer, stored.points) == ((None, Decimal(0)) if came_late else (right, Decimal(1)))


@pytest.mark.django_db(transaction=True)
def test_first_is_first_under_threads() -> None:
    """Two attempts with the same questions handed in at the same moment: each question is first in one of them."""
    trainee = factories.person("trainee")
    making.pool(count=3)
    rules = [{"course": "language", "count": 3}]
    for round_ in range(4):
        AttemptItem.objects.all().delete()
        pair = [start(making.quiz(f"{slug}-{round_}", rules=rules), trainee) for slug in ("one", "two")]
        at_once(*(lambda one=one: quizzes.finish(one, now=NOW) for one in pair))
        assert sorted(AttemptItem.objects.values_list("first", flat=True)) == [False] * 3 + [True] * 3


def test_the_timers_command_issues_what_was_earned(trainee: Any) -> None:
    """Somebody passed the exam, closed the laptop before handing in, and never came back to the page."""
    course = making.course("rules")
    making.result(trainee, making.quiz("rules", course=course), "1", "1")
    making.pool("rules", 2)
    of = making.quiz("exam-rules", kind="exam", rules=[{"course": "rules", "count": 2}], time_limit=LIMIT)
    making.path("rules", course, exam=of)
    answer_all(start(of, trainee), right=True)
    assert quizzes.finish_overdue(NOW + timedelta(hours=1)) == 1
    assert Certificate.objects.get().user == trainee
