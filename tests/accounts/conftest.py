"""Signing in as people do: through the page, so that throttle, session and middleware take part."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import person

BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(user: Any) -> Client:
    """A client with a session of this person."""
    client = Client()
    client.force_login(user, BACKEND)
    return client


def try_password(client: Client, name: str, password: str = "secret-words") -> Any:
    return client.post(reverse("login"), {"username": name, "password": password})


def try_slip(client: Client, name: str, code: str) -> Any:
    return client.post(reverse("slip"), {"username": name, "code": code})


@pytest.fixture
def superuser(db: None) -> Any:
    return person("manager", is_superuser=True, username="root", display_name="Root")


@pytest.fixture
def xiaoli(db: None) -> Any:
    """A trainee with a staff number."""
    return person("trainee", username="xiaoli", display_name="小李", staff_number="A100")
