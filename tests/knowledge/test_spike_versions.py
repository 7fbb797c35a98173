"""Publishing as another worker sees it: nothing before the commit, everything with the next request after it.

The proof that docs/decisions/0001 and 0003 promise. A second process with its own Django, connection and caches
reads card page, search results and export while this one publishes in a transaction.
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

from knowledge.models import Card, SynonymGroup
from knowledge.services import cards
from tests import factories

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
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import content
client = Client(SERVER_NAME="127.0.0.1")
client.cookies["sessionid"] = sys.argv[2]
words = ("旧情景", "新情景")
for line in sys.stdin:
    page = client.get("/phrases/spike/")
    fragment = client.get("/phrases/", {"q": "共同的说法"}, headers={"X-Fragment": "1"})
    with tempfile.TemporaryDirectory() as folder:
        exported = [path.read_text(encoding="utf-8") for path in content.export(Path(folder))]
    answer = {
        "page": [page.status_code, [word for word in words if word in page.content.decode()]],
        "fragment": [word for word in words if word in fragment.content.decode()],
        "search": [hit.title for hit in engine.search("共同的说法", Viewer()).hits],
        "synonym": [hit.slug for hit in engine.search("驿费", Viewer()).hits],
        "export": [word for word in words if word in "".join(exported)],
    }
    sys.stdout.write(json.dumps(answer) + "\\n")
    sys.stdout.flush()
"""


class Reader:
    """The second process: a line in, what it sees out."""

    def __init__(self, session: str) -> None:
        name = str(connection.settings_dict["NAME"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, name, session],
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
    return factories.document("spike", "sp", title=title, aliases=["共同的说法", "邮资怎么算"])


@pytest.fixture
def reader() -> Iterator[Reader]:
    client = Client()
    client.force_login(factories.person("agent"), "django.contrib.auth.backends.ModelBackend")
    cards.publish_document(document("旧情景"))
    other = Reader(client.cookies["sessionid"].value)
    yield other
    other.close()


def seen(title: str, synonym: bool = False) -> dict[str, Any]:
    return {
        "page": [200, [title]],
        "fragment": [title],
        "search": [title],
        "synonym": ["spike"] if synonym else [],
        "export": [title],
    }


def test_another_worker_sees_the_old_until_the_commit_and_then_the_new(reader: Reader) -> None:
    """Half a publish on one screen, or a worker stuck with the old text, would be two truths in one chat."""
    assert reader.sees() == seen("旧情景")
    with transaction.atomic():
        cards.publish_document(document("新情景"))
        assert Card.objects.get(slug="spike").title == "新情景"
        assert reader.sees() == seen("旧情景")
    assert reader.sees() == seen("新情景")


def test_another_worker_never_sees_what_was_rolled_back(reader: Reader) -> None:
    """A publish that failed at the end must leave no trace anywhere."""
    with transaction.atomic():
        cards.publish_document(document("新情景"))
        transaction.set_rollback(True)
    assert reader.sees() == seen("旧情景")


def test_a_draft_and_a_retired_card_are_gone_at_once(reader: Reader) -> None:
    """The trainer withdraws a wrong promise: the next request of every worker must not show it."""
    assert reader.sees() == seen("旧情景")
    card = Card.objects.get()
    card.status = "draft"
    card.save()
    answer = reader.sees()
    assert (answer["page"], answer["fragment"], answer["search"]) == ([404, []], [], [])
    card.status = "retired"
    card.save()
    answer = reader.sees()
    assert (answer["page"], answer["search"], answer["export"]) == ([404, []], [], [])


def test_a_synonym_reaches_the_other_worker(reader: Reader) -> None:
    """The mapping is kept in each process: it has to follow the table, not the process that wrote it."""
    assert reader.sees() == seen("旧情景")
    SynonymGroup.objects.create(words="驿费 邮资")
    assert reader.sees() == seen("旧情景", synonym=True)


def test_signing_out_here_signs_out_there(reader: Reader) -> None:
    """Sessions are rows: with a per-process cache the other worker kept a signed-out cookie alive."""
    from django.contrib.sessions.models import Session

    assert reader.sees()["page"][0] == 200
    Session.objects.all().delete()
    assert reader.sees()["page"][0] == 302
