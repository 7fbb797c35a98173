"""Reading progress by the server's clock, locks with a reason, and the one next step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson as document
from training.models import Lesson, LessonProgress
from training.services import lessons, progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson() -> Lesson:
    making.course("language")
    return lessons.save_document(document(body="{{check:1}}"))


@pytest.mark.parametrize(("claimed", "after", "counted"), [(30, 30, 30), (30, 10, 15), (9999, 9999, 35), (-4, 30, 0)])
def test_a_beacon_claims_no_more_than_has_passed(
    trainee: Any, lesson: Lesson, claimed: int, after: int, counted: int
) -> None:
    """A script that says an hour each second still reads for a second."""
    progress.open_lesson(lesson, trainee, now=NOW)
    progress.beacon(lesson, trainee, seconds=claimed, place="小节", now=NOW + timedelta(seconds=after))
    row = LessonProgress.objects.get()
    assert (row.seconds, row.place) == (counted, "小节")


def test_two_tabs_read_no_faster_than_one(trainee: Any, lesson: Lesson) -> None:
    """The second beacon at the same moment gets the slack and no more."""
    progress.open_lesson(lesson, trainee, now=NOW)
    for _tab in range(2):
        progress.beacon(lesson, trainee, seconds=30, place="", now=NOW + timedelta(seconds=30))
    assert LessonProgress.objects.get().seconds == 35


def test_finishing_keeps_the_first_time(trainee: Any, lesson: Lesson) -> None:
    """Reading it again must not move the day it was learnt."""
    for day in (0, 3):
        progress.finish_lesson(lesson, trainee, now=NOW + timedelta(days=day))
    assert LessonProgress.objects.get().finished_at == NOW


@pytest.mark.parametrize(("number", "option"), [(0, 0), (2, 0), (1, 9), (1, -1)])
def test_a_checkpoint_that_is_not_there_is_an_index_error(
    trainee: Any, lesson: Lesson, number: int, option: int
) -> None:
    """The view makes a 404 of it; -1 must not mean the last."""
    with pytest.raises(IndexError):
        progress.answer_check(lesson, number, option, trainee, now=NOW)


def test_a_course_is_locked_with_a_reason_until_its_needs_are_done(trainee: Any) -> None:
    """Never silently."""
    intro, language = making.course("intro"), making.course("language")
    language.needs.add(intro)
    of = making.quiz("intro", course=intro)
    assert "课intro" in progress.lock_reason(language, progress.finished_courses(trainee, [intro, language]))
    making.result(trainee, of, "4", "4")
    assert progress.lock_reason(language, progress.finished_courses(trainee, [intro, language])) == ""
