"""The reply checker in a real browser: judged while typing, walked by keyboard, and a rule mended at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import WordingRule
from tests import factories
from tests.browser.steps import clipboard
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND


def verdict(page: Page) -> Any:
    return page.locator("[data-verdict]")


def write(page: Page, text: str) -> None:
    """Types over whatever stands in the box, and waits for the answer."""
    page.locator("#reply").fill("")
    with page.expect_response("**/check/judge/"):
        page.locator("#reply").fill(text)


def test_a_promise_is_caught_and_a_recent_parcel_passes(visit: Callable[..., Page], agent: Any) -> None:
    """As the writer pauses; the live region says the verdict once."""
    page = visit(agent, "/check/")
    write(page, "保证三天到")
    expect(verdict(page)).to_have_attribute("data-verdict", "block")
    expect(page.locator(".marked mark")).to_have_text(re.compile("保证"))
    expect(page.locator("#live")).not_to_be_empty()
    write(page, "最近发货比较快")
    expect(verdict(page)).to_have_attribute("data-verdict", "ok")


def test_the_findings_by_keyboard_and_the_corrected_text(visit: Callable[..., Page], agent: Any) -> None:
    """F8 selects the words in the box; what can be put right is copied right."""
    page = visit(agent, "/check/")
    write(page, "😀帐号不对，保证三天到")
    expect(page.locator(".marked mark")).to_have_count(2)
    page.keyboard.press("F8")
    chosen = "(box => box.value.slice(box.selectionStart, box.selectionEnd))(document.getElementById('reply'))"
    assert page.evaluate(chosen) == "帐号"
    page.keyboard.press("F8")
    assert page.evaluate(chosen).startswith("保证")
    page.keyboard.press("Shift+F8")
    assert page.evaluate(chosen) == "帐号"
    page.locator("[data-copy-text]").first.click()
    expect(page.locator("#toast")).to_be_visible()
    assert clipboard(page) == "😀账号不对，保证三天到"


def test_while_an_input_method_composes_nothing_goes_out(visit: Callable[..., Page], agent: Any) -> None:
    """Half a syllable is nobody's reply."""
    page = visit(agent, "/check/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "judge" in request.url else None)
    box = page.locator("#reply")
    box.focus()
    client = page.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "bao", "selectionStart": 3, "selectionEnd": 3})
    page.wait_for_timeout(900)
    assert asked == []
    client.send("Input.insertText", {"text": "保证三天到"})
    expect(verdict(page)).to_have_attribute("data-verdict", "block")


def test_without_script(visit: Callable[..., Page], agent: Any) -> None:
    """By the button, the reply still in the box."""
    page = visit(agent, "/check/", java_script_enabled=False)
    page.locator("#reply").fill("保证三天到")
    page.locator("[data-check] [type=submit]").click()
    expect(verdict(page)).to_have_attribute("data-verdict", "block")
    expect(page.locator("#reply")).to_have_value("保证三天到")


def test_a_suggestion_takes_the_place_of_the_words_and_can_be_taken_back(
    visit: Callable[..., Page], agent: Any
) -> None:
    """By the browser's own undo, as if it had been typed; a mark that follows is not doubled."""
    page = visit(agent, "/check/")
    box = page.locator("#reply")
    write(page, "😀帐号不对，保证三天到，谢谢")
    with page.expect_response("**/check/judge/"):
        page.locator("[data-put]").first.click()
    expect(box).to_have_value("😀账号不对，保证三天到，谢谢")
    expect(page.locator("#toast")).to_be_visible()
    with page.expect_response("**/check/judge/"):
        page.locator("[data-put]").first.click()
    expect(box).to_have_value(re.compile("账号不对，[^。]*[^。]，谢谢"))
    expect(verdict(page)).to_have_attribute("data-verdict", "ok")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(box).to_have_value("😀帐号不对，保证三天到，谢谢")


def test_a_sentence_takes_the_place_of_the_clause(visit: Callable[..., Page], agent: Any) -> None:
    """Put in for the two words alone it would drag the rest of the clause behind it."""
    page = visit(agent, "/check/")
    box = page.locator("#reply")
    for written, left in (("您好，我保证1.5天到哦，谢谢", "您好，{}，谢谢"), ("您好,绝对合身的", "您好,{}")):
        write(page, written)
        put = page.locator("[data-put][data-clause]").first
        words = put.get_attribute("data-put") or ""
        with page.expect_response("**/check/judge/"):
            put.click()
        expect(box).to_have_value(left.format(words.rstrip("。") if left.endswith("谢谢") else words))


def test_the_ear_is_told_once_a_pause(visit: Callable[..., Page], agent: Any) -> None:
    """Five letters typed in one breath are one announcement; the same outcome again is none."""
    page = visit(agent, "/check/")
    page.evaluate(
        "() => { const live = document.getElementById('live'); window.said = []; new MutationObserver(() =>"
        " live.textContent && window.said.push(live.textContent)).observe(live, { childList: true }); }"
    )
    with page.expect_response("**/check/judge/"):
        page.locator("#reply").press_sequentially("您好，这件保证三天到", delay=20)
    expect(verdict(page)).to_have_attribute("data-verdict", "block")
    with page.expect_response("**/check/judge/"):
        page.locator("#reply").press_sequentially("，谢谢您", delay=30)
    page.wait_for_timeout(300)
    assert page.evaluate("window.said.map(words => words.slice(0, 11))") == ["不可发送，发现 1 处"]
    expect(page.locator("#live")).to_have_text(re.compile("断言"))


def test_five_thousand_characters_are_cut_and_say_so(visit: Callable[..., Page], agent: Any) -> None:
    """The box keeps all of them: nothing that was pasted is thrown away without a word."""
    page = visit(agent, "/check/")
    write(page, "最近发货比较快。😀" * 500)
    expect(page.locator(".judgement .note")).to_be_visible()
    assert page.locator("#reply").evaluate("box => box.value.length") == 5000


def test_nothing_of_a_judgement_stays_in_a_page_left(visit: Callable[..., Page], agent: Any) -> None:
    """A browser may keep the page as it was: with an empty judgement."""
    page = visit(agent, "/check/")
    write(page, "保证三天到")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    expect(verdict(page)).to_have_count(0)
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(verdict(page)).to_have_attribute("data-verdict", "block")


def test_from_a_card_by_its_code_and_by_keys(visit: Callable[..., Page], agent: Any) -> None:
    """g c from anywhere; from a card with its line in the box."""
    page = visit(agent, "/phrases/abusive-customer/")
    page.locator(".try-own a").click()
    assert re.fullmatch(r".*/check/\?line=[a-z0-9]+", page.url)
    expect(page.locator("#reply")).not_to_have_value("")
    page.goto(page.url.split("/check/")[0] + "/practice/")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/check/")


@pytest.mark.parametrize("width", [320, 360])
def test_small_and_accessible(visit: Callable[..., Page], agent: Any, width: int) -> None:
    """With findings on the page, in both themes."""
    page = visit(agent, "/check/", viewport={"width": width, "height": 700}, reduced_motion="reduce")
    write(page, "您好，帐号已登陆。保证三天到，你自己去找快递，绝对不会褪色。")
    expect(verdict(page)).to_be_visible()
    assert page.evaluate(BEYOND) == []
    assert everywhere(page) == {}


def test_a_rule_mended_changes_the_verdict_at_once(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """And cannot be saved while it breaks its own examples."""
    reader = visit(agent, "/check/")
    write(reader, "这款嘎嘣好用")
    expect(verdict(reader)).to_have_attribute("data-verdict", "ok")
    rule = WordingRule.objects.get(code="exaggeration")
    desk = visit(factories.person("trainer"), f"/admin/knowledge/wordingrule/{rule.pk}/change/")
    catches = desk.locator("[name=catches]")
    catches.fill(catches.input_value() + "\n这款嘎嘣好用")
    desk.locator("[name=_save]").last.click()
    expect(desk.locator(".errorlist").first).to_be_visible()
    rule.refresh_from_db()
    assert "这款嘎嘣好用" not in rule.catches
    first = desk.locator("[name='clues-0-match']")
    first.fill(first.input_value() + "\n嘎嘣好用")
    desk.locator("[name=_save]").last.click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
    write(reader, "这款嘎嘣好用！")
    expect(verdict(reader)).to_have_attribute("data-verdict", "revise")
