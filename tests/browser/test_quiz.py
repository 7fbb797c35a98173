"""An attempt in a real browser: whatever happens to the connection, the session, the clock or the server, no saved
answer is lost and none counts twice."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from accounts.roles import TRAINEE
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.steps import commit, compose
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from tests.training import making
from training.models import Attempt, AttemptItem, Quiz
from training.services import questions, quizzes

KINDS = ("single", "multiple", "truefalse", "better", "ordering", "matching", "fill", "rewrite")


@pytest.fixture
def learner(home: str) -> Any:
    return factories.person(TRAINEE, locale="en")


@pytest.fixture
def quiz(home: str) -> Quiz:
    return making.quiz("all-types")


@pytest.fixture
def attempt(learner: Any, quiz: Quiz) -> Attempt:
    """An open attempt with one question of each type, in the order of KINDS."""
    return begin(learner, quiz)


def begin(learner: Any, quiz: Quiz, limit: int | None = None) -> Attempt:
    made = Attempt.objects.create(
        user=learner,
        quiz=quiz,
        number=1,
        deadline=timezone.now() + timedelta(seconds=limit) if limit else None,
    )
    for at, kind in enumerate(KINDS, 1):
        asked = making.frozen(kind)
        for option in asked.get("options", []):
            option.setdefault("text", option.get("line", ""))
        AttemptItem.objects.create(attempt=made, position=at, question_version=1, competency="language", document=asked)
    return made


def item(attempt: Attempt, kind: str) -> AttemptItem:
    return attempt.items.get(position=KINDS.index(kind) + 1)


def question(page: Page, kind: str) -> Any:
    return page.locator(f"[data-q][data-kind={kind}]")


def status(page: Page) -> Any:
    return page.locator("[data-saved]")


def saved(page: Page) -> None:
    expect(status(page)).to_have_text("Saved")


def choose(page: Page, kind: str, key: str) -> None:
    question(page, kind).locator(f"label input[value='{key}']").check()


def answers(page: Page) -> list[Any]:
    """What every question shows, as the page itself reads it."""
    found: list[Any] = page.evaluate(
        "[...document.querySelectorAll('[data-q]')].map(field => window.portal.answers.read(field))"
    )
    return found


def stored(attempt: Attempt) -> list[Any]:
    return list(attempt.items.order_by("position").values_list("answer", flat=True))


def kept(page: Page) -> list[str]:
    names: list[str] = page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('quiz/'))")
    return names


def answer_everything(page: Page) -> None:
    """By mouse and keyboard, one of each type; the order is moved by its buttons."""
    choose(page, "single", "1")
    choose(page, "multiple", "0")
    choose(page, "multiple", "2")
    choose(page, "truefalse", "1")
    choose(page, "better", "0")
    question(page, "ordering").locator("[data-move='1']").first.press("Enter")
    question(page, "matching").locator("select").nth(0).select_option("0")
    question(page, "matching").locator("select").nth(2).select_option("1")
    question(page, "fill").locator("input[type=text]").fill("7 天")
    question(page, "rewrite").locator("textarea").fill("抱歉，\n换一件可以吗？")
    expect(page.locator("[data-done]")).to_have_text("8")


def test_every_answer_is_saved_and_there_again(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch
) -> None:
    """A reload in the middle shows every saved answer, in the very places; nothing of them stands in an address."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    answer_everything(page)
    saved(page)
    shown = answers(page)
    assert shown == stored(attempt)
    assert shown[1] == ["0", "2"]
    assert shown[5] == {"0": "0", "2": "1"}
    assert kept(page) == []
    page.reload()
    assert answers(page) == shown
    expect(page.locator("[data-done]")).to_have_text("8")
    assert [request.url for request in watch.requests if "?" in request.url] == []


def test_the_way_through(visit: Callable[..., Page], learner: Any, home: str) -> None:
    """Door, attempt, the question about what is open, result, practice of what was wrong: by the visible buttons."""
    making.pool("closing", 2)
    course = making.course("extra", title="加课")
    making.quiz("extra", course=course, rules=[{"course": "closing", "competency": "language", "count": 2}])
    page = visit(learner, "/learn/extra/quiz/")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(re.compile(r"/attempts/\d+/$"))
    first = page.locator("[data-q]").first
    answer_first_option(first)
    page.locator("[data-bar] [data-hand-in]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("li")).to_have_text(["Question 2"])
    dialog.get_by_role("link", name="Question 2").click()
    expect(page.locator("#q2")).to_be_focused()
    page.locator("[data-bar] [data-hand-in]").click()
    dialog.get_by_role("button", name="Hand in as it is").click()
    page.wait_for_url(re.compile(r"/result/$"))
    expect(page.locator("details.none[open]")).to_have_count(1)
    page.get_by_role("link", name="Practise what went wrong").click()
    page.get_by_role("button", name="Start practising").click()
    page.wait_for_url(re.compile(r"/attempts/\d+/$"))
    assert Attempt.objects.open().get().quiz.slug == "practice"


def test_order_by_keyboard_and_by_dragging(visit: Callable[..., Page], learner: Any, attempt: Attempt) -> None:
    """The moved step keeps the focus and its new place is said; dragging ends in the same answer."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    steps = question(page, "ordering").locator("li")
    words = steps.locator("[data-text]").all_text_contents()
    button = steps.nth(0).locator("[data-move='1']")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#live")).to_have_text(f"{words[0]}: now 2 of 4")
    expect(steps.nth(1).locator("[data-move='1']")).to_be_focused()
    saved(page)
    assert steps.locator("[data-text]").all_text_contents() == [words[1], words[0], *words[2:]]
    steps.nth(3).drag_to(steps.nth(0), target_position={"x": 20, "y": 3})
    expect(steps.nth(0).locator("[data-text]")).to_have_text(words[3])
    saved(page)
    keys = steps.evaluate_all("all => all.map(step => step.dataset.key)")
    assert item(attempt, "ordering").answer == keys


def test_an_order_that_is_right_as_it_stands(visit: Callable[..., Page], learner: Any, attempt: Attempt) -> None:
    """Whoever would move nothing can still answer."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    page.locator("[data-keep]").click()
    saved(page)
    assert item(attempt, "ordering").answer == [step["key"] for step in item(attempt, "ordering").document["steps"]]
    expect(page.locator("[data-keep]")).to_be_hidden()


def test_lost_connection_and_back(visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch) -> None:
    """It says so, keeps what is answered through a reload, and sends it when the server answers again."""
    watch.expected = ["ERR_FAILED", "ERR_INTERNET"]
    page = visit(learner, f"/attempts/{attempt.pk}/")
    page.route("**/items/*/", lambda route: route.abort())
    choose(page, "single", "1")
    question(page, "fill").locator("input[type=text]").fill("8 天")
    expect(status(page)).to_have_text(re.compile("The connection is down"))
    expect(page.locator("#live")).to_have_text(re.compile("All answers are kept"))
    assert stored(attempt) == [None] * 8
    assert len(kept(page)) == 2
    page.reload()
    assert answers(page)[0] == "1"
    page.unroute("**/items/*/")
    saved(page)
    assert (item(attempt, "single").answer, item(attempt, "fill").answer) == ("1", "8 天")
    assert kept(page) == []


def test_session_ended(visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str, watch: Watch) -> None:
    """请重新登录, with a way that leads back here; what was chosen meanwhile is sent after it."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    Session.objects.all().delete()
    choose(page, "single", "2")
    expect(status(page)).to_have_text(re.compile("Please sign in again"))
    assert item(attempt, "single").answer is None
    status(page).locator("a").click()
    page.locator("[name=username]").fill(learner.username)
    page.locator("[name=password]").fill("secret-words")
    page.locator("button[type=submit]").click()
    page.wait_for_url(home + f"/attempts/{attempt.pk}/")
    saved(page)
    assert answers(page)[0] == "2"
    assert item(attempt, "single").answer == "2"


def test_signing_in_as_somebody_else_takes_the_kept_answers_away(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str, watch: Watch
) -> None:
    """A shared shop computer: the next person finds nothing of the one before."""
    watch.expected = ["ERR_FAILED"]
    page = visit(learner, f"/attempts/{attempt.pk}/")
    page.route("**/items/*/", lambda route: route.abort())
    choose(page, "single", "2")
    expect(status(page)).to_have_text(re.compile("The connection is down"))
    assert kept(page) == [f"quiz/{learner.pk}/{attempt.pk}/1"]
    other = factories.person(TRAINEE)
    from tests.browser.conftest import sign_in

    sign_in(page.context, other, home)
    page.goto(home + "/practice/mistakes/")
    assert kept(page) == []


def test_two_windows_the_choice_made_now_wins(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch
) -> None:
    """Both are online: whoever chooses last is right, and the other window shows it when it is looked at."""
    watch.expected = ["status of 409"]
    one = visit(learner, f"/attempts/{attempt.pk}/")
    two = one.context.new_page()
    two.goto(one.url)
    choose(one, "single", "1")
    saved(one)
    with two.expect_response(lambda answer: "/items/1/" in answer.url and answer.status == 200):
        choose(two, "single", "2")
    saved(two)
    assert item(attempt, "single").answer == "2"
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(question(one, "single").locator("label input[value='2']")).to_be_checked()
    assert Attempt.objects.count() == 1


def test_two_windows_an_old_queue_gives_way(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch
) -> None:
    """What was chosen without a connection does not overwrite what the other window saved since; it says so."""
    watch.expected = ["ERR_FAILED", "status of 409"]
    one = visit(learner, f"/attempts/{attempt.pk}/")
    one.route("**/items/*/", lambda route: route.abort())
    for key in ("0", "1", "0"):
        choose(one, "single", key)
    expect(status(one)).to_have_text(re.compile("The connection is down"))
    two = one.context.new_page()
    two.goto("about:blank")
    quizzes.answer(attempt, 1, "2", sequence=1, seconds=1, now=timezone.now())
    one.unroute("**/items/*/")
    expect(question(one, "single").locator("label input[value='2']")).to_be_checked()
    expect(question(one, "single").locator("[data-said]")).to_have_text(
        "Another window has a newer answer to question 1; it is shown here now."
    )
    saved(one)
    assert item(attempt, "single").answer == "2"


def test_an_answer_whose_receipt_was_lost_is_no_conflict(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch
) -> None:
    """The server saved it, the word of it got lost: sent again, it is the same answer and nobody is told anything."""
    watch.expected = ["ERR_FAILED", "status of 409"]
    page = visit(learner, f"/attempts/{attempt.pk}/")
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.url)
        route.fetch()
        route.abort()

    page.route("**/items/*/", lose)
    choose(page, "single", "1")
    saved(page)
    assert len(lost) == 1
    expect(question(page, "single").locator("[data-said]")).to_be_hidden()
    assert (item(attempt, "single").answer, item(attempt, "single").sequence) == ("1", 1)


def test_a_second_choice_after_a_lost_receipt_wins(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, watch: Watch
) -> None:
    """The server has this window's own first choice: that is no other window, even through a reload."""
    watch.expected = ["ERR_FAILED", "status of 409"]
    page = visit(learner, f"/attempts/{attempt.pk}/")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    def cut(route: Route) -> None:
        route.abort()

    for reload, (first, second) in ((False, ("1", "2")), (True, ("0", "1"))):
        page.route("**/items/*/", lose, times=1)
        choose(page, "single", first)
        expect(status(page)).to_have_text(re.compile("The connection is down"))
        page.route("**/items/*/", cut)
        choose(page, "single", second)
        assert item(attempt, "single").answer == first
        if reload:
            page.reload()
        page.unroute("**/items/*/")
        saved(page)
        assert (item(attempt, "single").answer, answers(page)[0]) == (second, second)
        expect(question(page, "single").locator("[data-said]")).to_be_hidden()


def test_double_submit_and_the_way_back(visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str) -> None:
    """Two clicks, the other window, the back button: one result, and all ways lead to it."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    answer_everything(page)
    other = page.context.new_page()
    other.goto(page.url)
    page.locator("[data-bar] [data-hand-in]").dblclick()
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    graded = Attempt.objects.get()
    other.locator("[data-bar] [data-hand-in]").click()
    other.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    page.goto(home + f"/attempts/{attempt.pk}/")
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    again = Attempt.objects.get()
    assert (again.points, again.finished_at, again.state) == (graded.points, graded.finished_at, "finished")


def test_the_clock_runs_out_with_an_answer_in_flight(
    visit: Callable[..., Page], learner: Any, quiz: Quiz, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 0 the page hands in by itself, and what had not arrived goes along."""
    stuck = threading.Event()
    monkeypatch.setattr(quizzes, "answer", lambda *_args, **_values: stuck.wait(20))
    attempt = begin(learner, quiz, limit=3600)
    page = visit(learner)
    page.clock.install()
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() + timedelta(seconds=6))
    page.goto(home + f"/attempts/{attempt.pk}/")
    right = making.right_answer(item(attempt, "single").document)
    choose(page, "single", right)
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^0:0\d left$"))
    page.clock.run_for(7000)
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    stuck.set()
    graded = Attempt.objects.get()
    assert (graded.state, item(graded, "single").answer, item(graded, "single").points) == ("finished", right, 1)
    assert kept(page) == []


def test_the_clock_runs_out_without_a_connection(
    visit: Callable[..., Page], learner: Any, quiz: Quiz, home: str, watch: Watch
) -> None:
    """It keeps trying; after the grace the server takes nothing more, counts what it had, and the result says so."""
    watch.expected = ["ERR_FAILED", "status of 409"]
    attempt = begin(learner, quiz, limit=3600)
    right = making.right_answer(item(attempt, "single").document)
    page = visit(learner)
    page.clock.install()
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() + timedelta(seconds=5))
    page.goto(home + f"/attempts/{attempt.pk}/")
    choose(page, "single", right)
    saved(page)
    page.context.route("**/attempts/**", lambda route: route.abort())
    choose(page, "truefalse", "1")
    page.clock.run_for(6000)
    expect(status(page)).to_have_text(re.compile("The connection is down"))
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(seconds=6))
    page.context.unroute("**/attempts/**")
    page.clock.run_for(20_000)
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    expect(page.locator(".messages")).to_contain_text("This attempt is finished; what was saved in time is counted.")
    assert (item(attempt, "single").answer, item(attempt, "truefalse").answer) == (right, None)
    assert (Attempt.objects.get().points, kept(page)) == (1, [])


def test_the_clock_is_said_three_times(visit: Callable[..., Page], learner: Any, quiz: Quiz, home: str) -> None:
    """At 5 minutes, 1 minute and 10 seconds, politely; what is shown follows the server's word."""
    attempt = begin(learner, quiz, limit=330)
    page = visit(learner)
    page.clock.install()
    page.goto(home + f"/attempts/{attempt.pk}/")
    live = page.locator("#live")
    page.clock.run_for(40_000)
    expect(live).to_have_text("5 minutes left.")
    page.clock.run_for(240_000)
    expect(live).to_have_text("One minute left.")
    page.clock.run_for(41_000)
    expect(live).to_have_text("10 seconds left. Everything is handed in by itself.")
    choose(page, "single", "1")
    page.clock.run_for(1000)
    saved(page)
    # For the server hardly any time has passed: the page's clock follows it.
    expect(page.locator("[data-clock]")).to_have_text(re.compile(r"^5:\d\d left$"))


def test_time_is_up_on_the_next_look(visit: Callable[..., Page], learner: Any, quiz: Quiz, home: str) -> None:
    """Whoever comes back late finds the result, not a page that takes no answers."""
    attempt = begin(learner, quiz, limit=60)
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(minutes=5))
    page = visit(learner, f"/attempts/{attempt.pk}/")
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")
    assert Attempt.objects.get().state == "finished"


@pytest.mark.parametrize("kind", ["fill", "rewrite"])
def test_nothing_goes_out_while_composing(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str, watch: Watch, kind: str
) -> None:
    """Half a word in spelling is no answer; Enter confirms it and hands nothing in."""
    page = visit(learner)
    page.clock.install()
    page.goto(home + f"/attempts/{attempt.pk}/")
    question(page, kind).locator("input[type=text], textarea").focus()
    before = len(watch.requests)
    cdp = compose(page, "qitian")
    page.keyboard.press("Enter")
    page.clock.run_for(20_000)
    assert [request.url for request in watch.requests[before:]] == []
    with page.expect_response(f"**/items/{KINDS.index(kind) + 1}/"):
        commit(cdp, "七天")
        page.clock.run_for(2000)
    saved(page)
    assert item(attempt, kind).answer == "七天"


def test_enter_in_a_gap_hands_nothing_in(visit: Callable[..., Page], learner: Any, attempt: Attempt) -> None:
    """The habit of ending a word with Enter must not end the exam."""
    page = visit(learner, f"/attempts/{attempt.pk}/")
    question(page, "fill").locator("input[type=text]").fill("七天")
    page.keyboard.press("Enter")
    saved(page)
    assert (item(attempt, "fill").answer, Attempt.objects.get().state) == ("七天", "open")


def test_without_script(visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str) -> None:
    """One form: save, come back, be asked about what is open, hand in. An order is given by numbers."""
    page = visit(learner, f"/attempts/{attempt.pk}/", java_script_enabled=False)
    choose(page, "single", "1")
    question(page, "fill").locator("input[type=text]").fill("7 天")
    places = question(page, "ordering").locator("select")
    for at, place in enumerate(("2", "1", "4", "3")):
        places.nth(at).select_option(place)
    page.locator("[data-bar] button", has_text="Save").click()
    expect(page.locator(".messages")).to_contain_text("Saved.")
    expect(question(page, "single").locator("label input[value='1']")).to_be_checked()
    assert item(attempt, "ordering").answer == [
        item(attempt, "ordering").document["steps"][at]["key"] for at in (1, 0, 3, 2)
    ]
    choose(page, "truefalse", "1")
    page.locator("[data-bar] [data-hand-in]").click()
    expect(page.locator(".open-ones li")).to_have_text([f"Question {at}" for at in (2, 4, 6, 8)])
    assert item(attempt, "truefalse").answer == "1"
    page.get_by_role("button", name="Hand in as it is").click()
    page.wait_for_url(home + f"/attempts/{attempt.pk}/result/")


def test_seconds_are_those_of_looking_at_a_question(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str
) -> None:
    """Time with the page in front and somebody there, on the question in view; never more than has passed."""
    Attempt.objects.filter(pk=attempt.pk).update(started_at=timezone.now() - timedelta(hours=1))
    page = visit(learner)
    page.clock.install()
    page.goto(home + f"/attempts/{attempt.pk}/")
    question(page, "rewrite").locator("textarea").focus()
    page.keyboard.press("Shift")
    page.clock.run_for(30_000)
    page.clock.run_for(600_000)  # gone for tea: the minute after the last movement counts, the rest does not
    question(page, "rewrite").locator("textarea").fill("抱歉。")
    page.clock.run_for(1000)
    saved(page)
    assert 55 <= item(attempt, "rewrite").seconds <= 65
    assert item(attempt, "fill").seconds == 0


def test_every_page_is_accessible_and_fits(
    visit: Callable[..., Page], learner: Any, attempt: Attempt, home: str, watch: Watch
) -> None:
    """axe in both themes, no sideways scrolling at 320 px, targets for fingers: the attempt in its states, the
    question about what is open, and the result of every type."""
    watch.expected = ["ERR_FAILED"]
    page = visit(learner, reduced_motion="reduce", has_touch=True, is_mobile=True)
    address = home + f"/attempts/{attempt.pk}/"
    wrong: dict[str, Any] = {}

    def look(state: str) -> None:
        found: dict[str, Any] = {**everywhere(page)}
        for width in (768, 320):
            page.set_viewport_size({"width": width, "height": 740})
            found |= {f"{width} px": beyond} if (beyond := page.evaluate(BEYOND)) else {}
        found |= {"fingers": small} if (small := page.evaluate(SMALL)) else {}
        if found:
            wrong[state] = found

    page.goto(address)
    look("fresh")
    answer_everything(page)
    saved(page)
    question(page, "fill").locator("input[type=text]").fill("")
    page.locator("[data-bar] [data-hand-in]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("asked")
    page.get_by_role("button", name="Go on answering").click()
    page.route("**/items/*/", lambda route: route.abort())
    choose(page, "single", "2")
    expect(status(page)).to_have_text(re.compile("The connection is down"))
    look("offline")
    page.unroute("**/items/*/")
    saved(page)
    page.locator("[data-bar] [data-hand-in]").click()
    page.get_by_role("button", name="Hand in as it is").click()
    page.wait_for_url("**/result/")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    look("result")
    assert wrong == {}


def test_without_script_it_fits(visit: Callable[..., Page], learner: Any, attempt: Attempt) -> None:
    """The selects of an order stand beside its steps on a phone too."""
    page = visit(learner, f"/attempts/{attempt.pk}/", java_script_enabled=False, viewport={"width": 320, "height": 700})
    assert page.locator("main").evaluate("element => element.scrollWidth") <= 320


def test_preview_of_a_question(visit: Callable[..., Page], home: str) -> None:
    """A trainer orders by the same buttons and reads what a learner would."""
    trainer = factories.person("trainer", locale="en")
    questions.save_document(making.document("ordering", id="closing-zz"), "closing")
    page = visit(trainer, "/questions/closing-zz/preview/", reduced_motion="reduce")
    assert everywhere(page) == {}
    page.locator("[data-keep]").click()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("section.told")).to_contain_text("The right order, and what stood there")
    assert everywhere(page) == {}


def answer_first_option(field: Locator) -> None:
    """Something in this question, whatever its type."""
    kind = field.get_attribute("data-kind")
    if kind in {"fill", "rewrite"}:
        field.locator("input[type=text], textarea").fill("您好，我来查。")
    elif kind == "matching":
        field.locator("select").first.select_option(index=1)
    elif kind == "ordering":
        field.locator("[data-keep]").click()
    else:
        field.locator("label input").first.check()


def attempt_survives_a_kill(running: Any, page: Page) -> None:
    """SIGKILL to master and workers with an answer on its way: what was saved is there, what was not is sent after it.

    Called by the one test that starts the site (tests/browser/test_server.py); the page is signed in.
    """
    page.goto(running.address + "/learn/intro/quiz/")
    page.locator("main form button").click()
    page.wait_for_url("**/attempts/*/")
    words = {name: page.locator("#sheet").get_attribute(f"data-say-{name}") or "" for name in ("saved", "offline")}
    fields = page.locator("[data-q]")
    for at in range(3):
        answer_first_option(fields.nth(at))
    expect(status(page)).to_have_text(words["saved"])
    before = answers(page)[:3]
    running.kill()
    for at in range(3, 5):
        answer_first_option(fields.nth(at))
    expect(status(page)).to_have_text(words["offline"])
    running.start()
    expect(status(page)).to_have_text(words["saved"], timeout=30_000)
    shown = answers(page)[:5]
    page.reload()
    assert answers(page)[:5] == shown
    assert shown[:3] == before
    assert None not in shown
    assert answers(page)[5:] == [None] * (fields.count() - 5)
    page.locator("[data-bar] [data-hand-in]").click()
    page.locator("[data-sure]").click()
    page.wait_for_url("**/result/")
    expect(page.locator("details.none")).to_have_count(page.locator("details").count() - 5)
