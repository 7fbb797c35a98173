"""Two trainers and a reader: written, sent, read as a diff, approved. And what a browser keeps of unsaved text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import TRAINER
from knowledge.models import Card
from knowledge.services import workflow
from tests import factories
from tests.browser import steps
from tests.browser.test_axe import COLOURS, EVERYTHING, complaints

WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def writer(home: str) -> Any:
    return factories.person(TRAINER, publishes=False, display_name="周培训")


@pytest.fixture
def editor(home: str) -> Any:
    return factories.person(TRAINER, display_name="林主编")


def address(card: Card) -> str:
    return f"/admin/knowledge/card/{card.pk}/change/"


@pytest.fixture
def edit(visit: Callable[..., Page], writer: Any, blueberries: Card) -> Page:
    return visit(writer, address(blueberries), viewport=WIDE)


def kept(page: Page) -> list[str]:
    return list(page.evaluate("Object.keys(localStorage).filter(function (key) { return key.startsWith('kept:'); })"))


def wait_until_kept(page: Page, something: bool = True) -> None:
    """Asked again and again: the content policy keeps Playwright from waiting inside the page."""
    for _ in range(60):
        if bool(kept(page)) == something:
            return
        page.wait_for_timeout(100)
    raise AssertionError(kept(page))


def test_the_whole_road(
    visit: Callable[..., Page], home: str, agent: Any, writer: Any, editor: Any, blueberries: Card
) -> None:
    """The reader's page shows the old words until the moment of approval, and the new ones from then on."""
    reader = visit(agent, "/phrases/blueberries/")
    page = visit(writer, address(blueberries), viewport=WIDE)
    page.locator("[name=do-0-text]").fill("您好，蓝莓今天16:00前就发。")
    page.locator("[name=reason]").fill("仓库改了时间")
    expect(page.locator("[name=_save]")).to_have_count(0)
    page.locator("[name=_send]").last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    reader.reload()
    expect(reader.locator("main")).not_to_contain_text("16:00前就发")
    page.goto(home + address(blueberries))
    expect(page.locator(".told.draft .state.waiting")).to_be_visible()
    expect(page.locator("[name=do-0-text]")).to_have_value("您好，蓝莓今天16:00前就发。")

    desk = visit(editor, "/admin/knowledge/revision/", viewport=WIDE)
    desk.locator("#result_list tbody th a").first.click()
    expect(desk.locator(".changes ins").first).to_contain_text("16:00")
    expect(desk.locator(".changes .name").first).to_have_text("lm1")
    expect(desk.locator(".facts")).to_contain_text("仓库改了时间")
    desk.locator("button[value=approve]").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".messagelist .success")).to_be_visible()
    reader.reload()
    expect(reader.locator("main")).to_contain_text("16:00前就发")


def test_returned_with_a_comment(
    visit: Callable[..., Page], home: str, writer: Any, editor: Any, blueberries: Card
) -> None:
    """The author finds the comment above their text, and sends it again."""
    document = blueberries.to_document() | {"title": "蓝莓怎么寄才好"}
    draft = workflow.save_draft(blueberries, document, author=writer, send=True)
    desk = visit(editor, f"/admin/knowledge/revision/{draft.pk}/change/", viewport=WIDE)
    desk.locator("#id_comment").fill("题目太长")
    desk.locator("button[value=return]").click()
    expect(desk.locator(".messagelist .success")).to_be_visible()
    page = visit(writer, address(blueberries), viewport=WIDE)
    expect(page.locator(".told .comment")).to_contain_text("题目太长")
    page.locator("#id_title").fill("蓝莓怎么寄")
    page.locator("[name=_send]").last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.state, draft.document["title"]) == ("waiting", "蓝莓怎么寄")


@pytest.fixture
def pages(writer: Any, blueberries: Card) -> list[str]:
    """Everything of the road, with a draft on it."""
    document = blueberries.to_document() | {"title": "蓝莓怎么寄才好", "aliases": ["蓝莓会坏吗", "新问法"]}
    draft = workflow.save_draft(blueberries, document, author=writer, send=True)
    live, _draft = workflow.versions(blueberries).order_by("number").values_list("pk", flat=True)
    return [
        *("/admin/knowledge/revision/", f"/admin/knowledge/revision/{draft.pk}/change/"),
        f"/admin/knowledge/revision/compare/?a={live}&b={draft.pk}",
        *(f"/admin/knowledge/card/{blueberries.pk}/history/", address(blueberries)),
    ]


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_sticks_out(visit: Callable[..., Page], home: str, editor: Any, pages: list[str], width: int) -> None:
    """And no page breaks the content policy, which the watch would tell."""
    page = visit(editor, viewport={"width": width, "height": 900})
    for path in pages:
        answer = page.goto(home + path, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, path


def test_axe_finds_nothing(visit: Callable[..., Page], home: str, editor: Any, pages: list[str], watch: Any) -> None:
    """In what is ours, in both themes."""
    watch.expected += ["Applying inline style", "preload assets"]  # of axe itself
    ours = ("told", "changes", "decide", "revisions", "facts", "whole", "differences", "pick", "state", "submit-row")
    page = visit(editor, viewport=WIDE, reduced_motion="reduce")
    for path in pages:
        page.goto(home + path)
        for scheme, options in (("light", EVERYTHING), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = [one for one in complaints(page, options) if any(name in one for name in ours)]
            assert found == [], (path, scheme)


# What is not saved yet


def test_text_survives_a_crash(edit: Page, visit: Callable[..., Page], home: str, blueberries: Card) -> None:
    """Rows too. Brought back it is in the form, not saved; saving it forgets it."""
    edit.locator("#id_title").fill("写到一半的题目")
    edit.locator("#do-group .add-row a").click()
    edit.locator("[name=do-4-text]").fill("写到一半的新句子")
    wait_until_kept(edit)
    other = edit.context.new_page()
    edit.close(run_before_unload=False)
    other.goto(home + address(blueberries))
    expect(other.locator("#id_title")).to_have_value("问蓝莓怎么寄")
    expect(other.locator(".told.kept")).to_be_visible()
    other.locator("[data-take]").focus()
    other.keyboard.press("Enter")
    expect(other.locator(".errornote, .errorlist").first).to_be_visible()
    expect(other.locator("#id_title")).to_have_value("写到一半的题目")
    expect(other.locator("[name=do-4-text]")).to_have_value("写到一半的新句子")
    other.locator("[name=do-4-text]").fill("")
    other.locator("[name=_draft]").last.click()
    expect(other.locator(".messagelist .success")).to_be_visible()
    wait_until_kept(other, False)
    assert workflow.open_revision(blueberries).document["title"] == "写到一半的题目"  # type: ignore[union-attr]


def test_thrown_away(edit: Page) -> None:
    edit.locator("#id_title").fill("不要了")
    wait_until_kept(edit)
    edit.once("dialog", lambda dialog: dialog.accept())
    edit.reload()
    edit.locator("[data-drop]").click()
    expect(edit.locator(".told.kept")).to_be_hidden()
    assert kept(edit) == []


def test_leaving_asks_only_when_something_is_unsaved(edit: Page, home: str, blueberries: Card) -> None:
    """Looking, saving, and what was put back never ask."""
    asked: list[str] = []
    edit.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    edit.locator("#id_title").click()
    edit.goto(home + "/admin/")
    edit.goto(home + address(blueberries))
    edit.locator("#id_title").fill("另一个")
    edit.locator("#id_title").fill("问蓝莓怎么寄")
    edit.goto(home + "/admin/")
    edit.goto(home + address(blueberries))
    edit.locator("#id_title").fill("存好的")
    edit.locator("[name=_draft]").last.click()
    expect(edit.locator(".messagelist .success")).to_be_visible()
    assert asked == []
    edit.locator("#id_title").fill("没存的")
    edit.goto(home + "/admin/")
    assert asked == ["beforeunload"]


def test_control_s_keeps_a_draft(edit: Page, blueberries: Card) -> None:
    """Never while an input method composes."""
    edit.locator("#id_title").fill("")
    keys = steps.compose(edit, "lan mei")
    keys.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, "key": "s", "modifiers": 2}
    )
    edit.wait_for_timeout(300)
    assert workflow.open_revision(blueberries) is None
    steps.commit(keys, "蓝莓")
    edit.keyboard.press("Control+s")
    expect(edit.locator(".messagelist .success")).to_be_visible()
    assert workflow.open_revision(blueberries).document["title"] == "蓝莓"  # type: ignore[union-attr]


def test_nothing_is_kept_while_composing(edit: Page) -> None:
    """Half a pinyin syllable is nobody's text."""
    edit.locator("#id_title").focus()
    keys = steps.compose(edit, "xian")
    edit.wait_for_timeout(1600)
    assert kept(edit) == []
    steps.commit(keys, "先")
    wait_until_kept(edit)


def test_signing_out_forgets(edit: Page) -> None:
    """On a shared machine the next person finds nothing of it."""
    edit.locator("#id_title").fill("我的草稿")
    wait_until_kept(edit)
    edit.once("dialog", lambda dialog: dialog.accept())
    edit.locator("#logout-form button").click()
    edit.wait_for_url("**/accounts/login/**")
    assert kept(edit) == []


def test_a_full_or_forbidden_storage_breaks_nothing(
    visit: Callable[..., Page], home: str, writer: Any, blueberries: Card
) -> None:
    page = visit(writer, viewport=WIDE)
    page.add_init_script("Storage.prototype.setItem = function () { throw new Error('full'); };")
    page.goto(home + address(blueberries))
    page.locator("#id_title").fill("照样能存")
    expect(page.locator(".told.kept [role=status]")).not_to_be_empty()
    page.locator("[name=_draft]").last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert workflow.open_revision(blueberries).document["title"] == "照样能存"  # type: ignore[union-attr]


def test_a_lost_session_loses_no_text(edit: Page, home: str, writer: Any, blueberries: Card) -> None:
    """Signed out elsewhere, then saved: the sign-in page, and after it the text is offered."""
    edit.locator("#id_title").fill("登录前写的")
    wait_until_kept(edit)
    edit.context.clear_cookies(name="sessionid")
    edit.locator("[name=_draft]").last.click()
    edit.wait_for_url("**/accounts/login/**")
    edit.locator("[name=username]").fill(writer.username)
    edit.locator("[name=password]").fill("secret-words")
    edit.locator("form button[type=submit]").last.click()
    edit.wait_for_url("**/change/**")
    edit.locator("[data-take]").click()
    expect(edit.locator("#id_title")).to_have_value("登录前写的")
