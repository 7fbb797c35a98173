"""Proof of a finished path."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.models.owned import OwnedQuerySet
from training.models.path import Path

# 20 letters and digits without look-alikes: about 99 bits, so that guessing a number yields nothing.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


CODE_LENGTH = 20


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def is_code(text: str) -> bool:
    """Whether a number could be one of ours. What could not never reaches the database."""
    return len(text) == CODE_LENGTH and set(text) <= set(ALPHABET)


class Certificate(models.Model):
    """Name and title as they were on the day. The public page shows these, the dates, and nothing else."""

    code = models.CharField(_("number"), max_length=CODE_LENGTH, unique=True, default=new_code)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="certificates", verbose_name=_("person")
    )
    path = models.ForeignKey(Path, models.PROTECT, related_name="certificates", verbose_name=_("path"))
    name = models.CharField(_("name"), max_length=40)
    title = models.CharField(_("title"), max_length=40)
    issued_on = models.DateField(_("issued on"), default=timezone.localdate)
    valid_until = models.DateField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-issued_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "path"], condition=models.Q(revoked_at=None), name="one_valid_certificate"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.title}"

    @property
    def groups(self) -> list[str]:
        """The number in fours, for the eye."""
        return [self.code[at : at + 4] for at in range(0, len(self.code), 4)]
