"""Signing in, slips, passwords, one's own settings. A view is gate, form, one service call, render or redirect."""

from __future__ import annotations

from typing import Any, cast

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials, get_lockout_response
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import (
    INTERNAL_RESET_SESSION_TOKEN,
    LoginView,
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    NewPasswordForm,
    ResetForm,
    SettingsForm,
    SignInForm,
    SlipForm,
    ThemeForm,
)
from accounts.models import User
from accounts.services import passwords, personal_data, slips

# Set in a session that a slip opened: it may choose a password without knowing the old one.
BY_SLIP = "by_slip"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def reader(request: HttpRequest) -> User:
    """Who is signed in: every page that asks lies behind the sign-in."""
    return cast(User, request.user)


class SignIn(LoginView):
    """`/accounts/login/`; django-axes counts the failures."""

    authentication_form = SignInForm
    redirect_authenticated_user = True


@login_not_required
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "POST"])
def slip(request: HttpRequest) -> HttpResponse:
    """`/accounts/slip/`: a one-time code signs its owner in and leads to the choice of a password."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = SlipForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        credentials = get_credentials(form.cleaned_data["username"])
        if not AxesProxyHandler.is_allowed(request, credentials):
            return get_lockout_response(request, None, credentials)
        if user := slips.redeem(form.cleaned_data["username"], form.cleaned_data["code"]):
            login(request, user, backend=MODEL_BACKEND)
            request.session[BY_SLIP] = True
            return redirect("password_change")
        count_failure(request, credentials)
        form.refuse()
    return render(request, "accounts/slip.html", {"form": form})


def count_failure(request: HttpRequest, credentials: dict[str, Any]) -> None:
    """Tell the throttle. It writes down what was posted, and a wrong code may be a right one with a letter off."""
    posted = request.POST.copy()
    posted.pop("code", None)
    request.POST = posted  # type: ignore[assignment]
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)


class ChangePassword(PasswordChangeView):
    """`/accounts/password_change/`; the old password is asked for wherever there is one to know."""

    def has_old_password(self) -> bool:
        return reader(self.request).has_usable_password() and BY_SLIP not in self.request.session

    def get_form_class(self) -> Any:
        return ChangePasswordForm if self.has_old_password() else ChoosePasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forced = reader(self.request).must_change_password
        return super().get_context_data(forced=forced, layout="plain.html" if forced else "base.html", **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        passwords.choose(form.user, form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        self.request.session.pop(BY_SLIP, None)
        return redirect(self.get_success_url())


class ResetPassword(PasswordResetView):
    """`/accounts/password_reset/`; the link in the mail is built from SITE_URL, never from a request header."""

    form_class = ResetForm
    email_template_name = "registration/password_reset_email.txt"
    extra_email_context = {"site_url": settings.SITE_URL}


class ConfirmReset(PasswordResetConfirmView):
    """Where the link in the mail leads."""

    form_class = NewPasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        passwords.choose(form.user, form.cleaned_data["new_password1"])
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        return redirect(self.get_success_url())


@require_http_methods(["GET", "POST"])
def me_settings(request: HttpRequest) -> HttpResponse:
    """`/me/settings/`: name, e-mail, language, theme."""
    # A copy: a name that is refused must not stand in the header as one's own.
    person = User.objects.get(pk=reader(request).pk)
    form = SettingsForm(request.POST if request.method == "POST" else None, instance=person)
    if not form.is_valid():
        return render(request, "me/settings.html", {"form": form, "section": "me"})
    form.save()
    with translation.override(person.locale):
        messages.success(request, _("Saved."))
    return remember_language(redirect("me_settings"), person.locale)


def remember_language(response: HttpResponse, code: str) -> HttpResponse:
    """Keep the language for the sign-in page, which does not know yet who comes."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


@require_POST
def me_data(request: HttpRequest) -> HttpResponse:
    """`/me/data/`: everything the site holds of the reader, as a zip. A POST: the audit log has a line for it."""
    person = reader(request)
    headers = {"Content-Disposition": f'attachment; filename="my-data-{timezone.localdate():%Y%m%d}.zip"'}
    return HttpResponse(personal_data.archive(person, by=person), "application/zip", headers=headers)


@require_POST
def me_theme(request: HttpRequest) -> HttpResponse:
    """`/me/theme/`: the header's switch. 204 for a script, back to the page for a plain form."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    User.objects.filter(pk=reader(request).pk).update(theme=form.cleaned_data["theme"])
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(status=204)
    came_from = request.headers.get("Referer", "")
    known = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(came_from if known else reverse("me_settings"))
