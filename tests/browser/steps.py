"""What people do and see, in the words of the tests."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from knowledge.models import Card
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.text import fill_defaults


def first_hit(query: str) -> Card:
    """The card the site's own search puts first."""
    found = engine.find(query, Viewer(tokens=(), sees_drafts=False), kinds=("card",), limit=1)
    return Card.objects.get(slug=found.hits[0].slug)


def line_text(card: Card, at: int = 0) -> str:
    """A 该说 line as it is pasted when nobody has filled in anything."""
    return fill_defaults(card.say[at].text)


def box(page: Page) -> Locator:
    return page.locator("[data-query]")


def selected(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def type_query(page: Page, query: str) -> None:
    """Types, and waits until the answer is on the page."""
    with page.expect_response(lambda answer: "q=" in answer.url and answer.request.method == "GET"):
        page.keyboard.insert_text(query)
    expect(page.locator("[data-results]")).not_to_have_attribute("aria-busy", "true")


def expect_copied(page: Page, code: str, text: str) -> None:
    """Said aloud, and exactly this is on the clipboard."""
    expect(page.locator("#live")).to_have_text(re.compile(rf"\b{code}\b"))
    assert clipboard(page) == text


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def clear_clipboard(page: Page) -> None:
    page.evaluate("navigator.clipboard.writeText('nothing')")


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-vars] input[name='{name}']")


def said(page: Page, name: str) -> str:
    """A sentence of the finder, in the language of the page."""
    return str(page.locator("[data-finder]").get_attribute(f"data-say-{name}"))


def compose(page: Page, text: str) -> Any:
    """Let an input method compose in the focused field: underlined text that is not a value yet."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"})
    cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    return cdp


def commit(cdp: Any, text: str) -> None:
    cdp.send("Input.insertText", {"text": text})
