"""Forms of signing in, of passwords and of one's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
    UsernameField,
)
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User

WHO = _("Username or staff number")


class FocusOnError:
    """The first field in error takes the focus; without an error no field does (a phone's keyboard stays down)."""

    # Where to go on when the error belongs to no single field.
    focus_field = ""

    def full_clean(self: Any) -> None:
        super().full_clean()  # type: ignore[misc]
        wrong = [name for name in self.fields if name in self.errors]
        if name := next(iter(wrong), self.focus_field if self.errors else ""):
            self.fields[name].widget.attrs["autofocus"] = True

    def wrong_fields(self: Any) -> Iterator[BoundField]:
        """The fields in error, for the summary above the form."""
        return (self[name] for name in self.fields if name in self.errors)


class SignInForm(FocusOnError, AuthenticationForm):
    """Username or staff number, and password."""

    focus_field = "password"
    username = UsernameField(label=WHO)
    error_messages = {
        "invalid_login": _(
            "This name and password do not go together. Check both and try again; capital and small letters differ in "
            "passwords. After five wrong tries sign-in rests for 15 minutes."
        ),
        "inactive": _("This account is closed. Ask your trainer."),
    }

    def clean_username(self) -> str:
        """One name for one person, whichever was typed: the throttle counts by it."""
        return User.objects.sign_in_name(self.cleaned_data["username"])


class SlipForm(FocusOnError, forms.Form):
    """Username or staff number, and the code of a sign-in slip."""

    focus_field = "code"
    username = UsernameField(label=WHO, max_length=150)
    code = forms.CharField(
        label=_("Code on the slip"),
        max_length=40,
        help_text=_("Ten letters and digits. Hyphens and small letters are fine."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_username(self) -> str:
        return User.objects.sign_in_name(self.cleaned_data["username"])

    def refuse(self) -> None:
        """The one answer to a wrong name, a wrong code, a used and an expired one."""
        self.add_error(
            None,
            _(
                "This name and code do not go together, or the code has been used or is older than 48 hours. "
                "Check both and try again, or ask your trainer for a new slip."
            ),
        )
        self.fields[self.focus_field].widget.attrs["autofocus"] = True


class NewPasswordForm(FocusOnError, SetPasswordForm):
    """A new password without the old one: behind the link of a reset."""

    focus_field = "new_password1"


class ChoosePasswordForm(NewPasswordForm):
    """A new password that replaces a temporary one, after a slip."""

    def clean_new_password1(self) -> str:
        """Raises ValidationError for the password in use: the point is to replace it."""
        password = self.cleaned_data["new_password1"]
        if self.user.check_password(password):
            raise ValidationError(_("This is the password you have now. Choose another one."), code="same")
        return password


class ChangePasswordForm(ChoosePasswordForm, PasswordChangeForm):
    """A new password, proved by the old one."""

    focus_field = "old_password"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)


class ResetForm(FocusOnError, PasswordResetForm):
    """Mails a link to whoever has this address. The answer on the page never says whether somebody has."""

    def get_users(self, email: str) -> Iterator[User]:
        """Everybody active with the address, people without a password yet included: imports give them none."""
        wanted = email.casefold()
        return (
            user for user in User.objects.filter(email__iexact=email, is_active=True) if user.email.casefold() == wanted
        )

    def send_mail(self, subject: str, body: str, context: dict[str, Any], *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """In the reader's language, not in that of whoever asked."""
        with translation.override(context["user"].locale):
            super().send_mail(subject, body, context, *args, **kwargs)


class SettingsForm(FocusOnError, forms.ModelForm):
    """What people settle for themselves."""

    class Meta:
        model = User
        fields = ("display_name", "email", "wants_mail", "locale", "theme")
        labels = {
            "display_name": _("Display name"),
            "email": _("E-mail"),
            "wants_mail": _("Weekly digest and reminders by e-mail"),
            "locale": _("Interface language"),
            "theme": _("Theme"),
        }
        help_texts = {
            "display_name": _("Colleagues see this name."),
            "email": _(
                "For resetting your password, and for the mails below if you want them. You may leave it empty."
            ),
            "wants_mail": _(
                "At most one a week about what is yours, and a reminder before a day that is agreed with you."
            ),
        }
        widgets = {
            "display_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }


class ThemeForm(forms.Form):
    """The header's switch."""

    theme = forms.ChoiceField(choices=User.Theme.choices)
