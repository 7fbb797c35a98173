"""Mail to people: each kind once a day to each of them, in their own language, and never within a request."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import Mailing, User

logger = logging.getLogger(__name__)
# A refused address, a server that hangs up, an address that is none.
TROUBLE = (SMTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Letter:
    """Plain text to one person; `text` is empty when there is nothing to tell them."""

    person: Any
    subject: str
    text: str


def wanting() -> QuerySet[User]:
    """People who have an address and have not switched off the mails nobody asked for."""
    return User.objects.filter(is_active=True, wants_mail=True).exclude(email="").order_by("pk")


def deliver(letters: Iterable[Letter], *, kind: str, day: date) -> tuple[int, int]:
    """Send what nobody has had yet of this kind for this local day. Returns how many went out, and how many could not:
    those may be tried again, as one failing address keeps none of the others from its mail.

    A Mailing is written before the mail goes, so that nobody gets it twice, be the worker killed in between.
    """
    sent = failed = 0
    connection = get_connection()
    try:
        for letter in letters:
            mailing, new = Mailing.objects.get_or_create(user=letter.person, kind=kind, day=day)
            if not new or not letter.text:
                continue
            reached = False
            try:
                connection.open()  # once: it stays open from one mail to the next
                reached = True
                connection.send_messages([_message(letter, connection)])
                sent += 1
            except TROUBLE as error:
                mailing.delete()
                failed += 1
                logger.warning("No mail of the kind %s to person %s: %s", kind, letter.person.pk, type(error).__name__)
                _hang_up(connection)
                if not reached:  # the server is away: the others would only wait for it one by one
                    break
    finally:
        _hang_up(connection)
    return sent, failed


def switch_address() -> str:
    """Where a person switches these mails off."""
    return settings.SITE_URL + reverse("me_settings")


def _message(letter: Letter, connection: Any) -> EmailMessage:
    return EmailMessage(
        " ".join(letter.subject.split()),  # the title of a path may hold a line break, a header must not
        letter.text,
        to=[letter.person.email],
        connection=connection,
        headers={"List-Unsubscribe": f"<{switch_address()}>", "Auto-Submitted": "auto-generated"},
    )


def _hang_up(connection: Any) -> None:
    """Close a connection that may be in any state; the next mail opens another."""
    try:
        connection.close()
    except TROUBLE:
        connection.connection = None
