"""The versions of a card, and the way back to one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.roles import MANAGER, TRAINER
from knowledge.models import Card, Revision
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import cards
from tests import factories
from tests.knowledge.admin.conftest import address, fresh


def history(card: Card) -> str:
    return f"/admin/knowledge/card/{card.pk}/history/"


def restore(card: Card, number: int) -> str:
    return f"/admin/knowledge/card/{card.pk}/restore/{number}/"


def edited(client: Client, card: Card, opened: Any) -> None:
    """A second version: another title, one line less."""
    data = opened(card) | {"title": "改过的题目", "do-1-DELETE": "on", "reason": "更短"}
    assert client.post(address(card), data, follow=True).redirect_chain == [("/admin/knowledge/card/", 302)]


def test_list(as_trainer: Client, trainer: Any, card: Card, opened: Any) -> None:
    edited(as_trainer, card, opened)
    rows = [(one.number, one.author, one.reason) for one in as_trainer.get(history(card)).context["revisions"]]
    assert rows == [(2, trainer, "更短"), (1, None, "test")]


def test_restore(as_trainer: Client, trainer: Any, card: Card, opened: Any) -> None:
    """The old text is live again as a third version, its deleted line with the code it had; nothing is lost."""
    before = fresh(card).to_document()
    edited(as_trainer, card, opened)
    response = as_trainer.post(restore(card, 1), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["Version 1 is live again."]
    assert (fresh(card).to_document(), fresh(card).version) == (before, 3)
    newest = Revision.objects.get(object_id=card.pk, number=3)
    assert (newest.author, newest.reason) == (trainer, "Restored version 1")
    assert [hit.slug for hit in engine.search("改过的", Viewer()).hits] == []


def test_restore_is_a_post(as_trainer: Client, card: Card) -> None:
    """A link that is only looked at changes nothing."""
    assert as_trainer.get(restore(card, 1)).status_code == 405


def test_unknown_version(as_trainer: Client, card: Card) -> None:
    assert as_trainer.post(restore(card, 9)).status_code == 404
    assert as_trainer.post("/admin/knowledge/card/999/restore/1/").status_code == 404


def test_refused_restore_changes_nothing(as_trainer: Client, card: Card, opened: Any) -> None:
    """A version from before a rule of today says what is wrong with it."""
    edited(as_trainer, card, opened)
    old = Revision.objects.get(object_id=card.pk, number=1)
    old.document["stage"] = "nowhere"
    old.save()
    response = as_trainer.post(restore(card, 1), follow=True)
    (message,) = response.context["messages"]
    assert message.level_tag == "error"
    assert (fresh(card).version, fresh(card).title) == (2, "改过的题目")


def test_the_database_may_refuse_a_restore(
    as_trainer: Client, card: Card, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(as_trainer, card, opened)
    monkeypatch.setattr(cards, "record", lambda *_args, **_values: (_ for _ in ()).throw(IntegrityError("twice")))
    (message,) = as_trainer.post(restore(card, 1), follow=True).context["messages"]
    assert (str(message), fresh(card).title) == ("Another text has the same code or words.", "改过的题目")


def test_who_may_restore(by_role: dict[str, Client], card: Card, opened: Any, as_trainer: Client) -> None:
    """A manager reads the history and sees no button."""
    edited(as_trainer, card, opened)
    page = by_role[MANAGER].get(history(card))
    assert (page.status_code, restore(card, 1) in page.content.decode()) == (200, False)
    assert restore(card, 1) in by_role[TRAINER].get(history(card)).content.decode()
    statuses = {role: client.post(restore(card, 1)).status_code for role, client in by_role.items()}
    assert statuses == {"anonymous": 302, "trainee": 302, "agent": 302, "manager": 403, "trainer": 302}
    assert fresh(card).version == 3


def test_queries_do_not_grow_with_versions(
    as_trainer: Client, card: Card, opened: Any, django_assert_num_queries: Any
) -> None:
    """One more version must not cost a query more."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    edited(as_trainer, card, opened)
    as_trainer.get(history(card))
    with CaptureQueriesContext(connection) as at_two:
        as_trainer.get(history(card))
    for number in range(3):
        as_trainer.post(address(card), opened(card) | {"title": f"第{number}稿"})
    with CaptureQueriesContext(connection) as at_five:
        as_trainer.get(history(card))
    assert len(at_five) == len(at_two)


def test_a_version_reads_like_its_file(as_trainer: Client) -> None:
    card = factories.card("freight", title="运费多少")
    revision = Revision.objects.get(object_id=card.pk)
    page = as_trainer.get(f"/admin/knowledge/revision/{revision.pk}/change/").content.decode()
    assert page.count('<pre class="document">slug: freight\ntitle: 运费多少\n') == 1


@pytest.mark.parametrize("pk", ["x", "0", "9" * 40])
def test_history_of_no_card(as_trainer: Client, pk: str) -> None:
    """Stock admin leads back to its start; a word in the address had been a 500."""
    response = as_trainer.get(f"/admin/knowledge/card/{pk}/history/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")
