"""Synonyms, facts, notes, searches."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import ComplianceNote, Fact, SearchLog, SynonymGroup
from knowledge.search import engine
from knowledge.search.document import Viewer
from tests import factories

SYNONYMS = "/admin/knowledge/synonymgroup/"


def test_a_synonym_works_in_the_next_search(as_trainer: Client) -> None:
    """Written, changed and deleted in the admin: each is seen by the very next search."""
    factories.card("freight", title="运费多少", aliases=["运费几块"])

    def found() -> list[str]:
        return [hit.slug for hit in engine.search("脚钱", Viewer()).hits]

    assert found() == []
    as_trainer.post(f"{SYNONYMS}add/", {"words": "运费、脚钱", "note": "老话"})
    group = SynonymGroup.objects.get()
    assert (group.words, found()) == ("运费 脚钱", ["freight"])
    as_trainer.post(f"{SYNONYMS}{group.pk}/change/", {"words": "运费 邮资", "note": ""})
    assert found() == []
    as_trainer.post(f"{SYNONYMS}{group.pk}/change/", {"words": "运费 脚钱", "note": ""})
    assert found() == ["freight"]
    as_trainer.post(f"{SYNONYMS}{group.pk}/delete/", {"post": "yes"})
    assert found() == []


@pytest.mark.parametrize("words", ["运费", "运 费", "", "运费 运费"])
def test_a_group_has_two_words(as_trainer: Client, words: str) -> None:
    response = as_trainer.post(f"{SYNONYMS}add/", {"words": words, "note": ""})
    assert list(response.context["adminform"].form.errors) == ["words"]
    assert SynonymGroup.objects.count() == 0


@pytest.fixture
def searches(db: None) -> None:
    SearchLog.objects.create(query="没有的", results=0)
    SearchLog.objects.create(query="找到了", results=3)
    SearchLog.objects.create(query="复制了", results=3, copied=True)


@pytest.mark.parametrize(
    ("outcome", "queries"), [("nothing", ["没有的"]), ("unused", ["找到了"]), ("copied", ["复制了"])]
)
def test_outcomes_of_searches(as_trainer: Client, searches: None, outcome: str, queries: list[str]) -> None:
    response = as_trainer.get(f"/admin/knowledge/searchlog/?outcome={outcome}")
    assert [log.query for log in response.context["cl"].result_list] == queries


def test_who_searched_is_not_shown(as_trainer: Client, agent: Any) -> None:
    """The log is about words we lack, not about people."""
    log = SearchLog.objects.create(query="运费", results=1, user=agent)
    for address in ("/admin/knowledge/searchlog/", f"/admin/knowledge/searchlog/{log.pk}/change/"):
        assert str(agent) not in as_trainer.get(address).content.decode()


@pytest.fixture
def registers(searches: None) -> dict[str, Any]:
    fact = Fact.objects.create(code="A-01", course="intro", text="九项能力")
    note = ComplianceNote.objects.create(code="K-01", title="有据", note="先核对。", basis="法", checked="原文")
    note.applies_to.set([fact])
    card = factories.card("freight")
    return {"fact": fact, "compliancenote": note, "searchlog": SearchLog.objects.first(), "revision": card}


@pytest.mark.parametrize("name", ["fact", "compliancenote", "searchlog", "revision"])
def test_registers_are_read_only(admin_client: Client, registers: dict[str, Any], name: str) -> None:
    """Not even a superuser rewrites them here: they come from files, or are what happened."""
    folder = f"/admin/knowledge/{name}/"
    chosen = "?state=published" if name == "revision" else ""  # its list begins with what is being written
    pk = admin_client.get(f"{folder}{chosen}").context["cl"].result_list[0].pk
    assert admin_client.get(f"{folder}{pk}/change/").status_code == 200
    assert admin_client.get(f"{folder}add/").status_code == 403
    assert admin_client.post(f"{folder}{pk}/change/", {}).status_code == 403
    assert admin_client.post(f"{folder}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_facts_are_found_by_a_part_of_their_text(as_trainer: Client, registers: dict[str, Any]) -> None:
    response = as_trainer.get("/admin/knowledge/fact/?q=项能")
    assert [fact.code for fact in response.context["cl"].result_list] == ["A-01"]


@pytest.mark.parametrize("name", ["synonymgroup", "fact", "compliancenote", "searchlog", "revision"])
def test_queries_do_not_grow_with_rows(as_trainer: Client, name: str) -> None:
    """One more row must not cost a query more."""
    make = {
        "synonymgroup": lambda at: SynonymGroup.objects.create(words=f"运费 邮费{at}"),
        "fact": lambda at: Fact.objects.create(code=f"A-0{at}", course="intro", text="文"),
        "compliancenote": lambda at: ComplianceNote.objects.create(code=f"K-0{at}", title="题"),
        "searchlog": lambda at: SearchLog.objects.create(query=f"词{at}", results=at),
        "revision": lambda at: factories.card(f"card{at}"),
    }[name]
    counts = []
    for wanted in (1, 3):
        for at in range(wanted):
            make(at + wanted)
        as_trainer.get(f"/admin/knowledge/{name}/")
        with CaptureQueriesContext(connection) as captured:
            as_trainer.get(f"/admin/knowledge/{name}/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
