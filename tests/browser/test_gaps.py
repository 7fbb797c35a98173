"""A query nobody has words for becomes an alias and is found: by a trainer at work, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from knowledge.models import Card, CopyEvent, SearchLog
from knowledge.services import events
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.steps import type_query
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL

QUERY = "芭比娃娃"
CARD = "shipping-fee-doubt"


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person("trainer")


@pytest.fixture
def gaps(agent: Any, home: str) -> Card:
    """Searches that led nowhere, one of them to a card in the end."""
    card = Card.objects.get(slug=CARD)
    before = timezone.now() - timedelta(days=1)
    SearchLog.objects.create(query="邮资", results=0, user=agent, at=before)
    CopyEvent.objects.create(line=card.say[0], user=agent, at=before + timedelta(seconds=40))
    SearchLog.objects.create(query="单号*", results=0, user=agent, at=before)
    return card


def row(page: Page, query: str) -> Any:
    return page.locator(".gaps > li").filter(has=page.get_by_text(query, exact=True))


def test_from_nothing_found_to_found(
    visit: Callable[..., Page], agent: Any, trainer: Any, gaps: Card, home: str
) -> None:
    """The agent searches in vain, the trainer decides, the agent's next search finds the card."""
    reader = visit(agent, "/dock/")
    with reader.expect_response("**/searches/"):  # once the query has settled
        type_query(reader, QUERY)
    expect(reader.locator(".hit")).to_have_count(0)
    desk = visit(trainer, "/team/searches/", viewport={"width": 1280, "height": 900})
    expect(row(desk, QUERY)).to_have_count(1)
    row(desk, QUERY).get_by_role("link").last.click()
    desk.wait_for_load_state("load")  # or the script may not hear what is typed
    panel = desk.locator("#open")
    panel.locator("#find").fill("yunfei")
    found = panel.locator("[data-cards] li")
    expect(found.filter(has_text=gaps.title)).to_have_count(1)
    expect(desk.locator("#live")).not_to_be_empty()
    found.filter(has_text=gaps.title).get_by_role("button").click()
    expect(desk.locator(".messages")).to_contain_text(QUERY)
    expect(row(desk, QUERY)).to_have_count(0)
    reader.reload()
    reader.locator("[data-query]").fill("")
    type_query(reader, QUERY)
    expect(reader.locator(".hit h2 a").first).to_have_text(gaps.title)
    desk.locator(".messages a").click()
    expect(desk.locator(".hit h2 a").first).to_have_text(gaps.title)


def test_by_keyboard_and_without_script(visit: Callable[..., Page], trainer: Any, gaps: Card, home: str) -> None:
    """The button on the row with the keyboard alone; the search box of the panel where no script runs."""
    page = visit(trainer, "/team/searches/")
    button = row(page, "邮资").get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("邮资")
    assert [alias.text for alias in gaps.aliases.order_by("-position")][:1] == ["邮资"]
    SearchLog.objects.create(query="催单", results=0)
    plain = visit(trainer, f"/team/searches/?open={quote('催单')}", java_script_enabled=False)
    plain.locator("#find").fill("运费")
    plain.locator("[data-find] button").click()
    plain.locator("[data-cards] li").filter(has_text=gaps.title).get_by_role("button").click()
    expect(plain.locator(".messages")).to_contain_text("催单")


def test_no_request_while_an_input_method_composes(
    visit: Callable[..., Page], trainer: Any, gaps: Card, home: str
) -> None:
    page = visit(trainer, f"/team/searches/?open={quote('邮资')}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "find=" in request.url else None)
    box = page.locator("#find")
    box.focus()
    page.evaluate("document.activeElement.dispatchEvent(new CompositionEvent('compositionstart', {bubbles: true}))")
    page.keyboard.insert_text("yun")
    page.wait_for_timeout(400)
    assert asked == []
    page.evaluate("document.activeElement.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}))")
    expect(page.locator("[data-cards] li").first).to_be_visible()


PAGES = (
    "/team/searches/",
    f"/team/searches/?open={quote('邮资')}&find={quote('运费')}",
    f"/team/searches/?open={quote('单号*')}",
    "/team/searches/?reason=decided",
    "/team/copies/",
    "/team/copies/?side=never&by=card",
)


@pytest.mark.parametrize("path", PAGES)
def test_axe(visit: Callable[..., Page], trainer: Any, gaps: Card, home: str, path: str) -> None:
    events.count_copy(gaps.say[0], trainer)
    page = visit(trainer, reduced_motion="reduce")
    assert everywhere(page, home + path) == {}


def test_narrow_windows_and_fingers(visit: Callable[..., Page], trainer: Any, gaps: Card, home: str) -> None:
    events.count_copy(gaps.say[0], trainer)
    SearchLog.objects.create(query="W" * 20, results=0)
    narrow = visit(trainer, viewport={"width": 320, "height": 740})
    touch = visit(trainer, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    wrong = {}
    for path in PAGES:
        narrow.goto(home + path)
        touch.goto(home + path)
        if found := [*narrow.evaluate(BEYOND), *touch.evaluate(SMALL)]:
            wrong[path] = found
    assert wrong == {}


@pytest.fixture
def boss(home: str, agent: Any) -> Any:
    manager = factories.person("manager")
    factories.team("shop", agent, leaders=[manager])
    return manager


def test_the_pages_of_a_persons_data(
    visit: Callable[..., Page], boss: Any, agent: Any, home: str, watch: Watch
) -> None:
    """Hand out, refuse a wrong name, erase: and axe on each of the pages, the log last."""
    watch.expected = ["status of 422", "Applying inline style", "preload assets"]  # the last two: axe itself
    page = visit(boss, reduced_motion="reduce", viewport={"width": 768, "height": 900})
    data, erase = (f"{home}/admin/accounts/user/{agent.pk}/{name}/" for name in ("data", "erase"))
    page.goto(data)
    with page.expect_download() as download:
        page.locator("main input[type=submit]").click()
    assert download.value.suggested_filename.endswith(".zip")
    page.goto(erase)
    page.locator("#id_name").fill("不是")
    page.locator("#id_reason").fill("本人要求")
    page.locator("main input[type=submit]").click()
    expect(page.locator(".errornote")).to_be_visible()
    assert everywhere(page) == {}
    page.set_viewport_size({"width": 768, "height": 900})
    page.locator("#id_name").fill(str(agent))
    page.locator("main input[type=submit]").click()
    expect(page.locator(".messagelist")).to_contain_text(f"#{agent.pk}")
    page.goto(home + "/admin/accounts/auditentry/")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    assert page.evaluate(BEYOND) == []
    assert everywhere(page) == {}
