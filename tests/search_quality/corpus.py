"""Documents to search: the starter cards, and any number of synthetic ones from a seed."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from knowledge.search import engine
from knowledge.search.document import SearchDocument
from knowledge.text import fill_defaults, normalise

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures"
FIRST_DISTRACTOR = 1_000_000


def card_documents() -> list[SearchDocument]:
    """The starter cards as the index sees them."""
    paths = sorted((FIXTURES / "cards").glob("*.yaml"))
    return [_document(number, _load(path)) for number, path in enumerate(paths, 1)]


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)


def _document(number: int, card: Any) -> SearchDocument:
    lines = [*card["do"], *card["dont"]]
    texts = [text for line in lines for text in (line["text"], fill_defaults(line["text"]), line["why"])]
    return SearchDocument(
        kind="card",
        object_id=number,
        slug=card["slug"],
        title=card["title"],
        aliases=(*card["aliases"], *card.get("keywords", ())),
        body="\n".join([*dict.fromkeys(texts), card["principle"], card.get("trigger", "")]),
        codes=tuple(line["code"] for line in card["do"]),
        published=True,
        audience=(),
        facets=(f"stage:{card['stage']}", f"competency:{card['competency']}"),
        uses=0,
    )


def use_starter_synonyms() -> None:
    """The starter synonym table, where there is one, as the site would provide it."""
    path = FIXTURES / "synonyms.yaml"
    mapping: dict[str, tuple[str, ...]] = {}
    for words in _load(path)["groups"] if path.exists() else []:
        group = [normalise(word) for word in words]
        for word in group:
            mapping[word] = (*mapping.get(word, ()), *(other for other in group if other != word))
    engine.set_synonym_provider(lambda: (1, mapping))


# The trade's own words, in proportions like those of a shop's chat: a few common, many rare.
_TOPICS = """
    订单 快递 包裹 地址 电话 商品 链接 页面 客服 店铺 仓库 库存 发票 收据 保修 安装
    说明书 配件 电池 充电器 屏幕 键盘 耳机 衣服 裤子 鞋子 裙子 外套 毛衣 围巾 帽子
    手套 袜子 被套 枕头 床单 窗帘 毛巾 牙刷 水杯 餐具 锅具 刀具 砧板 花盆 台灯 插座
    面膜 口红 香水 洗发水 沐浴露 护手霜 防晒霜 奶粉 尿布 奶瓶 玩具 积木 绘本 书包 文具
    雨伞 行李箱 帐篷 鱼竿 自行车 头盔 猫粮 狗粮
""".split()
_ACTIONS = """
    查询 修改 登记 核对 寄出 签收 补发 更换 维修 检测 测量 安装 拆开 清洗 晾晒 存放
    预约 取件 打包 称重 贴单 开票 报备 归档 催促 转交 确认 截图 上传 下载 扫码 登录
    绑定 解绑 续费 升级 重启 刷新 收藏 关注 分享 评论 回复 举例 对比 试穿 试用 试吃
    挑选 搭配
""".split()
_SHAPES = (
    "{a}{t}要注意什么",
    "{t}怎么{a}",
    "{a}之后{t}还会变吗",
    "想问一下{t}能不能先{a}再说",
    "{t}和{t2}一起{a}可以吗",
    "昨天{a}的{t}今天{w}了",
    "{w}的{t}在哪里{a}",
    "{t}{a}完{n}天了有没有{w}",
    "我家{t}{w}，{t2}倒是没事，要{a}吗",
    "型号{m}的{t}多少钱，{a}收费吗",
)
# Two thousand characters of the common range, so that the rare terms look like a language's.
_COMMON = [chr(code) for code in range(0x4E00, 0x9FA5, 10)]


def distractors(number: int, seed: int = 7, kind: str = "card") -> Iterator[SearchDocument]:
    """Synthetic documents: a title, three aliases, a body of some 120 characters; the same for a seed."""
    draw = random.Random(seed)
    names = ["".join(draw.choices(_COMMON, k=2)) for _ in range(4000)]
    for count in range(number):
        fields = [_sentence(draw, names) for _ in range(4)]
        body = "。".join(_sentence(draw, names) for _ in range(10))
        yield SearchDocument(
            kind=kind,
            object_id=FIRST_DISTRACTOR + count,
            slug=f"zz-{count}",
            title=fields[0],
            aliases=tuple(fields[1:]),
            body=body,
            codes=(),
            published=True,
            audience=(),
            facets=("stage:pre",),
            uses=0,
        )


def _sentence(draw: random.Random, names: list[str]) -> str:
    return draw.choice(_SHAPES).format(
        t=draw.choice(_TOPICS),
        t2=draw.choice(_TOPICS),
        a=draw.choice(_ACTIONS),
        w=draw.choice(names),
        n=draw.randint(2, 30),
        m=f"{draw.choice('abcdefghk')}{draw.randint(100, 9999)}",
    )
