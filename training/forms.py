"""What learners send: answers out of form fields, or one as JSON out of a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from knowledge.text import whole
from training.enums import QuestionType
from training.grading import Misfit
from training.models import AttemptItem
from training.services.asking import Asked
from training.services.quizzes import Given

# Longer than any answer there is: 600 characters, each written as \uXXXX\uXXXX.
LONGEST_JSON = 10_000
LARGEST = 2**31 - 1
SENTENCES: dict[str, str | Promise] = {
    "shape": _("This answer does not fit the question. Reload the page and answer it again."),
    "long": _("This is longer than the field takes. Shorten it; what was saved before is still there."),
    "places": _("Give each step a place of its own; until then the order is not saved."),
}


class AnswerForm(forms.Form):
    """One answer from the page's script."""

    answer = forms.CharField(max_length=LONGEST_JSON, strip=False)
    sequence = forms.IntegerField(min_value=1, max_value=LARGEST)
    seconds = forms.IntegerField(min_value=0, max_value=LARGEST)

    def clean_answer(self) -> Any:
        try:
            return json.loads(self.cleaned_data["answer"], parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(str(SENTENCES["shape"])) from error


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def sheet(items: list[AttemptItem], data: QueryDict) -> list[Given]:
    """The whole page without script: an answer for each item whose sequence field was sent along."""
    return [
        Given(
            item.position,
            read(Asked(item.position, item.document, None), data),
            _number(data.get(f"s{item.position}", "")) + 1,
            _number(data.get(f"t{item.position}", "")),
        )
        for item in items
        if f"s{item.position}" in data
    ]


def _number(text: str) -> int:
    return min(whole(text, 10) or 0, LARGEST - 1)


def read(asked: Asked, data: QueryDict) -> Any:
    """The answer in the fields of this question; whether it fits is decided by the grading."""
    return READERS[QuestionType(asked.kind)](asked, data)


def _one(asked: Asked, data: QueryDict) -> Any:
    return data.get(asked.name, "")


def _several(asked: Asked, data: QueryDict) -> Any:
    return data.getlist(asked.name)


def _order(asked: Asked, data: QueryDict) -> Any:
    """The keys by place. A step without a place, or with another's, is left out: the rest is no whole order then."""
    placed: dict[str, str] = {}
    for step in asked.document["steps"]:
        if place := data.get(f"{asked.name}-{step['key']}", ""):
            placed.setdefault(place, step["key"])
    return [placed[place] for place in sorted(placed, key=lambda place: (_number(place), place))]


def _pairs(asked: Asked, data: QueryDict) -> Any:
    return {pair["key"]: data.get(f"{asked.name}-{pair['key']}", "") for pair in asked.document["pairs"]}


READERS: Mapping[QuestionType, Callable[[Asked, QueryDict], Any]] = {
    QuestionType.SINGLE: _one,
    QuestionType.TRUEFALSE: _one,
    QuestionType.BETTER: _one,
    QuestionType.REWRITE: _one,
    QuestionType.FILL: _one,
    QuestionType.MULTIPLE: _several,
    QuestionType.ORDERING: _order,
    QuestionType.MATCHING: _pairs,
}


def sentence(misfit: Misfit | str) -> str:
    """What a learner is told about an answer that does not fit."""
    return str(SENTENCES[misfit.code if isinstance(misfit, Misfit) else misfit])
