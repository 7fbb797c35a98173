"""The book of wrong answers: what somebody got wrong, by competency, with why, where to read on, and when it is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Case, QuerySet, When
from django.utils import timezone

from knowledge.enums import Competency
from knowledge.models import Card
from training.models import Lesson, RecallItem
from training.services import results
from training.services.recall import Kind
from training.services.recall_live import alive
from training.services.results import Told

RESTING = "resting"
# The competencies in the order of the matrix.
MATRIX = Case(*(When(competency=one, then=at) for at, one in enumerate(Competency)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One mistake: as it was asked and answered last, `told` where it can be graded; else a point of the desk, told
    by the item's own words. `card` and `lessons` are those its reader may see today."""

    item: RecallItem
    told: Told | None
    card: Card | None
    lessons: tuple[Lesson, ...]
    due: date

    @property
    def is_due(self) -> bool:
        """Whether it is asked in today's recall."""
        return self.due <= timezone.localdate()

    @property
    def prompt(self) -> str:
        return str(self.item.front.get("prompt", ""))

    @property
    def about(self) -> str:
        """What of a customer's message was missed: several points of one message stand in the book."""
        return self.words["why"].partition("：")[0] if self.item.kind == Kind.POINT else ""

    @property
    def words(self) -> dict[str, str]:
        return {name: str(self.item.front.get(name, "")) for name in ("given", "answer", "why", "href")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader narrowed the book to: a competency, and those asked or those set aside."""

    competency: str = ""
    resting: bool = False


def wanted(query: Mapping[str, str]) -> Wanted:
    """Out of a query; what is no choice of ours is none."""
    competency = query.get("competency", "")
    return Wanted(competency if competency in Competency.values else "", query.get("state", "") == RESTING)


def items(user: Any, chosen: Wanted) -> QuerySet[RecallItem]:
    """The mistakes of this choice, each competency's together, most often wrong first. Stars are no mistakes."""
    found = alive(user).exclude(kind=Kind.LINE).filter(resting=chosen.resting)
    if chosen.competency:
        found = found.filter(competency=chosen.competency)
    mine: QuerySet[RecallItem] = found.order_by(MATRIX, "-lapses", "due", "pk")
    return mine


def counts(user: Any, chosen: Wanted) -> list[tuple[str, str, int]]:
    """How many mistakes each competency has: code, name and number, in the order of the matrix; none without any."""
    found = Counter(items(user, replace(chosen, competency="")).values_list("competency", flat=True))
    return [(str(one), str(one.label), found[one]) for one in Competency if found[one]]


def entries(found: Sequence[RecallItem], reader: Any) -> list[Entry]:
    """A page of the book. Two queries, however many there are."""
    cards, lessons = _cards(found, reader), _lessons(found)
    return [_entry(item, cards, lessons) for item in found]


def _entry(item: RecallItem, cards: Mapping[str, Card], lessons: Iterable[Lesson]) -> Entry:
    asked = item.front.get("asked")
    return Entry(
        item=item,
        told=results.told_now(asked, item.front.get("reply"), item.front.get("found", ())) if asked else None,
        card=cards.get(_card(item)),
        lessons=tuple(lesson for lesson in lessons if _teaches(lesson, item))[: results.LESSONS_SHOWN],
        due=timezone.localdate(item.due),
    )


def _card(item: RecallItem) -> str:
    return str(item.front.get("card", "")) or (item.key.partition("#")[0] if item.kind == Kind.DRILL else "")


def _facts(item: RecallItem) -> set[str]:
    return set(item.front.get("asked", {}).get("facts", ()))


def _teaches(lesson: Lesson, item: RecallItem) -> bool:
    if item.kind == Kind.CHECK:
        return lesson.slug == item.key.partition("#")[0]
    return bool(_facts(item).intersection(lesson.facts))


def _cards(found: Iterable[RecallItem], reader: Any) -> dict[str, Card]:
    slugs = {slug for item in found if (slug := _card(item))}
    return {card.slug: card for card in Card.objects.visible_to(reader).published().filter(slug__in=slugs)}


def _lessons(found: Sequence[RecallItem]) -> list[Lesson]:
    """Published lessons that teach a fact of any of these, or hold one of the checkpoints."""
    lessons = Lesson.objects.published().select_related("course").only("slug", "title", "facts", "course__code")
    return [lesson for lesson in lessons if any(_teaches(lesson, item) for item in found)]


def set_aside(item: RecallItem, resting: bool) -> None:
    """Let a mistake rest, or ask it again; its schedule stays. A new wrong answer brings it back by itself."""
    RecallItem.objects.filter(pk=item.pk).update(resting=resting)
