"""The demo accounts and their team: made once, and nothing of a site that is there is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.models import Team, User
from accounts.services.demo import create_demo_accounts
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_new_site_gets_a_team(tmp_path: Path) -> None:
    """The manager sees a trainee and an agent; a second start changes nothing."""
    made = [create_demo_accounts(tmp_path / "demo.json") for _ in range(2)]
    manager = User.objects.get(username="主管")
    assert made[0] == made[1]
    assert [(team.code, team.name, [*team.leaders.all()]) for team in Team.objects.all()] == [
        ("team-1", "一班", [manager])
    ]
    seen = User.objects.results_visible_to(manager).order_by("pk")
    assert [(person.username, person.joined_team_on is not None) for person in seen] == [("学员", True), ("客服", True)]


def test_a_team_that_was_deleted_stays_deleted(tmp_path: Path) -> None:
    create_demo_accounts(tmp_path / "demo.json")
    Team.objects.all().delete()
    create_demo_accounts(tmp_path / "demo.json")
    assert Team.objects.count() == 0


def test_a_site_with_people_is_not_new(tmp_path: Path) -> None:
    """An older site that is upgraded keeps its people in the teams they are in."""
    factories.person("manager")
    create_demo_accounts(tmp_path / "demo.json")
    assert Team.objects.count() == 0
