"""What judging a reply costs: the starter rules on 200 characters, in one process, no database."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import django

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LIMIT = 3.0  # milliseconds; about one on a quiet core
CLEAN = "您好，您的件昨天已经发出，预计后天能到，我这边帮您盯着物流，有消息马上告诉您。要是等不及，可以换顺丰补差价。"
ROUNDS = 200


def show_checker() -> list[str]:
    """Print the median; what is over budget."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csportal.settings")
    os.environ.setdefault("SECRET_KEY", "bench")
    django.setup()
    from knowledge.checker.engine import check
    from knowledge.services.checking import starter_rules

    rules, text = starter_rules(FIXTURES), (CLEAN * 4)[:200]
    check(text, rules)
    taken = []
    for _round in range(ROUNDS):
        begun = time.perf_counter()
        check(text, rules)
        taken.append((time.perf_counter() - begun) * 1000)
    median = statistics.median(taken)
    print(f"\nReply checker: {median:.2f} ms for {len(text)} characters by {len(rules)} rules")
    return [f"the reply checker takes {median:.2f} ms, {LIMIT} at most"] if median > LIMIT else []
