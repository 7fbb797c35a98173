"""Certificates: earned by passing, printed with a face of their own, checked by anybody, forged by nobody."""

from __future__ import annotations

import calendar
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

import segno
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from training.enums import AttemptState, QuizKind
from training.models import Attempt, Certificate, Path, Quiz

FACE = FilePath(__file__).resolve().parent.parent / "fonts" / "DroidSansFallback.ttf"
# reportlab's own face for letters and digits, which the Chinese one does not have; embedded likewise.
LATIN = "Vera.ttf"
MISSING = "〓"
INK, INK_2, ACCENT, LINE = (HexColor(code) for code in ("#1f2328", "#4d555e", "#0f6466", "#c9c3b4"))


def issue_if_earned(attempt: Attempt) -> Certificate | None:
    """The certificate that this finished attempt has earned, issued now if it was not yet; None when it earned none.

    Safe to call at every look at a result: one attempt earns at most one certificate, and none of its own again after
    that was revoked or has expired. Only a newer pass does.
    """
    if attempt.state != AttemptState.FINISHED or not attempt.passed or attempt.finished_at is None:
        return None
    path = Path.objects.filter(exam=attempt.quiz_id).first() if attempt.quiz.kind == QuizKind.EXAM else None
    if path is None:
        return None
    latest = Certificate.objects.filter(user=attempt.user_id, path=path).order_by("-issued_on", "-pk").first()
    if latest and latest.revoked_at and attempt.finished_at <= latest.revoked_at:
        return None
    if latest and not latest.revoked_at and timezone.localdate(attempt.finished_at) <= latest.valid_until:
        return latest
    return issue(attempt.user, path, attempt.finished_at)


def issue(user: Any, path: Path, now: datetime) -> Certificate | None:
    """This person's certificate of the path: the valid one, or a new one. None while something is not passed."""
    if not is_earned(user, path):
        return None
    today = timezone.localdate(now)
    standing = Certificate.objects.filter(user=user, path=path, revoked_at=None)
    found = standing.first()
    if found and found.valid_until >= today:
        return found
    try:
        with transaction.atomic():
            standing.update(revoked_at=now)  # an expired one gives way: one certificate stands at a time
            return Certificate.objects.create(
                user=user,
                path=path,
                name=str(user)[:40],
                title=path.title,
                issued_on=today,
                valid_until=months_later(today, path.valid_months),
            )
    except IntegrityError:  # the other tab was first
        return standing.get()


def is_earned(user: Any, path: Path) -> bool:
    """Whether the exam and every course quiz of the path have been passed at least once. No exam, nothing earned."""
    needed = {path.exam_id, *Quiz.objects.filter(course__steps__path=path).values_list("pk", flat=True)}
    passed = Attempt.objects.finished().filter(user=user, passed=True, quiz__in=needed - {None})
    return None not in needed and needed == set(passed.values_list("quiz_id", flat=True))


def revoke(certificate: Certificate, now: datetime) -> None:
    """Take it back. The first time stands; the page that verifies it says so from the next look on."""
    Certificate.objects.filter(pk=certificate.pk, revoked_at=None).update(revoked_at=now)


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    last = calendar.monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def state(certificate: Certificate, today: date) -> str:
    """`valid`, `expired`, or `revoked`: taken back before it had expired."""
    revoked = certificate.revoked_at
    if revoked and timezone.localdate(revoked) <= certificate.valid_until:
        return "revoked"
    return "expired" if today > certificate.valid_until or revoked else "valid"


def address(certificate: Certificate) -> str:
    """Where anybody can verify it; what the QR code says."""
    return f"{settings.SITE_URL.rstrip('/')}/certificates/{certificate.code}/"


# The PDF. Its words are content, and content is Chinese.


def pdf(certificate: Certificate) -> bytes:
    """One landscape A4 page. Characters the face does not have stand as 〓, and the page says so."""
    buffer = io.BytesIO()
    page = _Page(Canvas(buffer, pagesize=landscape(A4), invariant=1, lang="zh-CN"), *landscape(A4))
    page.canvas.setTitle(f"{certificate.title} {certificate.name}")
    page.canvas.setAuthor("客服学堂")
    page.frame()
    page.centred("客服学堂", 176, 13, ACCENT)
    page.centred("结业证书", 152, 34)
    page.centred(certificate.name, 122, 30)
    page.centred(f"学完「{certificate.title}」的全部课程，通过各科小测和终考，", 102, 14, INK_2)
    page.centred("具备这条路径所要求的上岗能力，特发此证。", 92, 14, INK_2)
    day = f"{certificate.issued_on:%Y-%m-%d}"
    page.text(f"发证日期：{day}", 34, 52, 11)
    page.text(f"有效期至：{certificate.valid_until:%Y-%m-%d}", 34, 44, 11)
    page.text(f"证书编号：{certificate.code}", 34, 36, 11)
    if certificate.revoked_at and state(certificate, certificate.issued_on) == "revoked":
        page.text("这张证书已经撤销。", 34, 62, 13, ACCENT)
    if readable(certificate.name) != certificate.name:
        page.text(f"{MISSING} 代替了字库里没有的字，姓名以查验页为准。", 34, 27, 9, INK_2)
    page.qr(address(certificate), 226, 34, 34)
    page.text("扫码查验", 236, 27, 9, INK_2)
    page.canvas.showPage()
    page.canvas.save()
    return buffer.getvalue()


def readable(text: str) -> str:
    """The text as it will be printed: what neither face has is 〓."""
    return "".join(run for _name, run in _runs(text))


@cache
def _faces() -> tuple[frozenset[int], frozenset[int]]:
    """The characters of the Latin and the Chinese face, registered on first use: reading them takes a while."""
    known = []
    for name, file in (("Latin", LATIN), ("Chinese", str(FACE))):
        face = TTFont(name, file)
        pdfmetrics.registerFont(face)
        known.append(frozenset(face.face.charToGlyph))
    return known[0], known[1]


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """The text in runs of one face each."""
    latin, chinese = _faces()

    def face(char: str) -> tuple[str, str]:
        # A CJK mark that both have is drawn by the Chinese face: its width fits the characters around it.
        if ord(char) < 0x2000 and ord(char) in latin:
            return "Latin", char
        return "Chinese", char if ord(char) in chinese else MISSING

    for name, run in groupby(map(face, text), key=lambda pair: pair[0]):
        yield name, "".join(char for _name, char in run)


@dataclass
class _Page:
    """A canvas in millimetres from the lower left."""

    canvas: Canvas
    width: float
    height: float

    def text(self, text: str, x: float, y: float, size: float, color: Any = INK) -> None:
        self.canvas.setFillColor(color)
        at = x * mm
        for name, run in _runs(text):
            self.canvas.setFont(name, size)
            self.canvas.drawString(at, y * mm, run)
            at += pdfmetrics.stringWidth(run, name, size)

    def centred(self, text: str, y: float, size: float, color: Any = INK) -> None:
        wide = sum(pdfmetrics.stringWidth(run, name, size) for name, run in _runs(text))
        fit = min(size, size * (self.width - 60 * mm) / wide) if wide else size
        self.text(text, (self.width - wide * fit / size) / 2 / mm, y, fit, color)

    def frame(self) -> None:
        self.canvas.setStrokeColor(ACCENT)
        self.canvas.setLineWidth(1.5)
        self.canvas.rect(12 * mm, 12 * mm, self.width - 24 * mm, self.height - 24 * mm)
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.5)
        self.canvas.rect(15 * mm, 15 * mm, self.width - 30 * mm, self.height - 30 * mm)

    def qr(self, text: str, x: float, y: float, side: float) -> None:
        rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
        step = side * mm / len(rows)
        self.canvas.setFillColor(INK)
        for at, row in enumerate(rows):
            for column, dark in enumerate(row):
                if dark:
                    self.canvas.rect(
                        x * mm + column * step, (y + side) * mm - (at + 1) * step, step, step, stroke=0, fill=1
                    )
