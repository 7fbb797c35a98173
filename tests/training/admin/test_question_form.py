"""Questions: the type first, then a form with what that type needs, and no box for JSON anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.roles import TRAINER
from knowledge.models import Card, Revision, Tombstone, Use
from tests import factories
from tests.knowledge.admin.conftest import errors, signed_in
from tests.training import making
from tests.training.admin.conftest import address, blank, changed, fresh, opened, said, save
from training.enums import QuestionType
from training.models import Question
from training.services import questions

KINDS = list(QuestionType.values)
HEAD = {
    "course": "language",
    "competency": "language",
    "difficulty": "3",
    "prompt": "情境____？",
    "explanation": "原因。",
}


def part(text: str, right: str, key: str = "text") -> dict[str, str]:
    return {key: text, "right": right, "feedback": f"说{text}"}


def boxes(*parts: dict[str, str]) -> dict[str, str]:
    """The boxes of options as a browser sends them: a box that is not ticked is not sent."""
    return {
        f"options-{at}-{key}": value
        for at, one in enumerate(parts)
        for key, value in one.items()
        if (key, value) != ("right", "no")
    }


SINGLE = (part("甲", "yes"), part("乙", "no"))
MULTIPLE = (part("甲", "yes"), part("乙", "no"), part("丙", "yes"))
TRUEFALSE = (part("对", "no"), part("错", "yes"))
BETTER = (part("aa1", "yes", "line"), part("aa51", "no", "line"))
PAIRS = [{"left": f"左{at}", "right": f"右{at}"} for at in range(3)]

# type -> what a trainer fills in, and the body it makes
FILLED: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "single": (boxes(*SINGLE), {"options": [*SINGLE]}),
    "multiple": (boxes(*MULTIPLE), {"options": [*MULTIPLE]}),
    "truefalse": (boxes(*TRUEFALSE), {"options": [*TRUEFALSE]}),
    "better": (boxes(*BETTER), {"options": [*BETTER]}),
    "ordering": (
        {"steps-0-text": "三", "steps-0-position": "8", "steps-1-text": "一", "steps-3-text": "二", "feedback": "因"},
        {"steps": ["一", "二", "三"], "feedback": "因"},
    ),
    "matching": (
        {f"pairs-{at}-{side}": pair[side] for at, pair in enumerate(PAIRS) for side in pair} | {"feedback": "因"},
        {"pairs": PAIRS, "feedback": "因"},
    ),
    "fill": ({"answers": " 7天 \r\n\r\n七天\r\n", "feedback": "因"}, {"answers": ["7天", "七天"], "feedback": "因"}),
    "rewrite": (
        {
            "draft": "没有。",
            "points-0-name": "致歉",
            "points-0-any": "抱歉\r\n不好意思",
            "forbids": "没有",
            "model": "抱歉。",
        },
        {
            "draft": "没有。",
            "points": [{"name": "致歉", "any": ["抱歉", "不好意思"]}],
            "forbids": ["没有"],
            "model": "抱歉。",
        },
    ),
}


@pytest.fixture
def card(db: None) -> Card:
    return factories.card("a", code="aa", title="在吗")


def made(kind: str) -> Question:
    """A question of this type; a better reply needs card `a`."""
    return questions.save_document(making.document(kind), "language")


def add(client: Client, kind: str, card: Card, **changes: Any) -> Any:
    query = f"?type={kind}" + (f"&card={card.pk}" if kind == "better" else "")
    data = blank(client, "question", query) | HEAD | FILLED[kind][0] | changes
    return client.post(f"/admin/training/question/add/{query}", data)


@pytest.mark.parametrize("kind", KINDS)
def test_add_each_type(as_trainer: Client, card: Card, kind: str) -> None:
    """The next number of the course, a draft, one version with its author."""
    assert add(as_trainer, kind, card).status_code == 302
    question = Question.objects.get()
    assert (question.code, question.type, question.status, question.version) == ("language-01", kind, "draft", 1)
    assert question.body == FILLED[kind][1]
    assert question.card == (card if kind == "better" else None)
    assert str(Revision.objects.get(kind="question").author) == "Wang"


@pytest.mark.parametrize("kind", KINDS)
def test_untouched_form_makes_no_version(as_trainer: Client, card: Card, kind: str) -> None:
    """A form that loses or reorders anything would show here as a second version."""
    question = made(kind)
    assert save(as_trainer, question).status_code == 302
    assert (fresh(question).to_document(), fresh(question).version) == (question.to_document(), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_boxes_of_the_type(as_trainer: Client, card: Card, kind: str) -> None:
    """Somebody who writes a gap text must not wonder what forbidden wordings are."""
    data = opened(as_trainer, made(kind))
    own = {name.split("-")[0] for name in data}
    head = {
        "csrfmiddlewaretoken",
        "base",
        "reason",
        "competency",
        "difficulty",
        "status",
        "prompt",
        "explanation",
        "facts",
    }
    body = set(making.body(kind))
    assert own - {"card"} == head | body
    assert ("card" in own) == (kind != "better")


def test_choose_the_type_first(as_trainer: Client) -> None:
    html = as_trainer.get("/admin/training/question/add/").content.decode()
    assert [html.count(f'href="?type={kind}"') for kind in KINDS] == [1] * 8
    assert "<textarea" not in html


def test_choose_the_card_of_a_better_reply(as_trainer: Client, card: Card) -> None:
    """Only cards with both kinds of line can be compared with themselves."""
    factories.card("mute", do=[])
    html = as_trainer.get("/admin/training/question/add/?type=better").content.decode()
    assert [html.count(f'<option value="{one.pk}">') for one in Card.objects.order_by("slug")] == [1, 0]
    for wrong in ("", "x", "0", "99999999999999999999", "１"):
        page = as_trainer.get(f"/admin/training/question/add/?type=better&card={wrong}")
        assert (page.status_code, "id_card" in page.content.decode()) == (200, True)


def test_code_of_ones_own(as_trainer: Client, card: Card) -> None:
    """It begins with the course: the files are sorted by it."""
    assert errors(add(as_trainer, "single", card, code="rules-01")) == ["the id begins with the course: language-"]
    assert errors(add(as_trainer, "single", card, code="language-A")) == [
        "use lower-case letters, digits and single hyphens"
    ]
    assert add(as_trainer, "single", card, code="language-extra").status_code == 302
    assert "already exists" in errors(add(as_trainer, "single", card, code="language-extra"))[0]


def test_next_code_counts_what_was_deleted(as_trainer: Client, card: Card) -> None:
    """A number that starter content has must not come to mean something else."""
    made("single")
    Tombstone.objects.create(kind="question", slug="language-22")
    add(as_trainer, "single", card)
    assert Question.objects.filter(code="language-23").exists()


def test_type_code_and_course_are_chosen_once(as_trainer: Client, card: Card) -> None:
    question = made("single")
    save(as_trainer, question, type="fill", code="rules-09", course="rules")
    live = fresh(question)
    assert (live.type, live.code, live.course) == ("single", question.code, "language")


@pytest.mark.parametrize(
    ("kind", "changes", "told"),
    [
        ("single", {"options__0__right": "on"}, ["exactly 1 of them must be right"]),
        ("single", {"options__0__feedback": ""},
         ["Row 1, feedback: a text is needed here"]),
        ("single", {"options__1__text": "0"}, ["'0' stands here twice"]),
        ("single", {"options__1__DELETE": "on", "options__2__DELETE": "on"}, ["2 to 6 options are needed here"]),
        ("multiple", {"options__0__right": None}, ["2 to 6 of them must be right"]),
        ("better", {"options__0__line": "zz9"}, ["Row 1, line: Not a line of this card: zz9"]),
        ("better", {"options__1__line": "aa1"}, ["'aa1' stands here twice"]),
        ("ordering", {"steps__0__text": "乙"}, ["'乙' stands here twice"]),
        ("matching", {"pairs__0__DELETE": "on"}, ["at least 3 pairs are needed here"]),
        ("matching", {"pairs__2__right": ""},
         ["Row 3, what belongs to it: a text is needed here"]),
        ("fill", {"prompt": "没有空"}, ["one gap, written ____, is needed here"]),
        ("fill", {"answers": "\r\n"}, ["This field is required."]),
        ("rewrite", {"points__0__any": ""},
         ["Row 1, wordings that count, one a line: a list of at least 1 is needed here"]),
        ("rewrite", {"model": ""}, ["This field is required."]),
        ("single", {"prompt": "铃\x07"}, ["control characters are not allowed"]),
    ],
)  # fmt: skip
def test_problems_stand_on_their_box(
    as_trainer: Client, card: Card, kind: str, changes: dict[str, Any], told: list[str]
) -> None:
    """Nothing is saved, and the sentence says where."""
    question = made(kind)
    response = save(as_trainer, question, explanation="改过", **changes)
    assert (response.status_code, errors(response)) == (200, told)
    assert (fresh(question).explanation, fresh(question).version) == ("原因。", 1)


def test_second_save_is_refused(as_trainer: Client, card: Card) -> None:
    question = made("single")
    other = signed_in(factories.person(TRAINER, locale="en", display_name="Li"))
    mine = opened(as_trainer, question)
    save(other, question, explanation="别人的")
    (told,) = errors(as_trainer.post(address(question), changed(mine, {"explanation": "我的"})))
    assert told.startswith("Li changed this at ")
    assert fresh(question).explanation == "别人的"


def test_saving_writes_its_use(as_trainer: Client, card: Card) -> None:
    question = made("single")
    save(as_trainer, question, card=card.pk)
    assert list(Use.objects.values_list("kind", "card__slug")) == [("question", "a")]


def test_lines_are_shown_in_words(as_trainer: Client, card: Card) -> None:
    """A short code alone tells a trainer nothing."""
    html = as_trainer.get(address(made("better"))).content.decode()
    assert html.count('<option value="aa1" selected>aa1 您好，a这件事我来帮您查。</option>') == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_manager_reads(as_manager: Client, card: Card, kind: str) -> None:
    html = as_manager.get(address(made(kind))).content.decode()
    assert [html.count(part) for part in ("<textarea", "data-rows", "/duplicate/", "{&#x27;", "{&quot;")] == [0] * 5


def test_copy(as_trainer: Client, card: Card) -> None:
    question = made("single")
    response = as_trainer.post(address(question, "duplicate"))
    copy = Question.objects.get(code="language-01")
    assert response.headers["Location"] == address(copy)
    assert (copy.status, copy.body, copy.prompt) == ("draft", question.body, question.prompt)


# From a card


def generate(client: Client, card: Any, kind: str) -> Any:
    return client.post("/admin/training/question/generate/", {"card": card, "kind": kind}, follow=True)


@pytest.mark.parametrize(("kind", "type_"), [("better", "better"), ("fault", "single")])
def test_generate_from_a_card(as_trainer: Client, card: Card, kind: str, type_: str) -> None:
    """One click: a draft, opened to be looked through."""
    response = generate(as_trainer, card.pk, kind)
    question = Question.objects.get()
    assert response.redirect_chain == [(address(question), 302)]
    assert said(response) == ["A draft made from the card. Look through it, then publish it."]
    assert (question.type, question.status, question.card, question.code) == (type_, "draft", card, "language-g01")
    assert save(as_trainer, question).status_code == 302
    assert LogEntry.objects.filter(object_id=str(question.pk), action_flag=1).count() == 1


def test_generate_needs_both_sides(as_trainer: Client) -> None:
    mute = factories.card("mute", do=[])
    response = generate(as_trainer, mute.pk, "better")
    assert said(response) == ["The card needs a line to say and one not to say."]
    assert Question.objects.count() == 0


@pytest.mark.parametrize("card", ["", "x", "0", "１"])
def test_generate_without_a_card(as_trainer: Client, card: str) -> None:
    assert generate(as_trainer, card, "better").status_code == 404


def test_generate_of_another_kind(as_trainer: Client, card: Card) -> None:
    assert said(generate(as_trainer, card.pk, "essay")) == ["There is no such question."]


def test_hostile_adds(as_trainer: Client, card: Card) -> None:
    """Whatever is sent is answered with a page."""
    for kind in KINDS:
        query = f"?type={kind}&card={card.pk}"
        data = {
            "options-0-text": "x",
            "points-0-any": "\x00",
            "difficulty": "9",
            "steps-99999-text": "x",
            "facts": "字" * 99,
        }
        assert as_trainer.post(f"/admin/training/question/add/{query}", data).status_code == 200
    assert as_trainer.post("/admin/training/question/add/", {"prompt": "x"}).status_code == 200
