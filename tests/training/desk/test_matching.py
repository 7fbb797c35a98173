"""Whether a reply makes a point: by its words alone, so that nothing else ever changes it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as site
from hypothesis import assume, example, given
from hypothesis import strategies as st

from knowledge import files
from tests.training.desk.making import script
from training.desk.advance import READING, advance, score
from training.desk.judging import judge, sent
from training.desk.matching import LIGHT, NEGATIONS, heard, makes
from training.desk.script import read

FILES = sorted((Path(site.CONTENT_DIR) / "dialogues").glob("*.yaml"))
POINTS = [
    (path.stem, turn["id"], point, turn["model"])
    for path in FILES
    for turn in files.read(path).value["turns"]
    for point in (*turn["points"], *turn.get("bonus", []))
]
WORDINGS = sorted({wording for _slug, _turn, point, _model in POINTS for wording in point["any"]})
AFFIRMED = [word for word in WORDINGS if not set(NEGATIONS) & set(word) and "…" not in word]


def says(reply: str, *wordings: str) -> bool:
    return makes(heard(reply), wordings)


@pytest.mark.parametrize(
    ("reply", "wording", "made"),
    [
        ("您好！在的。", "您好", True),
        ("你好", "您好", True),  # said to somebody else, it is the same word
        ("好", "您好", False),
        ("券后 119 元哦", "119元", True),
        ("券后１１９元", "119元", True),
        ("券后119块", "119元", True),
        ("今天下单的话，下午就给您发出去", "今天…发", True),
        ("发货要看今天的单量", "今天…发", False),  # the pieces in their order
        ("今天" + "很" * 31 + "发", "今天…发", False),
        ("可以换一张卡试试", "优惠券明天到账", False),
        ("", "您好", False),
        # Close: a little more, light words less, what means the same
        ("付款页选择找朋友付就行", "付款页选找朋友付", True),
        ("给您登记一下退货", "给您登记退货", True),
        ("登记退货", "给您登记退货", False),
        ("明日上午邮费您先付", "明天上午运费您先付", True),
        ("腰围大四公分", "大4厘米", True),
        ("加到一千二百毫升", "1200毫升", True),
        ("缩率百分之三以内", "3%", True),
        ("缩率3%以内", "3%", True),
        ("寄了3件", "3%", False),
        ("缩率13%", "3%", False),
        ("下午18:00前", "18点", True),
        ("明天六点到", "明天…6点", True),
        # Not close: other figures, other persons, other things
        ("券后159元", "券后119元", False),
        ("一共1190元", "119元", False),
        ("24.95元", "24.9", False),
        ("24.90元", "24.9", True),
        ("明天16点到", "明天…6点", False),
        ("运费我们先付", "运费您先付", False),
        ("帮您登记换货", "帮您登记退货", False),
        # In one clause: quotes and blanks beside figures are none's end
        ("按「豆浆」键", "豆浆键", True),
        ("还剩 2 天", "还剩2天", True),
        ("还剩2。天气很好", "还剩2天", False),
        ("没有能退的，货在路上", "退的货", False),
        # Half of it is not it
        ("付款页选找朋", "付款页选找朋友付", False),
        ("选找朋友付", "付款页选找朋友付", False),
        ("今天给您发过", "今天给您发过去", False),
        ("会给您发过去", "都会给您发过去", False),
        ("我先登记一下，帮您", "帮您登记换货", False),
    ],
)  # fmt: skip
def test_makes(reply: str, wording: str, made: bool) -> None:
    assert says(reply, wording) is made


@pytest.mark.parametrize(
    ("reply", "wording", "made"),
    [
        ("不可以退", "可以退", False),
        ("今天不能发", "能发", False),
        ("这个没有货", "有货", False),
        ("无需您承担运费", "需您承担运费", False),
        ("不需要您承担运费", "需您承担运费", False),
        ("运费不用您先付", "运费…您先", False),
        ("不支持无理由退", "无理由退", False),
        ("我们不会让您白跑", "让您", False),
        ("今天没法给您发", "给您发", False),
        ("不太可能今天发", "今天发", False),
        ("今天发不了", "今天发", False),
        ("退款是不行的", "退款", False),
        ("运费不用我们出", "我们出", False),
        ("运费不必您先付", "您先付", False),
        ("7天内不能退", "7天…退", False),
        # The negation is of something else, or is none
        ("不，可以退的", "可以退", True),
        ("不满意可以退", "可以退", True),
        ("不能用可以退", "可以退", True),
        ("没问题能发", "能发", True),
        ("您不会用我教您", "我教", True),
        ("不能用给您换一台", "给您换", True),
        ("不行可以退", "可以退", True),
        ("用不用给您换一台", "给您换", True),
        ("拆了不能退，没拆可以退", "可以退", True),
        ("7天后不能退，没到7天可以退", "7天…退", True),
        ("特别能发", "能发", True),
        ("要不给您换一件", "给您换", True),
        ("要不要给您换一件", "给您换", True),
        ("是不是您按的快速键", "您按的", True),
        ("不得不您先付", "您先付", True),
        # Asking is not saying
        ("能不能发我去问", "能发", False),
        ("有没有货我去查", "有货", False),
        # What is denied by itself needs its negation
        ("可以退", "不可以退", False),
        ("不可以退", "不可以退", True),
        ("这个怪您", "不怪您", False),
        ("支持七天无理由退", "不支持七天无理由退", False),
        ("没说不怪您", "不怪您", True),
    ],
)  # fmt: skip
def test_the_opposite_is_not_the_point(reply: str, wording: str, made: bool) -> None:
    """Somebody who says 不可以退 and reads that he made the point 可以退 learns the wrong thing."""
    assert says(reply, wording) is made


# What is around a wording: words that neither deny nor ask.
AROUND = st.text(alphabet="天气很好呀商品颜色上午晚间红蓝长短", max_size=12)
MARKS = st.sampled_from("，。；！ ")


@given(st.sampled_from(AFFIRMED), AROUND, AROUND, MARKS)
def test_said_anywhere_it_is_made(wording: str, before: str, after: str, mark: str) -> None:
    """Wherever in a reply an accepted wording stands in a clause of its own, it counts."""
    assert says(f"{before}{mark}{wording}{mark}{after}", wording)


@given(st.sampled_from(AFFIRMED), st.sampled_from(["不", "没", "没有", "无法", "别", "未", "不能"]), AROUND)
def test_directly_denied_it_is_never_made(wording: str, negation: str, before: str) -> None:
    """And the denied wording is not made by the affirmed one."""
    assume(not (negation == "不能" and wording[0] in "能可会要需须有是得肯"))
    assert not says(f"{before}，{negation}{wording}。", wording)
    assert not says(f"{before}，{wording}。", negation + wording)
    assert says(f"{before}，{negation}{wording}。", negation + wording)


@given(st.sampled_from([word for word in WORDINGS if "…" not in word and len(heard(word).letters) > 3]), st.data())
def test_half_of_a_wording_is_not_the_point(wording: str, data: Any) -> None:
    """Cut at either end, the more at both, it has not been said: as the whole reply, and at the end of one."""
    folded = heard(wording).letters
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    assume((start, end) != (0, len(folded)))
    # A wording that begins and ends alike, as 谢谢…谢谢, may hold itself.
    assume(folded[start] != folded[0] or folded[end - 1] != folded[-1] or end - start < len(folded) - 1)
    part = folded[start:end]
    assert not says(part, wording)
    assert not says(f"天气很好。{part}", wording)
    assert not says(f"{part}。天气很好", wording)


FIRM = st.text(alphabet=sorted(NEGATIONS + "你我他0123456789x"), min_size=1, max_size=2)


@given(st.sampled_from(AFFIRMED), FIRM, st.data())
@example("可以退货", "不", None)
def test_nothing_that_matters_is_ever_slipped_in(wording: str, slipped: str, data: Any) -> None:
    """A negation, a person or a figure within a wording says something else, however long the rest is."""
    folded = heard(wording).letters
    assume(len(folded) > 1)
    at = data.draw(st.integers(1, len(folded) - 1)) if data else 2
    assume(set(slipped) != {folded[at - 1]} and set(slipped) != {folded[at]})
    changed = folded[:at] + slipped + folded[at:]
    assume(folded not in heard(changed).letters)
    # What is slipped in begins or ends no wording of its own: 我来我处理 says 我处理.
    assume(folded[0] not in slipped and folded[-1] not in slipped)
    assert not says(changed, wording)


@given(st.sampled_from(WORDINGS), st.lists(st.sampled_from(WORDINGS), max_size=5), AROUND)
def test_more_wordings_never_take_a_point_away(wording: str, others: list[str], around: str) -> None:
    """An accepted wording added, or a card changed elsewhere, changes nothing for who has said one."""
    reply = f"{around}，{wording.replace('…', '')}，{around}"
    if says(reply, wording):
        assert says(reply, *others, wording)
        assert says(reply, wording, *others)


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_anything_is_compared_without_an_error(reply: str, wording: str) -> None:
    says(reply, wording)
    says(reply + wording + reply, wording)


def test_no_wording_takes_for_ever() -> None:
    """Many pieces and a reply that repeats itself have thousands of millions of ways: each place is looked at once."""
    begun = time.process_time()
    assert not says("的了" * 300, "…".join("的" * 12) + "…完")
    assert not says("好的呀" * 200, "好的呀好的呀好的呀好的呀谢谢好的呀")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_starter_models_make_their_points(path: Path) -> None:
    """And each wording that counts is one that can be said: by itself it makes its point."""
    here = [(turn, point, model) for slug, turn, point, model in POINTS if slug == path.stem]
    assert [(turn, point["name"]) for turn, point, model in here if not says(model, *point["any"])] == []
    alone = [one for _turn, point, _model in here for one in point["any"] if not says(one.replace("…", "这"), one)]
    assert alone == []
    assert [(turn, point["name"]) for turn, point, _model in here if len(point["any"]) < 4] == []


OTHERS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "other_words.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_starter_points_are_made_in_other_words_too(path: Path) -> None:
    """A good reply that is no copy of the model must count: one for every turn."""
    turns = {turn["id"]: turn for turn in files.read(path).value["turns"]}
    assert set(OTHERS[path.stem]) == set(turns)
    missed = [
        (name, point["name"])
        for name, reply in OTHERS[path.stem].items()
        for point in turns[name]["points"]
        if not says(reply, *point["any"])
    ]
    assert missed == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_other_words_lead_to_a_good_ending(path: Path) -> None:
    """Played through with them, the customer goes as content as with the models."""
    script, events, now = read(files.read(path).value), [], 1.0
    while not (state := advance(script, 0, events, now)).over:
        turn = script.turns[state.turn]
        reply = OTHERS[path.stem][turn.id]
        events.append(sent(now, reply, "", judge(reply, turn, ())))
        now += READING + 1
    assert script.kind_of(state.ending) == "good"
    assert score(state.played) == 1


def test_light_words_are_no_negations() -> None:
    assert not LIGHT & set(NEGATIONS)


def test_a_judgement_comes_back_as_it_was_frozen() -> None:
    class Found:
        code, severity, start, end, better = "cold", "error", 0, 2, "稍等"

    kept = judge("没有，119元", script().turns["t1"], [Found()])
    assert kept == {
        "turn": "t1",
        "made": ["报价"],
        "findings": [{"code": "cold", "severity": "error", "start": 0, "end": 2, "better": "稍等"}],
    }
    back = sent(3.5, "没有，119元", "aa1", kept)
    assert (back.errors, back.warnings, back.hints, back.made, back.card) == (("cold",), (), (), ("报价",), "aa1")
