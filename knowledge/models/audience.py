"""Whom a card is for: everybody, or the teams whose own words it holds.

One rule in two forms: for rows of the database, and as the tokens of the search index. tests/knowledge/
test_audience.py holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat, StrIndex
from django.db.models.lookups import GreaterThan

from accounts.models import Team
from knowledge.search.document import Viewer

# The token of whoever may change cards, in the index beside the teams of a card that is not for everybody.
EDITORS = "editors"


def may_change_cards(user: Any) -> bool:
    return bool(user.is_staff and user.has_perm("knowledge.change_card"))


def tokens(audience: Iterable[str]) -> tuple[str, ...]:
    """What the index keeps of an audience: nothing for everybody."""
    teams = sorted(audience)
    return (*(f"team:{code}" for code in teams), EDITORS) if teams else ()


def viewer_of(user: Any) -> Viewer:
    """What this person may find: what is for everybody or for their teams, their own snippets, and drafts if they may
    change cards. One query for staff who may not."""
    if may_change_cards(user):
        return Viewer(tokens=(f"user:{user.pk}", EDITORS), sees_drafts=True)
    return Viewer(tokens=(f"user:{user.pk}", *(f"team:{code}" for code in teams_of(user))))


def teams_of(user: Any) -> list[str]:
    """The codes of the teams whose words this person reads: their own, and of staff those they lead."""
    own = [user.team_id] if user.team_id else []
    led = Team.objects.filter(leaders=user.pk).values_list("code", flat=True) if user.is_staff else []
    return sorted({*own, *led})


def for_teams_of(user: Any, audience: str) -> Q:
    """The condition that the list in the column or key `audience` is empty or names a team of this person.

    A code is looked for with its quotes in the text of the list: SQLite has no lookup into JSON lists, and no code
    holds a quote.
    """
    found = Q(**{audience: []})
    if user.team_id:
        found |= Q(_names(F(audience), Value(user.team_id)))
    if user.is_staff:
        led = Team.objects.filter(_names(OuterRef(audience), F("code")), leaders=user.pk)
        found |= Q(Exists(led))
    return found


def audience_key(user: Any) -> str:
    """What this person's part of a page with cards for some teams is kept under. One query for staff who may not change
    cards."""
    return EDITORS if may_change_cards(user) else " ".join(teams_of(user))


def named_in(audience: str) -> StrIndex:
    """More than 0 when the list in this column names a team, 0 when it is for everybody."""
    return StrIndex(Cast(audience, TextField()), Value('"'))


def _names(audience: Any, code: Any) -> GreaterThan:
    quoted = Concat(Value('"'), code, Value('"'), output_field=TextField())
    return GreaterThan(StrIndex(Cast(audience, TextField()), quoted), 0)
