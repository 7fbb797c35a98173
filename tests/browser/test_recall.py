"""Remembering in a real browser: a wrong answer comes back tomorrow, ten minutes end on the stroke, keys are enough."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import TRAINEE
from knowledge.models import Card
from knowledge.services.events import toggle_favourite
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.steps import commit, compose
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from tests.training import making
from training.models import Question, RecallItem, RecallLog
from training.services import questions, recall

LENGTH = timedelta(minutes=10)


class Clock:
    """The server's clock, moved by hand; it goes on by itself as any does."""

    def __init__(self) -> None:
        self.really, self.ahead = timezone.now, timedelta()

    def __call__(self) -> datetime:
        return self.really() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("django.utils.timezone.now", made)
    return made


@pytest.fixture
def learner(home: str) -> Any:
    return factories.person(TRAINEE, locale="en")


def missed(user: Any, key: str = "d#a", days: int = 1, **front: str) -> RecallItem:
    front = {"prompt": "顾客说：等了五天。", "answer": "让您久等了，我现在就去催。", "given": "耐心等。"} | front
    return recall.remember(user, "point", key, "psychology", front, timezone.now() - timedelta(days=days))


def asked(user: Any, kind: str, days: int = 1) -> RecallItem:
    made = questions.save_document(making.document(kind), "language")
    front = {"prompt": made.prompt}
    return recall.remember(user, "question", made.code, "language", front, timezone.now() - timedelta(days=days))


def press(page: Page, key: str) -> None:
    """A key on a page that is there: words stand on it before its script runs."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_a_wrong_quiz_answer_is_due_tomorrow(
    visit: Callable[..., Page], learner: Any, home: str, clock: Clock, watch: Watch
) -> None:
    """The whole way: wrong in a quiz today, nothing to recall today, asked tomorrow, right, gone for days."""
    Question.objects.all().delete()
    questions.save_document(making.document("single"), "language")
    attempt = making.start(making.quiz("small", rules=[{"course": "language", "count": 1}]), learner, timezone.now())
    page = visit(learner, f"/attempts/{attempt.pk}/")
    page.locator("[data-q] label", has_text="2").locator("input").check()
    page.locator(".attempt-end button").last.click()
    expect(page).to_have_url(re.compile(r"/result/$"))
    page.goto(home + "/review/")
    expect(page.locator("main")).to_contain_text("Nothing to recall today")
    clock.ahead = timedelta(days=1)
    page.goto(home + "/")
    page.get_by_role("link", name="1 to recall today").click()
    page.get_by_role("button", name="Recall for 10 minutes").click()
    expect(page.locator(".q-prompt")).to_contain_text("情境")
    page.locator(".q-options label", has_text="1").locator("input").check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".told h1")).to_contain_text("Right")
    page.locator("[data-next]").click()
    expect(page.locator("h1")).to_have_text("Everything for today is recalled")
    assert RecallItem.objects.get().due > timezone.now() + timedelta(days=1)


def test_keys_alone(visit: Callable[..., Page], learner: Any, home: str, blueberries: Card, watch: Watch) -> None:
    """Digits choose and rate, Enter and Space show, answer and go on; a second Enter rates nothing."""
    asked(learner, "single", days=3)
    missed(learner, days=2)
    toggle_favourite(blueberries.say[0], learner)
    RecallItem.objects.filter(kind="line").update(due=recall.morning(timezone.localdate()))
    page = visit(learner, "/review/")
    page.get_by_role("button", name="Recall for 10 minutes").focus()
    press(page, "Enter")
    expect(page.locator(".q-options input")).to_have_count(3)
    press(page, "2")
    expect(page.locator(".q-options input:checked")).to_have_count(1)
    press(page, "Enter")
    expect(page.locator(".told h1")).to_be_visible()
    press(page, "Enter")
    expect(page.locator(".recall-front")).to_contain_text("等了五天")
    press(page, "2")
    assert RecallLog.objects.count() == 1
    press(page, "Space")
    expect(page.locator(".recall-answer")).to_be_visible()
    press(page, "Enter")
    press(page, "2")
    expect(page.locator(".recall-front")).to_contain_text("问蓝莓怎么寄")
    press(page, "Enter")
    expect(page.locator(".recall-answer")).to_contain_text("lm1")
    press(page, "1")
    expect(page.locator("h1")).to_have_text("Everything for today is recalled")
    assert list(RecallLog.objects.order_by("at").values_list("rating", flat=True))[1:] == [3, 1]


def test_it_ends_on_the_stroke_of_ten(
    visit: Callable[..., Page], learner: Any, home: str, clock: Clock, watch: Watch
) -> None:
    """The page says so in words, the item in hand is finished, no new one comes."""
    for at in range(3):
        missed(learner, f"d#{at}")
    page = visit(learner)
    page.clock.install()
    page.goto(home + "/review/")
    page.get_by_role("button", name="Recall for 10 minutes").click()
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^(10 min 0|9 min 5\d) s left$"))
    page.clock.fast_forward(301_000)
    expect(page.locator("#live")).to_have_text("Five minutes left.")
    page.clock.fast_forward(300_000)
    expect(page.locator("[data-clock]")).to_contain_text("Ten minutes are over.")
    expect(page.locator("#live")).to_contain_text("Finish this one in peace")
    clock.ahead = LENGTH
    page.locator("[data-reveal] summary").click()
    page.locator("[data-rating]").nth(1).click()
    expect(page.locator("h1")).to_have_text("Ten minutes are over")
    assert RecallLog.objects.count() == 1
    page.goto(home + "/review/session/")
    expect(page.locator("h1")).to_have_text("Ten minutes are over")
    page.get_by_role("button", name="Another 10 minutes").click()
    expect(page.locator(".recall-front")).to_be_visible()


def test_nothing_while_composing(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """A gap is filled with an input method: its digits choose words and its Enter answers nothing."""
    asked(learner, "fill")
    page = visit(learner, "/review/")
    page.get_by_role("button", name="Recall for 10 minutes").click()
    gap = page.locator(".gap")
    gap.focus()
    cdp = compose(page, "qitian")
    page.keyboard.press("Enter")
    assert RecallLog.objects.count() == 0
    commit(cdp, "七天")
    expect(gap).to_have_value("七天")
    page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    expect(page.locator(".told h1")).to_contain_text("Right")


def test_an_order_by_buttons(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """Steps move here as they do in a quiz."""
    asked(learner, "ordering")
    page = visit(learner, "/review/")
    page.get_by_role("button", name="Recall for 10 minutes").click()
    for step in ("丁", "丙", "乙", "甲"):
        row = page.locator("[data-order] > li", has_text=step)
        for _up in range(3):
            row.locator("[data-move='-1']").click()
    expect(page.locator("[data-text]")).to_have_text(["甲", "乙", "丙", "丁"])
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".told h1")).to_contain_text("Right")


def test_without_script(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """Two forms and a fold-out: nothing more is needed."""
    asked(learner, "multiple", days=2)
    missed(learner)
    page = visit(learner, "/review/", java_script_enabled=False)
    page.get_by_role("button", name="Recall for 10 minutes").click()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".told h1")).to_contain_text("Not answered")
    page.locator("[data-next]").click()
    page.locator("summary").click()
    page.get_by_role("button", name="Remembered").click()
    expect(page.locator("h1")).to_have_text("Everything for today is recalled")


@pytest.mark.parametrize("what", ["question", "point", "told", "done", "book"])
def test_the_pages_look_well(visit: Callable[..., Page], learner: Any, home: str, watch: Watch, what: str) -> None:
    """axe, 320 px, fingers: every state of the session, and the book with something in it."""
    if what == "point":
        missed(learner)
    else:
        asked(learner, "single")
    page = visit(learner, "/review/", reduced_motion="reduce", has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Recall for 10 minutes").click()
    if what == "point":
        page.locator("[data-reveal] summary").click()
    if what in {"told", "done", "book"}:
        page.locator(".q-options input").first.check()
        page.get_by_role("button", name="Answer").click()
    if what == "done":
        page.locator("[data-next]").click()
    if what == "book":
        page.goto(home + "/review/mistakes/")
        page.locator("details.told summary").click()
    assert everywhere(page) == {}
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate(BEYOND) == []
    assert page.evaluate(SMALL) == []
