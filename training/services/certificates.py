"""Certificates: earned by passing, printed with a face of their own, checked by anybody, forged by nobody."""

from __future__ import annotations

import calendar
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledge.enums import Status
from training.enums import AttemptState, CertificateState, QuizKind
from training.models import Attempt, Certificate, Path, Quiz
from training.models.certificate import is_code


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate and what it is worth today."""

    certificate: Certificate
    state: CertificateState


def issue_if_earned(attempt: Attempt) -> Certificate | None:
    """The certificate that this finished attempt has earned, issued now if it was not yet; None when it earned none.

    Safe to call at every look at a result: one attempt earns at most one certificate, and none of its own again after
    that was revoked or has expired. Only a newer pass does.
    """
    if attempt.state != AttemptState.FINISHED or not attempt.passed or attempt.finished_at is None:
        return None
    path = Path.objects.filter(exam=attempt.quiz_id).first() if attempt.quiz.kind == QuizKind.EXAM else None
    # The results of somebody whose data was erased stay, and earn no new paper.
    if path is None or attempt.user.erased_at:
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
            # An expired one gives way, for one stands at a time; what another tab has just issued does not.
            standing.filter(valid_until__lt=today).update(revoked_at=now)
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
    """Whether the exam and every published course quiz of the path have been passed at least once.

    Without an exam nothing is earned.
    """
    quizzes = Quiz.objects.published().filter(course__steps__path=path, course__status=Status.PUBLISHED)
    needed = {path.exam_id, *quizzes.values_list("pk", flat=True)}
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


def state(certificate: Certificate, today: date) -> CertificateState:
    """Valid, expired, or revoked: taken back before it had expired."""
    revoked = certificate.revoked_at
    if revoked and timezone.localdate(revoked) <= certificate.valid_until:
        return CertificateState.REVOKED
    return CertificateState.EXPIRED if today > certificate.valid_until or revoked else CertificateState.VALID


def of_person(user: Any, today: date) -> list[Shown]:
    """All of this person's certificates, newest first. One query."""
    return [Shown(one, state(one, today)) for one in Certificate.objects.filter(user=user)]


def find(typed: str) -> Certificate | None:
    """The certificate behind a number as somebody typed or scanned it; None when it is none of ours."""
    code = normal_code(typed)
    # One that stands for nobody any more (training/services/personal.py) is none.
    return Certificate.objects.filter(code=code).exclude(name="").first() if is_code(code) else None


def normal_code(typed: str) -> str:
    """A number as we write it: half width, capital letters, no spaces and no hyphens of any kind."""
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char) not in {"Pd", "Cf"})


def address(certificate: Certificate) -> str:
    """Where anybody can verify it; what the QR code says."""
    return f"{settings.SITE_URL.rstrip('/')}/certificates/{certificate.code}/"


def pdf(certificate: Certificate) -> bytes:
    """The certificate as one A4 page, the same bytes every time."""
    # Imported here: reportlab and the faces would cost every worker 25 MB that most of them never use.
    from training.services import paper

    revoked = state(certificate, certificate.issued_on) == CertificateState.REVOKED
    return paper.draw(certificate, address(certificate), revoked=revoked)
