"""Write lessons: from a document, from the admin. One transaction each: rows, uses, revision, index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge import markdown
from knowledge.documents import Document, in_words, tidy_document
from knowledge.enums import Status
from knowledge.models import Card, Use
from knowledge.search.indexed import indexing_batch
from knowledge.services import revisions
from training.documents import check_number, lesson_problems, places
from training.models import Course, Lesson
from training.services import items, uses

LESSON = Lesson.search_kind


def render(body: str) -> tuple[list[list[str | int]], list[dict[str, str]]]:
    """The segments of a lesson's text, and its headings: {level, id, title}.

    A segment is ["html", safe HTML], ["card", slug] or ["check", number]; in a text that is still being written the
    last may be no number yet.
    """
    segments: list[list[str | int]] = []
    headings: list[dict[str, str]] = []
    parts = places(body)
    # What the page itself calls its parts.
    taken = {"main", "live", "toast", "shortcuts", "shortcuts-title", "reader", "notes", "takeaways"}
    taken |= {f"check-{part}{of}" for kind, part in parts if kind == "check" for of in ("", "-title")}
    for kind, part in parts:
        if kind == "html":
            html, found = markdown.with_anchors(markdown.render(part), taken)
            headings += found
            segments.append([kind, html])
        else:
            segments.append([kind, part if kind == "card" else check_number(part) or part])
    return segments, headings


def set_rendered(lesson: Lesson) -> None:
    """Put what a page and the search read of its text beside it."""
    lesson.segments, lesson.headings = render(lesson.body)
    lesson.body_html = "\n".join(str(part) for kind, part in lesson.segments if kind == "html")


@transaction.atomic
def save(lesson: Lesson, *, author: Any = None, reason: str = "") -> Lesson:
    """Make what the lesson's fields say its live version: render it, write its uses and its revision.

    Raises ValidationError naming every problem, an unknown card among them; then nothing is written.
    """
    document = tidy_document(lesson.to_document())
    if problems := lesson_problems(document):
        raise ValidationError(in_words(problems))
    for key in ("title", "facts", "takeaways", "checks", "body"):
        setattr(lesson, key, document[key])
    set_rendered(lesson)
    slugs = {str(part) for kind, part in lesson.segments if kind == "card"}
    cards = list(Card.objects.filter(slug__in=slugs))
    if unknown := slugs - {card.slug for card in cards}:
        raise ValidationError({"body": _("Unknown card: %s") % "、".join(sorted(unknown))})
    lesson.clean_fields(exclude=["course"])
    lesson.save()
    uses.write(lesson, Use.Kind.LESSON, cards)
    revisions.publish(lesson, LESSON, lesson.slug, document, author=author, reason=reason)
    return lesson


@transaction.atomic
def save_document(document: Document, *, author: Any = None, reason: str = "", status: str = "") -> Lesson:
    """Make this document the live version of its lesson, creating the lesson when the slug is new.

    Raises ValidationError as `save` does, and for a course that is not there.
    """
    document = tidy_document(document)
    if problems := lesson_problems(document):
        raise ValidationError(in_words(problems))
    course = Course.objects.filter(code=document["course"]).first()
    if course is None:
        raise ValidationError(_("There is no course %s.") % document["course"])
    lesson = Lesson.objects.filter(slug=document["slug"]).first()
    lesson = lesson or Lesson(slug=document["slug"], status=Status.PUBLISHED)
    lesson.course = course
    fill(lesson, document)
    lesson.status = status or lesson.status
    return save(lesson, author=author, reason=reason)


def publish_draft(
    document: Document, lesson: Lesson, *, author: Any, reason: str, status: str = Status.PUBLISHED
) -> Lesson:
    """Make a draft the live text of its lesson, and the lesson visible unless told otherwise. Raises as
    `save_document`."""
    items.refuse_taken(lesson, "slug")
    return save_document(document | {"slug": lesson.slug}, author=author, reason=reason, status=status)


def fill(lesson: Lesson, document: Document) -> None:
    """Put a document into the fields of a lesson in memory. A course that is gone leaves it where it is."""
    lesson.course = Course.objects.filter(code=document["course"]).first() or lesson.course
    lesson.position, lesson.minutes = int(document["position"]), int(document["minutes"])
    for key in ("title", "facts", "takeaways", "checks", "body"):
        setattr(lesson, key, document[key])


@transaction.atomic
def set_status(lessons: Iterable[Lesson], status: Status) -> None:
    """Publish, retire or withdraw lessons. The index follows in the same transaction; the text has no new version."""
    with indexing_batch():
        for lesson in lessons:
            lesson.status = status
            lesson.save(update_fields=["status", "updated_at"])


@transaction.atomic
def reorder(lessons: Sequence[Lesson], *, author: Any = None) -> None:
    """Give the lessons of a course the order of the list. Positions are dealt anew from those there are, so that
    lessons which stay in their place keep their number, gaps and all."""
    last = -1
    for lesson, wanted in zip(lessons, sorted(lesson.position for lesson in lessons), strict=True):
        last = max(wanted, last + 1)
        if lesson.position != last:
            _move(lesson, last, author=author)


def _move(lesson: Lesson, place: int, *, author: Any) -> None:
    """The draft of it moves along, unless it has a place of its own in mind."""
    before, base = str(lesson.position), revisions.live_number(LESSON, lesson.pk)
    lesson.position = place
    save(lesson, author=author, reason=_("Moved"))

    def moved(document: Document) -> Document:
        return document | {"position": str(place)} if document["position"] == before else document

    revisions.bring_along(LESSON, lesson.pk, base=base, change=moved)


def next_position(course: Course) -> int:
    """The place behind the last lesson of a course."""
    last = course.lessons.order_by("-position").first()
    return last.position + 1 if last else 1


def duplicate(lesson: Lesson, *, author: Any = None) -> Lesson:
    """A draft with the same text, at the end of the course."""
    document = lesson.to_document() | {
        "slug": items.free_slug(Lesson, lesson.slug),
        "position": str(next_position(lesson.course)),
    }
    return save_document(document, author=author, reason=_("Copied from %s") % lesson.slug, status=Status.DRAFT)


def delete(lessons: Iterable[Lesson]) -> None:
    """Delete lessons for good, as `items.delete` does; how far people had read goes with them."""
    items.delete(LESSON, lessons)
