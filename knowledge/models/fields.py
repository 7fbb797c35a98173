"""Checks shared by models."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _


@deconstructible
class check_codes:
    """A JSON list that holds only codes of the enum, each once."""

    def __init__(self, choices: type[TextChoices]) -> None:
        self.choices = choices

    def __call__(self, value: Any) -> None:
        if not isinstance(value, list) or len(set(value)) != len(value):
            raise ValidationError(_("A list without repeats is needed here."))
        if wrong := [str(code) for code in value if code not in self.choices.values]:
            raise ValidationError(_("Unknown codes: %s") % "、".join(wrong))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, check_codes) and other.choices is self.choices

    def __hash__(self) -> int:
        return hash(self.choices)
