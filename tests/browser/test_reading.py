"""Reading in a real browser: checkpoints in place, minutes counted, the way back, keys, a lost connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import TRAINEE
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND
from training.models import Course, Lesson, LessonProgress

FIRST = "/learn/intro/intro-all-the-way/"
WIDE = {"width": 1280, "height": 800}


@pytest.fixture
def learner(home: str) -> Any:
    return factories.person(TRAINEE)


def the_lesson() -> Lesson:
    return Lesson.objects.get(slug="intro-all-the-way")


def options(page: Page) -> Any:
    return page.locator("#check-1 input[type=radio]")


def test_a_checkpoint_answers_in_place(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """By keyboard: Enter on an option answers this checkpoint, the feedback is said, the focus stays where it was."""
    page = visit(learner, FIRST, viewport=WIDE)
    marks = [option["right"] for option in the_lesson().checks[0]["options"]]
    wrong, right = marks.index("no"), marks.index("yes")
    options(page).nth(wrong).focus()
    page.keyboard.press("Space")
    with page.expect_response("**/checks/1/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    feedback = [option["feedback"] for option in the_lesson().checks[0]["options"]]
    expect(page.locator("#check-1 .wrong .feedback")).to_contain_text(feedback[wrong])
    expect(page.locator("#check-1 .missed .feedback")).to_contain_text(feedback[right])
    expect(options(page).nth(wrong)).to_be_focused()
    expect(page.locator("#live")).to_contain_text(feedback[wrong])
    options(page).nth(right).check()
    page.locator("#check-1 button").click()
    expect(page.locator("#check-1 .right .feedback")).to_contain_text(feedback[right])
    page.reload()
    expect(options(page).nth(right)).to_be_checked()
    assert LessonProgress.objects.get(user=learner).checks == {"1": {"option": right, "right": True}}


def test_nothing_chosen_is_told(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """The button says what is missing and leads there; no request goes out."""
    page = visit(learner, FIRST, viewport=WIDE)
    page.locator("#check-1 button").click()
    expect(page.locator("#live")).to_have_text(str(page.locator("#check-1").get_attribute("data-say-choose")))
    expect(options(page).first).to_be_focused()
    assert watch.to("/checks/") == []


def test_a_lost_connection_loses_no_answer(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """What was chosen stays chosen, the page says what happened, and the same button works again."""
    watch.expected = ["ERR_FAILED", "ERR_INTERNET_DISCONNECTED"]
    page = visit(learner, FIRST, viewport=WIDE)
    page.route("**/checks/1/", lambda route: route.abort())
    options(page).first.check()
    page.locator("#check-1 button").click()
    expect(page.locator("#live")).to_have_text(str(page.locator(".read").get_attribute("data-say-lost")))
    expect(options(page).first).to_be_checked()
    page.unroute("**/checks/1/")
    page.locator("#check-1 button").click()
    expect(page.locator("#check-1 .feedback").first).to_be_visible()


def test_an_ended_session_asks_to_sign_in(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """A sign-in page is never pasted into a lesson; after signing in one is back on it."""
    page = visit(learner, FIRST, viewport=WIDE)
    page.context.clear_cookies(name="sessionid")
    options(page).first.check()
    page.locator("#check-1 button").click()
    page.wait_for_url("**/accounts/login/?next=%2Flearn%2Fintro%2Fintro-all-the-way%2F")


def seconds(learner: Any) -> int:
    return LessonProgress.objects.get(user=learner).seconds


def test_reading_is_counted_while_somebody_reads(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """Half a minute with the pointer moving is half a minute; then an hour with nobody there is nothing."""
    page = visit(learner, viewport=WIDE)
    page.clock.install()
    page.goto(home + FIRST)
    LessonProgress.objects.update(opened_at=timezone.now() - timezone.timedelta(hours=2))
    page.mouse.move(300, 300)
    with page.expect_response("**/beacon/") as sent:
        page.clock.run_for(31_000)
    assert sent.value.status == 204
    counted = seconds(learner)
    assert 25 <= counted <= 30
    LessonProgress.objects.update(beacon_at=timezone.now() - timezone.timedelta(hours=2))
    with page.expect_response("**/beacon/"):
        page.clock.run_for(120_000)  # the first minute still counts: somebody was there at its beginning
    LessonProgress.objects.update(beacon_at=timezone.now() - timezone.timedelta(hours=2))
    idle = seconds(learner)
    page.clock.run_for(3_600_000)
    assert seconds(learner) == idle


def test_the_way_back(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """Left in the middle on one device, gone on with on another: at the heading last passed."""
    page = visit(learner, viewport=WIDE)
    page.clock.install()
    page.goto(home + FIRST)
    headings = page.locator(".read > h2[id], .read > h3[id]")
    last = str(headings.last.get_attribute("id"))
    headings.last.scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    with page.expect_response("**/beacon/"):
        page.clock.run_for(31_000)
    phone = visit(learner, FIRST, viewport={"width": 360, "height": 740})
    phone.locator(".resume a").click()
    expect(phone.locator(f"[id='{last}']")).to_be_in_viewport()


def test_a_phone_begins_with_the_text(visit: Callable[..., Page], learner: Any) -> None:
    """The contents are folded where they would push the lesson off the screen, and open by a tap."""
    phone = visit(learner, FIRST, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    expect(phone.locator(".contents ol").first).to_be_hidden()
    phone.locator(".contents summary").tap()
    expect(phone.locator(".contents ol").first).to_be_visible()
    wide = visit(learner, FIRST, viewport=WIDE)
    expect(wide.locator(".contents ol").first).to_be_visible()


def test_keys(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """`g l` leads to the courses from anywhere, `/` into their search."""
    page = visit(learner, FIRST, viewport=WIDE)
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(home + "/learn/")
    page.keyboard.press("/")
    expect(page.locator("[data-query]")).to_be_focused()


def test_a_lesson_without_script(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """Read, answer, go on: plain forms do it."""
    page = visit(learner, FIRST, viewport=WIDE, java_script_enabled=False)
    options(page).first.check()
    page.locator("#check-1 button").click()
    page.wait_for_url(f"{home}{FIRST}#check-1")
    expect(page.locator("#check-1 .feedback").first).to_be_visible()
    page.locator(".next button").click()
    page.wait_for_url(home + "/learn/intro/intro-five-roles/")
    assert LessonProgress.objects.get(user=learner, lesson=the_lesson()).finished_at is not None


def test_a_new_hire_begins(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """Home shows one step; following it, lesson by lesson, ends at the quiz's door."""
    page = visit(learner, "/", viewport=WIDE)
    page.locator(".today .step .btn").click()
    count = Lesson.objects.filter(course__code="intro").count()
    for _lesson in range(count):
        page.locator(".next button").click()
    page.wait_for_url(home + "/learn/intro/quiz/")
    page.goto(home + "/")
    expect(page.locator(".today .step .btn")).to_have_attribute("href", "/learn/intro/quiz/")
    expect(page.locator(".today .tally")).to_contain_text(str(count))


def test_every_state_is_accessible(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """A learner's home, an answered checkpoint, a lesson left in the middle, every lesson at 320 px."""
    page = visit(learner, "/", reduced_motion="reduce")
    assert everywhere(page) == {}
    page.goto(home + FIRST)
    options(page).first.check()
    page.locator("#check-1 button").click()
    expect(page.locator("#check-1 .feedback").first).to_be_visible()
    LessonProgress.objects.update(place=the_lesson().headings[0]["id"])
    assert everywhere(page) == {}
    page.reload()
    assert everywhere(page) == {}
    page.set_viewport_size({"width": 320, "height": 700})
    for course in Course.objects.all():
        course.needs.clear()
    wide = {}
    for lesson in Lesson.objects.select_related("course"):
        page.goto(home + lesson.get_absolute_url())
        if beyond := page.evaluate(BEYOND):
            wide[lesson.slug] = beyond
    assert wide == {}
