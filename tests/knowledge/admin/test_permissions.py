"""Who enters, who changes, who only looks: one row an address, one column a role."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.roles import MANAGER, TRAINER
from knowledge.models import Card, Feedback, SynonymGroup
from tests.knowledge.admin.conftest import address, fresh

# Outside the admin: to the sign-in page, or the designed 403 for somebody signed in without the right.
OUT = {"anonymous": 302, "trainee": 302, "agent": 302}
READ = {**OUT, "trainer": 200, "manager": 200}
WRITE = {**OUT, "trainer": 200, "manager": 403}

PAGES = {
    "": READ,
    "knowledge/": READ,
    "knowledge/card/": READ,
    "knowledge/card/add/": WRITE,
    "knowledge/card/{card}/change/": READ,
    "knowledge/card/{card}/history/": READ,
    "knowledge/card/{card}/delete/": WRITE,
    "knowledge/synonymgroup/": READ,
    "knowledge/synonymgroup/add/": WRITE,
    "knowledge/synonymgroup/{group}/change/": READ,
    "knowledge/synonymgroup/{group}/delete/": WRITE,
    "knowledge/feedback/": READ,
    "knowledge/feedback/{remark}/change/": READ,
    "knowledge/revision/": READ,
    "knowledge/fact/": READ,
    "knowledge/compliancenote/": READ,
    "knowledge/searchlog/": READ,
}


@pytest.fixture
def rows(card: Card) -> dict[str, int]:
    remark = Feedback.objects.create(card=card, line=card.say[0], kind="error", text="错了")
    return {"card": card.pk, "group": SynonymGroup.objects.create(words="运费 邮费").pk, "remark": remark.pk}


@pytest.mark.parametrize("page", PAGES)
def test_pages(by_role: dict[str, Client], rows: dict[str, int], page: str) -> None:
    path = "/admin/" + page.format(**rows)
    assert {role: client.get(path).status_code for role, client in by_role.items()} == PAGES[page]


@pytest.mark.parametrize("role", ["trainee", "agent"])
def test_the_door_is_closed_not_looping(by_role: dict[str, Client], role: str) -> None:
    """Somebody signed in who may not enter gets the 403 page, not a ring of redirects."""
    assert by_role[role].get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("role", ["anonymous", "trainee", "agent", "manager"])
def test_nobody_else_writes(
    by_role: dict[str, Client], card: Card, opened: Any, rows: dict[str, int], role: str
) -> None:
    """A hidden button is no lock."""
    client = by_role[role]
    client.post(address(card), opened(card) | {"title": "改"})
    client.post("/admin/knowledge/card/", {"action": "retire", "_selected_action": [card.pk]})
    client.post(f"/admin/knowledge/card/{card.pk}/delete/", {"post": "yes"})
    client.post(f"/admin/knowledge/synonymgroup/{rows['group']}/change/", {"words": "改 掉了"})
    client.post(f"/admin/knowledge/feedback/{rows['remark']}/change/", {"state": "done"})
    client.post("/admin/knowledge/feedback/", {"action": "close", "_selected_action": [rows["remark"]]})
    assert (fresh(card).title, fresh(card).status, fresh(card).version) == ("运费多少", "published", 1)
    assert SynonymGroup.objects.get().words == "运费 邮费"
    assert Feedback.objects.get().state == "open"


def test_a_manager_reads_words_not_codes(by_role: dict[str, Client], card: Card) -> None:
    page = by_role[MANAGER].get(address(card)).content.decode()
    for words in ("Potential (blue)", "Cold", "<strong>先听</strong>"):
        assert words in page, words
    for code in ('["potential"]', '["cold"]', "name=&quot;_save", 'name="base"', 'name="reason"'):
        assert code not in page, code


def test_index_shows_what_the_role_may_see(by_role: dict[str, Client]) -> None:
    def names(role: str) -> set[str]:
        groups = by_role[role].get("/admin/").context["app_list"]
        return {model["object_name"] for group in groups for model in group["models"]}

    phrasebook = {"Card", "ComplianceNote", "Fact", "Feedback", "Revision", "SearchLog", "SynonymGroup"}
    for role in (TRAINER, MANAGER):
        assert phrasebook - names(role) == set()
        assert names(role) & {"Group", "AccessAttempt", "AccessLog", "AccessFailureLog", "DBTaskResult"} == set()
