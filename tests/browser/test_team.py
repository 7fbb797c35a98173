"""The board and the item analysis as people use them: axe, narrow windows, fingers, keys, both themes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from tests.training.making import result
from tests.training.services.test_analysis import KEY, SECOND, THIRD, asked
from training.models import Assignment, Path, Question, Quiz

PAGES = {
    "board": "/team/",
    "nobody": "/team/?q=zzz",
    "items": "/team/items/?course=intro",
    "no items": "/team/items/?flag=negative&course=social",
}


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person("trainer", display_name="周老师")


@pytest.fixture
def question(home: str) -> Question:
    """One of the starter questions with a single right answer, misleading and answered by 24 people."""
    found = Question.objects.filter(course="intro", type="single").order_by("code")[0]
    right = next(str(at) for at, option in enumerate(found.body["options"]) if option["right"] == "yes")
    swap = {KEY: right, right: KEY}
    asked(found, [swap.get(key, key) for key in [KEY] * 12 + [SECOND, THIRD] * 6])
    return found


@pytest.fixture
def team(home: str, trainer: Any) -> list[Any]:
    """Five people: somebody strong, somebody weak, somebody new, all three with something due."""
    path, now = Path.objects.get(slug="onboarding"), timezone.now()
    people = [
        factories.person("trainee", display_name=name) for name in ("陈一诺", "李思远", "欧阳娜娜", "王小一", "阿新")
    ]
    factories.team("flagship", *people[:4])
    for at, one in enumerate(people[:4]):
        for slug, competency in (("language", "language"), ("rules", "rules"), ("product", "product")):
            of = Quiz.objects.get(course__code=slug)
            result(one, of, str(10 - 2 * at), "10", now - timedelta(days=at), competency=competency)
        today = timezone.localdate()
        due = today + timedelta(days=at - 2)
        Assignment.objects.create(person=one, path=path, due_on=due, assigned_on=today - timedelta(days=30))
    return people


@pytest.mark.parametrize("name", PAGES)
def test_axe(
    visit: Callable[..., Page], trainer: Any, team: list[Any], question: Question, home: str, name: str
) -> None:
    """Nothing to complain about, narrow and wide, light and dark."""
    page = visit(trainer, reduced_motion="reduce")
    assert everywhere(page, home + PAGES[name]) == {}


def test_axe_of_a_question(visit: Callable[..., Page], trainer: Any, question: Question, home: str) -> None:
    page = visit(trainer, reduced_motion="reduce")
    assert everywhere(page, f"{home}/team/items/{question.code}/") == {}


def test_axe_of_a_person(visit: Callable[..., Page], trainer: Any, team: list[Any], home: str) -> None:
    page = visit(trainer, reduced_motion="reduce")
    assert everywhere(page, f"{home}/team/people/{team[0].pk}/?cell=language") == {}


def test_axe_without_a_team(visit: Callable[..., Page], home: str) -> None:
    page = visit(factories.person("manager"), reduced_motion="reduce")
    assert everywhere(page, f"{home}/team/") == {}


@pytest.mark.parametrize("width", [320, 360, 768])
def test_no_sideways_scrolling(
    visit: Callable[..., Page], trainer: Any, team: list[Any], question: Question, home: str, width: int
) -> None:
    """The tables scroll in their own boxes, the pages never."""
    page = visit(trainer, viewport={"width": width, "height": 740})
    wide = {}
    for path in [*PAGES.values(), f"/team/items/{question.code}/", f"/team/people/{team[0].pk}/"]:
        page.goto(home + path)
        if beyond := page.evaluate(BEYOND):
            wide[path] = beyond
    assert wide == {}


def test_names_stand_still(visit: Callable[..., Page], trainer: Any, team: list[Any]) -> None:
    """On a phone the numbers move sideways under the names."""
    page = visit(trainer, "/team/", viewport={"width": 360, "height": 740})
    name = page.get_by_role("link", name="陈一诺", exact=True)
    before = name.bounding_box()
    page.locator(".sheet-box").evaluate("box => { box.scrollLeft = 400; }")
    assert name.bounding_box() == before


def test_fingers(visit: Callable[..., Page], trainer: Any, team: list[Any], question: Question, home: str) -> None:
    """Nothing to tap is lower than 36 px; the numbers themselves are 44 px high."""
    page = visit(trainer, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    small = {}
    for path in [*PAGES.values(), f"/team/items/{question.code}/"]:
        page.goto(home + path)
        if sizes := page.evaluate(SMALL):
            small[path] = sizes
    assert small == {}
    page.goto(home + "/team/")
    links = page.locator(".board tbody a, .tabs a")
    heights = links.evaluate_all("all => all.map(link => link.getBoundingClientRect().height)")
    assert min(heights) >= 44


def test_arrows_lead_through_the_board(visit: Callable[..., Page], trainer: Any, team: list[Any]) -> None:
    """One stop for Tab; arrows over gaps, Home and End; Enter opens the evidence, and the place is kept."""
    page = visit(trainer, "/team/?sort=name")
    stops = page.locator(".board tbody a:not([tabindex='-1'])")
    expect(stops).to_have_count(1)
    page.locator(".board tbody a").first.focus()
    focused = page.locator(":focus")
    expect(focused).to_have_text("阿新")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_text("阿新")  # nothing shown yet: no number to go to
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_text("陈一诺")
    page.keyboard.press("ArrowRight")
    expect(focused).to_contain_text("100%")
    page.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("79%")
    page.keyboard.press("End")
    expect(stops).to_have_count(1)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    expect(focused).to_have_text("陈一诺")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url("**/team/people/*/?cell=language#language")
    expect(page.locator("#language")).to_have_attribute("open", "")


def test_without_script(visit: Callable[..., Page], trainer: Any, team: list[Any], home: str) -> None:
    """Choosing, sorting and the evidence are plain links and forms."""
    page = visit(trainer, "/team/", java_script_enabled=False)
    page.locator(".choose [name=q]").fill("陈")
    page.locator(".choose button").click()
    expect(page.locator(".board tbody tr")).to_have_count(1)
    page.locator(".board .heat a").first.click()
    expect(page.locator("#language .evidence")).to_be_visible()


def test_retiring_asks_first(visit: Callable[..., Page], trainer: Any, question: Question) -> None:
    """No leaves it as it is; yes takes it out of the quizzes."""
    page = visit(trainer, f"/team/items/{question.code}/")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator(".btn.danger").click()
    question.refresh_from_db()
    assert question.status == "published"
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator(".btn.danger").click()
    expect(page.locator(".messages")).to_be_visible()
    question.refresh_from_db()
    assert question.status == "retired"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shades_can_be_told_apart(visit: Callable[..., Page], trainer: Any, team: list[Any], scheme: str) -> None:
    """Four shades of four numbers, in both themes; the number stands in each."""
    page = visit(trainer, "/team/", color_scheme=scheme)
    shades = page.locator(".legend dt").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(shades)) == 5
