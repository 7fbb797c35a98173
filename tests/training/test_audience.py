"""Cards for some teams alone, in lessons, quizzes and results: what the courses add to the table of
tests/knowledge/test_visibility.py, and that a change of team or audience shows with the next request on any worker.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import Team, User
from knowledge.models import Card, Revision
from knowledge.services.cards import publish_document
from tests import factories
from tests.training import making
from tests.training.test_documents import lesson as document
from training.models import Attempt, Lesson, Question, Quiz
from training.services import drawing, lessons, pools, questions, quizzes

pytestmark = pytest.mark.django_db

# who -> role and team. The leader leads s1; the leaver was in it.
PEOPLE = {
    "member": ("agent", "s1"), "stranger": ("agent", "s11"), "nowhere": ("agent", None), "learner": ("trainee", "s1"),
    "leader": ("manager", None), "manager": ("manager", "s11"), "trainer": ("trainer", None), "leaver": ("agent", "s1"),
}  # fmt: skip
SEE = {"member", "learner", "leader", "trainer"}
STAY = [who for who in PEOPLE if who != "leaver"]
ADDRESS = "/learn/language/language-first/"
BODY = "开头一句。\n\n{{card:ours}}\n\n中间一句。\n\n{{card:open}}\n\n{{check:1}}"


@pytest.fixture
def people() -> dict[str, Any]:
    for code in ("s1", "s11"):
        Team.objects.create(code=code, name=code)
    made = {who: factories.person(role, team_id=team, username=who) for who, (role, team) in PEOPLE.items()}
    Team.objects.get(code="s1").leaders.add(made["leader"])
    return made


@pytest.fixture
def clients(people: dict[str, Any]) -> dict[str, Client]:
    found = {}
    for who, user in people.items():
        found[who] = Client()
        found[who].force_login(user, "django.contrib.auth.backends.ModelBackend")
    User.objects.filter(username="leaver").update(is_active=False)
    return found


@pytest.fixture
def lesson(people: dict[str, Any]) -> Lesson:
    """Between two sentences a card of one team, then a card of everybody."""
    factories.card("ours", code="ou", title="一店秘密", audience=["s1"])
    factories.card("open", code="op", title="大家的话")
    making.course("language")
    return lessons.save_document(document(slug="language-first", title="第一课", position="1", body=BODY))


def reads(client: Client, address: str = ADDRESS) -> bool | int:
    """Whether the team's card stands on the page; the status of another answer."""
    answer = client.get(address)
    if answer.status_code != 200:
        return int(answer.status_code)
    page = answer.content.decode()
    return any(word in page for word in ("/phrases/ours/", "ours这件事", "ou1"))


# Lessons


def test_a_lesson_shows_the_card_to_its_team(clients: dict[str, Client], lesson: Lesson) -> None:
    """Twice and both ways round, so that each has been asked for when the page of another was kept."""
    wanted: dict[str, bool | int] = {who: who in SEE for who in STAY} | {"leaver": 302}
    for order in (PEOPLE, reversed(PEOPLE), PEOPLE):
        assert {who: reads(clients[who]) for who in order} == wanted


def test_nothing_is_left_where_it_would_stand(clients: dict[str, Client], lesson: Lesson) -> None:
    """No gap and no title: the others read the lesson as if it had been written without the card."""
    with_it = clients["stranger"].get(ADDRESS).content.decode()
    Lesson.objects.get().delete()
    body = BODY.replace("{{card:ours}}\n\n", "")
    lessons.save_document(document(slug="language-first", title="第一课", position="1", body=body))
    without = clients["stranger"].get(ADDRESS).content.decode()

    def text(page: str) -> str:
        return page[page.index("开头一句") : page.index("check-1")].replace("\n", "")

    assert text(with_it) == text(without)


def test_only_a_restricted_card_divides_what_is_kept(
    clients: dict[str, Client], people: dict[str, Any], lesson: Lesson
) -> None:
    """The usual lesson is kept once, for all teams together."""
    from training.services import reading

    def keys() -> int:
        found = [reading.page("language", "language-first", people[who]) for who in ("member", "stranger", "nowhere")]
        return len({page.text_key for page in found if page})

    assert keys() == 3
    card = Card.objects.get(slug="ours")
    publish_document({key: value for key, value in card.to_document().items() if key != "audience"})
    assert keys() == 1


@pytest.mark.parametrize(("who", "count"), [("member", 3), ("stranger", 3), ("nowhere", 3)])
def test_it_costs_three_queries(clients: dict[str, Client], lesson: Lesson, who: str, count: int) -> None:
    """Session, reader, lesson: for everybody without the right to enter the admin, restricted or not."""
    clients[who].get(ADDRESS)
    with CaptureQueriesContext(connection) as asked:
        clients[who].get(ADDRESS)
    assert len(asked) == count


def test_its_tag_is_of_its_team(clients: dict[str, Client], lesson: Lesson) -> None:
    """Nobody is told "not modified" about a page that holds a card they may not see any more."""
    for who in ("member", "stranger"):
        clients[who].get(ADDRESS)
        tag = clients[who].get(ADDRESS).headers["ETag"]
        assert clients[who].get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    tag = clients["member"].get(ADDRESS).headers["ETag"]
    User.objects.filter(username="member").update(team="s11")
    answer = clients["member"].get(ADDRESS, headers={"If-None-Match": tag})
    assert (answer.status_code, "一店秘密" in answer.content.decode()) == (200, False)


def test_a_lesson_is_not_found_by_the_words_of_its_card(clients: dict[str, Client], lesson: Lesson) -> None:
    """A card's words belong to the card: the lesson's row in the index does not hold them."""
    answer = clients["stranger"].get("/learn/", {"q": "一店秘密"})
    assert "第一课" not in answer.content.decode()
    beside = clients["stranger"].get("/phrases/", {"q": "一店秘密"}).content.decode()
    assert ("language-first" in beside, "/phrases/ours/" in beside) == (False, False)


# Quizzes


@pytest.fixture
def quiz(people: dict[str, Any], lesson: Lesson) -> Quiz:
    """Two questions about the team's card, generated and written, one about everybody's, one about none."""
    for kind in ("better", "fault"):
        made = questions.generate_from_card(Card.objects.with_parts().get(slug="ours"), kind)
        questions.set_status([made], "published")  # type: ignore[arg-type]
    questions.save_document(making.single("language-01", card="open"), "language")
    questions.save_document(making.single("language-02"), "language")
    return making.quiz(rules=[{"course": "language", "count": 9}])


def count_drawn(user: Any, quiz: Quiz) -> int:
    return len(drawing.draw(quiz.rules, user, random.Random(1)))


def count_started(user: Any, quiz: Quiz) -> int:
    return making.start(quiz, user).items.count()


COUNTS: dict[str, Callable[[Any, Quiz], int]] = {
    "drawn": count_drawn,
    "promised": lambda user, quiz: pools.drawn(quiz.rules, user),
    "asked": count_started,
}


@pytest.mark.parametrize("where", COUNTS)
def test_who_is_asked(people: dict[str, Any], quiz: Quiz, where: str) -> None:
    """The door promises what is drawn; nobody is asked about words they could not have read."""
    assert {who: COUNTS[where](people[who], quiz) for who in STAY} == {who: 4 if who in SEE else 2 for who in STAY}


def test_mistakes_are_practised_while_one_may_read_the_card(people: dict[str, Any], quiz: Quiz) -> None:
    user = people["member"]
    attempt = making.start(quiz, user)
    quizzes.finish(attempt, now=making.NOW)
    assert len(quizzes.wrong_questions(user)) == 4
    user.team_id = "s11"
    assert len(quizzes.wrong_questions(user)) == 2


def test_a_result_stays_and_its_ways_to_cards_follow_the_reader(
    clients: dict[str, Client], people: dict[str, Any], quiz: Quiz
) -> None:
    """What somebody was asked is their record; the card behind it is opened by whoever may read it today."""
    attempt = making.start(quiz, people["member"])
    quizzes.finish(attempt, now=making.NOW)
    address = f"/attempts/{attempt.pk}/result/"
    page = clients["member"].get(address).content.decode()
    assert ("ours这件事" in page, "/phrases/ours/" in page, "/phrases/open/" in page) == (True, True, True)
    User.objects.filter(username="member").update(team="s11")
    page = clients["member"].get(address).content.decode()
    assert ("ours这件事" in page, "/phrases/ours/" in page, "/phrases/open/" in page) == (True, False, True)
    assert Attempt.objects.get().items.count() == 4


def test_managers_find_the_questions_of_their_teams(clients: dict[str, Client], quiz: Quiz) -> None:
    found = {
        who: clients[who].get("/admin/training/question/").context["cl"].queryset.count()
        for who in ("trainer", "leader", "manager")
    }
    assert found == {"trainer": 4, "leader": 4, "manager": 2}
    hidden = Question.objects.filter(card__slug="ours").first()
    assert hidden is not None
    assert clients["manager"].get(f"/admin/training/question/{hidden.pk}/change/").status_code == 302
    found = {who: len(clients[who].get("/team/items/").context["items"]) for who in found}
    assert found == {"trainer": 4, "leader": 4, "manager": 2}
    answers = {who: clients[who].get(f"/team/items/{hidden.code}/").status_code for who in found}
    assert answers == {"trainer": 200, "leader": 200, "manager": 404}


def test_versions_of_a_question_stay_with_the_teams_of_its_card(clients: dict[str, Client], quiz: Quiz) -> None:
    """Also one that is about a card of other teams no more, or not yet."""
    hidden = Question.objects.filter(card__slug="ours").first()
    plain = Question.objects.exclude(card__slug="ours").first()
    assert hidden
    assert plain
    Revision.objects.create(
        kind="question", object_id=plain.pk, slug=plain.code, number=9, state="draft",
        document=plain.to_document() | {"card": "ours"},
    )  # fmt: skip
    listed = {}
    for who in ("trainer", "leader", "manager"):
        rows = clients[who].get("/admin/knowledge/revision/?kind=question&state=published").context["cl"].queryset
        drafts = clients[who].get("/admin/knowledge/revision/?kind=question").context["cl"].queryset
        listed[who] = (hidden.code in {row.slug for row in rows}, plain.code in {row.slug for row in rows}, len(drafts))
    assert listed == {"trainer": (True, True, 1), "leader": (True, True, 1), "manager": (False, True, 0)}


QUEUES = ("/team/freshness/", "/team/rechecks/", "/team/copies/?side=never", "/team/copies/?by=card&side=never")


@pytest.mark.parametrize("address", QUEUES)
def test_queues_and_lists_of_the_team_pages(clients: dict[str, Client], quiz: Quiz, address: str) -> None:
    """What is stale, what leans on a changed card and what nobody copies: of the cards one may read."""
    card = Card.objects.with_parts().get(slug="ours")
    publish_document(card.to_document() | {"principle": "新的道理。"})
    Card.objects.update(verified_on="2020-01-01")
    Revision.objects.update(created_at=making.NOW - timedelta(days=400))
    pages = {who: clients[who].get(address) for who in ("trainer", "leader", "manager")}
    assert {page.status_code for page in pages.values()} == {200}
    found = {who: "一店秘密" in page.content.decode() for who, page in pages.items()}
    assert found == {"trainer": True, "leader": True, "manager": False}


# At once, on every worker


def worker(name: str) -> Any:
    """Another process's cache: what a worker keeps, no other one knows of."""
    return override_settings(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}}
    )


PLACES = ("/phrases/", "/phrases/?q=一店秘密", "/dock/?q=一店秘密", "/phrases/ours/", ADDRESS)


def seen(client: Client) -> list[bool | int]:
    return [reads(client, place) if place != PLACES[3] else client.get(place).status_code for place in PLACES]


HIDDEN, SHOWN = [False, False, False, 404, False], [True, True, True, 200, True]


@pytest.mark.parametrize("change", ["team", "audience"])
def test_it_switches_at_once_on_every_worker(clients: dict[str, Client], lesson: Lesson, change: str) -> None:
    """Two workers with caches of their own, both warm with either state: the next request of each sees the new one."""
    first, second = clients["member"], clients["stranger"]

    def switch(to: str) -> None:
        if change == "team":
            User.objects.filter(username="member").update(team=to)
            User.objects.filter(username="stranger").update(team="s1" if to == "s11" else "s11")
        else:
            publish_document(Card.objects.with_parts().get(slug="ours").to_document() | {"audience": [to]})

    for to in ("s1", "s11", "s1", "s11"):
        switch(to)
        for name in ("one", "two", "one"):
            with worker(name):
                found = (seen(first), seen(second))
            wanted = (SHOWN, HIDDEN) if to == "s1" else (HIDDEN, SHOWN)
            assert found == wanted, (to, name)
    for name in ("one", "two"):
        with worker(name):
            cache.clear()
