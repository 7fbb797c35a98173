"""The trainers' side in a real browser: no breach of the content policy, a preview that waits for the input
method, rows moved with mouse and keyboard. The watch fixture fails every test whose page complains."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from accounts.roles import TRAINER
from knowledge.models import Card, Feedback
from tests import factories

WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person(TRAINER)


@pytest.fixture
def edit(visit: Callable[..., Page], trainer: Any, blueberries: Card) -> Page:
    """The form of a card with three lines to say."""
    return visit(trainer, f"/admin/knowledge/card/{blueberries.pk}/change/", viewport=WIDE)


def save(page: Page) -> None:
    page.locator("input[name=_save]").last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def says(card: Card) -> list[str]:
    return [line.code for line in Card.objects.get(pk=card.pk).say]


def row(page: Page, code: str) -> Locator:
    return page.locator("#do-group .inline-related", has=page.locator(f"input[value='{code}']"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_keep_the_policy(
    visit: Callable[..., Page], home: str, trainer: Any, blueberries: Card, theme: str
) -> None:
    """An inline script or style of stock admin, or of ours, would be dropped and logged."""
    trainer.theme = theme
    trainer.save()
    remark = Feedback.objects.create(card=blueberries, line=blueberries.say[1], kind="error", text="错了")
    card = f"knowledge/card/{blueberries.pk}"
    page = visit(trainer, "/admin/", viewport=WIDE)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    for path in (
        *("knowledge/card/?q=蓝莓", "knowledge/card/add/", f"{card}/change/", f"{card}/history/", f"{card}/delete/"),
        *("knowledge/feedback/", f"knowledge/feedback/{remark.pk}/change/", "knowledge/searchlog/"),
        *("knowledge/revision/", "knowledge/synonymgroup/", "knowledge/fact/", "knowledge/compliancenote/"),
        *("knowledge/importjob/", "knowledge/importjob/add/"),
    ):
        answer = page.goto(f"{home}/admin/{path}", wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_sticks_out(visit: Callable[..., Page], home: str, trainer: Any, blueberries: Card, width: int) -> None:
    """A trainer's tablet must not scroll sideways."""
    page = visit(trainer, viewport={"width": width, "height": 800})
    for path in ("", "knowledge/card/", f"knowledge/card/{blueberries.pk}/change/"):
        page.goto(f"{home}/admin/{path}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path


def test_preview_follows_the_text(edit: Page) -> None:
    box, pane = edit.locator("#id_principle"), edit.locator(".markdownx-preview")
    expect(pane.locator("strong")).to_have_text("先听")
    box.fill("改成**先看**，再说。")
    expect(pane.locator("strong")).to_have_text("先看")


def test_nothing_is_posted_while_composing(edit: Page, watch: Any) -> None:
    """Half a pinyin syllable is not the trainer's text; what the input method commits is."""
    pane = edit.locator(".markdownx-preview")
    expect(pane.locator("strong")).to_have_text("先听")
    box = edit.locator("#id_principle")
    box.fill("")
    expect(pane).to_be_empty()
    before = len(watch.to("/markdown/preview/"))
    box.focus()
    keys = edit.context.new_cdp_session(edit)
    for half in ("x", "xi", "xian"):
        key = {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "Process"}
        keys.send("Input.dispatchKeyEvent", key)
        keys.send("Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)})
    # Longer than the pause after which the script would post.
    edit.wait_for_timeout(900)
    assert len(watch.to("/markdown/preview/")) == before
    keys.send("Input.insertText", {"text": "先"})
    expect(pane).to_have_text("先")
    assert len(watch.to("/markdown/preview/")) == before + 1


def test_tab_moves_on(edit: Page) -> None:
    """markdownx's own script writes a tab into the text and keeps the keyboard there."""
    box = edit.locator("#id_principle")
    before = box.input_value()
    box.focus()
    edit.keyboard.press("Tab")
    assert edit.evaluate("document.activeElement.id") != "id_principle"
    assert box.input_value() == before


def test_picture_by_the_button(edit: Page, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    out = BytesIO()
    Image.new("RGB", (60, 40), "red").save(out, "PNG")
    edit.locator(".add-picture input").set_input_files(
        {"name": "p.png", "mimeType": "image/png", "buffer": out.getvalue()}
    )
    shown = edit.locator(".markdownx-preview img")
    expect(shown).to_be_visible()
    edit.wait_for_function("document.querySelector('.markdownx-preview img').naturalWidth === 60")


def test_refused_picture_says_why(edit: Page, watch: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    watch.expected.append("422")
    page = {"name": "p.png", "mimeType": "image/png", "buffer": b"<html>"}
    edit.locator(".add-picture input").set_input_files(page)
    expect(edit.locator(".markdownx [role=status]")).to_contain_text("WebP")


def test_rows_move_by_keyboard(edit: Page, blueberries: Card) -> None:
    """The focus stays on the button, so that a row can be carried on; the new place is spoken."""
    assert says(blueberries) == ["lm1", "lm2", "lm3"]
    up = row(edit, "lm3").locator(".move").first
    up.focus()
    for _ in range(2):
        edit.keyboard.press("Enter")
    expect(up).to_be_focused()
    expect(edit.locator(".moved")).to_contain_text("1")
    save(edit)
    assert says(blueberries) == ["lm3", "lm1", "lm2"]


def test_rows_move_by_mouse(edit: Page, blueberries: Card) -> None:
    edit.set_viewport_size({"width": 1280, "height": 3200})  # all rows in view: nothing scrolls under the mouse
    handle, below = row(edit, "lm1").locator(".drag").bounding_box(), row(edit, "lm3").bounding_box()
    assert handle
    assert below
    edit.mouse.move(handle["x"] + 8, handle["y"] + 8)
    edit.mouse.down()
    edit.mouse.move(below["x"] + 60, below["y"] + below["height"] - 8, steps=8)
    edit.mouse.up()
    expect(edit.locator(".moved")).to_contain_text("3")
    save(edit)
    assert says(blueberries) == ["lm2", "lm3", "lm1"]


def test_new_row_moved_up_and_another_taken_back(edit: Page, blueberries: Card) -> None:
    """Django numbers the rows by their place on the page when one is taken back, and stored ones must come first."""
    for _ in range(2):
        edit.locator("#do-group .add-row a").click()
    fresh = edit.locator("#do-3")
    for name, words in (("code", "lm9"), ("text", "蓝莓先放一晚再吃。"), ("why", "甜。")):
        fresh.locator(f"[name=do-3-{name}]").fill(words)
    for _ in range(3):
        fresh.locator(".move").first.click()
    edit.locator("#do-5 .inline-deletelink").click()
    expect(edit.locator("#do-5")).to_have_count(0)
    save(edit)
    assert says(blueberries) == ["lm9", "lm1", "lm2", "lm3"]


def test_without_script(visit: Callable[..., Page], trainer: Any, blueberries: Card) -> None:
    """Places are plain numbers then."""
    address = f"/admin/knowledge/card/{blueberries.pk}/change/"
    page = visit(trainer, address, viewport=WIDE, java_script_enabled=False)
    page.locator("[name=do-0-position]").fill("9")
    save(page)
    assert says(blueberries) == ["lm2", "lm3", "lm1"]


def test_remark_leads_to_its_line(visit: Callable[..., Page], trainer: Any, blueberries: Card) -> None:
    remark = Feedback.objects.create(card=blueberries, line=blueberries.say[2], kind="error", text="错了")
    page = visit(trainer, f"/admin/knowledge/feedback/{remark.pk}/change/", viewport=WIDE)
    page.locator(".field-card_link a").click()
    expect(page.locator(".inline-related:target input[name$=-code]")).to_have_value("lm3")
    expect(page.locator(".inline-related:target")).to_be_in_viewport()


def test_signing_out_here_is_heard_on_the_site(visit: Callable[..., Page], home: str, trainer: Any) -> None:
    """Another tab with the site forgets what was filled in for a customer, whichever half one signs out of."""
    page = visit(trainer, "/dock/?q=运费", viewport=WIDE)
    page.evaluate("window.portal.fields.set('顾客称呼', 'customer', '王女士')")
    other = page.context.new_page()
    other.goto(home + "/admin/")
    other.locator("#logout-form button").click()
    other.wait_for_url("**/accounts/login/")
    page.wait_for_function("!window.portal.fields.value('顾客称呼', 'customer')")
    assert page.evaluate("Number(localStorage.getItem('signed-out'))") > 0
