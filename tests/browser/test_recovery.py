"""A dock left open all shift: sessions end, servers go away, releases come. It says so, keeps the query, goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from knowledge.models import Card, Favourite
from tests.browser.conftest import Watch
from tests.browser.steps import box, clear_clipboard, clipboard, expect_copied, said, selected, type_query


def test_session_ended(dock: Page, home: str, agent: Any, blueberries: Card) -> None:
    """Says 请重新登录 with a way back to this query; after signing in in another tab the dock goes on by itself."""
    type_query(dock, "运费")
    titles = dock.locator(".hit h2 a").all_text_contents()
    Session.objects.all().delete()
    box(dock).select_text()
    dock.keyboard.insert_text("lm3")
    status = dock.locator("[data-status]")
    expect(status).to_contain_text(said(dock, "login"))
    expect(dock.locator("#live")).to_have_text(said(dock, "login"))
    assert dock.locator(".hit h2 a").all_text_contents() == titles
    expect(dock.locator("[name=password]")).to_have_count(0)
    expect(box(dock)).to_have_value("lm3")
    link = urlsplit(str(status.locator("a").get_attribute("href")))
    assert (link.path, parse_qs(link.query)) == ("/accounts/login/", {"next": ["/dock/?q=lm3"]})

    tab = dock.context.new_page()
    tab.goto(home + str(status.locator("a").get_attribute("href")))
    tab.locator("[name=username]").fill(agent.username)
    tab.locator("[name=password]").fill("secret-words")
    tab.locator("button[type=submit]").click()
    tab.wait_for_url(home + "/dock/?q=lm3")
    expect(box(tab)).to_have_value("lm3")

    expect(selected(dock)).to_have_attribute("data-code", "lm3")
    expect(dock.locator(".status.warn")).to_have_count(0)
    with dock.expect_response("**/copied/") as answer:
        dock.keyboard.press("Enter")
    assert answer.value.status == 204
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_enter_without_a_session_copies_nothing_old(dock: Page, blueberries: Card) -> None:
    """Enter on a query that could not be answered must not copy what stood there before."""
    type_query(dock, "运费")
    clear_clipboard(dock)
    Session.objects.all().delete()
    box(dock).select_text()
    dock.keyboard.insert_text("lm3")
    dock.keyboard.press("Enter")
    expect(dock.locator(".status.warn")).to_be_visible()
    assert clipboard(dock) == "nothing"


def test_server_unreachable(dock: Page, watch: Watch, blueberries: Card) -> None:
    """连接中断: the query is kept, the old answer stays readable, and it asks again by itself."""
    watch.expected = ["ERR_CONNECTION_REFUSED", "ERR_FAILED"]
    type_query(dock, "运费")
    titles = dock.locator(".hit h2 a").all_text_contents()
    dock.route("**/dock/?*", lambda route: route.abort("connectionrefused"))
    box(dock).select_text()
    dock.keyboard.insert_text("lm3")
    expect(dock.locator(".status.warn")).to_have_text(said(dock, "offline"))
    expect(dock.locator("#live")).to_have_text(said(dock, "offline"))
    expect(box(dock)).to_have_value("lm3")
    assert dock.locator(".hit h2 a").all_text_contents() == titles
    dock.unroute("**/dock/?*")
    expect(selected(dock)).to_have_attribute("data-code", "lm3")
    expect(dock.locator(".status.warn")).to_have_count(0)


def test_error_page_is_never_pasted(dock: Page, watch: Watch, blueberries: Card) -> None:
    """A proxy's or our own error page, even one with status 200, is trouble, not results."""
    watch.expected = ["status of 502"]
    type_query(dock, "lm3")
    answers = iter([(502, "<h1>Bad gateway</h1>"), (200, "<h1>Please sign in to the office network</h1>")])

    def answer(route: Route) -> None:
        status, page = next(answers, (0, ""))
        if status:
            route.fulfill(status=status, content_type="text/html", body=page)
        else:
            route.continue_()

    dock.route("**/dock/?*", answer)
    box(dock).select_text()
    dock.keyboard.insert_text("lm1")
    expect(dock.locator(".status.warn")).to_have_text(said(dock, "offline"))
    expect(dock.locator("h1")).to_have_count(1)
    expect(selected(dock)).to_have_attribute("data-code", "lm1")
    expect(dock.locator("h1")).to_have_count(1)


def test_pasted_message_is_asked_again(dock: Page, watch: Watch) -> None:
    """A message pasted into a broken connection is kept too, in the page, and matched when it is back."""
    watch.expected = ["ERR_FAILED"]
    dock.route("**/phrases/match/", lambda route: route.abort())
    message = "你们家的运费也太贵了吧我买一件小东西就收我十几块钱别人家都只要六块钱\n能不能便宜一点"
    dock.evaluate("text => navigator.clipboard.writeText(text)", message)
    dock.keyboard.press("Control+v")
    expect(dock.locator(".status.warn")).to_have_text(said(dock, "offline"))
    dock.unroute("**/phrases/match/")
    expect(dock.locator(".hit")).to_have_count(3)


def test_new_release_is_told_once_and_breaks_nothing(dock: Page, blueberries: Card) -> None:
    """The page of the last release says that there is a new one, in one quiet line, and goes on working."""

    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "x-release": "99.0"})

    type_query(dock, "lm1")
    expect(dock.locator(".release")).to_have_count(0)
    dock.route("**/dock/?*", newer)
    for code in ("lm2", "lm3"):
        box(dock).select_text()
        type_query(dock, code)
        expect(selected(dock)).to_have_attribute("data-code", code)
    expect(dock.locator(".release")).to_have_text(said(dock, "release"))
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm3", blueberries.say[2].text)
    dock.locator(".release").click()
    dock.wait_for_url("**/dock/?q=lm3")
    expect(selected(dock)).to_have_attribute("data-code", "lm3")


def test_favourite_without_a_session(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card) -> None:
    """The way through the sign-in page leads back to the card, not to an address that only takes POST."""
    page = visit(agent, "/phrases/blueberries/")
    Session.objects.all().delete()
    page.locator("[data-favourite] button").first.click()
    page.wait_for_url(re.compile(r"/accounts/login/\?next=%2Fphrases%2Fblueberries%2F$"))
    page.locator("[name=username]").fill(agent.username)
    page.locator("[name=password]").fill("secret-words")
    page.locator("button[type=submit]").click()
    page.wait_for_url(home + "/phrases/blueberries/")
    assert Favourite.objects.count() == 0
