"""Bringing and taking files as the admin does, without its pages."""

from __future__ import annotations

from typing import Any

from knowledge.models import ImportJob
from knowledge.services.exchange import jobs
from knowledge.services.exchange.registry import exchange_of, format_of


def export(kind: str, form: str) -> bytes:
    return b"".join(format_of(kind, form).write(exchange_of(kind).entries()))


def bring(kind: str, data: bytes, by: Any, form: str = "csv") -> ImportJob:
    """Read a file. The worker of the tests has done so before this returns."""
    job = jobs.begin(kind, format_of(kind, form), f"file.{form}", data, by=by)
    return fresh(job)


def imported(kind: str, data: bytes, by: Any, form: str = "csv", *, publish: bool = True) -> ImportJob:
    job = bring(kind, data, by, form)
    assert job.state == "ready", job.notes
    jobs.start(job, by=by, publish=publish)
    return fresh(job)


def fresh(job: ImportJob) -> ImportJob:
    return ImportJob.objects.get(pk=job.pk)


def problems(job: ImportJob) -> list[tuple[str, str]]:
    """Every problem of every row, in order."""
    return [(place, sentence) for row in job.rows.order_by("row", "pk") for place, sentence in row.problems]


def counts(job: ImportJob) -> dict[str, int]:
    """What came of the rows; outcomes that are none are left out."""
    return {name: job.counts[name] for name in ("new", "changed", "same", "wrong") if job.counts.get(name)}
