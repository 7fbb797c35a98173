"""Pages put together from compressed pieces: any browser must read the same bytes, and no reader another's."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from knowledge.splice import Piece, delivered, gzipped, piece
from tests import factories

# Long and short, so that both ways of putting text in are met; and what no encoding likes.
texts = st.text(max_size=40) | st.text(st.sampled_from("运费怎么算<p>abc </p>"), min_size=900, max_size=3000)


@given(st.lists(st.tuples(texts.filter(lambda text: text.isprintable()), st.sampled_from([1, 9]))))
def test_any_pieces_make_one_gzip_file(parts: list[tuple[str, int]]) -> None:
    """A wrong sum at the end, and the browser shows an error instead of the page."""
    pieces = [piece(text, level) for text, level in parts]
    assert gzip.decompress(gzipped(pieces)).decode() == "".join(text for text, _level in parts)


def test_something_longer_than_a_stored_block_is_compressed() -> None:
    """A stored block counts its bytes in two: 65,536 of them would read as none."""
    long = "长" * 40_000
    assert gzip.decompress(gzipped([piece(long, 1)])).decode() == long


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip, br", "gzip"), ("br", None), ("", None), ("gzipped", None), ("deflate, gzip", "gzip")],
)
def test_a_browser_gets_what_it_takes(rf: Any, accepts: str, encoding: str | None) -> None:
    """Old chat tools embed browsers that take nothing."""
    answer = delivered(rf.get("/", headers={"Accept-Encoding": accepts}), [piece("一"), Piece(b"", b"")])
    body = gzip.decompress(answer.content) if encoding else answer.content
    assert (answer.get("Content-Encoding"), body.decode()) == (encoding, "一")
    assert "Accept-Encoding" in answer["Vary"]


def test_the_length_is_hidden() -> None:
    """Whoever counts bytes on the wire must not learn from them what a page repeats (BREACH)."""
    assert len({len(gzipped([piece("一")])) for _ in range(50)}) > 5


def page_of(client: Client, **headers: str) -> str:
    return client.get("/phrases/", {"q": "运费"}, headers=headers).content.decode()


def signed_in(**values: Any) -> tuple[Client, Any]:
    person = factories.person("agent", **values)
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client, person


@pytest.mark.django_db
def test_a_page_kept_for_one_reader_shows_another_their_own(settings: Any) -> None:
    """Name, number, form token and theme are holes: none of the first reader's may reach the second."""
    factories.card("a", aliases=["运费贵"])
    (first, one), (second, two) = signed_in(display_name="甲一"), signed_in(display_name="<b>乙二")
    pages = [page_of(first), page_of(second)]
    assert ["甲一" in page for page in pages] == [True, False]
    assert ["&lt;b&gt;乙二" in page for page in pages] == [False, True]
    assert [f'data-person="{person.pk}"' in page for page, person in zip(pages, (one, two), strict=True)] == [True] * 2
    User.objects.filter(pk=two.pk).update(theme="dark", locale="en")
    assert ('data-theme="dark"' in page_of(second), "Sign out" in page_of(second)) == (True, True)
    assert 'data-theme="system"' in page_of(first)


@pytest.mark.django_db
def test_forms_of_a_kept_page_are_accepted() -> None:
    """The token of whoever was first would be refused for everybody else."""
    factories.card("a", aliases=["运费贵"])
    page_of(signed_in()[0])
    person = factories.person("agent")
    client = Client(enforce_csrf_checks=True)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    token = page_of(client).partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert client.post("/me/theme/", {"theme": "dark", "csrfmiddlewaretoken": token}).status_code == 204


@pytest.mark.django_db
def test_a_message_is_told_once_and_to_its_reader() -> None:
    """Kept in the page it would be told to everybody, for a day."""
    card = factories.card("a", aliases=["运费贵"])
    client, _person = signed_in(locale="en")
    other, _person = signed_in(locale="en")
    client.post(f"/lines/{card.say[0].uuid}/favourite/", {"next": "/phrases/?q=运费"})
    told = ["Added to your favourites." in page_of(one) for one in (other, client, client, other)]
    assert told == [False, True, False, False]


@pytest.mark.django_db
def test_a_cold_and_a_warm_page_are_the_same() -> None:
    """But for the token, which is never the same twice."""
    factories.card("a", aliases=["运费贵"])
    client, _person = signed_in()

    def without_tokens(text: str) -> str:
        parts = text.split('name="csrfmiddlewaretoken" value="')
        return "".join([parts[0], *(part.partition('"')[2] for part in parts[1:])])

    cold = without_tokens(page_of(client))
    assert without_tokens(page_of(client)) == cold
    cache.clear()
    assert without_tokens(page_of(client)) == cold
