"""What is sent: learners' answers, out of form fields or one as JSON out of a script, and trainers' deadlines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from knowledge.text import whole
from training.deadlines import MOST_DAYS
from training.enums import Agreement, QuestionType
from training.grading import Misfit
from training.models import AttemptItem, Path
from training.services.asking import Asked
from training.services.assignments import Due
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


# Deadlines

FIXED, RELATIVE = "fixed", "relative"
USUAL_DAYS = 14


class DayInput(forms.DateInput):
    """The browser's own calendar; where it has none, a day is typed as 2026-12-31."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"placeholder": "2026-12-31"})


class PersonChoice(forms.ModelMultipleChoiceField):
    """People with what tells apart two of one name."""

    def _check_values(self, value: Any) -> Any:
        """A number beyond every id is nobody's; SQLite fails over it."""
        try:
            return super()._check_values(value)  # type: ignore[misc]
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid_pk_value"], params={"pk": "…"}) from error

    def label_from_instance(self, obj: Any) -> str:
        parts = (str(obj), obj.staff_number or obj.username, obj.team.name if obj.team else "")
        return " · ".join(part for part in parts if part)


class AssignForm(forms.Form):
    """A path for teams and people, by when. What can be chosen is what the trainer or manager may see."""

    path = forms.ModelChoiceField(
        Path.objects.none(), label=_("Path"), to_field_name="slug", empty_label=_("Choose a path")
    )
    when = forms.ChoiceField(
        label=_("Due"),
        choices=[(RELATIVE, _("days after today, or after joining the team")), (FIXED, _("on a day"))],
        widget=forms.RadioSelect,
        initial=RELATIVE,
    )
    due_days = forms.IntegerField(label=_("Days"), required=False, min_value=1, max_value=MOST_DAYS, initial=USUAL_DAYS)
    due_on = forms.DateField(label=_("Day"), required=False, widget=DayInput)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label=_("Teams"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever joins the team later has it to do too, counted from joining."),
    )
    people = PersonChoice(User.objects.none(), label=_("People"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, teams: QuerySet[Team], people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields
        choices["path"].queryset = Path.objects.published()
        choices["teams"].queryset = teams
        choices["people"].queryset = people.select_related("team").order_by("display_name", "staff_number", "username")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name, other = ("due_on", "due_days") if cleaned.get("when") == FIXED else ("due_days", "due_on")
        # What stands in the field of the other way does not count, be it wrong.
        self.errors.pop(other, None)
        cleaned[other] = None
        if cleaned.get(name) is None and name not in self.errors:
            self.add_error(name, _("Fill this in."))
        if not (cleaned.get("teams") or cleaned.get("people")) and not {"teams", "people"} & self.errors.keys():
            self.add_error("teams", _("Choose a team or a person."))
        return cleaned

    @property
    def whom(self) -> list[Team | User]:
        return [*self.cleaned_data["teams"], *self.cleaned_data["people"]]


class AgreeForm(forms.Form):
    """More time for one person and path, or none needed, and why."""

    kind = forms.ChoiceField(label=_("What was agreed"), widget=forms.RadioSelect)
    due_on = forms.DateField(
        label=_("New day"), required=False, widget=DayInput, help_text=_("For an extension alone.")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Those who look after this person see it, with your name.")
    )

    def __init__(self, *args: Any, due: Due, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(Agreement.EXTENSION, _("More time")), (Agreement.EXEMPTION, _("Need not finish it"))]
        if due.agreed_on:
            kinds.append((Agreement.WITHDRAWN, _("Back to the day it was due")))
        kind: Any = self.fields["kind"]
        kind.choices = kinds
        kind.initial = Agreement.EXTENSION

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Agreement.EXTENSION:
            if not cleaned.get("due_on") and "due_on" not in self.errors:
                self.add_error("due_on", _("Fill this in."))
        else:
            self.errors.pop("due_on", None)
            cleaned["due_on"] = None
        return cleaned
