"""How good the search is: hit@1, hit@3 and MRR by kind of query, for each half of the evaluation set.

    python -m tests.search_quality.run_eval [--distractors N] [--misses] [--check]

The cards come from fixtures/cards; the index is a temporary one, on SQLite and then on PostgreSQL.
Both halves are reported: blind.jsonl was written by somebody who had not seen the aliases and stays
frozen. `--check` exits with 1 under the floors of the design.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from knowledge.search import engine
from knowledge.search.document import Viewer
from tests.search_quality.corpus import card_documents, distractors, use_starter_synonyms
from tests.search_quality.databases import VENDORS, each_database

HERE = Path(__file__).resolve().parent
HALVES = ("own", "blind")
FLOORS = {"keyword": 1, "message": 3, "pinyin": 1, "initials": 3, "synonym": 3}  # which rank must hold the card
LEAST = {"keyword": 0.85, "message": 0.85, "pinyin": 0.85, "initials": 0.75, "synonym": 0.85}


class Asked(NamedTuple):
    query: str
    kind: str
    want: list[str]
    got: list[str]

    @property
    def rank(self) -> int:
        """Of the first wanted card among the first ten; 0 when none is."""
        return next((place for place, slug in enumerate(self.got, 1) if slug in self.want), 0)


def questions(half: str) -> Iterator[tuple[str, str, list[str]]]:
    for line in (HERE / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["query"], row["kind"], row["want"]


def ask(half: str) -> list[Asked]:
    return [
        Asked(query, kind, want, [hit.slug for hit in engine.find(query, Viewer(), limit=10).hits])
        for query, kind, want in questions(half)
    ]


def measure(answers: Sequence[Asked]) -> tuple[float, float, float]:
    """hit@1, hit@3, MRR@10."""
    ranks = [answer.rank for answer in answers]
    return (
        sum(rank == 1 for rank in ranks) / len(ranks),
        sum(1 <= rank <= 3 for rank in ranks) / len(ranks),
        sum(1 / rank for rank in ranks if rank) / len(ranks),
    )


def report(answers: Sequence[Asked]) -> list[str]:
    """Print the table of one half; the floors that it misses."""
    failed = []
    for kind in dict.fromkeys(answer.kind for answer in answers):
        some = [answer for answer in answers if answer.kind == kind]
        first, third, mrr = measure(some)
        print(f"  {kind:9} {len(some):4}  hit@1 {first:.3f}  hit@3 {third:.3f}  MRR {mrr:.3f}")
        reached = first if FLOORS.get(kind) == 1 else third
        if reached < LEAST.get(kind, 0):
            failed.append(f"{kind} hit@{FLOORS[kind]} {reached:.3f} < {LEAST[kind]}")
    first, third, mrr = measure(answers)
    print(f"  {'all':9} {len(answers):4}  hit@1 {first:.3f}  hit@3 {third:.3f}  MRR {mrr:.3f}")
    return failed


def show_misses(answers: Iterable[Asked]) -> None:
    for answer in answers:
        least = FLOORS.get(answer.kind, 3)
        if not 1 <= answer.rank <= least:
            print(f"    {answer.kind:9} {answer.query}  want {' '.join(answer.want)}  got {' '.join(answer.got[:3])}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--distractors", type=int, default=0, help="synthetic documents beside the cards")
    parser.add_argument("--misses", action="store_true", help="list what is not found where it should be")
    parser.add_argument("--check", action="store_true", help="exit with 1 under the floors")
    parser.add_argument("--half", choices=HALVES, action="append", help="one half only")
    parser.add_argument("--database", choices=VENDORS, action="append", help="one database only")
    options = parser.parse_args()
    failed: list[str] = []
    for vendor in each_database(options.database or VENDORS):
        use_starter_synonyms()
        engine.rebuild([*card_documents(), *distractors(options.distractors)])
        for half in options.half or HALVES:
            if (HERE / f"{half}.jsonl").exists():
                print(f"{vendor}, {half}, {options.distractors} distractors")
                answers = ask(half)
                failed += [f"{vendor} {half}: {failure}" for failure in report(answers)]
                if options.misses:
                    show_misses(answers)
    if failed:
        print("Under the floors:\n  " + "\n  ".join(failed))
    return 1 if failed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
