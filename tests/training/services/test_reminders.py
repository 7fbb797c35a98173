"""Who is reminded, on which days, in which words; and nobody twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from accounts.models import Mailing, User
from knowledge.services import chores
from tests import factories
from tests.mailbox import mail_server
from tests.training import making
from training.models import Assignment, DeadlineChange, Path
from training.services import reminders

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 12, 9, 1, tzinfo=UTC)  # nine in the morning in Shanghai
DUE = date(2026, 12, 9)


@pytest.fixture(autouse=True)
def mails_go_out(settings: Any) -> None:
    settings.MAIL_DIGEST = True


@pytest.fixture
def path() -> Path:
    course = making.course("language")
    making.quiz("language", course=course)
    return making.path("onboarding", course)


def person(path: Path, due: date = DUE, **values: Any) -> User:
    found = factories.person("trainee", **({"email": "li@example.com", "locale": "en"} | values))
    Assignment.objects.create(path=path, person=found, due_on=due, assigned_on=date(2026, 11, 1))
    return found


def sent(now: datetime = NINE) -> list[tuple[list[str], str]]:
    """Whom the mails of this moment go to, and their subjects."""
    before = len(outbox.outbox)
    reminders.send(now)
    return [(one.to, one.subject) for one in outbox.outbox[before:]]


def test_the_days(path: Path) -> None:
    """Three days before, on the day, and weekly while it is overdue."""
    person(path)
    days = [at for at in range(-5, 16) if sent(NINE + timedelta(at))]
    assert days == [-3, 0, 7, 14]


def test_nobody_gets_one_twice(path: Path) -> None:
    """The worker may be restarted in the middle of the morning."""
    person(path)
    assert [len(sent()), len(sent()), Mailing.objects.count()] == [1, 0, 1]


def test_who_gets_none(path: Path) -> None:
    """Without an address, not wanting any, gone, exempt, finished, given more time."""
    person(path, email="")
    person(path, wants_mail=False)
    person(path, is_active=False)
    exempt, done, more = (person(path, email=f"{at}@example.com") for at in range(3))
    DeadlineChange.objects.create(path=path, person=exempt, kind="exemption", reason="x")
    DeadlineChange.objects.create(path=path, person=more, kind="extension", due_on=date(2026, 12, 20), reason="x")
    making.result(done, path.courses.get().quiz, "1", "1")
    assert sent() == []


def test_the_words(path: Path) -> None:
    """One mail with everything of that day: what, when, where to go on, whom to ask, how to switch it off."""
    found = person(path, display_name="小李 & 小王")
    second = making.path("second", path.courses.get())
    Assignment.objects.create(path=second, person=found, due_on=DUE - timedelta(7), assigned_on=date(2026, 11, 1))
    Path.objects.filter(pk=second.pk).update(title="售前上岗")
    second.refresh_from_db()
    second.save()
    assert sent() == [(["li@example.com"], "2 paths: a reminder")]
    text = outbox.outbox[-1].body
    assert [line for line in text.splitlines() if line] == [
        "Hello 小李 & 小王,",
        "“售前上岗” was due 7 days ago. One step today brings you back on the way.",
        "“全员入门” is due today.",
        "Your next step stands on your home page:",
        "http://127.0.0.1:8000/",
        "When the time is too short, tell your trainer: a later day can be agreed.",
        "You can switch these mails off in your settings: http://127.0.0.1:8000/me/settings/",
        "Service Academy",
    ]


def test_before_the_day(path: Path) -> None:
    person(path, due=DUE + timedelta(3))
    assert [sent(), outbox.outbox[-1].body.splitlines()[2]] == [
        [(["li@example.com"], "“全员入门”: a reminder")],
        "“全员入门” is due on 2026-12-12: 3 days left.",
    ]


def test_a_refused_address_keeps_nobody_else_from_theirs(path: Path, settings: Any) -> None:
    """By a real server on this machine."""
    person(path, email="gone@example.com")
    person(path, email="here@example.com")
    with mail_server(settings) as box:
        box.refused.add("gone@example.com")
        assert (reminders.send(NINE), box.to()) == ((1, 1), ["here@example.com"])


def test_it_is_regular_work_at_nine() -> None:
    """Whoever works at night is not woken by it."""
    chore = chores.REGULAR["reminders"]
    assert [chore.last_due(NINE), chore.last_due(NINE - timedelta(minutes=1))] == [NINE, NINE - timedelta(1)]


def test_what_failed_is_tried_again_by_day(path: Path, settings: Any) -> None:
    """The mail server comes back at ten; at night nobody is written to."""
    person(path)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    down = reminders.send(NINE)
    with mail_server(settings) as box:
        again = [reminders.send_again(NINE + timedelta(hours=at)) for at in (-3, 1, 2, 12)]
    assert (down, again, box.to()) == ((0, 1), [(0, 0), (1, 0), (0, 0), (0, 0)], ["li@example.com"])


def test_a_site_without_mail_sends_none(path: Path, settings: Any) -> None:
    """Without a mail server the words would end in its log."""
    person(path)
    settings.MAIL_DIGEST = False
    assert sent() == []
