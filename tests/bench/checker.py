"""What judging a reply costs: the starter rules on 200 characters, in one process, no database.

Two texts: a long good reply, and 200 characters of many labelled replies at once, every second of them faulty: as dense
as no reply ever is.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import django

DEV = Path(__file__).resolve().parents[1] / "checker_quality" / "dev.jsonl"
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LIMIT = 6.0  # milliseconds, faulty throughout; about two on a quiet core
CLEAN = "您好，您的件昨天已经发出，预计后天能到，我这边帮您盯着物流，有消息马上告诉您。要是等不及，可以换顺丰补差价。"
ROUNDS = 200


def show_checker() -> list[str]:
    """Print the median; what is over budget."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csportal.settings")
    os.environ.setdefault("SECRET_KEY", "bench")
    django.setup()
    from knowledge.checker.engine import check
    from knowledge.services.checking import starter_rules

    rules = starter_rules(FIXTURES)

    def median(texts: Sequence[str]) -> float:
        taken = []
        for text in [*texts, *(texts * ROUNDS)[:ROUNDS]]:
            begun = time.perf_counter()
            check(text, rules)
            taken.append((time.perf_counter() - begun) * 1000)
        return statistics.median(taken[len(texts) :])

    replies = "".join(json.loads(line)["reply"] for line in DEV.read_text(encoding="utf-8").splitlines())
    good = median([(CLEAN * 4)[:200]])
    dense = median([replies[at : at + 200] for at in range(0, len(replies) - 200, 200)][:50])
    print(
        f"\nReply checker, 200 characters by {len(rules)} rules: {good:.2f} ms good, {dense:.2f} ms faulty throughout"
    )
    return [f"the reply checker takes {dense:.2f} ms, {LIMIT} at most"] if dense > LIMIT else []
