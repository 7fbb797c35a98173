"""The message catalogue: complete, in step with the code, and written as the house writes Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from csportal import catalog
from tests import factories

HAN = r"[\u3400-\u9fff\uff01-\uff60\u3000-\u303f]"
CHINESE = polib.pofile(str(catalog.path_of("zh-hans")), wrapwidth=0)


def translations() -> Iterator[tuple[str, str]]:
    """Message and translation. A plural's own words are its message: the singular may leave the number out."""
    for entry in CHINESE:
        if entry.msgid_plural:
            yield from ((entry.msgid_plural, text) for text in entry.msgstr_plural.values())
        else:
            yield entry.msgid, entry.msgstr


def wrong(pattern: str) -> list[str]:
    """The translations in which the pattern stands; placeholders and {fields} are no text of ours."""
    bare = ((text, re.sub(r"\{[^}]*\}", "", catalog.PLACEHOLDER.sub("", text))) for _message, text in translations())
    return [text for text, words in bare if re.search(pattern, words)]


# --- the catalogue and the code ---------------------------------------------------------------------------


def test_the_catalogue_says_what_the_code_says() -> None:
    """A message added or reworded without `make catalog` would be read in English."""
    expected = catalog.follow(CHINESE, catalog.collect().values(), "zh-hans")
    assert str(CHINESE) == str(expected)


def test_nothing_is_untranslated_or_fuzzy() -> None:
    """A reader in the middle of a Chinese page would meet an English sentence."""
    assert catalog.untranslated(CHINESE) == []


def test_the_command_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    """`update_catalog --check` is what a person runs; it must not say something else than these tests."""
    call_command("update_catalog", "--check")
    assert capsys.readouterr().out.count("\n") == 1


def test_the_command_tells_what_is_missing(tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """With an empty catalogue every message is missing: a check that passed here could not fail anywhere."""
    settings.LOCALE_PATHS = [tmp_path]
    with pytest.raises(CommandError):
        call_command("update_catalog", "--check")
    assert list(tmp_path.rglob("*")) == []
    capsys.readouterr()
    call_command("update_catalog")
    written = catalog.read(catalog.path_of("zh-hans"))
    said = {text for _context, text in catalog.collect()}
    assert {entry.msgid for entry in written} == said
    assert set(catalog.untranslated(written)) == said
    assert capsys.readouterr().out.splitlines()[1:] == [f"  {entry.msgid}" for entry in written]


def test_python_is_collected_under_every_name() -> None:
    """A function imported under another name, or through its module, is still a translation."""
    source = (
        "from django.utils import translation\n"
        "from django.utils.translation import gettext as _, ngettext, pgettext_lazy as within\n"
        "_('one' ' sentence')\nngettext('%d card', '%d cards', 3)\nwithin('course', 'Order')\n"
        "translation.gettext('by module')\nother('not ours')\ndef f(): return _('inside')\n"
    )
    found = {(one.context, one.text, one.plural, tuple(one.flags)) for one in catalog.from_python(source, "made_up.py")}
    assert found == {
        (None, "one sentence", "", ()),
        (None, "%d card", "%d cards", ("python-format",)),
        ("course", "Order", "", ()),
        (None, "by module", "", ()),
        (None, "inside", "", ()),
    }


@pytest.mark.parametrize("call", ["_(name)", "_(f'{name} is here')", "_('a' + name)", "_()"])
def test_a_text_that_is_not_constant_is_an_error(call: str) -> None:
    """It would be looked up under words no catalogue holds, and stay English in silence."""
    with pytest.raises(catalog.Uncollectable, match=r"made_up\.py:2: "):
        catalog.from_python(f"from django.utils.translation import gettext as _\n{call}\n", "made_up.py")


def test_templates_are_collected_with_plural_and_context() -> None:
    """Each form of tag has its own way through templatize; one forgotten would leave English on the page."""
    source = (
        "{% load i18n %}{% translate 'plain' %}{% translate \"it's\" as title %}{% translate 'Open' context 'state' %}"
        "{% blocktranslate with name=user %}Hello {{ name }}{% endblocktranslate %}"
        "{% blocktranslate count n=total %}{{ n }} card{% plural %}{{ n }} cards{% endblocktranslate %}"
        "{{ _('in a variable') }}{% include 'x' with title=_('as argument') %}"
    )
    found = [(one.context, one.text, one.plural) for one in catalog.from_template(source, "made_up.html")]
    assert found == [
        (None, "plain", ""),
        (None, "it's", ""),
        ("state", "Open", ""),
        (None, "Hello %(name)s", ""),
        (None, "%(n)s card", "%(n)s cards"),
        (None, "in a variable", ""),
        (None, "as argument", ""),
    ]


def test_a_translation_stays_while_its_message_stays() -> None:
    """Running the command must cost no translator's work, and must drop what nobody says any more."""
    messages = [catalog.Message(None, "kept", files={"a.py"}), catalog.Message(None, "%d card", "%d cards", {"b.py"})]
    old = catalog.follow(polib.POFile(), [*messages, catalog.Message(None, "gone")], "zh-hans")
    old.find("kept").msgstr = "留"
    old.find("%d card").msgstr_plural = {0: "%d 张"}
    new = catalog.follow(old, messages, "zh-hans")
    assert [(one.msgid, one.msgstr, one.msgstr_plural, one.occurrences) for one in new] == [
        ("%d card", "", {0: "%d 张"}, [("b.py", "")]),
        ("kept", "留", {}, [("a.py", "")]),
    ]
    assert new.metadata["Plural-Forms"] == "nplurals=1; plural=0;"


# --- the Chinese ------------------------------------------------------------------------------------------


def test_placeholders_are_those_of_the_message() -> None:
    """A lost or misspelt placeholder is an error page; unnamed ones must also keep their order."""
    unequal = []
    for message, text in translations():
        ours, theirs = ([one for one in catalog.PLACEHOLDER.findall(part) if one != "%%"] for part in (message, text))
        named = all(one.startswith("%(") for one in ours)
        if (sorted(ours) != sorted(theirs)) if named else (ours != theirs):
            unequal.append((message, text))
    assert unequal == []


def around(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_white_space_around_is_that_of_the_message() -> None:
    """Sentences are put together in templates: a space lost or added there shows.

    A full-width mark brings the room after it along: the space after ours is none after it.
    """
    assert [
        text
        for message, text in translations()
        if around(message)
        != around(f"{text} " if message.endswith((": ", ", ")) and text.endswith(("：", "、")) else text)
    ] == []


def test_no_half_width_punctuation_beside_chinese() -> None:
    """House style: full width in all interface text; half width only inside codes, numbers and Latin."""
    assert wrong(rf"{HAN} ?[,;:?!()]|[,;:?!()] ?{HAN}|{HAN}\.(?![a-z])|\.\.\.") == []


def test_no_space_between_chinese_and_numbers() -> None:
    """House style; a space on one page and none on the next reads like two hands."""
    number = r"(?:\d+(?![\d.A-Za-z])|%(?:\(\w+\))?d)"
    pattern = rf"{HAN} {number}|(?<![A-Za-z0-9.-]){number} {HAN}"
    assert [text for _message, text in translations() if re.search(pattern, text)] == []


def test_no_latin_quotes_in_chinese() -> None:
    """House style: quotation marks are 「」."""
    assert [text for text in wrong(r"[\"'“”‘’]") if re.search(HAN, text)] == []


def test_no_exclamation_marks() -> None:
    """House style: the interface never raises its voice."""
    assert wrong("[!！]") == []


# --- the pages in both languages ---------------------------------------------------------------------------

PAGES = ("home", "phrases", "dock", "me", "me_settings", "snippet_new")


@pytest.fixture
def english(agent: Any) -> Client:
    agent.locale = "en"
    agent.display_name = "Ann"
    agent.save()
    client = Client()
    client.force_login(agent, "django.contrib.auth.backends.ModelBackend")
    return client


def words_of(page: str) -> str:
    """What a reader sees or hears: text, and attributes that speak. Not what marks its own language."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", page)
    page = re.sub(r"<option value=\"zh-hans\"[^>]*>[^<]*</option>", " ", page)
    spoken = re.findall(r'\b(?:title|aria-label|placeholder|content|alt|data-say[\w-]*|data-confirm)="([^"]*)"', page)
    return " ".join([re.sub(r"<[^>]*>", " ", page), *spoken])


@pytest.mark.parametrize("name", PAGES)
def test_english_pages_speak_english(english: Client, name: str) -> None:
    """Somebody who reads no Chinese can find their way: without content there is no Chinese character."""
    page = words_of(english.get(reverse(name)).content.decode())
    allowed = page.replace("{店名|小店}", "")
    assert re.findall(rf"{HAN}+", allowed) == []


def test_an_english_card_page_is_chinese_in_its_content_alone(english: Client) -> None:
    """Content has no English version; everything around it does."""
    # Latin content: every Chinese character left on the page is the interface's.
    lines = [{"code": "en1", "text": "Hello {商品|shoes}", "why": "warm"}]
    wrong_line = {"code": "en51", "text": "No.", "why": "cold", "breaks": ["cold"]}
    factories.card("english", title="Title", aliases=["how much"], do=lines, dont=[wrong_line], principle="Listen.")
    page = words_of(english.get("/phrases/english/").content.decode())
    assert re.findall(rf"{HAN}+", page) == []


@pytest.mark.parametrize("name", ["login", "slip", "password_reset"])
def test_signed_out_pages_in_english(db: None, name: str) -> None:
    """The cookie of the last reader's language is all a signed-out page knows."""
    client = Client()
    client.cookies["django_language"] = "en"
    page = words_of(client.get(reverse(name)).content.decode())
    assert re.findall(rf"{HAN}+", page) == []


# Names and codes that are the same in Chinese.
LATIN = {"enter", "ctrl", "alt", "esc", "english", "light", "dark", "width", "device", "initial", "scale"}


@pytest.mark.parametrize("name", PAGES)
def test_chinese_pages_speak_chinese(as_agent: Client, agent: Any, name: str) -> None:
    """An English word here is a sentence nobody marked for translation."""
    page = words_of(as_agent.get(reverse(name)).content.decode()).replace(str(agent), "")
    # Not a short code such as my1, nor an entity.
    found = {word.lower() for word in re.findall(r"[A-Za-z]{2,}(?!\d)", re.sub(r"&\w+;|\b[a-z]{2,4}\d\b", " ", page))}
    assert sorted(found - LATIN) == []
