"""Lessons in and out as a zip of Markdown files: compared and written for all lessons of a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.documents import Document
from knowledge.enums import Status
from knowledge.files import FileProblem
from knowledge.models import Card, Fact, StagedRow, Use
from knowledge.search import index
from knowledge.search.entry import prepare
from knowledge.services.exchange.bulk import Statements, reserve
from knowledge.services.exchange.registry import CellProblem, Entry, Exchange, Format, How, Judged, Row
from knowledge.services.exchange.versions import Versions, tops
from knowledge.tables.guard import MAX_PACKED
from training.documents import LESSON_KEYS, lesson_problems, places
from training.exchange import lesson_zip
from training.exchange.lesson_files import MATTER, LessonFile
from training.exchange.mapping import Course as Target
from training.models import Course, Lesson
from training.services import lessons
from training.services.exchange.moodle import courses

CHARACTERS_A_MINUTE = 300
EVERY = 20  # lessons between two signs of life: rendering and reading out take a moment each
COLUMNS = (
    *("course_id", "title", "position", "minutes", "facts", "takeaways", "checks", "body", "body_html"),
    *("segments", "headings", "status", "version"),
)
SLUG_WIDTH, TITLE_WIDTH = 80, 60
Outcome = StagedRow.Outcome


@dataclass
class Site:
    """What is there, and what earlier files have taken."""

    facts: set[str]
    cards: set[str]
    courses: set[str]
    positions: dict[str, int]  # course -> the highest
    taken: dict[str, int] = field(default_factory=dict)  # slug -> row


class LessonExchange(Exchange):
    kind = Lesson.search_kind
    label = gettext_lazy("lessons")
    model = Lesson
    view_permission = "training.view_lesson"
    publish_permission = "training.publish_lesson"

    def site(self, slugs: Sequence[str], author: Any) -> Site:
        last = Lesson.objects.order_by().values_list("course__code").annotate(last=Max("position"))
        return Site(
            set(Fact.objects.values_list("code", flat=True)),
            set(Card.objects.values_list("slug", flat=True)),
            set(Course.objects.values_list("code", flat=True)),
            {code: highest or 0 for code, highest in last},
        )

    def current(self, slugs: Sequence[str]) -> dict[str, Entry]:
        found = Lesson.objects.filter(slug__in=slugs).select_related("course")
        return {lesson.slug: Entry(lesson.to_document(), {"status": lesson.status}) for lesson in found}

    def judge(self, row: Row, site: Site, before: Entry | None) -> Judged:
        first = site.taken.setdefault(row.slug, row.number)
        if row.document is None or row.problems:
            return Judged(Outcome.WRONG, row.problems)
        if first != row.number:
            text = _("“%(slug)s” stands in row %(row)d already.") % {"slug": row.slug, "row": first}
            return Judged(Outcome.WRONG, [("slug", text)])
        document = _whole(row.document, site, before.document if before else None)
        beside = dict(row.beside) if before is None else {}
        if before and document == before.document:
            return Judged(Outcome.SAME, document=document, beside=before.beside)
        if problems := list(_problems(document, site, before)):
            return Judged(Outcome.WRONG, problems)
        return Judged(Outcome.CHANGED if before else Outcome.NEW, document=document, beside=beside)

    def seen(self) -> dict[str, Any]:
        highest = tops(self.kind)
        rows = Lesson.objects.values_list("slug", "pk", "version", "status", "course__code", "position")
        return {slug: [pk, *rest, highest.get(pk, 0)] for slug, pk, *rest in rows}

    def plan(self, rows: Iterable[Row], how: How, progress: Callable[[int], None]) -> Plan:
        return Plan(list(rows), how, progress)

    def entries(self, chosen: QuerySet[Lesson] | None = None) -> Iterator[Entry]:
        """What the files of the content hold: every lesson that is not retired."""
        found = Lesson.objects.all() if chosen is None else Lesson.objects.filter(pk__in=chosen.values("pk"))
        for lesson in found.exclude(status=Status.RETIRED).select_related("course").order_by("slug"):
            yield Entry(lesson.to_document(), {"status": lesson.status})


def _whole(document: Document, site: Site, before: Document | None) -> Document:
    """The document with what its file leaves open as it is, or as a new lesson begins."""
    if len(document) == len(LESSON_KEYS):
        return document
    begun: Document = {
        "position": str(site.positions.get(document["course"], 0) + 1),
        "minutes": str(max(1, round(len(document["body"]) / CHARACTERS_A_MINUTE))),
        "facts": [],
        "takeaways": [document["title"]],
        "checks": [],
    }
    if before is None and "position" not in document:
        site.positions[document["course"]] = int(begun["position"])
    filled = begun | (before or {}) | document
    return {key: filled[key] for key in LESSON_KEYS}


def _problems(document: Document, site: Site, before: Entry | None) -> Iterator[CellProblem]:
    if wrong := lesson_problems(document):
        yield from (("/".join(map(str, path)), sentence) for path, sentence in wrong)
        return
    if document["course"] not in site.courses:
        yield "course", _("There is no course %s.") % document["course"]
    for name, width in (("slug", SLUG_WIDTH), ("title", TITLE_WIDTH)):
        if len(document[name]) > width:
            yield name, _("at most %d characters fit here") % width
    for name in ("position", "minutes"):
        if len(document[name]) > 4:
            yield name, _("a whole number is needed here")
    there = set(before.document["facts"]) if before else set()
    yield from (("facts", _("%r is not known") % fact) for fact in document["facts"] if fact not in site.facts | there)
    for kind, slug in places(document["body"]):
        if kind == "card" and slug not in site.cards:
            yield "body", _("Unknown card: %s") % slug


class Plan:
    """The lessons, uses, revisions and index entries of an import, made ready."""

    def __init__(self, rows: list[Row], how: How, progress: Callable[[int], None]) -> None:
        self.how, self.versions, self.statements = how, Versions(Lesson.search_kind, how), Statements()
        self.courses = {course.code: course for course in Course.objects.all()}
        self.cards = {slug: (pk, version) for slug, pk, version in Card.objects.values_list("slug", "pk", "version")}
        self.here = ContentType.objects.get_for_model(Lesson)
        self.entries: list[index.Packed] = []
        self.new: list[Lesson] = []
        self.changed: list[Lesson] = []
        self.uses: list[Use] = []
        self.unused: list[int] = []
        found = Lesson.objects.filter(slug__in=[row.slug for row in rows]).select_related("course")
        there = {lesson.slug: lesson for lesson in found}
        used = self._used(there.values())
        keys = iter(reserve(Lesson, sum(row.slug not in there for row in rows)))
        for done, row in enumerate(rows, start=1):
            lesson = there.get(row.slug)
            if lesson is None:
                self._add(Lesson(pk=next(keys), slug=row.slug), row)
            else:
                self._change(lesson, row, used.get(lesson.pk, []))
            if done % EVERY == 0:
                progress(done)
        self._collect()
        progress(len(rows))

    def write(self) -> None:
        self.statements.run()
        index.store(self.entries)

    def _used(self, found: Iterable[Lesson]) -> dict[int, list[Use]]:
        uses: dict[int, list[Use]] = {}
        for use in Use.objects.filter(content_type=self.here, object_id__in=[lesson.pk for lesson in found]):
            uses.setdefault(use.object_id, []).append(use)
        return uses

    def _add(self, lesson: Lesson, row: Row) -> None:
        document = row.document or {}
        lesson.status = (row.beside.get("status") or Status.PUBLISHED) if self.how.publish else Status.DRAFT
        lesson.version = 1
        self.new.append(lesson)
        self._fill(lesson, document, [])
        self.versions.publish(lesson.pk, lesson.slug, document)
        if not self.how.publish:
            self.versions.propose(lesson.pk, lesson.slug, document)

    def _change(self, lesson: Lesson, row: Row, there: list[Use]) -> None:
        document = row.document or {}
        if not self.how.publish:
            self.versions.refuse_foreign([lesson.pk])
            self.versions.propose(lesson.pk, lesson.slug, document)
            return
        lesson.version += 1
        self.changed.append(lesson)
        self._fill(lesson, document, there)
        self.versions.publish(lesson.pk, lesson.slug, document)

    def _fill(self, lesson: Lesson, document: Document, there: list[Use]) -> None:
        """What lessons.save makes of a document: the fields, the rendered text, the uses and the index entry."""
        lesson.course = self.courses[document["course"]]
        lesson.position, lesson.minutes = int(document["position"]), int(document["minutes"])
        for key in ("title", "facts", "takeaways", "checks", "body"):
            setattr(lesson, key, document[key])
        lessons.set_rendered(lesson)
        self._use(lesson, there)
        if entry := lesson.search_document():
            self.entries.append(index.pack(prepare(entry)))

    def _use(self, lesson: Lesson, there: list[Use]) -> None:
        """A use that stays keeps its flag, as uses.write does."""
        named = dict.fromkeys(str(part) for kind, part in lesson.segments if kind == "card")
        cards = dict(self.cards[slug] for slug in named)
        self.unused += [use.pk for use in there if use.card_id not in cards]
        kept = {use.card_id for use in there}
        self.uses += [
            Use(
                card_id=pk,
                kind=Use.Kind.LESSON,
                content_type=self.here,
                object_id=lesson.pk,
                card_version_seen=version,
            )
            for pk, version in cards.items()
            if pk not in kept
        ]

    def _collect(self) -> None:
        self.statements.delete(Use, self.unused)
        self.statements.insert(self.new, stamped="updated_at")
        changed = [(*(getattr(lesson, name) for name in COLUMNS), lesson.pk) for lesson in self.changed]
        names = [name.removesuffix("_id") for name in COLUMNS]
        self.statements.update(Lesson, names, changed, stamped="updated_at")
        self.statements.insert(self.uses)
        self.versions.into(self.statements)


def read(data: bytes, notes: list[str], course: str = "") -> Iterator[Row]:
    """`read` of a Format. `course` is for files that stand in no folder with the name of one."""
    named = courses()
    for number, found in enumerate(lesson_zip.read(data, notes), start=1):
        if isinstance(found, FileProblem):
            yield Row(number, "", None, [(f"{found.path}:{found.line}", found.sentence)])
        else:
            yield _row(number, found, named, course)


def _row(number: int, found: LessonFile, courses_named: dict[str, Target], course: str) -> Row:
    document = found.document
    of = courses_named[document["course"]].code if document["course"] in courses_named else course
    if not of:
        text = _("The folder “%s” is no course: choose one for such files.") % document["course"]
        return Row(number, document["slug"], None, [(str(found.path), text)])
    document["course"] = of
    if len(document) == len(LESSON_KEYS):
        wrong = [found.parsed.problem(path, sentence) for path, sentence in lesson_problems(document)]
        problems = [(f"{found.path}:{one.line}", one.sentence) for one in wrong]
        beside = {"status": found.status} if found.status else {}
        places = {key: f"{found.path}:{found.parsed.lines.get((key,), 1)}" for key in LESSON_KEYS}
        return Row(number, document["slug"], document, problems, beside, places=places)
    missing = "、".join(key for key in MATTER if key not in document)
    named = [_("It begins without keys, so it comes in as a draft; look at what was put in for: %s") % missing]
    if found.lost:
        named.append(_("Pictures beside it do not come with it: %s") % "、".join(found.lost))
    return Row(number, document["slug"], document, [], {"status": Status.DRAFT}, named=named)


def write(entries: Iterable[Entry]) -> Iterator[bytes]:
    yield lesson_zip.write((entry.document, entry.beside.get("status", "")) for entry in entries)


LESSONS = LessonExchange()
ZIP = Format(
    name="zip",
    label=gettext_lazy("Markdown (zip)"),
    extensions=(".zip",),
    content_type="application/zip",
    read=read,
    wants_course=True,
    write=write,
    limit=MAX_PACKED,
)
