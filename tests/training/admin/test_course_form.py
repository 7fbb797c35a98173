"""Courses: no circles, lessons in order, the quiz beside them; every save touches the row caches are keyed by."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.roles import TRAINER
from knowledge.models import Fact, Revision
from knowledge.search import engine
from knowledge.search.document import Viewer
from tests import factories
from tests.knowledge.admin.conftest import errors, signed_in
from tests.training import making
from tests.training.admin.conftest import address, blank, fresh, opened, save
from tests.training.test_documents import lesson as lesson_document
from training.models import Course, Lesson, Quiz
from training.services import courses, lessons


@pytest.fixture
def three(course: Course) -> list[Lesson]:
    """Three lessons of one course, at 1, 2 and 5: one was deleted meanwhile."""
    Fact.objects.create(code="A-10", course="language", text="x")
    factories.card("a", code="aa")
    documents = [lesson_document(slug=f"l-{at}", position=str(at), title=f"第{at}课") for at in (1, 2, 5)]
    return [lessons.save_document(document) for document in documents]


def order() -> list[tuple[str, int]]:
    return list(Lesson.objects.order_by("position").values_list("slug", "position"))


def versions() -> int:
    return Revision.objects.filter(kind="lesson").count()


def test_untouched_form_changes_nothing(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    """But the row says that it was saved: what is cached of the navigation is asked anew."""
    making.pool()
    making.quiz(course=course)
    before, stamp = (order(), versions(), course.to_document()), fresh(course).updated_at
    assert save(as_trainer, course).status_code == 302
    assert (order(), versions(), fresh(course).to_document()) == before
    assert fresh(course).updated_at > stamp


def test_move_a_lesson(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    """The numbers there are are dealt anew, and each lesson that moved has a version and a new stamp."""
    stamps = {lesson.slug: lesson.updated_at for lesson in three}
    save(as_trainer, course, lessons__0__position="1", lessons__1__position="0", lessons__2__position="2")
    assert order() == [("l-2", 1), ("l-1", 2), ("l-5", 5)]
    assert versions() == 5
    touched = {lesson.slug: lesson.updated_at > stamps[lesson.slug] for lesson in Lesson.objects.all()}
    assert touched == {"l-1": True, "l-2": True, "l-5": False}


def test_a_lesson_that_came_meanwhile_goes_to_the_end(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    data = opened(as_trainer, course)
    lessons.save_document(lesson_document(slug="late", position="3", title="后来的"))
    swapped = {"lessons-0-position": "1", "lessons-1-position": "0", "lessons-2-position": "2"}
    assert as_trainer.post(address(course), data | swapped).status_code == 302
    assert [slug for slug, _position in order()] == ["l-2", "l-1", "l-5", "late"]


def test_move_the_last_of_many_lessons(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    """However many there are: a move that is taken and not done would be a lie."""
    for at in range(6, 70):
        Lesson.objects.create(
            course=course, slug=f"l-{at}", title=f"第{at}课", position=at, body="文", takeaways=["一"]
        )
    moved = {"lessons__0__position": "66", "lessons__66__position": "0"}
    assert save(as_trainer, course, **moved).status_code == 302
    slugs = [slug for slug, _position in order()]
    assert (len(slugs), slugs[:2], slugs[-2:]) == (67, ["l-69", "l-2"], ["l-68", "l-1"])


def test_strange_rows_are_ignored(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    """A lesson of another course, a word, a lesson named twice."""
    other = making.course("rules")
    stranger = lessons.save_document(lesson_document(slug="stranger", course="rules"))
    twice = {"lessons__7__lesson": str(three[0].pk), "lessons__8__lesson": "x", "lessons__9__lesson": str(stranger.pk)}
    assert save(as_trainer, course, **twice).status_code == 302
    assert [slug for slug, _position in order() if slug != "stranger"] == ["l-1", "l-2", "l-5"]
    assert fresh(stranger).course == other


def test_list_of_lessons(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    html = as_trainer.get(address(course)).content.decode()
    shown = f'<a href="/admin/training/lesson/{three[0].pk}/change/">第1课</a> · 5 minutes · Published'
    assert html.count(shown) == 1
    assert html.count(f'href="/admin/training/lesson/add/?course={course.pk}"') == 1


def test_no_circles(as_trainer: Client, course: Course) -> None:
    """Courses that wait for each other would be locked for good; the way round is named."""
    rules, social = making.course("rules", title="规则"), making.course("social", title="交际")
    social.needs.add(rules)
    rules.needs.add(course)
    response = save(as_trainer, course, needs=[social.pk])
    assert errors(response) == [
        "These courses would wait for each other, and nobody could begin: 语言能力 → 交际 → 规则 → 语言能力"
    ]
    assert save(as_trainer, social, needs=[rules.pk, course.pk]).status_code == 302
    assert set(social.needs.all()) == {rules, course}


def test_a_course_does_not_need_itself(as_trainer: Client, course: Course) -> None:
    assert errors(save(as_trainer, course, needs=[course.pk])) == [
        f"Select a valid choice. {course.pk} is not one of the available choices."
    ]


def test_add(as_trainer: Client, course: Course) -> None:
    """One of the codes that are left; with rules it has its quiz at once."""
    making.pool()
    html = as_trainer.get("/admin/training/course/add/").content.decode()
    assert ['value="language"' in html.split("</select>")[0], 'value="rules"' in html.split("</select>")[0]] == [
        False,
        True,
    ]
    data = blank(as_trainer, "course") | {"code": "rules", "title": "规则制度", "kind": "cross", "competency": "rules"}
    data |= {
        "summary": "说明。",
        "needs": [course.pk],
        "quiz-0-rules-0-course": "language",
        "quiz-0-rules-0-count": "3",
    }
    assert as_trainer.post("/admin/training/course/add/", data).status_code == 302
    made = Course.objects.get(code="rules")
    assert (made.status, list(made.needs.all())) == ("draft", [course])
    quiz = made.quiz
    assert (quiz.slug, quiz.title, quiz.kind, quiz.rules) == (
        "rules",
        "规则制度小测",
        "course",
        [{"course": "language", "count": 3}],
    )


def test_add_without_a_quiz(as_trainer: Client, course: Course) -> None:
    data = blank(as_trainer, "course") | {"code": "rules", "title": "规则", "kind": "cross", "competency": "rules"}
    assert as_trainer.post("/admin/training/course/add/", data | {"summary": "x"}).status_code == 302
    assert Quiz.objects.count() == 0


def test_codes_are_fixed(as_trainer: Client, course: Course) -> None:
    """When each has its course there is none to add; a code never changes."""
    save(as_trainer, course, code="rules")
    assert fresh(course).code == "language"
    for code in set(dict(Course._meta.get_field("code").choices)) - {"language"}:
        making.course(code)
    assert as_trainer.get("/admin/training/course/add/").status_code == 403


def test_quiz_in_its_units(as_trainer: Client, course: Course) -> None:
    making.pool()
    quiz = making.quiz(course=course, time_limit=1200, cooldown=7200)
    data = opened(as_trainer, course)
    assert (data["quiz-0-time_limit"], data["quiz-0-cooldown"]) == ("20", "2")
    save(as_trainer, course, quiz__0__time_limit="15", quiz__0__cooldown="0", quiz__0__attempts_allowed="3")
    live = fresh(quiz)
    assert (live.time_limit, live.cooldown, live.attempts_allowed, live.updated_at > quiz.updated_at) == (
        900,
        0,
        3,
        True,
    )


def test_pool_too_small(as_trainer: Client, course: Course) -> None:
    """A learner would get fewer questions than the door says."""
    making.pool(count=4)
    quiz = making.quiz(course=course)
    assert "Pool: 4 published questions." in as_trainer.get(address(course)).content.decode()
    response = save(as_trainer, course, quiz__0__rules__0__count="5", title="改")
    assert "5 are wanted, and 4 published questions are left for it" in response.content.decode()
    assert (fresh(quiz).rules[0]["count"], fresh(course).title) == (2, "语言能力")


def test_an_old_pool_is_no_reason_to_refuse(as_trainer: Client, course: Course) -> None:
    """Questions were retired since; the summary must still be changeable."""
    making.quiz(course=course)
    assert save(as_trainer, course, summary="新说明").status_code == 302
    assert fresh(course).summary == "新说明"


def test_index_follows_the_competency(as_trainer: Client, course: Course, three: list[Lesson]) -> None:
    """It is part of the lessons' rows there."""
    save(as_trainer, course, competency="rules")
    found = engine.find("第1课", Viewer(), kinds=("lesson",), filters=("competency:rules",))
    assert [hit.slug for hit in found.hits][:1] == ["l-1"]


def test_second_save_is_refused(as_trainer: Client, course: Course) -> None:
    other = signed_in(factories.person(TRAINER, locale="en", display_name="Li"))
    mine = opened(as_trainer, course) | {"title": "我的"}
    save(other, course, title="别人的")
    (told,) = errors(as_trainer.post(address(course), mine))
    assert told.startswith("Li changed this at ")
    assert fresh(course).title == "别人的"


def test_quiz_changed_on_its_own_page_meanwhile(as_trainer: Client, course: Course) -> None:
    """The quiz has a page of its own: what was saved there is not overwritten from here."""
    making.pool()
    quiz = making.quiz(course=course)
    mine = opened(as_trainer, course) | {"quiz-0-pass_mark": "70"}
    assert save(as_trainer, quiz, pass_mark="90").status_code == 302
    response: Any = as_trainer.post(address(course), mine)
    assert response.status_code == 200
    assert fresh(quiz).pass_mark == 90


def test_late_refusal_undoes_everything(as_trainer: Client, course: Course) -> None:
    """What only the service finds comes back as a sentence on the form; on PostgreSQL too, where the row that the
    form looks at is locked."""
    making.pool()
    quiz = making.quiz(course=course)
    with patch.object(courses, "save", side_effect=ValidationError("too late")):
        response = save(as_trainer, course, quiz__0__pass_mark="70")
    assert (response.status_code, set(errors(response))) == (200, {"too late"})
    assert fresh(quiz).pass_mark == 80


def test_a_manager_reads(as_manager: Client, course: Course, three: list[Lesson]) -> None:
    making.quiz(course=course, time_limit=600)
    html = as_manager.get(address(course)).content.decode()
    assert [html.count(part) for part in ("第2课", "10 minutes", "<textarea", "data-rows", "{&#x27;")] == [
        1,
        1,
        0,
        0,
        0,
    ]
