"""From a new hire's first look at the home page to a certificate that a stranger's phone verifies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.roles import TRAINEE
from tests import factories
from tests.browser.conftest import Watch
from tests.training.making import right_answer
from training.models import Attempt, AttemptItem, Certificate, Course, Lesson, Path, PathCourse, Quiz

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def short_path(home: str) -> Path:
    """A path of the first starter course with a timed exam: the whole way in minutes, not in two weeks."""
    exam = Quiz.objects.create(
        slug="exam-first-day",
        title="第一天终考",
        kind="exam",
        rules=[{"course": "intro", "count": 8}],
        time_limit=600,
    )
    path = Path.objects.create(
        slug="first-day", title="第一天", summary="先走一小段。", status="published", position=9, exam=exam
    )
    PathCourse.objects.create(path=path, course=Course.objects.get(code="intro"), position=1)
    return path


def give(field: Locator, item: AttemptItem, answer: Any) -> None:
    """Answer a question by its visible controls."""
    kind = item.document["type"]
    if kind == "ordering":
        for place, key in enumerate(answer):
            step = field.locator(f"li[data-key='{key}']")
            while field.locator("li").evaluate_all("all => all.map(one => one.dataset.key)").index(key) > place:
                step.locator("[data-move='-1']").click()
        if field.locator("[data-keep]").is_visible():
            field.locator("[data-keep]").click()
    elif kind == "matching":
        for key, chosen in answer.items():
            field.locator(f"select[data-key='{key}']").select_option(chosen)
    elif kind in {"fill", "rewrite"}:
        field.locator("input.gap, textarea").fill(answer)
    else:
        for key in answer if isinstance(answer, list) else [answer]:
            field.locator(f"label input[value='{key}']").check()


def answer_all(page: Page) -> Attempt:
    """Everything right, and saved."""
    page.wait_for_url(re.compile(r"/attempts/\d+/$"))
    attempt = Attempt.objects.open().get()
    for item in attempt.items.order_by("position"):
        give(page.locator(f"#q{item.position}"), item, right_answer(item.document))
    expect(page.locator("[data-done]")).to_have_text(str(attempt.items.count()))
    return attempt


def hand_in(page: Page) -> None:
    page.locator("[data-bar] [data-hand-in]").click()
    page.wait_for_url(re.compile(r"/attempts/\d+/result/$"))


def read_the_course(page: Page, home: str) -> None:
    """Lesson by lesson from the home page, each checkpoint answered on the way."""
    page.goto(home + "/")
    page.locator(".today .step .btn").click()
    for _lesson in range(Lesson.objects.filter(course__code="intro").count()):
        for check in range(page.locator("[data-check]").count()):
            page.locator("[data-check]").nth(check).locator("input").first.check()
            page.locator("[data-check]").nth(check).locator("[data-answer]").click()
            expect(page.locator("[data-check]").nth(check).locator(".feedback").first).to_be_visible()
        page.locator(".next button").click()
    page.wait_for_url(home + "/learn/intro/quiz/")


def test_the_whole_way(visit: Callable[..., Page], home: str, short_path: Path, watch: Watch) -> None:
    """Every step by what is on the screen; the figures at the end are those of the database."""
    person = factories.person(TRAINEE, display_name="陈一诺")
    page = visit(person, "/paths/first-day/", viewport=WIDE)
    page.locator("main form [type=submit]").click()  # follow this path
    expect(page.locator(".messages")).to_contain_text("第一天")

    read_the_course(page, home)
    page.locator("main form [type=submit]").click()
    page.wait_for_url(re.compile(r"/attempts/\d+/$"))
    page.locator("[data-bar] [data-hand-in]").click()  # nothing answered: asked once, then failed
    page.locator("dialog [data-sure]").click()
    page.wait_for_url(re.compile(r"/result/$"))
    assert Attempt.objects.finished().get().passed is False
    first = page.locator("details.told").first
    expect(first).to_have_attribute("open", "")
    expect(first.locator("a[href*='/learn/']").first).to_be_visible()  # the lesson that teaches it

    page.locator("a[href='/practice/mistakes/']").first.click()
    page.locator("main form [type=submit]").click()
    practice = answer_all(page)
    hand_in(page)
    practice.refresh_from_db()
    assert practice.points == practice.max_points

    page.goto(home + "/")
    page.locator(".today .step .btn").click()
    page.locator("main form [type=submit]").click()
    answer_all(page)
    hand_in(page)
    assert Attempt.objects.finished().filter(quiz__course__code="intro", passed=True).count() == 1

    page.goto(home + "/")
    expect(page.locator(".today .step .btn")).to_have_attribute("href", "/exams/first-day/")
    page.locator(".today .step .btn").click()
    page.locator("main form [type=submit]").click()
    answer_all(page)
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"[89]:\d\d"))
    hand_in(page)

    certificate = Certificate.objects.get(user=person)
    expect(page.locator(f"a[href='/certificates/{certificate.code}/']").first).to_be_visible()
    stranger = visit(None, f"/certificates/{certificate.code}/", viewport=PHONE, is_mobile=True, has_touch=True)
    expect(stranger.locator("main")).to_contain_text("陈一诺")
    expect(stranger.locator("main")).to_contain_text("有效")
    stranger.goto(f"{home}/certificates/{certificate.code[:-1]}{'2' if certificate.code[-1] != '2' else '3'}/")
    expect(stranger.locator("main")).not_to_contain_text("陈一诺")
    watch.expected = ["status of 404"]

    page.goto(home + "/me/matrix/")
    row = page.locator("details", has=page.locator("summary")).first
    row.locator("summary").click()
    expect(row.locator("a[href*='/result/']").first).to_be_visible()
    page.goto(home + "/")
    expect(page.locator(".today .step")).to_contain_text("走完了")
