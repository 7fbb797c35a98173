"""Write dialogues of the chat desk: from a document, from the admin. One transaction each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from knowledge.documents import Document, Problem, in_words, tidy_document
from knowledge.enums import Rule, Status
from knowledge.models import Card, Use
from knowledge.models.audience import for_teams_of, may_change_cards
from knowledge.services import checking, revisions
from training.desk.documents import dialogue_problems, in_order
from training.models import Dialogue
from training.models.practice import DialogueQuerySet
from training.services import items, uses

DIALOGUE = Dialogue.search_kind
# The columns that repeat what the document says, to choose by.
COLUMNS = ("title", "stage", "course", "competency", "group")
GRAVE = ("error", "warning")


def playable(user: Any) -> DialogueQuerySet:
    """Published dialogues, but none that leans on a card of other teams."""
    found = Dialogue.objects.published()
    if may_change_cards(user):
        return found
    closed = Use.objects.filter(kind=Use.Kind.DIALOGUE).exclude(for_teams_of(user, "card__audience"))
    return found.exclude(pk__in=closed.values("object_id"))


def hints() -> set[str]:
    """Codes of the rules that only hint, as the rules are today."""
    return {code for code, rule in checking.current_rules().rows.items() if rule.severity not in GRAVE}


def model_problems(document: Document) -> list[Problem]:
    """Models that break a wording rule as the rules are today: what is shown as good has to be sendable."""
    found: list[Problem] = []
    for at, turn in enumerate(document["turns"]):
        codes = dict.fromkeys(one.code for one in checking.judge(turn["model"])[0] if str(one.severity) in GRAVE)
        if codes:
            told = "、".join(str(Rule(code).label) if code in Rule.values else code for code in codes)
            found.append((("turns", at, "model"), _("The checker finds fault with the model: %s") % told))
    return found


def problems(document: Any) -> list[Problem]:
    """Everything wrong with what an author writes: the dialogue, its models, and cards that are not there."""
    if found := dialogue_problems(document, hints()):
        return found
    return [*model_problems(document), *_unknown_cards(document)]


def _unknown_cards(document: Document) -> list[Problem]:
    known = set(Card.objects.filter(slug__in=document["cards"]).values_list("slug", flat=True))
    return [
        (("cards", at), _("Unknown card: %s") % slug) for at, slug in enumerate(document["cards"]) if slug not in known
    ]


@transaction.atomic
def save_document(document: Document, *, author: Any = None, reason: str = "", status: str = "") -> Dialogue:
    """Make this document the live version of its dialogue, creating it when its slug is new. Runs under way keep what
    they began with.

    Raises ValidationError naming every problem; then nothing is written.
    """
    document = in_order(tidy_document(document)) if isinstance(document, dict) else document
    if found := dialogue_problems(document) or _unknown_cards(document):
        raise ValidationError(in_words(found))
    dialogue = Dialogue.objects.filter(slug=document["slug"]).first()
    dialogue = dialogue or Dialogue(slug=document["slug"], status=Status.PUBLISHED)
    fill(dialogue, document)
    dialogue.status = status or dialogue.status
    dialogue.clean_fields()
    dialogue.save()
    uses.write(dialogue, Use.Kind.DIALOGUE, Card.objects.filter(slug__in=document["cards"]))
    revisions.publish(dialogue, DIALOGUE, dialogue.slug, document, author=author, reason=reason)
    return dialogue


def publish_draft(
    document: Document, dialogue: Dialogue, *, author: Any, reason: str, status: str = Status.PUBLISHED
) -> Dialogue:
    """Make a draft the live text of its dialogue. Raises as `save_document`, and for a model that breaks a rule."""
    fixed = document | {"slug": dialogue.slug} if dialogue.slug else document
    if found := dialogue_problems(fixed, hints()) or model_problems(fixed):
        raise ValidationError(in_words(found))
    return save_document(fixed, author=author, reason=reason, status=status)


def fill(dialogue: Dialogue, document: Document) -> None:
    """Put a document into the fields of a dialogue in memory."""
    for key in COLUMNS:
        setattr(dialogue, key, document[key])
    dialogue.document = in_order(document)


def set_status(dialogues: Iterable[Dialogue], status: Status) -> None:
    """Publish, retire or withdraw. Runs under way go on with what they began with."""
    items.set_status(dialogues, status)


def duplicate(dialogue: Dialogue, *, author: Any = None) -> Dialogue:
    """A draft with the same text and a free address."""
    document = dialogue.to_document() | {"slug": items.free_slug(Dialogue, dialogue.slug)}
    return save_document(document, author=author, reason=_("Copied from %s") % dialogue.slug, status=Status.DRAFT)


def delete(dialogues: Iterable[Dialogue]) -> None:
    """Delete for good, as `items.delete` does; finished runs keep what they played."""
    items.delete(DIALOGUE, dialogues)
