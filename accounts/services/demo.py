"""The four demo accounts of `make run`, and a first team for them."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import AGENT, MANAGER, PUBLISHER, STAFF_ROLES, TRAINEE, TRAINER
from accounts.services import teams

NAMES = {TRAINEE: "学员", AGENT: "客服", TRAINER: "培训师", MANAGER: "主管"}
# No letters or digits that look alike: these are read off a terminal.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def create_demo_accounts(path: Path) -> list[dict[str, str]]:
    """Make the accounts that are missing and keep the passwords of those that exist. A new site gets a first team.

    `path` holds [{"role", "username", "password"}] readable by its owner only; it is what a later run trusts.
    Returns its content.
    """
    known = {entry["role"]: entry for entry in json.loads(path.read_text())} if path.exists() else {}
    new = not (known or User.objects.exists() or Team.objects.exists())
    accounts = [_account(role, name, known.get(role)) for role, name in NAMES.items()]
    if new:
        _first_team()
    path.touch(mode=0o600)
    path.write_text(json.dumps(accounts, ensure_ascii=False, indent=2) + "\n")
    return accounts


@transaction.atomic
def _first_team() -> None:
    """A manager sees the people of the teams they lead, and would see nobody."""
    team = Team.objects.create(code="team-1", name="一班")
    team.leaders.set(User.objects.filter(username=NAMES[MANAGER]))
    teams.move(User.objects.filter(username__in=[NAMES[TRAINEE], NAMES[AGENT]]), team, timezone.localdate())


@transaction.atomic
def _account(role: str, name: str, known: dict[str, str] | None) -> dict[str, str]:
    user = User.objects.filter(username=name).first()
    if user and known:
        return known
    password = "".join(secrets.choice(ALPHABET) for _ in range(12))
    user = user or User(username=name, display_name=name)
    user.is_staff = role in STAFF_ROLES
    user.set_password(password)
    user.save()
    names = [role, PUBLISHER] if role == TRAINER else [role]
    user.groups.set(Group.objects.filter(name__in=names))
    return {"role": role, "username": name, "password": password}
