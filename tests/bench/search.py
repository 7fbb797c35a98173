"""How fast the search is beside LIKE: p50, p95, ratio, index size and build time, on both databases.

    python -m tests.bench.search [--sizes 1000 10000 100000] [--database sqlite|postgresql] [--rounds 3]

Each size is built anew in a temporary database: the starter cards and synthetic documents from a seed.
The two searches take turns on a mixed set of queries. Beside ours stands what a site without an index
does: every word LIKE (ILIKE on PostgreSQL) in title, aliases and body, ordered, the first ten.
Wall milliseconds of the whole call; only ratios inside one run travel. The floors are asserted at the
largest size of 100,000 or more: 8 times faster than LIKE on SQLite, 4 times than ILIKE on PostgreSQL.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice

from django.db import connection, transaction

from knowledge.search import engine, features
from knowledge.search.document import SearchDocument, Viewer
from knowledge.search.query import parse
from knowledge.search.schema import PREFIX
from tests.search_quality.corpus import card_documents, distractors, use_starter_synonyms
from tests.search_quality.databases import VENDORS, each_database

FLOORS = {"sqlite": 8.0, "postgresql": 4.0}
ASSERTED_FROM = 100_000
PLAIN = "bench_plain"
# A mixed set: keywords, fragments, several words, model numbers, pinyin, initials, slips, messages.
QUERIES = (
    "运费", "尺码", "差评", "退款进度", "取消订单", "没更新", "耳机怎么", "发票登记", "毛衣清洗", "雨伞试用",
    "物流 更新", "优惠券 使用", "耳机 充电器 更换", "a12", "k9", "yunfei", "tuikuan", "zhengpin", "wlgx",
    "运废", "推款",
    "东西收到两天就开线了，你们这质量怎么回事",
    "我昨天拍的到现在还显示待发货，能不能催一下",
    "寄到新疆要加多少邮费，比别家贵好多啊",
)  # fmt: skip


def build(documents: Sequence[SearchDocument]) -> float:
    """Seconds to build the index; the plain table for LIKE is filled beside it, uncounted."""
    start = time.perf_counter()
    engine.rebuild(documents)
    seconds = time.perf_counter() - start
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {PLAIN}")
        cursor.execute(f"CREATE TABLE {PLAIN} (id INTEGER PRIMARY KEY, slug TEXT, title TEXT, aliases TEXT, body TEXT)")
        rows = ((one.object_id, one.slug, one.title, "\n".join(one.aliases), one.body) for one in documents)
        while chunk := list(islice(rows, 1000)):
            cursor.executemany(f"INSERT INTO {PLAIN} VALUES (%s, %s, %s, %s, %s)", chunk)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {PLAIN}")
    return seconds


def ours(query: str) -> None:
    engine.find(query, Viewer())


def plain(query: str) -> None:
    """What `filter(Q(title__icontains=…) | …)` for each word amounts to."""
    like = "ILIKE %s" if connection.vendor == "postgresql" else r"LIKE %s ESCAPE '\'"
    words = parse(query, message=True).typed
    where = " AND ".join([f"(title {like} OR aliases {like} OR body {like})"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, slug, title FROM {PLAIN} WHERE {where} ORDER BY slug LIMIT 10",
            [f"%{word}%" for word in words for _ in range(3)],
        )
        cursor.fetchall()


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of every query, the median of the rounds: ours, LIKE."""
    taken: dict[tuple[Callable[[str], None], str], list[float]] = {}
    for _ in range(rounds):
        for query in QUERIES:
            for search in (ours, plain):
                start = time.perf_counter()
                search(query)
                taken.setdefault((search, query), []).append(1000 * (time.perf_counter() - start))
    middle = {key: statistics.median(times) for key, times in taken.items()}
    return [middle[ours, query] for query in QUERIES], [middle[plain, query] for query in QUERIES]


def index_bytes() -> int:
    """What the index tables take on disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0) FROM pg_class "
                "WHERE relkind = 'r' AND relname LIKE %s",
                [f"{PREFIX}%"],
            )
            return int(cursor.fetchone()[0])
        # Some builds have no dbstat: there everything but the plain table is taken for the index.
        cursor.execute("SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)")
        whole = cursor.fetchone()[0]
        cursor.execute(f"SELECT SUM(LENGTH(CAST(title || aliases || body AS BLOB))) FROM {PLAIN}")
        return int(whole - cursor.fetchone()[0])


def report(vendor: str, size: int, seconds: float, rounds: int) -> float:
    """One line of figures; how many times faster than LIKE the median query is."""
    features._cache.clear()
    mine, theirs = measure(rounds)
    ratio = statistics.median(theirs) / statistics.median(mine)
    print(
        f"{vendor:10} {size:7,} documents  build {seconds:6.1f} s  index {index_bytes() / 2**20:7.1f} MB  "
        f"ours p50 {statistics.median(mine):7.2f} p95 {_p95(mine):7.2f} ms  "
        f"LIKE p50 {statistics.median(theirs):7.2f} p95 {_p95(theirs):7.2f} ms  {ratio:5.1f} times faster",
        flush=True,
    )
    return ratio


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--database", choices=VENDORS, action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="print every query too")
    options = parser.parse_args()
    slow = []
    for vendor in each_database(options.database or VENDORS):
        use_starter_synonyms()
        for size in options.sizes:
            cards = card_documents()
            seconds = build([*cards, *distractors(size - len(cards))])
            ratio = report(vendor, size, seconds, options.rounds)
            if options.each:
                for query, mine, theirs in zip(QUERIES, *measure(1), strict=True):
                    print(f"    {mine:8.2f} {theirs:8.2f}  {query}")
            if size >= ASSERTED_FROM and ratio < FLOORS[vendor]:
                slow.append(f"{vendor}: {ratio:.1f} times faster than LIKE, {FLOORS[vendor]:.0f} are wanted")
    print("\n".join(slow))
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
