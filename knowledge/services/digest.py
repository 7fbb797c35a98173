"""The weekly mail: what waits for each person, on Monday morning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.services import mail
from knowledge.services import queues

KIND = "digest"
WEEKDAY, AT = 0, time(9)
# How long the mails of a Monday are tried again: on Tuesday noon they are last week's news.
TRIED_FOR = timedelta(hours=24)


def send(now: datetime) -> tuple[int, int]:
    """Send this week's mail to whoever has not had it; nobody gets one in which there is nothing. Returns how many
    went out and how many could not."""
    if not settings.MAIL_DIGEST:
        return 0, 0
    return mail.deliver(_letters(now), kind=KIND, day=timezone.localdate(_monday(now)))


def send_again(now: datetime) -> tuple[int, int]:
    """Within a day of Monday's: to those whose address failed, or who were to come when a worker was killed."""
    begun = _monday(now)
    return send(now) if begun <= timezone.localtime(now) < begun + TRIED_FOR else (0, 0)


def _monday(now: datetime) -> datetime:
    """Nine o'clock of this week's Monday, by the local clock."""
    here = timezone.localtime(now)
    day = here - timedelta(days=here.weekday() - WEEKDAY)
    return day.replace(hour=AT.hour, minute=AT.minute, second=0, microsecond=0)


def _letters(now: datetime) -> Iterator[mail.Letter]:
    for person in mail.wanting().filter(is_staff=True):
        with translation.override(person.locale):
            yield letter(person, now)


def letter(person: Any, now: datetime) -> mail.Letter:
    """The mail to one person, in the language that is on; without text when nothing of theirs waits."""
    parts: list[dict[str, Any]] = []
    for queue in queues.of(person):
        if queue.first and (count := queue.count(person, now, True)):
            told = queue.first(person, now)
            href = settings.SITE_URL + queue.address(queue.owned)
            parts.append({"label": queue.label, "count": count, "told": told, "more": count - len(told), "href": href})
    if not parts:
        return mail.Letter(person, "", "")
    total = sum(part["count"] for part in parts)
    subject = ngettext("Service Academy: %d thing waits for you", "Service Academy: %d things wait for you", total)
    context = {"person": person, "parts": parts, "switch": mail.switch_address(), "site": settings.SITE_URL}
    return mail.Letter(person, subject % total, render_to_string("mail/digest.txt", context))
