"""The starter content as a whole: what must be true of 84 cards together, and of the registries beside them.

Each card's own form is checked by tests/knowledge/test_documents.py; here is what only the whole set shows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from knowledge import files
from knowledge.enums import Course, CustomerGroup, Rule, Stage
from knowledge.text import fill_defaults, normalise

FOLDER = Path(settings.CONTENT_DIR)
SLUGS = [
    "abusive-customer", "active-recommend", "after-sale-followup", "angry-customer", "arrival-guarantee",
    "authenticity-doubt", "away-apology", "bad-review-apology", "bad-review-misunderstanding", "bad-review-threat",
    "bargainer-small-gift", "bargaining", "cancel-order", "change-address", "change-order-item", "cheaper-elsewhere",
    "clarify-meaning", "closing-chat", "colleague-handover", "colour-difference", "complaint-supervisor",
    "customer-mistake", "damaged-item", "delivery-delay", "delivery-time", "disagree-gently", "earlier-promise",
    "effect-guarantee", "either-or", "exchange-size", "extra-demands", "feedback-thanks", "first-contact",
    "free-shipping-exception", "help-choose-variant", "honest-review-invite", "ice-breaking",
    "knowledgeable-customer", "logistics-tracking", "long-hesitation", "low-stock", "loyal-discount",
    "many-chats-at-once", "match-customer-tone", "material-question", "missed-product-info", "missing-item",
    "need-discovery", "off-topic-drift", "opinion-on-choice", "order-status", "own-mistake", "paid-review-request",
    "platform-intervention", "polite-refusal", "price-error", "privacy-request", "product-details",
    "promotion-ending", "promotion-rules", "quality-complaint", "recommend-while-busy", "refund-timing",
    "refund-without-return", "repeat-claims", "return-eligibility", "return-process", "return-reason-freight",
    "returning-customer", "review-stands", "ship-today", "shipping-fee-doubt", "shipping-fee-quote", "size-advice",
    "stock-out-after-order", "sudden-trouble", "think-it-over", "too-expensive", "unpaid-order", "unsure-answer",
    "usage-question", "variant-unavailable", "verify-address", "wrong-item",
]  # fmt: skip
FACTS = {
    "A": "01 02 03 04 05 10 11 12 13 20 21 22 23 30 31 32 40 41 42 50 51 60 61 62 63 70 71 72 73 74 80 81 82 83 90",
    "B": "00 01 02 03 03b 04 05 06 07 08 09 10 11 12",
    "C": "01 02 03 04 05 06 07 10 11 12 13 20 21 22 23 24 25 30 31 32 33 34 35 36 37 40 41 42 43 44 45 46 50 51 60 61 "
    "62 63 64",
    "D": "00 10 11 12 20 21 30 31 32 33 34 35 40 41 42 43 50 51 52 53 54 60 61 62 70 71 72",
    "E": "01 02 03 04 05 06 10 11 12 13 14 15 16 20 21 22 23 24 25 26 27 28 29 30 31 40 41 42 43 44 45 46 47 "
    "50 51 52 60",
}
# What no card carries: left to lessons and questions (E-60 is about the source itself).
NOT_ON_CARDS = {
    "A": "01 02 03 04 05 10 11 12 22 30 31 40 60 63",
    "B": "00 03b",
    "C": "03 04 05 10 11 20 21 22 24 25 30 32 33 34 35 40 46 50 51 60 61 62 63 64",
    "D": "00 10 20 21 70 71 72",
    "E": "01 02 03 04 05 06 10 11 12 14 16 22 40 60",
}
# The notes about customer grades (K-06) and hiring (K-12) belong to facts that only lessons teach.
NOTES_NOT_ON_CARDS = {"K-06", "K-12"}
# Runs of twelve characters that 该说 lines of several cards may share: none so far, greetings are written afresh.
SHARED_GREETINGS: set[str] = set()


def ids(groups: dict[str, str]) -> list[str]:
    return [f"{letter}-{number}" for letter, numbers in groups.items() for number in numbers.split()]


@cache
def cards() -> dict[str, dict[str, Any]]:
    return {path.stem: files.read(path).value for path in sorted((FOLDER / "cards").glob("*.yaml"))}


@cache
def facts() -> list[dict[str, str]]:
    return files.read(FOLDER / "facts.yaml").value["facts"]


@cache
def notes() -> list[dict[str, Any]]:
    return files.read(FOLDER / "compliance.yaml").value["notes"]


def lines(side: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(slug, line) of every card."""
    for slug, card in cards().items():
        yield from ((slug, line) for line in card[side])


def test_there_are_exactly_these_84_cards() -> None:
    """A file lost in an edit would otherwise be noticed by the customer."""
    assert list(cards()) == SLUGS
    assert len(SLUGS) == 84


def test_every_card_is_full() -> None:
    """At least four ways customers say it, two to say, two not to, each with its reason; the title is short."""
    thin = [
        slug
        for slug, card in cards().items()
        if len(card["aliases"]) < 4 or len(card["do"]) < 2 or len(card["dont"]) < 2 or len(card["title"]) > 14
    ]
    assert thin == []
    bare = [line["code"] for side in ("do", "dont") for _slug, line in lines(side) if len(line["why"]) < 8]
    assert bare == []
    assert [line["code"] for _slug, line in lines("dont") if not line["breaks"]] == []
    assert [slug for slug, card in cards().items() if len(card["principle"]) < 40 or not card["groups"]] == []


def test_stages_courses_and_groups_are_all_there() -> None:
    """A filter that finds nothing on the first day teaches people not to use filters."""
    assert Counter(card["stage"] for card in cards().values()) == {
        Stage.PRE: 38, Stage.AFTER: 16, Stage.ANY: 14, Stage.IN: 10, Stage.REVIEW: 6,
    }  # fmt: skip
    assert {group for card in cards().values() for group in card["groups"]} == set(CustomerGroup.values)
    assert {card["course"] for card in cards().values()} <= set(Course.values)


def test_titles_and_aliases_belong_to_one_card() -> None:
    """Two cards with one way of saying it: the search could only guess."""
    owners: dict[str, list[str]] = defaultdict(list)
    for slug, card in cards().items():
        for text in (card["title"], *card["aliases"]):
            owners[re.sub(r"\W", "", normalise(text))].append(slug)
    assert {text: slugs for text, slugs in owners.items() if len(slugs) > 1} == {}


def test_codes_belong_to_one_line_and_share_the_letters_of_their_card() -> None:
    """Agents learn the letters of a card once; 该说 from 1, 不该说 from 51."""
    codes = Counter(line["code"] for side in ("do", "dont") for _slug, line in lines(side))
    assert [code for code, times in codes.items() if times > 1] == []
    letters: dict[str, str] = {}
    for slug, card in cards().items():
        prefix = re.sub(r"\d", "", card["do"][0]["code"])
        wanted = [f"{prefix}{at}" for at in range(1, len(card["do"]) + 1)]
        wanted += [f"{prefix}{at}" for at in range(51, 51 + len(card["dont"]))]
        assert [line["code"] for line in card["do"] + card["dont"]] == wanted
        assert letters.setdefault(prefix, slug) == slug


def test_no_line_stands_on_two_cards() -> None:
    """Interchangeable lines teach nothing about the situation."""
    texts = Counter(line["text"] for side in ("do", "dont") for _slug, line in lines(side))
    assert [text for text, times in texts.items() if times > 1] == []


def test_no_twelve_characters_are_shared_by_lines_of_two_cards() -> None:
    """Copying shows at twelve characters; greetings that may repeat are listed."""
    owners: dict[str, set[str]] = defaultdict(set)
    for slug, line in lines("do"):
        text = fill_defaults(line["text"])
        for at in range(len(text) - 11):
            owners[text[at : at + 12]].add(slug)
    assert {run for run, slugs in owners.items() if len(slugs) > 1} - SHARED_GREETINGS == set()


def test_openings_vary() -> None:
    """Eighty lines that begin with 抱歉 read like a machine."""
    openings = Counter(fill_defaults(line["text"])[:4] for _slug, line in lines("do"))
    assert [opening for opening, times in openings.items() if times > 6] == []


def test_the_first_line_can_be_sent_at_once() -> None:
    """Enter on the preselected line must never stop at an empty field."""
    fields = re.compile(r"\{[^{}|]*\}")
    assert [card["do"][0]["code"] for card in cards().values() if fields.search(card["do"][0]["text"])] == []


def test_neighbours_are_cards_of_ours_and_few() -> None:
    """Two to four situations one could mistake it for; never itself."""
    for slug, card in cards().items():
        near = card["neighbours"]
        assert (slug, len(near) == len(set(near)), slug in near) == (slug, True, False)
        assert 2 <= len(near) <= 4, slug
        assert set(near) <= set(SLUGS), slug


def test_most_neighbours_are_mutual_and_nobody_is_forgotten() -> None:
    """Confusion goes one way where a general card (运费谁出) is mistaken for a special one but not the reverse;
    those links are the smaller part, and nearly every card is somebody's neighbour."""
    links = {(slug, near) for slug, card in cards().items() for near in card["neighbours"]}
    one_way = [link for link in links if link[::-1] not in links]
    assert len(one_way) <= len(links) // 5
    # Nobody mistakes another situation for prying into other people's orders.
    assert set(SLUGS) - {near for _slug, near in links} == {"privacy-request"}


def test_every_rule_is_broken_somewhere() -> None:
    """The 24 codes are what drills and the reply checker are built on: each needs an example people recognise."""
    assert {code for _slug, line in lines("dont") for code in line["breaks"]} == set(Rule.values)


# The written list of taboos


@cache
def taboos() -> list[dict[str, Any]]:
    return files.read(Path(__file__).with_name("taboos.yaml")).value["taboos"]


def test_the_list_of_taboos_knows_every_rule_that_words_can_show() -> None:
    """`negative-heavy` is counted below; the rest have patterns."""
    assert {taboo["breaks"] for taboo in taboos()} == set(Rule.values) - {Rule.NEGATIVE_HEAVY} | {"套话", "标点"}


def test_each_taboo_catches_what_it_should_and_lets_pass_what_it_should() -> None:
    """最近, 第一时间 and 不一定 are no claims; a pattern that flags them would make writers avoid plain words."""
    wrong = [
        (taboo["breaks"], text)
        for taboo in taboos()
        for key, caught in (("catches", True), ("passes", False))
        for text in taboo[key]
        if bool(re.search(taboo["pattern"], text)) is not caught
    ]
    assert wrong == []


def test_no_line_to_say_breaks_a_taboo() -> None:
    """What we recommend must never be what we forbid."""
    found = [
        (line["code"], taboo["breaks"], match[0])
        for _slug, line in lines("do")
        for taboo in taboos()
        if (match := re.search(taboo["pattern"], fill_defaults(line["text"])))
    ]
    assert found == []


def test_no_line_to_say_piles_up_negatives() -> None:
    """Three times 不 or 没 in one message reads as a wall (`negative-heavy`)."""
    heavy = {line["code"]: len(re.findall("[不没]", fill_defaults(line["text"]))) for _slug, line in lines("do")}
    assert {code: times for code, times in heavy.items() if times > 3} == {}


def test_lines_to_say_have_the_length_of_a_message() -> None:
    """A customer reads two lines, not ten."""
    lengths = {line["code"]: len(fill_defaults(line["text"])) for _slug, line in lines("do")}
    assert {code: length for code, length in lengths.items() if not 20 <= length <= 105} == {}


# Facts and compliance notes


def test_the_registry_of_facts_is_complete() -> None:
    """152 facts: one lost is never taught."""
    assert [fact["id"] for fact in facts()] == ids(FACTS)
    assert len(facts()) == 152
    assert [fact["id"] for fact in facts() if fact["course"] not in Course.values or len(fact["text"]) < 8] == []


def test_cards_name_known_facts_and_never_notes() -> None:
    """Notes follow from facts; an id K-… on a card would be a note typed by hand."""
    named = {fact for card in cards().values() for fact in card["facts"]}
    assert named - set(ids(FACTS)) == set()
    assert [slug for slug, card in cards().items() if not card["facts"]] == []


def test_which_facts_the_cards_carry() -> None:
    """Ninety-one of them; a card edited out of its fact, or a lesson's fact moved onto a card, shows here."""
    named = {fact for card in cards().values() for fact in card["facts"]}
    assert set(ids(FACTS)) - named == set(ids(NOT_ON_CARDS))


def test_the_compliance_notes_are_complete() -> None:
    """21 notes, each about known facts, each with basis and how it was checked."""
    assert [note["id"] for note in notes()] == [f"K-{number:02}" for number in range(1, 22)]
    assert {fact for note in notes() for fact in note["applies_to"]} <= set(ids(FACTS))
    assert [note["id"] for note in notes() if not (note["applies_to"] and note["basis"] and note["checked"])] == []
    assert [note["id"] for note in notes() if not (4 <= len(note["title"]) <= 12 and len(note["note"]) >= 60)] == []


def expected_notes(card: dict[str, Any]) -> list[str]:
    return [note["id"] for note in notes() if set(note["applies_to"]) & set(card["facts"])]


def test_every_note_that_cards_can_show_is_on_one() -> None:
    """A note nobody meets protects nobody."""
    shown = {note for card in cards().values() for note in expected_notes(card)}
    assert {note["id"] for note in notes()} - shown == NOTES_NOT_ON_CARDS


@pytest.mark.django_db
def test_each_card_page_shows_the_notes_of_its_facts(starter_content: None, as_agent: Client) -> None:
    """Where the shop's habit is unlawful today, the page that teaches it says so."""
    titles = {note["id"]: note["title"] for note in notes()}
    for slug, card in cards().items():
        page = as_agent.get(f"/phrases/{slug}/")
        wanted = expected_notes(card)
        assert (slug, [note.code for note in page.context["notes"]]) == (slug, wanted)
        assert all(f"<b>{titles[note]}</b>" in page.content.decode() for note in wanted), slug


# Synonyms


def test_synonyms_are_groups_of_two_words_or_more() -> None:
    """A single character as a synonym would answer every search with everything."""
    groups = files.read(FOLDER / "synonyms.yaml").value["groups"]
    assert [group for group in groups if len(set(group)) < 2 or any(len(word) < 2 for word in group)] == []
    assert [group for group in groups if [normalise(word) for word in group] != group] == []
