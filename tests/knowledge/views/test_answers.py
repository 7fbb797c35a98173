"""The cached answer to a short query: never older than the rows, never somebody else's, never a customer's words."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from knowledge.models import Card, Line
from knowledge.services.cards import publish_document
from tests import factories

FRAGMENT = {"X-Fragment": "1"}


def answer(client: Client, query: str, **headers: str) -> str:
    response = client.get("/dock/", {"q": query}, headers=FRAGMENT | headers)
    assert (response.status_code, response.headers["X-Fragment"]) == (200, "results")
    squeezed = response.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(response.content) if squeezed else response.content).decode()


def kept() -> list[str]:
    """The cached answers. (LocMem keeps its keys in the order of use.)"""
    return [key for key in cache._cache if "answer/" in key]  # type: ignore[attr-defined]


def test_the_cached_answer_is_the_fresh_one(as_agent: Client) -> None:
    """Page, plain fragment and compressed fragment come from one entry; each must read the same."""
    factories.card("a", aliases=["运费贵"])
    fresh = answer(as_agent, "运费")
    assert len(kept()) == 1
    assert answer(as_agent, "运费") == fresh
    assert answer(as_agent, "运费", **{"Accept-Encoding": "gzip"}) == fresh
    assert fresh in as_agent.get("/dock/", {"q": "运费"}).content.decode()
    first, second = sorted(kept())
    assert second == f"{first}/gzip"


def test_a_compressed_fragment_says_so(as_agent: Client) -> None:
    """A browser that cannot read gzip, or a proxy between, must never be handed the wrong bytes."""
    factories.card("a", aliases=["运费贵"])
    plain = as_agent.get("/dock/", {"q": "运费"}, headers=FRAGMENT)
    squeezed = as_agent.get("/dock/", {"q": "运费"}, headers=FRAGMENT | {"Accept-Encoding": "gzip, br"})
    assert (plain.get("Content-Encoding"), squeezed["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in squeezed["Vary"]


def test_an_edit_shows_at_once(as_agent: Client) -> None:
    """The words on the clipboard are the published ones from the first request after the commit."""
    document = factories.document("a", aliases=["运费贵"])
    publish_document(document, status="published")
    assert "运费由小店来出" not in answer(as_agent, "运费")
    document["do"][0]["text"] = "您好，运费由小店来出。"
    publish_document(document)
    assert "运费由小店来出" in answer(as_agent, "运费").replace("<mark>", "").replace("</mark>", "")


def test_a_card_verified_today_shows_it_at_once(as_agent: Client, trainer: Any) -> None:
    """The trainer who has just checked a card would see it doubted until midnight."""
    card = factories.card("a", aliases=["运费贵"])
    assert "待核实" in answer(as_agent, "运费")
    card = Card.objects.get(pk=card.pk)
    card.verified_on = timezone.localdate()
    card.save()
    assert "待核实" not in answer(as_agent, "运费")


def test_a_line_renumbered_shows_at_once(as_agent: Client) -> None:
    """Copies are counted by the line's uuid in the page: a stale one would be counted for nobody."""
    factories.card("a", aliases=["运费贵"])
    answer(as_agent, "运费")
    for line in Line.objects.all():
        assert str(line.uuid) in answer(as_agent, "运费") or line.side == "dont"


def test_nobody_is_given_another_readers_answer(as_agent: Client, as_trainer: Client) -> None:
    """A trainer finds drafts; the same query of an agent must not come out of the trainer's entry."""
    factories.card("a", aliases=["运费贵"])
    factories.card("draft", aliases=["运费高"], status="draft")
    trainers = answer(as_trainer, "运费")
    agents = answer(as_agent, "运费")
    assert ("hit-draft" in trainers, "hit-draft" in agents) == (True, False)


def test_each_language_has_its_own(as_agent: Client, agent: Any) -> None:
    """An agent who reads English would be shown a colleague's Chinese labels, and the other way round."""
    factories.card("a", aliases=["运费贵"])
    assert "不该说" in answer(as_agent, "运费")
    agent.locale = "en"
    agent.save()
    assert "不该说" not in answer(as_agent, "运费")


@pytest.mark.parametrize("query", ["我昨天买的那件外套怎么到现在都还没有发货啊急死了", "订单 13800138000 到哪了"])
def test_a_customers_words_are_kept_nowhere(as_agent: Client, query: str) -> None:
    """Long queries and numbers are customers' own words; the cache is a store like any other."""
    factories.card("a", aliases=["什么时候发货"])
    answer(as_agent, query)
    as_agent.post("/phrases/match/", {"message": query, "screen": "dock"}, headers=FRAGMENT)
    assert kept() == []
