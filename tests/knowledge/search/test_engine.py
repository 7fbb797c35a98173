"""The tiers and what they find."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.search import engine
from knowledge.search.document import Viewer
from tests.knowledge.search.documents import EVERYONE, document

pytestmark = pytest.mark.usefixtures("shop")


def slugs(query: str, viewer: Viewer = EVERYONE, **options: object) -> list[str]:
    return [hit.slug for hit in engine.search(query, viewer, **options).hits]  # type: ignore[arg-type]


def first(query: str) -> tuple[str, str]:
    results = engine.search(query, EVERYONE)
    return results.mode, results.hits[0].slug if results.hits else ""


@pytest.mark.parametrize(
    ("query", "mode", "slug"),
    [
        ("yf1", "code", "doc-0001"),
        ("YF2", "code", "doc-0001"),
        ("运费", "literal", "doc-0001"),
        ("催退款", "literal", "doc-0003"),
        ("没更新 物流", "literal", "doc-0006"),
        ("9元", "literal", "doc-0001"),
        ("xl", "literal", "doc-0005"),
        ("ｉｐｈｏ", "literal", "doc-0005"),
        ("yunfei", "pinyin", "doc-0001"),
        ("yunf", "pinyin", "doc-0001"),
        ("yun fei", "pinyin", "doc-0001"),
        ("yf", "pinyin", "doc-0001"),
        ("wljt", "pinyin", "doc-0006"),
        ("tuikuan", "pinyin", "doc-0003"),
        ("pianyi", "pinyin", "doc-0007"),
        ("chongxin", "pinyin", "doc-0007"),
        ("tui货", "pinyin", "doc-0004"),
        ("退huo", "pinyin", "doc-0004"),
        ("运废", "homophone", "doc-0001"),
        ("物流一直不更新怎么回事", "near", "doc-0006"),
    ],
)
def test_the_tier_and_the_first_hit(query: str, mode: str, slug: str) -> None:
    assert first(query) == (mode, slug)


def test_the_order_of_words_is_free() -> None:
    assert slugs("运费 新疆")[0] == slugs("新疆 运费")[0] == "doc-0002"


def test_a_hit_says_why() -> None:
    hit = engine.search("邮费太贵", EVERYONE).hits[0]
    assert (hit.field, hit.phrase, hit.matched, hit.title) == (
        "alias",
        "邮费太贵了吧",
        ("邮费太贵",),
        "觉得运费比别家高",
    )
    assert engine.search("yunfei", EVERYONE).hits[0].matched == ("运费",)
    body = engine.search("偏远地区", EVERYONE).hits[0]
    assert (body.field, body.phrase, body.matched) == ("body", "", ("偏远地区",))


def test_nothing_is_found_for_nothing() -> None:
    for query in ("", "   ", "，。", "%_", "😀", '"*'):
        results = engine.search(query, EVERYONE)
        assert (results.hits, results.total, results.mode) == ([], 0, "empty")


def test_a_message_finds_by_what_it_is_about() -> None:
    results = engine.match_message("你好，我上周寄回去的那件，退款怎么到现在还没有到账啊？\n订单123456789012", EVERYONE)
    assert results.hits[0].slug == "doc-0003"
    assert len(results.hits) <= 3


def test_find_sends_long_texts_and_sentences_to_the_message_search() -> None:
    assert engine.is_message("东西呢，怎么还没到") is True
    assert engine.is_message("怎么还没到？") is False
    assert engine.is_message("退" * 26) is True
    assert engine.is_message("ab " * 20) is False


def test_visibility_is_part_of_the_query() -> None:
    hidden = [
        document(20, "运费草稿", published=False),
        document(21, "运费给甲组", audience=("team:1",)),
        document(22, "运费给乙组", audience=("team:2", "team:12")),
    ]
    engine.index(hidden)
    assert set(slugs("运费")) == {"doc-0001", "doc-0002"}
    assert set(slugs("运费", Viewer(("team:1",)))) == {"doc-0001", "doc-0002", "doc-0021"}
    assert set(slugs("运费", Viewer(("team:2",)))) == {"doc-0001", "doc-0002", "doc-0022"}
    assert set(slugs("yunfei", Viewer((), True))) == {"doc-0001", "doc-0002", "doc-0020"}
    assert set(slugs("运费", EVERYONE, kinds=("article",))) == set()


def test_visibility_holds_for_every_tier() -> None:
    engine.clear()
    engine.index([document(1, "物流停了", codes=("ab1",), published=False), document(2, "物流停住", audience=("x",))])
    for query in ("ab1", "物流", "wuliu", "wl", "勿流", "物流一直停着不动", "流停"):
        assert engine.find(query, EVERYONE).hits == [], query
    assert engine.match_message("物流停了好几天，怎么办", EVERYONE).hits == []


def test_filters_never_lose_a_hit_after_the_limit() -> None:
    engine.index(document(100 + n, "物流信息", facets=("stage:in",), uses=n) for n in range(520))
    engine.index([document(99, "物流信息", facets=("stage:after", "group:valued"))])
    results = engine.search("物流", EVERYONE, filters=("stage:after",))
    assert [hit.slug for hit in results.hits] == ["doc-0099"]
    assert results.total == 1
    assert results.facet_counts["stage:in"] > 400


def test_filters_join_by_facet() -> None:
    engine.index(
        [
            document(31, "甲物流", facets=("stage:pre", "group:valued")),
            document(32, "乙物流", facets=("stage:in", "group:valued")),
            document(33, "丙物流", facets=("stage:in", "group:difficult")),
        ]
    )
    asked = ("stage:pre", "stage:in", "group:valued")
    assert set(slugs("物流", EVERYONE, filters=asked)) == {"doc-0031", "doc-0032"}
    counts = engine.search("物流", EVERYONE, filters=asked).facet_counts
    assert counts == {"stage:pre": 1, "stage:in": 2, "group:valued": 2, "group:difficult": 1}


def test_ties_go_to_the_more_used_then_to_the_slug() -> None:
    engine.index(document(number, "同一个标题") for number in (43, 41, 42))
    engine.add_uses("card", 42)
    assert slugs("同一个标题") == ["doc-0042", "doc-0041", "doc-0043"]


def test_a_synonym_stands_in_behind_the_word_itself() -> None:
    engine.set_synonym_provider(lambda: (1, {"快递费": ("运费", "邮费"), "运费": ("快递费", "邮费")}))
    assert engine.search("快递费", EVERYONE).hits[0].slug == "doc-0001"
    engine.index([document(50, "快递费怎么算")])
    assert slugs("快递费")[0] == "doc-0050"
    assert engine.search("快递费", EVERYONE).hits[1].matched == ("运费",)


def test_tier_one_has_no_limit() -> None:
    engine.index(document(1000 + n, "很多很多") for n in range(700))
    assert len(engine.tier_one("很多", EVERYONE)) == 700


def test_a_search_takes_three_queries_at_most() -> None:
    for query in ("运费", "没更新 物流", "yunfei", "退款怎么"):
        engine.search(query, EVERYONE)
        with CaptureQueriesContext(connection) as queries:
            engine.search(query, EVERYONE)
        assert len(queries) <= 3, query
