"""The sentences that name what has no counterpart here."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from training.exchange.moodle import Loss

SENTENCES = {
    # The question as a whole.
    "type": _("Left out: a question of the type “%s” cannot be asked here."),
    "limits": _("Left out: it is sound in Moodle but cannot be asked here (%s)."),
    "twice": _("Left out: the same question stands in line %s already."),
    "gaps": _("Left out: it has %s gaps; here a question has one."),
    # Its answers.
    "partial": _("Answers worth a part of the points count as wrong here: %s"),
    "weights": _("The weights are not kept (%s): here right ones count alike, and a wrong one takes one of them off."),
    "several": _("Any of several answers was right there; here all of them are to be chosen: %s"),
    "one": _("Several could be chosen there; here it has one right answer."),
    "all-or-nothing": _("Points were given for the whole answer only; here every right choice counts."),
    "wildcard": _("A pattern cannot be an accepted answer and is left out: %s"),
    "case": _("Capital and small letters mattered there; here they do not."),
    "tolerance": _("A range of numbers cannot be accepted here. Accepted are: %s"),
    "sign": _("The sign of a number does not count here: %s"),
    "distractor": _("Answers that match nothing are left out: %s"),
    "units": _("Units of numbers are left out: %s"),
    "subset": _("Only some of the steps were shown there; here all of them are put in order."),
    "grading": _("The way of giving points is not kept: %s"),
    "braces": _("A second pair of braces stays as text: %s"),
    "gap": _("The text had no gap; one was put at its end."),
    "gap-more": _("The text had several gaps; only the first one is kept as a gap."),
    # What goes with them.
    "answer-feedback": _("Feedback that has no place here is left out: %s"),
    "whole-feedback": _("Feedback on the answer as a whole is left out: %s"),
    "hints": _("Hints are left out: %s"),
    "settings": _("Settings without a counterpart are left out: %s"),
    "element": _("Parts of the file not known here are left out: %s"),
    "hidden": _("It was hidden there."),
    "name": _("Its name is not kept: %s"),
    "id": _("Its id there was %s."),
    "tags": _("Tags are left out: %s"),
    "category": _("Its category is not kept: %s"),
    "category-id": _("The id of a category is left out: %s"),
    "category-info": _("The description of a category is left out: %s"),
    "meta": _("Our own note beside it cannot be read and is left out."),
    "reply": _("The wording of the replies stays that of the card: %s"),
    # Its text.
    "picture": _("Pictures are left out: %s"),
    "file": _("Attached files are left out: %s"),
    "media": _("Embedded parts are left out: %s"),
    "formatting": _("Formatting is left out, the words are kept: %s"),
    "table": _("A table is kept as lines of text."),
    # What our questions need and the file had not.
    "defaults": _("The file has no such thing, so this was put in: %s"),
}
# Why a question cannot be read, and the whole file with it.
BROKEN = {
    "limits": _("it cannot be asked like this: %s"),
    "control": _("control characters are not allowed"),
    "open": _("the answers begin with { but never end; a blank line ends a question"),
    "close": _("a } stands here without a { before it"),
    "order": _("the } stands before the {"),
    "many": _("a question of more than 100 answers is not read"),
    "few": _("at least two answers are needed here"),
    "arrow": _("a pair is written left -> right"),
    "number": _("a number is needed here"),
    "truefalse": _("one of true and false must be right"),
    "course": _("no category above it names a course: choose one for such questions"),
    "twice": _("another question of this file has this id"),
    "long": _("a text here has more than 20,000 characters"),
}
# Why there is nothing to read.
UNREADABLE = {
    "dtd": _("The file declares a document type or entities. Such files are not read."),
    "xml": _("Line %(line)d: this is not sound XML. Save the file anew from Moodle and try again."),
    "deep": _("Line %(line)d: the file is nested too deep to be Moodle XML."),
    "root": _("This is no Moodle XML: it begins with something other than <quiz>."),
}
# The question does not come in at all.
LEFT_OUT = frozenset({"type", "limits", "twice", "gaps"})


def sentence(loss: Loss) -> str:
    """The loss in words. A sentence without a place for the detail goes without it."""
    text = str(SENTENCES[loss.code])
    return text % loss.detail if "%s" in text else text


def sentences(losses: Iterable[Loss]) -> list[str]:
    return [sentence(loss) for loss in losses]
