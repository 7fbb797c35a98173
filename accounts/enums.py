"""What the roles are called. What they may do is the table of accounts/roles.py."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The four roles, least first. The codes are the names of the auth groups."""

    TRAINEE = "trainee", _("Trainee")
    AGENT = "agent", _("Support agent")
    TRAINER = "trainer", _("Trainer")
    MANAGER = "manager", _("Team manager")
