"""Reading a lesson: what it shows, to whom, what it costs, and what is kept of its reader."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from knowledge.models import ComplianceNote, Fact
from knowledge.services.cards import publish_document, set_status
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as document
from training.models import Course, Lesson, LessonProgress
from training.services import lessons, progress, reading

pytestmark = pytest.mark.django_db

ADDRESS = "/learn/language/language-first/"
FRAGMENT = {"X-Fragment": "1"}
CHECK = {
    "prompt": "顾客问运费，怎么回？",
    "options": [
        {"text": "报数。", "right": "yes", "feedback": "他要的就是数。"},
        {"text": "叫他看页面。", "right": "no", "feedback": "他正是没看懂。"},
    ],
}
BODY = "开头一句。\n\n## 第一节\n\n{{card:fee}}\n\n{{check:1}}\n\n## 第二节\n\n结尾。"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def reader() -> Client:
    """A trainee who reads English, so that sentences are compared in the words of the code."""
    return signed_in(factories.person("trainee", locale="en"))


@pytest.fixture
def lesson() -> Lesson:
    """The first of two lessons of a course with a quiz; it embeds a card and asks one thing."""
    factories.card("fee", code="fe", title="运费")
    course = making.course("language")
    making.quiz("language", course=course)
    made = lessons.save_document(
        document(slug="language-first", title="第一课", position="1", body=BODY, checks=[CHECK])
    )
    lessons.save_document(document(slug="language-second", title="第二课", position="2", body="{{check:1}}"))
    return made


def right_and_wrong(lesson: Lesson) -> tuple[int, int]:
    marks = [option["right"] for option in lesson.checks[0]["options"]]
    return marks.index("yes"), marks.index("no")


def page(client: Client, address: str = ADDRESS) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the page --------------------------------------------------------------------------------------------------------


def test_everything_is_on_the_page(reader: Client, lesson: Lesson) -> None:
    """Text, card, checkpoint, takeaways, contents with anchors, and the way on."""
    text = page(reader)
    order = ["开头一句。", 'id="第一节"', "fee这件事", 'id="check-1"', 'id="第二节"', 'id="takeaways"', "lesson_finish"]
    places = [text.find(part) for part in order[:-1]]
    assert -1 not in places
    assert places == sorted(places)
    assert re.findall(r'<a href="#(第.节)">', text) == ["第一节", "第二节"]
    assert re.findall(r'formaction="([^"]+)"', text) == [f"{ADDRESS}checks/1/", f"{ADDRESS}finish/"]
    assert staticfiles_storage.url("learn.css") in text


def test_notes_follow_from_the_facts(reader: Client, lesson: Lesson) -> None:
    """Nobody types a compliance note; one that is changed changes on every lesson at once."""
    fact = Fact.objects.create(code="A-01", course="language", text="事实")
    note = ComplianceNote.objects.create(code="K-01", title="提示", note="照实说。", basis="某法第九条")
    note.applies_to.add(fact)
    lesson.facts = ["A-01"]
    lessons.save(lesson)
    assert ("照实说。" in page(reader), "某法第九条" in page(reader)) == (True, True)
    note.note = "改过的提示。"
    note.save()
    assert "改过的提示。" in page(reader)


def test_an_edited_card_changes_the_lesson(reader: Client, lesson: Lesson) -> None:
    """One card, four uses: the lesson reads as the phrasebook does, from the next request on."""
    other = factories.card("late", code="la")
    lesson.body = BODY.replace("{{card:fee}}", "{{card:late}}\n\n{{card:fee}}")
    lessons.save(lesson)
    for at in range(3):  # the other card's version is far ahead: a highest version would hide the next edit
        publish_document({**factories.document("late", code="la"), "title": f"晚到{at}"})
    page(reader)
    changed = factories.document("fee", code="fe", title="运费")
    changed["do"][0]["text"] = "您好，运费由小店来出。"
    publish_document(changed)
    assert "运费由小店来出" in page(reader)
    set_status([other], "retired")  # type: ignore[arg-type]
    assert "late这件事" not in page(reader)


def test_what_is_typed_into_a_lesson_is_escaped(reader: Client, lesson: Lesson) -> None:
    """Titles, takeaways and checkpoints are text; the body is sanitised when it is saved."""
    lesson.title = "<i>斜</i>"
    lesson.takeaways = ["<script>1</script>", "二", "三"]
    lesson.checks[0]["prompt"] = "<img src=x onerror=alert(1)>？"
    lesson.body = BODY + "\n\n<script>alert(1)</script>"
    lessons.save(lesson)
    text = page(reader)
    assert re.findall(r"<script>|<img|<i>", text) == []
    assert "&lt;script&gt;1&lt;/script&gt;" in text


def test_three_queries_and_one_write_at_the_first_opening(reader: Client, lesson: Lesson) -> None:
    """Session, reader, and one for all the rest, however many lessons the course has."""
    first = reader.get(ADDRESS)
    assert (first.status_code, LessonProgress.objects.count()) == (200, 1)
    counts = []
    for number in range(3):
        lessons.save_document(document(slug=f"language-x{number}", position=str(number + 3), body="{{check:1}}"))
        reader.get(ADDRESS)
        with CaptureQueriesContext(connection) as asked:
            reader.get(ADDRESS)
        counts.append(len(asked))
    assert counts == [3, 3, 3]


# --- asked again -----------------------------------------------------------------------------------------------------


def tag(client: Client) -> str:
    return str(client.get(ADDRESS).headers["ETag"])


def test_an_unchanged_page_is_not_sent_again(reader: Client, lesson: Lesson) -> None:
    """No body, and no query more than it takes to know."""
    page(reader)
    known = tag(reader)
    with CaptureQueriesContext(connection) as asked:
        answer = reader.get(ADDRESS, headers={"If-None-Match": known})
    assert (answer.status_code, answer.content, len(asked)) == (304, b"", 3)


def test_whatever_changes_the_page_changes_its_tag(lesson: Lesson) -> None:
    """A browser that keeps yesterday's page shows yesterday's progress, or another's name."""
    person = factories.person("trainee")
    reader = signed_in(person)
    page(reader)
    tags = [tag(reader)]
    row = LessonProgress.objects.get()
    for change in (
        {"place": "第一节"},
        {"checks": {"1": {"option": 0, "right": True}}},
        {"finished_at": row.opened_at},
    ):
        LessonProgress.objects.update(**change)
        tags.append(tag(reader))
    lesson.title = "改名"
    lessons.save(lesson)
    tags.append(tag(reader))
    Course.objects.update(title="改课名")
    tags.append(tag(reader))
    for key, value in {"display_name": "新名", "theme": "dark", "locale": "en"}.items():
        setattr(person, key, value)
        person.save()
        tags.append(tag(reader))
    other = signed_in(factories.person("trainee"))
    page(other)
    tags.append(tag(other))
    assert len(set(tags)) == len(tags)


def test_a_waiting_message_is_always_told(reader: Client, lesson: Lesson) -> None:
    """An answer without a body would swallow it."""
    page(reader)
    known = tag(reader)
    reader.post(f"{ADDRESS}checks/1/")
    answer = reader.get(ADDRESS, headers={"If-None-Match": known})
    assert (answer.status_code, "Choose one answer first." in answer.content.decode()) == (200, True)


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["lesson", "course"])
def test_a_draft_is_nobodys_but_the_trainers(reader: Client, lesson: Lesson, as_trainer: Client, of: str) -> None:
    """404 in the page and in everything one could post to it."""
    (Lesson.objects.filter(pk=lesson.pk) if of == "lesson" else Course.objects).update(status="draft")
    LessonProgress.objects.create(user_id=reader.session["_auth_user_id"], lesson=lesson)
    assert reader.get(ADDRESS).status_code == 404
    for what in ("beacon", "finish", "checks/1"):
        assert reader.post(f"{ADDRESS}{what}/", {"seconds": "1", "check-1": "0"}).status_code == 404
    assert as_trainer.get(ADDRESS).status_code == 200


@pytest.mark.parametrize("address", ["/learn/language/nothing/", "/learn/rules/language-first/", "/learn/x/y/"])
def test_what_is_not_there(reader: Client, lesson: Lesson, address: str) -> None:
    """A lesson has one address: under another course it is not found."""
    assert reader.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("opened", [False, True])
def test_a_lesson_deleted_while_it_is_asked_for(
    lesson: Lesson, reader: Client, monkeypatch: pytest.MonkeyPatch, opened: bool
) -> None:
    """Between the query and the page: not there any more, which is no fault of the site."""
    if opened:
        page(reader)
        lessons.save(lesson)  # nothing of it is kept any longer
    asked = reading.page

    def asked_and_gone(*of: Any) -> Any:
        found = asked(*of)
        Lesson.objects.filter(pk=lesson.pk).delete()
        return found

    monkeypatch.setattr(reading, "page", asked_and_gone)
    assert reader.get(ADDRESS).status_code == 404


def test_a_lesson_deleted_while_a_checkpoint_is_answered(
    reader: Client, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader's row goes with its lesson, under the hands of whoever answers."""
    page(reader)
    answer = progress.answer_check

    def gone_first(row: LessonProgress, number: int, option: int, **rest: Any) -> None:
        Lesson.objects.filter(pk=lesson.pk).delete()
        answer(row, number, option, **rest)

    monkeypatch.setattr(progress, "answer_check", gone_first)
    assert reader.post(f"{ADDRESS}checks/1/", {"check-1": "0"}, headers=FRAGMENT).status_code == 404


@pytest.fixture
def closed(lesson: Lesson) -> Lesson:
    intro = making.course("intro")
    making.quiz("intro", course=intro)
    Course.objects.get(code="language").needs.add(intro)
    Course.objects.get(code="language").save()
    return lesson


def test_a_closed_lesson_says_what_opens_it(reader: Client, closed: Lesson, as_trainer: Client) -> None:
    """Never silently, and without a trace of an opening; a trainer looks at anything."""
    text = page(reader)
    assert ("It opens as soon as these are passed" in text, "/learn/intro/" in text, "开头一句" in text) == (
        True,
        True,
        False,
    )
    assert LessonProgress.objects.count() == 0
    for what in ("beacon", "finish", "checks/1"):
        assert reader.post(f"{ADDRESS}{what}/", {"seconds": "1", "check-1": "0"}).status_code == 404
    assert "开头一句" in page(as_trainer)


def test_a_lesson_once_opened_stays_open(reader: Client, lesson: Lesson) -> None:
    """A need that a trainer adds later must not take away what somebody is reading."""
    page(reader)
    intro = making.course("intro")
    making.quiz("intro", course=intro)
    course = Course.objects.get(code="language")
    course.needs.add(intro)
    course.save()
    assert "开头一句" in page(reader)


def test_a_permission_that_goes_is_seen_though_nothing_else_has_changed(as_trainer: Client, lesson: Lesson) -> None:
    """Still staff, but no trainer any more: the browser's copy with the way into the admin is not good any longer."""
    page(as_trainer)
    tag = as_trainer.get(ADDRESS).headers["ETag"]
    assert as_trainer.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    trainer = get_user_model().objects.get(pk=as_trainer.session["_auth_user_id"])
    trainer.groups.set([Group.objects.get(name="manager")])
    answer = as_trainer.get(ADDRESS, headers={"If-None-Match": tag})
    assert (answer.status_code, "/admin/training/lesson/" in answer.content.decode()) == (200, False)


# --- what is kept ----------------------------------------------------------------------------------------------------


def test_the_way_back(reader: Client, lesson: Lesson) -> None:
    """On any device, to the heading last passed; not in a lesson that is done."""
    page(reader)
    assert reader.post(f"{ADDRESS}beacon/", {"seconds": "12", "place": "第二节"}).status_code == 204
    row = LessonProgress.objects.get()
    assert (row.place, row.seconds <= 5) == ("第二节", True)  # no more than has passed
    assert '<p class="resume no-print"><a href="#第二节">' in page(reader)
    reader.post(f"{ADDRESS}finish/")
    assert 'class="resume' not in page(reader)


@pytest.mark.parametrize("seconds", ["", "-1", "x", "1.5", "999999", "٣"])
def test_a_beacon_that_makes_no_sense(reader: Client, lesson: Lesson, seconds: str) -> None:
    """Bad input is expected input."""
    page(reader)
    assert reader.post(f"{ADDRESS}beacon/", {"seconds": seconds}).status_code == 422
    assert LessonProgress.objects.get().seconds == 0


def test_finishing_leads_on(reader: Client, lesson: Lesson) -> None:
    """To the next lesson, from the last one to the quiz; without a quiz to the course."""
    second = "/learn/language/language-second/"
    for address in (ADDRESS, second):
        page(reader, address)
    assert reader.post(f"{ADDRESS}finish/").headers["Location"] == second
    assert reader.post(f"{second}finish/").headers["Location"] == "/learn/language/quiz/"
    Course.objects.get(code="language").quiz.delete()
    assert reader.post(f"{second}finish/").headers["Location"] == "/learn/language/"
    assert LessonProgress.objects.exclude(finished_at=None).count() == 2


def test_a_checkpoint_answers_at_once(reader: Client, lesson: Lesson) -> None:
    """Script gets the checkpoint with its feedback; the page shows it again later."""
    page(reader)
    right, wrong = right_and_wrong(lesson)
    answer = reader.post(f"{ADDRESS}checks/1/", {"check-1": str(wrong)}, headers=FRAGMENT)
    text = answer.content.decode()
    assert (answer.status_code, answer.headers["X-Fragment"]) == (200, "check")
    options = lesson.checks[0]["options"]
    assert (options[wrong]["feedback"] in text, options[right]["feedback"] in text) == (True, True)
    assert ("Not quite" in text, "Better" in text) == (True, True)
    assert options[wrong]["feedback"] in page(reader)
    reader.post(f"{ADDRESS}checks/1/", {"check-1": str(right)}, headers=FRAGMENT)
    text = page(reader)
    assert (options[wrong]["feedback"] in text, "Not quite" in text) == (False, False)


def test_a_checkpoint_without_script(reader: Client, lesson: Lesson) -> None:
    """Back to the same place, with the answer; or a sentence when nothing was chosen."""
    page(reader)
    answer = reader.post(f"{ADDRESS}checks/1/", {"check-1": "0"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{ADDRESS}#check-1")
    reader.post(f"{ADDRESS}checks/1/")
    assert "Choose one answer first." in page(reader)


@pytest.mark.parametrize(
    ("number", "option", "status"),
    [("1", "9", 404), ("2", "0", 404), ("0", "0", 404), ("1", "x", 422), ("1", "-1", 422)],
)
def test_an_answer_that_makes_no_sense(reader: Client, lesson: Lesson, number: str, option: str, status: int) -> None:
    """Nothing is kept of it."""
    page(reader)
    address = f"{ADDRESS}checks/{number}/"
    assert reader.post(address, {f"check-{number}": option}, headers=FRAGMENT).status_code == status
    assert LessonProgress.objects.get().checks == {}


def test_an_answer_to_a_checkpoint_that_has_changed(reader: Client, lesson: Lesson) -> None:
    """With fewer options than before it is asked afresh; the page must not fail."""
    page(reader)
    LessonProgress.objects.update(checks={"1": {"option": 8, "right": True}, "7": {"option": 0, "right": True}})
    assert 'id="check-1"' in page(reader)


@pytest.mark.parametrize("what", ["beacon", "finish", "checks/1"])
def test_nothing_is_kept_by_a_get(reader: Client, lesson: Lesson, what: str) -> None:
    """A prefetching browser must not finish lessons."""
    page(reader)
    assert reader.get(f"{ADDRESS}{what}/").status_code == 405
