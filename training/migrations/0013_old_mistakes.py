"""What was answered wrong before there was a memory for it: to be recalled like any other mistake, a few a day.

Of each question the newest answer counts, and only where it is wrong still. Person by person, so that memory holds one
person's answers at a time; what is an item already stays as it is, so that a second run adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone

from training import recalling

A_DAY = 10  # at least so many a day, until all have come
DAYS = 14  # or more a day, so that they all come in two weeks
BATCH = 100
Mistake = tuple[datetime, str, str, Any]  # when, kind, key, and where its words are


def import_old(apps: Any, _schema_editor: Any) -> None:
    people = apps.get_model("accounts", "User").objects.filter(is_active=True).order_by("pk")
    for user in people.values_list("pk", flat=True).iterator(chunk_size=500):
        _of_person(apps, user, timezone.now())


def _of_person(apps: Any, user: int, now: datetime) -> None:
    item = apps.get_model("training", "RecallItem")
    known = set(item.objects.filter(user=user).values_list("kind", "key"))
    mistakes = [one for one in (*_answers(apps, user), *_checks(apps, user)) if one[1:3] not in known]
    mistakes.sort(key=lambda one: one[:3], reverse=True)
    each = max(A_DAY, -(-len(mistakes) // DAYS))
    today = timezone.localdate(now)
    for begin in range(0, len(mistakes), BATCH):
        batch = mistakes[begin : begin + BATCH]
        fronts = _fronts(apps, batch)
        item.objects.bulk_create(
            [
                _item(item, user, one, fronts[one[1:3]], today + timedelta(days=1 + at // each))
                for at, one in enumerate(batch, begin)
            ],
            ignore_conflicts=True,
        )


def _answers(apps: Any, user: int) -> Iterator[Mistake]:
    """Questions whose newest answer by this person earned less than full marks."""
    items = apps.get_model("training", "AttemptItem").objects.filter(
        attempt__user=user, attempt__state="finished", attempt__finished_at__isnull=False, question__isnull=False
    )
    seen: set[str] = set()
    rows = items.order_by("-attempt__finished_at", "-pk").values_list(
        "pk", "question__code", "attempt__finished_at", "points", "max_points"
    )
    for pk, code, at, points, most in rows.iterator(chunk_size=500):
        if code not in seen and points != most:
            yield at, "question", code, pk
        seen.add(code)


def _checks(apps: Any, user: int) -> Iterator[Mistake]:
    """Checkpoints answered wrong last, as far as the lesson has them still."""
    found = apps.get_model("training", "LessonProgress").objects.filter(user=user).exclude(checks={})
    for progress in found.select_related("lesson").defer("lesson__body").iterator(chunk_size=50):
        for number, given in sorted(progress.checks.items()):
            if given["right"] or not _stands(progress.lesson, int(number), given["option"]):
                continue
            at = progress.finished_at or progress.beacon_at or progress.opened_at
            yield at, "check", f"{progress.lesson.slug}#{number}", (progress.lesson_id, int(number), given["option"])


def _stands(lesson: Any, number: int, option: int) -> bool:
    return number <= len(lesson.checks) and option < len(lesson.checks[number - 1]["options"])


def _fronts(apps: Any, batch: list[Mistake]) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    """The competency of each of these, and what is shown of it (training/services/recall_sources.py)."""
    answers = apps.get_model("training", "AttemptItem").objects.in_bulk(
        [one[3] for one in batch if one[1] == "question"]
    )
    lessons = apps.get_model("training", "Lesson").objects.select_related("course").defer("body")
    lessons = lessons.in_bulk({one[3][0] for one in batch if one[1] == "check"})
    return {
        (kind, key): _of_answer(answers[where]) if kind == "question" else _of_check(lessons[where[0]], *where[1:])
        for _at, kind, key, where in batch
    }


def _of_answer(item: Any) -> tuple[str, dict[str, Any]]:
    asked = item.document
    card = asked.get("card", "")
    return item.competency, {"prompt": asked["prompt"], "asked": asked, "reply": item.answer, "card": card}


def _of_check(lesson: Any, number: int, option: int) -> tuple[str, dict[str, Any]]:
    check = lesson.checks[number - 1]
    asked = {
        "id": f"{lesson.slug}#{number}",
        "type": "single",
        "facts": [],
        "prompt": check["prompt"],
        "options": [{"key": str(at), **one} for at, one in enumerate(check["options"])],
        "explanation": "",
    }
    front = {"prompt": check["prompt"], "asked": asked, "reply": str(option), "lesson": lesson.title}
    return lesson.course.competency, front


def _item(model: Any, user: int, one: Mistake, front: tuple[str, dict[str, Any]], due: date) -> Any:
    at, kind, key, _where = one
    day = timezone.localdate(at)
    memory = recalling.lapse(recalling.fresh(day), day) | {"due": due.isoformat()}
    competency, shown = front
    return model(
        user_id=user,
        kind=kind,
        key=key,
        competency=competency,
        front=shown,
        card=memory,
        due=timezone.make_aware(datetime.combine(due, time())),
        created_at=at,
        lapses=1,
    )


class Migration(migrations.Migration):
    dependencies = [("training", "0012_findings_of_rewrites")]
    operations = [migrations.RunPython(import_old, migrations.RunPython.noop, elidable=True)]
