"""When the work that nobody asks for was last done."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Chore(models.Model):
    """A regular piece of work (knowledge/services/chores.py): its last run, so that a restart repeats nothing."""

    name = models.CharField(_("name"), max_length=40, primary_key=True)
    ran_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("chore")
        verbose_name_plural = _("chores")

    def __str__(self) -> str:
        return self.name
