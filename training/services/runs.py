"""Runs at the chat desk: start, reply, look, end. The clock is the server's; between requests only events are kept.

Every function takes `now`. Seconds count from the start of the run, on one line for all its customers. A poll writes
nothing: what a customer does by themselves follows from the script (training.desk.advance).
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from knowledge.documents import tidy, without_control
from knowledge.services import checking
from training.desk import judging
from training.desk.advance import Played, Sent, State, advance
from training.desk.script import Script, read
from training.models import DeskChat, DeskEvent, DeskRun, Dialogue
from training.services import recall
from training.services.recall import Missed

FEWEST, MOST = 2, 5
# Seconds: the first customer comes at once, each other one after the one before.
FIRST, LEAST_APART, MOST_APART = 1, 8, 20
GENTLE = 1.5  # how much longer every clock runs for beginners
LONGEST = DeskEvent._meta.get_field("text").max_length or 600
LAST_SEQUENCE = 2**31 - 1
READ_AT_ONCE = 200  # scripts a worker keeps
# Whoever never answers again: by then every customer has long left.
LONGEST_RUN = timedelta(hours=6)


class Refused(Exception):
    """What cannot be done now, with the sentence for people. `over` says that the customer or the run is gone."""

    def __init__(self, reason: str, *, over: bool = False) -> None:
        self.over = over
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Chat:
    """One customer at this moment."""

    pk: int
    position: int
    arrival: float
    script: Script
    state: State
    at: float  # the second it stands at

    @property
    def here(self) -> bool:
        """Whether the trainee sees this customer."""
        return self.state.arrived

    @property
    def waiting(self) -> bool:
        return self.state.waiting_since is not None

    @property
    def left(self) -> float | None:
        """Seconds until the customer nudges or leaves; None when nobody waits."""
        return None if self.state.answer_by is None else max(0.0, self.state.answer_by - self.at)

    @property
    def seconds(self) -> int:
        """How long this turn waits for an answer before the first nudge."""
        return self.script.turns[self.state.turn].seconds if self.state.turn else 0

    @property
    def last(self) -> str:
        """What the customer said last, for the ear."""
        said = [line.text for line in self.state.transcript if line.who != "trainee"]
        return said[-1] if said else ""

    @property
    def said(self) -> int:
        """How many lines the customer has said."""
        return sum(line.who != "trainee" for line in self.state.transcript)


@dataclass(frozen=True, slots=True)
class Desk:
    """A run at this moment: `at` is its second, `events` how many replies there are."""

    run: DeskRun
    at: float
    chats: tuple[Chat, ...]
    events: int

    @property
    def over(self) -> bool:
        return self.run.state == DeskRun.State.FINISHED or all(chat.state.over for chat in self.chats)

    @property
    def next(self) -> float | None:
        """The second at which something happens without anybody's doing; None when nothing will."""
        coming = [chat.state.next for chat in self.chats if chat.state.next is not None]
        return min(coming) if coming and not self.over else None

    @property
    def mark(self) -> str:
        """What a page sends back to be told that nothing is new: good until `next`."""
        until = "-" if self.next is None else f"{self.next:.3f}"
        return f"{self.run.pk}.{self.run.state}.{self.events}.{until}"

    @property
    def waiting(self) -> int:
        return sum(chat.waiting for chat in self.chats)


# Starting


def open_run(user: Any) -> DeskRun | None:
    return DeskRun.objects.filter(user=user.pk, state=DeskRun.State.OPEN).first()


def pick(dialogues: Sequence[Dialogue], count: int, dice: random.Random) -> list[Dialogue]:
    """So many of these by chance, of different competencies as far as there are."""
    found: list[Dialogue] = []
    left = dice.sample(list(dialogues), len(dialogues))
    while left and len(found) < count:
        known = {one.competency for one in found}
        found.append(next((one for one in left if one.competency not in known), left[0]))
        left.remove(found[-1])
    return found


def start(
    user: Any,
    dialogues: Sequence[Dialogue],
    *,
    now: datetime,
    dice: random.Random,
    gentle: bool = False,
    preview: bool = False,
) -> DeskRun:
    """A new run with these customers, each dialogue frozen as it is now. Two tabs get the same one.

    A run that is over but was never closed is finished first. Raises Refused when another is under way or the number
    of customers is not 2 to 5 (of a preview: 1).
    """
    if not (preview or FEWEST <= len(dialogues) <= MOST) or not dialogues:
        raise Refused(_("Choose two to five customers."))
    if (standing := open_run(user)) and not close_if_over(standing, now=now):
        raise Refused(_("You have a run under way: end it before you begin another."))
    try:
        with transaction.atomic():
            run = DeskRun.objects.create(user=user, started_at=now, preview=preview)
            arrivals = _arrivals(len(dialogues), dice)
            DeskChat.objects.bulk_create(
                _chat(run, at, dialogue, arrival, gentle)
                for at, (dialogue, arrival) in enumerate(zip(dialogues, arrivals, strict=True), 1)
            )
            return run
    except IntegrityError:  # the other tab was first
        standing = open_run(user)
        if standing is None:
            raise
        return standing


def _arrivals(count: int, dice: random.Random) -> list[float]:
    found, at = [], float(FIRST)
    for _number in range(count):
        found.append(at)
        at += dice.randint(LEAST_APART, MOST_APART)
    return found


def _chat(run: DeskRun, position: int, dialogue: Dialogue, arrival: float, gentle: bool) -> DeskChat:
    document = dialogue.to_document()
    if gentle:
        document |= {key: str(round(GENTLE * int(document[key]))) for key in ("first_seconds", "seconds")}
    return DeskChat(
        run=run,
        position=position,
        dialogue=dialogue,
        dialogue_version=dialogue.version,
        document=document,
        arrival=arrival,
        competency=dialogue.competency,
    )


def preview(user: Any, dialogue: Dialogue, document: Mapping[str, Any], *, now: datetime) -> DeskRun:
    """A trainer plays this text of a dialogue, perhaps one that nobody sees yet. A preview under way gives way.

    Raises Refused when a run that counts is under way.
    """
    standing = open_run(user)
    if standing and standing.preview:
        finish(standing, now=now)
    shown = Dialogue(pk=dialogue.pk, slug=dialogue.slug, version=dialogue.version, competency=document["competency"])
    shown.document = dict(document)
    return start(user, [shown], now=now, dice=random.Random(0), preview=True)  # noqa: S311 nothing is drawn


# Looking


def look(run: DeskRun, *, now: datetime, rows: Sequence[DeskEvent] | None = None) -> Desk:
    """Every customer of the run at this moment. A query for the events unless they are given as `rows`, and one for
    the scripts the first time a worker reads them."""
    rows = _rows(run) if rows is None else rows
    return _desk(run, _moment(run, rows, now), _scripts(run), rows)


EVENT = ("pk", "chat_id", "at", "text", "card", "judged")


def glance(user: Any, pk: int) -> tuple[DeskRun, list[DeskEvent]] | None:
    """This person's run with all its replies, in one query; None for any other run."""
    columns = ("started_at", "finished_at", "state", "preview", *(f"chats__events__{name}" for name in EVENT))
    rows = DeskRun.objects.filter(pk=pk, user=user.pk).order_by("chats__events__at", "chats__events__pk")
    found = list(rows.values_list(*columns))
    if not found:
        return None
    head = dict(zip(columns[:4], found[0], strict=False))
    events = [DeskEvent(**dict(zip(EVENT, row[4:], strict=True))) for row in found if row[4] is not None]
    return DeskRun(pk=pk, user_id=user.pk, **head), events


def unchanged(run: DeskRun, events: int, mark: str, *, now: datetime) -> bool:
    """Whether a page that has this mark (Desk.mark) would be told nothing new. No script is read for it."""
    head, found, until = mark.partition(f"{run.pk}.{run.state}.{events}.")
    if head or not found:
        return False
    try:
        return until == "-" or _second(run, now) < float(until)
    except ValueError:
        return False


def _second(run: DeskRun, now: datetime) -> float:
    """Of a finished run the last one: nothing goes on after it."""
    return max(0.0, ((run.finished_at or now) - run.started_at).total_seconds())


def _moment(run: DeskRun, rows: Iterable[DeskEvent], now: datetime) -> float:
    """The second of the run, never before its last reply: a clock set back takes back nothing that was said."""
    return max(_second(run, now), *(row.at for row in rows), 0.0)


def _scripts(run: DeskRun) -> dict[int, tuple[int, float, Script]]:
    """By the number of the chat: place, arrival and script. They never change once the run has begun: the cache says
    which they are, under which run of which moment it is, and the worker has them read."""
    key = f"desk/{settings.VERSION}/{run.pk}/{run.started_at.timestamp()}"
    known: list[tuple[int, int, float, str]] = cache.get(key, [])
    scripts = {name: found for *_chat, name in known if (found := _read.get(name))}
    if not known or any(name not in scripts for *_chat, name in known):
        chats = list(run.chats.order_by("position"))
        known = [(chat.pk, chat.position, chat.arrival, _name(chat.document)) for chat in chats]
        scripts = {name: read(chat.document) for chat, (*_chat, name) in zip(chats, known, strict=True)}
        if len(_read) > READ_AT_ONCE:
            _read.clear()
        _read.update(scripts)
        cache.set(key, known, timeout=3600)
    return {pk: (position, arrival, scripts[name]) for pk, position, arrival, name in known}


# Scripts this worker has read, by their text: runs of the same dialogue share one.
_read: dict[str, Script] = {}


def _name(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _rows(run: DeskRun) -> list[DeskEvent]:
    return list(DeskEvent.objects.filter(chat__run=run.pk).order_by("at", "pk"))


def _desk(run: DeskRun, at: float, scripts: Mapping[int, tuple[int, float, Script]], rows: Sequence[DeskEvent]) -> Desk:
    replies = sents(rows)
    chats = tuple(
        Chat(pk, position, arrival, script, advance(script, arrival, replies.get(pk, ()), at), at)
        for pk, (position, arrival, script) in scripts.items()
    )
    return Desk(run, at, chats, len(rows))


def sents(rows: Iterable[DeskEvent]) -> dict[int, list[Sent]]:
    """The replies of events by the number of their chat, in order."""
    found: dict[int, list[Sent]] = {}
    for row in rows:
        found.setdefault(row.chat_id, []).append(judging.sent(row.at, row.text, row.card, row.judged))
    return found


# Replying


@dataclass(frozen=True, slots=True)
class Reply:
    """What a page sends: `sequence` is its own number for it, so that the same reply sent twice is one."""

    position: int
    text: str
    sequence: int
    card: str = field(default="")


def send(run: DeskRun, reply: Reply, *, now: datetime) -> bool:
    """Judge a reply and keep it with the judgement. Returns False when it is there already.

    Raises DeskChat.DoesNotExist for a customer the run does not have, and Refused for an empty or overlong text, a
    customer who has not come or is gone, and a run that is finished.
    """
    text = tidy(without_control(reply.text))
    if not text or len(text) > LONGEST or not 0 < reply.sequence <= LAST_SEQUENCE:
        raise Refused(_("Write between 1 and %d characters.") % LONGEST)
    findings, _verdict = checking.judge(text)
    with transaction.atomic():
        # The lock: replies of two tabs come one by one, and none after the run is finished.
        locked = DeskRun.objects.select_for_update().get(pk=run.pk)
        chat = DeskChat.objects.get(run=run.pk, position=reply.position)
        number = _number(chat, reply.sequence, text)
        if number is None:
            return False
        if locked.state == DeskRun.State.FINISHED:
            raise Refused(_("This run is finished."), over=True)
        rows = _rows(locked)
        at = _moment(locked, rows, now)
        here = next(one for one in _desk(locked, at, _scripts(locked), rows).chats if one.pk == chat.pk)
        if not here.here:
            raise Refused(_("This customer has not come yet."))
        if here.state.over:
            raise Refused(_("This customer has gone; the reply came too late."), over=True)
        judged = judging.judge(text, here.script.turns.get(here.state.turn), findings)
        card = without_control(reply.card)[:6]
        DeskEvent.objects.create(chat=chat, sequence=number, at=at, text=text, card=card, judged=judged)
    return True


def _number(chat: DeskChat, sequence: int, text: str) -> int | None:
    """The number to keep a reply under, None when it is there: the page's own, or, since two pages that took the same
    one have both said something, one made of number and text, so that this reply too is found when it comes again."""
    mark = hashlib.sha256(f"{sequence} {text}".encode()).digest()
    other = int.from_bytes(mark[:8], "big") % LAST_SEQUENCE + 1
    taken = dict(chat.events.filter(sequence__in=(sequence, other)).values_list("sequence", "text"))
    if text in taken.values():
        return None
    free = [number for number in (sequence, other) if number not in taken]
    return free[0] if free else (chat.events.aggregate(top=Max("sequence"))["top"] or 0) % LAST_SEQUENCE + 1


# Ending


def close_if_over(run: DeskRun, *, now: datetime) -> bool:
    """Finish the run if every customer has gone. Returns whether it is finished."""
    if run.state != DeskRun.State.FINISHED and look(run, now=now).over:
        finish(run, now=now)
        return True
    return run.state == DeskRun.State.FINISHED


def finish(run: DeskRun, *, now: datetime) -> DeskRun:
    """Close the run: how each chat came out is written down, missed points and broken rules are remembered. A customer
    who is still there is sent home: that chat has no ending and proves nothing. Safe to repeat."""
    with transaction.atomic():
        _one_at_a_time(run.user_id)
        locked = DeskRun.objects.select_for_update(of=("self",)).select_related("user").get(pk=run.pk)
        if locked.state == DeskRun.State.FINISHED:
            return locked
        desk = look(locked, now=now)
        ends = [chat.state.ended_at for chat in desk.chats if chat.state.ended_at is not None]
        last = max(ends) if ends and desk.over else desk.at
        locked.state = DeskRun.State.FINISHED
        locked.finished_at = locked.started_at + timedelta(seconds=last)
        locked.save(update_fields=["state", "finished_at"])
        chats = {chat.pk: chat for chat in locked.chats.select_related("dialogue")}
        for one in desk.chats:
            _close(chats[one.pk], one)
        fields = ["ending", "ending_kind", "mood", "points", "max_points", "first_response"]
        DeskChat.objects.bulk_update(chats.values(), fields)
        if not locked.preview:
            recall.remember_all(locked.user, _missed(desk), now)
    return locked


def _one_at_a_time(user_pk: int) -> None:
    """Hold this person's row to the end of the transaction (as in services.quizzes)."""
    get_user_model().objects.select_for_update(no_key=True).filter(pk=user_pk).values_list("pk").first()


def _close(chat: DeskChat, told: Chat) -> None:
    state = told.state
    chat.ending = state.ending
    chat.ending_kind = told.script.kind_of(state.ending) if state.over else ""
    chat.mood = state.mood if state.arrived else None
    if state.over:  # of who is sent home early nothing counts, neither way
        chat.points = sum((turn.points for turn in state.played), Decimal(0))
        chat.max_points = Decimal(sum(turn.maximum for turn in state.played))
    chat.first_response = next((turn.seconds for turn in state.played[:1]), None)


def _missed(desk: Desk) -> list[Missed]:
    """What of a run is to be asked again: each point missed in an answered turn, and each rule broken."""
    found: list[Missed] = []
    for chat in desk.chats:
        for turn in (one for one in chat.state.played if one.seconds is not None):
            found += [_point(chat, turn, name) for name in turn.missed]
            found += [_rule(chat, turn, code) for code in (*turn.errors, *turn.warnings)]
    return found


def _point(chat: Chat, played: Played, name: str) -> Missed:
    point = next(point for point in played.turn.points if point.name == name)
    return _asked(chat, played, f"{played.turn.id}:{name}", f"{name}：{point.why}")


def _rule(chat: Chat, played: Played, code: str) -> Missed:
    rule = checking.current_rules().rows.get(code)
    return _asked(chat, played, f"{played.turn.id}:{code}", f"{rule or code}：{rule.about}" if rule else code)


def _asked(chat: Chat, played: Played, name: str, why: str) -> Missed:
    """The front of a recall item: what the customer said, what was replied, one that makes every point, and why."""
    front = {
        "prompt": "顾客发来：" + "\n".join(played.turn.say),
        "given": "\n".join(one.text for one in played.replies),
        "answer": played.turn.model,
        "why": why,
        "href": reverse("desk"),
        "card": chat.script.cards[0] if chat.script.cards else "",
    }
    return Missed("point", f"{chat.script.slug}#{name}", chat.script.competency, front)


def finish_over(now: datetime) -> int:
    """Finish every run whose customers have all gone, of people who never came back. Returns how many."""
    return sum(close_if_over(run, now=now) for run in DeskRun.objects.filter(state=DeskRun.State.OPEN))
