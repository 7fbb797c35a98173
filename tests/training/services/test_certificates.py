"""Certificates: earned once, valid for a time, taken back for good, printed whatever the name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.training.making import NOW, course, path, quiz, result
from training.enums import QuizKind
from training.models import Attempt, Certificate, Path
from training.services import certificates

pytestmark = pytest.mark.django_db


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


def test_numbers_cannot_be_guessed(trainee: Any, way: Path) -> None:
    """20 signs of 31 are about 99 bits; look-alikes are left out for whoever types one from paper."""
    codes = {Certificate(name="x").code for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {20}
    assert set("".join(codes)) <= set("23456789ABCDEFGHJKMNPQRSTUVWXYZ")


@pytest.mark.parametrize(
    ("name", "printed"), [("欧阳喆", "欧阳喆"), ("Ana·李 2", "Ana·李 2"), ("𠮷野", "〓野"), ("😊", "〓")]
)
def test_rare_characters_are_replaced_where_one_sees_it(name: str, printed: str) -> None:
    """A blank in a name would look like a fault of the person."""
    assert certificates.readable(name) == printed


@pytest.mark.parametrize("name", ["欧阳喆", "𠮷野", "很" * 40, "A"])
def test_the_pdf_is_one_page_with_its_faces_inside(name: str) -> None:
    """A face that is not embedded prints boxes on another machine."""
    one = Certificate(name=name, title="全员入门", issued_on=date(2026, 11, 22), valid_until=date(2027, 11, 22))
    paper = certificates.pdf(one)
    assert (paper[:5], paper.count(b"/Type /Page\n"), paper.count(b"/FontFile2")) == (b"%PDF-", 1, 2)
    assert b"/MediaBox [ 0 0 841.8898 595.2756 ]" in paper
    assert len(paper) < 200_000
