"""Managers see their teams only: every page of results, for people of one's own team, of another one, and of none."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from tests import factories
from tests.training.making import course, path, quiz, result
from training.models import Assignment, Attempt, Certificate, Course, Enrolment, Path

pytestmark = pytest.mark.django_db

WHOSE = ("own", "other", "none")
# What stands for somebody who is not there, in the admin too: it leads back with the sentence that nothing is there.
GONE = {404, 302}


@pytest.fixture
def people() -> dict[str, Any]:
    found = {name: factories.person("trainee", username=f"{name}-trainee", display_name=f"姓{name}") for name in WHOSE}
    found["manager"] = factories.person("manager", locale="en")
    found["leaderless"] = factories.person("manager", locale="en")
    found["trainer"] = factories.person("trainer", locale="en")
    factories.team("early", found["own"], leaders=[found["manager"]])
    factories.team("late", found["other"])
    way, of = path("way"), quiz()
    for name in WHOSE:
        result(found[name], of, "1", "1")
        Enrolment.objects.create(user=found[name], path=way)
        Certificate.objects.create(user=found[name], path=way, name=name, title="x", valid_until="2099-01-01")
    return found


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def pages(user: Any) -> dict[str, str]:
    """Every page that shows this person's results and nobody else's."""
    attempt = Attempt.objects.get(user=user)
    certificate = Certificate.objects.get(user=user)
    enrolment = Enrolment.objects.get(user=user)
    return {
        "person": reverse("person", args=[user.pk]),
        "result": reverse("attempt_result", args=[attempt.pk]),
        "paper": reverse("certificate_pdf", args=[certificate.code]),
        **{
            f"{model} {screen}": reverse(f"admin:training_{model}_{screen}", args=[item.pk])
            for model, item in (("attempt", attempt), ("certificate", certificate), ("enrolment", enrolment))
            for screen in ("change", "history")
        },
    }


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [("manager", ["own"]), ("leaderless", []), ("trainer", ["own", "other", "none"])],
)
def test_pages_of_one_person(people: dict[str, Any], viewer: str, seen: list[str]) -> None:
    """The person, a result, the paper, and in the admin the pages of attempt, certificate and enrolment."""
    client = client_of(people[viewer])
    for name in WHOSE:
        answers = {page: client.get(address).status_code for page, address in pages(people[name]).items()}
        if name in seen:
            assert set(answers.values()) == {200}, answers
        else:
            assert set(answers.values()) <= GONE, answers
            assert [answers[page] for page in ("person", "result", "paper")] == [404, 404, 404]


@pytest.mark.parametrize("model", ["attempt", "certificate", "enrolment"])
@pytest.mark.parametrize(
    ("viewer", "seen"),
    [("manager", ["own"]), ("leaderless", []), ("trainer", ["none", "other", "own"])],
)
def test_lists_in_the_admin(people: dict[str, Any], viewer: str, seen: list[str], model: str) -> None:
    """Searched by name or not, sorted, filtered: the list holds nobody else."""
    client = client_of(people[viewer])
    for query in ("", "?q=trainee" if model != "certificate" else "?q=姓", "?o=1"):
        found = client.get(f"/admin/training/{model}/{query}").context["cl"].result_list
        assert sorted(item.user.username.split("-")[0] for item in found) == seen


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [("manager", ["own"]), ("leaderless", []), ("trainer", ["none", "other", "own"])],
)
def test_board(people: dict[str, Any], viewer: str, seen: list[str]) -> None:
    """And its file. A team that is not one's own, asked for by hand, shows nobody."""
    client = client_of(people[viewer])
    for asked in ({}, {"q": "trainee"}, {"leavers": "1"}):
        page = client.get("/team/", asked).content.decode()
        assert sorted(name for name in WHOSE if f"姓{name}" in page) == seen
        exported = client.post("/team/board.csv", asked).content.decode()
        assert sorted(name for name in WHOSE if f"姓{name}" in exported) == seen
    by_hand = client.get("/team/", {"team": "late"}).content.decode()
    assert ("姓other" in by_hand) is ("other" in seen)


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [("manager", ["own"]), ("leaderless", []), ("trainer", ["none", "other", "own"])],
)
def test_deadlines(people: dict[str, Any], viewer: str, seen: list[str]) -> None:
    """The list, its file, and what can be agreed with one person."""
    client, way = client_of(people[viewer]), Path.objects.get()
    quiz("way", course=course("rules"))
    way.steps.create(course=Course.objects.get())
    way.save()  # its steps are part of what is taught
    for name in WHOSE:
        Assignment.objects.create(person=people[name], path=way, due_days=7)
    page = client.get("/team/deadlines/", {"state": "all"}).content.decode()
    exported = client.post("/team/deadlines/csv/", {"state": "all"}).content.decode()
    assert sorted(name for name in WHOSE if f"姓{name}" in page) == seen
    assert sorted(name for name in WHOSE if f"姓{name}" in exported) == seen
    changes = {name: client.get(reverse("deadline_change", args=[people[name].pk, way.slug])) for name in WHOSE}
    assert sorted(name for name, answer in changes.items() if answer.status_code == 200) == seen
    ends = {name: client.post(reverse("assignment_end", args=[people[name].assignments.get().pk])) for name in WHOSE}
    assert sorted(name for name, answer in ends.items() if answer.status_code == 302) == seen


def test_changing_teams_changes_who_sees(people: dict[str, Any]) -> None:
    """From the next look on, both ways."""
    client = client_of(people["manager"])
    people["own"].team = None
    people["own"].save()
    factories.team("early", people["other"])
    assert [client.get(reverse("person", args=[people[name].pk])).status_code for name in WHOSE] == [404, 200, 404]


# The log


def entries() -> list[tuple[str, str, str | None]]:
    rows = AuditEntry.objects.order_by("pk").select_related("person")
    return [(entry.action, entry.kind, entry.person.username if entry.person else None) for entry in rows]


def test_looking_is_written_down(people: dict[str, Any]) -> None:
    """One entry a person and day, whichever page it was; lists by themselves; what was refused leaves none."""
    client = client_of(people["manager"])
    for _time in range(2):
        for name in WHOSE:
            for address in pages(people[name]).values():
                client.get(address)
        client.get("/team/")
        client.get("/admin/training/attempt/")
    assert entries() == [
        ("viewed", "results", "own-trainee"),
        ("viewed", "board", None),
        ("viewed", "attempts", None),
    ]


def test_one_s_own_result_leaves_no_trace(people: dict[str, Any]) -> None:
    """Learners look as often as they like."""
    client = client_of(people["own"])
    client.get(pages(people["own"])["result"])
    client.get("/me/matrix/")
    assert entries() == []


def test_an_attempt_alone_in_the_admin_is_written_down(people: dict[str, Any]) -> None:
    client_of(people["trainer"]).get(pages(people["other"])["attempt change"])
    assert entries() == [("viewed", "results", "other-trainee")]


def test_an_export_is_written_down(people: dict[str, Any]) -> None:
    """What leaves the site, and how many people were in it."""
    client_of(people["trainer"]).post("/team/board.csv")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.detail, entry.actor) == ("exported", "board", "3", people["trainer"])
