"""Certificates as the world sees them: what they show, to whom, and what a forged number yields."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from tests import factories
from tests.training.making import path
from training.enums import CertificateState
from training.models import Certificate
from training.models.certificate import new_code
from training.services import certificates

pytestmark = pytest.mark.django_db
CODE = "7GQH2M9KXWVT4CRB8YPN"
# The last second of 22 November 2027 in Shanghai is 15:59:59 in UTC.
LAST_SECOND = datetime(2027, 11, 22, 15, 59, 59, tzinfo=UTC)


@pytest.fixture
def owner(db: None) -> Any:
    return factories.person("trainee", username="chen.yinuo", display_name="陈一诺", staff_number="A100")


@pytest.fixture
def one(owner: Any) -> Certificate:
    return Certificate.objects.create(
        code=CODE,
        user=owner,
        path=path(),
        name="陈一诺",
        title="全员入门",
        issued_on=date(2026, 11, 22),
        valid_until=date(2027, 11, 22),
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def words(answer: Any) -> list[str]:
    """What stands in the middle of the page, piece by piece."""
    inside = re.search(r"<main.*?>(.*)</main>", answer.content.decode(), re.DOTALL)
    assert inside
    return [" ".join(text.split()) for text in re.split(r"<[^>]+>", inside[1]) if text.strip()]


FOURS = [CODE[at : at + 4] for at in range(0, 20, 4)]


def page_of(state: str) -> list[str]:
    return [
        "Certificate of completion", state, "Name", "陈一诺", "Path", "全员入门", "Issued on", "2026-11-22",
        "Valid until", "2027-11-22", "Number", *FOURS,
    ]  # fmt: skip


@pytest.fixture
def stranger() -> Client:
    """A phone that has never been here; in English, to compare the words of the code."""
    client = Client()
    client.cookies["django_language"] = "en"
    return client


def test_a_stranger_reads_this_and_nothing_else(stranger: Client, one: Certificate) -> None:
    """Name, path, dates, state, number: no score, no username, no staff number, no way to the person."""
    with time_machine.travel(LAST_SECOND, tick=False):
        answer = stranger.get(f"/certificates/{CODE}/")
    assert (answer.status_code, words(answer)) == (200, page_of("Valid"))
    text = answer.content.decode()
    for secret in ("chen.yinuo", "A100", f"/{one.user_id}/", "csrfmiddlewaretoken", "/pdf/", "data-person"):
        assert secret not in text
    assert "sessionid" not in answer.cookies
    assert re.findall(r'<a [^>]*href="([^"]*)"', text) == ["/"]


@pytest.mark.parametrize(
    ("seconds", "revoked", "expected"),
    [(0, False, "Valid"), (1, False, "Expired"), (0, True, "Revoked"), (1, True, "Revoked")],
)
def test_states(stranger: Client, one: Certificate, seconds: int, revoked: bool, expected: str) -> None:
    """The last day ends at midnight in Shanghai; a revocation shows at the next look."""
    with time_machine.travel(LAST_SECOND + timedelta(seconds=seconds), tick=False):
        if revoked:
            certificates.revoke(one, LAST_SECOND - timedelta(days=1))
        assert words(stranger.get(f"/certificates/{CODE}/")) == page_of(expected)


def test_the_words_in_chinese() -> None:
    """Three words that nobody can take for one another."""
    with translation.override("zh-hans"):
        assert [str(label) for label in CertificateState.labels] == ["有效", "已过期", "已撤销"]


def test_it_is_never_kept(stranger: Client, one: Certificate) -> None:
    """By no cache and no search engine, found or not, whoever looks; HEAD answers as GET does."""
    for client in (stranger, signed_in(one.user)):
        for code, status in ((CODE, 200), (CODE.lower(), 302), (new_code(), 404)):
            for method in (client.get, client.head):
                answer = method(f"/certificates/{code}/")
                assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
                assert answer.headers["X-Robots-Tag"] == "noindex"
    assert stranger.post(f"/certificates/{CODE}/").status_code == 405


@pytest.mark.parametrize(
    "typed",
    [
        CODE.lower(),
        "7GQH 2M9K XWVT 4CRB 8YPN",
        "7gqh-2m9k-xwvt-4crb-8ypn",
        "".join(chr(ord(char) + 0xFEE0) for char in CODE),
        f"\u3000{CODE}\u200b ",
    ],
)
def test_a_typed_number_leads_to_the_page(stranger: Client, one: Certificate, typed: str) -> None:
    """From paper, by hand, with whatever input method is on."""
    answer = stranger.get(f"/certificates/{typed}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/certificates/{CODE}/")


def test_forged_numbers_all_get_the_same_page(stranger: Client, one: Certificate) -> None:
    """Well made, one letter off, too short, too long, hostile: nothing to tell them apart by."""
    forged = [
        new_code(), CODE[:-1] + "2", CODE[:-1], CODE + "2", "x", "%00", "' OR 1=1 --", "<script>", "１" * 20,
        "0" * 20, str(one.pk), "陈一诺", "A" * 5000, "\ud800".encode("utf-16", "surrogatepass").hex(),
    ]  # fmt: skip
    answers = [stranger.get(f"/certificates/{code}/") for code in forged]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert words(answers[0])[0] == "No certificate of ours has this number"


def test_a_name_is_text(stranger: Client, one: Certificate) -> None:
    """Names come from an import."""
    Certificate.objects.update(name="<b>陈</b>")
    assert "<b>陈" not in stranger.get(f"/certificates/{CODE}/").content.decode()


def test_the_paper_is_for_owner_and_staff(
    one: Certificate, agent: Any, trainer: Any, manager: Any, stranger: Client
) -> None:
    """Whoever else knows the number may verify it, not print it; a stranger is asked to sign in."""
    factories.team("shop", one.user, leaders=[manager])
    found = [signed_in(user).get(f"/certificates/{CODE}/pdf/").status_code for user in (one.user, trainer, manager)]
    assert found == [200, 200, 200]
    assert signed_in(factories.person("manager")).get(f"/certificates/{CODE}/pdf/").status_code == 404
    assert signed_in(agent).get(f"/certificates/{CODE}/pdf/").status_code == 404
    assert stranger.get(f"/certificates/{CODE}/pdf/").headers["Location"].startswith("/accounts/login/?next=")
    for forged in (new_code(), "x", "%00"):
        assert signed_in(trainer).get(f"/certificates/{forged}/pdf/").status_code == 404


def test_the_paper_s_headers(one: Certificate) -> None:
    """A Chinese file name that every browser reads, kept by no cache, with the bytes the service draws."""
    answer = signed_in(one.user).get(f"/certificates/{CODE}/pdf/")
    assert answer.headers["Content-Type"] == "application/pdf"
    kind, _, name = answer.headers["Content-Disposition"].partition("; filename*=utf-8''")
    assert (kind, unquote(name)) == ("attachment", "结业证书-陈一诺.pdf")
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "no-store"}
    assert answer.content == certificates.pdf(one)


def test_a_wild_name_stays_inside_its_header(one: Certificate) -> None:
    """A line break in an imported name must not become a header, nor a 500."""
    Certificate.objects.update(name='a"\r\nX-Evil: 1/..')
    answer = signed_in(one.user).get(f"/certificates/{CODE}/pdf/")
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers
