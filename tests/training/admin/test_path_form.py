"""Paths: courses in order, and the exam in the units people plan in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.knowledge.admin.conftest import errors
from tests.training import making
from tests.training.admin.conftest import address, blank, fresh, opened, save
from training.models import Course, Path, Quiz

EXAM = {"each": "2", "pass_mark": "85", "time_limit": "30", "cooldown": "12"}


@pytest.fixture
def courses(db: None) -> list[Course]:
    """Two courses with four published questions each."""
    made = [making.course(code, title=code.title()) for code in ("language", "rules")]
    for one in made:
        making.pool(one.code)
    return made


@pytest.fixture
def path(courses: list[Course]) -> Path:
    rules = [{"course": one.code, "count": 2} for one in courses]
    exam = making.quiz("exam-onboarding", kind="exam", rules=rules, time_limit=2400, cooldown=3600, pass_mark=80)
    return making.path("onboarding", *courses, exam=exam)


def steps(path: Path) -> list[str]:
    return [step.course.code for step in path.steps.select_related("course")]


def test_untouched_form_changes_nothing(as_trainer: Client, path: Path) -> None:
    before, stamp = path.to_document(), path.updated_at
    ids = list(path.steps.values_list("pk", flat=True))
    assert save(as_trainer, path).status_code == 302
    assert (fresh(path).to_document(), list(path.steps.values_list("pk", flat=True))) == (before, ids)
    assert fresh(path).updated_at > stamp


def test_add(as_trainer: Client, courses: list[Course]) -> None:
    data = blank(as_trainer, "path") | {"title": "新路", "slug": "new-way", "summary": "说明。", **EXAM}
    data |= {"steps-0-course": "language", "steps-0-position": "5", "steps-1-course": "rules", "position": "3"}
    assert as_trainer.post("/admin/training/path/add/", data).status_code == 302
    path = Path.objects.get()
    exam = path.exam
    assert exam
    assert (steps(path), path.status) == (["rules", "language"], "draft")
    assert (exam.slug, exam.title, exam.kind) == ("exam-new-way", "新路终考", "exam")
    assert (exam.pass_mark, exam.time_limit, exam.cooldown) == (85, 1800, 43200)
    assert exam.rules == [{"course": "rules", "count": 2}, {"course": "language", "count": 2}]


def test_reorder_and_take_away(as_trainer: Client, path: Path) -> None:
    """The exam asks of the courses there are."""
    save(as_trainer, path, steps__0__position="1", steps__1__position="0")
    assert steps(path) == ["rules", "language"]
    save(as_trainer, path, steps__0__DELETE="on")
    assert steps(path) == ["language"]
    assert fresh(path).exam.rules == [{"course": "language", "count": 2}]


def test_exam_units(as_trainer: Client, path: Path) -> None:
    data = opened(as_trainer, path)
    assert {key: data[key] for key in EXAM} == {"each": "2", "pass_mark": "80", "time_limit": "40", "cooldown": "1"}
    save(as_trainer, path, **EXAM)
    exam = fresh(path).exam
    assert (exam.pass_mark, exam.time_limit, exam.cooldown) == (85, 1800, 43200)


def test_finer_rules_stay(as_trainer: Client, path: Path) -> None:
    """What was set on the exam's own page outlives a change of the pass mark here."""
    exam = path.exam
    assert exam
    exam.rules = [{"course": "language", "difficulty": 1, "count": 2}, {"course": "rules", "count": 1}]
    exam.save()
    save(as_trainer, path, pass_mark="90")
    assert (fresh(exam).rules, fresh(exam).pass_mark) == (exam.rules, 90)


def test_path_without_an_exam(as_trainer: Client, path: Path) -> None:
    """Attempts keep the exam they were at; nobody starts it any more."""
    exam = path.exam
    save(as_trainer, path, each="")
    assert (fresh(path).exam, fresh(exam).status) == (None, "retired")
    save(as_trainer, path, **EXAM)
    assert fresh(path).exam.slug == "exam-onboarding-copy"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"steps__1__course": "language"}, ["Row 2, course: 'Language' stands here twice"]),
        ({"steps__1__course": "nowhere"}, ["Row 2, course: 'nowhere' is no course"]),
        ({"steps__0__DELETE": "on", "steps__1__DELETE": "on"},
         ["A path that readers see, or one with an exam, needs a course."]),
        ({"each": "5"}, ["Fewer published questions than that: Language (4)、Rules (4)"]),
        ({"pass_mark": "101"}, ["Ensure this value is less than or equal to 100."]),
        ({"time_limit": "x"}, ["Enter a whole number."]),
    ],
)  # fmt: skip
def test_problems_stand_on_their_box(as_trainer: Client, path: Path, changes: dict[str, Any], told: list[str]) -> None:
    response = save(as_trainer, path, title="改", **changes)
    assert (response.status_code, errors(response)) == (200, told)
    assert fresh(path).title == path.title


def test_slug_is_sound_and_chosen_once(as_trainer: Client, path: Path) -> None:
    """The content files refuse another one."""
    save(as_trainer, path, slug="elsewhere")
    assert fresh(path).slug == "onboarding"
    data = blank(as_trainer, "path") | {"title": "x", "slug": "A_b", "summary": "x", "position": "1"}
    assert errors(as_trainer.post("/admin/training/path/add/", data)) == [
        "use lower-case letters, digits and single hyphens"
    ]


def test_copy(as_trainer: Client, path: Path) -> None:
    """With an exam of its own: changing one must not change the other."""
    as_trainer.post(address(path, "duplicate"))
    copy = Path.objects.get(slug="onboarding-copy")
    assert (steps(copy), copy.status) == (steps(path), "draft")
    assert copy.exam
    assert copy.exam != path.exam
    assert copy.exam.rules == path.exam.rules  # type: ignore[union-attr]


def test_preview_of_a_published_path(as_trainer: Client, path: Path) -> None:
    assert as_trainer.get(address(path)).content.decode().count('href="/paths/onboarding/"') == 1
    Path.objects.update(status="draft")
    assert as_trainer.get(address(path)).content.decode().count('href="/paths/onboarding/"') == 0


def test_a_manager_reads(as_manager: Client, path: Path) -> None:
    html = as_manager.get(address(path)).content.decode()
    assert [html.count(part) for part in ("<textarea", "data-rows", "{&#x27;")] == [0, 0, 0]
    assert html.count(f'href="/admin/training/quiz/{Quiz.objects.get().pk}/change/"') == 1
