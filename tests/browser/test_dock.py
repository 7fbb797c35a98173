"""From a customer's words to the reply on the clipboard, by keyboard, in a window as narrow as a chat client leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge import variables
from knowledge.models import Card, CopyEvent
from tests import factories
from tests.browser.conftest import Watch, sign_in
from tests.browser.steps import (
    box,
    clear_clipboard,
    clipboard,
    expect_copied,
    field,
    first_hit,
    line_text,
    said,
    selected,
    type_query,
)


@pytest.mark.parametrize("width", [380, 360])
@pytest.mark.parametrize("query", ["运费", "yunfei", "yf"])
def test_enter_copies_the_first_line(visit: Callable[..., Page], agent: Any, width: int, query: str) -> None:
    """The promise of the product: type, Enter, and the reply is on the clipboard, its fields filled."""
    page = visit(agent, "/dock/", viewport={"width": width, "height": 740})
    page.keyboard.insert_text(query)
    page.keyboard.press("Enter")
    card = first_hit(query)
    assert "运费" in card.title + "".join(alias.text for alias in card.aliases.all())
    expect_copied(page, card.say[0].code, line_text(card))
    expect(box(page)).to_be_focused()


def test_down_enter_copies_the_next_line(dock: Page, blueberries: Card) -> None:
    """The arrows move over the lines without leaving the box."""
    type_query(dock, "蓝莓怎么寄")
    for _ in range(2):
        dock.keyboard.press("ArrowDown")
    expect(box(dock)).to_have_attribute("aria-activedescendant", str(selected(dock).get_attribute("id")))
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_starter_line_below_the_first(dock: Page) -> None:
    """↓ Enter on a real card, its fields filled where they need it."""
    type_query(dock, "运费")
    dock.keyboard.press("ArrowDown")
    line = first_hit("运费").say[1]
    expect(selected(dock)).to_have_attribute("data-code", line.code)
    parts = list(variables.split(line.text))
    for name in {part.name for part in parts if part.name and not part.text}:
        field(dock, name).fill(f"我填的{name}")
    dock.keyboard.press("Enter")
    wanted = "".join(part.text or f"我填的{part.name}" for part in parts)
    expect_copied(dock, line.code, wanted)


def test_empty_field_refuses_and_takes_the_focus(dock: Page, blueberries: Card) -> None:
    """A reply with a hole in it never reaches a customer."""
    type_query(dock, "蓝莓怎么寄")
    clear_clipboard(dock)
    dock.keyboard.press("ArrowDown")
    dock.keyboard.press("Enter")
    expect(field(dock, "顾客称呼")).to_be_focused()
    expect(dock.locator("#toast")).to_be_visible()
    expect(dock.locator("#toast")).to_contain_text("顾客称呼")
    expect(dock.locator("#live")).to_contain_text("顾客称呼")
    assert clipboard(dock) == "nothing"
    dock.keyboard.insert_text("王女士")
    dock.keyboard.press("Enter")
    expect(field(dock, "运费")).to_be_focused()
    dock.keyboard.insert_text("8")
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm2", "王女士，蓝莓寄到您那里是8元。")
    expect(box(dock)).to_be_focused()


def test_spaces_fill_nothing(dock: Page, blueberries: Card) -> None:
    """A field of white space is an empty field."""
    type_query(dock, "lm2")
    field(dock, "顾客称呼").fill("王女士")
    field(dock, "运费").fill("  ")
    clear_clipboard(dock)
    dock.keyboard.press("Enter")
    expect(dock.locator("#live")).to_contain_text("运费")
    assert clipboard(dock) == "nothing"


def fill_both(page: Page) -> None:
    type_query(page, "lm1")
    field(page, "店名").fill("果果家")
    box(page).focus()
    page.keyboard.press("Escape")
    type_query(page, "lm2")
    field(page, "顾客称呼").fill("王女士")
    field(page, "运费").fill("8")
    box(page).focus()


def test_next_customer(dock: Page, blueberries: Card) -> None:
    """Esc Esc forgets the customer and keeps the shop: greeting the wrong person is the worst mistake."""
    fill_both(dock)
    dock.keyboard.press("Escape")
    dock.keyboard.press("Escape")
    expect(dock.locator("#live")).to_have_text(said(dock, "next"))
    expect(box(dock)).to_have_value("")
    type_query(dock, "lm2")
    expect(field(dock, "顾客称呼")).to_have_value("")
    expect(field(dock, "运费")).to_have_value("")
    dock.keyboard.press("Escape")
    type_query(dock, "lm1")
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm1", "您好，这里是果果家，蓝莓今天就发。")


def test_one_escape_keeps_the_customer(dock: Page, blueberries: Card) -> None:
    """Esc alone clears the search only, and a held key is still one press."""
    fill_both(dock)
    dock.keyboard.down("Escape")
    dock.keyboard.down("Escape")
    dock.keyboard.up("Escape")
    expect(box(dock)).to_have_value("")
    type_query(dock, "lm2")
    expect(field(dock, "顾客称呼")).to_have_value("王女士")


def test_ten_idle_minutes_forget_the_customer(
    visit: Callable[..., Page], agent: Any, home: str, blueberries: Card
) -> None:
    """Whoever comes back after a break starts with a clean customer, and is told so; the shop stays."""
    page = visit(agent)
    page.clock.install()
    page.goto(home + "/dock/")
    fill_both(page)
    page.clock.fast_forward("09:00")
    expect(field(page, "顾客称呼")).to_have_value("王女士")
    field(page, "顾客称呼").focus()
    page.clock.fast_forward("11:00")
    expect(page.locator("#live")).to_have_text(said(page, "cleared"))
    expect(field(page, "顾客称呼")).to_have_value("")
    expect(selected(page)).to_contain_text("顾客称呼，蓝莓寄到")
    page.keyboard.press("Escape")
    type_query(page, "lm1")
    expect(field(page, "店名")).to_have_value("果果家")


def test_first_key_after_a_break_copies_nothing_of_the_last_customer(
    visit: Callable[..., Page], agent: Any, home: str, blueberries: Card
) -> None:
    """A laptop that slept runs no timer: the key itself has to notice the time."""
    page = visit(agent)
    page.goto(home + "/dock/")
    fill_both(page)
    clear_clipboard(page)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 11 * 60 * 1000; }")
    page.keyboard.press("Enter")
    expect(field(page, "顾客称呼")).to_be_focused()
    expect(field(page, "顾客称呼")).to_have_value("")
    assert clipboard(page) == "nothing"


def test_fields_survive_a_reload_and_end_with_the_session(dock: Page, home: str, blueberries: Card) -> None:
    """The shop's fields hold for the shift, in this tab; signing out takes them along, in every tab."""
    fill_both(dock)
    dock.reload()
    type_query(dock, "lm1")
    expect(field(dock, "店名")).to_have_value("果果家")
    other = dock.context.new_page()
    other.goto(home + "/phrases/")
    other.locator("form[data-sign-out] button").click()
    other.wait_for_url("**/accounts/login/**")
    expect(field(dock, "店名")).to_have_value("")
    assert dock.evaluate("Object.keys(sessionStorage).filter(key => sessionStorage[key].includes('果果家'))") == []


def test_back_after_signing_out_asks_who_reads(dock: Page, home: str, blueberries: Card) -> None:
    """Browsers keep whole pages for their Back button; the next person must not find the last one's."""
    dock.goto(home + "/me/")
    restored = "() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    dock.evaluate(restored)
    other = dock.context.new_page()
    other.goto(home + "/phrases/")
    assert dock.url == home + "/me/"  # nobody has signed out
    other.locator("form[data-sign-out] button").click()
    other.wait_for_url("**/accounts/login/**")
    dock.evaluate(restored)
    dock.wait_for_url("**/accounts/login/**")


def test_next_person_in_the_same_tab(dock: Page, home: str, blueberries: Card) -> None:
    """Somebody else signs in where a dock was left: nothing of the first person's fields is there."""
    fill_both(dock)
    sign_in(dock.context, factories.person("agent"), home)
    dock.goto(home + "/dock/")
    type_query(dock, "lm1")
    expect(field(dock, "店名")).to_have_value("")


# --- keys ------------------------------------------------------------------------------------------------------------


def test_alt_digit_copies_by_place(dock: Page, blueberries: Card) -> None:
    """Alt+3 is the third line wherever the keyboard layout puts its digits: it goes by the key, not by the sign."""
    type_query(dock, "蓝莓怎么寄")
    dock.keyboard.press("Alt+Digit3")
    expect_copied(dock, "lm3", blueberries.say[2].text)
    expect(box(dock)).to_have_value("蓝莓怎么寄")
    dock.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: '¡', code: 'Digit1', altKey: true, bubbles: true, cancelable: true}))"
    )
    expect_copied(dock, "lm1", "您好，这里是小店，蓝莓今天就发。")


def test_digits_type_in_the_box_and_copy_in_the_list(dock: Page, blueberries: Card) -> None:
    """满99减10 has to be typeable; in the list a digit alone copies."""
    type_query(dock, "蓝莓怎么寄")
    clear_clipboard(dock)
    type_query(dock, "3")
    expect(box(dock)).to_have_value("蓝莓怎么寄3")
    assert clipboard(dock) == "nothing"
    with dock.expect_response(lambda answer: "q=" in answer.url):
        dock.keyboard.press("Backspace")
    expect(dock.locator("[data-results]")).not_to_have_attribute("aria-busy", "true")
    dock.locator("[data-results]").focus()
    dock.keyboard.press("3")
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_short_code_selects_its_line(dock: Page, blueberries: Card) -> None:
    """Who knows the code types it: its line is selected, not the first of its card."""
    dock.keyboard.insert_text("lm3")
    dock.keyboard.press("Enter")
    expect_copied(dock, "lm3", blueberries.say[2].text)


def test_keys_of_the_site(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """/ searches, ? shows the keys and Esc hides them, g h and g p go places."""
    page = visit(agent, "/phrases/shipping-fee-doubt/")
    page.keyboard.press("?")
    expect(page.locator("dialog#shortcuts")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#shortcuts")).to_be_hidden()
    assert page.url == home + "/phrases/shipping-fee-doubt/"
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url(home + "/phrases/")
    page.locator("main").focus()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    page.locator("main").focus()
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(home + "/")


def test_keys_do_nothing_in_another_field(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """Somebody writing in a form writes; no key of the site acts, Esc and Alt+1 included."""
    page = visit(agent, "/phrases/")
    clear_clipboard(page)
    page.locator(".paste summary").click()
    message = page.locator("#message")
    message.focus()
    page.keyboard.type("g h / ? 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+Digit1")
    expect(message).to_be_focused()
    expect(message).to_have_value("g h / ? 1")
    assert clipboard(page) == "nothing"
    assert page.url == home + "/phrases/"


def test_held_enter_copies_once(dock: Page, watch: Watch, blueberries: Card) -> None:
    """Auto-repeat is not a hundred copies in the statistics."""
    type_query(dock, "lm3")
    with dock.expect_response("**/copied/"):
        dock.keyboard.down("Enter")
        dock.keyboard.down("Enter")
        dock.keyboard.down("Enter")
        dock.keyboard.up("Enter")
    dock.goto("about:blank")
    assert CopyEvent.objects.count() == 1


def test_click_copies(dock: Page, blueberries: Card) -> None:
    """A mouse works too."""
    type_query(dock, "蓝莓怎么寄")
    dock.locator("[data-code=lm3]").click()
    expect_copied(dock, "lm3", blueberries.say[2].text)


# --- what leaves the browser ----------------------------------------------------------------------------------------


def test_copying_counts_line_and_query_only(dock: Page, watch: Watch, agent: Any, blueberries: Card) -> None:
    """The count holds the line and the query; neither the reply nor what was filled in ever leaves the browser."""
    type_query(dock, "lm2")
    field(dock, "顾客称呼").fill("欧阳先生")
    field(dock, "运费").fill("13579")
    box(dock).focus()
    with dock.expect_response("**/copied/") as answer:
        dock.keyboard.press("Enter")
    request = answer.value.request
    assert answer.value.status == 204
    assert request.url.endswith(f"/lines/{blueberries.say[1].uuid}/copied/")
    assert request.post_data == "q=lm2"
    expect_copied(dock, "lm2", "欧阳先生，蓝莓寄到您那里是13579元。")
    for secret in ("欧阳先生", "13579", "%E6%AC%A7%E9%98%B3"):
        assert secret not in watch.sent()
    assert list(CopyEvent.objects.values_list("line__code", "user")) == [("lm2", agent.pk)]


def test_dont_lines_are_not_copyable(visit: Callable[..., Page], agent: Any, watch: Watch, blueberries: Card) -> None:
    """不该说 is for reading: no option, no button, and the server counts no copy of it."""
    watch.expected = ["status of 404"]
    page = visit(agent, "/phrases/blueberries/")
    avoid = page.locator(".dont article")
    expect(avoid).to_have_count(2)
    expect(avoid.locator("[data-copy], [data-line], form, button")).to_have_count(0)
    for line in blueberries.avoid:
        post = "url => portal.post(url, {}).then(answer => answer.status)"
        assert page.evaluate(post, f"/lines/{line.uuid}/copied/") == 404
    page.goto(page.url.replace("/phrases/blueberries/", "/dock/"))
    type_query(page, "蓝莓怎么寄")
    hit = page.locator(".hit").first
    expect(hit.locator(".avoid li")).to_have_count(2)
    expect(page.locator(".avoid [role=option], .avoid [data-line]")).to_have_count(0)
    assert hit.locator("[role=option]").evaluate_all("all => all.map(line => line.dataset.code)") == [
        "lm1",
        "lm2",
        "lm3",
    ]
    clear_clipboard(page)
    hit.locator(".avoid li").first.click()
    assert clipboard(page) == "nothing"
