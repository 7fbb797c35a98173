"""What differs between two texts, lists and mappings: nothing lost, phrases whole, moves told from edits."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from knowledge.diff import Change, Mark, State, compare, pieces, tokens

LETTERS = "您好运费元，。！、a1Z \r\n{}|👍🏽👨‍👩‍👧é\ud800\U0001f469‍️０"


def drawn(old: str, new: str) -> str:
    """The pieces on one line: [-gone-][+come+]."""
    signs = {Mark.KEPT: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "[+{}+]"}
    return "".join(signs[mark].replace("{}", text) for mark, text in pieces(old, new))


def joined(old: str, new: str, left_out: Mark) -> str:
    return "".join(text for mark, text in pieces(old, new) if mark != left_out)


def text(rng: random.Random, longest: int = 30) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(0, longest)))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost(seed: int) -> None:
    """Kept and new joined are the new text, kept and old the old one, whatever is in them: an approver who reads a diff
    that leaves out a word approves another text."""
    rng = random.Random(seed)
    for _ in range(100):
        old = text(rng)
        cut = rng.randint(0, len(old))
        new = text(rng) if rng.random() < 0.4 else old[:cut] + text(rng, 4) + old[cut + rng.randint(0, 3) :]
        assert (joined(old, new, Mark.REMOVED), joined(old, new, Mark.ADDED)) == (new, old)
        assert "".join(tokens(old)) == old
        marks = [mark for mark, _said in pieces(old, new)]
        assert all(one != other for one, other in pairwise(marks))
        assert all(said for _mark, said in pieces(old, new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("", "您好。", "[+您好。+]"),
        ("您好。", "", "[-您好。-]"),
        ("一样。", "一样。", "一样。"),
        # A phrase, not a single character.
        ("您好，冷链运费每单五元。", "您好，冷链运费每单八元。", "您好，[-冷链运费每单五元-][+冷链运费每单八元+]。"),
        # Numbers, Latin words and fields are whole, and by themselves.
        ("运费15元。", "运费18元。", "运费[-15-][+18+]元。"),
        ("满1,000.50元", "满1,200.50元", "满[-1,000.50-][+1,200.50+]元"),
        ("发SF快递", "发EMS快递", "发[-SF-][+EMS+]快递"),
        ("{店名|小店}，您好", "{店名|本店}，您好", "[-{店名|小店}-][+{店名|本店}+]，您好"),
        # Of a long phrase the ends that both share are read once.
        (
            "这边帮您查询一下订单的物流信息请稍等片刻",
            "这边帮您核对一下订单的物流信息请稍等片刻",
            "这边帮您[-查询-][+核对+]一下订单的物流信息请稍等片刻",
        ),
        # A comma alone holds nothing together.
        (
            "抱歉，让您久等，马上查。",
            "辛苦，给您添乱，这就办。",
            "[-抱歉，让您久等，马上查-][+辛苦，给您添乱，这就办+]。",
        ),
        ("行一\r\n行二", "行一\r\n行三", "行一\r\n[-行二-][+行三+]"),
        # One person, one sign: never half an emoji.
        ("好👍🏽", "好👍🏿", "好[-👍🏽-][+👍🏿+]"),
        ("👨‍👩‍👧来", "👨‍👩‍👦来", "[-👨‍👩‍👧-][+👨‍👩‍👦+]来"),
    ],
)
def test_as_it_is_read(old: str, new: str, shown: str) -> None:
    assert drawn(old, new) == shown


def summary(change: Change) -> list[tuple[str, str, bool]]:
    return [(part.name, part.state.value, part.moved) for part in change.parts]


def test_rows_that_stayed_moved_came_and_went() -> None:
    """An alias pushed down by a new one has not moved; one that was carried up has."""
    old, new = ["甲", "乙", "丙", "丁"], ["新来的", "丁", "甲", "乙"]
    assert summary(compare(old, new)) == [
        ("1", "added", False),
        ("2", "same", True),
        ("3", "same", False),
        ("4", "same", False),
        ("3", "removed", False),
    ]


def test_a_row_is_known_by_its_identity() -> None:
    """A line whose every word was changed is still that line; another with the same words is another."""
    old = [{"id": "1", "text": "您好"}, {"id": "2", "text": "再见"}]
    new = [{"id": "2", "text": "慢走，欢迎再来"}, {"id": "3", "text": "您好"}]
    change = compare(old, new, identity=lambda row: row["id"])
    assert summary(change) == [("1", "removed", False), ("1", "changed", False), ("2", "added", False)]


def test_a_row_without_identity_is_known_by_its_words() -> None:
    old = [{"prompt": "顾客问运费，怎么回？", "right": "yes"}, {"prompt": "全然不同", "right": "no"}]
    new = [{"prompt": "顾客问起运费，怎么回？", "right": "no"}]
    change = compare(old, new)
    assert summary(change) == [("1", "changed", False), ("2", "removed", False)]
    assert [part.state for part in change.parts[0].parts] == [State.CHANGED, State.CHANGED]


def test_keys_that_came_and_went() -> None:
    """An optional part of a document is there or not: both are changes."""
    change = compare({"title": "一", "trigger": "先说"}, {"title": "一", "keywords": ["词"]})
    assert [(part.name, part.state) for part in change.parts] == [
        ("title", State.SAME),
        ("keywords", State.ADDED),
        ("trigger", State.REMOVED),
    ]
    assert [part.touched for part in change.parts] == [False, True, True]


def test_a_value_of_another_shape() -> None:
    """Two times of a format: shown, not a crash."""
    assert compare({"a": "字"}, {"a": ["字"]}).parts[0].state == State.CHANGED


def test_long_lists_are_compared_in_time() -> None:
    """Rows that nobody can tell apart by identity are compared each with each only while that is quick."""
    old, new = [f"旧的说法{at}" for at in range(200)], [f"新词{at}" for at in range(200)]
    assert len(compare(old, new).parts) == 400
