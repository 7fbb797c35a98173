"""One-time sign-in slips: how somebody without e-mail and without a password gets in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import SignInSlip, User, plain
from accounts.services import lockout
from accounts.services.audit import Action, note_each
from accounts.services.people import out_of_reach

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B and U V: read aloud and copied by hand.
ALPHABET = "ACDEFGHJKMNPQRTWXY34679"
LENGTH = 10
VALID_FOR = timedelta(hours=48)
GROUPS = (slice(0, 3), slice(3, 6), slice(6, LENGTH))


class IssuedSlip(NamedTuple):
    """The only moment the code itself exists."""

    person: User
    code: str
    expires_at: datetime

    @property
    def grouped(self) -> str:
        """ABC-DEF-GHJK: three groups are copied with fewer slips of the pen."""
        return "-".join(self.code[group] for group in GROUPS)


def clean_code(typed: str) -> str:
    """A code as issued, from a code as typed: any case, spaces, hyphens, full width."""
    return "".join(char for char in plain(typed).upper() if char.isalnum())


def hash_code(code: str) -> str:
    """SHA-256 keyed with the site's secret: 46 bits of code alone would not outlast a stolen table."""
    return salted_hmac("accounts.slip", clean_code(code), algorithm="sha256").hexdigest()


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


@transaction.atomic
def issue(people: Sequence[User], issuer: User) -> list[IssuedSlip]:
    """Give each person a new slip, in the order given; older unused ones end, and a lock-out with them.

    Raises PermissionDenied, and issues nothing, when one of them is inactive or not below the issuer's rank.
    The permission to issue at all is the caller's gate.
    """
    rows = User.objects.select_for_update().filter(pk__in=[person.pk for person in people])
    current = {user.pk: user for user in rows.prefetch_related("groups")}
    chosen = [current[person.pk] for person in people if person.pk in current]
    if out_of_reach(issuer, chosen):
        raise PermissionDenied("A slip goes to active people below the issuer's own rank.")
    now = timezone.now()
    SignInSlip.objects.live().filter(user__in=chosen).update(expires_at=now)
    issued = [IssuedSlip(user, _new_code(), now + VALID_FOR) for user in chosen]
    SignInSlip.objects.bulk_create(
        SignInSlip(
            user=slip.person,
            code_hash=hash_code(slip.code),
            issued_by=issuer,
            issued_at=now,
            expires_at=slip.expires_at,
        )
        for slip in issued
    )
    lockout.forgive([user.username for user in chosen])
    note_each(issuer, Action.CHANGED, chosen, kind="slip")
    return issued


@transaction.atomic
def redeem(username: str, code: str) -> User | None:
    """The person, if the code is theirs, unused and in time; else None, whatever was wrong. The code is used then.

    Marks that a password of their own has to be chosen next. Of two requests with one code, one gets None.
    """
    user = User.objects.select_for_update().filter(username=username, is_active=True).first()
    slips = SignInSlip.objects.live().filter(user=user, code_hash=hash_code(code))
    # One UPDATE without a join: its WHERE is checked again on the row another transaction has just changed.
    if user is None or not slips.update(used_at=timezone.now()):
        return None
    user.must_change_password = True
    user.save(update_fields=["must_change_password"])
    return user
