"""Who has to finish what by when, computed from assignments, teams, agreements and what has been passed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Team, User
from accounts.services import people, teams
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as document
from training.models import Assignment, Certificate, Course, DeadlineChange, LessonProgress, Path, Quiz
from training.services import assignments, curriculum, lessons, progress, today

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.fixture
def path() -> Path:
    """One course with its quiz, and an exam."""
    course = making.course("language")
    making.quiz("language", course=course)
    return making.path("onboarding", course, exam=making.quiz("exam", kind="exam"))


@pytest.fixture
def team() -> Team:
    return Team.objects.create(code="team-1", name="一班")


def member(team: Team | None, joined: date | None = TODAY, **values: Any) -> User:
    return factories.person("trainee", team=team, joined_team_on=joined, **values)


def given(path: Path, *, to: Any, on: date = TODAY, **days: Any) -> Assignment:
    target = {"team": to} if isinstance(to, Team) else {"person": to}
    return Assignment.objects.create(path=path, assigned_on=on, **target, **(days or {"due_days": 14}))


def agreed(path: Path, person: User, kind: str, at: datetime = NOON, **values: Any) -> DeadlineChange:
    return DeadlineChange.objects.create(path=path, person=person, kind=kind, at=at, reason="病假", **values)


def of(person: User, today: date = TODAY) -> list[tuple[str, str, str]]:
    """Path, day and state of everything due."""
    return [(due.slug, due.due_on.isoformat(), due.state) for due in dues_of(person, today)]


def dues_of(person: User, today: date = TODAY) -> tuple[assignments.Due, ...]:
    return assignments.dues(User.objects.filter(pk=person.pk), today)[person.pk]


# Whose it is


def test_a_team_inherits(path: Path, team: Team) -> None:
    """Whoever joins later counts from joining, and who was never in it has nothing to do."""
    given(path, to=team)
    first, late, outside = member(team), member(team, TODAY + timedelta(5)), member(None, None)
    assert [of(one) for one in (first, late, outside)] == [
        [("onboarding", "2026-12-09", "open")],
        [("onboarding", "2026-12-14", "open")],
        [],
    ]


def test_changing_teams_changes_what_is_due(path: Path, team: Team) -> None:
    """Nothing is written but the team: what came through the old one ends, the new one's begins."""
    other = Team.objects.create(code="team-2", name="二班")
    elsewhere = making.path("elsewhere", Course.objects.get())
    given(path, to=team)
    given(elsewhere, to=other, on=TODAY - timedelta(30))
    person = member(team)
    seen = [of(person)]
    teams.move([person], other, TODAY + timedelta(3))
    seen.append(of(person))
    teams.move([person], None, TODAY)
    seen.append(of(person))
    assert seen == [[("onboarding", "2026-12-09", "open")], [("elsewhere", "2026-12-12", "open")], []]


def test_one_person_alone(path: Path, team: Team) -> None:
    """What is given to one person is due in any team, counted from that day."""
    person, other = member(team, TODAY + timedelta(9)), member(team)
    given(path, to=person)
    assert (of(person), of(other)) == ([("onboarding", "2026-12-09", "open")], [])


def test_of_several_the_earliest_counts(path: Path, team: Team) -> None:
    person = member(team)
    given(path, to=team, due_days=30)
    given(path, to=person, due_on=date(2026, 12, 1))
    assert of(person) == [("onboarding", "2026-12-01", "open")]


def test_an_ended_assignment_is_nobodys(path: Path, team: Team) -> None:
    person, assignment = member(team), given(path, to=team)
    Assignment.objects.filter(pk=assignment.pk).update(ended_at=NOON)
    assert of(person) == []


def test_a_path_that_is_retired_rests(path: Path, team: Team) -> None:
    """Nobody is overdue on what they cannot open; published again, it is due again."""
    person = member(team)
    given(path, to=team)
    Path.objects.update(status="retired")
    rests = of(person)
    path.status = "published"
    path.save()
    assert (rests, of(person)) == ([], [("onboarding", "2026-12-09", "open")])


def test_a_path_with_nothing_in_it_rests(team: Team) -> None:
    """A published course without lessons and quiz cannot be finished by anybody."""
    given(making.path("empty", making.course("empty")), to=team)
    assert of(member(team)) == []


def test_everybody_asked_about_has_an_entry(path: Path) -> None:
    """The board looks people up without asking whether they are there."""
    who = [member(None).pk, member(None).pk]
    assert assignments.dues(User.objects.filter(pk__in=who), TODAY) == dict.fromkeys(who, ())


def test_somebody_rehired_starts_anew(path: Path, team: Team) -> None:
    """Nobody comes back to a path that is months overdue."""
    person = member(team, date(2026, 6, 1))
    given(path, to=team, on=date(2026, 6, 1))
    given(making.path("alone", Course.objects.get()), to=person, on=date(2026, 6, 1))
    people.close(person, now=NOON)
    back = NOON + timedelta(30)
    people.reopen(person, now=back)
    assert of(person, timezone.localdate(back)) == [("onboarding", "2027-01-08", "open")]


# Agreements


def test_an_extension_moves_the_day(path: Path, team: Team) -> None:
    """With who granted it, why and when."""
    person, trainer = member(team), factories.person("trainer", display_name="王老师")
    given(path, to=team)
    agreed(path, person, "extension", due_on=date(2026, 12, 20), by=trainer)
    (due,) = dues_of(person, date(2026, 12, 18))
    assert (due.due_on, due.first_due_on, due.extended, due.exempt, due.state, due.days) == (
        date(2026, 12, 20), date(2026, 12, 9), True, False, "soon", 2,
    )  # fmt: skip
    assert (due.reason, due.by, due.agreed_on) == ("病假", "王老师", TODAY)


def test_an_exemption_takes_it_off_and_a_withdrawal_brings_it_back(path: Path, team: Team) -> None:
    """The newest counts, whatever was agreed before."""
    person, late = member(team), date(2027, 1, 1)
    given(path, to=team)
    agreed(path, person, "extension", due_on=date(2027, 3, 1))
    agreed(path, person, "exemption", at=NOON + timedelta(1))
    exempt = of(person, late)
    agreed(path, person, "withdrawn", at=NOON + timedelta(2))
    (due,) = dues_of(person, late)
    assert exempt == [("onboarding", "2026-12-09", "exempt")]
    assert (due.due_on, due.state, due.late, due.reason, due.agreed_on) == (
        date(2026, 12, 9), "overdue", 23, "", None,
    )  # fmt: skip


def test_an_old_extension_takes_no_time_from_a_new_assignment(path: Path, team: Team) -> None:
    person = member(team)
    agreed(path, person, "extension", due_on=date(2025, 1, 1))
    given(path, to=team)
    assert [(due.due_on.isoformat(), due.extended) for due in dues_of(person)] == [("2026-12-09", False)]


def test_what_is_agreed_with_one_changes_nothing_for_another(path: Path, team: Team) -> None:
    one, other = member(team), member(team)
    given(path, to=team)
    agreed(path, one, "exemption")
    assert [of(one)[0][2], of(other)[0][2]] == ["exempt", "open"]


# Finished


def passed(person: User, slug: str, at: datetime) -> None:
    making.result(person, Quiz.objects.get(slug=slug), "1", "1", at=at)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 12, 9, 15, 59, 59, tzinfo=UTC), "2026-12-09"),
        (datetime(2026, 12, 9, 16, 0, 0, tzinfo=UTC), "2026-12-10"),
    ],
)
def test_finished_on_the_local_day_of_the_last_part(path: Path, team: Team, moment: datetime, day: str) -> None:
    """A second before midnight in Shanghai is in time, whatever the server's clock says."""
    person = member(team)
    given(path, to=team)
    passed(person, "language", NOON)
    unfinished = of(person, date(2026, 12, 10))
    passed(person, "exam", moment)
    passed(person, "exam", moment + timedelta(40))
    (due,) = dues_of(person, date(2026, 12, 31))
    assert unfinished == [("onboarding", "2026-12-09", "overdue")]
    assert (str(due.finished_on), due.state) == (day, "done")


def test_a_failed_or_open_attempt_finishes_nothing(path: Path, team: Team) -> None:
    person = member(team)
    given(path, to=team)
    making.result(person, Quiz.objects.get(slug="language"), "0", "1", passed=False)
    passed(person, "exam", NOON)
    assert of(person) == [("onboarding", "2026-12-09", "open")]


def test_a_course_without_a_quiz_is_finished_by_reading(team: Team) -> None:
    """All its lessons, each once; without an exam that is the end of the path."""
    course = making.course("language")
    for slug in ("one", "two"):
        lessons.save_document(document(course="language", slug=slug, body="{{check:1}}"))
    given(making.path("reading", course), to=team)
    person = member(team)
    first, second = course.lessons.all()
    LessonProgress.objects.create(user=person, lesson=first, finished_at=NOON)
    begun = LessonProgress.objects.create(user=person, lesson=second)
    before = of(person)
    LessonProgress.objects.filter(pk=begun.pk).update(finished_at=NOON + timedelta(2))
    (due,) = dues_of(person)
    assert before == [("reading", "2026-12-09", "open")]
    assert (due.state, due.finished_on) == ("done", date(2026, 11, 27))


def test_a_certificate_settles_it(path: Path, team: Team) -> None:
    """A course added to a path in June must not make everybody overdue who finished in March."""
    person = member(team)
    given(path, to=team)
    standing = Certificate.objects.create(
        user=person, path=path, name="x", title="y", issued_on=date(2026, 12, 1), valid_until=date(2027, 12, 1)
    )
    (due,) = dues_of(person, date(2027, 1, 1))
    Certificate.objects.filter(pk=standing.pk).update(revoked_at=NOON)
    assert (due.state, due.finished_on, of(person, date(2027, 1, 1))[0][2]) == ("done", date(2026, 12, 1), "overdue")


# For many


def test_the_queries_do_not_grow(path: Path, team: Team) -> None:
    """At one person and at many, one path and several."""
    given(path, to=team)
    counts = []
    for number in (1, 3):
        for at in range(number):
            person = member(team)
            passed(person, "language", NOON)
            agreed(path, person, "extension", due_on=date(2026, 12, 20))
            given(making.path(f"more-{number}-{at}", Course.objects.get()), to=person)
        curriculum.taught()
        with CaptureQueriesContext(connection) as asked:
            found = assignments.dues(User.objects.filter(team=team), TODAY)
        counts.append(len(asked))
        assert {len(own) for own in found.values()} == {2}
    assert counts == [6, 6], "people, assignments, what is taught, passes, certificates, agreements"


def test_an_ordered_choice_of_people_works(path: Path, team: Team) -> None:
    given(path, to=team)
    people = [member(team), member(team)]
    found = assignments.dues(User.objects.filter(team=team).select_related("team").order_by("-pk"), TODAY)
    assert sorted(found) == sorted(person.pk for person in people)


# One's own


def mine(person: User, on: date = TODAY) -> list[tuple[str, str, str]]:
    taught, standing = curriculum.read(person)
    return [(due.slug, due.due_on.isoformat(), due.state) for due in assignments.mine(person, taught, standing, on)]


def test_ones_own_page_says_the_same(path: Path, team: Team) -> None:
    """Two ways of reading, one truth: for members, for newcomers, with an extension, exempt, and once finished."""
    trainer = factories.person("trainer", display_name="王老师")
    given(path, to=team, due_on=date(2026, 12, 1))
    first, late, extended, exempt, done = (member(team, TODAY + timedelta(9 * at)) for at in (0, 1, 0, 0, 0))
    given(making.path("more", Course.objects.get()), to=first, due_days=3)
    agreed(path, extended, "extension", due_on=date(2026, 12, 20), by=trainer)
    agreed(path, exempt, "exemption", by=trainer)
    passed(done, "language", NOON)
    passed(done, "exam", NOON)
    for person in (first, late, extended, exempt):
        taught, standing = curriculum.read(person)
        assert assignments.mine(person, taught, standing, TODAY) == dues_of(person)
    assert (of(done)[0][2], mine(done)) == ("done", [])


def test_ones_own_costs_no_query(path: Path, team: Team) -> None:
    """Home has eight at most; it rides on what is read anyway."""
    person = member(team)
    given(path, to=team)
    taught, standing = curriculum.read(person)
    with CaptureQueriesContext(connection) as asked:
        found = assignments.mine(person, taught, standing, TODAY)
    assert (len(found), len(asked)) == (1, 0)


def leads_to(person: User, day: date = TODAY) -> str:
    here = today.today(person, now=NOON, day=day)
    return here.path.slug if here.path else ""


def test_home_leads_along_what_is_assigned(path: Path, team: Team) -> None:
    """Unless the reader has chosen another path since; once that or the assigned one is done, along the other."""
    course = Course.objects.get()
    chosen, person = making.path("chosen", course, exam=making.quiz("other", kind="exam")), member(team)
    progress.follow(chosen, person, now=NOON - timedelta(1))
    before = leads_to(person)
    given(path, to=team)
    after = leads_to(person)
    progress.follow(chosen, person, now=NOON + timedelta(1))
    again = leads_to(person)
    passed(person, "language", NOON)
    passed(person, "other", NOON)
    assert (before, after, again, leads_to(person)) == ("chosen", "onboarding", "chosen", "onboarding")
    passed(person, "exam", NOON)
    assert leads_to(person) == "chosen"


def test_an_agent_without_a_path_is_led_along_what_is_assigned(path: Path, team: Team) -> None:
    agent = factories.person("agent", team=team, joined_team_on=TODAY)
    assert leads_to(agent) == ""
    given(path, to=team)
    assert leads_to(agent) == "onboarding"


def test_home_leads_away_from_what_one_is_exempt_from(path: Path, team: Team) -> None:
    person = member(team)
    given(path, to=team)
    agreed(path, person, "exemption")
    here = today.today(person, now=NOON, day=TODAY)
    assert here.dues == ()
