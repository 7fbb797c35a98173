"""The names people sign in with."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("xiaoli", "xiaoli"),
        ("A100", "xiaoli"),
        ("a100", "xiaoli"),
        (" Ａ１００ ", "xiaoli"),
        ("Xiaoli", "Xiaoli"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_every_way_of_writing_a_staff_number_is_one_name(xiaoli: User, typed: str, name: str) -> None:
    """Otherwise a staff number typed with an input method fails, or each spelling brings five more attempts."""
    assert User.objects.sign_in_name(typed) == name


def test_a_username_comes_before_somebodys_staff_number(xiaoli: User) -> None:
    """Otherwise the owner of a username that looks like a staff number could never sign in."""
    person("agent", username="A100")
    assert User.objects.sign_in_name("A100") == "A100"


def test_an_unknown_name_costs_the_queries_of_a_known_one(xiaoli: User, django_assert_num_queries) -> None:
    """Otherwise the time of the answer tells who works here."""
    for name in ("xiaoli", "a100", "nobody"):
        with django_assert_num_queries(1):
            User.objects.sign_in_name(name)


def test_staff_numbers_are_stored_in_one_form() -> None:
    """Otherwise a100 and A100 could be two people."""
    assert person("agent", staff_number=" b２x ").staff_number == "B2X"
    assert person("agent", staff_number="").staff_number is None
    assert person("agent", staff_number="  ").staff_number is None
    with pytest.raises(IntegrityError):
        person("agent", staff_number="b2X")


@pytest.mark.parametrize("names", [{"username": "A100"}, {"username": "a100"}, {"staff_number": "xiaoli2"}])
def test_nobody_takes_a_name_somebody_else_signs_in_with(xiaoli: User, names: dict[str, str]) -> None:
    """Otherwise one name opens two accounts."""
    person("agent", username="Xiaoli2")
    newcomer = User(**{"username": "new", "display_name": "新人", "password": "!", **names})
    with pytest.raises(ValidationError) as error:
        newcomer.full_clean()
    assert list(error.value.message_dict) == ["__all__"]


def test_ones_own_two_names_may_be_the_same() -> None:
    """Imports make them so."""
    person("agent", username="C7", staff_number="C7").full_clean()


def test_a_person_is_called_by_the_display_name() -> None:
    """Pages print the person; a username is not how colleagues speak of each other."""
    user = User(username="x1", display_name="小王")
    assert [str(user), user.get_full_name(), user.get_short_name()] == ["小王"] * 3
    assert str(User(username="x1")) == "x1"
