"""Write an import: all of it or nothing, in one short transaction that holds nothing but SQL."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from knowledge.models import ImportJob, StagedRow
from knowledge.services.exchange import jobs, staging
from knowledge.services.exchange.bulk import patiently
from knowledge.services.exchange.registry import Batch, Exchange, How, Row, exchange_of
from knowledge.services.exchange.staging import Lost

State = ImportJob.State
Outcome = StagedRow.Outcome
logger = logging.getLogger(__name__)


class Moved(Exception):
    """Something is no longer as it was when the file was compared with it."""

    def __init__(self, slugs: list[str]) -> None:
        self.slugs = slugs
        super().__init__(", ".join(slugs[:10]))


def apply(pk: int) -> None:
    """Import what is staged. Whatever speaks against it is told on the import's page, and nothing is written."""
    job = ImportJob.objects.select_related("created_by").filter(pk=pk, state=State.APPLYING).first()
    exchange = exchange_of(job.kind) if job else None
    if job is None or exchange is None:
        return
    if not jobs.beat(job.pk, State.APPLYING, done=0):
        return
    try:
        _write(job, exchange)
    except Moved as moved:
        staging.judge_again(job, [staging.moved_note(moved.slugs)])
    except ValidationError as error:
        jobs.finish(job.pk, State.APPLYING, State.FAILED, notes=error.messages)
    except IntegrityError:
        text = _("Somebody saved the same code, name or text at the same moment. Nothing was imported; try again.")
        jobs.finish(job.pk, State.APPLYING, State.FAILED, notes=[text])
    else:
        _clear(job)


def _write(job: ImportJob, exchange: Exchange) -> None:
    author = job.created_by
    if author is None or not author.has_perm(exchange.permission):
        raise ValidationError(_("Whoever began this import may no longer import."))
    publish = job.target == "publish" and (
        not exchange.publish_permission or author.has_perm(exchange.publish_permission)
    )
    how = How(author, publish, _("Imported from %s") % job.name)

    def progress(done: int) -> None:
        if not jobs.beat(job.pk, State.APPLYING, done=done):
            raise Lost

    batch = exchange.plan(_rows(job), how, progress)
    before = staging.compared(job)
    patiently(lambda: _together(job, exchange, batch, before))


@transaction.atomic
def _together(job: ImportJob, exchange: Exchange, batch: Batch, before: list[tuple[str, Any]]) -> None:
    """The one transaction. The lock is taken with its first word, so that whoever waits in vain has written nothing."""
    started = time.monotonic()
    if not ImportJob.objects.select_for_update().filter(pk=job.pk, state=State.APPLYING).exists():
        raise Lost
    if slugs := staging.moved(before, exchange):
        raise Moved(slugs)
    batch.write()
    jobs.told(job, job.created_by, job.counts)
    jobs.finish(job.pk, State.APPLYING, State.DONE, notes=[])
    logger.info("Import %s wrote %s rows in %.2f s", job.pk, job.total, time.monotonic() - started)


def _rows(job: ImportJob) -> Iterator[Row]:
    """The new and the changed rows, whole."""
    staged = job.rows.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED]).only("job", "row", "slug", "prepared")
    for page in staging.pages(staged):
        for one in page:
            prepared = one.prepared or {}
            yield Row(one.row, one.slug, prepared["document"], [], prepared["beside"])


def _clear(job: ImportJob) -> None:
    """The rows have done their work; they may hold people's names."""
    rows = StagedRow.objects.filter(job=job)
    rows._raw_delete(rows.db)
