"""Fixtures of the whole suite."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from django.utils.translation.reloader import translation_file_changed

from accounts.roles import AGENT, MANAGER, TRAINEE, TRAINER, sync_roles
from csportal.management.commands.compile_catalog import compile_all
from knowledge.services import content
from tests import databases, factories

DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what asks the database runs: the rest has just passed, and cannot tell the two apart."""
    if connection.vendor == "sqlite":
        return
    asking = {
        item: bool(item.get_closest_marker("django_db") or DATABASE.intersection(getattr(item, "fixturenames", ())))
        for item in items
    }
    config.hook.pytest_deselected(items=[item for item in items if not asking[item]])
    items[:] = [item for item in items if asking[item]]


def pytest_collection_finish() -> None:
    """Thousands of tests and all of Django are here to stay: the collector need not look through them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keeps the database as the migrations left it, to copy and to go back to."""
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            databases.keep_pristine()
        if connection.vendor == "sqlite":
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: databases.restore_pristine())
        yield
    with django_db_blocker.unblock():
        databases.drop()


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogues() -> None:
    for folder in site.LOCALE_PATHS:
        compile_all(folder)
        for path in folder.rglob("*.mo"):
            # On a fresh clone Django has looked for catalogues before there were any: make it look again, also where
            # another worker was the one to write them.
            translation_file_changed(sender=None, file_path=path)


@pytest.fixture(scope="session", autouse=True)
def plain_static_files() -> Iterator[None]:
    """Names without hashes: tests find the sources themselves, nothing needs collecting. For the whole run: a request
    that a closing page sends between two tests would otherwise bring the storage with hashes into the next."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**site.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(autouse=True)
def quick_settings(settings: Any) -> None:
    """Nothing of a test costs time or leaves the process."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    # What a view hands to the worker is done before it answers.
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def after_a_flush(request: pytest.FixtureRequest) -> None:
    """On PostgreSQL, tests with real transactions are followed by a flush: it wipes the roles that migrations made and
    leaves the index, which no Django model owns. Put both right before the test."""
    marker = request.node.get_closest_marker("django_db")
    flushing = "live_server" in request.fixturenames or "transactional_db" in request.fixturenames
    if flushing or (marker and marker.kwargs.get("transaction")):
        from knowledge.search import engine

        request.getfixturevalue("transactional_db")
        if connection.vendor != "sqlite":
            sync_roles()
            engine.clear()


@pytest.fixture
def trainee(db: None) -> Any:
    return factories.person(TRAINEE)


@pytest.fixture
def agent(db: None) -> Any:
    return factories.person(AGENT)


@pytest.fixture
def trainer(db: None) -> Any:
    return factories.person(TRAINER)


@pytest.fixture
def manager(db: None) -> Any:
    return factories.person(MANAGER)


@pytest.fixture
def as_agent(agent: Any) -> Client:
    client = Client()
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_trainer(trainer: Any) -> Client:
    client = Client()
    client.force_login(trainer, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def starter_content(db: None) -> Iterator[None]:
    """The 84 real cards, and all else in fixtures/. Ask for it before whatever makes people."""
    with databases.prepared("starter", lambda: content.load(site.CONTENT_DIR)):
        yield
