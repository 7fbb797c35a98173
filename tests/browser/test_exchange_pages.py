"""The pages of imports for eyes, fingers and keyboards: axe in both themes, narrow windows, no script at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import TRAINER
from knowledge.models import ImportJob, SynonymGroup
from tests import factories
from tests.browser.conftest import Watch
from tests.browser.test_axe import everywhere
from tests.browser.test_look import BEYOND
from tests.knowledge.services.exchange.moving import bring

ADDRESS = "/admin/knowledge/importjob/"
HEAD = "编号,同义词,备注\n"
LOST = [[3, "题", "一种很长很长很长的说法在这里没有对应的位置，" * 3]]
LONG = "没有空格的一整串" * 9  # as wide as a note may be


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person(TRAINER)


@pytest.fixture
def states(trainer: Any) -> dict[str, str]:
    """An address for each look the pages have."""
    SynonymGroup.objects.create(words="运费 邮费", note=f"旧{LONG}")
    wrong = bring("synonyms", f"{HEAD},只有一个,{LONG}\n,甲乙 丙丁,\n".encode(), trainer)
    changed = bring("synonyms", f"{HEAD},运费 邮费,新{LONG}\n,退货 退回,\n".encode(), trainer)
    many = bring("synonyms", (HEAD + "".join(f",词{at} 语{at},\n" for at in range(60))).encode(), trainer)
    same = bring("synonyms", f"{HEAD},运费 邮费,旧{LONG}\n".encode(), trainer)
    refused = bring("synonyms", b"\xff\xff\x00", trainer)
    made = {"wrong": wrong, "changed": changed, "many": many, "same": same, "refused": refused}
    for state in ("reading", "applying", "failed", "done"):
        values = {"counts": {"new": 1, "same": 3}, "total": 40, "done": 20, "named": LOST}
        job = bring("synonyms", f"{HEAD},甲乙 丙丁,\n".encode(), trainer)
        ImportJob.objects.filter(pk=job.pk).update(state=state, notes=["中断了，什么都没有写。"], **values)
        made[state] = job
    pages = {name: f"{ADDRESS}{job.pk}/change/" for name, job in made.items()}
    return {"list": ADDRESS, "upload": f"{ADDRESS}add/"} | pages


def test_axe_finds_nothing(visit: Callable[..., Page], home: str, trainer: Any, states: dict[str, str]) -> None:
    """Every state of an import, the list and the form, light and dark, narrow and wide."""
    page = visit(trainer, reduced_motion="reduce")
    assert {name: found for name, path in states.items() if (found := everywhere(page, home + path))} == {}


@pytest.mark.parametrize("width", [320, 768])
def test_nothing_sticks_out(
    visit: Callable[..., Page], home: str, trainer: Any, states: dict[str, str], width: int
) -> None:
    """Long notes break, tables scroll in a box of their own that the keyboard reaches."""
    page = visit(trainer, viewport={"width": width, "height": 800})
    beyond = {}
    for name, path in states.items():
        page.goto(home + path)
        if wide := page.evaluate(BEYOND):
            beyond[name] = wide
    assert beyond == {}


def test_fingers(visit: Callable[..., Page], home: str, trainer: Any, states: dict[str, str]) -> None:
    """What is pressed on these pages is 44 px high where fingers are."""
    page = visit(trainer, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    low = {}
    within = ("button", ".button", "input[type=submit]", ".tile[href]", ".kinds label", "input[type=file]", "summary")
    targets = ", ".join([*(f"#content .exchange {one}" for one in within), "#content .outward .button"])
    for name, path in states.items():
        page.goto(home + path)
        heights = page.locator(targets).evaluate_all(
            "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 44)"
            ".map(one => [one.outerHTML.slice(0, 70), one.getBoundingClientRect().height])"
        )
        if heights:
            low[name] = heights
    assert low == {}


def test_the_whole_road_without_a_script(visit: Callable[..., Page], home: str, trainer: Any, watch: Watch) -> None:
    """Brought, looked at, mended and imported by forms alone."""
    before = SynonymGroup.objects.count()
    page = visit(trainer, f"{ADDRESS}add/?kind=synonyms", java_script_enabled=False)

    def choose(text: str) -> None:
        file = {"name": "词.csv", "mimeType": "text/csv", "buffer": (HEAD + text).encode()}
        page.locator("#id_file").set_input_files(file)

    choose(",只有一个,\n,退货 退回,\n")
    page.locator(".upload input[type=submit]").click()
    expect(page.locator(".tile strong")).to_have_text(["1", "1", "0", "0"])
    choose(",运费 邮费,\n")
    page.locator(".mend input[type=submit]").click()
    expect(page.locator(".tile strong")).to_have_text(["0", "2", "0", "0"])
    page.locator(".decide input[type=submit]").click()
    expect(page.locator(".tiles strong")).to_have_text(["2", "0", "0"])
    assert SynonymGroup.objects.count() == before + 2


def test_the_page_follows_the_worker(
    visit: Callable[..., Page], home: str, trainer: Any, states: dict[str, str]
) -> None:
    """The bar moves without a reload; when the worker is done the page shows what there is to decide."""
    page = visit(trainer, states["reading"])
    expect(page.locator("progress")).to_have_attribute("value", "20")
    job = ImportJob.objects.get(state="reading")
    ImportJob.objects.filter(pk=job.pk).update(done=30)
    expect(page.locator("progress")).to_have_js_property("value", 30)
    expect(page.locator("[data-told]")).to_contain_text("30")
    ImportJob.objects.filter(pk=job.pk).update(state="ready")
    expect(page.locator(".decide input[type=submit]")).to_be_visible()
