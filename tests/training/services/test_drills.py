"""Drills: frozen rounds, answers that count once, and totals that somebody can have typed."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from knowledge.enums import Competency
from knowledge.models import Card
from knowledge.services.cards import publish_document
from tests import factories
from tests.training.making import NOW
from training.models import DrillRound, RecallItem
from training.services import drills
from training.services.drills import Kind, Totals

pytestmark = pytest.mark.django_db


@pytest.fixture
def cards(db: None) -> list[Card]:
    return [factories.card(f"c{at}", code=f"c{chr(97 + at)}") for at in range(12)]


def start(user: Any, kind: str = Kind.BETTER, seed: int = 1, now: Any = NOW) -> DrillRound:
    return drills.start(user, kind, now=now, rng=random.Random(seed))


def right(found: DrillRound, at: int) -> str:
    asked = found.items[at]["asked"]
    if asked["type"] == "fill":
        return str(asked["answers"][-1])
    return next(option["key"] for option in asked["options"] if option["right"] == "yes")


def wrong(found: DrillRound, at: int) -> str:
    if found.kind == Kind.CODES:
        return "zz9"
    return next(option["key"] for option in found.items[at]["asked"]["options"] if option["right"] == "no")


def play(found: DrillRound, answers: str, step: float = 5) -> DrillRound:
    """Answer all items: r is right, w wrong, - too late."""
    now = NOW
    for at, what in enumerate(answers):
        drills.show(found, at, now=now)
        now += timedelta(seconds=60 if what == "-" else step)
        found = drills.answer(found, at, wrong(found, at) if what == "w" else right(found, at), now=now)
    return found


def test_a_round_of_pairs(trainee: Any, cards: list[Card]) -> None:
    """Ten cards, none twice, each with one reply to say and one not to, in both orders."""
    found = start(trainee)
    assert len({item["card"] for item in found.items}) == drills.PAIRS == len(found.items)
    firsts = {item["asked"]["options"][0]["right"] for item in found.items}
    assert firsts == {"yes", "no"}
    assert {option["right"] for option in found.items[0]["asked"]["options"]} == {"yes", "no"}


def test_the_why_says_which_rules_are_broken(trainee: Any, cards: list[Card]) -> None:
    """In words: codes are for trainers."""
    said = [o["feedback"] for item in start(trainee).items for o in item["asked"]["options"] if o["right"] == "no"]
    assert all("（" in words and "cold" not in words for words in said)


@pytest.mark.parametrize("kind", [Kind.BETTER, Kind.CODES])
def test_a_round_is_counted_and_its_misses_are_asked_again(trainee: Any, cards: list[Card], kind: str) -> None:
    found = play(start(trainee, kind), "rwrrrrrrrw")
    assert (found.asked, found.right, found.seconds) == (10, 8, 50)
    keys = sorted(f"{found.items[at]['card']}#{found.items[at]['what']}" for at in (1, 9))
    assert sorted(RecallItem.objects.values_list("key", flat=True)) == keys
    assert drills.bests(trainee, kind) == drills.Bests(right=8, speed=0, rounds=1)


def test_too_late_is_no_answer(trainee: Any, cards: list[Card]) -> None:
    """Not the right one either, three seconds of the line's own aside; it comes back in recall."""
    found = play(start(trainee), "r-rrrrrrrr")
    assert (found.right, found.items[1]["given"], RecallItem.objects.get().front["reply"]) == (9, "", None)


@pytest.mark.parametrize(("seconds", "counts"), [(19, True), (23, True), (23.1, False)])
def test_the_clock_is_the_servers(trainee: Any, cards: list[Card], seconds: float, counts: bool) -> None:
    found = start(trainee)
    assert drills.remaining(found, 0, NOW + timedelta(seconds=seconds)) == max(0, 20 - seconds)
    found = drills.answer(found, 0, right(found, 0), now=NOW + timedelta(seconds=seconds))
    assert found.right == int(counts)


def test_the_clock_stands_while_one_reads_why(trainee: Any, cards: list[Card]) -> None:
    """The next pair's begins when it is shown, and a refresh does not wind it up."""
    found = drills.answer(start(trainee), 0, "0", now=NOW)
    assert drills.remaining(found, 1, NOW) is None
    for minutes in (5, 6):
        drills.show(found, 1, now=NOW + timedelta(minutes=minutes))
    found.refresh_from_db()
    assert drills.remaining(found, 1, NOW + timedelta(minutes=5, seconds=5)) == 15


def test_the_first_answer_stands(trainee: Any, cards: list[Card]) -> None:
    """Of a double click, of two tabs, and out of turn nothing counts."""
    found = start(trainee)
    drills.answer(found, 1, "0", now=NOW)
    found = drills.answer(found, 0, wrong(found, 0), now=NOW)
    found = drills.answer(found, 0, right(found, 0), now=NOW)
    assert (found.asked, found.right, drills.current(found)) == (1, 0, 1)
    for at in (10, -1):
        with pytest.raises(IndexError):
            drills.answer(found, at, "0", now=NOW)


def test_two_tabs_play_the_same_round(trainee: Any, cards: list[Card]) -> None:
    """Until it is done or twelve hours old; each drill has its own."""
    found = start(trainee)
    assert start(trainee, seed=2, now=NOW + timedelta(hours=11)) == found
    assert start(trainee, Kind.CODES) != found
    assert start(trainee, now=NOW + timedelta(hours=13)) != found


@pytest.mark.parametrize("typed", ["{}", " {} "])
def test_any_code_of_the_card_is_right(trainee: Any, cards: list[Card], typed: str) -> None:
    """Spaces, capitals and full width come from input methods."""
    found = start(trainee, Kind.CODES)
    codes = found.items[0]["asked"]["answers"]
    assert len(codes) == 2
    found = drills.answer(found, 0, typed.format(codes[1]), now=NOW)
    assert found.right == 1


def test_hostile_answers_are_wrong_answers(trainee: Any, cards: list[Card]) -> None:
    for kind, given_ in ((Kind.CODES, "\x00" * 10 + "长" * 5000), (Kind.BETTER, "7"), (Kind.BETTER, "")):
        found = drills.answer(start(trainee, kind, seed=3), 0, given_, now=NOW)
        assert len(found.items[0]["given"]) <= 20
        DrillRound.objects.all().delete()


def test_only_what_one_may_read_is_asked(trainee: Any, cards: list[Card]) -> None:
    """Drafts and cards of another team are in no round; without a card there is none."""
    factories.team("vip", factories.person("agent"))
    for card in cards[1:]:
        publish_document({**card.to_document(), "audience": ["vip"]}, status="published", reason="x")
    assert [item["card"] for item in start(trainee).items] == ["c0"]
    Card.objects.filter(slug="c0").update(status="draft")
    for kind in Kind.values:
        DrillRound.objects.all().delete()
        with pytest.raises(drills.Nothing):
            start(trainee, kind)


def test_a_card_taken_back_meanwhile_does_not_count(trainee: Any, cards: list[Card]) -> None:
    """It is no mistake of anybody's, and it is not asked again."""
    found = start(trainee)
    Card.objects.filter(slug=found.items[0]["card"]).update(status="retired")
    found = play(found, "wrrrrrrrrr")
    assert (found.asked, found.right, RecallItem.objects.count()) == (9, 9, 0)


def test_what_was_practised_by_competency(trainee: Any, trainer: Any, cards: list[Card]) -> None:
    """Of both drills that ask, without cards taken back and rounds not finished; one query, whatever was played."""
    assert drills.practised(trainee) == []
    Card.objects.filter(pk__in=[card.pk for card in cards[:6]]).update(competency="rules")
    counts = []
    for kind, answers in ((Kind.BETTER, "rrrrrwwwww"), (Kind.CODES, "wrrrrrrrrr")):
        found = start(trainee, kind)
        Card.objects.filter(slug=found.items[9]["card"]).update(status="retired")
        play(found, answers)
        Card.objects.update(status="published")
        with CaptureQueriesContext(connection) as queries:
            told = drills.practised(trainee)
        counts.append(len(queries))
    start(trainee)
    assert counts == [1, 1]
    assert [sum(one.pairs[at] for one in told) for at in (0, 1)] == [5, 9]
    assert [sum(one.codes[at] for one in told) for at in (0, 1)] == [8, 9]
    assert [one.label for one in told] == [
        str(Competency(code).label) for code in Competency if code in ("rules", cards[9].competency)
    ]
    assert drills.practised(trainer) == []


def test_a_round_is_a_few_queries(trainee: Any, cards: list[Card]) -> None:
    counts = []
    for number in (1, 12):
        Card.objects.update(status="draft")
        Card.objects.filter(pk__in=[card.pk for card in cards[:number]]).update(status="published")
        with CaptureQueriesContext(connection) as queries:
            start(trainee)
        counts.append(len(queries))
        DrillRound.objects.all().delete()
    assert counts[0] == counts[1]


# --- typing ----------------------------------------------------------------------------------------------------------


def test_a_typing_round_is_real_lines_with_their_defaults(trainee: Any, cards: list[Card]) -> None:
    """Enough of them for a minute or two, no braces."""
    found = start(trainee, Kind.TYPING)
    text = "".join(item["text"] for item in found.items)
    assert len(text) >= drills.TYPED or len(found.items) == 12
    assert "{" not in text


def totals(found: DrillRound, **changes: float) -> Totals:
    """Half of the round, typed in a minute with two mistakes."""
    lines = max(1, len(found.items) // 2)
    length = sum(len(item["text"]) for item in found.items[:lines])
    return Totals(**{"lines": lines, "asked": length, "characters": length, "mistakes": 2, "seconds": 60} | changes)  # type: ignore[arg-type]


def test_totals_are_kept_once(trainee: Any, cards: list[Card]) -> None:
    found = start(trainee, Kind.TYPING)
    given_ = totals(found)
    for mistakes in (2, 0):
        found = drills.finish_typing(found, totals(found, mistakes=mistakes), now=NOW + timedelta(seconds=61))
    assert (found.characters, found.seconds, found.asked - found.right) == (given_.characters, 60, 2)
    assert drills.speed(found) == given_.characters
    assert drills.accuracy(found) == 100 * (given_.characters - 2) // given_.characters
    assert drills.bests(trainee, Kind.TYPING).speed == given_.characters
    assert all(
        set(item) == {"card", "code", "text"} | ({"shown"} if at == 0 else set()) for at, item in enumerate(found.items)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": 2},
        {"seconds": 3600},
        {"lines": 0},
        {"lines": 99},
        {"characters": 0},
        {"characters": 100_000},
        {"asked": 1},
        {"asked": 100_000},
        {"mistakes": 100_000},
        {"mistakes": -1},
    ],
)
def test_what_nobody_can_have_typed_is_refused(trainee: Any, cards: list[Card], changes: dict[str, int]) -> None:
    """Faster than fingers, longer than the round has been open, more than was asked: the round stays open."""
    found = start(trainee, Kind.TYPING)
    with pytest.raises(drills.Implausible):
        drills.finish_typing(found, totals(found, **changes), now=NOW + timedelta(seconds=61))
    found.refresh_from_db()
    assert found.finished_at is None


def test_a_slow_best_needs_nine_of_ten_right(trainee: Any, cards: list[Card]) -> None:
    found = start(trainee, Kind.TYPING)
    drills.finish_typing(found, totals(found, mistakes=totals(found).asked // 2), now=NOW + timedelta(seconds=61))
    assert drills.bests(trainee, Kind.TYPING) == drills.Bests(
        right=totals(found).asked - totals(found).asked // 2, speed=0, rounds=1
    )


def test_texts_of_a_page_without_script_are_counted_and_dropped(trainee: Any, cards: list[Card]) -> None:
    found = start(trainee, Kind.TYPING)
    texts = [found.items[0]["text"] + "  ", found.items[1]["text"][1:], ""]
    counted = drills.typed_totals(found, texts, NOW + timedelta(seconds=40))
    length = len(found.items[0]["text"]) + len(found.items[1]["text"])
    assert counted == Totals(lines=2, asked=length, characters=length - 1, mistakes=1, seconds=40)
    drills.finish_typing(found, counted, now=NOW + timedelta(seconds=40))
    assert DrillRound.objects.values_list("items").get() == (found.items,)


@given(st.text("甲乙丙", max_size=8), st.text("甲乙丙", max_size=8))
def test_the_distance_of_two_texts(one: str, other: str) -> None:
    """As far there as back, nothing for the same, at most the longer of them, at least the difference."""
    far = drills.distance(one, other)
    assert far == drills.distance(other, one)
    assert (far == 0) == (one == other)
    assert abs(len(one) - len(other)) <= far <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("typed", "told"), [("", (0, 0)), ("甲乙", (0, 2)), ("甲丙", (1, 3)), ("乙丙丁", (1, 4)), ("甲乙丙丁戊", (1, 4))]
)
def test_the_line_in_hand_is_held_against_its_beginning(typed: str, told: tuple[int, int]) -> None:
    """Whoever is stopped in the middle of a line has not forgotten the rest of it."""
    assert drills.nearest("甲乙丙丁", typed) == told


def test_nobody_sees_anothers_rounds(trainee: Any, trainer: Any, cards: list[Card]) -> None:
    start(trainee)
    assert list(drills.rounds(trainer)) == []
