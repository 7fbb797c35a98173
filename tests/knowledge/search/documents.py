"""Documents for the search tests: small, named by what they hold."""

from typing import Any

from knowledge.search.document import SearchDocument, Viewer

EVERYONE = Viewer()


def document(number: int, title: str, *aliases: str, **changes: Any) -> SearchDocument:
    values: dict[str, Any] = {
        "kind": "card",
        "object_id": number,
        "slug": f"doc-{number:04}",
        "title": title,
        "aliases": aliases,
        "body": "",
        "codes": (),
        "published": True,
        "audience": (),
        "facets": (),
        "uses": 0,
    }
    return SearchDocument(**values | changes)


SHOP = [
    document(
        1, "觉得运费比别家高", "邮费太贵了吧", "运费怎么这么高", body="按实收价走，满99元包邮。", codes=("yf1", "yf2")
    ),
    document(2, "寄到某地运费多少", "发新疆邮费多少", "寄到拉萨要多少运费", body="偏远地区另算。", codes=("yb1",)),
    document(3, "货退回了催退款", "退款怎么还没到", "钱什么时候退给我", body="退款原路返回。"),
    document(4, "退换货怎么操作", "怎么退货", "我要退回去"),
    document(5, "问尺码怎么选", "平时穿XL选什么码", "iPhone13手机壳选哪个"),
    document(6, "物流几天没更新", "快递卡住了", "包裹停在中转站"),
    document(7, "便宜点吧", "重新改个价"),
]
