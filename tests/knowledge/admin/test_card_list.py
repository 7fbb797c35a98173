"""The list of cards: columns, filters, the site's own search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext

from knowledge.models import Card, CopyEvent
from knowledge.services import cards
from tests import factories

LIST = "/admin/knowledge/card/"


def listed(client: Client, query: str = "") -> list[str]:
    """The slugs of the list, in its order."""
    return [card.slug for card in client.get(f"{LIST}?{query}").context["cl"].result_list]


def test_columns(as_trainer: Client, trainer: Any) -> None:
    """Lines and copies are counted apart: joined in one query they would multiply each other."""
    card = factories.card("freight", title="运费多少")
    Card.objects.filter(pk=card.pk).update(owner=trainer, verified_on=timezone.localdate())
    old = timezone.now() - timedelta(days=31)
    line = card.say[0]
    CopyEvent.objects.bulk_create([CopyEvent(line=line), CopyEvent(line=line), CopyEvent(line=line, at=old)])
    changelist = as_trainer.get(LIST).context["cl"]
    (shown,) = changelist.result_list
    model_admin = changelist.model_admin
    assert (model_admin.line_count(shown), model_admin.copy_count(shown)) == (4, 2)
    assert (strip_tags(model_admin.fresh(shown)), shown.owner) == (gettext("Valid"), trainer)


def test_queries_do_not_grow_with_rows(as_trainer: Client, trainer: Any) -> None:
    """One more card on the list must not cost a query more."""
    factories.card("one")
    as_trainer.get(LIST)
    with CaptureQueriesContext(connection) as at_one:
        as_trainer.get(LIST)
    for slug in ("two", "three"):
        factories.card(slug)
    Card.objects.update(owner=trainer)
    with CaptureQueriesContext(connection) as at_three:
        as_trainer.get(LIST)
    assert len(at_three) == len(at_one)


# Search


@pytest.fixture
def stock(db: None) -> None:
    factories.card("freight", code="yf", title="觉得运费贵", aliases=["邮费怎么这么高", "能包邮吗"])
    factories.card("refund", code="tk", title="退款多久到账", aliases=["钱什么时候退我"])
    factories.card("draft", code="cg", title="赠品漏发了", status="draft", aliases=["说好的赠品呢"])


@pytest.mark.parametrize(
    ("query", "first"),
    [("运费", "freight"), ("包邮", "freight"), ("邮费怎么", "freight"), ("tuikuan", "refund"), ("tk1", "refund")],
)
def test_search_finds_chinese(as_trainer: Client, stock: None, query: str, first: str) -> None:
    """Two characters, an alias, pinyin, a short code: stock admin finds the first two only in titles."""
    assert listed(as_trainer, f"q={query}")[0] == first


def test_search_finds_drafts_in_the_order_of_the_site(as_trainer: Client, stock: None) -> None:
    assert listed(as_trainer, "q=赠品")[0] == "draft"
    assert listed(as_trainer, "q=说好的赠品呢，怎么没看到啊")[0] == "draft"


def test_search_keeps_a_chosen_order(as_trainer: Client, stock: None) -> None:
    """A click on the column of titles must not be undone by the search."""
    by_title = listed(as_trainer, "q=运费&o=1")
    assert by_title == listed(as_trainer, "q=运费&o=-1")[::-1]
    assert sorted(by_title) == ["draft", "freight", "refund"]  # the word stands in a line of each


def test_search_finds_retired_cards(as_trainer: Client, stock: None) -> None:
    """No index holds them, and a trainer must still be able to bring one back."""
    cards.set_status(Card.objects.filter(slug="refund"), "retired")
    for query in ("退款", "什么时候退我", "tk1", "TK1", "refund"):
        assert listed(as_trainer, f"q={query}") == ["refund"], query


@pytest.mark.parametrize(
    "query", ["%00", "%22%20OR%201", "*", "%ED%A0%80", "a%20NEAR%20b", "%F0%9F%98%80", "字" * 3000]
)
def test_hostile_searches(as_trainer: Client, stock: None, query: str) -> None:
    assert as_trainer.get(f"{LIST}?q={query}").status_code == 200


def test_search_within_a_filter(as_trainer: Client, stock: None) -> None:
    assert listed(as_trainer, "q=赠品&status__exact=draft") == ["draft"]
    assert "draft" not in listed(as_trainer, "q=赠品&status__exact=published")


# Filters


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("stage__exact=after", ["two"]),
        ("course__exact=rules", ["two"]),
        ("competency__exact=rules", ["two"]),
        ("status__exact=draft", ["two"]),
        ("group=haggling", ["two"]),
        ("group=potential", ["one"]),
        ("freshness=fresh", ["one"]),
        ("freshness=due", ["three", "two"]),
    ],
)
def test_filters(as_trainer: Client, query: str, slugs: list[str]) -> None:
    factories.card("one")
    other = {"stage": "after", "course": "rules", "competency": "rules", "groups": ["haggling", "difficult"]}
    factories.card("two", status="draft", **other)
    factories.card("three", groups=[])
    Card.objects.filter(slug="one").update(verified_on=timezone.localdate() - timedelta(days=180))
    Card.objects.filter(slug="two").update(verified_on=timezone.localdate() - timedelta(days=181))
    assert listed(as_trainer, query) == slugs


def test_filter_by_owner(as_trainer: Client, trainer: Any) -> None:
    for slug in ("one", "two"):
        factories.card(slug)
    Card.objects.filter(slug="two").update(owner=trainer)
    assert listed(as_trainer, f"owner__id__exact={trainer.pk}") == ["two"]
