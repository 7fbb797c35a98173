"""The readiness board: who is ready, what is lacking, in which order, at which cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.training.making import course, path, quiz, result
from training.enums import QuizKind
from training.models import Assignment, Enrolment, Lesson, LessonProgress, Path, Quiz
from training.services import board
from training.services.board import NO_TEAM, SORTS, Wanted, by_reading
from training.services.matrix import matrix

pytestmark = pytest.mark.django_db

NOW = timezone.now()


@pytest.fixture
def way() -> Path:
    """Two courses of two competencies, one with a quiz, one with a lesson to read, and an exam."""
    language, rules = course("language"), course("rules", competency="rules")
    quiz("language", course=language)
    Lesson.objects.create(course=rules, slug="rules-1", title="x", body="x", status="published")
    return path("way", language, rules, exam=quiz("exam", kind=QuizKind.EXAM))


def person(name: str, **values: Any) -> Any:
    return factories.person("trainee", display_name=name, **values)


def score(user: Any, slug: str, points: str, competency: str = "language", **values: Any) -> None:
    result(user, Quiz.objects.get(slug=slug), points, "10", NOW, competency=competency, **values)


def read(user: Any) -> None:
    LessonProgress.objects.create(user=user, lesson=Lesson.objects.get(), finished_at=NOW)


def names(viewer: Any, **wanted: Any) -> list[str]:
    return [str(line.person) for line in board.board(viewer, Wanted(**wanted), NOW).lines]


def lacks(user: Any) -> tuple[bool, list[str], list[str], bool, tuple[int, int]]:
    aim = board.line(user, NOW).readiness
    assert aim is not None
    competencies = [str(cell.competency) for cell in aim.lacking]
    courses = [course.code for course in aim.courses]
    return aim.ready, competencies, courses, aim.exam, (aim.tally.done, aim.tally.total)


# Ready


def test_nothing_done_lacks_all(way: Path) -> None:
    """A new hire: both competencies, both courses, the exam."""
    assert lacks(person("王")) == (False, ["language", "rules"], ["language", "rules"], True, (0, 3))


def test_ready_needs_all_of_it(way: Path) -> None:
    """Step by step until nothing is lacking; each step takes off what it showed and no more."""
    wang = person("王")
    score(wang, "language", "9")
    assert lacks(wang) == (False, ["rules"], ["rules"], True, (1, 3))
    read(wang)
    assert lacks(wang) == (False, ["rules"], [], True, (2, 3))
    score(wang, "exam", "8", "rules")
    assert lacks(wang) == (True, [], [], False, (3, 3))


def test_a_passed_path_with_a_weak_competency_is_not_ready(way: Path) -> None:
    """Exam passed, yet 79 % in one competency: the words name it."""
    wang = person("王")
    read(wang)
    score(wang, "language", "9")
    score(wang, "exam", "7.9", "rules", passed=True)
    assert lacks(wang) == (False, ["rules"], [], False, (3, 3))


def test_competencies_beside_the_path_do_not_matter(way: Path) -> None:
    """Product knowledge is asked by no course of it."""
    wang = person("王")
    read(wang)
    score(wang, "language", "10")
    score(wang, "exam", "10", "rules")
    assert lacks(wang)[0] is True
    assert board.line(wang, NOW).cells[1].percent is None


def test_which_path_somebody_is_to_be_ready_for(way: Path) -> None:
    """Where their own pages lead them: the one due first, else the one they follow; else what they have finished when
    it was due, else the first. The viewer may ask for another."""
    followed = path("followed", course("product"))
    assigned = path("assigned", course("reviews"))
    Path.objects.filter(pk=way.pk).update(position=0)
    Path.objects.exclude(pk=way.pk).update(position=1)
    trainer, wang = factories.person("trainer"), person("王")

    def aim(**wanted: Any) -> str:
        line = board.board(trainer, Wanted(**wanted), NOW).lines[0]
        assert line.readiness is not None
        return line.readiness.path.slug

    assert aim() == "way"
    Enrolment.objects.create(user=wang, path=followed)
    assert aim() == "followed"
    Enrolment.objects.update(chosen_at=NOW - timedelta(5))
    quiz("reviews", course=assigned.courses.get())
    Assignment.objects.create(person=wang, path=assigned, due_days=3)
    assert aim() == "assigned"
    assert aim(path="way") == "way"
    assert aim(path="no-such-path") == "assigned"
    Enrolment.objects.all().delete()
    score(wang, "reviews", "10")
    assert aim() == "assigned"


def test_without_a_published_path(way: Path) -> None:
    """Nothing to be ready for yet: the cells stand, the words say so."""
    Path.objects.update(status="draft")
    line = board.line(person("王"), NOW)
    assert (line.readiness, line.ready, len(line.cells)) == (None, False, 9)


def test_the_same_numbers_as_one_s_own_page(way: Path) -> None:
    """One code path: what the board shows of somebody is what they see themselves."""
    people = [person(f"人{at}") for at in range(4)]
    for at, one in enumerate(people[:3]):
        score(one, "language", str(5 + at))
        score(one, "language", str(6 + at))
        score(one, "exam", str(9 - at), "rules")
    found = board.board(factories.person("trainer"), Wanted(), NOW)
    assert {line.person.pk: line.cells for line in found.lines} == {one.pk: matrix(one, NOW) for one in people}


# Who


def test_whom_the_board_is_about(trainer: Any, way: Path) -> None:
    """Leavers only when asked for, erased accounts never, trainers and managers only when in a team."""
    person("在岗")
    person("离职", left_on=timezone.localdate(), is_active=False)
    person("停用", is_active=False)
    person("删除", erased_at=NOW, is_active=False)
    factories.team("shop", factories.person("manager", display_name="带班"))
    factories.person("manager", display_name="主管")
    assert sorted(names(trainer)) == sorted(["在岗", "带班"])
    assert sorted(names(trainer, leavers=True)) == sorted(["在岗", "带班", "停用", "离职"])


def test_choosing(trainer: Any, way: Path) -> None:
    """By team, by none, by name, staff number, several words; wildcards are letters."""
    factories.team("early", person("王小一", staff_number="A001"), person("王大二"))
    factories.team("late", person("李三"))
    person("赵四_%")
    assert sorted(names(trainer, team="early")) == ["王大二", "王小一"]
    assert names(trainer, team=NO_TEAM) == ["赵四_%"]
    assert names(trainer, team="nobody-s") == []
    assert names(trainer, query="王 小") == ["王小一"]
    assert names(trainer, query="a001") == ["王小一"]
    assert names(trainer, query="%") == ["赵四_%"]


# In which order


def test_names_stand_as_in_a_dictionary() -> None:
    """By reading, not by the number of the character; Latin names among them."""
    assert sorted(["王", "李", "陈", "Bob", "赵", "阿明"], key=by_reading) == ["阿明", "Bob", "陈", "李", "王", "赵"]


def test_orders(trainer: Any, way: Path) -> None:
    """Ready, weakest, overdue and each competency; equal ones by name."""
    strong, middling, weak, new = person("陈强"), person("李中"), person("王弱"), person("阿新")
    read(strong)
    score(strong, "language", "10")
    score(strong, "exam", "9", "rules")
    score(middling, "language", "9")
    score(weak, "language", "2", passed=False)
    today = timezone.localdate()
    for one, days in ((middling, 3), (strong, 1)):
        Assignment.objects.create(
            person=one,
            path=path(f"late{days}", course("product" if days == 1 else "social")),
            due_on=today - timedelta(days),
            assigned_on=today - timedelta(9),
        )
        quiz(f"q{days}", course=Path.objects.get(slug=f"late{days}").courses.get())
    assert names(trainer) == ["阿新", "陈强", "李中", "王弱"]
    assert names(trainer, sort="weakest") == ["阿新", "王弱", "李中", "陈强"]
    assert names(trainer, sort="ready", path="way") == ["陈强", "李中", "阿新", "王弱"]
    assert names(trainer, sort="overdue") == ["李中", "陈强", "阿新", "王弱"]
    assert names(trainer, sort="language") == ["王弱", "李中", "陈强", "阿新"]
    assert new.pk


def test_counts(trainer: Any, way: Path) -> None:
    """Of all the people chosen, not of the page: ready, overdue, and by competency at the line and known."""
    wang, li = person("王"), person("李")
    person("新")
    read(wang)
    score(wang, "language", "10")
    score(wang, "exam", "9", "rules")
    score(li, "language", "5")
    today = timezone.localdate()
    Assignment.objects.create(person=li, path=way, due_on=today - timedelta(1), assigned_on=today - timedelta(9))
    found = board.board(trainer, Wanted(), NOW)
    assert (found.ready, found.overdue) == (1, 1)
    columns = {str(column.competency): (column.shown, column.known) for column in found.columns}
    assert (columns["language"], columns["rules"], columns["product"]) == ((1, 2), (1, 1), (0, 0))


# At which cost


def test_queries_stay_the_same(trainer: Any, way: Path) -> None:
    """One person or three, with all that can stand on a line."""
    counts = []
    for at in range(3):
        one = person(f"人{at}")
        factories.team(f"t{at}", one)
        read(one)
        score(one, "language", "9")
        score(one, "exam", "9", "rules")
        Enrolment.objects.create(user=one, path=way)
        Assignment.objects.create(person=one, path=way, due_days=3)
        board.board(trainer, Wanted(), NOW)  # what is taught is read once a version
        with CaptureQueriesContext(connection) as queries:
            board.board(trainer, Wanted(), NOW)
        counts.append(len(queries))
    assert counts[0] == counts[2] <= 17


@pytest.mark.parametrize("sort", SORTS)
def test_nobody_is_no_error(trainer: Any, sort: str) -> None:
    """An empty site, in every order."""
    found = board.board(trainer, Wanted(sort=sort), NOW)
    assert (found.lines, found.ready, found.overdue, len(found.columns)) == ([], 0, 0, 9)
