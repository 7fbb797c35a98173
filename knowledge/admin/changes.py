"""What differs between two versions, in the words of the forms: for approvers, histories, and whoever was overtaken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge import diff
from knowledge.diff import Change, Mark, State
from knowledge.documents import Document
from knowledge.services.workflow import Kind

# Of unchanged text so many characters stay on each side of a change; the rest is folded away.
CONTEXT = 40
SHORT = 20  # characters of what is read as a word
STATE_WORDS = {State.CHANGED: _("changed"), State.ADDED: _("new"), State.REMOVED: _("removed"), State.SAME: ""}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. What is kept and long has a fold: the middle, which is opened by a click."""

    mark: str
    text: str
    fold: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A box of the form, or a row of a list, and what became of it."""

    label: str
    state: str
    word: str
    moved: bool
    pieces: tuple[Piece, ...]
    parts: tuple[Shown, ...]
    rest: tuple[Shown, ...]  # rows that did not change
    short: bool  # its parts are words, not texts or rows of boxes


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed, box by box, and the names of the boxes that did not."""

    changed: tuple[Shown, ...]
    same: tuple[str, ...]


def changes(kind: Kind, old: Document | None, new: Document) -> Changes:
    """From one document of this kind to another; `old` is None for what nobody has read yet."""
    compared = diff.compare(kind.read(old) if old else {}, kind.read(new), identity=_same_row)
    parts = [part for part in compared.parts if part.touched or part.parts or part.pieces]
    return Changes(
        tuple(_shown(part, kind.words) for part in parts if part.touched),
        tuple(_label(part.name, kind.words) for part in parts if not part.touched),
    )


def _same_row(row: Any) -> str:
    """Lines of a card have an identity, and the options of a better reply are lines."""
    return str(row.get("id") or row.get("line") or "")


def _shown(change: Change, words: Mapping[str, Any], within: Change | None = None) -> Shown:
    """`within` is the row or box it is part of: what came or went as a whole says so once."""
    parts = [part for part in change.parts if part.name != "id"]
    label = _label(change.name, words)
    if (code := next((part for part in parts if part.name == "code"), None)) and code.pieces:
        label = code.pieces[-1][1]
        parts = [part for part in parts if part is not code or code.state == State.CHANGED]
    rows = [part for part in parts if part.name.isdigit()]
    shown = [part for part in parts if _worth_reading(part, rows, change)]
    plain = bool(rows) and not any(row.parts for row in rows)
    told = within is not None and (within.state in (State.ADDED, State.REMOVED) or within.name.isdigit())
    return Shown(
        label="" if within and change.name.isdigit() and not change.parts else label,
        state=change.state.value,
        word="" if told else str(STATE_WORDS[change.state]),
        moved=change.moved,
        pieces=_pieces(change),
        parts=tuple(_shown(part, words, change) for part in shown),
        rest=tuple(_shown(row, words, change) for row in rows if not row.touched),
        short=plain and all(len(text) <= SHORT for row in rows for _mark, text in row.pieces),
    )


def _worth_reading(part: Change, rows: list[Change], whole: Change) -> bool:
    """Of a list what changed; of a row that, and its text, by which it is known."""
    if rows:
        return part.touched
    return (
        part.touched or whole.state in (State.ADDED, State.REMOVED) or part.name in ("text", "prompt", "name", "line")
    )


def _label(name: str, words: Mapping[str, Any]) -> str:
    if name in words:
        return str(words[name])
    return gettext("No. %s") % name if name.isdigit() else name


def _pieces(change: Change) -> tuple[Piece, ...]:
    last = len(change.pieces) - 1
    alone = change.state == State.SAME
    return tuple(
        _folded(text, head=at > 0 or alone, tail=at < last) if mark == Mark.KEPT else Piece(mark.value, text)
        for at, (mark, text) in enumerate(change.pieces)
    )


def _folded(text: str, *, head: bool, tail: bool) -> Piece:
    """`head` and `tail` say on which sides something follows that its neighbourhood explains."""
    first, last = CONTEXT if head else 0, CONTEXT if tail else 0
    if len(text) <= first + last + CONTEXT:
        return Piece("kept", text)
    return Piece("kept", text[:first], text[first : len(text) - last], text[len(text) - last :])
