"""A small dialogue that has one of everything, for the tests of the desk."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from training.desk.script import Script, read

DIALOGUE: dict[str, Any] = {
    "slug": "keyboard",
    "title": "这个键盘最低多少",
    "stage": "pre",
    "course": "closing",
    "competency": "psychology",
    "group": "haggling",
    "facts": [],
    "cards": ["haggle"],
    "brief": "K87 键盘，129 元，店铺券满 120 减 10",
    "mood": "3",
    "patience": "2",
    "first_seconds": "40",
    "seconds": "60",
    "turns": [
        {
            "id": "t1",
            "say": ["老板在吗", "最低多少"],
            "points": [
                {"name": "应声", "any": ["您好", "在的", "欢迎"], "why": "先应声。"},
                {"name": "报价", "any": ["119元", "满120减10", "券后"], "why": "给能给的。"},
            ],
            "bonus": [{"name": "问用途", "any": ["平时…用", "办公", "游戏"], "why": "好讲值不值。"}],
            "nudge": "人呢",
            "model": "您好，在的。用券后119元。您平时办公用还是打游戏用？",
            "branches": [
                {"to": "gone", "mood": "-2", "breaks": ["cold"], "why": "太冷。"},
                {"to": "t2", "mood": "1", "has": ["报价"], "why": "价说清了。"},
                {"to": "t-again", "why": "价没说清。"},
            ],
        },
        {
            "id": "t-again",
            "say": ["到底多少"],
            "points": [
                {"name": "致歉", "any": ["抱歉", "不好意思", "对不起"], "why": "先接住。"},
                {"name": "报价", "any": ["119元", "满120减10", "券后"], "why": "给能给的。"},
            ],
            "nudge": "喂",
            "model": "抱歉，券后119元。",
            "branches": [
                {"to": "gone", "mood": "-1", "misses": ["报价"], "why": "还是没说。"},
                {"to": "later", "score_below": "60", "why": "说得太慢。"},
                {"to": "t2", "why": "说清了。"},
            ],
        },
        {
            "id": "t2",
            "say": ["那行吧"],
            "points": [
                {"name": "谢", "any": ["谢谢", "感谢", "多谢"], "why": "有来有往。"},
                {"name": "发货", "any": ["今天发", "今天…发", "下午发"], "why": "说得具体。"},
            ],
            "nudge": "在吗",
            "model": "谢谢您，今天就发。",
            "branches": [
                {"to": "later", "slower": "50", "why": "等太久。"},
                {"to": "deal", "mood": "1", "has": ["发货"], "why": "说得具体。"},
                {"to": "later", "why": "没说何时发。"},
            ],
        },
    ],
    "endings": [
        {"id": "deal", "kind": "good", "say": "拍了", "why": "价清楚，发货也清楚。"},
        {"id": "later", "kind": "fair", "say": "我再看看", "why": "慢了一步。"},
        {"id": "gone", "kind": "bad", "say": "", "why": "不想说了。"},
    ],
}


def document(slug: str = "keyboard", **changes: Any) -> dict[str, Any]:
    return deepcopy(DIALOGUE) | {"slug": slug} | changes


def script(**changes: Any) -> Script:
    return read(document(**changes))
