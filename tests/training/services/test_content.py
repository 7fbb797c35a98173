"""Starter courses, lessons, questions and paths: all or nothing, never over a trainer's edit, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path as FilePath
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from knowledge import files
from knowledge.enums import Status
from knowledge.models import Card, LineCode, Revision, Tombstone, Use, WordingRule
from knowledge.search.index import fingerprints
from knowledge.services import cards, content
from knowledge.services.content import ContentProblems
from tests import factories
from tests.training import making
from training.exchange.lesson_files import MATTER
from training.models import Course, Dialogue, Lesson, Path, PathCourse, Question, Quiz
from training.services import lessons, questions

pytestmark = pytest.mark.django_db

COURSES = [
    {
        "code": "intro", "title": "入门", "kind": "foundation", "competency": "attitude", "summary": "说明。",
        "questions": "2", "needs": [],
    },
    {
        "code": "language", "title": "语言", "kind": "competency", "competency": "language", "summary": "说明。",
        "questions": "3", "needs": ["intro"],
    },
]  # fmt: skip
PATHS = [
    {
        "slug": "onboarding", "title": "全员入门", "summary": "说明。", "courses": ["language", "intro"],
        "exam": {"questions": "2", "pass": "85", "minutes": "40", "cooldown_hours": "12"},
    }
]  # fmt: skip
LESSON = "language/01-language-one.md"


@pytest.fixture
def folder(tmp_path: FilePath) -> FilePath:
    """A card, a fact, two courses, a lesson, two questions and a path."""
    write(tmp_path / "facts.yaml", {"facts": [{"id": "A-10", "course": "language", "text": "先应声。"}]})
    write(tmp_path / "compliance.yaml", {"notes": []})
    write(tmp_path / "synonyms.yaml", {"groups": [["运费", "邮费"]]})
    write(tmp_path / "cards/a.yaml", factories.document("a", "aa"))
    write(tmp_path / "courses.yaml", {"courses": COURSES})
    write(tmp_path / "paths.yaml", {"paths": PATHS})
    write_lesson(tmp_path)
    write_questions(tmp_path, making.single("language-01"), making.document("better", id="language-02"))
    return tmp_path


def write(path: FilePath, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else files.dump(value), encoding="utf-8")


def write_questions(folder: FilePath, *documents: dict[str, Any]) -> None:
    write(folder / "questions/language.yaml", {"questions": list(documents)})


def write_lesson(folder: FilePath, body: str = "开头。\n\n{{card:a}}\n\n{{check:1}}", **changes: Any) -> None:
    check = {"prompt": "哪句？", "options": making.body("single")["options"]}
    matter = {"title": "一课", "minutes": "5", "facts": ["A-10"], "takeaways": ["一句"], "checks": [check]} | changes
    write(folder / "lessons" / LESSON, f"---\n{files.dump({key: matter[key] for key in MATTER})}---\n{body}\n")


def everything() -> dict[str, Any]:
    models = (Card, Course, Lesson, Question, Quiz, Path, PathCourse, Use, Revision, Tombstone)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models} | {"index": fingerprints()}


def told(folder: FilePath) -> list[str]:
    """The problems of a load that must change nothing."""
    before = everything()
    with pytest.raises(ContentProblems) as caught:
        content.load(folder)
    assert everything() == before
    return [str(problem) for problem in caught.value.problems]


def report(folder: FilePath, *force: str) -> dict[str, dict[str, list[str]]]:
    done = content.load(folder, force).sections
    return {name: {what: slugs for what, slugs in vars(one).items() if slugs} for name, one in done.items()}


ALL = {"course": ["intro", "language"], "lesson": ["language-one"], "question": ["language-01", "language-02"],
       "path": ["onboarding"]}  # fmt: skip


def all_of(what: str, **others: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    return {name: {what: slugs} for name, slugs in ALL.items()} | others


def test_a_first_load_brings_everything(folder: FilePath) -> None:
    """The first start of a new shop: courses with quizzes, lessons with segments, a path with its exam."""
    assert report(folder) == all_of("created")
    assert list(Course.objects.values_list("code", "status", "position", "quiz__slug", "quiz__pass_mark")) == [
        ("intro", "published", 1, "intro", 80),
        ("language", "published", 2, "language", 80),
    ]
    assert [need.code for need in Course.objects.get(code="language").needs.all()] == ["intro"]
    lesson = Lesson.objects.get()
    assert (lesson.position, lesson.version, lesson.status) == (1, 1, "published")
    assert lesson.segments == [["html", "<p>开头。</p>"], ["card", "a"], ["check", 1]]
    assert list(Use.objects.order_by("kind").values_list("card__slug", "kind", "card_version_seen", "recheck")) == [
        ("a", "lesson", 1, False),
        ("a", "question", 1, False),
    ]
    exam = Path.objects.get().exam
    assert exam is not None
    assert (exam.slug, exam.kind, exam.pass_mark, exam.time_limit, exam.cooldown) == (
        "exam-onboarding", "exam", 85, 2400, 43200,
    )  # fmt: skip
    assert exam.rules == [{"course": "language", "count": 2}, {"course": "intro", "count": 2}]
    assert {revision.reason for revision in Revision.objects.all()} == {"初始内容"}


def test_a_second_load_writes_nothing(folder: FilePath) -> None:
    """Every start loads: it must cost nothing and move no version."""
    content.load(folder)
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        assert report(folder) == all_of("same")
    verbs = {query["sql"].split()[0] for query in queries.captured_queries}
    assert verbs & {"INSERT", "UPDATE", "DELETE"} == set()
    assert everything() == before


def test_a_changed_file_updates_its_item_alone(folder: FilePath) -> None:
    """A release corrects one lesson: one version moves."""
    content.load(folder)
    write_lesson(folder, title="新标题")
    assert report(folder) == all_of("same", lesson={"updated": ["language-one"]})
    assert list(Lesson.objects.values_list("title", "version")) == [("新标题", 2)]


def test_finer_draw_rules_outlive_a_release(folder: FilePath) -> None:
    """A file knows only how many of each course: rules that draw as many, easy and hard, are a trainer's work."""
    content.load(folder)
    drawn = int(COURSES[0]["questions"])
    finer = [
        {"course": "intro", "difficulty": 1, "count": drawn - 1},
        {"course": "intro", "difficulty": 3, "count": 1},
    ]
    Quiz.objects.filter(slug="intro").update(rules=finer)
    courses = [COURSES[0] | {"summary": "新的说明。"}, *COURSES[1:]]
    write(folder / "courses.yaml", {"courses": courses})
    assert report(folder)["course"] == {"updated": ["intro"], "same": ["language"]}
    assert Quiz.objects.get(slug="intro").rules == finer
    write(folder / "courses.yaml", {"courses": [courses[0] | {"questions": str(drawn + 1)}, *courses[1:]]})
    assert report(folder)["course"] == {"updated": ["intro"], "same": ["language"]}
    assert Quiz.objects.get(slug="intro").rules == [{"course": "intro", "count": drawn + 1}]


def test_what_a_trainer_edited_is_kept_until_forced(folder: FilePath) -> None:
    """The loader never takes a trainer's words away; --force does, and says so."""
    content.load(folder)
    lesson, question = Lesson.objects.get(), Question.objects.get(code="language-01")
    lesson.title, question.explanation = "培训师的标题", "培训师的解释。"
    lessons.save(lesson)
    questions.save(question)
    Course.objects.filter(code="intro").update(summary="培训师的说明。")
    Path.objects.update(summary="培训师的说明。")
    write_lesson(folder, minutes="9")
    kept = {
        "course": {"kept": ["intro"], "same": ["language"]},
        "lesson": {"kept": ["language-one"]},
        "question": {"kept": ["language-01"], "same": ["language-02"]},
        "path": {"kept": ["onboarding"]},
    }
    assert report(folder) == kept
    assert Lesson.objects.get().title == "培训师的标题"
    assert report(folder, "language-one")["lesson"] == {"updated": ["language-one"]}
    assert (Lesson.objects.get().title, Lesson.objects.get().minutes) == ("一课", 9)


def test_deleted_starter_items_stay_deleted_until_forced(folder: FilePath) -> None:
    """A tombstone stands for what a trainer threw away."""
    content.load(folder)
    Lesson.objects.get().delete()
    Tombstone.objects.create(kind="lesson", slug="language-one")
    assert Use.objects.filter(kind="lesson").count() == 0
    assert report(folder)["lesson"] == {"deleted": ["language-one"]}
    assert report(folder, "language-one")["lesson"] == {"created": ["language-one"]}
    assert Tombstone.objects.count() == Tombstone.objects.filter(kind="synonyms").count()


def test_an_item_waits_for_a_card_that_was_deleted_here(folder: FilePath) -> None:
    """A shop that threw a card away before there were courses must still start."""
    content.load(folder)
    Question.objects.all().delete()
    Lesson.objects.all().delete()
    Card.objects.all().delete()
    Tombstone.objects.create(kind="card", slug="a")
    done = report(folder)
    assert (done["lesson"], done["question"]) == (
        {"deleted": ["language-one"]},
        {"created": ["language-01"], "deleted": ["language-02"]},
    )


def test_a_question_waits_for_a_line_that_was_deleted_here(folder: FilePath, tmp_path: FilePath) -> None:
    """A trainer shortened a card: new starter content must not fail over the question that asks with that line, for
    then the site would not start; and what is exported can be loaded again."""
    content.load(folder)
    edited = factories.document("a", "aa")
    edited["do"] = edited["do"][1:]
    cards.publish_document(edited)
    write_questions(folder, making.single("language-01"), making.document("better", id="language-02", prompt="新题？"))
    assert report(folder)["question"] == {"same": ["language-01"], "kept": ["language-02"]}
    content.export(tmp_path / "out")
    for name in ("facts.yaml", "compliance.yaml", "synonyms.yaml"):
        (tmp_path / "out" / name).write_text((folder / name).read_text())
    assert report(tmp_path / "out")["question"] == {"same": ["language-01"]}


@pytest.mark.parametrize(
    ("body", "changes", "sentence"),
    [
        ("{{check:1}}\n{{card:nobody}}", {}, "01-language-one.md:22: body/2: 没有这张话术卡：nobody"),
        ("{{check:1}}\n\n{{check:2}}", {}, "01-language-one.md:23: body/3: there is no checkpoint 2 left to put here"),
        ("{{check:1}}", {"facts": ["A-11"]}, "01-language-one.md:5: facts/1: 不认识 'A-11'"),
        ("{{check:1}}", {"minutes": "soon"}, "01-language-one.md:3: minutes: a whole number is needed here"),
    ],
)
def test_a_wrong_lesson_is_told_by_file_and_line(
    folder: FilePath, body: str, changes: dict[str, Any], sentence: str
) -> None:
    """The author goes straight there; nothing else is loaded meanwhile."""
    write_lesson(folder, body=body, **changes)
    problems = told(folder)
    assert [problem.rsplit(": ", 1)[0] for problem in problems] == [sentence.rsplit(": ", 1)[0]]


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [
        (f"lessons/{LESSON}", "没有开头", "01-language-one.md:1:"),
        (f"lessons/{LESSON}", "---\ntitle: [\n---\n正文\n", "01-language-one.md:"),
        (f"lessons/{LESSON}", "---\ntitle: x\n---\n正文\n", "01-language-one.md:2:"),
        ("lessons/language/one.md", "---\n---\n", "one.md:1:"),
        ("questions/language.yaml", "questions: x\n", "language.yaml:1:"),
        ("questions/language.yaml", "questions:\n  - x\n", "language.yaml:2:"),
        ("questions/cooking.yaml", "questions: []\n", "cooking.yaml:1:"),
        ("courses.yaml", "courses:\n  - code: x\n", "courses.yaml:2:"),
        ("paths.yaml", "paths: {}\n", "paths.yaml:1:"),
    ],
)
def test_a_malformed_file_changes_nothing(folder: FilePath, name: str, text: str, start: str) -> None:
    """Whatever the file holds, it ends in a sentence with a line."""
    write(folder / name, text)
    assert [problem[: len(start)] for problem in told(folder)] == [start]


def test_wrong_questions_are_told_at_their_lines(folder: FilePath) -> None:
    """Unknown facts, cards and lines, an id twice and one of another course, all in one go."""
    write_questions(
        folder,
        making.single("language-01", facts=["A-11"]),
        making.single("language-01", card="nobody"),
        making.single("intro-01"),
        making.document("better", options=[{**one, "line": "zz9"} if at else one
                                           for at, one in enumerate(making.body("better")["options"])]),
    )  # fmt: skip
    where = [problem.split(": ")[1] for problem in told(folder)]
    assert where == ["questions/1/facts/1", "questions/2/card", "questions/3/id", "questions/4/options/2/line",
                     "questions/2/id"]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"needs": ["language"]}, "courses/1/needs/1"), ({"questions": "010"}, "courses/1/questions"),
     ({"kind": "hobby"}, "courses/1/kind"), ({"title": ""}, "courses/1/title")],
)  # fmt: skip
def test_wrong_courses_are_told(folder: FilePath, changes: dict[str, Any], where: str) -> None:
    """A course may only need one before it: a circle could never be entered."""
    write(folder / "courses.yaml", {"courses": [COURSES[0] | changes, COURSES[1]]})
    assert [problem.split(": ")[1] for problem in told(folder)] == [where]


@pytest.mark.parametrize(
    ("changes", "where"),
    [({"courses": ["cooking"]}, "paths/1/courses/1"), ({"slug": "Not a slug"}, "paths/1/slug"),
     ({"exam": {"questions": "2"}}, "paths/1/exam"), ({"exam": PATHS[0]["exam"] | {"pass": "x"}}, "paths/1/exam/pass")],
)  # fmt: skip
def test_wrong_paths_are_told(folder: FilePath, changes: dict[str, Any], where: str) -> None:
    """As above."""
    write(folder / "paths.yaml", {"paths": [PATHS[0] | changes]})
    assert [problem.split(": ")[1] for problem in told(folder)] == [where]


def test_a_text_too_long_for_its_column_undoes_everything(folder: FilePath) -> None:
    """SQLite would take it without a word; the cards of the same load go back too."""
    write_lesson(folder, title="长" * 61)
    assert len(told(folder)) == 1
    assert Card.objects.count() == 0


def test_the_starter_content_goes_in_and_comes_out_byte_for_byte(starter_content: None, tmp_path: FilePath) -> None:
    """A trainer's export must show in a diff what they changed and nothing else."""
    paths = content.export(tmp_path)
    ours = {str(path.relative_to(tmp_path)): path.read_text("utf-8") for path in paths}
    source = {name: (settings.CONTENT_DIR / name).read_text("utf-8") for name in ours}
    assert [name for name in ours if ours[name] != source[name]] == []
    on_disk = {str(path.relative_to(settings.CONTENT_DIR)) for path in settings.CONTENT_DIR.glob("[cdlpqr]*/**/*.*")}
    assert {name for name in ours if "/" in name} == on_disk


def test_what_is_no_draft_here_is_none_after_the_journey(starter_content: None, tmp_path: FilePath) -> None:
    """A draft that came back published, or a retired card that a lesson still names and that stayed behind, would
    make an export that cannot be trusted or loaded."""
    Card.objects.filter(slug="own-mistake").update(status=Status.RETIRED)
    Card.objects.filter(slug="stock-out-after-order").update(status=Status.DRAFT)
    lesson = Lesson.objects.earliest("pk")
    Lesson.objects.filter(pk=lesson.pk).update(status=Status.DRAFT)
    question = Question.objects.filter(type="single").earliest("pk")
    Question.objects.filter(pk=question.pk).update(status=Status.DRAFT)
    content.export(tmp_path / "one")
    for name in ("facts", "compliance", "synonyms"):
        shutil.copy(settings.CONTENT_DIR / f"{name}.yaml", tmp_path / "one")
    states = {
        model: dict(model.objects.exclude(status=Status.PUBLISHED).values_list(key, "status"))
        for model, key in ((Card, "slug"), (Lesson, "slug"), (Question, "code"))
    }
    assert states[Card] == {"own-mistake": "retired", "stock-out-after-order": "draft"}
    for model in (Question, Lesson, Dialogue, WordingRule, Use, Card, Tombstone):
        model.objects.all().delete()
    LineCode.objects.all().delete()
    content.load(tmp_path / "one")
    again = {
        model: dict(model.objects.exclude(status=Status.PUBLISHED).values_list(key, "status"))
        for model, key in ((Card, "slug"), (Lesson, "slug"), (Question, "code"))
    }
    assert again == states
    content.export(tmp_path / "two")
    for path in sorted((tmp_path / "two").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "one" / path.relative_to(tmp_path / "two")).read_bytes()


@pytest.mark.parametrize("status", ["published", "Draft", ""])
def test_another_status_is_told_with_its_line(tmp_path: FilePath, status: str) -> None:
    factories_card = {**factories.document("a", "aa"), "status": status}
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "a.yaml").write_text(files.dump(factories_card), encoding="utf-8")
    for name in ("facts", "compliance", "synonyms"):
        shutil.copy(settings.CONTENT_DIR / f"{name}.yaml", tmp_path)
    if not status:
        assert content.load(tmp_path).created == ["a"]
        return
    with translation.override("en"), pytest.raises(content.ContentProblems) as caught:
        content.load(tmp_path)
    assert str(caught.value).endswith(f"status: {status!r} is none of draft, retired")
