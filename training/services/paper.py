"""A certificate on paper: one landscape A4 page with its faces inside. Its words are content, and content is Chinese.

Imported when the first one is drawn, never before: reportlab and the Chinese face cost a worker some 25 MB.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path as FilePath
from threading import Lock

import segno
from django.utils import timezone
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from training.models import Certificate

FACE = FilePath(__file__).resolve().parent.parent / "fonts" / "DroidSansFallback.ttf"
# reportlab's own face for letters and digits, which the Chinese one does not have; embedded likewise.
LATIN = "Vera.ttf"
MISSING = "〓"
# The site's tokens in their light theme: --ink, --ink-2, --ink-3, --accent, --line-strong.
INK, INK_2, INK_3, ACCENT, LINE = (HexColor(code) for code in ("#1f2328", "#4d555e", "#656d76", "#0f6466", "#c9c3b4"))
LEFT, RIGHT = 36, 261  # millimetres: where the words begin and end
# The drawing library keeps the faces in one place for all threads of a worker and does not guard it.
_drawing = Lock()


def draw(certificate: Certificate, address: str, *, revoked: bool) -> bytes:
    """The PDF, the same bytes every time. `address` is what the QR code says.

    Characters that neither face has stand as 〓, and the page says so.
    """
    with _drawing:
        buffer = io.BytesIO()
        _faces()
        page = _Page(Canvas(buffer, pagesize=landscape(A4), invariant=1, lang="zh-CN", initialFontName="Chinese"))
        page.canvas.setTitle(f"结业证书 {certificate.title} {certificate.name}")
        page.canvas.setAuthor("客服学堂")
        page.frame()
        _heading(page, certificate, revoked)
        _facts(page, certificate)
        page.qr(address, RIGHT - 32, 32, 32)
        page.text("扫码查验", RIGHT - 16, 25, 9, INK_3, middle=True)
        page.canvas.showPage()
        page.canvas.save()
    return buffer.getvalue()


def _heading(page: _Page, certificate: Certificate, revoked: bool) -> None:
    page.text("客服学堂", LEFT, 171, 13, ACCENT)
    page.text("结业证书", LEFT, 148, 40, bold=True)
    page.text(certificate.name, LEFT, 116, 32)
    page.text(f"学完「{certificate.title}」的全部课程，通过各科小测和终考，", LEFT, 100, 14, INK_2)
    page.text("具备这条路径所要求的上岗能力，特发此证。", LEFT, 91, 14, INK_2)
    if revoked and certificate.revoked_at:
        page.stamp("已撤销", 151)
        page.text(f"{_day(timezone.localdate(certificate.revoked_at))}撤销，不再有效。", LEFT, 79, 11)
    if readable(certificate.name) != unicodedata.normalize("NFC", certificate.name):
        page.text(f"{MISSING} 代替字库里没有的字，姓名以查验页为准。", LEFT, 25, 9, INK_3)


def _facts(page: _Page, certificate: Certificate) -> None:
    page.rule(LEFT, RIGHT - 44, 62)
    facts = (
        ("发证日期", _day(certificate.issued_on)),
        ("有效期至", _day(certificate.valid_until)),
        ("证书编号", " ".join(certificate.groups)),
    )
    for (label, value), x in zip(facts, (LEFT, LEFT + 48, LEFT + 96), strict=True):
        page.text(label, x, 52, 9, INK_3)
        page.text(value, x, 44, 11)


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"


def readable(text: str) -> str:
    """The text as it will be printed: what neither face has is 〓."""
    return "".join(run for _name, run in _runs(text))


@cache
def _faces() -> dict[str, TTFont]:
    """The Latin and the Chinese face, registered on first use: reading them takes a while."""
    faces = {"Latin": TTFont("Latin", LATIN), "Chinese": TTFont("Chinese", str(FACE))}
    for face in faces.values():
        pdfmetrics.registerFont(face)
    return faces


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The text in runs of one face each. A letter and its accent are one character where there is such a one."""
    faces = _faces()

    def face(char: str) -> tuple[str, str]:
        # A CJK mark that both have is drawn by the Chinese face: its width fits the characters around it.
        if ord(char) < 0x2000 and ord(char) in faces["Latin"].face.charToGlyph:
            return "Latin", char
        return "Chinese", char if ord(char) in faces["Chinese"].face.charToGlyph else MISSING

    for name, run in groupby(map(face, unicodedata.normalize("NFC", text)), key=lambda pair: pair[0]):
        yield name, "".join(char for _name, char in run)


@dataclass
class _Page:
    """A canvas in millimetres from the lower left."""

    canvas: Canvas

    def text(
        self,
        text: str,
        x: float,
        y: float,
        size: float,
        color: Color = INK,
        *,
        bold: bool = False,
        middle: bool = False,
    ) -> None:
        """One line from x on, or with its middle there; smaller when it would run past the right margin.

        The face has one weight: bold is its outline drawn along.
        """
        runs = list(_runs(text))
        wide = sum(pdfmetrics.stringWidth(run, name, size) for name, run in runs)
        room = (RIGHT - LEFT) * mm
        fit = min(size, size * room / wide) if wide else size
        start = x * mm - (wide * fit / size / 2 if middle else 0)
        line = self.canvas.beginText(start, y * mm)
        line.setFillColor(color)
        if bold:
            self.canvas.setLineWidth(size / 50)
            self.canvas.setStrokeColor(color)
            line.setTextRenderMode(2)
        for name, run in runs:
            line.setFont(name, fit)
            line.textOut(run)
        if bold:
            line.setTextRenderMode(0)
        self.canvas.drawText(line)

    def frame(self) -> None:
        """A hairline around, and the one stroke of colour where the words begin."""
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.6)
        self.canvas.rect(12 * mm, 12 * mm, 273 * mm, 186 * mm)
        self.canvas.setFillColor(ACCENT)
        self.canvas.rect(12 * mm, 12 * mm, 2.4 * mm, 186 * mm, stroke=0, fill=1)

    def rule(self, left: float, right: float, y: float) -> None:
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(left * mm, y * mm, right * mm, y * mm)

    def stamp(self, word: str, y: float) -> None:
        """A word in a box at the right margin."""
        wide = pdfmetrics.stringWidth(word, "Chinese", 20) / mm + 12
        self.canvas.setStrokeColor(INK)
        self.canvas.setLineWidth(1.5)
        self.canvas.rect((RIGHT - wide) * mm, (y - 5) * mm, wide * mm, 16 * mm)
        self.text(word, RIGHT - wide / 2, y, 20, middle=True)

    def qr(self, text: str, x: float, y: float, side: float) -> None:
        """One shape, so that no reader shows seams between its squares; the quiet zone is the paper."""
        rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
        step = side * mm / len(rows)
        shape = self.canvas.beginPath()
        for at, row in enumerate(rows):
            column = 0
            for dark, run in groupby(row):
                length = len(list(run))
                if dark:
                    shape.rect(x * mm + column * step, (y + side) * mm - (at + 1) * step, length * step, step)
                column += length
        self.canvas.setFillColor(white)
        self.canvas.rect((x - 4) * mm, (y - 4) * mm, (side + 8) * mm, (side + 8) * mm, stroke=0, fill=1)
        self.canvas.setFillColor(INK)
        self.canvas.drawPath(shape, stroke=0, fill=1)
