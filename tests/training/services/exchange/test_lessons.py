"""Lessons as a zip of Markdown: out and in without loss, files of others, and zips that are none."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.translation import override

from knowledge.models import ImportJob, Revision
from knowledge.services import content
from knowledge.services.exchange import applying, jobs, preview, staging
from knowledge.services.exchange.registry import exchange_of, format_of
from tests import factories
from tests.training import making
from training.models import Lesson
from training.services import lessons

pytestmark = pytest.mark.django_db

PLAIN = "# 开口第一句\n\n先应声，再问需求。\n\n![流程](img/steps.png)\n\n![外面的](https://example.com/a.png)\n"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with override("en"):
        yield


def zipped(entries: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


def brought(data: bytes, course: str = "", publishes: bool = True) -> ImportJob:
    form = format_of("lesson", "zip")
    assert form is not None
    by = factories.person("trainer", publishes=publishes, locale="en")
    job = jobs.begin("lesson", form, "lessons.zip", data, by=by, course=course)
    staging.stage(job.pk)
    job.refresh_from_db()
    return job


def applied(job: ImportJob, publish: bool = True) -> ImportJob:
    jobs.start(job, by=job.created_by, publish=publish)
    applying.apply(job.pk)
    job.refresh_from_db()
    return job


def exported() -> bytes:
    exchange, form = exchange_of("lesson"), format_of("lesson", "zip")
    assert exchange
    assert form
    assert form.write
    return b"".join(form.write(exchange.entries()))


def file_of(slug: str = "language-first", **changes: str) -> str:
    values = {
        "title": "第一课",
        "minutes": "'5'",
        "facts": "[]",
        "takeaways": "\n  - 先应声。",
        "checks": "[]",
    } | changes
    matter = "".join(f"{key}: {value}\n" if value[0] != "\n" else f"{key}:{value}\n" for key, value in values.items())
    return f"---\n{matter}---\n正文。\n"


@pytest.mark.usefixtures("starter_content")
def test_an_export_holds_the_files_of_the_content_and_changes_nothing(tmp_path: Path) -> None:
    """The zip is what export_content writes; brought back, every lesson is the same and no version is written."""
    content.export(tmp_path)
    data = exported()
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {str(path.relative_to(tmp_path)): path.read_bytes() for path in (tmp_path / "lessons").rglob("*.md")}
    assert {name: archive.read(name) for name in archive.namelist()} == files
    before = Revision.objects.count()
    job = brought(data)
    assert (job.counts, job.named) == ({"new": 0, "changed": 0, "same": Lesson.objects.count(), "wrong": 0}, [])
    assert (exported(), Revision.objects.count()) == (data, before)


@pytest.mark.usefixtures("starter_content")
def test_a_changed_file_is_the_one_lesson_that_changes() -> None:
    """And one that is gone comes back."""
    archive = zipfile.ZipFile(io.BytesIO(exported()))
    files = {name: archive.read(name).decode() for name in archive.namelist()}
    first, second = sorted(files)[:2]
    files[first] = files[first].replace("又快又活，先得是真的", "又快又活，先是真的", 1)
    slug = second.rpartition("/")[2][3:-3]
    Lesson.objects.filter(slug=slug).delete()
    job = brought(zipped(files))
    assert {key: job.counts[key] for key in ("new", "changed", "wrong")} == {"new": 1, "changed": 1, "wrong": 0}
    assert applied(job).state == "done"
    back = zipfile.ZipFile(io.BytesIO(exported()))
    assert {name: back.read(name).decode() for name in back.namelist()} == files


def test_markdown_of_others_comes_in_as_a_draft_and_is_the_same_next_time() -> None:
    """Its title is its heading; what it has not is put in and told; its pictures are named."""
    making.course()
    data = zipped({"my course/03 opening.md": PLAIN, "my course/img/steps.png": b"\x89PNG", "__MACOSX/x": b""})
    job = applied(brought(data, course="language"))
    lesson = Lesson.objects.get()
    assert (job.state, lesson.slug, lesson.title, lesson.position, lesson.status) == (
        "done",
        "opening",
        "开口第一句",
        3,
        "draft",
    )
    assert lesson.body == "先应声，再问需求。\n\n[流程]\n\n![外面的](https://example.com/a.png)"
    assert [text for text, _places in preview.named(job)] == [
        "It begins without keys, so it comes in as a draft; look at what was put in for: "
        "minutes、facts、takeaways、checks",
        "Pictures beside it do not come with it: img/steps.png",
    ]
    again = brought(data, course="language")
    assert again.counts == {"new": 0, "changed": 0, "same": 1, "wrong": 0}
    assert again.notes == ["Only Markdown files are read; left out: my course/img/steps.png"]


def test_each_wrong_file_is_named_with_its_line_and_nothing_comes_in() -> None:
    """All or nothing: sound lessons wait for the others."""
    making.course()
    job = brought(
        zipped(
            {
                "lessons/language/01-language-first.md": file_of(),
                "lessons/language/02-language-second.md": file_of(minutes="'five'"),
                "lessons/language/three.md": file_of(),
                "lessons/language/04-language-card.md": file_of().replace("正文。", "{{card:no-such}}"),
                "lessons/nowhere/05-language-lost.md": file_of(),
                "lessons/language/06-language-twice.md": file_of().replace("title: 第一课\n", ""),
                "lessons/language/07-language-odd.md": file_of().encode() + b"\x01",
            }
        )
    )
    wrong = [(row.slug, row.problems) for row in job.rows.filter(outcome="wrong").order_by("row")]
    assert wrong == [
        ("language-second", [["lessons/language/02-language-second.md:3", "minutes: a whole number is needed here"]]),
        ("language-card", [["lessons/language/04-language-card.md:9", "Unknown card: no-such"]]),
        (
            "",
            [["lessons/language/06-language-twice.md:2", "the keys here are title、minutes、facts、takeaways、checks"]],
        ),
        ("", [["lessons/language/07-language-odd.md:10", "control characters are not allowed"]]),
        (
            "",
            [["lessons/language/three.md:1", "the file's name is two digits, a hyphen and the slug"]],
        ),
        (
            "language-lost",
            [["lessons/nowhere/05-language-lost.md", "The folder “nowhere” is no course: choose one for such files."]],
        ),
    ]
    assert Lesson.objects.count() == 0


def test_who_may_not_publish_brings_drafts_for_approval() -> None:
    """A new lesson waits unseen; one that is there keeps its text."""
    making.course()
    applied(brought(zipped({"language/01-language-first.md": file_of()})))
    assert Lesson.objects.get().status == "published"
    data = zipped({"language/01-language-first.md": file_of(title="改了"), "language/02-language-second.md": file_of()})
    assert applied(brought(data, publishes=False)).state == "done"
    assert list(Lesson.objects.order_by("slug").values_list("slug", "title", "status")) == [
        ("language-first", "第一课", "published"),
        ("language-second", "第一课", "draft"),
    ]
    assert Revision.objects.filter(state="waiting").count() == 2


def test_names_and_texts_of_chinese_windows_are_read() -> None:
    """Its zips write names in GBK and say nothing of it; its editors write texts in GB18030."""
    making.course(title="语言")
    out = io.BytesIO()
    name = "语言/01-language-first.md".encode("gbk")
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("x" * len(name), file_of().encode("gb18030"))
    job = applied(brought(out.getvalue().replace(b"x" * len(name), name)))
    assert (job.state, Lesson.objects.get().title) == ("done", "第一课")


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        entry = zipfile.ZipInfo("language/01-a.md")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    return out.getvalue()


def twins() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("language/01-a.md", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("language/01-a.md", "b")
    return out.getvalue()


OUTSIDE = "A file in it wants to lie outside its folder: %s. It was not opened."


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (lambda: zipped({"../../etc/01-a.md": "x"}), OUTSIDE % "../../etc/01-a.md"),
        (lambda: zipped({"/etc/01-a.md": "x"}), OUTSIDE % "/etc/01-a.md"),
        (lambda: zipped({"a\\..\\..\\01-a.md": "x"}), OUTSIDE % "a/../../01-a.md"),
        (lambda: zipped({"C:/01-a.md": "x"}), OUTSIDE % "C:/01-a.md"),
        (linked, "There is a link instead of a file in it: language/01-a.md. It was not opened."),
        (twins, "Two files have the same name in this file: language/01-a.md"),
        (
            lambda: zipped({"a/b.md": b"0" * 60_000_000}),
            "Unpacked, the file would be larger than 50 MB. It was not opened. Split it and try again.",
        ),
        (lambda: zipped({"a.zip": b"PK"}), "There are packed files inside this file. It was not opened."),
        (
            lambda: zipped({f"a/{at}.md": "x" for at in range(401)}),
            "There are more than 400 files in this file; it is not what it says it is.",
        ),
        (lambda: zipped({"a/b.txt": "x"}), "There are no Markdown files (.md) in this file."),
        (lambda: b"no zip", "The file is damaged or not what its name says. Save it anew and try again."),
        (
            lambda: zipped({"language/01-a.md": file_of()})[:-40],
            "The file is damaged or not what its name says. Save it anew and try again.",
        ),
    ],
    ids=["up", "root", "windows", "drive", "link", "twins", "bomb", "nested", "many", "other", "text", "cut"],
)
def test_a_hostile_zip_is_refused_in_words(data: object, told: str) -> None:
    """Before anything is unpacked, and without a word of the file becoming a lesson."""
    job = brought(data())  # type: ignore[operator]
    assert (job.state, job.notes[-1:]) == ("refused", [told])


def test_a_huge_lesson_is_named_and_not_read() -> None:
    """A book is no lesson, and rendering it would hold the worker."""
    making.course()
    job = brought(zipped({"language/01-a.md": "字" * 300_000}))
    assert job.rows.get().problems == [["language/01-a.md:1", "a lesson of more than 128 KB is not read"]]


def test_a_lesson_that_came_in_is_as_its_service_would_have_written_it() -> None:
    """Rendered text, uses, versions and search: a file is one more way to write, not another kind of lesson."""
    making.course()
    factories.card("a")
    factories.card("b")
    text = file_of().replace("正文。", "## 一\n\n**先**应声。\n\n{{card:a}}\n\n## 二\n\n再问。")
    applied(brought(zipped({"language/01-language-first.md": text})))
    applied(brought(zipped({"language/01-language-first.md": text.replace("card:a", "card:b")})))
    lesson = Lesson.objects.get()
    fields = ("segments", "headings", "body_html", "status", "version")
    came = {name: getattr(lesson, name) for name in fields}
    uses = list(lesson.uses.values_list("card__slug", "kind", "recheck"))
    lessons.save(lesson)
    assert came == {name: getattr(lesson, name) for name in fields}
    assert uses == list(lesson.uses.values_list("card__slug", "kind", "recheck")) == [("b", "lesson", False)]
    versions = Revision.objects.filter(kind="lesson").order_by("number").values_list("number", "base_number", "state")
    assert list(versions) == [(1, 0, "published"), (2, 1, "published")]
    call_command("check_search")
