"""Models that opt in: receivers, batches, and the commands that prove them."""

import json
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.models import Card
from knowledge.search import engine, index
from knowledge.search.indexed import indexing_batch, mark, registered
from tests.knowledge.search.documents import EVERYONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(db: None) -> Any:
    one = Card.objects.create(
        slug="freight", title="运费怎么算", stage="pre", course="product", competency="product", status="published"
    )
    one.aliases.create(text="邮费多少")
    return one


def titles(query: str) -> list[str]:
    return [hit.title for hit in engine.search(query, EVERYONE).hits]


def test_saving_and_deleting_keep_the_index_in_step(card: Any) -> None:
    assert titles("运费") == titles("邮费多少") == ["运费怎么算"]
    card.title = "快递费怎么算"
    card.save()
    assert titles("快递费怎么") == ["快递费怎么算"]
    card.aliases.all()[0].delete()
    assert engine.tier_one("邮费多少", EVERYONE) == []
    card.delete()
    assert index.fingerprints() == {}


def test_a_batch_indexes_each_object_once(card: Any) -> None:
    with CaptureQueriesContext(connection) as queries, indexing_batch():
        card.save()
        for text in ("甲说法", "乙说法", "丙说法"):
            card.aliases.create(text=text)
        assert engine.tier_one("甲说法", EVERYONE) == []
    writes = [one["sql"] for one in queries if "INSERT INTO knowledge_search_document" in one["sql"]]
    assert len(writes) == 1
    assert titles("丙说法") == ["运费怎么算"]


def test_a_failed_batch_indexes_nothing(card: Any) -> None:
    def save_and_fail() -> None:
        with indexing_batch():
            card.aliases.create(text="甲说法")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        save_and_fail()
    assert engine.tier_one("甲说法", EVERYONE) == []


def test_an_inner_batch_belongs_to_the_outer_one(card: Any) -> None:
    with indexing_batch():
        with indexing_batch():
            card.aliases.create(text="甲说法")
        assert engine.tier_one("甲说法", EVERYONE) == []
    assert engine.tier_one("甲说法", EVERYONE) == [card.pk]


def test_bulk_writes_are_marked(card: Any) -> None:
    Card.objects.filter(pk=card.pk).update(title="悄悄改的")
    with pytest.raises(CommandError, match=str(card.pk)):
        call_command("check_search", stdout=StringIO())
    mark(card)
    assert titles("悄悄改的") == ["悄悄改的"]
    call_command("check_search", stdout=StringIO())


def test_rebuild_puts_everything_right(card: Any) -> None:
    engine.clear()
    with pytest.raises(CommandError):
        call_command("check_search", stdout=StringIO())
    call_command("rebuild_search", stdout=StringIO())
    call_command("check_search", stdout=StringIO())
    assert Card in registered()


def test_search_command_answers_each_line(card: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["运费", "", "'\"*", "邮费多少？麻烦问一下，谢谢"]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO("\n".join(lines).encode() + b"\n\xff\xfe\n")))
    out = StringIO()
    call_command("search", "--stdin", stdout=out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [answer["query"] for answer in answers[:4]] == lines
    assert [answer["hits"] for answer in answers] == [["freight"], [], [], ["freight"], []]


def test_search_command_prints_hits(card: Any) -> None:
    out = StringIO()
    call_command("search", "邮费多少", stdout=out)
    assert out.getvalue() == "freight  运费怎么算  邮费多少\n"
    with pytest.raises(CommandError):
        call_command("search")
