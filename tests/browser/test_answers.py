"""Answers that come late, in the wrong order, or after Enter: the clipboard never holds an older query's reply."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Route, expect

from knowledge.models import Card
from tests.browser.steps import box, clear_clipboard, clipboard, expect_copied, selected, type_query


class Held:
    """Holds the answers to chosen queries until the test lets them go."""

    def __init__(self, page: Page, *queries: str) -> None:
        self.page = page
        self.queries = set(queries)
        self.routes: dict[str, Route] = {}
        page.route("**/dock/?*", self._asked)

    def _asked(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query).get("q", [""])[0]
        if query in self.queries:
            self.routes[query] = route
        else:
            route.continue_()

    def wait(self, query: str) -> None:
        while query not in self.routes:
            self.page.wait_for_timeout(10)

    def let_go(self, query: str) -> None:
        self.queries.discard(query)
        self.routes.pop(query).continue_()


def replace_query(page: Page, query: str) -> None:
    box(page).select_text()
    page.keyboard.insert_text(query)


def test_enter_waits_for_the_newest_answer(dock: Page, blueberries: Card) -> None:
    """Enter before the answer copies the new query's line when it comes, not the old one still on the page."""
    type_query(dock, "运费")
    clear_clipboard(dock)
    held = Held(dock, "lm3")
    replace_query(dock, "lm3")
    held.wait("lm3")
    dock.keyboard.press("Enter")
    dock.keyboard.press("Enter")
    assert clipboard(dock) == "nothing"
    held.wait("lm3")
    held.let_go("lm3")
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_enter_before_the_question_was_asked(dock: Page, blueberries: Card) -> None:
    """Enter right after the last character, before the pause in typing is over, asks at once."""
    type_query(dock, "运费")
    clear_clipboard(dock)
    replace_query(dock, "lm3")
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_typing_on_takes_enter_back(dock: Page, blueberries: Card) -> None:
    """Whoever types on after Enter has changed their mind: nothing is copied behind their back."""
    held = Held(dock, "lm3")
    replace_query(dock, "lm3")
    clear_clipboard(dock)
    held.wait("lm3")
    dock.keyboard.press("Enter")
    with dock.expect_response("**/dock/?q=lm"):
        dock.keyboard.press("Backspace")
    expect(box(dock)).to_have_value("lm")
    expect(dock.locator("[data-results]")).not_to_have_attribute("aria-busy", "true")
    assert clipboard(dock) == "nothing"


def test_stale_answers_are_dropped(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card) -> None:
    """Answers out of order: the older one, arriving last, replaces nothing and is never copied.

    Without AbortController, as in an old browser, every answer does arrive.
    """
    page = visit(agent)
    page.add_init_script("delete window.AbortController;")
    page.goto(home + "/dock/")
    held = Held(page, "lm1", "lm3")
    clear_clipboard(page)
    page.keyboard.insert_text("lm1")
    held.wait("lm1")
    replace_query(page, "lm3")
    held.wait("lm3")
    page.keyboard.press("Enter")
    with page.expect_response("**/dock/?q=lm1"):
        held.let_go("lm1")
    assert clipboard(page) == "nothing"
    held.wait("lm3")
    with page.expect_response("**/dock/?q=lm3"):
        held.let_go("lm3")
    expect_copied(page, "lm3", blueberries.say[2].text)
    expect(selected(page)).to_have_attribute("data-code", "lm3")


def test_older_answer_last(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card) -> None:
    """The new answer is on the page already when the old one arrives."""
    page = visit(agent)
    page.add_init_script("delete window.AbortController;")
    page.goto(home + "/dock/")
    held = Held(page, "运费")
    page.keyboard.insert_text("运费")
    held.wait("运费")
    box(page).select_text()
    type_query(page, "lm3")
    expect(selected(page)).to_have_attribute("data-code", "lm3")
    with page.expect_response(lambda answer: "lm3" not in answer.url and "q=" in answer.url):
        held.let_go("运费")
    page.keyboard.press("Enter")
    expect_copied(page, "lm3", blueberries.say[2].text)


def test_filter_counts_as_part_of_the_question(dock: Page) -> None:
    """Enter after a filter was chosen copies out of the filtered answer, not the one it replaces."""
    type_query(dock, "运费")
    clear_clipboard(dock)
    before = selected(dock).get_attribute("data-code")
    chip = dock.locator("a[data-filter][href*='stage=review']")
    chip.focus()
    dock.evaluate("() => { document.activeElement.click(); document.querySelector('[data-query]').focus(); }")
    dock.keyboard.press("Enter")
    expect(dock.locator("a[data-filter][href*='stage=review']")).to_have_attribute("aria-current", "true")
    expect(dock.locator("#live")).not_to_be_empty()
    first = dock.locator("[role=option]").first
    code = first.get_attribute("data-code")
    assert code != before
    if first.locator(".var.empty").count() == 0:
        expect_copied(dock, str(code), str(first.locator("[data-text]").text_content()).strip())


def test_what_was_typed_before_the_script_ran(
    visit: Callable[..., Page], agent: Any, home: str, blueberries: Card
) -> None:
    """Typing while the page still loads is not lost, and Enter does not copy what the page happened to show."""
    page = visit(agent)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/app.js", hold)
    page.goto(home + "/dock/?q=运费", wait_until="commit")
    box(page).fill("lm3")
    while not held:
        page.wait_for_timeout(10)
    with page.expect_response("**/dock/?q=lm3"):
        held[0].continue_()
    expect(selected(page)).to_have_attribute("data-code", "lm3")
    page.keyboard.press("Enter")
    expect_copied(page, "lm3", blueberries.say[2].text)
