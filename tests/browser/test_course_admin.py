"""The trainers' side of the courses in a real browser: a lesson from its first word to its readers, a question made
from a card, rows by keyboard. The watch fixture fails every test whose page complains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.roles import TRAINER
from knowledge.models import Card, Use
from tests import factories
from training.models import Course, Lesson, Path, Question

WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def trainer(home: str) -> Any:
    return factories.person(TRAINER)


@pytest.fixture
def admin(visit: Callable[..., Page], trainer: Any) -> Callable[..., Page]:
    """Opens a page of the courses' admin."""
    return lambda path, **arguments: visit(trainer, f"/admin/training/{path}", viewport=WIDE, **arguments)


def save(page: Page, button: str = "_save") -> None:
    page.locator(f"input[name={button}]").last.click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def rows(page: Page, name: str) -> Locator:
    """The rows of a list, not those of lists within it."""
    return page.locator(f"#id_{name}-group > [data-row]")


def option(page: Page, at: int, text: str, feedback: str) -> None:
    page.locator(f"[name=checks-0-options-{at}-text]").fill(text)
    page.locator(f"[name=checks-0-options-{at}-feedback]").fill(feedback)


def test_a_lesson_from_the_first_word_to_its_readers(admin: Callable[..., Page], home: str) -> None:
    """Written, previewed beside the text and as a learner, published."""
    course = Course.objects.get(code="language")
    page = admin(f"lesson/add/?course={course.pk}")
    page.locator("#id_title").fill("蓝莓怎么寄")
    page.locator("#id_slug").fill("blueberries-by-post")
    body = page.locator("#id_body")
    body.fill("## 先听\n\n顾客问**蓝莓**。\n\n{{card:bargaining}}\n\n{{check:1}}")
    pane = page.locator(".field-body .markdownx-preview")
    expect(pane.locator("strong")).to_have_text("蓝莓")
    expect(pane.locator(".place")).to_have_count(2)
    expect(pane.locator(".place.wrong")).to_have_count(0)
    page.locator("[name=checks-0-prompt]").fill("顾客问怎么寄，你先发哪句？")
    option(page, 0, "我帮您查", "先应声。")
    page.locator("[name=checks-0-options-0-right]").check()
    option(page, 1, "自己看", "冷。")
    page.locator("[name=takeaways-0-text]").fill("先听再说。")
    save(page, "_continue")
    lesson = Lesson.objects.get(slug="blueberries-by-post")
    assert (lesson.status, len(lesson.checks[0]["options"]), lesson.course) == ("draft", 2, course)
    edit = page.url
    page.locator(f".object-tools a[href='/learn/language/{lesson.slug}/']").click()
    expect(page.locator("h1")).to_contain_text("蓝莓怎么寄")
    page.goto(edit)
    page.locator("#id_status").select_option("published")
    save(page)
    lesson.refresh_from_db()
    assert lesson.status == "published"


def test_a_problem_stands_on_its_box(admin: Callable[..., Page]) -> None:
    """Whoever hears the page hears the sentence with the box."""
    lesson = Lesson.objects.filter(course__code="language").first()
    assert lesson
    page = admin(f"lesson/{lesson.pk}/change/")
    page.locator("[name=checks-0-options-1-feedback]").fill("")
    page.locator("input[name=_save]").last.click()
    wrong = page.locator("[aria-invalid=true]")
    expect(wrong).to_have_attribute("name", "checks-0-options-1-feedback")
    told = wrong.get_attribute("aria-describedby")
    expect(page.locator(f"#{told}")).to_be_visible()


def test_a_question_from_a_card_and_the_second_look(
    visit: Callable[..., Page], trainer: Any, home: str, blueberries: Card
) -> None:
    """Made by a click; flagged when the card is edited; cleared where the flag is read."""
    lines = factories.document("crushed", code="cr", title="蓝莓压坏了")
    card = factories.card("crushed", code="cr", title="蓝莓压坏了", do=lines["do"])
    edit_card = f"{home}/admin/knowledge/card/{card.pk}/change/"
    page = visit(trainer, f"/admin/knowledge/card/{card.pk}/change/", viewport=WIDE)
    page.locator(".object-tools form", has=page.locator("input[value=better]")).locator("button").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    question = Question.objects.get(card=card)
    page.locator("#id_status").select_option("published")
    save(page, "_continue")
    edit_question = page.url

    page.goto(edit_card)
    expect(page.locator(".uses")).to_contain_text(question.code)
    page.locator("[name=do-0-text]").fill("抱歉，压坏的我马上补发。")
    save(page)
    page.goto(f"{home}/admin/training/question/?recheck=yes")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.goto(edit_question)
    page.locator(".flagged button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".flagged")).to_have_count(0)
    assert list(Use.objects.filter(card=card).values_list("recheck", flat=True)) == [False]

    page.goto(edit_card)
    page.locator("[name=do-0-text]").fill("抱歉，压坏的今天就补发。")
    save(page, "_continue")
    page.locator(".uses form button").click()
    expect(page.locator(".uses form")).to_have_count(0)
    assert page.url == edit_card


def test_rows_by_keyboard(admin: Callable[..., Page]) -> None:
    """A row is added, filled, moved up and another taken back without a mouse; the focus is never lost."""
    page = admin("question/add/?type=ordering")
    assert rows(page, "steps").count() == 4
    page.locator("#id_steps-group > .add").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=steps-4-text]")).to_be_focused()
    page.keyboard.insert_text("第五")
    said = rows(page, "steps").nth(1).get_attribute("aria-label")
    rows(page, "steps").nth(4).locator(".move").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(rows(page, "steps").nth(2).locator(".move").first).to_be_focused()
    expect(rows(page, "steps").nth(2).locator("textarea")).to_have_value("第五")
    assert rows(page, "steps").nth(1).get_attribute("aria-label") == said
    rows(page, "steps").nth(2).locator(".remove").focus()
    page.keyboard.press("Enter")
    expect(rows(page, "steps").nth(2).locator(".remove")).to_be_focused()
    expect(page.locator("[name=steps-4-text]")).to_have_count(0)
    for at, text in enumerate(("先听", "再问", "后答")):
        page.locator(f"[name=steps-{at}-text]").fill(text)
    rows(page, "steps").nth(1).locator(".move").first.click()
    page.locator("#id_course").select_option("language")
    page.locator("#id_competency").select_option("language")
    for name in ("prompt", "feedback", "explanation"):
        page.locator(f"#id_{name}").fill("排一排。")
    save(page)
    assert Question.objects.order_by("-pk")[0].body["steps"] == ["再问", "先听", "后答"]


def test_a_checkpoint_more(admin: Callable[..., Page]) -> None:
    """A new row brings rows of its own, each box with a name of its own; both kinds of row can be added to it."""
    lesson = Lesson.objects.filter(course__code="language").first()
    assert lesson
    page = admin(f"lesson/{lesson.pk}/change/")
    before = rows(page, "checks").count()
    page.locator("#id_checks-group > .add").click()
    at = before
    expect(page.locator(f"[name=checks-{at}-prompt]")).to_be_focused()
    page.locator(f"#id_checks-{at}-options-group > .add").click()
    expect(page.locator(f"[name=checks-{at}-options-3-text]")).to_be_focused()
    expect(rows(page, f"checks-{at}-options")).to_have_count(4)
    names = page.locator("form [name]").evaluate_all("boxes => boxes.map(box => box.name + '=' + (box.value || ''))")
    boxes = [name.split("=")[0] for name in names if name.startswith("checks-")]
    assert sorted(boxes) == sorted(set(boxes))
    page.locator(f"#id_checks-{at}-options-group .remove").last.click()
    expect(rows(page, f"checks-{at}-options")).to_have_count(3)
    save(page)
    lesson.refresh_from_db()
    assert lesson.version == 1


def test_lessons_in_order_by_mouse(admin: Callable[..., Page]) -> None:
    course = Course.objects.get(code="language")
    first, second, third, *rest = course.lessons.values_list("slug", flat=True)
    page = admin(f"course/{course.pk}/change/")
    page.set_viewport_size({"width": 1280, "height": 2600})  # all rows in view: nothing scrolls under the mouse
    handle = rows(page, "lessons").nth(0).locator(".drag").bounding_box()
    below = rows(page, "lessons").nth(2).bounding_box()
    assert handle
    assert below
    page.mouse.move(handle["x"] + 8, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(below["x"] + 60, below["y"] + below["height"] - 4, steps=8)
    page.mouse.up()
    save(page)
    assert list(course.lessons.values_list("slug", flat=True)) == [second, third, first, *rest]


def test_without_script(admin: Callable[..., Page]) -> None:
    """Blank rows, ticks and numbers do all of it."""
    path = Path.objects.get(slug="pre-sale")
    codes = [step.course.code for step in path.steps.select_related("course")]
    page = admin(f"path/{path.pk}/change/", java_script_enabled=False)
    page.locator("[name=steps-0-position]").fill("99")
    page.locator("[name=steps-1-DELETE]").check()
    save(page)
    assert [step.course.code for step in path.steps.select_related("course")] == [*codes[2:], codes[0]]


def pages() -> list[str]:
    """One of each kind of page."""
    items = [model._default_manager.first() for model in (Lesson, Question, Course, Path)]
    named = [f"{item._meta.model_name}/{item.pk}/change/" for item in items if item]
    types = [f"question/add/?type={kind}" for kind in ("rewrite", "matching", "better")]
    return [
        *named,
        *types,
        "question/",
        "lesson/",
        "course/",
        "path/",
        "quiz/",
        "attempt/",
        "certificate/",
        "enrolment/",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_keep_the_policy(admin: Callable[..., Page], home: str, trainer: Any, theme: str) -> None:
    """An inline script or style would be dropped and logged."""
    trainer.theme = theme
    trainer.save()
    page = admin("")
    for path in pages():
        answer = page.goto(f"{home}/admin/training/{path}", wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path


@pytest.mark.parametrize("width", [360, 768])
def test_nothing_sticks_out(visit: Callable[..., Page], home: str, trainer: Any, width: int) -> None:
    """A trainer's tablet must not scroll sideways."""
    page = visit(trainer, viewport={"width": width, "height": 800})
    for path in pages():
        page.goto(f"{home}/admin/training/{path}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
