"""Old browsers and plain-http intranets have no clipboard interface: the old way copies, or says to do it by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import Card
from tests.browser.steps import box, clipboard, type_query

NO_INTERFACE = "Object.defineProperty(navigator, 'clipboard', {value: undefined});"
REFUSING = "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error('no'))}});"
NO_COMMAND = "document.execCommand = () => false;"


@pytest.mark.parametrize("state", [NO_INTERFACE, REFUSING], ids=["missing", "refusing"])
def test_fallback_copies(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card, state: str) -> None:
    """The words reach the clipboard, line breaks kept, and the focus stays where it was."""
    page = visit(agent)
    reader = page.context.new_page()
    reader.goto(home + "/healthz")
    reader.evaluate("navigator.clipboard.writeText('nothing')")
    page.bring_to_front()
    page.add_init_script(state)
    page.goto(home + "/dock/")
    type_query(page, "lm3")
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_contain_text("lm3")
    expect(box(page)).to_be_focused()
    expect(page.locator("body > textarea")).to_have_count(0)
    reader.bring_to_front()
    assert clipboard(reader) == blueberries.say[2].text


def test_refusal_says_how_to_copy_by_hand(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card) -> None:
    """When the browser refuses both ways the reader is told, not left with an old clipboard."""
    page = visit(agent)
    page.add_init_script(NO_INTERFACE + NO_COMMAND)
    page.goto(home + "/dock/")
    type_query(page, "lm3")
    page.keyboard.press("Enter")
    words = str(page.locator("body").get_attribute("data-say-refused"))
    expect(page.locator("#toast")).to_have_text(words)
    expect(page.locator("#live")).to_have_text(words)
    expect(page.locator("[data-code=lm3]")).not_to_have_class("copied")
