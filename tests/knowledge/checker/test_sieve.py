"""The sieve: a shortcut that changes no finding."""

from __future__ import annotations

from functools import cache

from django.conf import settings as site
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.checker.engine import CompiledRule, Reply
from knowledge.checker.patterns import Pattern
from knowledge.checker.sieve import Sieve
from knowledge.files import read
from knowledge.services.checking import starter_rules

RAW = [read(path).value for path in sorted((site.CONTENT_DIR / "rules").glob("*.yaml"))]
examples = st.sampled_from([text for one in RAW for text in (*one["catches"], *one["passes"])])


@cache
def sieve_and_patterns() -> tuple[Sieve, list[Pattern]]:
    rules = starter_rules(site.CONTENT_DIR)
    patterns = [pattern for rule in rules for pattern in (*rule.unless, *rule.without)]
    for clue in (clue for rule in rules for clue in rule.clues):
        patterns += (*clue.match, *clue.beside, *clue.unless, *clue.without)
    return Sieve(rules), patterns


@settings(deadline=None, max_examples=40)
@given(st.lists(examples | st.text(max_size=20), max_size=4).map("，".join))
def test_no_pattern_is_passed_over(text: str) -> None:
    """What is ruled out before any search could not have matched, or a fault would go out unseen."""
    (sieve, patterns), reply = sieve_and_patterns(), Reply(text)
    standing = sieve.standing(reply.beginnings)
    for pattern in patterns:
        if not sieve.lets(pattern, standing):
            assert [view for view in reply.views.values() if pattern.regex.search(view)] == [], pattern


def test_neighbours_are_needed_together() -> None:
    """不 stands in every second reply, 不退 in few: a pattern looked for by 不 would be searched for every time."""
    rule = CompiledRule.read({
        "code": "absolute", "severity": "error",
        "clues": [
            {"match": ["不(退|换)", "(您|你)…4(没|不)看"]}, {"match": ["全网"], "longest": "4"}, {"longest": "3"},
        ],
    })  # fmt: skip
    sieve = Sieve([rule])

    def tried(text: str) -> list[str]:
        reply = Reply(text)
        standing = sieve.standing(reply.beginnings)
        entries = sieve.worth_trying(reply.beginnings, standing, reply.letters)
        return sorted(pattern.text for _rule, _clue, pattern in entries)

    assert tried("不用谢，退货随时找您") == []
    assert tried("您好，我没看见，不换") == ["(您|你)…4(没|不)看", "不(退|换)"]
    assert (tried("全网第一"), tried("全网第一名")) == (["全网"], [])
    assert [clue for _rule, clue in sieve.wholes] == [rule.clues[2]]
