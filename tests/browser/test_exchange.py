"""A trainer brings 200 cards from a workbook, three of them wrong, mends those and finds one by searching."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.roles import TRAINER
from knowledge.models import Card
from knowledge.services.exchange.card_table import LAYOUT
from knowledge.tables import layout, xlsx
from tests import factories

WIDE = {"width": 1280, "height": 900}
WRONG = {17: ("stage", "售厚"), 90: ("title", ""), 150: ("principle", "")}


def rows(at: int, mended: bool) -> list[dict[str, str]]:
    """The two rows of a card."""
    name = f"{chr(97 + at // 26)}{chr(97 + at % 26)}q"
    card = {
        "slug": f"brought-{at}", "part": "卡片", "title": f"带来的{at}", "stage": "售前", "course": "语言能力",
        "competency": "语言能力", "aliases": f"第{at}种问法", "principle": "先应声，再查。",
    }  # fmt: skip
    if at in WRONG and not mended:
        card |= [WRONG[at]]
    line = {"slug": card["slug"], "part": "该说", "code": f"{name}1", "text": f"第{at}号我帮您查。", "why": "先应声。"}
    return [card, line]


def book(numbers: Any, *, mended: bool = False) -> bytes:
    return b"".join(layout.write_xlsx(LAYOUT, (row for at in numbers for row in rows(at, mended))))


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person(TRAINER)


def test_200_cards_with_three_bad_rows(visit: Callable[..., Page], home: str, trainer: Any, tmp_path: Path) -> None:
    """Each wrong cell is named by its address; the good rows stay while the wrong ones are mended."""
    page = visit(trainer, "/admin/knowledge/importjob/add/?kind=card", viewport=WIDE)
    page.locator("#id_file").set_input_files({"name": "卡片.xlsx", "mimeType": xlsx.MIME, "buffer": book(range(200))})
    page.locator(".upload input[type=submit]").click()
    expect(page.locator(".tile strong")).to_have_text(["3", "197", "0", "0"])
    expect(page.locator(".problems b")).to_have_text(["cards!D36（阶段）", "cards!C182（标题）", "cards!M302（道理）"])
    with page.expect_download() as found:
        page.locator(".mend a.button").click()
    sheet = next(xlsx.read(Path(found.value.path()).read_bytes()))
    assert [record.cells[0] for record in sheet.records][1::2] == ["brought-17", "brought-90", "brought-150"]
    mended = {"name": "改好.xlsx", "mimeType": xlsx.MIME, "buffer": book(WRONG, mended=True)}
    page.locator("#id_file").set_input_files(mended)
    page.locator(".mend input[type=submit]").click()
    expect(page.locator(".tile strong")).to_have_text(["0", "200", "0", "0"])
    assert Card.objects.filter(slug__startswith="brought-").count() == 0
    page.locator(".decide input[type=submit]").click()
    expect(page.locator(".tiles strong").first).to_have_text("200")
    assert Card.objects.filter(slug__startswith="brought-", status="published").count() == 200
    page.goto(f"{home}/dock/?q=第150种问法")
    expect(page.get_by_text("带来的150").first).to_be_visible()
