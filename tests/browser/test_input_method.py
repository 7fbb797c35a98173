"""While an input method composes, no key does anything of ours, no form goes out and nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from knowledge.models import Card, Feedback
from tests.browser.conftest import Watch
from tests.browser.steps import box, clear_clipboard, clipboard, commit, compose, expect_copied, selected, type_query


def test_nothing_happens_while_composing(
    visit: Callable[..., Page], agent: Any, home: str, watch: Watch, blueberries: Card
) -> None:
    """Enter confirms a word, digits choose a candidate, Esc cancels it, arrows page: none of them is for us."""
    page = visit(agent)
    page.clock.install()
    page.goto(home + "/dock/")
    type_query(page, "lm1")
    page.clock.run_for(2000)
    clear_clipboard(page)
    before = len(watch.requests)
    compose(page, "yunfei")
    expect(box(page)).to_have_value("lm1yunfei")
    for key in ("Enter", "ArrowDown", "Escape", "Alt+Digit1", "1"):
        page.keyboard.press(key)
    page.clock.run_for(5000)
    expect(box(page)).to_be_focused()
    expect(selected(page)).to_have_attribute("data-code", "lm1")
    assert clipboard(page) == "nothing"
    assert [request.url for request in watch.requests[before:]] == []


def test_asked_once_after_the_word_is_committed(
    visit: Callable[..., Page], agent: Any, home: str, watch: Watch, blueberries: Card
) -> None:
    """The committed word is one question, about the word and not about its spelling."""
    page = visit(agent)
    page.clock.install()
    page.goto(home + "/dock/")
    cdp = compose(page, "lanmei")
    page.clock.run_for(1000)
    assert watch.to("/dock/?") == []
    with page.expect_response(lambda answer: "q=" in answer.url):
        commit(cdp, "蓝莓怎么寄")
        page.clock.run_for(200)
    page.clock.run_for(300)
    expect(selected(page)).to_have_attribute("data-code", "lm1")
    assert len(watch.to("/dock/?")) == 1
    page.keyboard.press("Enter")
    expect_copied(page, "lm1", "您好，这里是小店，蓝莓今天就发。")


def test_a_question_in_waiting_waits_for_the_word(
    visit: Callable[..., Page], agent: Any, home: str, watch: Watch, blueberries: Card
) -> None:
    """The next word begun within the pause, or before the search has settled: nothing goes out half spelt."""
    page = visit(agent)
    page.clock.install()
    page.goto(home + "/dock/")
    page.clock.pause_at("2099-01-01")
    page.keyboard.insert_text("蓝莓")
    cdp = compose(page, "zenme")
    page.clock.run_for(5000)
    assert watch.to("/dock/?") == []
    with page.expect_response(lambda answer: "q=" in answer.url):
        commit(cdp, "怎么寄")
        page.clock.run_for(200)
    expect(box(page)).to_have_value("蓝莓怎么寄")
    assert len(watch.to("/dock/?")) == 1
    expect(selected(page)).to_have_attribute("data-code", "lm1")
    cdp = compose(page, "ma")
    page.clock.run_for(5000)
    assert watch.to("/searches/") == []
    commit(cdp, "吗")


def test_composing_in_a_field(dock: Page, blueberries: Card) -> None:
    """A customer's name is typed with an input method too: its Enter copies nothing yet."""
    type_query(dock, "lm2")
    clear_clipboard(dock)
    dock.locator("input[name='运费']").fill("8")
    dock.locator("input[name='顾客称呼']").focus()
    cdp = compose(dock, "wang")
    dock.keyboard.press("Enter")
    assert clipboard(dock) == "nothing"
    commit(cdp, "王女士")
    expect(selected(dock)).to_contain_text("王女士，蓝莓寄到")
    # An Enter within 20 ms of the commit is still the input method's (Safari); no finger is that fast.
    dock.wait_for_timeout(50)
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm2", "王女士，蓝莓寄到您那里是8元。")


def test_process_keys_are_not_ours(dock: Page, blueberries: Card) -> None:
    """Old browsers say it with keyCode 229 alone."""
    type_query(dock, "lm3")
    clear_clipboard(dock)
    dock.evaluate(
        "for (const key of ['Enter', 'Process', 'Escape', 'ArrowDown']) {"
        " document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, keyCode: 229, bubbles: true})); }"
    )
    expect(box(dock)).to_have_value("lm3")
    expect(selected(dock)).to_have_attribute("data-code", "lm3")
    assert clipboard(dock) == "nothing"


def test_search_form_without_our_key_handling(visit: Callable[..., Page], agent: Any, watch: Watch, home: str) -> None:
    """The page stays where it is: Enter while composing submits no search form either."""
    page = visit(agent, "/phrases/")
    loads = len(watch.to("/phrases/"))
    compose(page, "yun")
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("yun")
    assert page.url == home + "/phrases/"
    assert len(watch.to("/phrases/")) == loads


def test_sign_in_waits_for_the_word(visit: Callable[..., Page], watch: Watch) -> None:
    """Enter that confirms a Chinese user name does not send the form."""
    page = visit(None, "/accounts/login/")
    page.locator("[name=username]").focus()
    cdp = compose(page, "kefu")
    page.keyboard.press("Enter")
    commit(cdp, "客服")
    expect(page.locator("[name=username]")).to_have_value("客服")
    assert [request.method for request in watch.to("/accounts/login/")] == ["GET"]
    expect(page.locator(".error-summary")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_visible()


def test_other_forms_wait_for_the_word(
    visit: Callable[..., Page], agent: Any, watch: Watch, home: str, blueberries: Card
) -> None:
    """Feedback and snippets: nothing is sent by the Enter of an input method."""
    page = visit(agent, f"/lines/{blueberries.say[0].uuid}/feedback/")
    page.locator("[name=text]").focus()
    compose(page, "cuozi")
    page.keyboard.press("Enter")
    page.goto(home + "/me/snippets/new/")
    page.locator("[name=title]").focus()
    compose(page, "wode")
    page.keyboard.press("Enter")
    expect(page.locator("[name=title]")).to_be_focused()
    assert [request.url for request in watch.requests if request.method == "POST"] == []
    assert Feedback.objects.count() == 0
