"""Whatever is written is found: the literal promise of tier 1, and no input that breaks anything."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.search import engine
from knowledge.text import normalise, runs
from tests.knowledge.search.documents import EVERYONE, document

pytestmark = [pytest.mark.usefixtures("no_synonyms"), pytest.mark.django_db]
relaxed = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

mixed = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x4E40),
        st.characters(min_codepoint=0x20000, max_codepoint=0x20010),
        st.characters(min_codepoint=0x1F600, max_codepoint=0x1F603),
        st.sampled_from("abcXYZ0189 .-_%'\"*()，。！？éßＡ１　\n々ーが"),
    ),
    max_size=40,
)
HOSTILE = [
    "\x00", "运\x00费", "\ud800", "a\udfffb", "\u202e运费", "😀😀", "𠀀𠀁", "z͑̀a", "٣٤٥", "ไทย", "한국어", "か゚",
    '"', '"运费', "运费*", "(", ")", "NEAR(运费 退款)", "运 AND 费", "OR", "NOT 运费", "title:运费", "^运费", "-运费",
    "运费:*", "& | ! <->", "运'费", "''", "'; DROP", "\\", "%", "_", "[a-z]", "{title}:x", "y u n",
    "。" * 300, "运" * 10_000, "a" * 10_000, "1" * 10_000, "运费，" * 3_000, "ﷺ" * 200, "yunfei" * 40, "zhuang" * 33,
]  # fmt: skip


def words_of(text: str) -> set[str]:
    """Every two CJK characters, every word and each of its beginnings, as a reader would copy them."""
    found: set[str] = set()
    for run in runs(normalise(text)):
        if run.kind == "cjk":
            found |= {run.text[i : i + 2] for i in range(len(run.text) - 1)}
        else:
            found |= {run.text[:n] for n in range(1, min(len(run.text), 60) + 1)}
    return found


@relaxed
@given(st.lists(st.tuples(mixed, mixed, mixed), min_size=1, max_size=3))
def test_every_pair_and_every_beginning_finds_its_document(texts: list[tuple[str, str, str]]) -> None:
    engine.clear()
    engine.index(document(n, title, alias, body=body) for n, (title, alias, body) in enumerate(texts))
    for number, fields in enumerate(texts):
        for word in set().union(*map(words_of, fields)):
            assert number in engine.tier_one(word, EVERYONE), word


@relaxed
@given(mixed, st.data())
def test_every_stretch_of_a_run_finds_its_document(text: str, data: st.DataObject) -> None:
    engine.clear()
    engine.index([document(1, "标题", body=text)])
    long_runs = [run.text for run in runs(normalise(text)) if run.kind == "cjk" and len(run.text) > 2]
    if long_runs:
        run = data.draw(st.sampled_from(long_runs))
        start = data.draw(st.integers(0, len(run) - 2))
        assert engine.tier_one(run[start:], EVERYONE) == [1]


@pytest.mark.parametrize("query", HOSTILE)
def test_no_input_raises(query: str, shop: None) -> None:
    for viewer in (EVERYONE,):
        engine.search(query, viewer, filters=("stage:pre",))
        engine.match_message(query, viewer)
        engine.find(query, viewer)
        engine.tier_one(query, viewer)


@relaxed
@given(st.text(st.characters(codec=None), max_size=60))
def test_no_text_raises(query: str) -> None:
    engine.find(query, EVERYONE)
    engine.search(query, EVERYONE)


def test_operators_are_only_text(shop: None) -> None:
    assert {hit.slug for hit in engine.search('body:"运费" OR 退款', EVERYONE).hits} >= {"doc-0001", "doc-0003"}
    assert [hit.slug for hit in engine.search("运费*", EVERYONE).hits] == ["doc-0001", "doc-0002"]
