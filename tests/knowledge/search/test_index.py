"""Writing the index: counts, uses, rebuild."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from knowledge.search import engine, index
from knowledge.search.backends import backend
from knowledge.search.document import SearchDocument
from knowledge.search.schema import TABLES, create_tables, drop_tables, table
from tests.knowledge.search.documents import EVERYONE, SHOP, document

pytestmark = pytest.mark.usefixtures("shop")


def contents() -> tuple[object, ...]:
    """All that the index says, without row numbers."""
    terms = [row for row in backend().query(f"SELECT term, df FROM {table('term')} ORDER BY term", []) if row[1]]
    rows = backend().query(
        f"SELECT kind, object_id, uses, hash, head, text FROM {table('document')} d "
        f"JOIN {table('text')} t ON t.id = d.id ORDER BY object_id",
        [],
    )
    return sorted(terms), rows


def test_storing_again_changes_nothing() -> None:
    before = contents()
    assert engine.index(SHOP) == 0
    assert contents() == before


def test_replacing_and_removing_leave_no_trace() -> None:
    before = contents()
    engine.index([replace(SHOP[0], title="完全不同的题目", aliases=("另一种说法",), codes=("zz9",))])
    assert [hit.slug for hit in engine.search("完全不同", EVERYONE).hits] == ["doc-0001"]
    assert engine.search("yf1", EVERYONE).mode != "code"
    engine.index([SHOP[0], document(9, "多出来的")])
    engine.remove("card", [9, 12345])
    assert contents() == before


def test_counts_say_how_many_documents_hold_a_term() -> None:
    documents, counts = backend().document_counts(["运费", "邮费", "没有", "货*"])
    assert (documents, counts) == (7, {"运费": 2, "邮费": 2, "货*": 2})


def test_uses_are_counted_here_and_never_go_down() -> None:
    engine.add_uses("card", 1, 5)
    engine.add_uses("card", 999)
    engine.index([replace(SHOP[0], title="改过的题目", uses=2)])
    assert index.fingerprints([("card", 1)])[("card", 1)][1] == 5
    engine.index([replace(SHOP[0], uses=8)])
    assert index.fingerprints([("card", 1)])[("card", 1)][1] == 8


def test_a_failed_transaction_leaves_the_index_as_it_was() -> None:
    before = contents()

    def index_and_fail() -> None:
        with transaction.atomic():
            engine.index([document(9, "多出来的")])
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        index_and_fail()
    assert contents() == before


def test_rebuild_gives_the_same_index_and_keeps_uses() -> None:
    engine.add_uses("card", 2, 3)
    before = contents()
    assert engine.rebuild(SHOP) == len(SHOP)
    assert contents() == before
    assert engine.index([document(9, "之后再存")]) == 1


def test_rebuild_catches_up_with_what_was_saved_meanwhile() -> None:
    changed = replace(SHOP[1], title="寄到海外运费多少")
    new = document(9, "中途存的")

    def documents() -> object:
        yield from SHOP
        engine.index([changed, new])
        engine.remove("card", [3])
        engine.add_uses("card", 4, 2)

    now: dict[tuple[str, int], SearchDocument] = {("card", 2): changed, ("card", 9): new}
    engine.rebuild(documents(), reload=lambda keys: [now[key] for key in keys if key in now])  # type: ignore[arg-type]
    found = index.fingerprints()
    assert {key[1] for key in found} == {1, 2, 4, 5, 6, 7, 9}
    assert found[("card", 2)][0] == changed.content_hash
    assert found[("card", 4)][1] == 2
    assert backend().document_counts(["海外"]) == (7, {"海外": 1})


def test_stats_and_clear() -> None:
    assert engine.stats()["card"] == 7
    engine.clear()
    assert engine.stats() == {"terms": 0}
    assert engine.search("运费", EVERYONE).hits == []


def test_tables_come_and_go() -> None:
    create_tables(connection, building=True)
    drop_tables(connection, building=True)
    drop_tables(connection, building=True)
    assert all(f"{name}_new" not in connection.introspection.table_names() for name in map(table, TABLES))
