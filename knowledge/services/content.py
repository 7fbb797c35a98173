"""Load and export the starter content in fixtures/: all or nothing, and never over a trainer's edit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Team
from knowledge import files
from knowledge.documents import (
    OPTIONAL_KEYS,
    Document,
    Problem,
    card_problems,
    digest,
    line_id,
    take_status,
    tidy_document,
    with_status,
)
from knowledge.enums import Course, Side, Status
from knowledge.files import FileProblem, Parsed
from knowledge.models import Card, ComplianceNote, Fact, Line, SynonymGroup, Tombstone, Use
from knowledge.models.card import CardQuerySet
from knowledge.models.synonym import parse_words
from knowledge.search.indexed import indexing_batch
from knowledge.services import cards

CARD = Card.search_kind
WIDTHS = {"id": 6, "title": 40}  # of the registries' columns


@dataclass
class Report:
    """What a load did, as lists of names."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    # What the sections of the apps above did, by their names; those that had nothing to load are left out.
    sections: dict[str, Report] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any((self.created, self.updated, self.same, self.kept, self.deleted))


@dataclass
class Reading:
    """What a section may know while it reads: the folder, where to put problems, and what stands in the files
    and the database below it: fact ids, and short codes of lines by the slug of their card."""

    folder: Path
    problems: list[FileProblem]
    facts: set[str]
    cards: dict[str, set[str]]


Write = Callable[[Path, str], None]


class Section(Protocol):
    """Starter content of an app above, loaded and exported with the cards."""

    name: str

    def label(self) -> str:
        """Its name for people."""

    def read(self, reading: Reading) -> Any:
        """What the folder holds for this section. Writes nothing; problems go into `reading.problems`."""

    def write(self, data: Any, force: set[str], report: Report) -> None:
        """Bring in what `read` returned, inside the loader's transaction. May raise ContentProblems."""

    def export(self, folder: Path, write: Write) -> list[Path]:
        """Write everything that is not retired in the form `read` reads. Returns the paths."""


_sections: dict[str, Section] = {}


def register(section: Section) -> None:
    """Have a section loaded after the cards and after the sections registered before it."""
    _sections[section.name] = section


def sections() -> list[Section]:
    return list(_sections.values())


class ContentProblems(Exception):
    """Every problem of a load, each with file and line. Nothing was written."""

    def __init__(self, problems: list[FileProblem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


def load(folder: Path, force: Iterable[str] = ()) -> Report:
    """Bring registries, synonyms, cards and the registered sections of a folder into the database.

    A card, or an item of a section, that a trainer has edited or deleted stays as it is unless its slug is in `force`.
    Raises ContentProblems; then nothing has changed.
    """
    problems: list[FileProblem] = []
    facts = _rows(folder / "facts.yaml", "facts", problems, ("id", "course", "text"), {})
    notes = _rows(
        folder / "compliance.yaml",
        "notes",
        problems,
        ("id", "title", "note", "basis", "checked"),
        {"applies_to": list},
    )
    groups = _synonyms(folder / "synonyms.yaml", problems)
    parsed = _card_files(folder / "cards", problems)
    known = {row["id"] for row in facts.value} if facts else set()
    problems += _cross_problems(parsed, known, notes)
    reading = Reading(folder, problems, known, _lines_by_card(parsed))
    data = {section.name: section.read(reading) for section in sections()}
    if problems:
        raise ContentProblems(problems)
    report = Report()
    with transaction.atomic(), indexing_batch():
        if facts and notes:
            _write_registries(facts.value, notes.value)
        _write_synonyms(groups)
        for item in parsed:
            _write_card(item, set(force), report)
        for section in sections():
            done = Report()
            section.write(data[section.name], set(force), done)
            if done:
                report.sections[section.name] = done
    return report


def _lines_by_card(parsed: list[Parsed]) -> dict[str, set[str]]:
    """Short codes by card, of the files and of the database together: either may be the one that stays."""
    found: dict[str, set[str]] = {slug: set() for slug in Card.objects.values_list("slug", flat=True)}
    for slug, code in Line.objects.values_list("card__slug", "code"):
        found[slug].add(code)
    for item in parsed:
        codes = {line["code"] for side in Side for line in item.value[side.value]}
        found.setdefault(item.value["slug"], set()).update(codes)
    return found


def _rows(
    path: Path, key: str, problems: list[FileProblem], texts: tuple[str, ...], others: dict[str, type]
) -> Parsed | None:
    """A registry file: one list of mappings under `key`, all with exactly these keys. None when it is unusable."""
    try:
        parsed = files.read(path)
        if not isinstance(parsed.value, dict) or list(parsed.value) != [key]:
            raise parsed.problem((), _("the one key here is %r") % key)
        rows = parsed.value[key]
        if not isinstance(rows, list):
            raise parsed.problem((key,), _("a list is needed here"))
        lines = {at[1:]: line for at, line in parsed.lines.items() if at[:1] == (key,)}
        parsed = Parsed(path, rows, lines)
        for index, row in enumerate(rows):
            _check_row(parsed, index, row, texts, others)
        return parsed
    except FileProblem as problem:
        problems.append(problem)
        return None


def _check_row(parsed: Parsed, index: int, row: Any, texts: tuple[str, ...], others: dict[str, type]) -> None:
    if not isinstance(row, dict) or set(row) != {*texts, *others}:
        raise parsed.problem((index,), _("the keys here are %s") % "、".join([*texts, *others]))
    for name in texts:
        if not isinstance(row[name], str) or not row[name].strip():
            raise parsed.problem((index, name), _("a text is needed here"))
        if len(row[name]) > WIDTHS.get(name, len(row[name])):
            raise parsed.problem((index, name), _("at most %d characters fit here") % WIDTHS[name])
    for name, kind in others.items():
        if not isinstance(row[name], kind) or not all(isinstance(item, str) for item in row[name]):
            raise parsed.problem((index, name), _("a list is needed here"))
    if "course" in row and row["course"] not in Course.values:
        raise parsed.problem((index, "course"), _("%r is no course") % row["course"])
    if any(other["id"] == row["id"] for other in parsed.value[:index]):
        raise parsed.problem((index, "id"), _("%r stands here twice") % row["id"])


def _synonyms(path: Path, problems: list[FileProblem]) -> list[list[str]]:
    try:
        parsed = files.read(path)
        groups = parsed.value.get("groups") if isinstance(parsed.value, dict) else None
        if not isinstance(groups, list):
            raise parsed.problem((), _("the one key here is %r") % "groups")
        for index, words in enumerate(groups):
            if not isinstance(words, list) or len(words) < 2 or not all(isinstance(word, str) for word in words):
                raise parsed.problem(("groups", index), _("a group is a list of two or more words"))
            try:
                SynonymGroup(words=" ".join(words)).full_clean()
            except ValidationError as error:
                raise parsed.problem(("groups", index), " ".join(error.messages)) from error
        return groups
    except FileProblem as problem:
        problems.append(problem)
        return []


def _card_files(folder: Path, problems: list[FileProblem]) -> list[Parsed]:
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            parsed = files.read(path)
        except FileProblem as problem:
            problems.append(problem)
            continue
        parsed.value = tidy_document(parsed.value)
        told: list[Problem] = []
        if isinstance(parsed.value, dict):
            parsed.status, told = take_status(parsed.value)
        wrong = [parsed.problem(at, str(sentence)) for at, sentence in (*told, *card_problems(parsed.value))]
        if not wrong and parsed.value["slug"] != path.stem:
            wrong = [parsed.problem(("slug",), _("the slug must be the file's name"))]
        problems += wrong
        if not wrong:
            found.append(parsed)
    return found


def _cross_problems(parsed: list[Parsed], known_facts: set[str], notes: Parsed | None) -> list[FileProblem]:
    """What only the whole set shows: unknown facts, neighbours and teams, short codes and aliases given twice."""
    found: list[FileProblem] = []
    slugs = {item.value["slug"] for item in parsed} | set(Card.objects.values_list("slug", flat=True))
    teams = set(Team.objects.values_list("code", flat=True))
    # A team that has gone since stays where the live card still names it, or an export could not be loaded again.
    audiences = dict(Card.objects.values_list("slug", "audience"))
    seen: dict[str, str] = {}
    for item in parsed:
        card = item.value
        for key, among in (("facts", known_facts), ("neighbours", slugs)):
            found += [
                item.problem((key, at), _("%r is not known") % name)
                for at, name in enumerate(card[key])
                if name not in among
            ]
        for at, code in enumerate(card.get("audience", [])):
            if code not in teams and code not in audiences.get(card["slug"], ()):
                found.append(item.problem(("audience", at), _("Unknown team: %s") % code))
        for side in ("do", "dont"):
            for at, line in enumerate(card[side]):
                if (other := seen.setdefault(line["code"], card["slug"])) != card["slug"]:
                    found.append(item.problem((side, at, "code"), _("%s is used by %s") % (line["code"], other)))
        for name in ("aliases", "keywords"):
            for at, text in enumerate(card.get(name, [])):
                if (other := seen.setdefault(f"alias {text}", card["slug"])) != card["slug"]:
                    found.append(item.problem((name, at), _("%s is used by %s") % (text, other)))
    if notes:
        for index, note in enumerate(notes.value):
            found += [
                notes.problem((index, "applies_to", at), _("%r is not known") % fact)
                for at, fact in enumerate(note["applies_to"])
                if fact not in known_facts
            ]
    return found


def _write_registries(facts: list[dict[str, str]], notes: list[dict[str, Any]]) -> None:
    """Only what differs is written: a second load leaves the database alone."""
    known = set(Fact.objects.values_list("code", "course", "text"))
    for row in facts:
        if (row["id"], row["course"], row["text"]) not in known:
            Fact.objects.update_or_create(code=row["id"], defaults={"course": row["course"], "text": row["text"]})
    texts = ("title", "note", "basis", "checked")
    stored = {note.pk: note for note in ComplianceNote.objects.prefetch_related("applies_to")}
    for row in notes:
        note = stored.get(row["id"])
        if note is None or any(getattr(note, key) != row[key] for key in texts):
            values = {key: row[key] for key in texts}
            note, _created = ComplianceNote.objects.update_or_create(code=row["id"], defaults=values)
        if {fact.pk for fact in note.applies_to.all()} != set(row["applies_to"]):
            note.applies_to.set(Fact.objects.filter(code__in=row["applies_to"]))
            note.save()  # `updated_at` is the version of what is shown where


def _write_synonyms(groups: list[list[str]]) -> None:
    """Starter groups are added once; a group a trainer changed or removed is not brought back."""
    for words in groups:
        joined = " ".join(parse_words(" ".join(words)))
        _tombstone, new = Tombstone.objects.get_or_create(kind="synonyms", slug=joined[:120])
        if new:
            SynonymGroup.objects.create(words=joined)


def _write_card(item: Parsed, force: set[str], report: Report) -> None:
    document: Document = item.value
    slug = document["slug"]
    card = Card.objects.with_parts().filter(slug=slug).first()
    if card is None and slug not in force and Tombstone.objects.filter(kind=CARD, slug=slug).exists():
        report.deleted.append(slug)
        return
    if card and card.current_hash == digest(card_form(document)):
        if card.edited_by_trainer:  # into what the file says too: nothing is left to keep
            cards.mark_as_loaded(card)
        report.same.append(slug)
        return
    if card and slug not in force and card.edited_by_trainer:
        report.kept.append(slug)
        return
    try:
        written = cards.publish_document(
            document, reason=_("Starter content"), status=card.status if card else item.status or Status.PUBLISHED
        )
    except ValidationError as error:
        raise ContentProblems([item.problem((), " ".join(error.messages))]) from error
    cards.mark_as_loaded(written)
    # The starter texts were checked for this release; from here on the shop's own trainers verify them.
    Card.objects.filter(pk=written.pk).update(verified_on=timezone.localdate())
    Tombstone.objects.filter(kind=CARD, slug=slug).delete()
    (report.updated if card else report.created).append(slug)


def card_form(document: Document) -> Document:
    """A card document as `Card.to_document` would give it: derived ids and empty optional parts are left out, the
    teams in their order."""
    form = {key: value for key, value in document.items() if value or key not in OPTIONAL_KEYS}
    if "audience" in form:
        form["audience"] = sorted(form["audience"])
    for side in ("do", "dont"):
        form[side] = [
            {key: value for key, value in line.items() if key != "id" or value != line_id(line["code"])}
            for line in document[side]
        ]
    return form


def export(folder: Path, write: Write | None = None) -> list[Path]:
    """Write every card that is not retired, and those retired that something still leans on, as
    fixtures/cards/<slug>.yaml, in the form `load` reads, then what the registered sections hold.

    Each file is complete before it takes its name: a full disk leaves the old file whole. Returns the paths.
    """
    write = write or write_whole
    target = folder / "cards"
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for card in needed_cards().with_parts().order_by("slug"):
        path = target / f"{card.slug}.yaml"
        write(path, files.dump(with_status(card.to_document(), card.status)))
        paths.append(path)
    for section in sections():
        paths += section.export(folder, write)
    return paths


def needed_cards() -> CardQuerySet:
    """What an export holds. Without a retired card that a lesson, a question or a neighbour names it could not be
    loaded again."""
    named = set()
    wanted = set(Card.objects.exclude(status=Status.RETIRED).values_list("pk", flat=True))
    wanted |= set(Use.objects.values_list("card", flat=True))
    rows = {slug: (pk, near) for slug, pk, near in Card.objects.values_list("slug", "pk", "neighbours")}
    todo = [slug for slug, (pk, _near) in rows.items() if pk in wanted]
    while todo:
        slug = todo.pop()
        if slug in rows and slug not in named:
            named.add(slug)
            todo += rows[slug][1]
    return Card.objects.filter(pk__in=[rows[slug][0] for slug in named])


def write_whole(path: Path, text: str) -> None:
    """Write to a neighbour and rename. Raises OSError with the old file untouched and no leftovers."""
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
