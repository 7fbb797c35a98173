"""What the page of a lesson needs, in one query: the lesson, its course, and all of its reader's state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, FilteredRelation, Max, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from knowledge.enums import Status
from knowledge.models import ComplianceNote, Use
from knowledge.models.audience import audience_key, named_in
from knowledge.prepared import Prepared
from training.enums import AttemptState
from training.models import Attempt, Lesson
from training.models.course import LessonQuerySet, sees_drafts


class Row(NamedTuple):
    """A lesson of the course, and where its reader is in it, as the database gives it.

    `opened` and `finished` are empty or not; `checks` is JSON; `changed`, `cards` and `notes_at` (the newest change of
    the lesson, of a card in its text, and of any compliance note) are only ever compared. Behind a slash, `cards` says
    whether one of them is for some teams alone: 0 when none is, nothing without cards.
    """

    pk: int
    slug: str
    title: str
    minutes: int
    status: str
    changed: Any
    code: str
    course: str
    quiz_title: str | None
    quiz_status: str | None
    opened: Any
    finished: Any
    place: str | None
    checks: str | None
    passed: Any
    cards: str
    notes_at: Any

    @property
    def restricted(self) -> bool:
        return self.cards.rpartition("/")[2] not in {"", "0"}


# As the query names them, in the order of Row.
FIELDS = (
    *("pk", "slug", "title", "minutes", "status", "changed"),
    *("course__code", "course__title", "course__quiz__title", "course__quiz__status"),
    *("opened", "finished", "mine__place", "mine__checks"),
    *("passed", "cards", "notes_at"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A lesson among those of its course, in order."""

    rows: tuple[Row, ...]
    at: int
    audience: str  # of this reader, where it decides which cards stand in the text

    @property
    def row(self) -> Row:
        return self.rows[self.at]

    @property
    def before(self) -> Row | None:
        return self.rows[self.at - 1] if self.at else None

    @property
    def after(self) -> Row | None:
        return self.rows[self.at + 1] if self.at + 1 < len(self.rows) else None

    @property
    def has_quiz(self) -> bool:
        return self.row.quiz_status == Status.PUBLISHED

    @property
    def finished(self) -> int:
        """How many lessons of the course this reader has read."""
        return sum(bool(row.finished) for row in self.rows)

    @property
    def answers(self) -> dict[str, Any]:
        """The reader's answers to the checkpoints: number, as text -> {"option", "right"}."""
        return dict(json.loads(self.row.checks)) if self.row.checks else {}

    @property
    def text_key(self) -> str:
        """Everything the text depends on: a change of the lesson, of a card in it, or of a compliance note, and whose
        cards the reader sees where not all are for everybody."""
        row = self.row
        return f"{row.pk}/{row.changed}/{row.cards}/{row.notes_at}/{self.audience}".replace(" ", "T")


def _rows(lessons: LessonQuerySet, user: int, code: str, slug: str, kind: int) -> QuerySet[Any, Any]:
    """The lessons of a course among `lessons`, each with what Row holds. Times are read as text: turning them into
    times takes longer than the query."""
    this = Lesson.objects.filter(slug=slug).order_by().values("pk")[:1]
    uses = Use.objects.filter(content_type=kind, object_id=Subquery(this))
    newest_and_named = Concat(_text(Max("card__updated_at")), Value("/"), _text(Max(named_in("card__audience"))))
    passes = Attempt.objects.filter(user=user, quiz__course__code=code, state=AttemptState.FINISHED, passed=True)
    return (
        lessons.filter(course__code=code)
        .annotate(
            # The reader's own row beside each lesson, where there is one.
            mine=FilteredRelation("progress", condition=Q(progress__user=user)),
            changed=Cast("updated_at", CharField()),
            opened=Q(mine__isnull=False),
            finished=Q(mine__finished_at__isnull=False),
            passed=Exists(passes),
            cards=_over_all(uses, newest_and_named),
            notes_at=_over_all(ComplianceNote.objects.all(), _text(Max("updated_at"))),
        )
        .order_by("position", "slug")
        .values_list(*FIELDS)
    )


def _over_all(rows: QuerySet[Any, Any], figure: Any) -> Subquery:
    """An aggregate over all of these rows."""
    made = rows.order_by().annotate(all_rows=Value(1)).values("all_rows").annotate(figure=figure)
    return Subquery(made.values("figure"))


def _text(value: Any) -> Cast:
    return Cast(value, CharField())


KINDS: dict[str, type] = {"user": int, "code": str, "slug": str, "kind": int}
# By whether the reader sees drafts.
QUERIES = {
    False: Prepared(lambda **of: _rows(Lesson.objects.published(), **of), **KINDS),
    True: Prepared(lambda **of: _rows(Lesson.objects.all(), **of), **KINDS),
}


def page(code: str, slug: str, user: Any) -> Page | None:
    """The lesson `slug` of the course `code` among its neighbours; None when there is none this reader may see.

    One query (and for staff those of their permissions; for managers one more, where a card in the text is for some
    teams alone).
    """
    kind = ContentType.objects.get_for_model(Lesson).pk  # known to the process, and asked so that it may change
    found = QUERIES[sees_drafts(user)].rows(user=user.pk, code=code, slug=slug, kind=kind)
    rows = tuple(Row(*row) for row in found)
    at = next((at for at, row in enumerate(rows) if row.slug == slug), None)
    return None if at is None else Page(rows, at, audience_key(user) if rows[at].restricted else "")
