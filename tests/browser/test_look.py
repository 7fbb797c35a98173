"""Theme, motion, small windows, fingers and the focus: what every page owes its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from knowledge.models import Card, Favourite, Snippet
from tests.browser.conftest import Watch
from tests.browser.steps import box

PAGES = {
    "home": "/",
    "phrases": "/phrases/",
    "search": "/phrases/?q=运费",
    "nothing found": "/phrases/?q=☃☃",
    "card": "/phrases/shipping-fee-doubt/",
    "long card": "/phrases/quality-complaint/",
    "dock": "/dock/?q=运费",
    "empty dock": "/dock/",
    "me": "/me/",
    "matrix": "/me/matrix/",
    "courses": "/learn/",
    "lessons found": "/learn/?q=运费",
    "course": "/learn/intro/",
    "lesson": "/learn/intro/intro-all-the-way/",
    "closed lesson": "/learn/rules/rules-return-in-four/",
    "path": "/paths/onboarding/",
    "quiz door": "/learn/intro/quiz/",
    "closed exam door": "/exams/onboarding/",
    "practice door": "/practice/mistakes/",
    "recall": "/review/",
    "wrong answers": "/review/mistakes/",
    "better reply": "/practice/better/",
    "typing": "/practice/typing/",
    "short codes": "/practice/codes/",
    "practice": "/practice/",
    "reply check": "/check/",
    "desk door": "/practice/desk/",
    "no certificate": "/certificates/NONE/",
    "settings": "/me/settings/",
    "password": "/accounts/password_change/",
    "snippet": "/me/snippets/new/",
    "404": "/phrases/no-such-card/",
}
# The elements that reach beyond the window's right edge, unless something around them scrolls by itself.
BEYOND = """() => {
  const scrolls = element => {
    for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
      if (/auto|scroll|hidden/.test(getComputedStyle(up).overflowX)) { return true; }
    }
    return false;
  };
  const wide = [...document.querySelectorAll("body *")].filter(element =>
    element.offsetParent && !element.closest(".hidden, .skip")
    && element.getBoundingClientRect().right > innerWidth + 1 && !scrolls(element));
  const page = document.documentElement.scrollWidth > innerWidth ? ["the page"] : [];
  return [...page, ...wide.map(element => `${element.tagName}.${element.className}`)].slice(0, 5);
}"""
# What a finger would miss.
SMALL = """() => {
  const targets = "button, .btn, .chips a, .bar a, input:not([type=hidden]):not([type=radio]):not([type=checkbox])";
  return [...document.querySelectorAll(targets)]
    .filter(element => element.offsetParent && !element.closest(".hidden"))
    .map(element => [`${element.outerHTML.slice(0, 60)}`, Math.round(element.getBoundingClientRect().height)])
    .filter(([name, height]) => height < 36);
}"""
DARK, LIGHT = "rgb(20, 23, 26)", "rgb(251, 250, 246)"


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_theme_follows_the_system_until_chosen(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """Light and dark by the system; the switch wins, is kept with the person, and needs no reload."""
    page = visit(agent, "/", color_scheme="dark")
    assert background(page) == DARK
    page.emulate_media(color_scheme="light")
    assert background(page) == LIGHT
    with page.expect_response("**/me/theme/") as answer:
        page.locator("[data-theme-switch] button").click()
    assert answer.value.status == 204
    assert background(page) == DARK
    agent.refresh_from_db()
    assert agent.theme == "dark"
    page.goto(home + "/dock/")
    assert background(page) == DARK
    page.goto(home + "/")
    with page.expect_response("**/me/theme/"):
        page.locator("[data-theme-switch] button").click()
    assert background(page) == LIGHT
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert background(page) == LIGHT
    agent.refresh_from_db()
    assert agent.theme == "light"


def test_motion_is_short_and_can_be_off(visit: Callable[..., Page], agent: Any) -> None:
    """Transitions stay under 150 ms; whoever asks for no motion gets none."""
    durations = (
        "[...document.querySelectorAll('*')].map(element => getComputedStyle(element))"
        ".flatMap(style => [style.transitionDuration, style.animationDuration])"
        ".flatMap(text => text.split(',')).map(parseFloat)"
    )
    page = visit(agent, "/phrases/shipping-fee-doubt/")
    assert 0 < max(page.evaluate(durations)) < 0.15
    page.emulate_media(reduced_motion="reduce")
    assert max(page.evaluate(durations)) == 0


@pytest.fixture
def furnished(agent: Any, blueberries: Card) -> Any:
    """An agent with a favourite and a snippet, so that no list is empty."""
    Favourite.objects.create(user=agent, line=blueberries.say[1])
    Snippet.objects.create(user=agent, code="zz1", title="下班前交接", text="W" * 80)
    return agent


@pytest.mark.parametrize("width", [320, 360, 768])
def test_no_sideways_scrolling(
    visit: Callable[..., Page], furnished: Any, home: str, watch: Watch, blueberries: Card, width: int
) -> None:
    """Every page fits its window: 360 px, and 320 px, which is 640 px at 200 %."""
    watch.expected = ["status of 404"]
    page = visit(furnished, viewport={"width": width, "height": 740})
    wide = {}
    for name, path in {**PAGES, "feedback": f"/lines/{blueberries.say[1].uuid}/feedback/"}.items():
        page.goto(home + path)
        beyond = page.evaluate(BEYOND)
        if beyond:
            wide[name] = beyond
    assert wide == {}


def test_sign_in_page_fits(visit: Callable[..., Page]) -> None:
    """The first page anybody sees fits a phone as well."""
    page = visit(None, "/accounts/login/", viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_fingers(visit: Callable[..., Page], furnished: Any, home: str, watch: Watch, blueberries: Card) -> None:
    """On a touch screen nothing to tap is lower than 36 px, links in running text aside."""
    page = visit(furnished, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    small = {}
    places = ("/", "/phrases/?q=运费", "/phrases/blueberries/", "/dock/?q=运费", "/me/")
    for path in (*places, "/learn/", "/learn/intro/", "/learn/intro/intro-all-the-way/", "/paths/onboarding/"):
        page.goto(home + path)
        sizes = page.evaluate(SMALL)
        if sizes:
            small[path] = sizes
    assert small == {}


def test_touch_brings_up_no_keyboard(visit: Callable[..., Page], agent: Any, home: str) -> None:
    """The search box takes the focus with a mouse, never on a phone, where it would hide half the page."""
    fine = visit(agent, "/")
    expect(box(fine)).to_be_focused()
    touch = visit(agent, "/", has_touch=True, is_mobile=True)
    expect(touch.locator("html.scripted")).to_have_count(1)
    expect(box(touch)).to_have_attribute("role", "combobox")
    expect(box(touch)).not_to_be_focused()


def test_tap_copies(visit: Callable[..., Page], agent: Any, home: str, blueberries: Card) -> None:
    """A finger on a line copies it."""
    page = visit(agent, "/dock/?q=lm3", has_touch=True, is_mobile=True)
    page.locator("[data-code=lm3]").tap()
    expect(page.locator("#live")).to_contain_text("lm3")
    assert page.evaluate("navigator.clipboard.readText()") == blueberries.say[2].text


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/phrases/?q=运费", "/phrases/shipping-fee-doubt/", "/dock/?q=运费", "/me/"),
        *("/learn/", "/learn/intro/intro-all-the-way/"),
    ],
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_visible(visit: Callable[..., Page], agent: Any, path: str, scheme: str) -> None:
    """Tab never leads to a place that cannot be seen or does not show that it has the focus."""
    page = visit(agent, path, color_scheme=scheme)
    page.evaluate("document.activeElement.blur()")
    unseen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        problem = page.evaluate(
            "() => { const at = document.activeElement; if (!at || at === document.body) return '';"
            " const style = getComputedStyle(at), box = at.getBoundingClientRect();"
            " const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;"
            " const glow = at.closest('.search') && getComputedStyle(at.closest('.search')).boxShadow !== 'none';"
            " const inside = box.bottom > 0 && box.top < innerHeight && box.width > 0;"
            " return (ring || glow) && inside ? '' : at.outerHTML.slice(0, 90) + JSON.stringify(box); }"
        )
        if problem:
            unseen.append(problem)
    assert unseen == []


def test_skip_link(visit: Callable[..., Page], agent: Any) -> None:
    """The first Tab offers the way past the bar, and it leads there."""
    page = visit(agent, "/phrases/shipping-fee-doubt/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_chosen_filter_keeps_the_focus(visit: Callable[..., Page], agent: Any) -> None:
    """Choosing a filter by keyboard replaces the results, not the reader's place."""
    page = visit(agent, "/phrases/?q=运费")
    chip = page.locator("[aria-labelledby=filter-stage] a").nth(3)
    chip.focus()
    with page.expect_response("**/phrases/?*"):
        page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-current", "true")
    expect(chip).to_be_focused()
