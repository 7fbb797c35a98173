"""What an item is today: the question, checkpoint or line as it is published, for a reader who may see it.

Whatever can be graded is asked as a frozen question (training/documents.py) and graded by training/grading.py like
anywhere else; a line and a point of the desk are recalled in the head, and rated by whoever recalls them.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Exists, Func, IntegerField, OuterRef, Q, TextField, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Left, StrIndex, Substr

from knowledge import markdown
from knowledge.enums import Side, Status
from knowledge.models import Card, Line
from knowledge.text import fill_defaults
from training.documents import freeze
from training.enums import QuestionType
from training.models import Dialogue, Lesson, Question, RecallItem
from training.services import drawing
from training.services.recall import Kind
from training.services.recall_sources import check_document


@dataclass(frozen=True, slots=True)
class Ask:
    """An item as it is asked now: `document` is a frozen question, or nothing where one rates oneself; then `answer`
    is what was to be remembered, `said` what was said instead, at the desk."""

    item: RecallItem
    prompt: str
    document: Mapping[str, Any] | None = None
    answer: str = ""
    said: str = ""
    why: str = ""
    code: str = ""
    href: str = ""
    about: str = field(default="", compare=False)

    @property
    def digest(self) -> str:
        """Tells one text from another, so that an answer to the old one is not held against the new."""
        text = json.dumps([self.document, self.answer], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def length(self) -> int:
        """Characters to be read before answering."""
        parts = [part for name in ("options", "steps", "pairs") for part in (self.document or {}).get(name, ())]
        words = [part.get("text") or part.get("left", "") + part.get("right", "") for part in parts]
        return len(self.prompt) + sum(map(len, words))


class Length(Func):
    """How many things a JSON list holds."""

    output_field = IntegerField()
    function = "jsonb_array_length"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_array_length", **context)


def alive(user: Any) -> Any:
    """This person's items that can be asked today; the others wait unseen.

    Their source is published and theirs to read, and has not lost what the item is of. One query, and the same answer
    as `live` gives item by item: what is counted is what is asked.
    """
    cards = Card.objects.visible_to(user).published()
    said = Line.objects.copyable().filter(card__in=cards)
    avoided = Line.objects.filter(side=Side.DONT, code=OuterRef("what"), card__slug=OuterRef("source"))
    checks = Lesson.objects.published().annotate(count=Length("checks"))
    # A dialogue that is gone for good leaves what was missed in it: the front says all there is to say.
    withdrawn = Dialogue.objects.exclude(status=Status.PUBLISHED)
    closed = Card.objects.published().exclude(pk__in=Card.objects.visible_to(user).values("pk"))
    hash_at = StrIndex("key", Value("#"))
    return (
        RecallItem.objects.filter(user=user.pk)
        .annotate(
            source=Left("key", hash_at - 1),
            what=Substr("key", hash_at + 1),
            # Only of a checkpoint is it a number; PostgreSQL would not have another cast.
            number=Cast(
                Case(When(kind=Kind.CHECK, then=Substr("key", hash_at + 1)), default=Value("0")), IntegerField()
            ),
            about=Coalesce(KT("front__card"), Value(""), output_field=TextField()),
        )
        .filter(
            Q(kind=Kind.QUESTION, key__in=_asked(user).values("code"))
            | (Q(kind=Kind.CHECK) & Exists(checks.filter(slug=OuterRef("source"), count__gte=OuterRef("number"))))
            | (
                Q(kind=Kind.DRILL, source__in=said.values("card__slug"))
                & (Q(what=CODE) | (~Q(what=CODE) & Exists(avoided)))
            )
            | Q(kind=Kind.LINE, key__in=said.filter(favourites__user=user.pk).values("code"))
            | (Q(kind=Kind.POINT) & ~Q(source__in=withdrawn.values("slug")) & ~Q(about__in=closed.values("slug")))
        )
    )


def _asked(user: Any) -> Any:
    """Questions for this person, without a better reply of two whose card has lost one of them (drawing.askable)."""
    both = [Q(Exists(Line.objects.filter(code=OuterRef(name)))) for name in ("first_line", "second_line")]
    return (
        Question.objects.published()
        .for_teams_of(user)
        .annotate(first_line=KT("body__options__0__line"), second_line=KT("body__options__1__line"))
        .filter(~Q(type=QuestionType.BETTER) | (both[0] & both[1]))
    )


def live(item: RecallItem, user: Any) -> Ask | None:
    """The item as it is asked now; nothing when too little of it is left to be asked, or it is not for this reader."""
    return READERS[item.kind](item, user)


def _rng(item: RecallItem) -> random.Random:
    """The same order until the item has been answered, another one the next time."""
    return random.Random(f"{item.pk}:{item.times}")  # noqa: S311 the order of options is no secret


def _question(item: RecallItem, user: Any) -> Ask | None:
    found = Question.objects.published().for_teams_of(user).filter(code=item.key).select_related("card")
    questions = drawing.askable(found)
    if not questions:
        return None
    [document] = drawing.asked_now(questions, _rng(item))
    return Ask(item, document["prompt"], document)


def _check(item: RecallItem, user: Any) -> Ask | None:
    slug, _hash, number = item.key.partition("#")
    lesson = Lesson.objects.published().filter(slug=slug).select_related("course").first()
    if lesson is None or int(number) > len(lesson.checks):
        return None
    document = check_document(lesson, int(number))
    _rng(item).shuffle(document["options"])
    href = f"/learn/{lesson.course.code}/{lesson.slug}/#check-{number}"
    return Ask(item, document["prompt"], document, href=href, about=lesson.title)


def _drill(item: RecallItem, user: Any) -> Ask | None:
    slug, _hash, what = item.key.partition("#")
    card = Card.objects.visible_to(user).published().filter(slug=slug).with_parts().first()
    if card is None or not card.say:
        return None
    rng = _rng(item)
    document = code_document(card, rng) if what == CODE else better_document(card, what, rng)
    return Ask(item, document["prompt"], document, href=card.get_absolute_url(), about=card.title) if document else None


def _line(item: RecallItem, user: Any) -> Ask | None:
    lines = Line.objects.copyable().filter(code=item.key, card__in=Card.objects.visible_to(user).published())
    line = lines.filter(favourites__user=user.pk).select_related("card").first()
    if line is None:
        return None
    prompt = situation(line.card, _rng(item))
    href = line.get_absolute_url()
    return Ask(item, prompt, answer=fill_defaults(line.text), why=line.why, code=line.code, href=href)


def _point(item: RecallItem, user: Any) -> Ask | None:
    source = item.key.partition("#")[0]
    if Dialogue.objects.exclude(status=Status.PUBLISHED).filter(slug=source).exists():
        return None
    front = {name: str(item.front.get(name, "")) for name in ("prompt", "answer", "given", "why", "href", "card")}
    card = Card.objects.published().filter(slug=front["card"]).first() if front["card"] else None
    if card and not Card.objects.visible_to(user).filter(pk=card.pk).exists():
        return None
    href = card.get_absolute_url() if card else front["href"]
    return Ask(item, front["prompt"], answer=front["answer"], said=front["given"], why=front["why"], href=href)


READERS: dict[str, Callable[[RecallItem, Any], Ask | None]] = {
    Kind.QUESTION: _question,
    Kind.CHECK: _check,
    Kind.DRILL: _drill,
    Kind.LINE: _line,
    Kind.POINT: _point,
}
CODE = "code"


# What drills ask, and what is asked again of them. The words are content, and content is Chinese.


def situation(card: Card, rng: random.Random) -> str:
    """The card's title and one way a customer says it."""
    aliases = [alias.text for alias in card.aliases.all()]
    return f"{card.title}。顾客发来：「{rng.choice(aliases)}」" if aliases else f"{card.title}。"


def better_document(card: Card, avoid: str, rng: random.Random) -> dict[str, Any] | None:
    """Which of two lines of the card: the 不该说 line with this code, and a 该说 line."""
    wrong = next((line for line in card.avoid if line.code == avoid), None)
    if wrong is None or not card.say:
        return None
    right = rng.choice(card.say)
    broken = f"{wrong.why}（{'、'.join(wrong.rule_labels)}）" if wrong.breaks else wrong.why
    document = {
        "id": f"{card.slug}#{avoid}",
        "type": "better",
        "facts": [],
        "prompt": f"{situation(card, rng)}下面两句，哪一句更合适？",
        "options": [
            {"line": right.code, "text": fill_defaults(right.text), "right": "yes", "feedback": right.why},
            {"line": wrong.code, "text": fill_defaults(wrong.text), "right": "no", "feedback": broken},
        ],
        "explanation": markdown.plain(card.principle_html),
        "card": card.slug,
    }
    return freeze(document, rng)


def code_document(card: Card, rng: random.Random) -> dict[str, Any]:
    """The short code of any 该说 line of the card."""
    first = card.say[0]
    return {
        "id": f"{card.slug}#{CODE}",
        "type": "fill",
        "facts": [],
        "prompt": f"{situation(card, rng)}回这句话的短码是 ____",
        "answers": [line.code for line in card.say],
        "feedback": "\n".join(f"{line.code}　{fill_defaults(line.text)}" for line in card.say),
        "explanation": first.why,
        "card": card.slug,
    }
