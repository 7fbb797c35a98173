"""Whether a reply makes a point: by an accepted wording, or by something close enough to one.

The measure knows the reply and the wordings only: no statistics of cards or of other replies, so that it never drifts.
A wording of two characters must stand there as it is; longer ones may differ a little, more the longer they are. A
wording with … matches when its pieces stand in this order.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from knowledge.text import normalise

EXACT = 3  # up to so many characters nothing may differ
CLOSE = 80  # percent of a wording that must be found in one stretch of the reply
FURTHEST = 30  # characters between two pieces


def makes(reply: str, wordings: Sequence[str]) -> bool:
    """Whether the folded reply contains one of these wordings. `reply` is text as `compact` gives it."""
    return any(_contains(reply, wording) for wording in wordings)


def compact(text: str) -> str:
    """Letters, digits and characters alone, half width, lower case."""
    return "".join(char for char in normalise(text) if char.isalnum())


def _contains(reply: str, wording: str) -> bool:
    pieces = [compact(piece) for piece in wording.split("…")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) > 1:
        return _in_order(reply, pieces)
    if not pieces:
        return False
    (piece,) = pieces
    if piece in reply:
        return True
    return len(piece) > EXACT and len(reply) >= len(piece) and fuzz.partial_ratio(piece, reply) >= CLOSE


def _in_order(reply: str, pieces: Sequence[str]) -> bool:
    at = reply.find(pieces[0])
    while at >= 0:
        end = at + len(pieces[0])
        for piece in pieces[1:]:
            found = reply.find(piece, end, end + FURTHEST + len(piece))
            if found < 0:
                break
            end = found + len(piece)
        else:
            return True
        at = reply.find(pieces[0], at + 1)
    return False
