"""Write wording rules: from a document, from the admin, from fixtures/rules. One transaction each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge import files
from knowledge.checker.rules import canonical, rule_problems
from knowledge.documents import Document, Problem, digest, has_control, in_words, tidy_document
from knowledge.enums import Rule, Severity, Status
from knowledge.files import FileProblem, Parsed
from knowledge.models import Card, WordingRule
from knowledge.models.fields import after_all
from knowledge.services import content, revisions

RULE = WordingRule.search_kind
FOLDER = "rules"  # of the content files: a file a rule, named by its code
FORM_WORDS = {"": "", "question": gettext_lazy("in a question"), "statement": gettext_lazy("in a statement")}
WITHIN_WORDS = {
    "": gettext_lazy("the clause"),
    "clause": gettext_lazy("the clause"),
    "sentence": gettext_lazy("the sentence"),
    "reply": gettext_lazy("the whole reply"),
}
RULE_WORDS = {
    "code": gettext_lazy("rule code"),
    "severity": gettext_lazy("severity"),
    "about": gettext_lazy("what it finds, and why it matters"),
    "better": gettext_lazy("better wording"),
    "lesson": gettext_lazy("lesson"),
    "card": gettext_lazy("card"),
    "clues": gettext_lazy("clues"),
    "catches": gettext_lazy("must be found"),
    "passes": gettext_lazy("must not be found"),
    # Of a clue; the next two also of the rule, for all its clues
    "match": gettext_lazy("finds"),
    "beside": gettext_lazy("only beside"),
    "unless": gettext_lazy("not where this overlaps"),
    "without": gettext_lazy("not in a reply with"),
    "within": gettext_lazy("looks only within"),
    "form": gettext_lazy("only"),
    "longest": gettext_lazy("only in replies of at most so many characters"),
    "least": gettext_lazy("at least so many times"),
    "dense": gettext_lazy("one to so many characters at most"),
}


def problems(document: Any) -> list[Problem]:
    """What is wrong with the document of a rule, signs that no database takes among it."""
    return rule_problems(document) or [
        ((key,), _("control characters are not allowed")) for key, value in document.items() if _spoilt(value)
    ]


def _spoilt(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_spoilt, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and has_control(value)


@transaction.atomic
def save_document(document: Document, *, author: Any = None, reason: str = "", status: str = "") -> WordingRule:
    """Make this document the live rule of its code, creating it when the code is new.

    Raises ValidationError naming every problem, examples that the rule breaks among them; then nothing is written.
    """
    document = tidy_document(document)
    if wrong := problems(document):
        raise ValidationError(in_words(wrong))
    rule = WordingRule.objects.filter(code=document["code"]).first()
    rule = rule or WordingRule(code=document["code"], status=Status.PUBLISHED)
    fill(rule, document)
    if document["card"] and rule.card is None:
        raise ValidationError({"card": _("Unknown card: %s") % document["card"]})
    rule.status = status or rule.status
    rule.full_clean(validate_unique=False)
    rule.save()
    revisions.publish(rule, RULE, rule.code, rule.to_document(), author=author, reason=reason)
    return rule


def publish_draft(
    document: Document, rule: WordingRule, *, author: Any, reason: str, status: str = Status.PUBLISHED
) -> WordingRule:
    """Make a draft the live text of its rule. Raises as `save_document`."""
    return save_document(document | {"code": rule.code}, author=author, reason=reason, status=status)


def fill(rule: WordingRule, document: Document) -> None:
    """Put a document into the fields of a rule in memory; a card that is gone is none."""
    document = canonical(document)
    for key in ("severity", "about", "better", "lesson", "clues", "unless", "without", "catches", "passes"):
        setattr(rule, key, document.get(key, []))
    rule.card = Card.objects.filter(slug=document["card"]).first() if document["card"] else None


@transaction.atomic
def set_status(rules: Iterable[WordingRule], status: Status) -> None:
    """Have rules applied or not, from the next request on."""
    pks = [rule.pk for rule in rules]
    WordingRule.objects.filter(pk__in=pks).update(status=status, updated_at=after_all(WordingRule))


def read_rule(document: Document) -> Document:
    """The document with its codes in words: what an approver sees, never what is stored."""
    said = dict(document)
    for key, choices in (("code", Rule), ("severity", Severity)):
        said[key] = str(dict(choices.choices).get(document[key], document[key]))  # type: ignore[attr-defined]
    said["clues"] = [_read_clue(clue) for clue in document["clues"]]
    return said


def _read_clue(clue: Document) -> Document:
    said = dict(clue)
    for key, words in (("within", WITHIN_WORDS), ("form", FORM_WORDS)):
        if key in clue:
            said[key] = str(words.get(clue[key], clue[key]))
    return said


@dataclass(frozen=True, slots=True)
class Read:
    """The rule of a file."""

    document: Document
    parsed: Parsed


class RuleSection:
    """fixtures/rules/<code>.yaml: a rule a code, loaded like cards, never over a trainer's edit."""

    name = RULE

    def label(self) -> str:
        return _("Wording rules")

    def read(self, reading: content.Reading) -> list[Read]:
        found = []
        for path in sorted((reading.folder / FOLDER).glob("*.yaml")):
            try:
                parsed = files.read(path)
            except FileProblem as problem:
                reading.problems.append(problem)
                continue
            item = Read(tidy_document(parsed.value), parsed)
            reading.problems += self._problems(item, reading)
            found.append(item)
        return sorted(found, key=lambda item: _place(item.document))

    def _problems(self, item: Read, reading: content.Reading) -> list[FileProblem]:
        document, problem = item.document, item.parsed.problem
        if wrong := problems(document):
            return [problem(place, sentence) for place, sentence in wrong]
        found = []
        if document["code"] != item.parsed.path.stem:
            found.append(problem(("code",), _("the code must be the file's name")))
        if document["card"] and document["card"] not in reading.cards:
            found.append(problem(("card",), _("Unknown card: %s") % document["card"]))
        return found

    def write(self, data: list[Read], force: set[str], report: content.Report) -> None:
        there = {rule.code: rule for rule in WordingRule.objects.select_related("card")}
        cards = set(Card.objects.values_list("slug", flat=True))
        for item in data:
            document = canonical(item.document)
            if document["card"] not in cards:  # deleted in this shop: the rule holds without it
                document["card"] = ""
            self._settle(item, document, there.get(document["code"]), force, report)

    def _settle(
        self, item: Read, document: Document, found: WordingRule | None, force: set[str], report: content.Report
    ) -> None:
        code, wanted = document["code"], digest(document)
        current = digest(found.to_document()) if found else ""
        if current == wanted:
            report.same.append(code)
        elif found and code not in force and current != found.loaded_hash:
            report.kept.append(code)
            return
        else:
            try:
                found_before, found = found, save_document(document, reason=_("Starter content"))
            except ValidationError as error:
                raise content.ContentProblems([item.parsed.problem((), " ".join(error.messages))]) from error
            (report.updated if found_before else report.created).append(code)
        if found and found.loaded_hash != wanted:
            WordingRule.objects.filter(pk=found.pk).update(loaded_hash=wanted)

    def export(self, folder: Path, write: content.Write) -> list[Path]:
        paths = []
        for rule in WordingRule.objects.exclude(status=Status.RETIRED).select_related("card").order_by("code"):
            path = folder / FOLDER / f"{rule.code}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, files.dump(rule.to_document()))
            paths.append(path)
        return paths


def _place(document: Any) -> int:
    """Of a rule among all: in the order of the codes, what is no rule last."""
    code = document.get("code") if isinstance(document, dict) else None
    return Rule.values.index(code) if code in Rule.values else len(Rule.values)
