"""One card: copying, favourites, the share link, feedback, and the printed page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import Card, Favourite, Feedback
from tests.browser.conftest import Watch
from tests.browser.steps import clear_clipboard, clipboard, expect_copied, field


@pytest.fixture
def card(visit: Callable[..., Page], agent: Any, blueberries: Card) -> Page:
    return visit(agent, "/phrases/blueberries/", viewport={"width": 1024, "height": 700})


def test_copy_button_and_fields(card: Page) -> None:
    """The strip above the lines fills them all; a line with a hole sends the reader to its field, and Enter copies."""
    clear_clipboard(card)
    card.locator("#lm2 [data-copy]").click()
    expect(field(card, "顾客称呼")).to_be_focused()
    expect(card.locator("#toast")).to_contain_text("顾客称呼")
    assert clipboard(card) == "nothing"
    card.keyboard.insert_text("李先生")
    field(card, "运费").focus()
    card.keyboard.insert_text("8")
    field(card, "顾客称呼").focus()
    card.keyboard.press("Enter")
    expect_copied(card, "lm2", "李先生，蓝莓寄到您那里是8元。")
    expect(card.locator("#lm2")).to_contain_text("李先生，蓝莓寄到")


def test_favourite_toggles(card: Page, agent: Any, blueberries: Card) -> None:
    """The star says its state to everybody and survives a reload."""
    button = card.locator("#lm1 [data-favourite] button")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(card.locator("#live")).to_have_text(str(card.locator("#lm1 form").get_attribute("data-say-on")))
    card.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert list(Favourite.objects.values_list("user", "line__code")) == [(agent.pk, "lm1")]
    button.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(card.locator("#live")).to_have_text(str(card.locator("#lm1 form").get_attribute("data-say-off")))
    assert Favourite.objects.count() == 0


def test_favourites_stand_ready_in_the_dock(card: Page, home: str) -> None:
    """Before anything is typed the dock holds the lines one keeps, and Enter copies the first."""
    card.locator("#lm3 [data-favourite] button").click()
    expect(card.locator("#lm3 [data-favourite] button")).to_have_attribute("aria-pressed", "true")
    card.goto(home + "/dock/")
    expect(card.locator("#shelf-favourites")).to_be_visible()
    card.keyboard.press("Enter")
    expect_copied(card, "lm3", "蓝莓怕压，我让仓库多垫一层气泡膜。")


def test_share_link(card: Page, visit: Callable[..., Page], home: str) -> None:
    """The link to a line is copied, and opens the card with that line marked and in view."""
    card.locator("#lm3 [data-share]").click()
    expect(card.locator("#live")).to_have_text(str(card.locator("#lm3 [data-share]").get_attribute("data-share")))
    link = clipboard(card)
    assert link == f"{home}/phrases/blueberries/?line=lm3#lm3"
    other = card.context.new_page()
    other.set_viewport_size({"width": 360, "height": 500})
    other.goto(link)
    expect(other.locator("article.target")).to_have_count(1)
    expect(other.locator("article.target")).to_have_id("lm3")
    expect(other.locator("#lm3")).to_be_in_viewport()


def test_feedback(card: Page, watch: Watch, agent: Any, blueberries: Card) -> None:
    """An empty form says what is missing and puts the cursor there; a full one lands in the trainers' queue."""
    watch.expected = ["status of 422"]
    card.locator("#lm2 a[href*=feedback]").click()
    expect(card.locator("main input[type=radio]")).to_have_count(2)
    card.locator("main button[type=submit]").click()
    summary = card.locator("[data-error-summary]")
    expect(summary).to_be_visible()
    expect(summary).to_have_attribute("role", "alert")
    text = card.locator("[name=text]")
    expect(text).to_have_attribute("aria-invalid", "true")
    expect(text).to_be_focused()
    summary.locator("a").click()
    expect(text).to_be_focused()
    card.locator("input[value=suggestion]").check()
    text.fill("运费写成范围更好。")
    card.locator("main button[type=submit]").click()
    expect(card.locator(".messages")).to_be_visible()
    expect(card.locator("#lm2")).to_be_in_viewport()
    assert list(Feedback.objects.values_list("kind", "text", "line__code", "author", "state")) == [
        ("suggestion", "运费写成范围更好。", "lm2", agent.pk, "open")
    ]


def test_print_view(card: Page) -> None:
    """On paper: the card and nothing one could click, black on white whatever the theme."""
    card.emulate_media(media="print", color_scheme="dark")
    for hidden in (".bar", ".foot", ".card-vars", "[data-copy]", "[data-favourite]", "[data-share]", "dialog"):
        expect(card.locator(hidden).first).to_be_hidden()
    expect(card.locator("h1")).to_be_visible()
    expect(card.locator("#lm1 .text")).to_be_visible()
    expect(card.locator(".dont article").first).to_be_visible()
    colours = "element => [getComputedStyle(element).color, getComputedStyle(document.documentElement).backgroundColor]"
    assert card.locator("#lm1 .text").evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert card.locator("#lm1 .var").first.evaluate(colours)[0] == "rgb(0, 0, 0)"
    # The page of an open search prints without its strip as well.
    card.goto(card.url.replace("/phrases/blueberries/", "/phrases/?q=lm1"))
    card.emulate_media(media="print")
    for hidden in (".bar", ".strip", ".filters", ".search"):
        expect(card.locator(hidden).first).to_be_hidden()
    expect(card.locator(".hit").first).to_be_visible()


def test_snippet_is_found_and_copied(card: Page, home: str) -> None:
    """A line of one's own is written, found by its code and copied like any other, its fields filled."""
    card.goto(home + "/me/snippets/new/")
    card.locator("[name=code]").fill("zz1")
    card.locator("[name=title]").fill("下班前交接")
    card.locator("[name=text]").fill("我是{客服名|小美}，\n明早9点接着为您跟进。")
    card.locator("main button[type=submit]").click()
    card.wait_for_url(home + "/me/")
    card.goto(home + "/dock/")
    card.keyboard.insert_text("zz1")
    card.keyboard.press("Enter")
    expect_copied(card, "zz1", "我是小美，\n明早9点接着为您跟进。")
