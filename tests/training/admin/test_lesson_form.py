"""A lesson as a trainer edits it: one version a change, every problem on its box, nothing overwritten."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.roles import TRAINER
from knowledge.models import Revision, Use
from knowledge.search import engine
from knowledge.search.document import Viewer
from tests import factories
from tests.knowledge.admin.conftest import errors, signed_in
from tests.training.admin.conftest import address, blank, changed, fresh, opened, save
from training.models import Course, Lesson
from training.services import lessons


def revisions(lesson: Lesson) -> list[tuple[Any, str]]:
    rows = Revision.objects.filter(kind="lesson", object_id=lesson.pk).order_by("number")
    return list(rows.values_list("author__display_name", "reason"))


def test_untouched_form_makes_no_version(as_trainer: Client, lesson: Lesson) -> None:
    """A form that loses or reorders anything would show here as a second version."""
    assert save(as_trainer, lesson).status_code == 302
    assert (fresh(lesson).to_document(), fresh(lesson).version) == (lesson.to_document(), 1)


def test_save_writes_version_revision_rendering_uses_and_index(as_trainer: Client, lesson: Lesson) -> None:
    """One click, one transaction, everything that hangs on the text."""
    factories.card("b", code="bb")
    body = "独角兽来了。  \r\n\r\n{{card:b}}\r\n\r\n{{check:1}}"
    assert save(as_trainer, lesson, body=body, reason="更有趣").status_code == 302
    live = fresh(lesson)
    assert live.body == "独角兽来了。\n\n{{card:b}}\n\n{{check:1}}"
    assert live.segments == [["html", "<p>独角兽来了。</p>"], ["card", "b"], ["check", 1]]
    assert revisions(lesson) == [(None, ""), ("Wang", "更有趣")]
    assert list(Use.objects.values_list("kind", "card__slug")) == [("lesson", "b")]
    assert [hit.slug for hit in engine.find("独角兽", Viewer(), kinds=("lesson",)).hits] == [lesson.slug]


def test_add(as_trainer: Client, lesson: Lesson) -> None:
    """From the blank rows to a draft at the end of its course."""
    data = blank(as_trainer, "lesson", f"?course={lesson.course_id}")
    data |= {"title": "新的一课", "slug": "brand-new", "body": "正文。\n\n{{check:1}}", "takeaways-0-text": "记住一句"}
    data |= {"checks-0-prompt": "哪句？"}
    data |= {
        "checks-0-options-0-text": "先应声",
        "checks-0-options-0-feedback": "对。",
        "checks-0-options-0-right": "on",
    }
    data |= {"checks-0-options-2-text": "不理", "checks-0-options-2-feedback": "冷。"}
    assert as_trainer.post("/admin/training/lesson/add/", data).status_code == 302
    made = Lesson.objects.get(slug="brand-new")
    assert (made.course, made.position, made.status, made.takeaways) == (lesson.course, 2, "draft", ["记住一句"])
    assert made.checks == [
        {
            "prompt": "哪句？",
            "options": [
                {"text": "先应声", "right": "yes", "feedback": "对。"},
                {"text": "不理", "right": "no", "feedback": "冷。"},
            ],
        }
    ]
    assert [hit.slug for hit in engine.find("新的一课", Viewer(), kinds=("lesson",)).hits] == [lesson.slug]


def test_the_longest_lesson_is_saved(as_trainer: Client, lesson: Lesson) -> None:
    """60 checkpoints of five options: more fields than Django takes unasked, and the text would be lost."""
    option = {"right": "no", "feedback": "因为。"}
    options = [{"text": f"第{at}项", **option, "right": "no" if at else "yes"} for at in range(5)]
    lesson.checks = [{"prompt": f"第{at}问？", "options": options} for at in range(60)]
    lesson.body = "\n\n".join(f"{{{{check:{at}}}}}" for at in range(1, 61))
    lessons.save(lesson)
    assert save(as_trainer, lesson, title="改过的题目").status_code == 302
    assert (fresh(lesson).title, fresh(lesson).checks) == ("改过的题目", lesson.checks)


def test_slug_is_chosen_once(as_trainer: Client, lesson: Lesson) -> None:
    """It is an address people have shared."""
    save(as_trainer, lesson, slug="elsewhere")
    assert fresh(lesson).slug == lesson.slug


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"body": "没有位置。"},
         ["Row 1: the text has no place for it: write {{check:1}} on a line of its own"]),
        ({"body": "看 {{card:a}}\n\n{{check:1}}"},
         ["Line 1: a reference is {{card:slug}} or {{check:1}}, on a line of its own"]),
        ({"body": "头\n\n{{card:nowhere}}\n\n{{check:1}}"}, ["Line 3: Unknown card: nowhere"]),
        ({"takeaways__0__text": "铃\x07声"}, ["Row 1, takeaway: control characters are not allowed"]),
        ({"takeaways__0__text": ""}, ["a list of at least 1 is needed here"]),
        ({"checks__0__options__1__feedback": ""},
         ["Row 1-2, feedback: a text is needed here"]),
        ({"checks__0__options__0__right": None, "checks__0__options__1__right": None},
         ["Row 1, options: exactly 1 of them must be right"]),
        ({"checks__0__prompt": ""},
         ["Row 1, situation and question: a text is needed here"]),
        ({"facts": "A-10 Z-99"}, ["No such fact: Z-99"]),
        ({"minutes": "x"}, ["Enter a whole number."]),
        ({"position": "100"}, ["Ensure this value is less than or equal to 99."]),
    ],
)  # fmt: skip
def test_problems_stand_on_their_box(
    as_trainer: Client, lesson: Lesson, changes: dict[str, Any], told: list[str]
) -> None:
    """A trainer is no programmer: no path of keys, no page lost, and the text still there."""
    response = save(as_trainer, lesson, title="改过的题目", **changes)
    assert (response.status_code, errors(response)) == (200, told)
    assert 'value="改过的题目"' in response.content.decode()
    assert fresh(lesson).title == lesson.title


def test_reserved_and_odd_slugs(as_trainer: Client, lesson: Lesson) -> None:
    """/learn/<course>/quiz/ is another page."""
    data = blank(as_trainer, "lesson", f"?course={lesson.course_id}")
    data |= {"title": "x", "body": "y", "takeaways-0-text": "z"}
    for slug, told in (
        ("quiz", "this word is an address of the site already"),
        ("A_b", "use lower-case letters, digits and single hyphens"),
    ):
        assert errors(as_trainer.post("/admin/training/lesson/add/", data | {"slug": slug})) == [told]


def test_second_save_is_refused(as_trainer: Client, lesson: Lesson) -> None:
    """Of two trainers, the second is told who was first; nothing of the first is lost, nothing of theirs either."""
    other = signed_in(factories.person(TRAINER, locale="en", display_name="Li"))
    mine = opened(as_trainer, lesson) | {"title": "我的"}
    assert save(other, lesson, title="别人的").status_code == 302
    response = as_trainer.post(address(lesson), mine)
    (told,) = errors(response)
    assert told.startswith("Li changed this at ")
    assert 'value="我的"' in response.content.decode()
    assert fresh(lesson).title == "别人的"


def test_change_of_state_counts_too(as_trainer: Client, lesson: Lesson) -> None:
    """Somebody has retired it meanwhile: saving the old form would bring it back."""
    mine = opened(as_trainer, lesson)
    lessons.set_status([lesson], "retired")  # type: ignore[arg-type]
    assert len(errors(as_trainer.post(address(lesson), mine))) == 1
    assert fresh(lesson).status == "retired"


def test_deleted_meanwhile(as_trainer: Client, lesson: Lesson) -> None:
    """Between opening the form and the check, not before: then stock admin says there is none."""
    mine = opened(as_trainer, lesson)
    with patch("knowledge.admin.written.state_of", return_value="other"):
        assert len(errors(as_trainer.post(address(lesson), mine))) == 1


def test_late_refusal_undoes_everything(as_trainer: Client, lesson: Lesson) -> None:
    """What only the service finds comes back as a sentence on the form."""
    with patch.object(lessons, "save", side_effect=ValidationError("too late")):
        response = save(as_trainer, lesson, title="改")
    assert (response.status_code, errors(response)) == (200, ["too late"])


def test_move_to_another_course(as_trainer: Client, lesson: Lesson) -> None:
    other = Course.objects.create(code="rules", title="规则", kind="cross", competency="rules", summary="x")
    save(as_trainer, lesson, course=other.pk, position="")
    assert (fresh(lesson).course, fresh(lesson).position) == (other, 1)


# Preview


def preview(client: Client, text: str) -> Any:
    return client.post("/admin/training/lesson/preview/", {"text": text})


def test_preview_shows_places(as_trainer: Client, lesson: Lesson) -> None:
    """Cards and checkpoints as boxes where they will stand; what is no card says so; scripts never."""
    response = preview(
        as_trainer, "## 题\r\n<script>x</script>\r\n\r\n{{card:a}}\r\n\r\n{{card:no}}\r\n\r\n{{check:2}}"
    )
    html = response.content.decode()
    assert response.headers["X-Fragment"] == "preview"
    assert "<script" not in html
    places = ['<p class="place">Card: 在吗</p>', '<p class="place wrong">There is no card no.</p>']
    places.append('<p class="place">Checkpoint 2</p>')
    assert [html.count(place) for place in places] == [1, 1, 1]


@pytest.mark.parametrize("number", ["a", "1-", "9" * 5000])
def test_a_checkpoint_that_is_no_number(as_trainer: Client, lesson: Lesson, number: str) -> None:
    """The preview comes while somebody types, and so does this; the form says what is wrong with it."""
    body = f"{{{{check:{number}}}}}"
    assert f"Checkpoint {number}</p>" in preview(as_trainer, body).content.decode()
    assert save(as_trainer, lesson, body=body).status_code == 200
    assert fresh(lesson).version == 1


def test_preview_has_an_end(as_trainer: Client) -> None:
    assert preview(as_trainer, "字" * 20_001).status_code == 413


def test_form_asks_the_lesson_preview(as_trainer: Client, lesson: Lesson) -> None:
    html = as_trainer.get(address(lesson)).content.decode()
    assert html.count('data-preview="/admin/training/lesson/preview/"') == 1
    assert html.count('data-upload="/markdown/pictures/"') == 1
    assert html.count(f'href="/learn/language/{lesson.slug}/"') == 1


def test_copy(as_trainer: Client, trainer: Any, lesson: Lesson) -> None:
    """A draft at the end of the course with an address of its own; twice, too."""
    for slug in ("language-one-copy", "language-one-copy-2"):
        response = as_trainer.post(address(lesson, "duplicate"))
        made = Lesson.objects.get(slug=slug)
        assert response.headers["Location"] == address(made)
        same = {"slug", "position"}
        assert {key: value for key, value in made.to_document().items() if key not in same} == {
            key: value for key, value in lesson.to_document().items() if key not in same
        }
        assert (made.status, made.loaded_hash) == ("draft", "")
    assert list(Lesson.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


def test_a_manager_reads(as_manager: Client, lesson: Lesson) -> None:
    """No box, no button, no JSON."""
    html = as_manager.get(address(lesson)).content.decode()
    assert lesson.body_html in html
    assert [html.count(part) for part in ("<textarea", "data-rows", "/duplicate/", "{&#x27;", "{&quot;")] == [0] * 5


def test_history_lists_the_versions(as_trainer: Client, lesson: Lesson) -> None:
    save(as_trainer, lesson, title="改", reason="说得更准")
    page = as_trainer.get(address(lesson, "history"))
    assert [revision.number for revision in page.context["revisions"]] == [2, 1]
    assert page.content.decode().count("说得更准") == 1


@pytest.mark.parametrize("pk", ["x", "0", "9" * 40, "٣x"])
@pytest.mark.parametrize("screen", ["change", "history", "delete"])
def test_no_such_lesson(as_trainer: Client, lesson: Lesson, pk: str, screen: str) -> None:
    """Stock admin leads back to its start."""
    response = as_trainer.get(f"/admin/training/lesson/{pk}/{screen}/")
    assert (response.status_code, response.headers["Location"]) == (302, "/admin/")


def test_the_form_can_be_sent_again(as_trainer: Client, lesson: Lesson) -> None:
    """After a refusal the page holds what was sent, the marked box too."""
    sent = changed(opened(as_trainer, lesson), {"checks__0__options__1__feedback": "", "title": "改"})
    response = as_trainer.post(address(lesson), sent)
    html = response.content.decode()
    assert html.count('aria-invalid="true"') == 1
    assert 'aria-describedby="id_checks-0-options-1-feedback_error"' in html
