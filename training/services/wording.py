"""The documents of lessons, questions and dialogues for people: codes in words, keys named as the boxes of forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.documents import Document
from knowledge.enums import Competency, CustomerGroup, Rule, Stage
from knowledge.enums import Course as CourseCode
from knowledge.models import Card, Line
from knowledge.services.wording import read_facts
from training.enums import QuestionType
from training.models import Course

OPTION_WORDS = {
    "options": _("options"),
    "text": _("text"),
    "line": _("line"),
    "right": _("right"),
    "feedback": _("feedback"),
    "facts": _("facts"),
}
LESSON_WORDS = {
    **OPTION_WORDS,
    "course": _("course"),
    "slug": _("slug"),
    "position": _("position"),
    "title": _("title"),
    "minutes": _("minutes"),
    "takeaways": _("takeaways"),
    "checks": _("checkpoints"),
    "body": _("text"),
    "prompt": _("situation and question"),
}
QUESTION_WORDS = {
    **OPTION_WORDS,
    "id": _("id"),
    "type": _("type"),
    "competency": _("competency"),
    "difficulty": _("difficulty"),
    "card": _("card"),
    "prompt": _("situation and question"),
    "steps": _("steps, in the right order"),
    "pairs": _("pairs"),
    "left": _("left side"),
    "answers": _("accepted answers"),
    "draft": _("reply to be rewritten"),
    "points": _("required points"),
    "name": _("what the reply must say"),
    "any": _("wordings that count, one a line"),
    "forbids": _("wordings that spoil the reply"),
    "model": _("a good reply"),
    "explanation": _("explanation"),
}


def read_lesson(document: Document) -> Document:
    """The document with its codes in words."""
    titles = dict(Course.objects.filter(code=document["course"]).values_list("code", "title"))
    checks = [{**check, "options": [_option(one, {}) for one in check["options"]]} for check in document["checks"]]
    return {
        **document,
        "course": titles.get(document["course"], document["course"]),
        "facts": read_facts(document["facts"]),
        "checks": checks,
    }


def read_question(document: Document) -> Document:
    """The document with its codes in words, lines of a card with what they say."""
    said = {
        **document,
        "type": str(dict(QuestionType.choices).get(document["type"], document["type"])),
        "competency": str(dict(Competency.choices).get(document["competency"], document["competency"])),
        "facts": read_facts(document["facts"]),
    }
    if slug := document.get("card"):
        said["card"] = Card.objects.filter(slug=slug).values_list("title", flat=True).first() or slug
    if options := document.get("options"):
        codes = [option["line"] for option in options if "line" in option]
        texts = dict(Line.objects.filter(code__in=codes).values_list("code", "text")) if codes else {}
        said["options"] = [_option(option, texts) for option in options]
    return said


def _option(option: Document, texts: Mapping[str, Any]) -> Document:
    said = {**option, "right": gettext("Yes") if option["right"] == "yes" else gettext("No")}
    if "line" in option:
        said["line"] = f"{option['line']} {texts.get(option['line'], '')}".strip()
    return said


DIALOGUE_WORDS = {
    "slug": _("slug"),
    "title": _("title"),
    "stage": _("stage"),
    "course": _("course"),
    "competency": _("competency"),
    "group": _("customer group"),
    "facts": _("facts"),
    "cards": _("cards"),
    "brief": _("what the trainee can look up"),
    "mood": _("satisfaction"),
    "patience": _("patience"),
    "again": _("asking again"),
    "first_seconds": _("seconds to the first answer"),
    "seconds": _("seconds to each later answer"),
    "turns": _("turns"),
    "endings": _("endings"),
    "id": _("id"),
    "say": _("customer says"),
    "points": _("required points"),
    "bonus": _("points beyond that"),
    "nudge": _("nudge"),
    "model": _("a good reply"),
    "branches": _("branches"),
    "name": _("what the reply must say"),
    "any": _("wordings that count, one a line"),
    "why": _("reason"),
    "to": _("leads to"),
    "breaks": _("breaks one of these rules"),
    "has": _("makes all of these points"),
    "misses": _("misses one of these points"),
    "score_below": _("percent so far below"),
    "slower": _("slower than seconds"),
    "kind": _("outcome"),
}
OUTCOMES = {"good": _("good ending"), "fair": _("fair ending"), "bad": _("bad ending")}


def read_dialogue(document: Document) -> Document:
    """The document with its codes in words."""
    said = dict(document)
    for key, choices in (
        *(("stage", Stage), ("course", CourseCode)),
        *(("competency", Competency), ("group", CustomerGroup)),
    ):
        said[key] = str(dict(choices.choices).get(document[key], document[key]))
    said["facts"] = read_facts(document["facts"])
    titles = dict(Card.objects.filter(slug__in=document["cards"]).values_list("slug", "title"))
    said["cards"] = [titles.get(slug, slug) for slug in document["cards"]]
    rules = {**dict(Rule.choices), "any": gettext("any error or warning")}
    said["turns"] = [
        {
            **turn,
            "branches": [
                {**branch, "breaks": [str(rules.get(code, code)) for code in branch["breaks"]]}
                if "breaks" in branch
                else branch
                for branch in turn["branches"]
            ],
        }
        for turn in document["turns"]
    ]
    said["endings"] = [
        {**ending, "kind": str(OUTCOMES.get(ending["kind"], ending["kind"]))} for ending in document["endings"]
    ]
    return said
