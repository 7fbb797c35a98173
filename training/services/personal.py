"""What the training holds of a person: handed out, and erased (docs/decisions/0016-audit.md)."""

from __future__ import annotations

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.services import audit, erasure, personal_data
from accounts.services.erasure import anonymous, forget_in_log
from accounts.services.personal_data import Part
from training.enums import Agreement, QuestionType
from training.models import (
    Assignment,
    Attempt,
    AttemptItem,
    Certificate,
    DeadlineChange,
    DeskEvent,
    DeskRun,
    DrillRound,
    Enrolment,
    Lesson,
    LessonProgress,
    RecallItem,
    RecallLog,
    RecallSession,
)  # fmt: skip

# What people write in their own words may say who they are; which option they chose does not.
OWN_WORDS = (QuestionType.FILL, QuestionType.REWRITE)
AUTHOR = "who wrote or decided, by the number of the account"
STATISTICS = "how hard questions and how long lessons are, by the emptied account"
ERASES = (
    "training.Certificate.user",
    "training.Enrolment.user",
    "training.Assignment.person",
    "training.DeadlineChange.person",
    "training.Lesson.owner",
    "training.DrillRound.user",
    "training.RecallItem.user",
    "training.RecallSession.user",
)
KEEPS = {
    "training.Attempt.user": STATISTICS,
    "training.DeskRun.user": STATISTICS,
    "training.LessonProgress.user": STATISTICS,
    "training.Assignment.created_by": AUTHOR,
    "training.DeadlineChange.by": AUTHOR,
    "training.Lesson.verified_by": AUTHOR,
}


def erase(person: User) -> None:
    """What was agreed with the person goes, what they recall and drill, and an attempt that is not finished; of the
    finished ones all but what was written in the person's own words stays. A certificate stands for nobody any more
    and its number answers as none."""
    forget_in_log(Assignment, Assignment.objects.filter(person=person).values_list("pk", flat=True), anonymous(person))
    for model, field in ((Enrolment, "user"), (Assignment, "person"), (DeadlineChange, "person")):
        model._default_manager.filter(**{field: person}).delete()
    for own in (DrillRound, RecallItem, RecallSession):
        own._default_manager.filter(user=person).delete()
    Attempt.objects.open().filter(user=person).delete()
    items = AttemptItem.objects.filter(attempt__user=person, document__type__in=OWN_WORDS)
    items.update(answer=None)
    # Where people branch stays, by the judgements; what was typed goes.
    DeskRun.objects.filter(Q(preview=True) | Q(state=DeskRun.State.OPEN), user=person).delete()
    DeskEvent.objects.filter(chat__run__user=person).update(text="")
    LessonProgress.objects.filter(user=person).update(place="")
    Lesson.objects.filter(owner=person).update(owner=None)
    certificates = Certificate.objects.filter(user=person)
    forget_in_log(Certificate, certificates.values_list("pk", flat=True), anonymous(person))
    certificates.update(user=None, name="", revoked_at=Coalesce(F("revoked_at"), timezone.now()))


PARTS = (
    Part(
        "enrolments",
        _("enrolments"),
        lambda person: (
            Enrolment.objects.filter(user=person)
            .order_by("chosen_at")
            .values("chosen_at", slug=F("path__slug"), title=F("path__title"))
        ),
    ),
    Part(
        "progress",
        _("lesson progress"),
        lambda person: (
            LessonProgress.objects.filter(user=person)
            .order_by("opened_at")
            .values("opened_at", "finished_at", "seconds", "place", "checks", slug=F("lesson__slug"))
        ),
    ),
    Part(
        "attempts",
        _("attempts"),
        lambda person: (
            Attempt.objects.filter(user=person)
            .order_by("started_at", "pk")
            .values(
                *("pk", "number", "state", "started_at", "finished_at", "points", "max_points", "pass_mark", "passed"),
                slug=F("quiz__slug"),
            )
        ),
    ),
    Part(
        "answers",
        _("answers"),
        lambda person: (
            AttemptItem.objects.filter(attempt__user=person)
            .order_by("attempt__started_at", "attempt", "position")
            .values(
                *("attempt_id", "position", "answer", "answered_at", "seconds", "points", "max_points"),
                code=F("document__id"),
                prompt=F("document__prompt"),
            )
        ),
    ),
    Part(
        "desk",
        _("replies at the chat desk"),
        lambda person: (
            DeskEvent.objects.filter(chat__run__user=person)
            .order_by("chat__run__started_at", "chat", "at", "pk")
            .values(
                *("at", "text", "card", "judged"),
                started_at=F("chat__run__started_at"),
                slug=F("chat__document__slug"),
                ending=F("chat__ending"),
                points=F("chat__points"),
                max_points=F("chat__max_points"),
            )
        ),
    ),
    Part(
        "certificates",
        _("certificates"),
        lambda person: (
            Certificate.objects.filter(user=person)
            .order_by("issued_on", "pk")
            .values("code", "name", "title", "issued_on", "valid_until", "revoked_at")
        ),
    ),
    Part(
        "assignments",
        _("assignments"),
        lambda person: (
            Assignment.objects.filter(person=person)
            .order_by("assigned_on", "pk")
            .values("assigned_on", "due_on", "due_days", "ended_at", slug=F("path__slug"))
        ),
    ),
    Part(
        "deadline_changes",
        _("deadline changes"),
        lambda person: (
            DeadlineChange.objects.filter(person=person)
            .order_by("at")
            .values("at", "due_on", "reason", slug=F("path__slug"), agreed=F("kind"))
        ),
    ),
    Part(
        "recall",
        pgettext_lazy("table", "recall"),
        lambda person: (
            RecallItem.objects.filter(user=person)
            .order_by("created_at", "pk")
            .values(
                *("pk", "key", "front", "created_at", "due", "reviewed_at", "times", "lapses", "resting"),
                of=F("kind"),
            )
        ),
    ),
    Part(
        "recalls",
        _("times recalled"),
        lambda person: (
            RecallLog.objects.filter(item__user=person)
            .order_by("at", "pk")
            .values("item_id", "at", "rating", "expected")
        ),
    ),
    Part(
        "recall_sessions",
        _("recall sessions"),
        lambda person: (
            RecallSession.objects.filter(user=person)
            .order_by("started_at", "pk")
            .values("started_at", "ended_at", "recalled")
        ),
    ),
    Part(
        "drills",
        _("drill rounds"),
        lambda person: (
            DrillRound.objects.filter(user=person)
            .order_by("started_at", "pk")
            .values(*("started_at", "finished_at", "items", "asked", "right", "characters", "seconds"), drill=F("kind"))
        ),
    ),
)


def install() -> None:
    """Tell accounts, which knows nothing of what stands above it, when Django starts."""
    erasure.register(erase, erases=ERASES, keeps=KEEPS)
    personal_data.register(*PARTS)
    audit.name_words(**dict(Agreement.choices), ended=pgettext_lazy("audit", "ended"))
    audit.name_kinds(
        attempts=_("attempts"),
        board=_("readiness board"),
        certificate=_("certificate"),
        certificates=_("certificates"),
        course=_("course"),
        deadlines=_("deadlines"),
        dialogue=_("dialogue"),
        enrolments=_("enrolments"),
        items=_("item analysis"),
        lesson=_("lesson"),
        lessons=_("lessons"),
        path=_("path"),
        question=_("question"),
        questions=_("questions"),
        quiz=_("quiz"),
        results=pgettext_lazy("audit", "results"),
        runs=_("desk runs"),
    )
