"""An import's life: begun, mended with a second file, started again after its worker died, dropped.

Readable by whoever may import its kind. A step begins only from the state it follows, by one conditional update, so
that two clicks, or a worker that comes back late, do nothing twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import audit
from knowledge.models import ImportJob, StagedRow
from knowledge.services.exchange.bulk import CHUNK, patiently
from knowledge.services.exchange.registry import Format, exchange_of, exchanges, formats_of

State = ImportJob.State
# A worker says that it is alive every few seconds; one transaction is over well before this.
DEAD_AFTER = timedelta(minutes=2)
KEPT_DAYS = 14  # rows of an import nobody decided on: they may hold people's names
WORKING = (State.READING, State.APPLYING)


def importable(user: Any) -> list[str]:
    """The kinds this person may bring in."""
    if not user.is_staff:
        return []
    return [
        one.kind for one in exchanges() if user.has_perm(one.permission) and any(f.read for f in formats_of(one.kind))
    ]


def exportable(user: Any) -> list[str]:
    """The kinds this person may take out."""
    if not user.is_staff:
        return []
    return [
        one.kind
        for one in exchanges()
        if user.has_perm(one.view_permission) and any(f.write for f in formats_of(one.kind))
    ]


def visible_to(user: Any) -> QuerySet[ImportJob]:
    return ImportJob.objects.filter(kind__in=importable(user))


@transaction.atomic
def begin(kind: str, form: Format, name: str, data: bytes, *, by: Any, course: str = "") -> ImportJob:
    """Keep the file and have the worker read it. `course` is for items whose file names none."""
    from knowledge.services.exchange.tasks import stage_file

    values = {"kind": kind, "format": form.name, "name": name[:200], "course": course}
    job = ImportJob.objects.create(**values, data=data, created_by=by)
    stage_file.enqueue(job.pk)  # a row of the database: no worker sees it before this transaction is committed
    return job


@transaction.atomic
def mend(job: ImportJob, form: Format, data: bytes, course: str = "") -> bool:
    """Read a second file into the same import: its rows take the place of the wrong ones and of those of the same
    slug. `course` is as in `begin`; without one the first choice stays. Returns whether the
    import was still waiting for it."""
    from knowledge.services.exchange.tasks import stage_file

    last = job.rows.aggregate(last=Max("pk"))["last"] or 0
    values: dict[str, Any] = {"state": State.READING, "data": data, "format": form.name, "beat_at": None, "notes": []}
    values |= {"course": course} if course else {}
    if not ImportJob.objects.filter(pk=job.pk, state=State.READY).update(**values):
        return False
    ImportJob.objects.filter(pk=job.pk).update(counts=job.counts | {"kept": last}, total=0, done=0)
    stage_file.enqueue(job.pk)
    return True


@transaction.atomic
def start(job: ImportJob, *, by: Any, publish: bool) -> bool:
    """Have the worker apply it. Raises ValidationError while rows are wrong or none would change anything. Returns
    whether it was still waiting for that."""
    from knowledge.services.exchange.tasks import apply_rows

    counts = job.counts
    if counts.get("wrong"):
        raise ValidationError(_("Some rows are wrong. Mend them first: an import is all or nothing."))
    if not counts.get("new") and not counts.get("changed"):
        raise ValidationError(_("Everything in the file is here already; there is nothing to import."))
    # Who decides is who imports: the revisions and the audit log name them.
    values = {
        "created_by": by,
        "state": State.APPLYING,
        "target": "publish" if publish else "draft",
        "beat_at": None,
        "done": 0,
    }
    total = counts.get("new", 0) + counts.get("changed", 0)
    if not ImportJob.objects.filter(pk=job.pk, state=State.READY).update(**values, total=total, notes=[]):
        return False
    apply_rows.enqueue(job.pk)
    return True


@transaction.atomic
def restart(job: ImportJob) -> bool:
    """After a worker died: read the file again if it had not been read, else wait for the decision again."""
    from knowledge.services.exchange.tasks import stage_file

    unread = ImportJob.objects.filter(pk=job.pk, data__isnull=False).exists()
    state = State.READING if unread else State.READY
    values: dict[str, Any] = {"state": state, "beat_at": None, "finished_at": None, "done": 0, "notes": []}
    if not ImportJob.objects.filter(pk=job.pk, state=State.FAILED).update(**values):
        return False
    if unread:
        stage_file.enqueue(job.pk)
    return True


@transaction.atomic
def drop(job: ImportJob) -> bool:
    """Forget an import that nobody wants. One that is being applied stays. Returns whether it is gone."""
    if not ImportJob.objects.select_for_update().filter(pk=job.pk).exclude(state=State.APPLYING).exists():
        return False
    _forget_rows(job.pk)
    ImportJob.objects.filter(pk=job.pk).delete()
    return True


def _forget_rows(pk: int) -> None:
    rows = StagedRow.objects.filter(job=pk)
    rows._raw_delete(rows.db)


def beat(pk: int, state: str, **values: Any) -> bool:
    """The worker's sign of life, and how far it is. False when the import is no longer its own to work on."""
    mine = ImportJob.objects.filter(pk=pk, state=state)
    return bool(patiently(lambda: mine.update(beat_at=timezone.now(), **values)))


def finish(pk: int, state: str, to: str, **values: Any) -> bool:
    values |= {"state": to, "finished_at": timezone.now()}
    mine = ImportJob.objects.filter(pk=pk, state=state)
    return bool(patiently(lambda: mine.update(**values)))


def look_after(now: datetime) -> int:
    """A chore: tell the imports whose worker died, and forget what nobody decided on. Returns how many had died."""
    silent = Q(beat_at__lt=now - DEAD_AFTER)
    note = _("The work was interrupted. Nothing was written; it can be started again.")
    dead = ImportJob.objects.filter(silent, state__in=WORKING).update(state=State.FAILED, notes=[note], finished_at=now)
    old = ImportJob.objects.filter(created_at__lt=now - timedelta(days=KEPT_DAYS)).exclude(
        state__in=[State.DONE, *WORKING]
    )
    for job in old[:CHUNK]:
        drop(job)
    return dead


def told(job: ImportJob, by: Any, counts: dict[str, int]) -> None:
    """Into the audit log: counts, never names."""
    detail = _("%(new)d new, %(changed)d changed, %(same)d the same") % {
        key: counts.get(key, 0) for key in ("new", "changed", "same")
    }
    audit.note(by, audit.Action.IMPORTED, kind=job.kind, slug=f"{job.pk}", detail=detail)


def is_working(job: ImportJob) -> bool:
    return job.state in WORKING


def standing(job: ImportJob) -> str:
    """Where an import stands, in words: one with wrong rows cannot be imported yet."""
    if job.state == State.READY and job.counts.get("wrong"):
        return _("Waits for its wrong rows")
    return str(job.get_state_display())


def label_of(job: ImportJob) -> str:
    exchange = exchange_of(job.kind)
    return str(exchange.label) if exchange else job.kind
