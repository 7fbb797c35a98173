"""Questions from Moodle on the road of an import, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils.translation import override

from knowledge.models import ImportJob, Revision, StagedRow
from knowledge.services.exchange import applying, jobs, preview, staging
from knowledge.services.exchange.registry import by_extension, exchange_of, format_of, formats_of
from tests import factories
from tests.training import making
from training.models import Question

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


def brought(name: str, data: bytes, course: str = "", publishes: bool = True) -> ImportJob:
    """A file that has been read and compared."""
    form = by_extension("question", name)
    assert form is not None
    by = factories.person("trainer", publishes=publishes, locale="en")
    job = jobs.begin("question", form, name, data, by=by, course=course)
    staging.stage(job.pk)
    job.refresh_from_db()
    return job


def applied(job: ImportJob, publish: bool = True) -> ImportJob:
    jobs.start(job, by=job.created_by, publish=publish)
    applying.apply(job.pk)
    job.refresh_from_db()
    return job


def exported(name: str) -> bytes:
    exchange, form = exchange_of("question"), format_of("question", name)
    assert exchange
    assert form
    assert form.write
    return b"".join(form.write(exchange.entries()))


FOREIGN = """// a file of somebody else
$CATEGORY: $course$/Sales talk

::Greeting::[html]A customer writes <b>hello</b>. What comes first?{
  =A greeting#Yes.
  ~A price list#Too early.
}

Write an essay about patience.{}
"""


def test_the_formats_are_offered_beside_the_tables() -> None:
    """A .txt of questions is GIFT, as Moodle names it, and no table."""
    assert [form.name for form in formats_of("question")] == ["xlsx", "csv", "gift", "moodle-xml"]
    names = [getattr(by_extension("question", name), "name", "") for name in ("a.txt", "a.GIFT", "a.xml", "a.csv")]
    assert names == ["gift", "gift", "moodle-xml", "csv"]


def test_a_foreign_file_comes_in_and_names_what_it_loses() -> None:
    """The names stay with the import when its rows are gone: they are the report."""
    making.course()
    job = brought("moodle.txt", FOREIGN.encode(), course="language")
    assert (job.state, job.counts) == ("ready", {"new": 1, "changed": 0, "same": 0, "wrong": 0})
    expected = [
        ("Formatting is left out, the words are kept: bold", ["4 language-m3"]),
        ("Its category is not kept: $course$/Sales talk", ["4 language-m3"]),
        ("Its name is not kept: Greeting", ["4 language-m3"]),
        (
            "The file has no such thing, so this was put in: competency Language；difficulty 2；"
            "explanation “原题没有写解析。”",
            ["4 language-m3"],
        ),
        ("Left out: a question of the type “essay” cannot be asked here.", ["9 Write an essay about patience."]),
    ]
    code = job.rows.get().slug
    assert preview.named(job) == [
        (text, [place.replace("language-m3", code) for place in places]) for text, places in expected
    ]
    assert preview.shown(job, list(job.rows.all()))[0].named == [text for text, _places in expected[:4]]
    job = applied(job)
    assert (job.state, len(preview.named(job)), StagedRow.objects.count()) == ("done", 5, 0)
    question = Question.objects.get()
    assert (question.course, question.prompt, question.status) == (
        "language",
        "A customer writes hello. What comes first?",
        "published",
    )


def test_a_file_brought_twice_changes_nothing() -> None:
    """Questions without an id of ours get one from their words: the same one every time."""
    making.course()
    applied(brought("moodle.gift", FOREIGN.encode(), course="language"))
    again = brought("moodle.gift", FOREIGN.encode(), course="language")
    assert again.counts == {"new": 0, "changed": 0, "same": 1, "wrong": 0}


def test_without_a_course_the_question_is_wrong_and_says_why() -> None:
    """Guessing one would put it among questions it has nothing to do with."""
    making.course()
    job = brought("moodle.gift", FOREIGN.encode())
    assert job.counts["wrong"] == 1
    assert job.rows.get().problems == [["line 4", "no category above it names a course: choose one for such questions"]]


def test_a_file_with_nothing_to_ask_is_refused_and_still_named() -> None:
    """Or the page would say that the file is empty, which it is not."""
    job = brought("moodle.gift", b"Write an essay about patience.{}\n", course="language")
    assert (job.state, job.notes) == ("refused", ["Nothing in this file can be brought in here; below it is said why."])
    assert [text for text, _places in preview.named(job)] == [
        "Left out: a question of the type “essay” cannot be asked here."
    ]


def test_gb18030_is_read_and_said() -> None:
    """Chinese Windows writes it; a wrong guess must be seen before anything is written."""
    making.course()
    job = brought("moodle.gift", "哪句先说？{=先问好 ~先报价}\n".encode("gb18030"), course="language")
    assert job.notes == ["Read as GB18030: look whether the Chinese below reads as it should."]
    assert applied(job).state == "done"
    assert Question.objects.get().prompt == "哪句先说？"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b'<?xml version="1.0"?><!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><quiz>&b;</quiz>',
            "The file declares a document type or entities. Such files are not read.",
        ),
        (
            b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="essay">&x;</question></quiz>',
            "The file declares a document type or entities. Such files are not read.",
        ),
        (b"<quiz>\n<question>", "Line 2: this is not sound XML. Save the file anew from Moodle and try again."),
        (b"<html/>", "This is no Moodle XML: it begins with something other than <quiz>."),
        (b"<quiz>" + b"<a>" * 40 + b"</a>" * 40 + b"</quiz>", "Line 1: the file is nested too deep to be Moodle XML."),
        (b"<quiz/>", "The file is empty: there are no rows below the column names."),
    ],
)
def test_hostile_and_broken_xml_is_refused_in_words(data: bytes, told: str) -> None:
    """Entities that swell and files that are fetched end before anything is built."""
    job = brought("moodle.xml", data, course="language")
    assert (job.state, job.notes) == ("refused", [told])


@pytest.mark.parametrize("name", ["gift", "moodle-xml"])
def test_an_export_of_everything_changes_nothing_when_it_comes_back(starter_content: None, name: str) -> None:
    """All starter questions, drafts and retired ones with them: texts, order and status."""
    Question.objects.filter(code="language-01").update(status="draft")
    Question.objects.filter(code="rules-02").update(status="retired")
    revisions = Revision.objects.count()
    data = exported(name)
    form = format_of("question", name)
    assert form is not None
    job = brought(f"back{form.extensions[0]}", data)
    assert (job.counts, job.named) == (
        {"new": 0, "changed": 0, "same": Question.objects.count(), "wrong": 0},
        [],
    )
    assert (exported(name), Revision.objects.count()) == (data, revisions)


@pytest.mark.parametrize("name", ["gift", "moodle-xml"])
def test_what_was_deleted_comes_back_from_an_export(starter_content: None, name: str) -> None:
    """The export is a backup: every text, and the status each question had."""
    Question.objects.filter(code="language-01").update(status="draft")
    data, count = exported(name), Question.objects.count()
    Question.objects.all().delete()
    form = format_of("question", name)
    assert form is not None
    job = applied(brought(f"back{form.extensions[0]}", data))
    assert (job.state, Question.objects.count(), exported(name) == data) == ("done", count, True)


def test_who_may_not_publish_brings_drafts() -> None:
    """They wait for approval as any other text does."""
    making.course()
    job = applied(brought("moodle.gift", FOREIGN.encode(), course="language", publishes=False))
    assert job.state == "done"
    assert Question.objects.get().status == "draft"
    assert Revision.objects.filter(state="waiting").count() == 1


def test_replies_are_written_with_their_words_and_keep_those_of_the_card(starter_content: None) -> None:
    """Moodle shows words, not codes; who rewords a reply there is told that the card's words stay."""
    text = exported("gift").decode()
    question = Question.objects.filter(type="better").order_by("course", "code").first()
    assert question is not None
    block = next(part for part in text.split("\n\n") if f"::{question.code}::" in part)
    changed = block.replace("\n\t=", "\n\t=改过的", 1)
    job = brought("one.gift", f"$CATEGORY: $course$/{question.course}\n\n{changed}\n".encode())
    assert job.counts["same"] == 1
    assert [text.split(":")[0] for text, _places in preview.named(job)] == [
        "The wording of the replies stays that of the card"
    ]


def test_a_course_chosen_with_the_mended_file_counts() -> None:
    """Who forgot to choose one brings the file again, with a course; nothing stays wrong and nothing stands twice."""
    making.course()
    job = brought("moodle.gift", FOREIGN.encode())
    form = by_extension("question", "moodle.gift")
    assert form is not None
    assert jobs.mend(job, form, FOREIGN.encode(), "language")
    staging.stage(job.pk)
    job.refresh_from_db()
    assert (job.course, job.counts) == ("language", {"new": 1, "changed": 0, "same": 0, "wrong": 0})
    assert len([row for row, _label, _told in job.named if row == 9]) == 1


def test_an_error_in_a_file_of_ours_is_wrong_and_not_left_out() -> None:
    """Whoever edits an export must see what no longer holds, or a question would quietly stay as it was."""
    making.course()
    text = "// [id:language-01] [tag:type:single]\n::language-01::[plain]哪个？{\n\t=甲#对\n\t=乙#也对\n\t~丙#不对\n}\n"
    job = brought("ours.gift", text.encode())
    assert job.counts["wrong"] == 0  # two right ones: several right answers, and it says so
    assert [sentence.split(";")[0] for sentence, _places in preview.named(job)][:1] == [
        "Any of several answers was right there"
    ]
    broken = text.replace("\t~丙#不对\n", "").replace("\t=乙#也对\n", "\t~甲#不对\n")
    job = brought("ours.gift", broken.encode())
    assert job.rows.get().problems == [["line 2", "it cannot be asked like this: options: '甲' stands here twice"]]


def test_reading_costs_the_same_queries_for_one_question_and_for_many(django_assert_num_queries: Any) -> None:
    """A file of thousands must not ask thousands of times."""
    making.course()
    form = format_of("question", "gift")
    assert form is not None
    assert form.read is not None
    for count in (1, 3):
        data = "\n\n".join(f"题{at}？{{=甲 ~乙}}" for at in range(count)).encode()
        with django_assert_num_queries(2):
            assert len(list(form.read(data, [], "language"))) == count
