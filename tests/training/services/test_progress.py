"""Reading progress by the server's clock; locks, tallies and the one next step as functions of two values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson as document
from training.models import Lesson, LessonProgress
from training.services import lessons, progress
from training.services.curriculum import CourseEntry, Curriculum, LessonEntry, PathEntry, QuizEntry, Standing

# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def row(trainee: Any) -> LessonProgress:
    """A lesson with one checkpoint and one heading, just opened."""
    making.course("language")
    lesson = lessons.save_document(document(body="## 小节\n\n{{check:1}}"))
    return progress.open_lesson(lesson.pk, trainee, now=NOW)


@pytest.mark.parametrize(("claimed", "after", "counted"), [(30, 30, 30), (30, 10, 15), (9999, 9999, 35), (-4, 30, 0)])
def test_a_beacon_claims_no_more_than_has_passed(row: LessonProgress, claimed: int, after: int, counted: int) -> None:
    """A script that says an hour each second still reads for a second."""
    progress.beacon(row, seconds=claimed, place="小节", now=NOW + timedelta(seconds=after))
    row.refresh_from_db()
    assert (row.seconds, row.place) == (counted, "小节")


def test_two_tabs_read_no_faster_than_one(row: LessonProgress) -> None:
    """The second beacon at the same moment gets the slack and no more."""
    for _tab in range(2):
        progress.beacon(row, seconds=30, place="", now=NOW + timedelta(seconds=30))
        row.refresh_from_db()
    assert row.seconds == 35


def test_many_beacons_read_no_faster_than_one(row: LessonProgress) -> None:
    """The slack for an answer on its way is given once: twenty claims in a row are not twenty times five seconds."""
    for _claim in range(20):
        row.refresh_from_db()
        progress.beacon(row, seconds=35, place="", now=NOW + timedelta(seconds=30))
    row.refresh_from_db()
    assert row.seconds == 35


def test_beacons_at_the_same_moment_count_once(row: LessonProgress) -> None:
    """Each of them has read the row before the others wrote it."""
    at_once = [LessonProgress.objects.get(pk=row.pk) for _claim in range(3)]
    for one in at_once:
        progress.beacon(one, seconds=30, place="", now=NOW + timedelta(seconds=30))
    row.refresh_from_db()
    assert row.seconds == 30


def test_reading_goes_on_counting_after_the_slack(row: LessonProgress) -> None:
    """One beacon that came early must not make the honest ones after it poorer than the clock."""
    for after in (25, 55, 85):
        row.refresh_from_db()
        progress.beacon(row, seconds=30, place="", now=NOW + timedelta(seconds=after))
    row.refresh_from_db()
    assert row.seconds == 90


def test_a_clock_set_back_costs_one_beacon(row: LessonProgress) -> None:
    """Not an hour of reading, until it is as late again as it was."""
    for after in (3600, 30, 60):
        row.refresh_from_db()
        progress.beacon(row, seconds=30, place="", now=NOW + timedelta(seconds=after))
    row.refresh_from_db()
    assert row.seconds == 60


def test_a_place_that_is_no_heading_is_not_kept(row: LessonProgress) -> None:
    """It becomes a link on the reader's page; and the last known place is still the best."""
    progress.beacon(row, seconds=1, place="小节", now=NOW + timedelta(seconds=1))
    progress.beacon(row, seconds=1, place='"><script>', now=NOW + timedelta(seconds=2))
    row.refresh_from_db()
    assert row.place == "小节"


def test_opening_again_keeps_the_row(row: LessonProgress, trainee: Any) -> None:
    """The time of the first opening is the one that counts."""
    again = progress.open_lesson(row.lesson_id, trainee, now=NOW + timedelta(days=1))
    assert (again.pk, again.opened_at) == (row.pk, NOW)


def test_finishing_keeps_the_first_time(row: LessonProgress) -> None:
    """Reading it again must not move the day it was learnt."""
    for day in (0, 3):
        progress.finish_lesson(row, now=NOW + timedelta(days=day))
    row.refresh_from_db()
    assert row.finished_at == NOW


@pytest.mark.parametrize(("number", "option"), [(0, 0), (2, 0), (1, 9), (1, -1)])
def test_a_checkpoint_that_is_not_there_is_an_index_error(row: LessonProgress, number: int, option: int) -> None:
    """The view makes a 404 of it; -1 must not mean the last."""
    with pytest.raises(IndexError):
        progress.answer_check(row, number, option, now=NOW)
    row.refresh_from_db()
    assert row.checks == {}


def test_the_last_answer_to_a_checkpoint_stands(row: LessonProgress) -> None:
    """It is what the page shows again on any device."""
    right = [option["right"] for option in Lesson.objects.get().checks[0]["options"]].index("yes")
    for option in (1 - right, right):
        progress.answer_check(row, 1, option, now=NOW)
    row.refresh_from_db()
    assert row.checks == {"1": {"option": right, "right": True}}


# --- where somebody is -----------------------------------------------------------------------------------------------


def entry(code: str, lessons: int = 2, needs: tuple[str, ...] = (), quiz: bool = True) -> CourseEntry:
    """A course whose lessons are 10·n + 1 …, and whose quiz is 10·n, n being the letter's number."""
    start = 10 * (ord(code[0]) - ord("a") + 1)
    return CourseEntry(
        pk=start,
        code=code,
        title=code.upper(),
        summary="",
        competency="language",
        needs=needs,
        lessons=tuple(LessonEntry(start + at, f"{code}{at}", 5, f"/{code}/{at}/") for at in range(1, lessons + 1)),
        quiz=QuizEntry(start, f"{code} quiz", f"/{code}/quiz/") if quiz else None,
    )


def taught(*courses: CourseEntry, path: tuple[str, ...] = (), exam: bool = True) -> tuple[Curriculum, PathEntry]:
    test = QuizEntry(999, "exam", "/exam/") if exam else None
    made = PathEntry(1, "p", "P", "", path or tuple(course.code for course in courses), test)
    return Curriculum({course.code: course for course in courses}, {"p": made}), made


def standing(finished: set[int] = frozenset(), passed: set[int] = frozenset(), path: str = "") -> Standing:  # type: ignore[assignment]
    return Standing(path, True, frozenset(finished), frozenset(passed), (), None)


@pytest.mark.parametrize(
    ("finished", "passed", "title"),
    [
        (set(), set(), "a1"),
        ({11}, set(), "a2"),
        ({12}, set(), "a1"),  # lessons in their order, whichever was read first
        ({11, 12}, set(), "a quiz"),
        (set(), {10}, "b1"),  # whoever passes the quiz need not read
        ({11, 12, 21, 22}, {10}, "b quiz"),
        (set(), {10, 20}, "exam"),
        (set(), {10, 20, 999}, None),
    ],
)
def test_the_one_next_step(finished: set[int], passed: set[int], title: str | None) -> None:
    """A new hire always knows the one next thing to do."""
    curriculum, path = taught(entry("a"), entry("b", needs=("a",)))
    step = progress.next_step(path, curriculum, standing(finished, passed))
    assert (step.title if step else None) == title


def test_the_next_step_leads_through_courses_beside_the_path() -> None:
    """A path may begin with a course that waits for one it does not hold: a locked step would be a dead end."""
    curriculum, path = taught(entry("a"), entry("b", needs=("a",)), entry("c", needs=("b",)), path=("c",))
    found = [
        progress.next_step(path, curriculum, standing(passed=passed))
        for passed in (set(), {10}, {10, 20}, {10, 20, 30})
    ]
    assert [step.title if step else None for step in found] == ["a1", "b1", "c1", "exam"]


def test_a_circle_of_needs_ends() -> None:
    """A trainer's slip must not hang everybody's home page; somewhere it begins."""
    curriculum, path = taught(entry("a", needs=("b",)), entry("b", needs=("a",)))
    step = progress.next_step(path, curriculum, standing())
    assert step is not None
    assert step.kind == "lesson"


def test_a_course_without_a_quiz_ends_with_its_last_lesson() -> None:
    """Or nothing after it would ever open; one with nothing in it keeps nobody."""
    course = entry("a", quiz=False)
    assert [progress.is_finished(course, standing(read)) for read in (set(), {11}, {11, 12})] == [False, False, True]
    assert progress.is_finished(entry("a", lessons=0, quiz=False), standing()) is True


def test_a_lock_names_what_is_missing() -> None:
    """Never silently; and a course that was withdrawn locks nobody out."""
    course = entry("c", needs=("a", "b", "gone"))
    curriculum, path = taught(entry("a"), entry("b"), course)
    assert [need.title for need in progress.missing(course, curriculum, standing(passed={10}))] == ["B"]
    assert [one.title for one in progress.missing_for_exam(path, curriculum, standing(passed={10}))] == ["B", "C"]


@pytest.mark.parametrize(
    ("finished", "passed", "done"),
    [(set(), set(), 0), ({11, 21}, set(), 2), ({11}, {10}, 3), (set(), {10, 20}, 6), (set(), {10, 20, 999}, 7)],
)
def test_how_far(finished: set[int], passed: set[int], done: int) -> None:
    """The bar is full with the certificate, and never before."""
    curriculum, path = taught(entry("a"), entry("b"))
    tally = progress.tally_of(path, curriculum, standing(finished, passed))
    assert (tally.done, tally.total, tally.percent) == (done, 7, 100 * done // 7)


def test_an_empty_path_is_no_division_by_zero() -> None:
    """A trainer who has only just made a path opens it."""
    curriculum, path = taught(exam=False)
    assert progress.tally_of(path, curriculum, standing()).percent == 0
    assert progress.next_step(path, curriculum, standing()) is None


def test_which_path() -> None:
    """The one chosen; of who chose none the first, for learners; and a withdrawn choice counts as none."""
    curriculum, path = taught(entry("a"))
    assert progress.path_of(curriculum, standing(path="p"), by_default=False) == path
    assert progress.path_of(curriculum, standing(), by_default=True) == path
    assert progress.path_of(curriculum, standing(path="gone"), by_default=False) is None
    assert progress.path_of(Curriculum({}, {}), standing(), by_default=True) is None
