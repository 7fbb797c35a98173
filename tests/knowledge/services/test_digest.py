"""The weekly mail, by real SMTP: to whom, what of, once, and on Monday at nine by the local clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import Mailing, Team
from knowledge.models import Card, Feedback, Revision, Use
from knowledge.services import chores, digest
from tests import factories
from tests.mailbox import Mailbox, mail_server
from tests.training import making
from training.models import Assignment
from training.services import questions

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """23 November 2026 is a Monday."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


MONDAY = at("2026-11-23 09:00")


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    settings.MAIL_DIGEST = True
    with mail_server(settings) as found:
        yield found


def staff(name: str, role: str = "trainer", **values: Any) -> Any:
    return factories.person(role, display_name=name, email=f"{name.lower()}@example.com", **values)


def stale(owner: Any, slug: str, **changes: Any) -> Card:
    card = factories.card(slug, **changes)
    Card.objects.filter(pk=card.pk).update(owner=owner)
    return card


def text(mail: Any) -> str:
    return str(mail.get_content()).replace("\r\n", "\n").replace("=\n", "")


def test_a_whole_mail(box: Mailbox) -> None:
    """Everything that waits for this person and nothing of anybody else's, in their language, each with its link."""
    wang, li = staff("Wang", locale="en"), staff("Li")
    making.course("language")
    for number in range(7):
        stale(wang, f"c{number}")
    lis = stale(li, "lis")
    card = Card.objects.get(slug="c0")
    Feedback.objects.create(card=card, line=card.say[0], kind="error", text="第一句里的\n运费不对")
    Feedback.objects.create(card=lis, line=lis.say[0], kind="error", text="李的")
    Revision.objects.create(kind="card", slug="d", number=1, document={"title": "退货"}, state="waiting", author=li)
    questions.save_document(making.single(card="c0"), "language")
    Use.objects.update(recheck=True)
    team = Team.objects.create(code="night", name="夜班")
    team.leaders.add(wang)
    factories.person("agent", display_name="小赵", team=team, joined_team_on=MONDAY.date() - timedelta(days=60))
    course = making.course("intro")
    making.quiz("intro", course=course)
    Assignment.objects.create(path=making.path("p", course), team=team, due_on=MONDAY.date() - timedelta(days=1),
                              assigned_on=MONDAY.date() - timedelta(days=30))  # fmt: skip
    assert digest.send(MONDAY) == (2, 0)
    mail = next(mail for mail in box.mails if mail["To"] == "wang@example.com")
    assert mail["Subject"] == "Service Academy: 11 things wait for you"
    assert mail["List-Unsubscribe"] == "<http://127.0.0.1:8000/me/settings/>"
    assert text(mail).strip() == (
        "Good morning, Wang.\n\n"
        "This is what waits for you this week. A few a day are plenty.\n\n"
        "Waiting for approval (1)\n- 退货\nhttp://127.0.0.1:8000/admin/knowledge/revision/?state__exact=waiting\n\n"
        "To be verified (7)\n- 情景c0\n- 情景c1\n- 情景c2\n- 情景c3\n- 情景c4\nand 2 more\n"
        "http://127.0.0.1:8000/team/freshness/?owner=mine\n\n"
        "Reports and suggestions (1)\n- 情景c0 – 第一句里的 运费不对\n"
        "http://127.0.0.1:8000/admin/knowledge/feedback/?state__exact=open&whose=mine\n\n"
        "To be rechecked (1)\n- language-01 language-01：顾客只说「在吗」\nhttp://127.0.0.1:8000/team/rechecks/\n\n"
        "People overdue (1)\n- 小赵\nhttp://127.0.0.1:8000/team/deadlines/?state=overdue\n\n"
        "Service Academy http://127.0.0.1:8000\n"
        "If you would rather not get this mail, switch it off here:\nhttp://127.0.0.1:8000/me/settings/"
    )
    other = next(mail for mail in box.mails if mail["To"] == "li@example.com")
    assert ("李的" in text(other), "情景c0" in text(other).replace("language", "")) == (True, False)


def test_nothing_waits_no_mail(box: Mailbox) -> None:
    staff("Wang")
    assert digest.send(MONDAY) == (0, 0)
    assert box.mails == []


def test_who_gets_none(box: Mailbox, settings: Any) -> None:
    """Switched off, left, without an address, or nobody who works here; and nobody where the site has it off."""
    for values in ({"wants_mail": False}, {"is_active": False}):
        stale(staff(f"x{len(values)}{next(iter(values))}", **values), next(iter(values)).replace("_", "-"))
    stale(factories.person("trainer"), "no-address")
    agent = staff("Agent", role="agent")
    stale(agent, "agents")
    assert digest.send(MONDAY) == (0, 0)
    stale(staff("Wang"), "wangs")
    settings.MAIL_DIGEST = False
    assert digest.send(MONDAY) == (0, 0)
    settings.MAIL_DIGEST = True
    assert digest.send(MONDAY) == (1, 0)
    assert box.to() == ["wang@example.com"]


def test_titles_cannot_forge_a_line_or_a_header(box: Mailbox) -> None:
    """What trainers and staff write goes into a mail: as text, on one line."""
    card = stale(staff("Wang", locale="en"), "c", title="甲<b>&amp;乙")
    Feedback.objects.create(card=card, kind="error", text="x\n\nBcc: all@example.com\n.\n")
    digest.send(MONDAY)
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert "- 甲<b>&amp;乙 – x Bcc: all@example.com .\n" in text(mail)


def test_monday_at_nine_and_once(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the chores the site registers, through a week of looks; in UTC it is one o'clock at night."""
    monkeypatch.setattr(chores, "REGULAR", {name: chores.REGULAR[name] for name in ("digest", "digest again")})
    stale(staff("Wang"), "c")
    chores.run_due(at("2026-11-19 12:00"))
    chores.run_due(at("2026-11-20 12:00"))
    assert box.mails == []
    sent = []
    for hours in range(24 * 9):
        moment = at("2026-11-22 00:00") + timedelta(hours=hours)
        before = len(box.mails)
        chores.run_due(moment)
        sent += [f"{moment:%m-%d %H:%M}"] * (len(box.mails) - before)
    assert sent == ["11-23 09:00", "11-30 09:00"]
    assert Mailing.objects.filter(kind="digest").count() == 2


def test_a_failing_address_gets_it_later(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others have theirs; it is tried again within the day, and not on Wednesday."""
    monkeypatch.setattr(chores, "REGULAR", {name: chores.REGULAR[name] for name in ("digest", "digest again")})
    for name in ("Bad", "Good"):
        stale(staff(name), name.lower())
    box.refused = {"bad@example.com"}
    for moment in ("2026-11-20 12:00", "2026-11-23 09:00", "2026-11-23 09:05", "2026-11-23 12:00"):
        chores.run_due(at(moment))
    assert box.to() == ["good@example.com"]
    box.refused = set()
    chores.run_due(at("2026-11-23 12:10"))
    assert box.to() == ["good@example.com", "bad@example.com"]
    Mailing.objects.all().delete()
    for moment in ("2026-11-24 09:10", "2026-11-25 12:00"):
        chores.run_due(at(moment))
    assert len(box.mails) == 2


def test_a_worker_killed_half_way(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one goes on with who is left; nobody gets two."""
    monkeypatch.setattr(chores, "REGULAR", {name: chores.REGULAR[name] for name in ("digest", "digest again")})
    for name in ("A", "B", "C"):
        stale(staff(name), name.lower() * 2)
    letter = digest.letter

    def killed(person: Any, now: datetime) -> Any:
        if person.display_name == "B":
            raise KeyboardInterrupt
        return letter(person, now)

    chores.run_due(at("2026-11-20 12:00"))
    monkeypatch.setattr(digest, "letter", killed)
    with pytest.raises(KeyboardInterrupt):
        chores.run_due(MONDAY)
    monkeypatch.setattr(digest, "letter", letter)
    for minutes in (1, 10, 20, 30):
        chores.run_due(MONDAY + timedelta(minutes=minutes))
    assert box.to() == ["a@example.com", "b@example.com", "c@example.com"]


def test_in_chinese(box: Mailbox) -> None:
    stale(staff("王"), "c", title="运费多少")
    assert timezone.get_default_timezone_name() == "Asia/Shanghai"
    digest.send(MONDAY)
    assert "- 运费多少\n" in text(box.mails[0])
