"""Write questions: from a document, from the admin, from a card. One transaction each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from knowledge import markdown
from knowledge.documents import Document, in_words, tidy_document
from knowledge.enums import Rule, Status
from knowledge.models import Card, Line, Tombstone, Use
from knowledge.services import revisions
from knowledge.text import fill_defaults
from training.documents import BODY, question_problems
from training.enums import QuestionType
from training.models import Question
from training.services import items, uses

QUESTION = Question.search_kind
# What a trainer can have made from a card with one click.
GENERATED = ("better", "fault")


@transaction.atomic
def save(question: Question, *, author: Any = None, reason: str = "") -> Question:
    """Make what the question's fields say its live version: rows, uses and revision.

    Raises ValidationError naming every problem, lines that are not the card's among them; then nothing is written.
    """
    document = tidy_document(question.to_document())
    if problems := question_problems(document):
        raise ValidationError(in_words(problems))
    _check_lines(question)
    question.clean_fields(exclude=["card"])
    question.save()
    uses.write(question, Use.Kind.QUESTION, [question.card] if question.card else [])
    revisions.publish(question, QUESTION, question.code, document, author=author, reason=reason)
    return question


@transaction.atomic
def save_document(
    document: Document, course: str, *, author: Any = None, reason: str = "", status: str = ""
) -> Question:
    """Make this document the live version of its question, creating the question when its id is new.

    Raises ValidationError as `save` does, and for a card that is not there.
    """
    document = tidy_document(document)
    if problems := question_problems(document):
        raise ValidationError(in_words(problems))
    question = Question.objects.filter(code=document["id"]).first()
    question = question or Question(code=document["id"], status=Status.PUBLISHED)
    question.course = course
    fill(question, document)
    if (slug := document.get("card")) and question.card is None:
        raise ValidationError({"card": _("Unknown card: %s") % slug})
    question.status = status or question.status
    return save(question, author=author, reason=reason)


def publish_draft(
    document: Document, question: Question, *, author: Any, reason: str, status: str = Status.PUBLISHED
) -> Question:
    """Make a draft the live text of its question, drawn from then on unless told otherwise. Raises as
    `save_document`."""
    items.refuse_taken(question, "code")
    fixed = document | {"id": question.code}
    return save_document(fixed, question.course, author=author, reason=reason, status=status)


def fill(question: Question, document: Document) -> None:
    """Put a document into the fields of a question in memory; a card that is gone is none."""
    slug = document.get("card")
    question.card = Card.objects.filter(slug=slug).first() if slug else None
    question.difficulty = int(document["difficulty"])
    for key in ("type", "competency", "facts", "prompt", "explanation"):
        setattr(question, key, document[key])
    question.body = {key: document[key] for key in BODY[document["type"]]}


def _check_lines(question: Question) -> None:
    """A better reply of two is asked with lines of its card: others would never follow an edit."""
    if question.type != QuestionType.BETTER or question.card is None:
        return
    codes = {option["line"] for option in question.body["options"]}
    known = set(Line.objects.filter(card=question.card, code__in=codes).values_list("code", flat=True))
    if unknown := codes - known:
        raise ValidationError({"body": _("Not a line of this card: %s") % "、".join(sorted(unknown))})


def generate_from_card(card: Card, kind: str, *, author: Any = None) -> Question:
    """A draft question from a card's words: `better` (which of two replies) or `fault` (what is wrong with this one).

    Raises ValidationError when the card has not both a 该说 and a 不该说 line, ValueError for another kind.
    """
    if kind not in GENERATED:
        raise ValueError(kind)
    if not card.say or not card.avoid:
        raise ValidationError(_("The card needs a line to say and one not to say."))
    with override("zh-hans"):  # the words of questions are content, and content is Chinese
        words = _better(card) if kind == "better" else _fault(card)
    return save_document(
        {
            "id": _free_code(card.course),
            "type": str(QuestionType.BETTER if kind == "better" else QuestionType.SINGLE),
            "competency": card.competency,
            "difficulty": "1",
            "facts": list(card.facts),
            "card": card.slug,
            **words,
            "explanation": markdown.plain(card.principle_html),
        },
        card.course,
        author=author,
        reason=_("Generated from a card"),
        status=Status.DRAFT,
    )


def next_code(course: str) -> str:
    """The number behind the highest of a course, deleted starter questions counted: `language-23`."""
    held = Question.objects.filter(code__startswith=f"{course}-").values_list("code", flat=True)
    gone = Tombstone.objects.filter(kind=QUESTION, slug__startswith=f"{course}-").values_list("slug", flat=True)
    numbers = [int(found[1]) for code in (*held, *gone) if (found := re.fullmatch(rf"{course}-([0-9]{{1,6}})", code))]
    return f"{course}-{max(numbers, default=0) + 1:02d}"


def set_status(questions: Iterable[Question], status: Status) -> None:
    """Publish, retire or withdraw questions, from the next draw on. Attempts keep what they were asked."""
    Question.objects.filter(pk__in=[question.pk for question in questions]).update(status=status)


def duplicate(question: Question, *, author: Any = None) -> Question:
    """A draft with the same text and the next free code of its course."""
    document = question.to_document() | {"id": next_code(question.course)}
    reason = _("Copied from %s") % question.code
    return save_document(document, question.course, author=author, reason=reason, status=Status.DRAFT)


def delete(questions: Iterable[Question]) -> None:
    """Delete questions for good, as `items.delete` does; attempts keep what they were asked."""
    items.delete(QUESTION, questions, "code")


def _free_code(course: str) -> str:
    taken = set(Question.objects.filter(code__startswith=f"{course}-g").values_list("code", flat=True))
    number = 1
    while (code := f"{course}-g{number:02d}") in taken:
        number += 1
    return code


def _asked(card: Card) -> str:
    alias = card.aliases.first()
    return f"顾客发来：「{alias.text}」" if alias else f"情景：{card.title}。"


def _better(card: Card) -> Document:
    right, wrong = card.say[0], card.avoid[0]
    return {
        "prompt": f"{_asked(card)}下面两句，哪一句更合适？",
        "options": [
            {"line": right.code, "right": "yes", "feedback": right.why},
            {"line": wrong.code, "right": "no", "feedback": wrong.why},
        ],
    }


def _fault(card: Card) -> Document:
    line = card.avoid[0]
    broken = [Rule(code) for code in line.breaks]
    others = [rule for rule in Rule if rule not in broken][:3]
    return {
        "prompt": f"{_asked(card)}客服回：「{fill_defaults(line.text)}」这句话最要紧的毛病是什么？",
        "options": [
            {"text": str(broken[0].label), "right": "yes", "feedback": line.why},
            *({"text": str(rule.label), "right": "no", "feedback": "这句话的毛病不在这里。"} for rule in others),
        ],
    }
