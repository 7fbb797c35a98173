"""Read a file into rows and judge them against what is there. Nothing live is written; each chunk is a short
transaction of its own, so that nobody waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.models import ImportJob, StagedRow
from knowledge.services.exchange import jobs
from knowledge.services.exchange.bulk import Statements, in_chunks, patiently
from knowledge.services.exchange.registry import Exchange, Judged, Row, exchange_of, format_of
from knowledge.tables.guard import Refused

CHUNK = 500
MOST_ITEMS = 20_000
MOST_TOLD = 50  # sentences of one row
State = ImportJob.State
Outcome = StagedRow.Outcome


class Lost(Exception):
    """The import was taken from this worker: dropped, or told dead."""


def stage(pk: int) -> None:
    """Read the file of an import, then judge all its rows."""
    job = ImportJob.objects.select_related("created_by").filter(pk=pk, state=State.READING).first()
    if job is None:
        return
    _beat(job, done=0, total=0)
    kept = job.counts.get("kept", 0)
    StagedRow.objects.filter(job=job, pk__gt=kept).delete()  # of a worker that died
    notes: list[str] = []
    try:
        _read(job, notes)
    except Refused as refused:
        _refuse(job, kept, [*notes, str(refused)])
        return
    if kept:
        _replace(job, kept)
    judge(job, notes)


def _read(job: ImportJob, notes: list[str]) -> None:
    form = format_of(job.kind, job.format)
    if form is None or form.read is None or job.data is None:
        raise Refused(_("This kind of file cannot be read here."))
    read = kept = 0
    named = {(row, slug): told for row, slug, told in (job.named if job.counts.get("kept") else ())}
    chosen = (job.course,) if form.wants_course else ()
    for rows in _chunks(form.read(bytes(job.data), notes, *chosen)):
        read += len(rows)
        if read > MOST_ITEMS:
            text = _("There are more than %d in this file. Split it and import the parts.")
            raise Refused(text % MOST_ITEMS)
        named |= {(row.number, row.slug): row.named for row in rows if row.named}
        inside = [_staged(job, row) for row in rows if row.document is not None or row.problems]
        patiently(lambda: StagedRow.objects.bulk_create(inside))  # noqa: B023
        kept += len(inside)
        _beat(job, total=read)
    _beat(job, named=[[*place, told] for place, told in named.items()])
    if not read:
        raise Refused(_("The file is empty: there are no rows below the column names."))
    if not kept:
        raise Refused(_("Nothing in this file can be brought in here; below it is said why."))


def _staged(job: ImportJob, row: Row) -> StagedRow:
    document = {
        "document": row.document,
        "beside": row.beside,
        "source": row.source,
        "places": row.places,
        "named": row.named,
        "problems": row.problems,
    }
    return StagedRow(job=job, row=row.number, slug=row.slug[:120], outcome=Outcome.WRONG, document=document)


def _refuse(job: ImportJob, kept: int, notes: list[str]) -> None:
    """A first file that cannot be read ends the import; a second one leaves it as it was."""
    StagedRow.objects.filter(job=job, pk__gt=kept).delete()
    jobs.finish(job.pk, State.READING, State.READY if kept else State.REFUSED, notes=notes, data=None)


def _replace(job: ImportJob, kept: int) -> None:
    """Rows of a second file for those that were wrong, and for those of the same slug."""
    with transaction.atomic():
        fresh = job.rows.filter(pk__gt=kept)
        older = job.rows.filter(pk__lte=kept)
        older.filter(outcome=Outcome.WRONG).delete()
        older.filter(slug__in=fresh.exclude(slug="").values("slug")).delete()


def judge(job: ImportJob, notes: list[str]) -> None:
    """Say of each row what it means, and of the import that it waits to be decided on."""
    exchange = exchange_of(job.kind)
    if exchange is None:
        return
    slugs = list(job.rows.exclude(slug="").values_list("slug", flat=True))
    site, seen = exchange.site(slugs, job.created_by), exchange.seen()
    counts: Counter[str] = Counter()
    total, done = job.rows.count(), 0
    for rows in pages(job.rows.all()):
        done += len(rows)
        counts.update(_judge(exchange, rows, site, seen))
        _beat(job, total=total, done=done)
    told = {outcome.value: counts[outcome] for outcome in Outcome}
    jobs.finish(job.pk, State.READING, State.READY, counts=told, notes=notes, data=None)


def _judge(exchange: Exchange, staged: list[StagedRow], site: Any, seen: dict[str, Any]) -> Iterator[str]:
    before = exchange.current([one.slug for one in staged])
    changes = []
    for one in staged:
        row = row_of(one)
        judged = exchange.judge(row, site, before.get(row.slug))
        problems = [[row.places.get(place, place), sentence] for place, sentence in judged.problems[:MOST_TOLD]]
        changes.append((judged.outcome, problems, _prepared(judged, seen.get(row.slug)), one.pk))
        yield judged.outcome
    statements = Statements()
    statements.update(StagedRow, ("outcome", "problems", "prepared"), changes)
    patiently(lambda: _together(statements))


@transaction.atomic
def _together(statements: Statements) -> None:
    statements.run()


def _prepared(judged: Judged, seen: Any) -> dict[str, Any] | None:
    """What applying needs: the whole document of a new or changed row, and the state that it was compared with."""
    if judged.outcome in {Outcome.NEW, Outcome.CHANGED}:
        return {"document": judged.document, "beside": judged.beside, "seen": seen}
    return {"seen": seen} if judged.outcome == Outcome.SAME else None


def row_of(staged: StagedRow) -> Row:
    """The row as the file has it."""
    kept = staged.document
    problems = [(place, sentence) for place, sentence in kept.get("problems", [])]
    return Row(
        staged.row,
        staged.slug,
        kept.get("document"),
        problems,
        kept.get("beside", {}),
        kept.get("source"),
        kept.get("places", {}),
        kept.get("named", []),
    )


def judge_again(job: ImportJob, notes: list[str]) -> None:
    """Compare anew what is staged already: what is there has changed since."""
    if ImportJob.objects.filter(pk=job.pk, state=State.APPLYING).update(state=State.READING, done=F("total")):
        judge(job, notes)


def compared(job: ImportJob) -> list[tuple[str, Any]]:
    """Slug and the state that each row was compared with."""
    rows = job.rows.exclude(outcome=Outcome.WRONG).values_list("slug", "prepared__seen")
    return list(rows.iterator(chunk_size=5000))


def moved(before: list[tuple[str, Any]], exchange: Exchange) -> list[str]:
    """Slugs whose live item is no longer as it was compared."""
    now = exchange.seen()
    return sorted(slug for slug, seen in before if now.get(slug) != seen)


def moved_note(slugs: list[str]) -> str:
    text = ngettext(
        "%(count)d item was changed by somebody meanwhile, so nothing was imported: %(slugs)s. It has been compared "
        "anew; look again and import.",
        "%(count)d items were changed by somebody meanwhile, so nothing was imported: %(slugs)s. They have been "
        "compared anew; look again and import.",
        len(slugs),
    )
    return text % {"count": len(slugs), "slugs": "、".join(slugs[:10])}


def pages(rows: QuerySet[StagedRow]) -> Iterator[list[StagedRow]]:
    """Rows in file order, some at a time, none of them read while others are written: an open cursor of SQLite keeps
    its view of the database, and from an old view nobody may write."""
    keys = list(rows.order_by("row", "pk").values_list("pk", flat=True))
    for chosen in in_chunks(keys, CHUNK):
        yield list(rows.filter(pk__in=chosen).order_by("row", "pk"))


def _beat(job: ImportJob, **values: Any) -> None:
    if not jobs.beat(job.pk, State.READING, **values):
        raise Lost


def _chunks(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
