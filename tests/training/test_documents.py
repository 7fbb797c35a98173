"""What a question and a lesson must be before anybody is asked or taught."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training import making
from training.documents import lesson_problems, places, question_problems
from training.enums import QuestionType

KINDS = list(QuestionType.values)

json = st.recursive(
    st.none() | st.integers() | st.text(max_size=4) | st.sampled_from(["yes", "no", "A-01", "____"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "right", "feedback", "left", "name", "any", "line"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Sentences are compared in the words of the code."""
    with override("en"):
        yield


def lesson(**changes: Any) -> dict[str, Any]:
    check = {"prompt": "哪句？", "options": making.body("single")["options"]}
    return {
        "course": "language",
        "slug": "language-one",
        "position": "1",
        "title": "一课",
        "minutes": "5",
        "facts": ["A-10"],
        "takeaways": ["一句"],
        "checks": [check],
        "body": "开头。\n\n## 小节\n\n{{card:a}}\n\n{{check:1}}",
    } | changes


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_question_has_no_problem(kind: str) -> None:
    """Or nothing could be loaded."""
    assert question_problems(making.document(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_missing_and_every_unknown_key_is_named(kind: str) -> None:
    """A forgotten explanation would show as a blank on the result page."""
    document = making.document(kind)
    for key in document:
        if key not in {"type", "card"}:
            short = {name: value for name, value in document.items() if name != key}
            assert question_problems(short) == [((), f"the key {key!r} is missing")]
    assert question_problems(document | {"hint": "x"}) == [(("hint",), "the key 'hint' is not known here")]


@pytest.mark.parametrize(
    ("kind", "changes", "at"),
    [
        ("single", {"difficulty": "4"}, ("difficulty",)),
        ("single", {"competency": "cooking"}, ("competency",)),
        ("single", {"facts": ["A10"]}, ("facts", 0)),
        ("single", {"id": "Not A Slug"}, ("id",)),
        ("single", {"card": ["a"]}, ("card",)),
        ("single", {"prompt": ["x"]}, ("prompt",)),
        ("single", {"options": making.body("single")["options"][:1]}, ("options",)),
        ("single", {"options": making.body("multiple")["options"]}, ("options",)),
        ("multiple", {"options": making.body("single")["options"]}, ("options",)),
        ("truefalse", {"options": making.body("single")["options"]}, ("options",)),
        ("better", {"card": ""}, ("card",)),
        ("ordering", {"steps": ["甲", "乙"]}, ("steps",)),
        ("ordering", {"steps": ["甲", "乙", "甲"]}, ("steps",)),
        ("matching", {"pairs": [{"left": str(at), "right": "同"} for at in range(3)]}, ("pairs",)),
        ("fill", {"prompt": "没有空"}, ("prompt",)),
        ("fill", {"prompt": "____和____"}, ("prompt",)),
        ("fill", {"answers": []}, ("answers",)),
        ("rewrite", {"points": []}, ("points",)),
        ("rewrite", {"points": [{"name": "x", "any": []}]}, ("points", 0, "any")),
    ],
)
def test_each_mistake_is_told_at_its_place(kind: str, changes: dict[str, Any], at: tuple) -> None:
    """The author goes straight to the line."""
    assert [path for path, _sentence in question_problems(making.document(kind, **changes))] == [at]


def test_an_option_twice_is_told() -> None:
    """No learner can tell two equal options apart, and one of them would be wrong."""
    options = copy.deepcopy(making.body("single")["options"])
    options[2]["text"] = options[0]["text"]
    assert question_problems(making.document("single", options=options)) == [(("options",), "'0' stands here twice")]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_question_however_odd_raises(kind: str, data: st.DataObject) -> None:
    """A file or a form may hold anything; the answer is a sentence."""
    document = making.document(kind)
    key = data.draw(st.sampled_from(sorted(document)))
    assert isinstance(question_problems(document | {key: data.draw(json)}), list)


@given(value=json, key=st.sampled_from(sorted(lesson())))
@settings(max_examples=150, deadline=None)
def test_no_lesson_however_odd_raises(value: Any, key: str) -> None:
    """As above."""
    assert isinstance(lesson_problems(lesson(**{key: value})), list)


def test_a_sound_lesson_has_no_problem() -> None:
    """Or the table below would prove nothing."""
    assert lesson_problems(lesson()) == []


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"course": "cooking"}, ("course",)),
        ({"slug": "quiz"}, ("slug",)),
        ({"minutes": "five"}, ("minutes",)),
        ({"takeaways": []}, ("takeaways",)),
        ({"body": "没有检查题的位置"}, ("checks", 0)),
        ({"body": "{{check:1}}\n\n{{check:1}}"}, ("body", 2)),
        ({"body": "{{check:1}}\n{{check:2}}"}, ("body", 1)),
        ({"body": "{{check:1}}\n看{{card:a}}吧"}, ("body", 1)),
        ({"body": "{{check:1}}\n{{video:a}}"}, ("body", 1)),
        ({"body": "{{check:1}}\n{{check:x}}"}, ("body", 1)),
    ],
)
def test_each_mistake_of_a_lesson_is_told_at_its_line(changes: dict[str, Any], at: tuple) -> None:
    """A reference the page cannot show would stand there in braces."""
    assert [path for path, _sentence in lesson_problems(lesson(**changes))] == [at]


def test_places_cut_the_text_in_order() -> None:
    """Cards and checkpoints stand where the author put them; empty stretches vanish."""
    body = "一\n\n{{card:a}}\n{{check:1}}\n\n二\n"
    assert places(body) == [("html", "一\n"), ("card", "a"), ("check", "1"), ("html", "\n二\n")]
