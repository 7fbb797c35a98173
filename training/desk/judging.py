"""What a reply is worth to the turn it answers: told when it arrives, frozen in its event, read back for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from training.desk.advance import Finding, Sent
from training.desk.matching import heard, makes
from training.desk.script import Turn


def judge(text: str, turn: Turn | None, findings: Iterable[Any]) -> dict[str, Any]:
    """The judgement as it is kept: the turn, the points of it that the reply makes, and the findings of the checker
    (anything with code, severity, start, end and better). Without a turn nobody was listening any more."""
    reply = heard(text)
    made = [point.name for point in turn.points if makes(reply, point.any)] if turn else []
    kept = [
        asdict(Finding(one.code, str(one.severity), one.start, one.end, getattr(one, "better", ""))) for one in findings
    ]
    return {"turn": turn.id if turn else "", "made": made, "findings": kept}


def sent(at: float, text: str, card: str, judged: Mapping[str, Any]) -> Sent:
    """The reply of an event, as `advance` takes it."""
    findings = tuple(Finding(**one) for one in judged.get("findings", ()))

    def codes(severity: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.code for one in findings if one.severity == severity))

    return Sent(
        at, text, codes("error"), codes("warning"), codes("hint"), tuple(judged.get("made", ())), card, findings
    )
