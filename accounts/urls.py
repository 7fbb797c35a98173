"""Included at the root without a namespace: Django's own names (`login`, `password_reset` …) have to work."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path

from accounts import views

urlpatterns = [
    path("accounts/login/", views.SignIn.as_view(), name="login"),
    path("accounts/logout/", auth.LogoutView.as_view(), name="logout"),
    path("accounts/slip/", views.slip, name="slip"),
    path("accounts/password_change/", views.ChangePassword.as_view(), name="password_change"),
    path("accounts/password_change/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("accounts/password_reset/", views.ResetPassword.as_view(), name="password_reset"),
    path("accounts/password_reset/done/", auth.PasswordResetDoneView.as_view(), name="password_reset_done"),
    path("accounts/reset/<uidb64>/<token>/", views.ConfirmReset.as_view(), name="password_reset_confirm"),
    path("accounts/reset/done/", auth.PasswordResetCompleteView.as_view(), name="password_reset_complete"),
    path("me/settings/", views.me_settings, name="me_settings"),
    path("me/data/", views.me_data, name="me_data"),
    path("me/theme/", views.me_theme, name="me_theme"),
]
