"""Mail by real SMTP: whole, once, and one bad address stops nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from accounts.models import Mailing
from accounts.services import mail
from tests.factories import person
from tests.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
TEXT = "小王，早上好：\n\n这周有 3 张话术卡等你看一眼。\n.\n.一行以点开头\n" + "很长的一行" * 300 + "\n\n关掉：设置"


@pytest.fixture
def box(settings: Any) -> Iterator[Mailbox]:
    with mail_server(settings) as found:
        yield found


def letters(*people: Any, text: str = TEXT) -> list[mail.Letter]:
    return [mail.Letter(one, "客服学堂：这周等你看的 3 件事", text) for one in people]


def trainer(name: str, **values: Any) -> Any:
    return person("trainer", email=f"{name}@example.com", **values)


def test_the_whole_text_arrives(box: Mailbox) -> None:
    """Chinese subject and body, long lines and lines that begin with a dot, and a way to switch it off."""
    assert mail.deliver(letters(trainer("wang")), kind="digest", day=MONDAY) == (1, 0)
    (got,) = box.mails
    assert got["Subject"] == "客服学堂：这周等你看的 3 件事"
    assert got["To"] == "wang@example.com"
    assert got["List-Unsubscribe"] == "<http://127.0.0.1:8000/me/settings/>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n").rstrip("\n") == TEXT


def test_a_line_break_makes_no_header(box: Mailbox) -> None:
    """A title of content may hold one: the mail goes out whole, and to nobody else."""
    letter = mail.Letter(trainer("wang"), "入职\r\nBcc: a@b.cn", TEXT)
    assert mail.deliver([letter], kind="reminder", day=MONDAY) == (1, 0)
    (got,) = box.mails
    assert (got["Subject"], got["Bcc"]) == ("入职 Bcc: a@b.cn", None)


def test_nobody_gets_it_twice(box: Mailbox) -> None:
    """Not after a restart, not by a second worker; of another day or kind they do."""
    wang = trainer("wang")
    assert mail.deliver(letters(wang, wang), kind="digest", day=MONDAY) == (1, 0)
    assert mail.deliver(letters(wang), kind="digest", day=MONDAY) == (0, 0)
    assert mail.deliver(letters(wang), kind="digest", day=date(2026, 11, 30)) == (1, 0)
    assert mail.deliver(letters(wang), kind="reminder", day=MONDAY) == (1, 0)
    assert len(box.mails) == 3


def test_nothing_to_tell_sends_nothing_and_is_settled(box: Mailbox) -> None:
    """Somebody whose queues were empty at nine does not hear at ten of what came at half past."""
    wang = trainer("wang")
    assert mail.deliver(letters(wang, text=""), kind="digest", day=MONDAY) == (0, 0)
    assert mail.deliver(letters(wang), kind="digest", day=MONDAY) == (0, 0)
    assert box.mails == []


@pytest.mark.parametrize("bad", ["gone@example.com", "two\nlines@example.com", "两 个@例子..com"])
def test_one_bad_address_stops_nobody_and_is_tried_again(box: Mailbox, bad: str) -> None:
    box.refused = {"gone@example.com"}
    people = [trainer("first"), person("trainer", email=bad), trainer("last")]
    assert mail.deliver(letters(*people), kind="digest", day=MONDAY) == (2, 1)
    assert box.to() == ["first@example.com", "last@example.com"]
    assert set(Mailing.objects.values_list("user", flat=True)) == {people[0].pk, people[2].pk}
    people[1].email = "found@example.com"
    assert mail.deliver(letters(*people), kind="digest", day=MONDAY) == (1, 0)
    assert box.to()[-1] == "found@example.com"


def test_one_connection_for_all(box: Mailbox) -> None:
    """A server that counts connections a minute would shut the door on a whole team."""
    mail.deliver(letters(*(trainer(f"p{number}") for number in range(5))), kind="digest", day=MONDAY)
    assert (len(box.mails), box.connections) == (5, 1)


def test_a_server_that_is_away(box: Mailbox, settings: Any) -> None:
    """Nobody waits for it one by one; everybody gets it later."""
    people = [trainer("first"), trainer("last")]
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert mail.deliver(letters(*people), kind="digest", day=MONDAY) == (0, 1)
    assert Mailing.objects.count() == 0
    settings.EMAIL_PORT = port
    assert mail.deliver(letters(*people), kind="digest", day=MONDAY) == (2, 0)


def test_the_log_names_no_address(box: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    box.refused = {"gone@example.com"}
    someone = trainer("gone")
    mail.deliver(letters(someone), kind="digest", day=MONDAY)
    assert [record.getMessage() for record in caplog.records if record.name == "accounts.services.mail"] == [
        f"No mail of the kind digest to person {someone.pk}: SMTPRecipientsRefused"
    ]


def test_who_wants_mail() -> None:
    """An address, an open account, and no switch turned off."""
    wanted = trainer("wanted")
    trainer("off", wants_mail=False)
    trainer("left", is_active=False)
    person("trainer")
    assert list(mail.wanting()) == [wanted]
