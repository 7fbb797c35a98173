"""The trainers' side as they meet it: the desk, its queues, and stock admin in our clothes, without a complaint of axe,
in both themes, and without scrolling sideways at 768 pixels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Team
from accounts.roles import TRAINER
from knowledge.models import Card, CopyEvent, Feedback, Revision, Use
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.test_axe import COLOURS, EVERYTHING, complaints
from tests.browser.test_look import BEYOND
from training.models import Lesson, Question

CARD = "shipping-fee-doubt"


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person(TRAINER, display_name="王培训")


@pytest.fixture
def busy(trainer: Any, agent: Any) -> dict[str, Any]:
    """Something in every queue; the numbers that stand for things in addresses."""
    card = Card.objects.get(slug=CARD)
    long_ago = timezone.localdate() - timedelta(days=400)
    Card.objects.filter(pk=card.pk).update(owner=trainer, verified_on=long_ago, verified_by=trainer)
    CopyEvent.objects.create(line=card.say[0], user=agent)
    remark = Feedback.objects.create(card=card, line=card.say[0], kind="error", text="运费写的是旧的", author=agent)
    draft = {"kind": "card", "slug": "x", "number": 1, "document": {"title": "退货运费谁出"}, "author": agent}
    Revision.objects.create(**draft, state="waiting")
    Use.objects.update(recheck=True)
    Team.objects.create(code="night", name="夜班")
    lesson, question = Lesson.objects.filter(uses__recheck=True).first(), Question.objects.first()
    assert lesson
    assert question
    return {"card": card.pk, "remark": remark.pk, "lesson": lesson.pk, "question": question.pk}


PAGES = [
    "/admin/",
    "/admin/knowledge/card/?q=运费",
    "/admin/knowledge/card/add/",
    "/admin/knowledge/card/{card}/change/",
    "/admin/knowledge/card/{card}/history/",
    "/admin/knowledge/card/{card}/delete/",
    "/admin/knowledge/feedback/",
    "/admin/knowledge/feedback/{remark}/change/",
    "/admin/knowledge/revision/",
    "/admin/knowledge/fact/",
    "/admin/training/lesson/",
    "/admin/training/lesson/{lesson}/change/",
    "/admin/training/lesson/{lesson}/delete/",
    "/admin/training/question/",
    "/admin/training/question/{question}/change/",
    "/admin/training/quiz/",
    "/admin/accounts/user/",
    "/admin/accounts/team/night/change/",
    "/team/freshness/",
    "/team/rechecks/",
]


@pytest.mark.parametrize("at", range(4))
def test_pages(
    visit: Callable[..., Page], home: str, watch: Watch, trainer: Any, busy: dict[str, Any], at: int
) -> None:
    """A quarter of the pages in one window: to open one takes longer than to look at a page."""
    watch.expected = ["Applying inline style", "preload assets"]  # axe itself, on forms; test_admin.py looks for ours
    page = visit(trainer, reduced_motion="reduce")
    found: dict[str, Any] = {}
    for path in PAGES[at::4]:
        for width in (768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="light")
            page.goto(home + path.format(**busy))
            found[f"{path} {width} wide"] = page.evaluate(BEYOND)
            found[f"{path} {width} light"] = complaints(page, EVERYTHING)
            page.emulate_media(color_scheme="dark")
            found[f"{path} {width} dark"] = complaints(page, COLOURS)
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("path", ["/team/freshness/", "/team/rechecks/"])
def test_queues_on_a_phone(visit: Callable[..., Page], home: str, trainer: Any, busy: Any, path: str) -> None:
    page = visit(trainer, reduced_motion="reduce", viewport={"width": 320, "height": 800})
    page.goto(home + path)
    assert page.evaluate(BEYOND) == []
    assert complaints(page, EVERYTHING) == []


def test_from_the_desk_to_an_empty_queue(visit: Callable[..., Page], home: str, trainer: Any, busy: Any) -> None:
    """By keyboard alone and without a script: the desk, the queue, one click, gone."""
    page = visit(trainer, "/admin/", java_script_enabled=False, viewport={"width": 1024, "height": 800})
    tile = page.locator(".queues a", has_text="待核实")
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/team/freshness/?owner=mine")
    button = page.locator(".stale button")
    expect(button).to_have_count(1)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages li")).to_have_count(1)
    expect(page.locator(".stale button")).to_have_count(0)
    card = Card.objects.get(slug=CARD)
    assert (card.verified_on, card.verified_by) == (timezone.localdate(), trainer)


def test_the_remark_leads_to_its_line(visit: Callable[..., Page], home: str, trainer: Any, busy: Any) -> None:
    """From the queue to the line in its card as readers see it, marked; closing it with an answer."""
    page = visit(trainer, "/admin/knowledge/feedback/", viewport={"width": 1280, "height": 900})
    page.locator(".field-where a").click()
    card = Card.objects.get(slug=CARD)
    expect(page.locator("article.target")).to_have_count(1)
    assert page.locator("article.target").get_attribute("data-code") == card.say[0].code
    page.goto(f"{home}/admin/knowledge/feedback/{busy['remark']}/change/")
    expect(page.locator(".remarked mark")).to_have_text(card.say[0].text)
    page.locator("[name=state]").select_option("done")
    page.locator("[name=answer]").fill("改好了，谢谢。")
    page.locator("input[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    remark = Feedback.objects.get(pk=busy["remark"])
    assert (remark.state, remark.answer, remark.closed_by) == ("done", "改好了，谢谢。", trainer)


def test_the_calendar_is_chinese(visit: Callable[..., Page], watch: Watch, trainer: Any, busy: Any) -> None:
    """Stock admin heads its days with Latin letters in Chinese too."""
    watch.expected = ["Applying inline style", "preload assets"]
    address, wide = f"/admin/knowledge/card/{busy['card']}/change/", {"width": 1280, "height": 900}
    page = visit(trainer, address, viewport=wide, reduced_motion="reduce")  # no colour half-way to another
    page.locator(".field-verified_on .datetimeshortcuts a").nth(1).click()
    days = page.locator(".calendarbox:visible .calendar th").all_text_contents()
    assert sorted(days) == sorted("日一二三四五六")
    page.emulate_media(color_scheme="dark")
    assert complaints(page, COLOURS) == []
