"""Reminders of what is due: some days before, on the day, and weekly once it is over. Never within a request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import mail
from accounts.services.mail import Letter
from training import deadlines
from training.services import assignments
from training.services.assignments import Due

KIND = "reminder"
AT, UNTIL = time(9), time(21)  # nobody is written to at night


def send(now: datetime) -> tuple[int, int]:
    """One mail to everybody for whom this local day is one to be reminded of something; nobody gets it twice.

    Returns how many went out and how many could not. None go where the site sends no mails of its own accord.
    """
    if not settings.MAIL_DIGEST:
        return 0, 0
    today = timezone.localdate(now)
    return mail.deliver(letters(today), kind=KIND, day=today)


def send_again(now: datetime) -> tuple[int, int]:
    """Later on the same day: to those whose address failed, or who were to come when a worker was killed."""
    return send(now) if AT <= timezone.localtime(now).time() < UNTIL else (0, 0)


def letters(today: date) -> Iterator[Letter]:
    people = mail.wanting()
    found = assignments.dues(people, today)
    for person in people:
        if told := [due for due in found.get(person.pk, ()) if due.pressing and deadlines.reminder(due.due_on, today)]:
            yield _letter(person, told)


def _letter(person: User, told: list[Due]) -> Letter:
    """In the person's own language, whatever is due that day in one mail."""
    with translation.override(person.locale):
        subject = ngettext("“%(path)s”: a reminder", "%(count)d paths: a reminder", len(told))
        context = {
            "person": person,
            "dues": told,
            "home": settings.SITE_URL + reverse("home"),
            "switch": mail.switch_address(),
        }
        text = render_to_string("training/reminder.txt", context)
        return Letter(person, subject % {"path": told[0].title, "count": len(told)}, text)
