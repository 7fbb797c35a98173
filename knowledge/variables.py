"""The {名|默认} fields of a line: a fixed vocabulary, each with a scope.

Shop values hold for a whole shift; customer values are cleared by 下一位, because greeting the wrong
person is the worst mistake the phrasebook can make. None of them ever reaches the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SHOP = frozenset(
    "店名 客服名 快递 发货时限 截单时间 发货地 包邮门槛 优惠券 活动名 活动截止 在线时间 小礼品 偏远地区".split()
)
CUSTOMER = frozenset(
    "顾客称呼 商品 另一款 款式 颜色 尺码 数量 卖点 材质 用途 价格 活动价 运费 差额 金额 地区 地址 订单号 "
    "物流进度 时效 时间 原因 问题 方案 进度 同事 配件".split()
)
FIELD = re.compile(r"\{([^{}|\n]+)(?:\|([^{}|\n]*))?\}")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a line: literal text (name empty) or a field with its default."""

    text: str
    name: str = ""

    @property
    def scope(self) -> str:
        return "shop" if self.name in SHOP else "customer" if self.name else ""


def split(text: str) -> Iterator[Part]:
    """The line cut into literal runs and fields, in order. Joining the sources again gives the line."""
    end = 0
    for field in FIELD.finditer(text):
        if field.start() > end:
            yield Part(text[end : field.start()])
        yield Part(field[2] or "", field[1])
        end = field.end()
    if end < len(text):
        yield Part(text[end:])


def problems(text: str) -> list[str]:
    """Names outside the vocabulary, and braces that form no field. Empty when the line is sound."""
    wrong = [field[1] for field in FIELD.finditer(text) if field[1] not in SHOP | CUSTOMER]
    stray = FIELD.sub("", text)
    return wrong + [brace for brace in "{}" if brace in stray]
