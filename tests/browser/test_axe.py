"""axe-core on every page, light and dark, narrow and wide: nothing at all to complain about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from knowledge.models import Card, Favourite, Snippet
from tests.browser.conftest import Watch
from tests.browser.steps import box

PAGES = [
    "/",
    "/phrases/",
    "/phrases/?q=运费",
    "/phrases/?q=☃☃",
    "/phrases/shipping-fee-doubt/",
    "/phrases/quality-complaint/",
    "/dock/",
    "/dock/?q=运费",
    "/me/",
    "/check/",
    "/me/matrix/",
    "/learn/",
    "/learn/?q=运费",
    "/learn/intro/",
    "/learn/intro/intro-all-the-way/",
    "/learn/rules/rules-return-in-four/",
    "/paths/onboarding/",
    "/learn/intro/quiz/",
    "/exams/onboarding/",
    "/practice/mistakes/",
    "/review/",
    "/review/mistakes/",
    "/practice/better/",
    "/practice/typing/",
    "/practice/codes/",
    "/practice/",
    "/practice/desk/",
    "/certificates/NONE/",
    "/me/settings/",
    "/me/snippets/new/",
    "/accounts/password_change/",
    "/phrases/no-such-card/",
]
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
# The other theme changes colours and nothing else.
COLOURS: dict[str, Any] = {**EVERYTHING, "runOnly": ["color-contrast", "link-in-text-block"]}


def complaints(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds: rule, weight, and where. Best practices included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", options)
    return [
        f"{rule['id']} ({rule['impact']}) {node['target']} {node['failureSummary'].splitlines()[1].strip()}"
        for rule in found
        for node in rule["nodes"]
    ]


def everywhere(page: Page, address: str = "") -> dict[str, list[str]]:
    """axe in both themes at two widths."""
    found = {}
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        if address:
            page.goto(address)
        page.emulate_media(color_scheme="light")
        found[f"{width} light"] = complaints(page, EVERYTHING)
        page.emulate_media(color_scheme="dark")
        found[f"{width} dark"] = complaints(page, COLOURS)
    return {where: wrong for where, wrong in found.items() if wrong}


@pytest.fixture
def furnished(agent: Any, blueberries: Card) -> Any:
    """An agent with a favourite and a snippet, so that no list is empty."""
    Favourite.objects.create(user=agent, line=blueberries.say[1])
    Snippet.objects.create(user=agent, code="zz1", title="下班前交接", text="我是{客服名|小美}，明早9点接着跟进。")
    return agent


@pytest.mark.parametrize("at", range(4))
def test_pages(visit: Callable[..., Page], furnished: Any, home: str, watch: Watch, at: int) -> None:
    """The pages as they open, a quarter of them in one window: to open one takes longer than to look at a page."""
    watch.expected = ["status of 404"]
    page = visit(furnished, reduced_motion="reduce")
    found = {path: everywhere(page, home + path) for path in PAGES[at::4]}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_sign_in_pages(visit: Callable[..., Page], home: str) -> None:
    """What people see before they are anybody, errors included."""
    page = visit(None, reduced_motion="reduce")
    for path in ("/accounts/login/", "/accounts/slip/", "/accounts/password_reset/"):
        assert everywhere(page, home + path) == {}
    page.goto(home + "/accounts/login/")
    page.locator("button[type=submit]").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert everywhere(page) == {}


def test_states(visit: Callable[..., Page], furnished: Any, home: str, watch: Watch, blueberries: Card) -> None:
    """Forms with errors, the keyboard sheet, a refused copy, an unreachable server."""
    watch.expected = ["status of 422", "ERR_FAILED"]
    page = visit(furnished, f"/lines/{blueberries.say[0].uuid}/feedback/", reduced_motion="reduce")
    assert everywhere(page) == {}
    page.locator("main button[type=submit]").click()
    expect(page.locator("[data-error-summary]")).to_be_visible()
    assert everywhere(page) == {}
    page.goto(home + "/phrases/blueberries/?line=lm2")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    assert everywhere(page) == {}
    page.goto(home + "/dock/?q=lm2")
    expect(box(page)).to_have_attribute("role", "combobox")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_be_visible()
    assert everywhere(page) == {}
    page.route("**/dock/?*", lambda route: route.abort())
    page.locator("[data-query]").fill("运费")
    expect(page.locator(".status.warn")).to_be_visible()
    assert everywhere(page) == {}


def test_combobox(dock: Page, blueberries: Card) -> None:
    """The pattern screen readers know: one combobox, list boxes named by their card, one option selected."""
    dock.keyboard.insert_text("蓝莓怎么寄")
    expect(dock.locator(".hit h2 a").first).to_have_text("问蓝莓怎么寄")
    lists = dock.locator("[role=listbox]")
    controlled = str(box(dock).get_attribute("aria-controls")).split()
    assert controlled == lists.evaluate_all("all => all.map(list => list.id)")
    name = "document.getElementById(list.getAttribute('aria-labelledby')).querySelector('a').textContent"
    names = lists.evaluate_all(f"all => all.map(list => {name})")
    assert names == dock.locator(".hit h2 a").all_text_contents()
    expect(box(dock)).to_have_attribute("aria-expanded", "true")
    expect(box(dock)).to_have_attribute("aria-autocomplete", "list")
    expect(dock.locator("[role=option][aria-selected=true]")).to_have_count(1)
    ids = dock.locator("[id]").evaluate_all("all => all.map(element => element.id)")
    assert len(ids) == len(set(ids))
    # The count is said when the answer comes, and nothing found is said too.
    expect(dock.locator("#live")).to_have_text(str(dock.locator("[data-status]").text_content()).strip())
    box(dock).fill("☃☃")
    expect(dock.locator("#live")).to_have_text(str(dock.locator("[data-finder]").get_attribute("data-say-none")))
    expect(box(dock)).to_have_attribute("aria-expanded", "false")
    assert box(dock).get_attribute("aria-activedescendant") is None
