"""A trainer who reads English, so that sentences are compared in the words of the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.roles import AGENT, MANAGER, TRAINEE, TRAINER
from knowledge.models import Card
from tests import factories
from tests.knowledge.admin.page import form_data

BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


@pytest.fixture
def trainer(db: None) -> Any:
    return factories.person(TRAINER, locale="en", display_name="Wang")


@pytest.fixture
def by_role(trainer: Any) -> dict[str, Client]:
    """A client for each kind of visitor."""
    people = {role: factories.person(role, locale="en") for role in (TRAINEE, AGENT, MANAGER)}
    clients = {role: signed_in(user) for role, user in people.items()}
    return {"anonymous": Client(), TRAINER: signed_in(trainer), **clients}


@pytest.fixture
def card(db: None) -> Card:
    return factories.card("freight", code="fr", title="运费多少")


@pytest.fixture
def opened(as_trainer: Client) -> Callable[[Card], dict[str, Any]]:
    """What the browser would send if a card's form were saved untouched."""

    def open_form(card: Card) -> dict[str, Any]:
        return form_data(as_trainer.get(address(card)), "card_form")

    return open_form


def address(card: Card) -> str:
    return f"/admin/knowledge/card/{card.pk}/change/"


def fresh(card: Card) -> Card:
    return Card.objects.with_parts().get(pk=card.pk)


def errors(response: Any) -> list[str]:
    """Every sentence of a refused form, in the order of the page."""
    told = response.context["errors"]  # a list of lists for the fields, of sentences for a whole set of rows
    return [str(one) for each in told for one in ([each] if isinstance(each, str) else each)]
