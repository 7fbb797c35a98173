"""Whether a reply makes a point: by its words alone, so that nothing else ever changes it."""

from __future__ import annotations

import pytest

from tests.training.desk.making import script
from training.desk.judging import judge, sent
from training.desk.matching import compact, makes


@pytest.mark.parametrize(
    ("reply", "wording", "made"),
    [
        ("您好！在的。", "您好", True),
        ("你好", "您好", False),  # two characters stand as they are
        ("券后 119 元哦", "119元", True),
        ("券后１１９元", "119元", True),
        ("今天下单的话，下午就给您发出去", "今天…发", True),
        ("发货要看今天的单量", "今天…发", False),  # the pieces in their order
        ("今天" + "很" * 31 + "发", "今天…发", False),
        ("付款页选择找朋友付就行", "付款页选找朋友付", True),  # a longer one may differ a little
        ("可以换一张卡试试", "优惠券明天到账", False),
        ("", "您好", False),
    ],
)
def test_makes(reply: str, wording: str, made: bool) -> None:
    assert makes(compact(reply), [wording]) is made


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
