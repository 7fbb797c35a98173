"""What an import's page shows of its rows, read for one page of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from knowledge import diff
from knowledge.models import ImportJob, StagedRow
from knowledge.services import workflow
from knowledge.services.exchange.registry import Entry, exchange_of, format_of
from knowledge.services.exchange.staging import row_of

Outcome = StagedRow.Outcome


@dataclass(frozen=True)
class Shown:
    """A row of the preview. `changes` are (name, pieces of the text, old and new)."""

    row: int
    slug: str
    outcome: str
    label: str
    title: str
    problems: list[tuple[str, str]]
    changes: list[tuple[str, tuple[diff.Piece, ...]]]
    named: list[str]


def shown(job: ImportJob, rows: list[StagedRow]) -> list[Shown]:
    """Queries: those of `current`, whatever the number of rows."""
    exchange = exchange_of(job.kind)
    changed = [one.slug for one in rows if one.outcome == Outcome.CHANGED]
    before = exchange.current(changed) if exchange and changed else {}
    return [_shown(job, one, before.get(one.slug)) for one in rows]


def _shown(job: ImportJob, one: StagedRow, before: Entry | None) -> Shown:
    prepared = one.prepared or {}
    document = prepared.get("document") or row_of(one).document or {}
    changes = []
    if one.outcome == Outcome.CHANGED and before is not None:
        changes = list(_changes(job, before, Entry(document, prepared.get("beside", {}))))
    problems = [(str(place), str(sentence)) for place, sentence in one.problems]
    label = Outcome(one.outcome).label
    named = [str(sentence) for sentence in row_of(one).named]
    slug = "" if one.slug.startswith(("=", "#")) else one.slug  # a key made of the words, which are shown beside it
    return Shown(one.row, slug, one.outcome, str(label), title_of(document), problems, changes, named)


def named(job: ImportJob) -> list[tuple[str, list[str]]]:
    """What of the file has no counterpart here: each sentence once, and where it holds. Items of one origin lose the
    same things."""
    found: dict[str, list[str]] = {}
    for row, label, sentences in job.named:
        for sentence in sentences:
            found.setdefault(sentence, []).append(f"{row} {label}".strip())
    return list(found.items())


def title_of(document: dict[str, Any]) -> str:
    """A few words by which a person knows the item."""
    for name in ("title", "prompt", "display_name", "words"):
        if isinstance(document.get(name), str):
            return str(document[name])[:60]
    return ""


def _changes(job: ImportJob, before: Entry, after: Entry) -> Iterator[tuple[str, tuple[diff.Piece, ...]]]:
    """The texts that differ, each with its name."""
    kind = workflow.KINDS.get(job.kind)
    read = kind.read if kind else dict
    words = kind.words if kind else {}
    old, new = read(before.document), read(after.document)
    old |= {name: value for name, value in before.beside.items() if name in after.beside}
    new |= after.beside
    yield from _texts(diff.compare(old, new), words, "")


def _texts(change: diff.Change, words: Any, name: str) -> Iterator[tuple[str, tuple[diff.Piece, ...]]]:
    if change.pieces and change.touched:
        yield name, change.pieces
    for part in change.parts:
        if part.touched:
            own = str(words.get(part.name, part.name))
            yield from _texts(part, words, f"{name} · {own}" if name else own)


def wrong_file(job: ImportJob) -> tuple[bytes, str, str] | None:
    """(bytes, name, content type) of the wrong rows as a file to mend; None when the format has no such thing."""
    form = format_of(job.kind, job.format)
    if form is None or form.give_back is None:
        return None
    rows = job.rows.filter(outcome=Outcome.WRONG).order_by("row", "pk")
    pairs = ((row_of(one).source, [(str(p), str(s)) for p, s in one.problems]) for one in rows.iterator(chunk_size=500))
    stem = job.name.rpartition(".")[0] or job.name
    return form.give_back(pairs), f"{stem}-wrong{form.extensions[0]}", form.content_type
