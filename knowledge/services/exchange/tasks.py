"""What the worker does for an import, in the words of whoever began it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from knowledge.models import ImportJob
from knowledge.services.exchange import applying, jobs, staging

logger = logging.getLogger(__name__)


@task()
def stage_file(pk: int) -> None:
    """Read and judge the file of an import."""
    _run(pk, staging.stage)


@task()
def apply_rows(pk: int) -> None:
    """Write what an import has staged."""
    _run(pk, applying.apply)


def _run(pk: int, work: Callable[[int], None]) -> None:
    """A fault of ours must not leave a page that says "reading" for ever."""
    language = ImportJob.objects.filter(pk=pk).values_list("created_by__locale", flat=True).first()
    with override(language or settings.LANGUAGE_CODE):
        try:
            work(pk)
        except staging.Lost:
            logger.info("Import %s was taken away while it was worked on", pk)
        except Exception:
            logger.exception("Import %s failed", pk)
            text = _("Something went wrong here, and nothing was written. It can be started again.")
            for state in jobs.WORKING:
                jobs.finish(pk, state, ImportJob.State.FAILED, notes=[text])
