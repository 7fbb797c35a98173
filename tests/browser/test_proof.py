"""Progress and proof in a real browser: the evidence opens by itself, a phone verifies, a number is copied whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Watch
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND, SMALL
from tests.training.making import quiz, result
from training.enums import QuizKind
from training.models import Certificate, Path
from training.services import certificates

CODE = "7GQH2M9KXWVT4CRB8YPN"


@pytest.fixture
def proven(agent: Any) -> Any:
    """Somebody with an exam, a faded quiz, a failed one, and a certificate."""
    now = timezone.now()
    result(agent, quiz("终考：一场名字特别长的上岗考试", kind=QuizKind.EXAM), "3.5", "4", now)
    result(agent, quiz("语言能力小测"), "4", "4", now - timedelta(days=90))
    result(agent, quiz("规则小测"), "1", "3", now - timedelta(days=3), competency="rules", passed=False)
    of = Path.objects.get(slug="onboarding")
    Certificate.objects.create(
        code=CODE, user=agent, path=of, name="阿卜杜热合曼·艾则孜", title="全员入门", valid_until="2099-12-31"
    )
    return agent


@pytest.fixture
def addresses(proven: Any) -> dict[str, tuple[Any, str]]:
    """Page -> who opens it, where."""
    beginner, trainer = factories.person("trainee"), factories.person("trainer")
    return {
        "matrix": (proven, "/me/matrix/"),
        "empty matrix": (beginner, "/me/matrix/"),
        "person": (trainer, f"/team/people/{proven.pk}/"),
        "empty person": (trainer, f"/team/people/{beginner.pk}/"),
        "certificate": (None, f"/certificates/{CODE}/"),
        "no certificate": (None, "/certificates/NONE/"),
    }


def test_axe(visit: Callable[..., Page], home: str, watch: Watch, addresses: dict[str, tuple[Any, str]]) -> None:
    """Nothing at all, in both themes, narrow and wide, with the evidence open."""
    watch.expected = ["status of 404"]
    for user, address in addresses.values():
        page = visit(user, address, reduced_motion="reduce")
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert everywhere(page) == {}
        assert everywhere(page, home + address) == {}


@pytest.mark.parametrize("width", [320, 360, 768])
def test_no_sideways_scrolling(
    visit: Callable[..., Page], watch: Watch, addresses: dict[str, tuple[Any, str]], width: int
) -> None:
    """With every row of evidence open; on a phone nothing to tap is too low for a finger."""
    watch.expected = ["status of 404"]
    wrong, phone = {}, width < 700
    for name, (user, address) in addresses.items():
        page = visit(user, address, viewport={"width": width, "height": 740}, has_touch=phone, is_mobile=phone)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        if found := [*page.evaluate(BEYOND), *(page.evaluate(SMALL) if phone else [])]:
            wrong[name] = found
    assert wrong == {}


# Labels of the drawing as the browser sets them: each inside the window, none on another.
CROSSED = """() => {
  const labels = [...document.querySelectorAll('.radar text')];
  const boxes = labels.map(one => [one.textContent, one.getBoundingClientRect()]);
  const out = boxes.filter(([, box]) => box.left < 0 || box.right > innerWidth).map(([name]) => name);
  boxes.forEach(([name, one], at) => boxes.slice(at + 1).forEach(([other, two]) => {
    const apart = one.right < two.left || two.right < one.left || one.bottom < two.top || two.bottom < one.top;
    if (!apart) { out.push(`${name} on ${other}`); }
  }));
  return out;
}"""


@pytest.mark.parametrize("locale", ["zh-hans", "en"])
@pytest.mark.parametrize("width", [320, 1440])
def test_labels_keep_apart(visit: Callable[..., Page], proven: Any, width: int, locale: str) -> None:
    """Nine names around a small drawing, in both languages."""
    proven.locale = locale
    proven.save()
    page = visit(proven, "/me/matrix/", viewport={"width": width, "height": 800})
    assert page.locator(".radar text").count() == 9
    assert page.evaluate(CROSSED) == []


def test_evidence_opens_by_keyboard_and_without_script(visit: Callable[..., Page], proven: Any) -> None:
    """The browser opens it: Tab, Enter, and the attempts are there."""
    for script in (True, False):
        page = visit(proven, "/me/matrix/", java_script_enabled=script)
        row = page.locator("#language")
        expect(row.locator("table")).to_be_hidden()
        row.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(row.locator("table")).to_be_visible()
        expect(row.locator("tbody tr")).to_have_count(2)
        expect(row.locator(".sum")).to_contain_text("≈ 75%")
        page.keyboard.press("Tab")
        expect(row.locator("tbody a").first).to_be_focused()


def test_a_signed_out_phone_verifies(visit: Callable[..., Page], home: str, proven: Any) -> None:
    """Scanned from paper: valid; taken back, and the next look says so. No cookie is left on a stranger's phone."""
    phone = visit(None, viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    phone.goto(home + f"/certificates/{CODE.lower()}/")
    assert phone.url == home + f"/certificates/{CODE}/"
    expect(phone.locator(".state.valid")).to_be_visible()
    expect(phone.locator(".who")).to_have_text("阿卜杜热合曼·艾则孜")
    certificates.revoke(Certificate.objects.get(), timezone.now())
    phone.reload()
    expect(phone.locator(".state.revoked")).to_be_visible()
    phone.go_back()
    phone.goto(home + f"/certificates/{CODE}/")
    expect(phone.locator(".state.revoked")).to_be_visible()
    assert phone.context.cookies() == []


def test_a_number_is_read_in_fours_and_copied_whole(visit: Callable[..., Page], home: str, proven: Any) -> None:
    """Spaces are for the eye: a search for the copied number finds it."""
    page = visit(None, f"/certificates/{CODE}/")
    gaps = page.locator(".number span").evaluate_all(
        "spans => spans.slice(1).map((span, at) => span.getBoundingClientRect().left"
        " - spans[at].getBoundingClientRect().right)"
    )
    assert len(gaps) == 4
    assert min(gaps) > 4
    assert (
        page.evaluate("getSelection().selectAllChildren(document.querySelector('.number')) || '' + getSelection()")
        == CODE
    )


def test_it_prints_as_it_reads(visit: Callable[..., Page], home: str, proven: Any) -> None:
    """Black on white whatever the theme, the state with it, the site's own frame left out."""
    page = visit(None, f"/certificates/{CODE}/", color_scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator(".plain-head")).to_be_hidden()
    expect(page.locator(".state")).to_be_visible()
    colours = "element => [getComputedStyle(element).color, getComputedStyle(document.documentElement).backgroundColor]"
    assert page.locator(".who").evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


def test_the_paper_is_downloaded_under_its_name(visit: Callable[..., Page], proven: Any) -> None:
    """From one's own page, by one click."""
    page = visit(proven, "/me/matrix/")
    with page.expect_download() as paper:
        page.locator("[href$='/pdf/']").click()
    assert paper.value.suggested_filename == "结业证书-阿卜杜热合曼·艾则孜.pdf"
