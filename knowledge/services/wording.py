"""A card's document for people: codes in words, keys named as the form names its boxes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from knowledge.documents import Document, line_id
from knowledge.enums import Competency, Course, CustomerGroup, Rule, Side, Stage
from knowledge.models import Card, Fact

CARD_WORDS = {
    "slug": _("slug"),
    "title": _("title"),
    "stage": _("stage"),
    "course": _("course"),
    "competency": _("competency"),
    "groups": _("customer groups"),
    "facts": _("facts"),
    "neighbours": _("easily confused with"),
    "trigger": _("when to speak first"),
    "aliases": _("customers say"),
    "keywords": _("search words"),
    "audience": _("only for teams"),
    "do": _("Say"),
    "dont": _("Don't say"),
    "principle": _("principle"),
    # Of a line
    "code": _("short code"),
    "text": _("text"),
    "why": _("reason"),
    "breaks": _("rules it breaks"),
}


def read_card(document: Document) -> Document:
    """The document with its codes in words: what a trainer sees, never what is stored."""
    said = dict(document)
    for key, choices in (("stage", Stage), ("course", Course), ("competency", Competency)):
        said[key] = _label(choices, document[key])
    said["groups"] = [_label(CustomerGroup, code) for code in document["groups"]]
    said["facts"] = read_facts(document["facts"])
    titles = dict(Card.objects.filter(slug__in=document["neighbours"]).values_list("slug", "title"))
    said["neighbours"] = [titles.get(slug, slug) for slug in document["neighbours"]]
    if "audience" in document:
        names = dict(Team.objects.filter(code__in=document["audience"]).values_list("code", "name"))
        said["audience"] = [names.get(code, code) for code in document["audience"]]
    for side in Side:
        said[side.value] = [_line(line) for line in document[side.value]]
    return said


def read_facts(codes: list[str]) -> list[str]:
    """Fact ids, each with what it says."""
    texts = dict(Fact.objects.filter(code__in=codes).values_list("code", "text"))
    return [f"{code} {texts[code]}" if code in texts else code for code in codes]


def _line(line: Document) -> Document:
    """A line knows itself by its identity, which is no word for people (services.workflow.same_row)."""
    said: Document = {"id": line.get("id") or line_id(line["code"]), "code": line["code"]}
    said |= {key: line[key] for key in ("text", "why") if key in line}
    if "breaks" in line:
        said["breaks"] = [_label(Rule, code) for code in line["breaks"]]
    return said


def _label(choices: type, code: str) -> str:
    """The word for a code; the code itself where a later version of the site knows it no more."""
    return str(dict(choices.choices).get(code, code))  # type: ignore[attr-defined]
