"""Plain functions that make what the tests of the courses need."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from training.documents import freeze
from training.enums import QuizKind
from training.models import Attempt, AttemptItem, Course, Path, PathCourse, Question, Quiz
from training.services import questions, quizzes

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RNG_SEED = 7


def single(code: str = "language-01", **changes: Any) -> dict[str, Any]:
    return {
        "id": code,
        "type": "single",
        "competency": "language",
        "difficulty": "1",
        "facts": [],
        "prompt": f"{code}：顾客只说「在吗」，你先做什么？",
        "options": [
            {"text": "问好，报上自己", "right": "yes", "feedback": "先应声。"},
            {"text": "等他说完再回", "right": "no", "feedback": "他也在等你。"},
            {"text": "发一段活动介绍", "right": "no", "feedback": "他还没问。"},
        ],
        "explanation": "先应声，再问需求。",
    } | changes


def body(kind: str) -> dict[str, Any]:
    """A sound body of each type."""
    option = {"right": "no", "feedback": "因为。"}
    return {
        "single": {"options": [{"text": str(at), **option, "right": "yes" if at == 1 else "no"} for at in range(3)]},
        "multiple": {"options": [{"text": str(at), **option, "right": "yes" if at < 2 else "no"} for at in range(4)]},
        "truefalse": {"options": [{"text": "对", **option}, {"text": "错", **option, "right": "yes"}]},
        "better": {"options": [{"line": "aa1", **option, "right": "yes"}, {"line": "aa51", **option}]},
        "ordering": {"steps": ["甲", "乙", "丙", "丁"], "feedback": "因为。"},
        "matching": {"pairs": [{"left": f"左{at}", "right": f"右{at}"} for at in range(3)], "feedback": "因为。"},
        "fill": {"answers": ["7 天", "七天", "ＡBc"], "feedback": "因为。"},
        "rewrite": {
            "draft": "没有。",
            "points": [{"name": "致歉", "any": ["抱歉", "不好意思"]}, {"name": "出路", "any": ["换一", "到货"]}],
            "forbids": ["没有"],
            "model": "抱歉，这款要等到货。",
        },
    }[kind]


def document(kind: str, **changes: Any) -> dict[str, Any]:
    """A sound question of each type."""
    head = {"id": f"language-{kind}", "type": kind, "competency": "language", "difficulty": "2", "facts": []}
    card = {"card": "a"} if kind == "better" else {}
    gap = "____" if kind == "fill" else ""
    return head | card | {"prompt": f"情境{gap}？", **body(kind), "explanation": "原因。"} | changes


def frozen(kind: str, seed: int = RNG_SEED) -> dict[str, Any]:
    return freeze(document(kind), random.Random(seed))


def right_answer(asked: dict[str, Any]) -> Any:
    """The answer with full marks."""
    kind = asked["type"]
    keys = [option["key"] for option in asked.get("options", []) if option["right"] == "yes"]
    return {
        "multiple": lambda: keys,
        "ordering": lambda: sorted((step["key"] for step in asked["steps"]), key=int),
        "matching": lambda: {pair["key"]: pair["key"] for pair in asked["pairs"]},
        "fill": lambda: asked["answers"][0],
        "rewrite": lambda: asked["model"],
    }.get(kind, lambda: keys[0])()


def course(code: str = "language", **values: Any) -> Course:
    values = {"title": f"课{code}", "kind": "competency", "competency": "language", "summary": "说明。"} | values
    return Course.objects.create(code=code, status=values.pop("status", "published"), **values)


def pool(course_code: str = "language", count: int = 4) -> list[Question]:
    return [questions.save_document(single(f"{course_code}-{at:02d}"), course_code) for at in range(1, count + 1)]


def quiz(slug: str = "language", **values: Any) -> Quiz:
    values = {"title": slug, "kind": QuizKind.COURSE, "rules": [{"course": "language", "count": 2}]} | values
    return Quiz.objects.create(slug=slug, **values)


def path(slug: str = "onboarding", *courses: Course, **values: Any) -> Path:
    made = Path.objects.create(slug=slug, title="全员入门", summary="说明。", status="published", **values)
    for at, one in enumerate(courses, 1):
        PathCourse.objects.create(path=made, course=one, position=at)
    return made


def result(user: Any, of: Quiz, points: str, maximum: str, at: datetime = NOW, **values: Any) -> Attempt:
    """A finished attempt with one item, made without asking anything."""
    number = Attempt.objects.filter(user=user, quiz=of).count() + 1
    values = {"passed": True, "points": points, "max_points": maximum} | values
    competency = values.pop("competency", "language")
    made = Attempt.objects.create(
        user=user,
        quiz=of,
        number=number,
        state="finished",
        started_at=at - timedelta(minutes=9),
        finished_at=at,
        **values,
    )
    AttemptItem.objects.create(
        attempt=made,
        position=1,
        question_version=1,
        competency=competency,
        document=frozen("single"),
        points=points,
        max_points=maximum,
    )
    return made


def start(of: Quiz, user: Any, now: datetime = NOW, seed: int = RNG_SEED) -> Attempt:
    return quizzes.start(of, user, now=now, rng=random.Random(seed))
