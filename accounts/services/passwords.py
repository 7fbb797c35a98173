"""Choosing one's own password."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import SignInSlip, User
from accounts.services import lockout


@transaction.atomic
def choose(user: User, password: str) -> None:
    """Set the password the person chose: nothing is forced any more, unused slips and lock-outs end.

    The password has been validated by a form. Every session opened before ends with the old password
    (Django compares a hash of it); the caller keeps its own by `update_session_auth_hash`.
    """
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    SignInSlip.objects.live().filter(user=user).update(expires_at=timezone.now())
    lockout.forgive([user.username])
