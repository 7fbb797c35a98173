"""A customer's whole message, pasted: compared, answered with three cards and their reasons, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import Card, SearchLog
from tests.browser.conftest import Watch
from tests.browser.steps import box, expect_copied

MESSAGE = (
    "你好，我前天在你们家拍了两件衣服，订单尾号是8877，今天才看到运费收了我24块，\n"
    "我朋友上个星期在别家买的同样重的东西，人家才收6块钱，怎么你们家运费这么高？\n"
    "是不是快递费也要赚我们一笔啊，我又不是没有在网上买过东西的人，\n"
    "麻烦你给我解释一下这个运费到底是怎么算出来的，能不能少收一点，\n"
    "要是还是这个价我就退掉去别家买了，说实话衣服我是喜欢的，就是运费接受不了，\n"
    "你们家要不要做长久生意呀，等你回复，谢谢了，急急急。"
)


def paste(page: Page, text: str) -> None:
    """As the keyboard does it: the text is on the clipboard, Ctrl+V in the focused field."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


@pytest.mark.parametrize("path", ["/dock/", "/phrases/", "/"])
def test_pasted_message_goes_by_post_once(visit: Callable[..., Page], agent: Any, watch: Watch, path: str) -> None:
    """One POST, never an address; the three best cards, each with its reason."""
    page = visit(agent, path)
    before = len(watch.requests)
    with page.expect_response("**/phrases/match/") as answer:
        paste(page, MESSAGE)
    assert answer.value.status == 200
    expect(page.locator(".hit")).to_have_count(3)
    expect(page.locator(".hit .because")).to_have_count(3)
    expect(page.locator(".hit h2 a").first).to_have_attribute("href", "/phrases/shipping-fee-doubt/")
    sent = [request for request in watch.requests[before:] if "/static/" not in request.url]
    assert [(request.method, request.url.split("/", 3)[3]) for request in sent] == [("POST", "phrases/match/")]
    # A form's body writes a line break as \r\n or \n; the words are what matters.
    body = parse_qs(sent[0].post_data or "")
    assert body["message"][0].replace("\r\n", "\n") == MESSAGE
    expect(box(page)).to_have_value(MESSAGE.replace("\n", " ")[:40])
    expect(page.locator("#live")).to_have_text(str(page.locator("[data-status]").text_content()).strip())


def test_reply_to_a_pasted_message(dock: Page, watch: Watch) -> None:
    """Enter copies the first reply; the message is neither counted with it nor logged as a search."""
    with dock.expect_response("**/phrases/match/"):
        paste(dock, MESSAGE)
    expect(dock.locator(".hit")).to_have_count(3)
    first = dock.locator("[role=option]").first
    wanted = str(first.locator("[data-text]").text_content()).strip()
    with dock.expect_response("**/copied/") as answer:
        dock.keyboard.press("Enter")
    expect_copied(dock, str(first.get_attribute("data-code")), wanted)
    assert answer.value.request.post_data == "q="
    assert SearchLog.objects.count() == 0
    assert watch.to("/searches/") == []


def test_typing_after_a_paste_is_a_typed_query(dock: Page, watch: Watch) -> None:
    """The message is over when somebody types; Esc brings the empty dock back, filters and all."""
    with dock.expect_response("**/phrases/match/"):
        paste(dock, MESSAGE)
    with dock.expect_response("**/dock/"):
        dock.keyboard.press("Escape")
    expect(box(dock)).to_have_value("")
    expect(dock.locator("a[data-filter]")).to_have_count(5)
    dock.keyboard.insert_text("包邮")
    with dock.expect_response(lambda answer: "q=" in answer.url):
        pass
    assert len(watch.to("/phrases/match/")) == 1


def test_short_paste_is_a_query(dock: Page, watch: Watch) -> None:
    """A few pasted words are a query like typed ones."""
    with dock.expect_response(lambda answer: "q=" in answer.url):
        paste(dock, "  运费怎么这么高 ")
    expect(dock.locator(".hit h2 a").first).to_have_attribute("href", "/phrases/shipping-fee-doubt/")
    assert watch.to("/phrases/match/") == []


def test_paste_form_of_the_phrasebook(visit: Callable[..., Page], agent: Any, watch: Watch) -> None:
    """The box for a message on /phrases/ is the same thing with a button."""
    page = visit(agent, "/phrases/")
    page.locator(".paste summary").click()
    page.locator("#message").fill(MESSAGE)
    with page.expect_response("**/phrases/match/"):
        page.locator(".paste button[type=submit]").click()
    expect(page.locator(".hit")).to_have_count(3)
    assert page.url.endswith("/phrases/")
    assert len(watch.to("/phrases/match/")) == 1


# --- without JavaScript ----------------------------------------------------------------------------------------------


@pytest.fixture
def plain(visit: Callable[..., Page], agent: Any) -> Page:
    return visit(agent, "/phrases/", java_script_enabled=False, viewport={"width": 1024, "height": 800})


def test_search_and_filters_by_form_and_links(plain: Page) -> None:
    """Everything reads without JavaScript: search, filters, pages, a card."""
    plain.get_by_role("searchbox").fill("运费")
    plain.locator("[data-search] button[type=submit]").click()
    expect(plain.locator(".hit h2 a").first).to_have_attribute("href", "/phrases/shipping-fee-doubt/")
    after = plain.locator("[aria-labelledby=filter-stage] a[href*='stage=after']")
    after.click()
    expect(after).to_have_attribute("aria-current", "true")
    slugs = plain.locator(".hit h2 a").evaluate_all("all => all.map(link => link.pathname.split('/')[2])")
    assert slugs
    assert set(Card.objects.filter(slug__in=slugs).values_list("stage", flat=True)) <= {"after", "any"}
    expect(plain.get_by_role("searchbox")).to_have_value("运费")
    plain.locator(".hit h2 a").first.click()
    expect(plain.locator("h1")).to_be_visible()
    expect(plain.locator(".pair .do article").first).to_be_visible()
    expect(plain.locator(".pair .dont article").first).to_be_visible()
    # What needs a script is not there to disappoint.
    expect(plain.locator("[data-copy]").first).to_be_hidden()
    expect(plain.locator("[data-open]")).to_be_hidden()


def test_pages_by_links(plain: Page) -> None:
    """Without a query the phrasebook is read page by page."""
    first = plain.locator(".hit h2 a").first.text_content()
    plain.locator("a[rel=next]").click()
    expect(plain.locator("a[rel=prev]")).to_be_visible()
    assert plain.locator(".hit h2 a").first.text_content() != first


def test_paste_form_by_form(plain: Page, home: str) -> None:
    """The message is posted by the form; what stands around the answer leads on, not to an error."""
    plain.locator(".paste summary").click()
    plain.locator("#message").fill(MESSAGE)
    plain.locator(".paste button[type=submit]").click()
    expect(plain.locator(".hit")).to_have_count(3)
    expect(plain.locator(".hit h2 a").first).to_have_attribute("href", "/phrases/shipping-fee-doubt/")
    plain.locator("a[data-filter][href*='stage=pre']").click()
    assert plain.url == f"{home}/phrases/?stage=pre"
    expect(plain.locator(".hit").first).to_be_visible()
    plain.go_back()
    plain.get_by_role("searchbox").fill("运费")
    plain.locator("[data-search] button[type=submit]").click()
    expect(plain.locator(".hit h2 a").first).to_have_attribute("href", "/phrases/shipping-fee-doubt/")


def test_dock_and_favourites_by_form(plain: Page, home: str) -> None:
    """The dock searches by its form; a favourite is a form that comes back to the card."""
    plain.goto(home + "/dock/")
    plain.get_by_role("searchbox").fill("运费")
    plain.locator("[data-search] button[type=submit]").click()
    plain.locator(".hit h2 a").first.click()
    plain.locator("[data-favourite] button").first.click()
    expect(plain.locator("[data-favourite] button").first).to_have_attribute("aria-pressed", "true")
    expect(plain.locator(".messages")).to_be_visible()


def test_signing_in_by_form(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """And so do signing in, the theme and signing out."""
    page = visit(None, "/dock/?q=运费", java_script_enabled=False)
    page.locator("[name=username]").fill(agent.username)
    page.locator("[name=password]").fill("secret-words")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("searchbox")).to_have_value("运费")
    page.goto(home + "/")
    page.locator("[data-theme-switch] button").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("[data-sign-out] button").click()
    expect(page.locator("[name=password]")).to_be_visible()
