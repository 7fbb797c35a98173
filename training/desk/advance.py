"""One customer at the desk: `advance(script, arrival, events, now)` is all there is to know, at any moment.

Nothing is kept between calls. What the trainee sent is an event with the judgement frozen in it; what the customer
does follows from the script and the clock. So a refresh, a second tab, a poll that came late or a server killed
between two events change nothing: the same events and the same now give the same state.

A customer reads for READING seconds after the first reply to a turn; whatever is sent within counts to the same turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from training.desk.script import LEFT, MOODS, Branch, Script, Turn

READING = 4.0  # seconds from the first reply of a turn to the customer's next message
AGAIN = 0.6  # a customer who has nudged waits so much of the turn's seconds for the next nudge


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of a reply, the rule it broke that day, and what might have stood there."""

    code: str
    severity: str
    start: int
    end: int
    better: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply: seconds since the run began, its text, the rule codes it breaks by severity, the points it makes, and
    the findings as they were shown afterwards."""

    at: float
    text: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    card: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        return frozenset((*self.errors, *self.warnings, *self.hints))


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the transcript: who, when, what, in which turn (none: the last words); of a reply, which one."""

    who: str  # customer, nudge, trainee
    at: float
    text: str
    turn: str = ""
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """A turn that is over: what the replies made and missed, seconds to the first of them, where it went and why."""

    turn: Turn
    asked_at: float
    seconds: float | None
    made: tuple[str, ...]
    missed: tuple[str, ...]
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    branch: Branch | None
    mood: int
    replies: tuple[Sent, ...] = ()

    @property
    def maximum(self) -> int:
        """How many points a good reply had to make."""
        return self.turn.required

    @property
    def points(self) -> Decimal:
        """The required points made, halved by a warning, nothing with an error or without a reply."""
        if self.seconds is None or self.errors:
            return Decimal(0)
        made = Decimal(self.maximum - len(self.missed))
        return made / 2 if self.warnings else made

    @property
    def score(self) -> Decimal:
        """The same as a share, 0 to 1."""
        return self.points / self.maximum if self.maximum else Decimal(1)


@dataclass(frozen=True, slots=True)
class State:
    """Where a customer stands at `now`."""

    arrived: bool
    turn: str  # "" when it is over or has not begun
    waiting_since: float | None  # the customer's last message that has no reply yet
    answer_by: float | None  # when the next nudge or the leaving comes
    next: float | None  # when the customer does something by themselves; None when it is over
    mood: int
    ending: str
    ended_at: float | None
    transcript: tuple[Said, ...]
    played: tuple[Played, ...]
    moods: tuple[tuple[float, int], ...]  # seconds, and the satisfaction from then on

    @property
    def over(self) -> bool:
        return bool(self.ending)


def advance(script: Script, arrival: float, events: Sequence[Sent], now: float) -> State:
    """The state of this customer `now` seconds after the run began. Events may come in any order; later ones than
    `now` are not looked at, those before the arrival or after the end change nothing."""
    talk = _Talk(script)
    if now < arrival:
        return talk.state(arrived=False, next=arrival)
    talk.moods.append((arrival, talk.mood))
    talk.ask(script.start, arrival)
    known = sorted((event for event in events if arrival <= event.at <= now), key=lambda event: (event.at, repr(event)))
    for event in known:
        talk.run_to(event.at)
        talk.take(event)
    talk.run_to(now)
    return talk.state(arrived=True, next=talk.due)


@dataclass
class _Talk:
    script: Script
    turn: Turn | None = None
    asked_at: float = 0.0
    nudges: int = 0
    due: float | None = None  # next nudge, leaving, or the end of reading
    replies: list[Sent] = field(default_factory=list)
    mood: int = -1
    ending: str = ""
    ended_at: float | None = None
    transcript: list[Said] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    moods: list[tuple[float, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mood = self.script.mood

    def ask(self, turn: str, at: float) -> None:
        self.turn, self.asked_at, self.nudges, self.replies = self.script.turns[turn], at, 0, []
        self.transcript += [Said("customer", at, text, turn) for text in self.turn.say]
        self.due = at + self.turn.seconds

    def run_to(self, moment: float) -> None:
        """Let the customer do what comes due up to and at this moment."""
        while self.turn and self.due is not None and self.due <= moment:
            at = self.due
            if self.replies:
                self._go_on(self.turn, at)
            elif self.nudges >= self.script.patience:
                self._close(self.turn, None)
                self._end(LEFT, at)
            else:
                self.nudges += 1
                self._feel(-1, at)
                self.transcript.append(Said("nudge", at, self.script.nudge(self.turn, self.nudges), self.turn.id))
                self.due = at + self.turn.seconds * AGAIN

    def take(self, event: Sent) -> None:
        if self.turn is None:
            return
        self.transcript.append(Said("trainee", event.at, event.text, self.turn.id, event))
        self.replies.append(event)
        if len(self.replies) == 1:
            self.due = event.at + READING

    def _go_on(self, turn: Turn, at: float) -> None:
        """The customer has read: what was sent decides where the talk goes."""
        branch = self._choose(turn)
        self._feel(branch.mood, at)
        self._close(turn, branch)
        if branch.to in self.script.endings:
            ending = self.script.endings[branch.to]
            if ending.say:
                self.transcript.append(Said("customer", at, ending.say))
            self._end(branch.to, at)
        else:
            self.ask(branch.to, at)

    def _choose(self, turn: Turn) -> Branch:
        here = self._result(turn, None)
        for branch in turn.branches:
            if branch.is_rest or self._holds(branch, here):
                return branch
        return turn.branches[-1]

    def _holds(self, branch: Branch, here: Played) -> bool:
        broken = {code for reply in self.replies for code in reply.codes}
        grave = {*here.errors, *here.warnings}
        if branch.breaks and not (set(branch.breaks) & broken or ("any" in branch.breaks and grave)):
            return False
        if not set(branch.has) <= set(here.made):
            return False
        if branch.misses and not set(branch.misses) - set(here.made):
            return False
        if branch.slower is not None and (here.seconds or 0) <= branch.slower:
            return False
        return branch.score_below is None or 100 * score([*self.played, here]) < branch.score_below

    def _result(self, turn: Turn, branch: Branch | None) -> Played:
        made = {name for reply in self.replies for name in reply.made}
        names = [point.name for point in turn.points]
        return Played(
            turn=turn,
            asked_at=self.asked_at,
            seconds=self.replies[0].at - self.asked_at if self.replies else None,
            made=tuple(name for name in names if name in made),
            missed=tuple(point.name for point in turn.points if not point.bonus and point.name not in made),
            errors=tuple(dict.fromkeys(code for reply in self.replies for code in reply.errors)),
            warnings=tuple(dict.fromkeys(code for reply in self.replies for code in reply.warnings)),
            branch=branch,
            mood=self.mood,
            replies=tuple(self.replies),
        )

    def _close(self, turn: Turn, branch: Branch | None) -> None:
        self.played.append(self._result(turn, branch))
        self.turn, self.due, self.replies = None, None, []

    def _feel(self, change: int, at: float) -> None:
        self.mood = max(0, min(MOODS, self.mood + change))
        self.moods.append((at, self.mood))

    def _end(self, ending: str, at: float) -> None:
        self.ending, self.ended_at = ending, at

    def state(self, *, arrived: bool, next: float | None) -> State:
        waiting = self.asked_at if self.turn and not self.replies else None
        return State(
            arrived=arrived,
            turn=self.turn.id if self.turn else "",
            waiting_since=waiting,
            answer_by=self.due if waiting is not None else None,
            next=next,
            mood=self.mood,
            ending=self.ending,
            ended_at=self.ended_at,
            transcript=tuple(self.transcript),
            played=tuple(self.played),
            moods=tuple(self.moods),
        )


def score(played: Sequence[Played]) -> Decimal:
    """Of a talk, 0 to 1: the points earned of those there were to get in the turns it took."""
    most = sum(turn.maximum for turn in played)
    return sum((turn.points for turn in played), Decimal(0)) / most if most else Decimal(0)
