"""The mistakes from before remembering: each comes in once, newest first, a few a day."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.training import making
from tests.training.making import NOW
from tests.training.test_documents import lesson
from training import recalling
from training.models import Attempt, AttemptItem, LessonProgress, Question, Quiz, RecallItem
from training.services import lessons, recall_sessions

pytestmark = pytest.mark.django_db
import_old = import_module("training.migrations.0013_old_mistakes").import_old


@pytest.fixture
def learner() -> Any:
    return factories.person("trainee")


def old(user: Any, points: dict[str, int], days: int = 9) -> Attempt:
    """An attempt of so many days ago, as it was left before there were recall items."""
    quiz = Quiz.objects.filter(slug="old").first() or making.quiz("old", rules=[])
    at = timezone.now() - timedelta(days=days)
    made = Attempt.objects.create(
        user=user, quiz=quiz, number=Attempt.objects.filter(user=user).count() + 1,
        state="finished", started_at=at, finished_at=at, points=0, max_points=1,
    )  # fmt: skip
    for position, (code, earned) in enumerate(points.items(), 1):
        question = Question.objects.filter(code=code).first() or making.questions.save_document(
            making.single(code), "language"
        )
        AttemptItem.objects.create(
            attempt=made, position=position, question=question, question_version=1, competency="language",
            document=making.freeze(making.single(code), making.random.Random(1)), answer="1",
            points=earned, max_points=1,
        )  # fmt: skip
    return made


def waiting(user: Any) -> list[str]:
    return list(RecallItem.objects.filter(user=user).order_by("due", "pk").values_list("key", flat=True))


def test_the_newest_answer_decides(learner: Any) -> None:
    """What somebody has put right since is no mistake any more; what went wrong since is one."""
    old(learner, {"a-1": 0, "a-2": 1, "a-3": 0}, days=9)
    old(learner, {"a-1": 1, "a-2": 0}, days=3)
    import_old(apps, None)
    assert waiting(learner) == ["a-2", "a-3"]  # the newest first


def test_a_second_run_adds_nothing(learner: Any) -> None:
    """And what has been recalled meanwhile keeps its schedule."""
    old(learner, {"a-1": 0, "a-2": 0})
    import_old(apps, None)
    RecallItem.objects.filter(key="a-1").update(due=NOW + timedelta(days=99), times=3, lapses=7)
    before = list(RecallItem.objects.order_by("pk").values())
    import_old(apps, None)
    assert list(RecallItem.objects.order_by("pk").values()) == before


def test_they_come_a_few_a_day(learner: Any) -> None:
    """A hundred at once would be put off for ever."""
    old(learner, {f"a-{at}": 0 for at in range(25)})
    import_old(apps, None)
    today = timezone.localdate()
    days = Counter((timezone.localdate(item.due) - today).days for item in RecallItem.objects.all())
    assert days == {1: 10, 2: 10, 3: 5}
    assert recall_sessions.count(learner, today) == 0
    assert recall_sessions.count(learner, today + timedelta(days=1)) == 10


def test_very_many_come_within_two_weeks(learner: Any) -> None:
    old(learner, {f"a-{at}": 0 for at in range(210)})
    import_old(apps, None)
    today = timezone.localdate()
    days = Counter((timezone.localdate(item.due) - today).days for item in RecallItem.objects.all())
    assert days == dict.fromkeys(range(1, 15), 15)


def test_an_item_can_be_recalled_like_any_other(learner: Any) -> None:
    """Its memory says when it was wrong, and row and memory say the same day."""
    old(learner, {"a-1": 0}, days=30)
    import_old(apps, None)
    [item] = RecallItem.objects.all()
    day = timezone.localdate() + timedelta(days=1)
    assert (recalling.due(item.card), timezone.localdate(item.due), item.lapses) == (day, day, 1)
    assert item.card["last"] == (day - timedelta(days=31)).isoformat()
    assert recalling.due(recalling.review(item.card, recalling.GOOD, day)) > day
    assert (item.front["reply"], item.front["asked"]["id"]) == ("1", "a-1")


def test_checkpoints_come_too(learner: Any) -> None:
    """Those answered wrong last, as far as the lesson still has them."""
    making.course()
    factories.card("a", code="aa")
    found = lessons.save_document(lesson())
    checks = {"1": {"option": 0, "right": False}, "9": {"option": 0, "right": False}}
    LessonProgress.objects.create(user=learner, lesson=found, checks=checks)
    import_old(apps, None)
    assert waiting(learner) == [f"{found.slug}#1"]
    assert RecallItem.objects.get().front["lesson"] == found.title
    LessonProgress.objects.update(checks={"1": {"option": 1, "right": True}})
    RecallItem.objects.all().delete()
    import_old(apps, None)
    assert waiting(learner) == []


def test_who_has_left_gets_none(learner: Any) -> None:
    old(learner, {"a-1": 0})
    learner.is_active = False
    learner.save()
    import_old(apps, None)
    assert waiting(learner) == []


def test_each_gets_their_own(learner: Any) -> None:
    other = factories.person("other")
    old(learner, {"a-1": 0})
    old(other, {"a-2": 0})
    import_old(apps, None)
    assert (waiting(learner), waiting(other)) == (["a-1"], ["a-2"])


def test_queries_do_not_grow_with_answers(learner: Any) -> None:
    """Five a person, and three more for each hundred mistakes."""
    counts = []
    for count in (1, 3):
        RecallItem.objects.all().delete()
        old(learner, {f"b-{at}": 0 for at in range(count)}, days=5 - count)
        with CaptureQueriesContext(connection) as queries:
            import_old(apps, None)
        counts.append(len(queries))
    assert counts[0] == counts[1]
