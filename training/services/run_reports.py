"""Reports of finished runs: told from the frozen documents and the events alone. Later edits change nothing.

Only what a rule is about and where to read on is looked up as it is today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from knowledge.enums import Competency, CustomerGroup, Rule
from knowledge.models import Card
from knowledge.services import checking
from training.desk import curve, measures
from training.desk.advance import READING, Played, Said, Sent, State, advance
from training.desk.curve import Curve
from training.desk.script import LEFT, Point, read
from training.grading import plain
from training.models import DeskChat, DeskEvent, DeskRun, Dialogue
from training.services import runs
from training.services.runs import Chat, sents

RECENT = 8
COUNTED = 300  # talks behind the numbers on a drawn graph, the newest


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding for people: its number in the reply, what stood there, why not, and what might have stood there."""

    number: int
    label: str
    severity: str
    text: str
    about: str
    better: str


@dataclass(frozen=True, slots=True)
class ToldReply:
    at: float
    card: str
    pieces: tuple[checking.Piece, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class ToldTurn:
    """A turn with all that was said in it. `played` is None for the one a run was ended in."""

    lines: tuple[Said, ...]
    replies: tuple[ToldReply, ...]
    played: Played | None
    made: tuple[Point, ...] = ()
    missed: tuple[Point, ...] = ()

    @property
    def why(self) -> str:
        """Which words decided where the talk went; empty when nobody answered."""
        return self.played.branch.why if self.played and self.played.branch else ""

    @property
    def extra(self) -> tuple[Point, ...]:
        """Points beyond those required."""
        return tuple(point for point in self.made if point.bonus)

    @property
    def points(self) -> str:
        return plain(self.played.points) if self.played else "0"

    @property
    def cut(self) -> str:
        """What took points away that were made: error (all) or warning (half); empty for neither."""
        if not self.played or not self.replies or self.played.maximum == len(self.missed):
            return ""
        return "error" if self.played.errors else "warning" if self.played.warnings else ""


@dataclass(frozen=True, slots=True)
class ToldChat:
    """One customer: how it came out, turn by turn."""

    chat: Chat
    group: str
    competency: str
    kind: str  # good, fair, bad; empty for one who was sent home
    last: str
    why: str
    turns: tuple[ToldTurn, ...]
    curve: Curve | None
    moods: tuple[tuple[float, int, str], ...]  # at which second, the satisfaction from then on, why
    earned: str
    most: str
    percent: int | None
    first: float | None
    mean: float | None
    cards: tuple[Card, ...]

    @property
    def left(self) -> bool:
        """Whether the customer went because nobody answered."""
        return self.chat.state.ending == LEFT

    @property
    def waited(self) -> float:
        """Seconds that a customer who left waited at the end."""
        return (self.chat.state.ended_at or 0) - self.chat.state.played[-1].asked_at

    @property
    def asked(self) -> int:
        """How often a customer who left asked again meanwhile."""
        last = self.chat.state.played[-1]
        return sum(line.who == "nudge" and line.turn == last.turn.id for line in self.chat.state.transcript)


@dataclass(frozen=True, slots=True)
class Report:
    chats: tuple[ToldChat, ...]
    seconds: float
    earned: str
    most: str
    percent: int | None
    first: float | None  # mean of the first response times
    mean: float | None
    at_once: int  # most customers waiting at the same moment
    overlap: float  # seconds with two or more customers in talk


def tell(run: DeskRun, reader: Any) -> Report:
    """The report of a finished run. A fixed number of queries, however many customers and replies there were."""
    desk = runs.look(run, now=run.finished_at or run.started_at)
    cards = _cards((slug for chat in desk.chats for slug in chat.script.cards), reader)
    abouts = {code: rule.about for code, rule in checking.current_rules().rows.items()}
    told = tuple(_chat(chat, desk.at, cards, abouts) for chat in desk.chats)
    states = [chat.state for chat in desk.chats]
    played = [turn for state in states if state.over for turn in state.played]
    firsts = [first for state in states if (first := measures.first_response(state)) is not None]
    points, most = sum((turn.points for turn in played), Decimal(0)), sum(turn.maximum for turn in played)
    talks = [(chat.arrival, chat.state.ended_at or desk.at) for chat in desk.chats if chat.state.arrived]
    return Report(
        chats=told,
        seconds=desk.at,
        earned=plain(points),
        most=str(most),
        percent=int(100 * points / most) if most else None,
        first=measures.mean(firsts),
        mean=measures.mean(measures.responses(states)),
        at_once=measures.most_at_once(stretch for state in states for stretch in measures.waits(state, desk.at)),
        overlap=measures.overlap(talks),
    )


def _cards(slugs: Iterable[str], reader: Any) -> dict[str, Card]:
    found = Card.objects.published().for_teams_of(reader).filter(slug__in=set(slugs))
    return {card.slug: card for card in found}


def _chat(chat: Chat, until: float, cards: dict[str, Card], abouts: dict[str, str]) -> ToldChat:
    state, script = chat.state, chat.script
    ending = script.endings.get(state.ending)
    counted = state.played if state.over else ()
    points, most = sum((turn.points for turn in counted), Decimal(0)), sum(turn.maximum for turn in counted)
    return ToldChat(
        chat=chat,
        group=str(dict(CustomerGroup.choices).get(script.group, script.group)),
        competency=str(dict(Competency.choices).get(script.competency, script.competency)),
        kind=script.kind_of(state.ending) if state.over else "",
        last=ending.say if ending else "",
        why=ending.why if ending else "",
        turns=tuple(_turns(chat, abouts)),
        curve=curve.draw(state.moods, state.ended_at or until),
        moods=tuple(_moods(state)),
        earned=plain(points),
        most=str(most),
        percent=int(100 * points / most) if most else None,
        first=measures.first_response(state),
        mean=measures.mean(measures.responses([state])),
        cards=tuple(cards[slug] for slug in script.cards if slug in cards),
    )


def _moods(state: State) -> Iterable[tuple[float, int, str]]:
    """Each change of satisfaction with what brought it about."""
    whys = {line.at: _("asked again") for line in state.transcript if line.who == "nudge"}
    whys |= {one.replies[0].at + READING: one.branch.why for one in state.played if one.replies and one.branch}
    for number, (at, mood) in enumerate(state.moods):
        yield at, mood, whys.get(at, "") if number else _("came")


def _turns(chat: Chat, abouts: dict[str, str]) -> Iterable[ToldTurn]:
    """Turn by turn, the one a run was ended in last."""
    played = {one.turn.id: one for one in chat.state.played}
    for name in (*played, *([chat.state.turn] if chat.state.turn else [])):
        here = [line for line in chat.state.transcript if line.turn == name]
        lines = tuple(line for line in here if not line.sent)
        replies = tuple(_reply(line.sent, abouts) for line in here if line.sent)
        points = chat.script.turns[name].points
        one = played.get(name)
        yield ToldTurn(
            lines,
            replies,
            one,
            tuple(point for point in points if one and point.name in one.made),
            tuple(point for point in points if one and point.name in one.missed),
        )


def _reply(sent: Sent, abouts: dict[str, str]) -> ToldReply:
    faults = tuple(
        Fault(
            number,
            str(dict(Rule.choices).get(one.code, one.code)),
            one.severity,
            sent.text[one.start : one.end],
            abouts.get(one.code, ""),
            one.better,
        )
        for number, one in enumerate(sent.findings, 1)
    )
    return ToldReply(sent.at, sent.card, tuple(checking.pieces(sent.text, sent.findings)), faults)


# Lists


def last_runs(user: Any) -> list[DeskRun]:
    """This person's newest finished runs that count, with `earned` and `most` points."""
    rows = DeskRun.objects.filter(user=user.pk, state=DeskRun.State.FINISHED, preview=False)
    return list(rows.annotate(earned=Sum("chats__points"), most=Sum("chats__max_points"))[:RECENT])


def last_outcomes(user: Any) -> dict[int, str]:
    """By dialogue: how this person's last finished chat of it came out."""
    rows = (
        DeskChat.objects.filter(run__user=user.pk, run__preview=False)
        .exclude(ending="")
        .order_by("run__finished_at", "pk")
    )
    return dict(rows.values_list("dialogue_id", "ending_kind"))


@dataclass(frozen=True, slots=True)
class Ways:
    """Where people went in a dialogue: how many talks there were, how many came by each turn and ending, and how many
    took each way between two."""

    talks: int
    visits: Counter[str]
    taken: Counter[tuple[str, str]]

    @property
    def left(self) -> int:
        """Customers nobody answered."""
        return self.visits[LEFT]


def ways(dialogue: Dialogue, viewer: Any) -> Ways:
    """Of the newest finished talks of this dialogue that this viewer may see, previews left out. Two queries."""
    seen = DeskRun.objects.visible_to(viewer).filter(preview=False, state=DeskRun.State.FINISHED)
    rows = DeskChat.objects.filter(dialogue=dialogue, run__in=seen.values("pk")).exclude(ending="")
    chats = list(rows.order_by("-run__finished_at", "-pk")[:COUNTED])
    replies = sents(DeskEvent.objects.filter(chat__in=[chat.pk for chat in chats]).order_by("at", "pk"))
    visits: Counter[str] = Counter()
    taken: Counter[tuple[str, str]] = Counter()
    for chat in chats:
        state = advance(read(chat.document), chat.arrival, replies.get(chat.pk, ()), float("inf"))
        visits.update(turn.turn.id for turn in state.played)
        visits[state.ending] += 1
        taken.update((turn.turn.id, turn.branch.to) for turn in state.played if turn.branch)
    return Ways(len(chats), visits, taken)
