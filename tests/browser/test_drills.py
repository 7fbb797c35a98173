"""Drills in a real browser: a mild clock, committed characters and nothing but totals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import TRAINEE
from knowledge.models import Card
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.steps import commit, compose
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from training.models import DrillRound, RecallItem


@pytest.fixture
def learner(home: str) -> Any:
    Card.objects.update(status="draft")
    lines = ("您好，蓝莓今天发。", "Ship by 18:00.", "蓝莓怕压，多垫一层。")
    for at, text in enumerate(lines):
        say = [{"code": f"n{chr(97 + at)}1", "text": text, "why": "说得具体。"}]
        factories.card(f"n{at}", code=f"n{chr(97 + at)}", do=say)
    return factories.person(TRAINEE, locale="en")


def begin(page: Page) -> None:
    page.get_by_role("button", name="Start a round").click()
    expect(page).to_have_url(re.compile(r"/rounds/"))
    page.wait_for_load_state()  # words stand on it before its script runs


def press(page: Page, key: str) -> None:
    page.wait_for_load_state()
    page.keyboard.press(key)


def key_of(page: Page, right: bool) -> str:
    """The digit that chooses the better reply, or the other one."""
    found = DrillRound.objects.get()
    at = next(at for at, item in enumerate(found.items) if "given" not in item)
    options = found.items[at]["asked"]["options"]
    return str([option["right"] == "yes" for option in options].index(right) + 1)


def test_better_replies_by_keys(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """Choose, Enter, why, Enter; the miss waits in recall."""
    page = visit(learner, "/practice/better/")
    begin(page)
    for right in (True, False, True):
        expect(page.locator(".q-options input")).to_have_count(2)
        press(page, key_of(page, right))
        press(page, "Enter")
        expect(page.locator(".told, .score").first).to_be_visible()
        if page.locator("[data-next]").count():
            expect(page.locator(".told h1")).to_contain_text("Right" if right else "Not quite")
            press(page, "Enter")
    expect(page.locator(".score")).to_contain_text("of 3 right")
    expect(page.locator(".score-number b")).to_have_text("2")
    assert RecallItem.objects.count() == 1


def test_the_bar_runs_out(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """After twenty seconds comes the why, and no reproach."""
    page = visit(learner)
    page.clock.install()
    page.goto(home + "/practice/better/")
    begin(page)
    expect(page.locator("[data-bar]")).to_have_count(1)
    page.clock.fast_forward(21_000)
    expect(page.locator(".told h1")).to_contain_text("Not answered")
    assert DrillRound.objects.get().items[0]["given"] == ""


def test_two_tabs_play_one_round(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """What is answered in one is told in the other; a refresh goes on where it was."""
    page = visit(learner, "/practice/codes/")
    begin(page)
    other = page.context.new_page()
    other.goto(page.url)
    page.locator(".gap").fill("na1")
    page.locator("form[data-once] .primary").click()
    expect(page.locator(".told h1")).to_be_visible()
    other.locator(".gap").fill("nb1")
    other.locator("form[data-once] .primary").click()
    expect(other.locator(".told-line").first).to_contain_text("na1")
    page.reload()
    expect(page.locator(".told h1")).to_be_visible()
    assert DrillRound.objects.get().asked == 1


def lines(page: Page) -> list[str]:
    return page.locator("[data-text]").all_inner_texts()


def fields(page: Page) -> Any:
    return page.locator("[data-line] textarea")


def test_typing_counts_what_is_committed(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """With an input method and in plain letters: each character once, no key and no text leaves the page."""
    page = visit(learner, "/practice/typing/")
    begin(page)
    wanted = lines(page)
    page.wait_for_timeout(1500)
    for at, text in enumerate(wanted):
        fields(page).nth(at).focus()
        if text.startswith("Ship"):
            page.keyboard.type(text, delay=20)
            continue
        for start in range(0, len(text), 3):
            piece = text[start : start + 3]
            cdp = compose(page, "pinyin")
            page.wait_for_timeout(100)
            commit(cdp, piece)
            page.wait_for_timeout(400)
    expect(page.locator(".score-number b")).to_have_text(re.compile(r"^\d+$"))
    found = DrillRound.objects.get()
    length = sum(map(len, wanted))
    assert (found.characters, found.asked, found.right) == (length, length, length)
    assert 1 < found.seconds < 60
    sent = [request.post_data or "" for request in watch.to("/answers/")]
    assert [sorted(parse_qs(one)) for one in sent] == [["asked", "characters", "lines", "milliseconds", "mistakes"]]


def test_a_mistake_and_an_early_end(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """Enter goes to the next line, the button counts what was begun; what is composing is not counted yet."""
    page = visit(learner, "/practice/typing/")
    begin(page)
    wanted = lines(page)
    page.keyboard.insert_text("错" + wanted[0][1:])
    page.wait_for_timeout(2500)
    page.keyboard.press("Enter")
    expect(fields(page).nth(1)).to_be_focused()
    cdp = compose(page, "lanmei")
    page.keyboard.press("Enter")
    expect(fields(page).nth(1)).to_be_focused()
    expect(page.locator("[data-figures]")).to_contain_text("characters a minute")
    commit(cdp, "")
    page.get_by_role("button", name="Count").click()
    expect(page.locator(".score-number b")).to_be_visible()
    found = DrillRound.objects.get()
    assert (found.characters, found.asked, found.asked - found.right) == (len(wanted[0]), len(wanted[0]), 1)


def test_paste_and_drop_are_refused(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """With a sentence, and what was typed stands."""
    page = visit(learner, "/practice/typing/")
    begin(page)
    page.keyboard.type("a")
    page.evaluate("navigator.clipboard.writeText('pasted')")
    page.keyboard.press("Control+v")
    expect(page.locator("#toast")).to_contain_text("Nothing was pasted")
    expect(fields(page).first).to_have_value("a")
    page.evaluate(
        "const data = new DataTransfer(); data.setData('text/plain', 'dropped');"
        "document.querySelector('[data-line] textarea').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}))"
    )
    expect(fields(page).first).to_have_value("a")


def test_what_the_browser_fills_in_is_refused(visit: Callable[..., Page], learner: Any, watch: Watch) -> None:
    """Filled in, put right or dropped by whatever means: no finger did it, and what was typed stands."""
    page = visit(learner, "/practice/typing/")
    begin(page)
    page.keyboard.type("a")
    for event in (
        "new Event('input')",
        *(
            f"new InputEvent('input', {{inputType: 'insert{kind}'}})"
            for kind in ("ReplacementText", "FromDrop", "FromPaste")
        ),
    ):
        page.evaluate(
            "const field = document.querySelector('[data-line] textarea'); field.value = 'filled in';"
            f"field.dispatchEvent({event})"
        )
        expect(fields(page).first).to_have_value("a")
    expect(page.locator("#toast")).to_contain_text("Nothing was pasted")


def test_it_ends_after_three_minutes(visit: Callable[..., Page], learner: Any, home: str, watch: Watch) -> None:
    """By the clock of the page; the server, which saw less time pass, takes it as it may."""
    page = visit(learner)
    page.clock.install()
    page.goto(home + "/practice/typing/")
    begin(page)
    page.keyboard.insert_text("您")
    DrillRound.objects.update(started_at=DrillRound.objects.get().started_at.replace(year=2020))
    page.clock.run_for(181_000)
    expect(page.locator(".score-number b")).to_be_visible()
    found = DrillRound.objects.get()
    assert (found.characters, round(found.seconds)) == (1, 180)


@pytest.mark.parametrize("kind", ["better", "codes", "typing"])
def test_the_pages_look_well(visit: Callable[..., Page], learner: Any, watch: Watch, kind: str) -> None:
    """axe, 320 px, fingers: what is asked and, but for typing, why."""
    page = visit(learner, f"/practice/{kind}/", reduced_motion="reduce", has_touch=True, is_mobile=True)
    begin(page)
    expect(page.locator("[data-typing], [data-recall]")).to_be_visible()
    if kind != "better":  # its bar would run out under the tests
        assert everywhere(page) == {}
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate(BEYOND) == []
    assert page.evaluate(SMALL) == []
    if kind != "typing":
        page.locator("form[data-once] .primary").click()
        expect(page.locator(".told h1")).to_be_visible()
        assert everywhere(page) == {}
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate(BEYOND) == []
