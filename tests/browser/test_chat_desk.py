"""The chat desk in a real browser: several customers, the server's clock, and nothing typed is ever lost."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.roles import TRAINEE
from knowledge.models import CopyEvent, WordingRule
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.steps import box, commit, compose
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND
from tests.browser.test_server import Site
from tests.training.desk.making import document
from training.models import DeskEvent, DeskRun, Dialogue, RecallItem
from training.services import dialogues, runs

WIDE = {"width": 1280, "height": 800}


@pytest.fixture
def learner(home: str) -> Any:
    """Somebody new, in a shop with three customers of our own and a rule that finds 不知道."""
    WordingRule.objects.all().delete()
    WordingRule.objects.create(code="cold", severity="error", about="太冷。", clues=[{"match": ["不知道"]}])
    Dialogue.objects.all().delete()
    factories.card("desk-words", code="qz", title="客户砍价", aliases=["砍一刀行不行"])
    for at, slug in enumerate(("one", "two", "three")):
        dialogues.save_document(document(slug, title=f"客户{at + 1}号", cards=["desk-words"]))
    return factories.person(TRAINEE)


@pytest.fixture
def begun(learner: Any) -> DeskRun:
    """A run of theirs, the first customer there and the second about to come."""
    talks = list(Dialogue.objects.order_by("slug"))
    return runs.start(learner, talks, now=timezone.now() - timedelta(seconds=2), dice=random.Random(1))


@pytest.fixture
def at_desk(visit: Callable[..., Page], learner: Any, begun: DeskRun) -> Page:
    page = visit(learner, f"/practice/desk/{begun.pk}/", viewport=WIDE, reduced_motion="reduce")
    expect(page.locator("[data-tab='1'][aria-current]")).to_be_visible()  # the script has begun
    return page


def reply(page: Page, customer: int = 1) -> Any:
    return page.locator(f"#chat-{customer} textarea")


def lines(page: Page, customer: int = 1) -> Any:
    return page.locator(f"#chat-{customer} .talk > li")


def say(page: Page, text: str, customer: int = 1) -> None:
    reply(page, customer).focus()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def pass_by(run: DeskRun, seconds: float) -> None:
    """Let so much time pass at once, for the customers and for what was said."""
    DeskRun.objects.filter(pk=run.pk).update(started_at=F("started_at") - timedelta(seconds=seconds))


def test_three_customers_against_the_clock(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """The whole way with the keyboard: choose, serve, and read afterwards why; what went wrong is due tomorrow."""
    page = visit(learner, "/practice/", viewport=WIDE)
    page.locator("a[href='/practice/desk/']").click()
    for choice in page.locator("[name=dialogue]").all():
        choice.focus()
        page.keyboard.press("Space")
    page.locator("form[data-choose] button").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/practice/desk/\d+/$"))
    expect(lines(page)).to_have_count(2)
    expect(page.locator("[data-tab='1'] [data-left]")).to_have_text(re.compile(r"^3\d|^40"))
    expect(page.locator("[data-tab='2']")).not_to_contain_text(re.compile(r"\d\d"))
    say(page, "不知道，您自己看吧")
    expect(lines(page)).to_have_count(3)
    # Nothing of the judgement is shown while it goes on.
    expect(page.locator("#chat-1 mark, #chat-1 .judged")).to_have_count(0)
    run = DeskRun.objects.get(user=learner)
    pass_by(run, 30)
    expect(page.locator("#chat-2 .talk > li")).to_have_count(2, timeout=8000)
    page.keyboard.press("Alt+2")
    expect(reply(page, 2)).to_be_focused()
    page.keyboard.insert_text("您好，券后119元。")
    with page.expect_response("**/chats/2/send/"):  # it stands on the page before the server has it
        page.keyboard.press("Enter")
    expect(lines(page, 2)).to_have_count(3)
    pass_by(run, 600)
    page.wait_for_url(re.compile(r"/report/$"), timeout=15_000)
    expect(page.locator("mark.error")).to_have_text("不知道1")
    expect(page.locator(".faults").first).to_contain_text("太冷。")
    expect(page.locator("#told-1 ~ .outcome").first).to_contain_text("不想说了。")
    expect(page.locator(".missed").first).to_contain_text("应声")
    expect(page.locator(".curve svg")).to_have_count(3)
    items = RecallItem.objects.filter(user=learner, due__date=timezone.localdate() + timedelta(days=1))
    assert items.filter(key="one#t1:cold").exists() or items.filter(key__endswith="#t1:cold").exists()
    page.goto(home + "/practice/desk/")
    expect(page.locator(".past a")).to_have_count(1)


def test_a_run_resumes_after_a_refresh_and_in_a_second_tab(at_desk: Page, begun: DeskRun) -> None:
    """The draft too; and what one tab says the other shows."""
    reply(at_desk).focus()
    at_desk.keyboard.insert_text("您好")
    at_desk.reload()
    expect(reply(at_desk)).to_have_value("您好")
    second = at_desk.context.new_page()
    second.goto(at_desk.url)
    at_desk.bring_to_front()
    reply(at_desk).focus()
    at_desk.keyboard.press("Enter")
    expect(lines(at_desk)).to_have_count(3)
    second.bring_to_front()
    expect(lines(second)).to_have_count(3, timeout=8000)
    say(second, "券后119元")
    expect(second.locator(".pending")).to_have_count(0)
    at_desk.bring_to_front()
    expect(lines(at_desk).filter(has_text="券后119元")).to_have_count(1, timeout=8000)
    assert DeskEvent.objects.filter(chat__run=begun).count() == 2


def test_a_lost_connection_keeps_the_reply(at_desk: Page, begun: DeskRun, watch: Watch) -> None:
    """Sent again when the line is back, once."""
    watch.expected = ["ERR_INTERNET_DISCONNECTED"]
    at_desk.context.set_offline(True)
    say(at_desk, "您好，券后119元。")
    expect(at_desk.locator(".pending")).to_have_count(1)
    expect(at_desk.locator("#chat-1 [data-note]")).to_be_visible()
    at_desk.context.set_offline(False)
    expect(at_desk.locator(".pending")).to_have_count(0, timeout=10_000)
    expect(lines(at_desk).filter(has_text="119元")).to_have_count(1)
    assert DeskEvent.objects.filter(chat__run=begun).count() == 1


def test_an_answer_lost_on_the_way_back_doubles_nothing(at_desk: Page, begun: DeskRun, watch: Watch) -> None:
    """The server has it, the browser cannot know: it sends the same number again."""
    watch.expected = ["ERR_FAILED"]
    lost = iter([True])

    def swallow(route: Route) -> None:
        if next(lost, False):
            route.fetch()
            route.abort()
        else:
            route.continue_()

    at_desk.route("**/send/", swallow)
    say(at_desk, "您好，券后119元。")
    expect(at_desk.locator(".pending")).to_have_count(0, timeout=10_000)
    assert DeskEvent.objects.filter(chat__run=begun).count() == 1


def test_while_an_input_method_composes_nothing_goes_out(at_desk: Page, watch: Watch) -> None:
    """Enter takes the candidate; the reply goes with the next one."""
    reply(at_desk).focus()
    cdp = compose(at_desk, "nihao")
    at_desk.wait_for_timeout(400)
    before = len(watch.to("/state/"))
    at_desk.keyboard.press("Enter")
    at_desk.wait_for_timeout(3500)
    assert watch.to("/send/") == []
    assert len(watch.to("/state/")) == before
    commit(cdp, "您好")
    at_desk.wait_for_timeout(100)  # the Enter of the same instant belongs to the input method
    at_desk.keyboard.press("Enter")
    expect(lines(at_desk)).to_have_count(3)
    expect(lines(at_desk).last.locator("p")).to_have_text("您好")


def test_a_line_of_the_phrasebook_goes_into_the_reply(at_desk: Page, learner: Any) -> None:
    """By key alone; an empty field is to be filled before it goes out, and the copy counts."""
    at_desk.keyboard.press("Alt+Slash")
    expect(box(at_desk)).to_be_focused()
    with at_desk.expect_response(lambda answer: "/dock/?q=" in answer.url):
        at_desk.keyboard.insert_text("qz2")
    expect(at_desk.locator("[aria-selected=true]")).to_have_attribute("data-code", "qz2")
    with at_desk.expect_response("**/copied/"):
        at_desk.keyboard.press("Enter")
    expect(reply(at_desk)).to_be_focused()
    assert "{地区}" in reply(at_desk).input_value()
    at_desk.keyboard.press("Enter")
    expect(at_desk.locator("#chat-1 [data-note]")).to_be_visible()
    assert DeskEvent.objects.count() == 0
    at_desk.keyboard.insert_text("杭州")
    at_desk.keyboard.press("Enter")
    expect(lines(at_desk)).to_have_count(3)
    expect(at_desk.locator(".pending")).to_have_count(0)
    assert DeskEvent.objects.get().card == "qz2"
    assert CopyEvent.objects.filter(user=learner).count() == 1


def test_a_hidden_tab_asks_nothing(at_desk: Page, watch: Watch) -> None:
    hide = "value => { Object.defineProperty(document, 'hidden', {get: () => value, configurable: true});"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    at_desk.evaluate(hide, True)
    at_desk.wait_for_timeout(3300)
    before = len(watch.to("/state/"))
    at_desk.wait_for_timeout(3300)
    assert len(watch.to("/state/")) == before
    with at_desk.expect_response("**/state/"):
        at_desk.evaluate(hide, False)


def test_new_messages_are_said_once_and_quietly(at_desk: Page, begun: DeskRun) -> None:
    """In the one polite region; the countdown is not in it."""
    pass_by(begun, 18)
    live = at_desk.locator("#live")
    expect(live).to_have_attribute("aria-live", "polite")
    expect(live).to_contain_text("最低多少", timeout=8000)
    assert at_desk.locator(".queue [aria-live], .chats [aria-live]").count() == 0


SPOKEN = """() => {
    window.spoken = [];
    new MutationObserver(() => {
        const words = document.getElementById("live").textContent;
        if (words) { window.spoken.push(words); }
    }).observe(document.getElementById("live"), { childList: true, characterData: true, subtree: true });
}"""


def test_all_of_a_message_is_said_and_only_once(at_desk: Page, begun: DeskRun) -> None:
    """A customer who sends two lines at once has said two; looks that bring nothing new and the clock say nothing."""
    at_desk.evaluate(SPOKEN)
    pass_by(begun, 18)
    expect(lines(at_desk, 2)).to_have_count(2, timeout=8000)
    at_desk.wait_for_timeout(4500)  # looks and ticks go on
    spoken = at_desk.evaluate("window.spoken")
    assert [words.split("：")[-1] for words in spoken if "2" in words] == ["老板在吗，最低多少"]
    assert len(spoken) == len(set(spoken))
    assert [words for words in spoken if re.fullmatch(r"\d+ ?(s|秒)", words)] == []


def test_the_focus_stays_in_the_reply(at_desk: Page, begun: DeskRun) -> None:
    """Whatever arrives meanwhile: what is being typed and where the cursor stands are left alone, until Alt and a digit
    change the customer."""
    reply(at_desk).focus()
    at_desk.keyboard.insert_text("您好，在的")
    at_desk.keyboard.press("ArrowLeft")
    pass_by(begun, 18)
    expect(lines(at_desk, 2)).to_have_count(2, timeout=8000)
    at_desk.wait_for_timeout(1500)
    expect(reply(at_desk)).to_be_focused()
    at_desk.keyboard.insert_text("，")
    assert reply(at_desk).input_value() == "您好，在，的"
    at_desk.keyboard.press("Alt+2")
    expect(reply(at_desk, 2)).to_be_focused()
    assert reply(at_desk, 2).input_value() == ""
    at_desk.keyboard.press("Alt+1")
    expect(reply(at_desk)).to_be_focused()
    assert reply(at_desk).input_value() == "您好，在，的"
    at_desk.keyboard.press("Alt+3")  # not here yet: nothing moves
    expect(reply(at_desk)).to_be_focused()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 400)])
def test_everything_is_within_reach_on_little_room(at_desk: Page, width: int, height: int) -> None:
    """On a phone, and on a laptop magnified twice: nothing sideways, and who waits, the last message and the reply can
    be seen together."""
    at_desk.set_viewport_size({"width": width, "height": height})
    assert at_desk.evaluate(BEYOND) == []
    reply(at_desk).focus()
    reply(at_desk).scroll_into_view_if_needed()
    for part in (
        "[data-tab='1'] .left",
        "#chat-1 .talk > li:last-child p",
        "#chat-1 textarea",
        "#chat-1 .reply button",
    ):
        box = at_desk.locator(part).bounding_box()
        assert box is not None
        top, bottom = box["y"], box["y"] + box["height"]
        assert (top >= 0, bottom <= height) == (True, True), part


def test_without_script(visit: Callable[..., Page], learner: Any, begun: DeskRun, home: str) -> None:
    """Plain forms and a link to look again; every customer who has come stands on the page."""
    page = visit(learner, f"/practice/desk/{begun.pk}/", java_script_enabled=False)
    expect(lines(page)).to_have_count(2)
    expect(page.locator("#chat-3")).to_be_hidden()
    reply(page).fill("您好，券后119元。")
    page.locator("#chat-1 button").click()
    assert page.url.endswith("#chat-1")
    expect(lines(page)).to_have_count(3)
    page.locator(".run-head a").click()
    page.locator("form[data-end] button").click()
    page.locator("button.danger").click()
    page.wait_for_url("**/report/")
    expect(page.locator(".told-chat")).to_have_count(3)


def test_everybody_can_use_it(at_desk: Page, begun: DeskRun, home: str, learner: Any) -> None:
    """axe in both themes at two widths, and nothing wider than 320."""
    say(at_desk, "不知道")
    expect(lines(at_desk)).to_have_count(3)
    assert everywhere(at_desk) == {}
    at_desk.set_viewport_size({"width": 320, "height": 700})
    assert at_desk.evaluate(BEYOND) == []
    runs.finish(begun, now=timezone.now() + timedelta(seconds=900))
    at_desk.goto(f"{home}/practice/desk/{begun.pk}/report/")
    for closed in at_desk.locator("details").all():
        closed.evaluate("element => { element.open = true; }")
    assert everywhere(at_desk) == {}
    at_desk.set_viewport_size({"width": 320, "height": 700})
    assert at_desk.evaluate(BEYOND) == []


def test_a_trainer_plays_what_is_being_written(visit: Callable[..., Page], home: str, learner: Any) -> None:
    trainer = factories.person("trainer")
    page = visit(trainer, "/practice/dialogues/one/play/", viewport=WIDE, reduced_motion="reduce")
    expect(page.locator(".graph .box")).to_have_count(6)
    assert everywhere(page) == {}
    page.locator("main button").click()
    page.wait_for_url(re.compile(r"/practice/desk/\d+/$"))
    assert DeskRun.objects.get(user=trainer).preview


# The server dies


@pytest.fixture
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    server = Site(tmp_path_factory.mktemp("desk"))
    server.start()
    yield server
    server.stop()


def test_a_run_survives_a_kill(real_site: Site, new_context: Callable[..., Any]) -> None:
    """A power cut between two replies: what was said is there, what was being said goes out when the site is back."""
    watch = Watch(real_site.address)
    watch.expected = ["ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET"]
    context = new_context(viewport=WIDE)
    watch.follow(context)
    page = context.new_page()
    page.goto(real_site.address + "/practice/desk/")
    who = real_site.account("agent")
    page.locator("[name=username]").fill(who["username"])
    page.locator("[name=password]").fill(who["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/practice/desk/")
    page.locator("[name=random]").click()
    page.wait_for_url(re.compile(r"/practice/desk/\d+/$"))
    expect(page.locator("#chat-1 .talk > li").first).to_be_visible()
    customer = page.locator("#chat-1 .talk > .customer").count()
    say(page, "第一句：您好，在的。")
    expect(page.locator(".pending")).to_have_count(0)
    real_site.kill()
    say(page, "第二句：我来帮您查。")
    expect(page.locator(".pending")).to_have_count(1)
    expect(page.locator("#chat-1 [data-note]")).to_be_visible()
    time.sleep(1)
    real_site.start()
    expect(page.locator(".pending")).to_have_count(0, timeout=30_000)
    page.reload()
    said = page.locator("#chat-1 .talk > .trainee p").all_text_contents()
    assert said == ["第一句：您好，在的。", "第二句：我来帮您查。"]
    assert page.locator("#chat-1 .talk > .customer").count() >= customer
    assert watch.unexpected() == []
