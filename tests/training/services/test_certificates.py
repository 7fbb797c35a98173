"""Certificates: earned once, valid for a time, taken back for good, printed whatever the name."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests import factories
from tests.training.making import NOW, course, path, quiz, result
from training.enums import QuizKind
from training.models import Attempt, Certificate, Path, PathCourse
from training.models.certificate import ALPHABET, is_code, new_code
from training.services import certificates

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.fixture
def way() -> Path:
    """One course with a quiz, and an exam."""
    exam = quiz("exam-onboarding", kind=QuizKind.EXAM)
    language = course("language")
    quiz("language", course=language)
    return path("onboarding", language, exam=exam, valid_months=12)


def passed(user: Any, slug: str, at: Any = NOW, **values: Any) -> Attempt:
    return result(user, certificates.Quiz.objects.get(slug=slug), "4", "4", at, **values)


def test_passing_everything_earns_one(trainee: Any, way: Path) -> None:
    """Name, title and dates as they are on the day; a second look at the result issues no second one."""
    passed(trainee, "language")
    exam = passed(trainee, "exam-onboarding")
    made = certificates.issue_if_earned(exam)
    assert made is not None
    assert (made.name, made.title, made.issued_on, made.valid_until) == (
        str(trainee), "全员入门", date(2026, 11, 22), date(2027, 11, 22),
    )  # fmt: skip
    assert certificates.issue_if_earned(exam) == made
    assert Certificate.objects.count() == 1


def test_a_course_quiz_not_passed_earns_nothing(trainee: Any, way: Path) -> None:
    """The exam alone proves an afternoon, not a path."""
    exam = passed(trainee, "exam-onboarding")
    assert certificates.issue_if_earned(exam) is None
    passed(trainee, "language", passed=False)
    assert certificates.issue_if_earned(exam) is None
    passed(trainee, "language")
    assert certificates.issue_if_earned(exam) is not None


def test_only_a_passed_exam_earns(trainee: Any, way: Path) -> None:
    """Neither a failed exam, nor a quiz, nor somebody else's pass."""
    of_quiz = passed(trainee, "language")
    failed = passed(trainee, "exam-onboarding", passed=False)
    assert [certificates.issue_if_earned(one) for one in (of_quiz, failed)] == [None, None]
    assert certificates.issue(trainee, way, NOW) is None


def test_a_revoked_one_comes_back_by_a_new_pass_only(trainee: Any, way: Path) -> None:
    """Reopening the old result must not undo what a trainer decided."""
    passed(trainee, "language")
    exam = passed(trainee, "exam-onboarding")
    first = certificates.issue_if_earned(exam)
    assert first is not None
    certificates.revoke(first, NOW + timedelta(days=1))
    certificates.revoke(first, NOW + timedelta(days=9))
    first.refresh_from_db()
    assert first.revoked_at == NOW + timedelta(days=1)
    assert certificates.issue_if_earned(exam) is None
    again = certificates.issue_if_earned(passed(trainee, "exam-onboarding", NOW + timedelta(days=2)))
    assert again is not None
    assert again.code != first.code


def test_an_expired_one_is_renewed_by_passing_again(trainee: Any, way: Path) -> None:
    """The old number goes on saying expired, not revoked."""
    passed(trainee, "language")
    first = certificates.issue_if_earned(passed(trainee, "exam-onboarding"))
    assert first is not None
    later = NOW + timedelta(days=400)
    second = certificates.issue_if_earned(passed(trainee, "exam-onboarding", later))
    assert second is not None
    first.refresh_from_db()
    assert (second.issued_on, certificates.state(first, later.date())) == (date(2027, 12, 27), "expired")


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 11, 22), "valid"), (date(2027, 11, 22), "valid"), (date(2027, 11, 23), "expired")],
)
def test_the_last_day_still_counts(today: date, expected: str) -> None:
    """Valid until means through that day."""
    one = Certificate(issued_on=date(2026, 11, 22), valid_until=date(2027, 11, 22))
    assert certificates.state(one, today) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_months_end_on_a_day_that_exists(day: date, months: int, expected: date) -> None:
    """31 January and a month is no date."""
    assert certificates.months_later(day, months) == expected


@given(day=st.dates(date(2000, 1, 1), date(2090, 12, 31)), months=st.integers(0, 120))
def test_months_later_by_law(day: date, months: int) -> None:
    """That many months on, never a later day of the month, and only a short month makes it earlier."""
    later = certificates.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(until=DAYS, today=DAYS, revoked=st.none() | DAYS)
def test_state_by_law(until: date, today: date, revoked: date | None) -> None:
    """Revoked in its time is revoked for ever; otherwise the calendar decides, and what gave way has expired."""
    at = revoked and datetime(revoked.year, revoked.month, revoked.day, 12, tzinfo=SHANGHAI)
    found = certificates.state(Certificate(valid_until=until, revoked_at=at), today)
    if revoked and revoked <= until:
        assert found == "revoked"
    elif revoked or today > until:
        assert found == "expired"
    else:
        assert found == "valid"


@pytest.mark.parametrize(("minute", "expected"), [(59, "revoked"), (60, "expired")])
def test_the_day_ends_in_shanghai(minute: int, expected: str) -> None:
    """Taken back at 23:59 of the last day is revoked; a minute later it had run out by itself."""
    at = datetime(2027, 11, 22, 15, 0, tzinfo=UTC) + timedelta(minutes=minute)
    one = Certificate(valid_until=date(2027, 11, 22), revoked_at=at)
    assert certificates.state(one, date(2027, 12, 1)) == expected


def test_a_pass_after_midnight_is_dated_tomorrow(trainee: Any, way: Path) -> None:
    """16:00 in UTC is the next day where the learner sits."""
    midnight = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    passed(trainee, "language", midnight - timedelta(hours=1))
    made = certificates.issue_if_earned(passed(trainee, "exam-onboarding", midnight))
    assert made is not None
    assert (made.issued_on, made.valid_until) == (date(2026, 11, 23), date(2027, 11, 23))


def test_a_quiz_that_nobody_can_take_is_not_needed(trainee: Any, way: Path) -> None:
    """A course or quiz withdrawn from the path must not lock everybody out of its certificate."""
    for code, of_course, of_quiz in (("rules", "retired", "published"), ("reviews", "published", "draft")):
        withdrawn = course(code, status=of_course)
        quiz(code, course=withdrawn, status=of_quiz)
        PathCourse.objects.create(path=way, course=withdrawn, position=9)
    passed(trainee, "language")
    assert certificates.issue_if_earned(passed(trainee, "exam-onboarding")) is not None


def test_a_second_pass_changes_nothing(trainee: Any, way: Path) -> None:
    """While one is valid, doing better earns the same paper."""
    passed(trainee, "language")
    first = certificates.issue_if_earned(passed(trainee, "exam-onboarding"))
    again = certificates.issue_if_earned(passed(trainee, "exam-onboarding", NOW + timedelta(days=30)))
    assert again == first
    assert Certificate.objects.count() == 1


def test_what_the_other_tab_has_just_renewed_stands(trainee: Any, way: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This tab sees the expired one, the other renews, then this one writes: it must not take the new one back."""
    passed(trainee, "language")
    first = certificates.issue_if_earned(passed(trainee, "exam-onboarding"))
    later = NOW + timedelta(days=400)
    exam = passed(trainee, "exam-onboarding", later)
    stale = Certificate.objects.get()
    renewed = certificates.issue_if_earned(exam)
    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.first", lambda _self: stale)
        outer = certificates.issue(trainee, way, later)
    assert outer == renewed != first
    assert Certificate.objects.filter(revoked_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("renewed", [False, True])
def test_many_tabs_at_once_issue_one(trainee: Any, way: Path, renewed: bool) -> None:
    """Eight requests with the same passed exam: one new number, the same for all, and none of it revoked."""
    passed(trainee, "language")
    if renewed:
        certificates.issue_if_earned(passed(trainee, "exam-onboarding"))
    exam = passed(trainee, "exam-onboarding", NOW + timedelta(days=400))
    start = Barrier(8)

    def one(_number: int) -> str:
        try:
            start.wait(10)
            made = certificates.issue_if_earned(exam)
            return made.code if made else ""
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(one, range(8)))
    standing = Certificate.objects.filter(revoked_at=None)
    assert codes == {one.code for one in standing}
    assert (standing.count(), Certificate.objects.count()) == (1, 1 + renewed)


def test_numbers_cannot_be_guessed() -> None:
    """20 signs of 31 are about 99 bits; look-alikes are left out for whoever types one from paper."""
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {20}
    assert set("".join(codes)) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")


def wide(char: str) -> str:
    """The full-width form that a Chinese input method types."""
    return chr(ord(char) + 0xFEE0)


WAYS = [str, str.lower, wide, lambda char: wide(char).lower()]
BETWEEN = ["", "", " ", "-", "\u3000", "\u00a0", "－", "—", "‑", "\u200b", "\n"]


@given(code=st.text(ALPHABET, min_size=20, max_size=20), data=st.data())
def test_however_a_number_is_typed(code: str, data: st.DataObject) -> None:
    """Small, wide, in groups, with an invisible sign from a chat window: it is the same number."""
    typed = "".join(
        data.draw(st.sampled_from(BETWEEN)) + data.draw(st.sampled_from(WAYS))(char)  # type: ignore[no-untyped-call]
        for char in code
    )
    assert certificates.normal_code(typed) == code
    assert is_code(code)


@given(typed=st.text(max_size=60))
def test_whatever_is_typed_finds_nothing(typed: str) -> None:
    """No text raises: a NUL, half a character, what a database would refuse."""
    assert certificates.find(typed) is None


def test_a_number_finds_its_certificate(trainee: Any, way: Path) -> None:
    """And one letter off finds nothing."""
    made = Certificate.objects.create(
        user=trainee, path=way, name="欧阳喆", title="全员入门", valid_until=date(2027, 11, 22)
    )
    assert certificates.find("－".join(made.groups).lower()) == made
    assert ["".join(made.groups), len(made.groups)] == [made.code, 5]
    other = "2" if made.code[-1] != "2" else "3"
    assert certificates.find(made.code[:-1] + other) is None


def test_a_person_sees_all_of_theirs(trainee: Any, agent: Any, way: Path) -> None:
    """Newest first, each with what it is worth today; nobody else's. One query."""
    for user, day, until, revoked in (
        (trainee, date(2024, 1, 1), date(2025, 1, 1), NOW),
        (trainee, date(2026, 1, 1), date(2027, 1, 1), NOW),
        (trainee, date(2026, 5, 1), date(2027, 5, 1), None),
        (agent, date(2026, 6, 1), date(2027, 6, 1), None),
    ):
        Certificate.objects.create(user=user, path=way, name="x", title="y", issued_on=day, valid_until=until,
                                   revoked_at=revoked)  # fmt: skip
    found = certificates.of_person(trainee, date(2026, 11, 25))
    assert [(one.state, one.certificate.issued_on.year) for one in found] == [
        ("valid", 2026), ("revoked", 2026), ("expired", 2024),
    ]  # fmt: skip


def test_who_may_see_the_paper(trainee: Any, agent: Any, trainer: Any, manager: Any, way: Path) -> None:
    """The owner, trainers, and the manager of the owner's team; not a neighbour."""
    Certificate.objects.create(user=trainee, path=way, name="x", title="y", valid_until=date(2027, 11, 22))
    seen = [Certificate.objects.visible_to(user).count() for user in (trainee, agent, trainer, manager)]
    assert seen == [1, 0, 1, 0]
    factories.team("shop", trainee, leaders=[manager])
    assert Certificate.objects.visible_to(manager).count() == 1


def test_nothing_of_the_paper_is_loaded_before_it_is_drawn() -> None:
    """reportlab and the faces cost a worker some 25 MB; most workers never draw one."""
    code = (
        "import django, sys; django.setup(); import csportal.urls, training.services.certificates;"
        "print(sorted({'reportlab', 'segno', 'training.services.paper'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
