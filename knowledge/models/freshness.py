"""Whether a text still holds: its owner looks at it every so many days. One rule for every kind of content."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A month past its day a text has been passed over in a whole round of the weekly queue, holidays included: from then
# on readers are told to ask before they lean on it.
GRACE_DAYS = 30


class Freshness(models.TextChoices):
    """Most trusted first."""

    FRESH = "fresh", gettext_lazy("Valid")
    DUE = "due", gettext_lazy("To be verified")
    EXPIRED = "expired", gettext_lazy("Expired")


def freshness_on(day: date, verified_on: date | None, verify_days: int) -> Freshness:
    """The state on a local day. The last day of the interval still counts as valid."""
    if verified_on is None:
        return Freshness.DUE
    late = (day - verified_on).days - verify_days
    if late <= 0:
        return Freshness.FRESH
    return Freshness.DUE if late <= GRACE_DAYS else Freshness.EXPIRED


def in_the_past(day: date) -> None:
    """Raises ValidationError for a day to come: nobody has looked then."""
    if day > timezone.localdate():
        raise ValidationError(_("This day is still to come."))


class ValidTo(Func):
    """The last day a row counts as valid; NULL when nobody ever verified it."""

    output_field = models.DateField()

    def __init__(self) -> None:
        super().__init__(F("verified_on"), F("verify_days"))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", '+' || ")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ")


class VerifiedRows:
    """Mixin of a QuerySet: the same rule in the database."""

    def in_state(self: Any, *states: str, day: date | None = None) -> Any:
        """Rows in one of these states on a local day, today unless told otherwise."""
        day = day or timezone.localdate()
        last_day_of_grace = day - timedelta(days=GRACE_DAYS)
        rules = {
            Freshness.FRESH: Q(valid_to__gte=day),
            Freshness.DUE: Q(verified_on=None) | Q(valid_to__lt=day, valid_to__gte=last_day_of_grace),
            Freshness.EXPIRED: Q(valid_to__lt=last_day_of_grace),
        }
        wanted = Q(pk__in=[])
        for state in states:
            wanted |= rules[Freshness(state)]
        return self.alias(valid_to=ValidTo()).filter(wanted)

    def to_verify(self: Any, day: date | None = None) -> Any:
        return self.in_state(Freshness.DUE, Freshness.EXPIRED, day=day)


class Verified:
    """Mixin of a model with `owner`, `verified_on`, `verified_by` and `verify_days`."""

    verified_on: Any
    verify_days: Any

    @property
    def freshness(self) -> Freshness:
        return freshness_on(timezone.localdate(), self.verified_on, self.verify_days)

    @property
    def valid_to(self) -> date | None:
        """The last day it counts as valid."""
        return self.verified_on and self.verified_on + timedelta(days=self.verify_days)
