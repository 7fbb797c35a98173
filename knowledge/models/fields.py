"""Fields and checks shared by models."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _

# Days after which somebody should look whether a text still holds, unless its owner says otherwise.
VERIFY_DAYS = 180


class ChangedAt(models.DateTimeField):
    """When a row was last written, and later than any other row of its table says of itself.

    The newest of a table is a version that caches are kept under: an edit raises it even when the clock has been set
    back since the last one (docs/decisions/0003-visibility-and-caches.md).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"auto_now": True})

    def deconstruct(self) -> Any:
        """To migrations it is what the database makes of it."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> datetime:
        now = after_all(type(model_instance), self.attname)
        setattr(model_instance, self.attname, now)
        return now


def after_all(model: type[models.Model], name: str = "updated_at") -> datetime:
    """Now, or a moment after the newest change of the table when that lies ahead of the clock."""
    newest = model._default_manager.aggregate(newest=models.Max(name))["newest"]
    now = timezone.now()
    return max(now, newest + timedelta(microseconds=1)) if newest else now


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
