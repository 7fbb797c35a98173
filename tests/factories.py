"""Plain functions that make what tests need."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from accounts.models import Team
from accounts.roles import PUBLISHER, STAFF_ROLES, TRAINER
from knowledge.models import Card
from knowledge.services.cards import publish_document

_numbers = count(1)


def person(role: str, *, publishes: bool = True, **values: Any) -> Any:
    """A person with a role; the password is `secret-words`. A trainer may publish unless told otherwise."""
    number = next(_numbers)
    values = {"username": f"{role}{number}", "display_name": f"{role}{number}"} | values
    user = get_user_model()(is_staff=role in STAFF_ROLES, **values)
    user.set_password("secret-words")
    user.save()
    names = [role, PUBLISHER] if role == TRAINER and publishes else [role]
    user.groups.set(Group.objects.filter(name__in=names))
    return user


def team(code: str, *members: Any, leaders: Iterable[Any] = ()) -> Team:
    """A team of these people; a manager sees the results of those they lead."""
    made, _created = Team.objects.get_or_create(code=code, defaults={"name": code})
    made.leaders.add(*leaders)
    made.members.add(*members)
    for member in members:
        member.team = made
    return made


def document(slug: str, code: str = "", **changes: Any) -> dict[str, Any]:
    """A sound card document. `code` is the letters of its short codes; it defaults to three letters of a number."""
    if not code:
        number = next(_numbers)
        code = "".join(chr(97 + number // 26**place % 26) for place in (2, 1, 0))
    return {
        "slug": slug,
        "title": f"情景{slug}",
        "stage": "pre",
        "course": "language",
        "competency": "language",
        "groups": ["potential"],
        "facts": [],
        "neighbours": [],
        "aliases": [f"{slug}怎么说", f"{slug}在吗"],
        "do": [
            {"code": f"{code}1", "text": f"您好，{slug}这件事我来帮您查。", "why": "先应声。"},
            {"code": f"{code}2", "text": f"{slug}寄到{{地区}}是{{运费|5}}元。", "why": "说得具体。"},
        ],
        "dont": [
            {"code": f"{code}51", "text": f"{slug}没有。", "why": "冷。", "breaks": ["cold"]},
            {"code": f"{code}52", "text": f"{slug}你自己看。", "why": "命令。", "breaks": ["imperative"]},
        ],
        "principle": f"关于{slug}，**先听**再说。",
    } | changes


def card(slug: str, status: str = "published", **changes: Any) -> Card:
    """A live card made by the service that makes all cards."""
    return publish_document(document(slug, **changes), status=status, reason="test")
