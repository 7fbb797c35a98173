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


class TeamQuerySet(models.QuerySet["Team"]):
    def led_by(self, user: Any) -> TeamQuerySet:
        """The teams whose results this person may see: all for whoever looks after teams, else those they lead."""
        if user.is_staff and user.has_perm("accounts.change_team"):
            return self
        return self.filter(leaders=user.pk)


class Team(models.Model):
    """班组: the people of one shift or shop. Its code is its key, so that a reader's audience costs no query."""

    code = models.SlugField(_("code"), max_length=30, primary_key=True)
    name = models.CharField(_("name"), max_length=40, unique=True)
    leaders = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="led_teams", blank=True, verbose_name=_("leaders")
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def sees_results(viewer: Any) -> bool:
    """Whether looking at other people's results belongs to this person's work."""
    return bool(viewer.is_active and viewer.is_staff and viewer.has_perm("training.view_attempt"))


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

    def results_visible_to(self, viewer: Any) -> models.QuerySet[User]:
        """Whose results `viewer` may look at: everybody's for trainers, for managers those of the teams they lead."""
        if self.every_result_visible_to(viewer):
            return self.all()
        if not sees_results(viewer):
            return self.none()
        return self.filter(team__in=Team.objects.filter(leaders=viewer.pk))

    def every_result_visible_to(self, viewer: Any) -> bool:
        """Whether nothing at all is left out for this viewer: not even the results of accounts that are gone."""
        return sees_results(viewer) and bool(viewer.has_perm("accounts.change_team"))


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
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    # Deadlines count from here; a person who changes teams starts anew there. Local date.
    joined_team_on = models.DateField(_("joined the team on"), null=True, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)
    wants_mail = models.BooleanField(_("weekly digest and reminders by e-mail"), default=True)

    objects: ClassVar[PersonManager] = PersonManager()
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        permissions = [
            ("export_user", "Can export a person's data"),
            ("erase_user", "Can erase a person's data"),
        ]

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


class Mailing(models.Model):
    """A mail of a kind went to somebody for a local day: nobody gets it twice, be the worker killed half-way."""

    user = models.ForeignKey(User, models.CASCADE, related_name="mailings", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=16)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        constraints = [models.UniqueConstraint(fields=["user", "kind", "day"], name="mailing_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.day}"


class AppendOnly(models.QuerySet["AuditEntry"]):
    """Rows that are written once."""

    def update(self, **values: Any) -> int:
        raise TypeError("The audit log is only ever added to.")

    def delete(self) -> Any:
        raise TypeError("The audit log is only ever added to.")


class AuditEntry(models.Model):
    """Who did what to whom or to what, and when. Rows are added, never changed: people by id, no names."""

    class Action(models.TextChoices):
        CHANGED = "changed", _("Changed")
        PUBLISHED = "published", _("Published")
        SENT = "sent", _("Sent for approval")
        RETURNED = "returned", _("Returned")
        RESTORED = "restored", _("Restored")
        IMPORTED = "imported", _("Imported")
        EXPORTED = "exported", _("Exported")
        VIEWED = "viewed", _("Viewed results")
        ASSIGNED = "assigned", _("Assigned")
        EXTENDED = "extended", _("Extended or exempted")
        CLOSED = "closed", _("Closed the account")
        ERASED = "erased", _("Erased")

    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)
    # Without a constraint in the database: the entry outlives whom it names.
    actor = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("action"), max_length=12, choices=Action.choices)
    kind = models.CharField(_("kind"), max_length=20, blank=True)
    slug = models.CharField(_("of what"), max_length=120, blank=True)
    person = models.ForeignKey(
        User, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name=_("about whom")
    )
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["person", "-at"], name="audit_by_person")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.kind} {self.slug}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for an entry that is there already."""
        if self.pk is not None:
            raise TypeError("The audit log is only ever added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The audit log is only ever added to.")
