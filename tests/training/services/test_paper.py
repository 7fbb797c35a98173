"""The certificate on paper: every name, every copy, and the code that leads back to us."""

from __future__ import annotations

import base64
import re
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from django.conf import settings

from tests.training.making import NOW
from training.models import Certificate
from training.services import certificates, paper


def made(name: str = "欧阳喆", **values: Any) -> Certificate:
    """A certificate with always the same number."""
    values = {"title": "全员入门", "issued_on": date(2026, 11, 22), "valid_until": date(2027, 11, 22)} | values
    return Certificate(name=name, code="7GQH2M9KXWVT4CRB8YPN", **values)


def strokes(pdf: bytes) -> str:
    """The page's drawing commands: the first stream, as the library packs it."""
    found = re.search(rb"/ASCII85Decode /FlateDecode.*?stream\r?\n(.*?)~>", pdf, re.DOTALL)
    assert found
    return zlib.decompress(base64.a85decode(found[1])).decode("latin-1")


def lines(one: Certificate) -> int:
    """How many lines of text its page has."""
    return strokes(certificates.pdf(one)).count("BT")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("欧阳喆", "欧阳喆"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("Ana·李 2", "Ana·李 2"),
        ("Zoe\u0308 Müller", "Zoë Müller"),
        ("〇", "〇"),
        ("𠮷野", "〓野"),
        ("㛃䶮", "〓〓"),
        ("😊", "〓"),
    ],
)
def test_rare_characters_are_replaced_where_one_sees_it(name: str, printed: str) -> None:
    """A blank in a name would look like a fault of the person; a line at the foot says what 〓 means."""
    assert paper.readable(name) == printed
    assert lines(made(name)) == lines(made()) + ("〓" in printed)


@pytest.mark.parametrize("name", ["欧阳喆", "𠮷野", "很" * 40, "W" * 40, "A"])
def test_the_pdf_is_one_page_with_its_faces_inside(name: str) -> None:
    """A face that is not embedded prints boxes on another machine."""
    pdf = certificates.pdf(made(name))
    assert (pdf[:5], pdf.count(b"/Type /Page\n"), pdf.count(b"/FontFile2")) == (b"%PDF-", 1, 2)
    assert len(re.findall(rb"/Type /Font\b(?!D)", pdf)) == 2
    assert b"/MediaBox [ 0 0 841.8898 595.2756 ]" in pdf
    assert len(pdf) < 200_000


def test_the_same_bytes_every_time() -> None:
    """Two copies of one certificate can be compared; another one drawn between them leaves no trace."""
    first = certificates.pdf(made())
    other = certificates.pdf(made("别人"))
    assert certificates.pdf(made()) == first != other


def test_eight_at_once_are_the_same_as_one() -> None:
    """The drawing library keeps its faces for all threads: a page must not take another's letters."""
    alone = [certificates.pdf(made(f"第{at}位")) for at in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda at: certificates.pdf(made(f"第{at}位")), range(8)))
    assert together == alone


def test_a_revoked_one_says_so() -> None:
    """Printed before or after: the paper drawn from now on carries the word; one that gave way does not."""
    revoked, gave_way = made(revoked_at=NOW), made(revoked_at=NOW + timedelta(days=800))
    assert (lines(revoked), lines(gave_way)) == (lines(made()) + 2, lines(made()))


def test_the_code_is_the_address_of_the_public_page(settings: Any) -> None:
    """Square by square what segno makes of the address, read back from the drawing."""
    settings.SITE_URL = "https://school.example/"
    one = made()
    assert certificates.address(one) == "https://school.example/certificates/7GQH2M9KXWVT4CRB8YPN/"
    wanted = {
        (at, column)
        for at, row in enumerate(segno.make(certificates.address(one), error="m", micro=False).matrix)
        for column, dark in enumerate(row)
        if dark
    }
    drawn = strokes(certificates.pdf(one))
    shape = [tuple(map(float, rect)) for rect in re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re(?= |\n)", drawn)]
    step = min(rect[3] for rect in shape)
    squares = [rect for rect in shape if abs(rect[3] - step) < 0.01]
    left, top = min(rect[0] for rect in squares), max(rect[1] for rect in squares)
    found = {
        (round((top - y) / step), round((x - left) / step) + at)
        for x, y, width, _height in squares
        for at in range(round(width / step))
    }
    assert found == wanted


def test_its_colours_are_the_site_s() -> None:
    """The paper and the page that verifies it are one thing: a token changed in one place changes in both."""
    tokens = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", tokens.split("@media")[0]))
    wanted = [light[name] for name in ("ink", "ink-2", "ink-3", "accent", "line-strong")]
    assert [
        f"#{color.hexval()[2:]}" for color in (paper.INK, paper.INK_2, paper.INK_3, paper.ACCENT, paper.LINE)
    ] == wanted
