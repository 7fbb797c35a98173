"""People: one user model from the first migration on."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def plain(text: str) -> str:
    """What was meant by a name or number typed with a Chinese input method: half width, no space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def clean_staff_number(text: str | None) -> str | None:
    """The one stored form of a staff number: half width, capital letters, NULL when there is none."""
    return plain(text or "").upper() or None


class PersonManager(UserManager["User"]):
    use_in_migrations = False

    def sign_in_name(self, typed: str) -> str:
        """The username behind a typed username or staff number; of somebody unknown, what was typed.

        Sign-in and its throttle both go by this one name, so that an alias gives nobody more attempts.
        """
        name = plain(typed)
        found = self.filter(Q(username=name) | Q(staff_number=clean_staff_number(name)))
        names = list(found.values_list("username", flat=True)) if name else []
        return name if name in names or not names else names[0]


class User(AbstractUser):
    """A person who signs in. Roles are auth Groups (see accounts/roles.py); one display name, no first and last."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Follow the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("display name"), max_length=40)
    staff_number = models.CharField(
        _("staff number"),
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+\Z", _("Use letters, digits and hyphens."))],
    )
    locale = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans")
    theme = models.CharField(_("theme"), max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    must_change_password = models.BooleanField(_("must change password at next sign-in"), default=False)

    objects: ClassVar[PersonManager] = PersonManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def clean(self) -> None:
        """Raises ValidationError when somebody else signs in with one of this person's names."""
        super().clean()
        self.staff_number = clean_staff_number(self.staff_number)
        as_number, taken = clean_staff_number(self.username), Q()
        if as_number and as_number != self.staff_number:
            taken |= Q(staff_number=as_number)
        if self.staff_number:
            taken |= Q(username__iexact=self.staff_number)
        if taken and User.objects.filter(taken).exclude(pk=self.pk).exists():
            raise ValidationError(_("Somebody else already signs in with this username or staff number."))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A staff number has one stored form; an empty one is NULL, so that many people may have none."""
        self.staff_number = clean_staff_number(self.staff_number)
        super().save(*args, **kwargs)


class SignInSlipQuerySet(models.QuerySet["SignInSlip"]):
    def live(self) -> SignInSlipQuerySet:
        """Slips that still open the door."""
        return self.filter(used_at__isnull=True, expires_at__gt=timezone.now())


class SignInSlip(models.Model):
    """A one-time code a trainer hands to somebody without e-mail. Only its hash is stored."""

    user = models.ForeignKey(User, models.CASCADE, related_name="slips", verbose_name=_("person"))
    code_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("issued by"))
    issued_at = models.DateTimeField(_("issued at"), default=timezone.now)
    # A newer slip, or a password of one's own, ends an older slip by moving this forward to now.
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects = SignInSlipQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in slip")
        verbose_name_plural = _("sign-in slips")
        permissions = [("issue_signinslip", "Can issue sign-in slips")]

    def __str__(self) -> str:
        return f"{self.user} {self.issued_at:%Y-%m-%d}"
