"""One-time slips, below the pages."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.models import SignInSlip, User
from accounts.services import passwords, slips
from tests.factories import person

pytestmark = pytest.mark.django_db


def code_for(user: User, issuer: User) -> str:
    return slips.issue([user], issuer)[0].code


def test_a_code_is_ten_plain_letters_and_only_its_hash_is_kept(xiaoli: User, trainer: User) -> None:
    """A table that leaks must not let anybody in, and a code must survive being copied by hand."""
    (issued,) = slips.issue([xiaoli], trainer)
    assert re.fullmatch(r"[ACDEFGHJKMNPQRTWXY34679]{10}", issued.code)
    assert issued.grouped == f"{issued.code[:3]}-{issued.code[3:6]}-{issued.code[6:]}"
    row = SignInSlip.objects.values().get()
    assert issued.code not in str(row)
    assert (row["user_id"], row["issued_by_id"], len(row["code_hash"])) == (xiaoli.pk, trainer.pk, 64)
    assert issued.expires_at - row["issued_at"] == timedelta(hours=48)


@pytest.mark.parametrize("write", [str.lower, lambda code: f" {code[:3]}-{code[3:6]} {code[6:]} "])
def test_a_code_works_however_it_is_written_and_once(xiaoli: User, trainer: User, write) -> None:
    code = code_for(xiaoli, trainer)
    assert slips.redeem("xiaoli", write(code)) == xiaoli
    assert User.objects.get(pk=xiaoli.pk).must_change_password is True
    assert slips.redeem("xiaoli", code) is None


def test_what_does_not_open_the_door(xiaoli: User, trainer: User) -> None:
    """The table of refusals, none of which uses the slip up."""
    code = code_for(xiaoli, trainer)
    person("agent", username="other")
    refused = [("other", code), ("nobody", code), ("xiaoli", "A" * 10), ("xiaoli", ""), ("", code), ("A100", code)]
    assert [slips.redeem(name, typed) for name, typed in refused] == [None] * 6
    assert slips.redeem("xiaoli", code) == xiaoli


def test_a_slip_ends_after_48_hours(xiaoli: User, trainer: User, time_machine) -> None:
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    code = code_for(xiaoli, trainer)
    time_machine.move_to(start + timedelta(hours=48), tick=False)
    assert slips.redeem("xiaoli", code) is None
    time_machine.move_to(start + timedelta(hours=48) - timedelta(seconds=1), tick=False)
    assert slips.redeem("xiaoli", code) == xiaoli


def test_a_new_slip_ends_the_older_one(xiaoli: User, trainer: User) -> None:
    """A lost slip is made harmless by issuing another."""
    first, second = code_for(xiaoli, trainer), code_for(xiaoli, trainer)
    assert slips.redeem("xiaoli", first) is None
    assert slips.redeem("xiaoli", second) == xiaoli


def test_choosing_a_password_ends_open_slips(xiaoli: User, trainer: User) -> None:
    code = code_for(xiaoli, trainer)
    passwords.choose(xiaoli, "a-new-long-password")
    assert slips.redeem("xiaoli", code) is None


def test_somebody_deactivated_stays_out(xiaoli: User, trainer: User) -> None:
    code = code_for(xiaoli, trainer)
    User.objects.filter(pk=xiaoli.pk).update(is_active=False)
    assert slips.redeem("xiaoli", code) is None


def test_one_person_out_of_reach_stops_the_whole_issue(xiaoli: User, trainer: User, manager: User) -> None:
    """Half a pile of slips would leave the trainer to find out whose are missing."""
    with pytest.raises(PermissionDenied):
        slips.issue([xiaoli, manager], trainer)
    assert SignInSlip.objects.count() == 0


def test_a_change_of_rank_a_moment_ago_counts(xiaoli: User, trainer: User) -> None:
    """The page may have been open since before the person became a manager."""
    User.objects.filter(pk=xiaoli.pk).update(is_superuser=True)
    with pytest.raises(PermissionDenied):
        slips.issue([xiaoli], trainer)


def test_a_pile_costs_the_queries_of_one(trainer: User, django_assert_num_queries) -> None:
    """A class of thirty is let in on one morning."""
    for size in (1, 3, 30):
        group = [person("trainee") for _ in range(size)]
        issuer = User.objects.get(pk=trainer.pk)
        with django_assert_num_queries(9, info="begin, people, groups, issuer, end, create, forgive, note, end"):
            issued = slips.issue(group, issuer)
        assert [slip.person for slip in issued] == group
        assert len({slip.code for slip in issued}) == size


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_code_let_one_in(xiaoli: User, trainer: User) -> None:
    """Two workers read the slip as unused at the same moment; one UPDATE wins."""
    code = code_for(xiaoli, trainer)
    start, results = threading.Barrier(4), []

    def enter() -> None:
        start.wait()
        try:
            results.append(slips.redeem("xiaoli", code))
        finally:
            connection.close()

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == ["None", "None", "None", "小李"]
