"""A draft waits, is approved, fails half-way: what a second process reads of card, search, suggestion, lesson, export.

Before the commit none of it is new, after it all of it is: with the next request, on any worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from knowledge.models import Card, Revision
from knowledge.services import cards, workflow
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as lesson_document
from training.services import lessons

pytestmark = pytest.mark.django_db(transaction=True)

READER = """
import json, sys, tempfile
from pathlib import Path
import tests.env
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
from django.test import Client
from knowledge.services import content
client = Client(SERVER_NAME="127.0.0.1")
client.cookies["sessionid"] = sys.argv[2]
words = ("旧情景", "新情景", "旧一课", "新一课")
def seen(text):
    return [word for word in words if word in text]
for line in sys.stdin:
    with tempfile.TemporaryDirectory() as folder:
        exported = "".join(path.read_text(encoding="utf-8") for path in content.export(Path(folder)))
    answer = {
        "card": seen(client.get("/phrases/a/").content.decode()),
        "search": seen(client.get("/phrases/", {"q": "共同的说法"}).content.decode()),
        "suggest": seen(client.get("/phrases/", {"q": "共同"}, headers={"X-Fragment": "1"}).content.decode()),
        "lesson": seen(client.get(sys.argv[3]).content.decode()),
        "export": seen(exported),
    }
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""

PUBLISH = """
import os, sys
import tests.env
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from accounts.models import User
from knowledge.models import Revision
from knowledge.services import revisions, workflow
# Killed after rows and index are written, before the commit: what a power cut does.
after = workflow.audit.note
workflow.audit.note = lambda *args, **values: os._exit(9)
workflow.approve(Revision.objects.open().get(kind="card"), by=User.objects.get(pk=sys.argv[2]))
"""


class Reader:
    """The second process: a line in, what it sees out."""

    def __init__(self, session: str, lesson: str) -> None:
        name = str(connection.settings_dict["NAME"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, name, session, lesson],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def sees(self) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)
        assert self.process.stdout
        self.process.stdout.close()


def document(title: str) -> dict[str, Any]:
    return factories.document("a", "aa", title=title, aliases=["共同的说法", "在吗"])


@pytest.fixture
def reader() -> Iterator[Reader]:
    client = Client()
    client.force_login(factories.person("agent"), "django.contrib.auth.backends.ModelBackend")
    cards.publish_document(document("旧情景"))
    making.course("language")
    lesson = lessons.save_document(lesson_document() | {"title": "旧一课"})
    other = Reader(client.cookies["sessionid"].value, lesson.get_absolute_url())
    yield other
    other.close()


def all_of(card: str, lesson: str = "旧一课") -> dict[str, Any]:
    """The lesson shows the card; the export holds both."""
    return {
        "card": [card],
        "search": [card],
        "suggest": [card],
        "lesson": [card, lesson],
        "export": [card, lesson],
    }


def draft(person: Any) -> Revision:
    return workflow.save_draft(Card.objects.get(), document("新情景"), author=person, send=True)


def test_none_before_all_after(reader: Reader) -> None:
    """While it waits, while it is being approved, and with the first request after the commit."""
    writer, approver = factories.person("trainer"), factories.person("trainer")
    assert reader.sees() == all_of("旧情景")
    waiting = draft(writer)
    assert reader.sees() == all_of("旧情景")
    with transaction.atomic():
        workflow.approve(waiting, by=approver)
        assert Card.objects.get().title == "新情景"
        assert reader.sees() == all_of("旧情景")
    assert reader.sees() == all_of("新情景")


def test_a_lesson_too(reader: Reader) -> None:
    from training.models import Lesson

    writer, approver = factories.person("trainer"), factories.person("trainer")
    lesson = Lesson.objects.get()
    waiting = workflow.save_draft(lesson, lesson.to_document() | {"title": "新一课"}, author=writer, send=True)
    assert reader.sees() == all_of("旧情景")
    workflow.approve(waiting, by=approver)
    assert reader.sees() == all_of("旧情景", "新一课")


def test_killed_in_between_leaves_nothing(reader: Reader) -> None:
    """The process that publishes dies after its last write and before its commit."""
    writer, approver = factories.person("trainer"), factories.person("trainer")
    waiting = draft(writer)
    name = str(connection.settings_dict["NAME"])
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH, name, str(approver.pk)],
        cwd=settings.BASE_DIR,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 9, done.stderr
    assert reader.sees() == all_of("旧情景")
    waiting.refresh_from_db()
    assert (waiting.state, Card.objects.get().version) == ("waiting", 1)
    workflow.approve(waiting, by=approver)
    assert reader.sees() == all_of("新情景")
