"""Saving lessons and questions: rendered once, uses written, flagged when their card changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from knowledge.models import Revision, Use
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.services import cards
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson
from training.models import Lesson, Question
from training.services import lessons, questions, uses

pytestmark = pytest.mark.django_db


@pytest.fixture
def saved() -> Lesson:
    """A lesson that shows card `a`."""
    making.course("language")
    factories.card("a", code="aa")
    return lessons.save_document(lesson())


def flags() -> list[tuple[str, str, int, bool]]:
    rows = Use.objects.order_by("kind", "card__slug")
    return list(rows.values_list("kind", "card__slug", "card_version_seen", "recheck"))


def test_the_body_is_cut_and_rendered_once(saved: Lesson) -> None:
    """The page prints segments and never meets Markdown."""
    assert saved.segments == [["html", '<p>开头。</p>\n<h2 id="小节">小节</h2>'], ["card", "a"], ["check", 1]]
    assert saved.headings == [{"level": "2", "id": "小节", "title": "小节"}]
    assert saved.body_html == saved.segments[0][1]


def test_heading_ids_are_unique_over_the_whole_lesson(saved: Lesson) -> None:
    """Two links of the contents must not lead to one place; nor may an author's id stand."""
    saved.body = '## 做法\n\n{{card:a}}\n\n## 做法\n\n### **别** 做？\n\n<h2 id="main">main</h2>\n\n{{check:1}}'
    assert [heading["id"] for heading in lessons.save(saved).headings] == ["做法", "做法-2", "别-做", "main-2"]


def test_a_heading_takes_no_checkpoints_name(saved: Lesson) -> None:
    """The answer to a checkpoint is shown in the place of that name; a heading before it would be taken for it."""
    saved.body = "## Check 1\n\n## check 1 title\n\n## Check 2\n\n{{check:1}}"
    assert [heading["id"] for heading in lessons.save(saved).headings] == ["check-1-2", "check-1-title-2", "check-2"]


def test_scripts_never_reach_the_page(saved: Lesson) -> None:
    """A trainer pastes from anywhere."""
    saved.body = "<script>alert(1)</script>\n\n<p onclick='x'>好</p>\n\n{{check:1}}"
    html = lessons.save(saved).body_html
    assert ("script" in html, "onclick" in html, "好" in html) == (False, False, True)


def test_saving_writes_revision_version_and_index(saved: Lesson) -> None:
    """One transaction, and the lesson is found by what it says."""
    saved.body = "独角兽来了。\n\n{{check:1}}"
    lessons.save(saved, reason="改")
    saved.refresh_from_db()
    assert saved.version == 2
    assert list(Revision.objects.filter(kind="lesson").order_by("number").values_list("number", "reason")) == [
        (1, ""), (2, "改"),
    ]  # fmt: skip
    found = engine.search("独角兽", Viewer(), kinds=("lesson",)).hits
    assert [(hit.kind, hit.slug) for hit in found] == [("lesson", "language-one")]
    assert flags() == []


@pytest.mark.parametrize("changes", [{"body": "{{check:1}}\n{{card:nobody}}"}, {"title": "长" * 61}, {"title": " "}])
def test_a_wrong_lesson_is_not_written(saved: Lesson, changes: dict[str, Any]) -> None:
    """Nothing half: the row, its uses and its revision stay."""
    for key, value in changes.items():
        setattr(saved, key, value)
    with pytest.raises(ValidationError):
        lessons.save(saved)
    assert Lesson.objects.get().to_document() == lesson()
    assert (flags(), Revision.objects.filter(kind="lesson").count()) == ([("lesson", "a", 1, False)], 1)


def test_a_changed_card_flags_what_leans_on_it(saved: Lesson) -> None:
    """One card, four uses: somebody must look at the other three. Saving is not looking; 已复核 is."""
    questions.save_document(making.document("better"), "language")
    cards.publish_document(factories.document("a", "aa", title="新情景"))
    assert flags() == [("lesson", "a", 1, True), ("question", "a", 1, True)]
    lessons.save(saved)
    assert flags()[0] == ("lesson", "a", 1, True)
    assert uses.rechecked([saved]) == 1
    assert flags() == [("lesson", "a", 2, False), ("question", "a", 1, True)]


def test_a_deleted_lesson_lets_its_cards_go(saved: Lesson) -> None:
    """A use left behind would keep the card from being deleted for ever."""
    saved.delete()
    assert flags() == []


def test_a_question_is_asked_with_lines_of_its_card(saved: Lesson) -> None:
    """A line of another card would not follow an edit, nor be flagged."""
    factories.card("b", code="bb")
    right, wrong = making.body("better")["options"]
    options = [right, {**wrong, "line": "bb51"}]
    with pytest.raises(ValidationError, match="bb51"):
        questions.save_document(making.document("better", options=options), "language")
    assert Question.objects.count() == 0


@pytest.mark.parametrize(("kind", "type_"), [("better", "better"), ("fault", "single")])
def test_a_card_makes_a_draft_question(saved: Lesson, trainer: Any, kind: str, type_: str) -> None:
    """A click, then the trainer's eye: never published by itself, and in Chinese whatever the screen speaks."""
    card = cards.Card.objects.with_parts().get(slug="a")
    first, second = (questions.generate_from_card(card, kind, author=trainer) for _time in range(2))
    assert [(one.code, one.status, one.type) for one in (first, second)] == [
        ("language-g01", "draft", type_), ("language-g02", "draft", type_),
    ]  # fmt: skip
    assert [option["right"] for option in first.body["options"]].count("yes") == 1
    assert "a怎么说" in first.prompt
    assert list(first.uses.values_list("card__slug", flat=True)) == ["a"]


def test_an_unknown_way_to_make_one_is_an_error(saved: Lesson) -> None:
    """A form field may say anything."""
    with pytest.raises(ValueError, match="riddle"):
        questions.generate_from_card(cards.Card.objects.get(slug="a"), "riddle")
