"""Whose results somebody sees: the rule below every page of results, list by list."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from tests import factories
from tests.training.making import path, quiz, result
from training.models import Attempt, Certificate, Enrolment

pytestmark = pytest.mark.django_db

MODELS = (Attempt, Certificate, Enrolment)


@pytest.fixture
def people() -> dict[str, Any]:
    """Somebody in the manager's team, in another one, in none; the manager leads one team, or two, or none."""
    found = {name: factories.person("trainee", username=name) for name in ("own", "other", "none")}
    found |= {name: factories.person("manager", username=name) for name in ("leader", "of_both", "leaderless")}
    found["trainer"] = factories.person("trainer", username="trainer")
    factories.team("a", found["own"], leaders=[found["leader"], found["of_both"]])
    factories.team("b", found["other"], leaders=[found["of_both"]])
    way, of = path("way"), quiz()
    for name in ("own", "other", "none", "leaderless"):
        result(found[name], of, "1", "1")
        Enrolment.objects.create(user=found[name], path=way)
        Certificate.objects.create(user=found[name], path=way, name=name, title="x", valid_until="2099-01-01")
    return found


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        ("own", ["own"]),
        ("leader", ["own"]),
        ("of_both", ["other", "own"]),
        ("leaderless", ["leaderless"]),
        ("trainer", ["leaderless", "none", "other", "own"]),
    ],
)
def test_who_sees_whose(people: dict[str, Any], model: Any, viewer: str, seen: list[str]) -> None:
    """One's own always; a manager's teams; all of it for trainers. The same in each list."""
    rows = model.objects.visible_to(people[viewer])
    assert sorted(rows.values_list("user__username", flat=True)) == seen


@pytest.mark.parametrize("model", MODELS)
def test_a_stranger_sees_nothing(people: dict[str, Any], model: Any) -> None:
    """Nor what belongs to nobody any more."""
    Certificate.objects.update(user=None)
    assert list(model.objects.visible_to(AnonymousUser())) == []


def test_papers_of_accounts_that_are_gone(people: dict[str, Any]) -> None:
    """A trainer still finds them; they belong to no team."""
    Certificate.objects.update(user=None)
    counts = [Certificate.objects.visible_to(people[name]).count() for name in ("trainer", "of_both", "own")]
    assert counts == [4, 0, 0]


def test_leading_needs_the_role(people: dict[str, Any]) -> None:
    """Being named as a leader alone opens nothing: neither without the role nor after leaving."""
    agent = factories.person("agent")
    factories.team("a", leaders=[agent])
    assert list(Attempt.objects.visible_to(agent)) == []
    people["leader"].is_active = False
    assert list(Attempt.objects.visible_to(people["leader"])) == []
