"""A path is assigned and agreed on in a real browser, by keys, narrow and wide, in both themes, and without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Team, User
from accounts.services import teams
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from training.models import Assignment, DeadlineChange, Path

NAMES = "王小满 李知夏 陈一帆 欧阳若水 周远 何小满 赵晓雨 孙立 吴琼".split()


@pytest.fixture
def trainer(home: str) -> User:
    return factories.person("trainer", display_name="王老师", locale="en")


@pytest.fixture
def shop(trainer: User) -> Team:
    """Nine people, one of them overdue, one with more time, one exempt."""
    team = factories.team("shop", leaders=[factories.person("manager")])
    people = [factories.person("agent", display_name=name, staff_number=f"A{at}") for at, name in enumerate(NAMES)]
    teams.move(people, team, timezone.localdate() - timedelta(60))
    path, today = Path.objects.get(slug="after-sale"), timezone.localdate()
    Assignment.objects.create(
        path=path, person=people[0], due_on=today - timedelta(2), assigned_on=today - timedelta(9)
    )
    for person, kind, day in ((people[1], "extension", today + timedelta(30)), (people[2], "exemption", None)):
        Assignment.objects.create(path=path, person=person, due_days=5, created_by=trainer)
        DeadlineChange.objects.create(person=person, path=path, kind=kind, due_on=day, reason="请了病假", by=trainer)
    return team


def addresses(home: str) -> list[str]:
    person = User.objects.get(display_name="李知夏")
    paths = ("/team/deadlines/?state=all", "/team/deadlines/assign/", f"/team/deadlines/{person.pk}/after-sale/")
    return [home + path for path in paths]


def test_a_team_gets_a_path_by_keys_alone(visit: Callable[..., Page], trainer: User, shop: Team) -> None:
    """Choose, narrow, tick, send; then more time for one of them, with the reason."""
    page = visit(trainer, "/team/deadlines/", viewport={"width": 1280, "height": 900})
    page.get_by_role("link", name="Assign a path").press("Enter")
    page.get_by_label("Path").select_option("onboarding")
    page.get_by_role("checkbox", name="shop", exact=True).press("Space")
    narrow = page.get_by_label("Show only those with")
    narrow.fill("小满")
    expect(page.locator("#id_people li:visible")).to_have_count(2)
    expect(page.locator("[data-shown]")).to_have_text("2 shown")
    narrow.press("Enter")  # finds, and does not send the form off
    page.get_by_role("button", name="Assign").press("Enter")
    expect(page.locator(".messages")).to_contain_text("is assigned")
    expect(page.locator("ul.dues").first.locator("li")).to_have_count(11)
    page.get_by_role("link", name="Extend or exempt: 周远").press("Enter")
    day = (timezone.localdate() + timedelta(20)).isoformat()
    page.get_by_label("New day").fill(day)
    page.get_by_label("Reason").fill("婚假")
    page.get_by_label("Reason").press("Enter")
    expect(page.locator("ul.dues").first).to_contain_text("婚假 (王老师")
    expect(page.locator("ul.dues").first).to_contain_text(f"until {day}")


def test_without_script(visit: Callable[..., Page], trainer: User, shop: Team) -> None:
    """The whole list is there, and the form works."""
    page = visit(trainer, "/team/deadlines/assign/", java_script_enabled=False)
    expect(page.locator("[data-narrow]")).to_be_hidden()
    page.get_by_label("Path").select_option("onboarding")
    page.locator("#id_people").get_by_label("孙立").check()
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".messages")).to_contain_text("is assigned")


def test_the_learner_reads_the_day_at_home(visit: Callable[..., Page], shop: Team) -> None:
    """Kindly, in Chinese or not, with the next step of that path as the one button."""
    person = User.objects.get(display_name="王小满")
    page = visit(person, "/")
    expect(page.locator(".today .due-on")).to_contain_text("2")
    expect(page.locator(".today .of a")).to_have_attribute("href", "/paths/after-sale/")
    page.locator(".today .of a").click()
    expect(page.locator(".due-line")).to_be_visible()


def test_accessible(visit: Callable[..., Page], trainer: User, shop: Team, home: str) -> None:
    page = visit(trainer, reduced_motion="reduce")
    assert {address: everywhere(page, address) for address in addresses(home)} == {
        address: {} for address in addresses(home)
    }


def test_errors_are_accessible(visit: Callable[..., Page], trainer: User, shop: Team, home: str, watch: Watch) -> None:
    """An empty form, refused: the summary names each field and leads to it."""
    watch.expected = ["status of 422"]
    page = visit(trainer, reduced_motion="reduce")
    for address in addresses(home)[1:]:
        page.goto(address)
        page.locator("form.form").evaluate("form => { form.noValidate = true; form.submit(); }")
        expect(page.locator("[data-error-summary]")).to_be_visible()
        assert everywhere(page) == {}


@pytest.mark.parametrize("width", [320, 360, 768, 1440])
def test_no_sideways_scrolling(visit: Callable[..., Page], trainer: User, shop: Team, home: str, width: int) -> None:
    page = visit(trainer, viewport={"width": width, "height": 800})
    found = {}
    for address in addresses(home):
        page.goto(address)
        found[address] = page.evaluate(BEYOND)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_fingers(visit: Callable[..., Page], trainer: User, shop: Team, home: str) -> None:
    page = visit(trainer, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    found = {}
    for address in addresses(home):
        page.goto(address)
        found[address] = page.evaluate(SMALL)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [768, 1440])
def test_members_are_chosen_in_the_admin(visit: Callable[..., Page], trainer: User, shop: Team, width: int) -> None:
    """By name, with the keyboard; those ticked come first."""
    newcomer = factories.person("agent", display_name="郑好", staff_number="B1")
    page = visit(trainer, "/admin/accounts/team/shop/change/", viewport={"width": width, "height": 900})
    members = page.locator("#id_members")
    expect(members.locator("li input").first).to_be_checked()
    page.locator(".field-members").get_by_label("Show only those with").fill("郑好")
    members.get_by_label("郑好").press("Space")
    page.locator("input[name=_save]").press("Enter")
    expect(page.locator(".messagelist")).to_be_visible()
    assert User.objects.get(pk=newcomer.pk).team_id == "shop"


def test_the_admin_page_of_a_team_is_accessible(
    visit: Callable[..., Page], trainer: User, shop: Team, home: str, watch: Watch
) -> None:
    # axe itself, where a style sheet imports others.
    watch.expected = ["Applying inline style", "preload assets"]
    page = visit(trainer, reduced_motion="reduce")
    found: dict[str, Any] = everywhere(page, home + "/admin/accounts/team/shop/change/")
    ours = {
        where: [one for one in wrong if "people-box" in one or "narrow" in one or "id_members" in one]
        for where, wrong in found.items()
    }
    assert {where: wrong for where, wrong in ours.items() if wrong} == {}
