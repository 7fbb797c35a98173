"""The canonical document of a card: what is sound, and what each mistake is called and where it stands."""

from __future__ import annotations

import copy
import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from knowledge import documents, files
from knowledge.documents import card_problems, digest, line_id, tidy, tidy_document
from knowledge.urls import PHRASES
from tests.factories import document


def sound(**changes: Any) -> dict[str, Any]:
    return document("greeting", "gr", **changes)


def at(value: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """The document with one part replaced; `to` absent means removed."""
    changed = copy.deepcopy(value)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    if to is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return changed


def test_a_sound_card_has_no_problems() -> None:
    """Otherwise nothing could be published at all; a trigger and explicit ids are sound too."""
    assert card_problems(sound()) == []
    assert card_problems(sound(trigger="顾客进店两分钟没说话")) == []
    assert card_problems(sound(trigger="")) == []
    assert card_problems(at(sound(), "do", 0, "id", to=str(uuid.uuid4()))) == []


def test_every_starter_card_is_sound() -> None:
    """The rules and the 84 files must not drift apart."""
    paths = sorted((settings.CONTENT_DIR / "cards").glob("*.yaml"))
    assert len(paths) == 84
    assert [(path.stem, found) for path in paths if (found := card_problems(files.read(path).value))] == []


# (path to a part, what it becomes) -> the paths of the problems then found
MISTAKES = {
    "no title": (("title",), ..., [()]),
    "no lines": (("do",), ..., [()]),
    "unknown key": (("colour",), "red", [("colour",)]),
    "title empty": (("title",), " ", [("title",)]),
    "title a list": (("title",), ["a"], [("title",)]),
    "title with a control character": (("title",), "a\x07", [("title",)]),
    "title longer than its column": (("title",), "长" * 61, [("title",)]),
    "slug with capitals": (("slug",), "Greeting", [("slug",)]),
    "slug with two hyphens": (("slug",), "a--b", [("slug",)]),
    "slug with a line break": (("slug",), "a\n", [("slug",)]),
    "slug longer than its column": (("slug",), "a" * 61, [("slug",)]),
    "slug that is an address already": (("slug",), "match", [("slug",)]),
    "stage unknown": (("stage",), "presale", [("stage",)]),
    "stage a mapping": (("stage",), {"a": "b"}, [("stage",)]),
    "course unknown": (("course",), "", [("course",)]),
    "competency that is only a course": (("competency",), "process", [("competency",)]),
    "group unknown": (("groups",), ["potential", "blue"], [("groups", 1)]),
    "groups a text": (("groups",), "potential", [("groups",)]),
    "group twice": (("groups",), ["potential", "potential"], [("groups", 1)]),
    "fact that is no id": (("facts",), ["B-06", "B6"], [("facts", 1)]),
    "facts a mapping": (("facts",), {"B-06": ""}, [("facts",)]),
    "neighbour empty": (("neighbours",), [""], [("neighbours", 0)]),
    "aliases nothing": (("aliases",), "", [("aliases",)]),
    "alias a mapping": (("aliases",), ["运费贵", {"text": "x"}], [("aliases", 1)]),
    "alias twice": (("aliases",), ["运费贵", "邮费", "运费贵"], [("aliases", 2)]),
    "alias with NEL": (("aliases",), ["运费\x85贵"], [("aliases", 0)]),
    "alias longer than its column": (("aliases",), ["长" * 201], [("aliases", 0)]),
    "trigger a list": (("trigger",), ["x"], [("trigger",)]),
    "trigger with a lone surrogate": (("trigger",), "x\ud800", [("trigger",)]),
    "principle with a BOM": (("principle",), "x\ufeff", [("principle",)]),
    "principle with a noncharacter": (("principle",), "x\uffff", [("principle",)]),
    "lines a mapping": (("do",), {"code": "gr1"}, [("do",)]),
    "line a text": (("do", 1), "您好", [("do", 1)]),
    "line without reason": (("do", 1, "why"), ..., [("do", 1)]),
    "line with an unknown key": (("dont", 0, "reason"), "x", [("dont", 0, "reason")]),
    "该说 line with broken rules": (("do", 0, "breaks"), ["cold"], [("do", 0, "breaks")]),
    "不该说 line without": (("dont", 0, "breaks"), ..., [("dont", 0)]),
    "不该说 line that breaks nothing": (("dont", 0, "breaks"), [], [("dont", 0, "breaks")]),
    "broken rule unknown": (("dont", 1, "breaks"), ["cold", "rude"], [("dont", 1, "breaks", 1)]),
    "broken rules a text": (("dont", 1, "breaks"), "cold", [("dont", 1, "breaks")]),
    "code in capitals": (("do", 0, "code"), "GR1", [("do", 0, "code")]),
    "code without a digit": (("do", 0, "code"), "gr", [("do", 0, "code")]),
    "code with three digits": (("do", 0, "code"), "gr100", [("do", 0, "code")]),
    "code with full-width digits": (("do", 0, "code"), "gr１", [("do", 0, "code")]),
    "code of another line of the card": (("dont", 1, "code"), "gr1", [("dont", 1, "code")]),
    "text empty": (("do", 0, "text"), "", [("do", 0, "text")]),
    "text with a tab": (("do", 0, "text"), "a\tb", [("do", 0, "text")]),
    "text longer than its column": (("do", 0, "text"), "长" * 601, [("do", 0, "text")]),
    "reason longer than its column": (("do", 0, "why"), "长" * 201, [("do", 0, "why")]),
    "field outside the vocabulary": (("do", 0, "text"), "{手机号}您好", [("do", 0, "text")]),
    "stray brace": (("do", 0, "text"), "您好}", [("do", 0, "text")]),
    "id that is no UUID": (("do", 0, "id"), "1", [("do", 0, "id")]),
    "id that is a list": (("do", 0, "id"), [], [("do", 0, "id")]),
    "id not in its one form": (("do", 0, "id"), line_id("gr1").upper(), [("do", 0, "id")]),
    "id of another line of the card": (("do", 0, "id"), line_id("gr2"), [("do", 1, "id")]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_found_where_it_is(mistake: str) -> None:
    """A mistake that passes here ends as a broken card, or as a database error without file and line."""
    path, to, wanted = MISTAKES[mistake]
    found = card_problems(at(sound(), *path, to=to))
    assert [path for path, _sentence in found] == wanted
    assert all(len(sentence) > 5 for _path, sentence in found)


@pytest.mark.parametrize("value", ["text", [], None, 5])
def test_a_card_must_be_a_mapping(value: Any) -> None:
    """A file that holds a list of cards is told so, not a traceback."""
    assert [path for path, _sentence in card_problems(value)] == [()]


def test_all_mistakes_are_told_at_once() -> None:
    """Whoever writes ten cards should not have to load ten times."""
    wrong = sound(stage="x", title="", groups=["y"])
    assert [path for path, _ in card_problems(wrong)] == [("title",), ("stage",), ("groups", 0)]
    wrong = at(at(sound(), "do", 0, "code", to="X"), "dont", 1, "breaks", to=["x"])
    assert [path for path, _ in card_problems(wrong)] == [("do", 0, "code"), ("dont", 1, "breaks", 0)]


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_nothing_in_a_document_makes_the_check_raise(data: Any) -> None:
    """The check is what stands between a hostile file and the models."""
    value = sound()
    path = data.draw(st.sampled_from([mistake[0] for mistake in MISTAKES.values()]))
    wrong = at(value, *path, to=data.draw(JUNK))
    assert isinstance(card_problems(wrong), list)


def test_paths_beside_a_card_are_reserved_slugs() -> None:
    """A card called `match` would sit at an address that answers something else."""
    beside = {found[1] for one in PHRASES if (found := re.fullmatch(r"([a-z-]+)/", str(one.pattern)))}
    assert beside == documents.RESERVED_SLUGS


def test_the_digest_depends_on_the_words_alone() -> None:
    """Equal documents, equal digests, whatever order the keys came in; any changed word changes it."""
    one = sound()
    other = dict(reversed(list(copy.deepcopy(one).items())))
    assert digest(one) == digest(other)
    assert re.fullmatch(r"[0-9a-f]{64}", digest(one))
    changed = {digest(at(one, *path, to="新")) for path in (("title",), ("do", 0, "text"), ("dont", 1, "why"))}
    assert len(changed | {digest(one)}) == 4
    assert digest(one) != digest(one | {"aliases": one["aliases"][::-1]})


def test_a_derived_line_id_never_changes() -> None:
    """Favourites hang on it: another namespace would orphan every one of them."""
    assert line_id("yf1") == "7209538d-cf56-5415-a0ef-ce430c3b1280"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  您好  \r\n\r\n 再见\t\r", "您好\n\n 再见"),
        ("a\rb", "a\nb"),
        ("e\u0301", "\u00e9"),
        ("１２３，（全角）", "１２３，（全角）"),
        ("\u3000您好\u3000", "您好"),
        ("", ""),
    ],
)
def test_tidy(text: str, tidied: str) -> None:
    """Round trips hold only when one text has one form; full-width characters are somebody's choice and stay."""
    assert tidy(text) == tidied


@given(st.text())
def test_tidy_twice_is_tidy_once(text: str) -> None:
    """Otherwise a load after an export would see an edit where there was none."""
    assert tidy(tidy(text)) == tidy(text)


def test_a_document_is_tidied_to_any_depth() -> None:
    """A trailing space deep in a line must not look like a trainer's edit either."""
    assert tidy_document({"a": " x ", "b": [" y", {"c": "z\r\n"}]}) == {"a": "x", "b": ["y", {"c": "z"}]}


@pytest.mark.parametrize(
    ("text", "answer"),
    [("字 a\n", False), ("\t", True), ("\r", True), ("\x00", True), ("\x7f", True), ("\x85", True)]
    + [(char, True) for char in "\u2028\u2029\ufeff\ufffe\uffff\ud800\udfff"]
    + [("😀\u200d", False)],
)
def test_has_control(text: str, answer: bool) -> None:
    """What passes here has to survive a file and PostgreSQL."""
    assert documents.has_control(text) is answer
