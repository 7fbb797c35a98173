"""Attempts over HTTP: who may, what is kept, what is refused, and what a result tells."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import factories
from tests.training import making
from tests.training.test_grading import json as any_json
from tests.training.views.test_doors import lesson, signed_in
from training.forms import AnswerForm
from training.models import Attempt, AttemptItem, Certificate, Lesson, Question, Quiz
from training.services import questions

pytestmark = pytest.mark.django_db
KINDS = ("single", "multiple", "truefalse", "better", "ordering", "matching", "fill", "rewrite")


@pytest.fixture
def learner(db: None) -> Any:
    return factories.person("trainee", locale="en")


@pytest.fixture
def quiz() -> Quiz:
    """One question of each type."""
    factories.card("a", code="aa")
    for kind in KINDS:
        questions.save_document(making.document(kind, facts=["B-06"]), "language")
    return making.quiz(course=making.course(), rules=[{"course": "language", "count": 20}])


@pytest.fixture
def attempt(learner: Any, quiz: Quiz) -> Attempt:
    return making.start(quiz, learner, timezone.now() - timedelta(minutes=5))


@pytest.fixture
def client_(learner: Any) -> Client:
    return signed_in(learner)


def item(attempt: Attempt, kind: str) -> AttemptItem:
    return next(one for one in attempt.items.all() if one.document["type"] == kind)


def send(client: Client, of: AttemptItem, answer: Any, sequence: int = 1, seconds: int = 4) -> Any:
    address = reverse("attempt_answer", args=[of.attempt_id, of.position])
    return client.post(address, {"answer": json.dumps(answer), "sequence": sequence, "seconds": seconds})


def fields(of: AttemptItem, answer: Any) -> dict[str, Any]:
    """The form fields of an answer, as a browser without script sends them."""
    name, kind = f"a{of.position}", of.document["type"]
    sent: dict[str, Any] = {f"s{of.position}": str(of.sequence), f"t{of.position}": "3"}
    if kind == "ordering":
        return sent | {f"{name}-{key}": str(at) for at, key in enumerate(answer, 1)}
    if kind == "matching":
        return sent | {f"{name}-{key}": chosen for key, chosen in answer.items()}
    return sent | {name: answer}


def whole_page(attempt: Attempt, **answers: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for one in attempt.items.all():
        nothing: Any = {"ordering": [], "matching": {}, "multiple": []}.get(one.document["type"], "")
        sent |= fields(one, answers.get(one.document["type"], nothing))
    return sent


# Who


@pytest.mark.parametrize("role", ["trainee", "agent", "trainer", "manager"])
def test_nobody_else_answers_or_looks_on(attempt: Attempt, role: str) -> None:
    """Not a colleague, not a trainer: an attempt is its owner's, by whatever address."""
    client = signed_in(factories.person(role))
    address = f"/attempts/{attempt.pk}/"
    got = [client.get(address), client.post(address), client.post(f"{address}finish/", {"sure": "1"})]
    got += [send(client, attempt.items.get(position=1), "0"), client.get(f"{address}result/")]
    assert [answer.status_code for answer in got] == [404] * 5
    assert Attempt.objects.get().state == "open"


def test_a_result_is_the_owners_and_the_trainers(client_: Client, attempt: Attempt, learner: Any) -> None:
    """Trainers and the team's manager see whose it is; a colleague sees nothing; nobody but the owner is led on."""
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    address = f"/attempts/{attempt.pk}/result/"
    roles = ("trainee", "agent", "trainer", "manager")
    viewers = {role: factories.person(role, locale="en") for role in roles}
    factories.team("shop", learner, leaders=[viewers["manager"]])
    seen = {role: signed_in(viewer).get(address) for role, viewer in viewers.items()}
    assert {role: page.status_code for role, page in seen.items()} == {
        "trainee": 404, "agent": 404, "trainer": 200, "manager": 200,
    }  # fmt: skip
    for role in ("trainer", "manager"):
        page = seen[role].content.decode()
        assert f"Result of {learner}" in page
        assert f'href="/team/people/{learner.pk}/"' in page
        assert "Another attempt" not in page
    assert "Your result" in client_.get(address).content.decode()


# One answer


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_is_kept_as_sent(client_: Client, attempt: Attempt, kind: str) -> None:
    """Every type, by the script's address."""
    of = item(attempt, kind)
    right = making.right_answer(of.document)
    got = send(client_, of, right)
    of.refresh_from_db()
    assert (got.status_code, got.json()["sequence"], got.json()["answer"]) == (200, 1, right)
    assert (of.answer, of.sequence, of.seconds) == (right, 1, 4)


def test_a_stale_answer_is_told_what_stands(client_: Client, attempt: Attempt) -> None:
    """409 with the server's word: the page decides from it."""
    of = item(attempt, "single")
    send(client_, of, "2", sequence=7)
    got = send(client_, of, "1", sequence=7)
    assert (got.status_code, got.json()) == (409, {"sequence": 7, "answer": "2", "remaining": None})
    assert send(client_, of, "2", sequence=3).status_code == 200  # the same again is no conflict


def test_an_answer_can_be_taken_back(client_: Client, attempt: Attempt) -> None:
    """A cleared box is unanswered again, for the count and for the database."""
    of = item(attempt, "fill")
    send(client_, of, "七天")
    send(client_, of, " ", sequence=2)
    assert attempt.items.filter(answer__isnull=True).count() == len(KINDS)


BAD = [
    ("single", "9"), ("single", ["0"]), ("single", 0), ("single", {"0": "0"}), ("multiple", "0"),
    ("multiple", ["0", "0"]), ("multiple", ["0", "9"]), ("multiple", [0]), ("ordering", ["0", "1"]),
    ("ordering", ["0", "1", "2", "2"]), ("ordering", {"0": "0"}), ("matching", {"9": "0"}), ("matching", {"0": "9"}),
    ("matching", ["0"]), ("matching", {"0": 0}), ("fill", "七" * 101), ("fill", ["七天"]), ("rewrite", "好" * 601),
    ("rewrite", 7),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "answer"), BAD)
def test_what_does_not_fit_is_refused_with_a_sentence(
    client_: Client, attempt: Attempt, kind: str, answer: Any
) -> None:
    """422, a sentence, and nothing is stored."""
    of = item(attempt, kind)
    got = send(client_, of, answer)
    assert (got.status_code, bool(got.json()["error"])) == (422, True)
    of.refresh_from_db()
    assert (of.answer, of.sequence) == (None, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"answer": "{", "sequence": "1", "seconds": "1"}, {"answer": "NaN", "sequence": "1", "seconds": "1"},
        {"answer": "[" * 9000, "sequence": "1", "seconds": "1"},
        {"answer": "1" * 9000, "sequence": "1", "seconds": "1"},
        {"answer": '"0"', "sequence": "0", "seconds": "1"}, {"answer": '"0"', "sequence": "x", "seconds": "1"},
        {"answer": '"0"', "sequence": "9" * 30, "seconds": "1"}, {"answer": '"0"', "sequence": "1", "seconds": "-1"},
        {"answer": '"0"', "sequence": "1", "seconds": "1e9"}, {"answer": '"' + "x" * 20_000 + '"', "sequence": "1"},
        {"answer": '"\x00"', "sequence": "1", "seconds": "1"},
    ],
)  # fmt: skip
def test_garbage_is_expected_input(client_: Client, attempt: Attempt, fields: dict[str, str]) -> None:
    """A script of ours never sends these; whoever does gets a sentence, not an error page."""
    got = client_.post(f"/attempts/{attempt.pk}/items/1/", fields)
    assert (got.status_code, bool(got.json()["error"])) == (422, True)


@given(text=st.text(max_size=40) | any_json.map(json.dumps), number=st.text(max_size=12))
@settings(max_examples=200, deadline=None)
def test_the_form_takes_anything_without_an_error(text: str, number: str) -> None:
    """Bounds of the two columns included: what it calls valid, a database takes."""
    form = AnswerForm({"answer": text, "sequence": number, "seconds": number})
    if form.is_valid():
        assert 1 <= form.cleaned_data["sequence"] < 2**31


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\r\nb", "a\tb", "\ufeffab", "😊"])
def test_odd_characters_reach_no_database(client_: Client, attempt: Attempt, text: str) -> None:
    """PostgreSQL raises on the first two; what is visible is kept."""
    of = item(attempt, "rewrite")
    assert send(client_, of, text).status_code == 200
    of.refresh_from_db()
    assert of.answer in {"ab", "a\nb", "a b", "😊"}


@pytest.mark.parametrize("position", [0, 99, 2**31, 2**63])
def test_a_position_that_is_not_asked(client_: Client, attempt: Attempt, position: int) -> None:
    """A page of another attempt; or a number that no column holds."""
    address = f"/attempts/{attempt.pk}/items/{position}/"
    got = client_.post(address, {"answer": '"0"', "sequence": "1", "seconds": "1"})
    assert got.status_code == 404


# The clock


def late(attempt: Attempt, seconds: int) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() - timedelta(seconds=seconds))


def test_the_page_is_told_the_time_left(client_: Client, attempt: Attempt) -> None:
    """By the server's clock, on the page and with each answer."""
    late(attempt, -100)
    assert 95 < client_.get(f"/attempts/{attempt.pk}/").context["remaining"] <= 100
    assert 95 < send(client_, item(attempt, "single"), "0").json()["remaining"] <= 100
    state = client_.get(f"/attempts/{attempt.pk}/", headers={"X-Fragment": "1"}).json()
    assert 95 < state["remaining"] <= 100
    assert state["items"][str(item(attempt, "single").position)] == {"sequence": 1, "answer": "0"}


def test_after_the_grace_nothing_is_taken_and_the_result_is_there(client_: Client, attempt: Attempt) -> None:
    """The answer that came too late is told so, and the attempt is graded with what came in time."""
    of = item(attempt, "single")
    send(client_, of, making.right_answer(of.document))
    late(attempt, 8)
    got = send(client_, of, "9", sequence=2)
    assert (got.status_code, got.json()) == (409, {"closed": True, "result": f"/attempts/{attempt.pk}/result/"})
    graded = Attempt.objects.get()
    assert (graded.state, graded.points, graded.finished_at) == (
        "finished", Decimal(1), graded.deadline + timedelta(seconds=5),
    )  # fmt: skip
    assert client_.get(f"/attempts/{attempt.pk}/", headers={"X-Fragment": "1"}).status_code == 409


def test_within_the_grace_the_whole_page_is_taken(client_: Client, attempt: Attempt) -> None:
    """What was still unsent at 0 goes along with the handing in."""
    late(attempt, 2)
    of = item(attempt, "single")
    sent = whole_page(attempt, single=making.right_answer(of.document))
    client_.post(f"/attempts/{attempt.pk}/finish/", {**sent, "sure": "1"})
    assert Attempt.objects.get().points == 1


def test_beyond_the_grace_the_page_is_not_taken(client_: Client, attempt: Attempt) -> None:
    """Or a patient client could think for hours."""
    late(attempt, 9)
    of = item(attempt, "single")
    sent = whole_page(attempt, single=making.right_answer(of.document))
    for address in ("finish/", ""):
        got = client_.post(f"/attempts/{attempt.pk}/{address}", {**sent, "sure": "1"})
        assert got.headers["Location"] == f"/attempts/{attempt.pk}/result/"
    assert Attempt.objects.get().points == 0


def test_a_look_after_the_end_writes_nothing_by_itself(client_: Client, attempt: Attempt) -> None:
    """The page asks for the result with a POST of its own (at once where there is script)."""
    late(attempt, 60)
    page = client_.get(f"/attempts/{attempt.pk}/").content.decode()
    assert f'action="/attempts/{attempt.pk}/finish/" data-now' in page
    assert Attempt.objects.get().state == "open"
    assert client_.get(f"/attempts/{attempt.pk}/result/").headers["Location"] == f"/attempts/{attempt.pk}/"


# The whole page without script


def test_save_and_come_back(client_: Client, attempt: Attempt) -> None:
    """Every type from plain form fields; the page shows it all again."""
    right = {one.document["type"]: making.right_answer(one.document) for one in attempt.items.all()}
    client_.post(f"/attempts/{attempt.pk}/", whole_page(attempt, **right))
    assert {one.document["type"]: one.answer for one in attempt.items.all()} == right
    assert client_.get(f"/attempts/{attempt.pk}/").context["answered"] == len(KINDS)


def test_saving_what_is_there_changes_nothing(client_: Client, attempt: Attempt) -> None:
    """Unanswered questions stay so: a page saved empty is no answer to anything."""
    client_.post(f"/attempts/{attempt.pk}/", whole_page(attempt))
    found = set(attempt.items.values_list("answer", "sequence", "answered_at", "seconds"))
    assert found == {(None, 0, None, 3)}


def test_an_old_page_leaves_newer_answers_standing(client_: Client, attempt: Attempt) -> None:
    """And says for which question."""
    old = whole_page(attempt, single="0", truefalse="1")
    of = item(attempt, "single")
    send(client_, of, "2")
    page = client_.post(f"/attempts/{attempt.pk}/", old, follow=True).content.decode()
    assert f"Question {of.position} has a newer answer from another window; that one was kept." in page
    assert (item(attempt, "single").answer, item(attempt, "truefalse").answer) == ("2", "1")


@pytest.mark.parametrize("places", [("1", "1", "2", "3"), ("1", "2", "3", ""), ("1", "2", "x", "x")])
def test_an_order_with_gaps_or_ties_is_told_and_the_rest_is_saved(
    client_: Client, attempt: Attempt, places: tuple[str, ...]
) -> None:
    """One question filled in badly must not cost the others."""
    of = item(attempt, "ordering")
    sent = whole_page(attempt, truefalse="1")
    sent |= {f"a{of.position}-{key}": place for key, place in zip("0123", places, strict=True)}
    page = client_.post(f"/attempts/{attempt.pk}/", sent, follow=True).content.decode()
    assert f"Question {of.position}: Give each step a place of its own" in page
    assert (item(attempt, "ordering").answer, item(attempt, "truefalse").answer) == (None, "1")


# Handing in


def test_handing_in_asks_once_and_is_done_once(client_: Client, attempt: Attempt) -> None:
    """First the list of open questions with everything saved; then the result, however often it is sent."""
    address = f"/attempts/{attempt.pk}/finish/"
    asked = client_.post(address, whole_page(attempt, truefalse="1"))
    assert asked.status_code == 200
    assert asked.context["open"] == [one.position for one in attempt.items.all() if one.document["type"] != "truefalse"]
    assert item(attempt, "truefalse").answer == "1"
    places = [client_.post(address, {"sure": "1"}).headers["Location"] for _time in range(3)]
    assert set(places) == {f"/attempts/{attempt.pk}/result/"}
    assert client_.get(f"/attempts/{attempt.pk}/").headers["Location"] == f"/attempts/{attempt.pk}/result/"
    saved = client_.post(f"/attempts/{attempt.pk}/", whole_page(attempt), follow=True)
    assert "This attempt is finished" in saved.content.decode()


def test_the_way_back_from_sign_in_leads_to_the_attempt(client_: Client, attempt: Attempt) -> None:
    """Handed in without script after the session had ended: sign-in leads to this address with a GET."""
    address = f"/attempts/{attempt.pk}/finish/"
    assert Client().post(address).headers["Location"] == f"/accounts/login/?next={address}"
    assert client_.get(address).headers["Location"] == f"/attempts/{attempt.pk}/"
    assert Attempt.objects.get().state == "open"


def test_handing_in_everything_asks_nothing(client_: Client, attempt: Attempt) -> None:
    right = {one.document["type"]: making.right_answer(one.document) for one in attempt.items.all()}
    got = client_.post(f"/attempts/{attempt.pk}/finish/", whole_page(attempt, **right))
    assert got.headers["Location"] == f"/attempts/{attempt.pk}/result/"
    assert (Attempt.objects.get().percent, Attempt.objects.get().passed) == (100, True)


# Results


def result(client: Client, attempt: Attempt) -> Any:
    return client.get(f"/attempts/{attempt.pk}/result/").context["result"]


def test_a_result_tells_each_question(client_: Client, attempt: Attempt) -> None:
    """Right, in part, wrong and unanswered; points and percent; folded when right."""
    send(client_, item(attempt, "single"), making.right_answer(item(attempt, "single").document))
    send(client_, item(attempt, "multiple"), ["0"])
    send(client_, item(attempt, "fill"), "八天")
    send(client_, item(attempt, "rewrite"), "抱歉，没有。")
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    told = {one.kind: one for one in result(client_, attempt).items}
    assert {kind: one.state for kind, one in told.items()} == {
        "single": "right", "multiple": "part", "fill": "wrong", "rewrite": "wrong",
        "truefalse": "none", "better": "none", "ordering": "none", "matching": "none",
    }  # fmt: skip
    assert (told["multiple"].earned, told["multiple"].most) == ("0.5", "1")
    assert (told["rewrite"].grade.made, told["rewrite"].grade.forbidden) == (("致歉",), ("没有",))
    assert [(row.chosen, row.sound, bool(row.feedback)) for row in sorted(
        told["multiple"].options, key=lambda row: row.text
    )] == [(True, True, True), (False, True, True), (False, False, False), (False, False, False)]  # fmt: skip
    assert (result(client_, attempt).earned, result(client_, attempt).most) == ("1.5", "8")
    page = client_.get(f"/attempts/{attempt.pk}/result/").content.decode()
    assert page.count("<details") == len(KINDS)
    assert page.count(" open>") == len(KINDS) - 1
    for words in (
        "Better without: 没有",
        "Made: 致歉",
        "抱歉，这款要等到货。",
        "18%",
        "1.5 of 8 points",
        "Not passed yet",
    ):
        assert words in page


def test_competencies_have_a_bar_each(client_: Client, learner: Any) -> None:
    """In the order of the matrix, rounded down as every percentage is."""
    quiz = making.quiz(rules=[{"course": "rules", "count": 9}])
    for at, competency in enumerate(("rules", "rules", "rules", "language"), 1):
        questions.save_document(making.single(f"rules-{at:02d}", competency=competency), "rules")
    attempt = making.start(quiz, learner, timezone.now())
    for one in attempt.items.filter(competency="rules")[:2]:
        send(client_, one, making.right_answer(one.document))
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    bars = [(bar.percent, bar.earned, bar.most) for bar in result(client_, attempt).bars]
    assert bars == [(0, "0", "1"), (66, "2", "3")]


def test_later_edits_change_nothing(client_: Client, attempt: Attempt) -> None:
    """Questions, their deletion, the pass mark: the page of a past result stays word for word."""
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})

    # The token of the theme switch is another each time.
    def page() -> str:
        text = client_.get(f"/attempts/{attempt.pk}/result/").content.decode()
        return text[text.index("<article") : text.index("</article>")]

    before = page()
    Quiz.objects.filter(pk=attempt.quiz_id).update(pass_mark=1, rules=[])
    for question in Question.objects.exclude(type="better"):
        question.prompt = f"改了____{question.pk}"
        question.explanation = "改了。"
        questions.save(question)
    assert page() == before
    Question.objects.filter(card=None).delete()
    assert page() == before
    assert Attempt.objects.get().passed is False


def test_where_it_is_taught(client_: Client, attempt: Attempt, learner: Any) -> None:
    """Two published lessons at most, the course's own first, and the card of the question."""
    making.course("rules", position=0)
    course = attempt.quiz.course
    assert course is not None
    course.position = 5
    course.save()
    for code, slug in (
        ("rules", "rules-a"),
        ("rules", "rules-b"),
        ("language", "language-a"),
        ("language", "language-b"),
    ):
        lesson(code, slug)
    Lesson.objects.update(facts=["B-06"])
    Lesson.objects.filter(slug="language-b").update(status="draft")
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    told = {one.kind: one for one in result(client_, attempt).items}
    assert [one.slug for one in told["single"].lessons] == ["language-a", "rules-a"]
    assert (told["single"].card, told["better"].card.slug) == (None, "a")
    page = client_.get(f"/attempts/{attempt.pk}/result/").content.decode()
    assert page.count('href="/learn/language/language-a/"') == len(KINDS)
    assert page.count('href="/phrases/a/"') == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Another attempt</a>"), ({"cooldown": 3600}, "Another attempt from "),
        ({"attempts_allowed": 1}, "All attempts at this quiz are used."),
    ],
)  # fmt: skip
def test_what_to_do_next(client_: Client, attempt: Attempt, values: dict[str, int], words: str) -> None:
    """Again, from when, or whom to ask; and the practice of what was wrong."""
    Quiz.objects.update(**values)
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    page = client_.get(f"/attempts/{attempt.pk}/result/").content.decode()
    assert words in page
    assert 'href="/practice/mistakes/"' in page


def test_a_practice_talks_of_no_pass_mark(client_: Client, attempt: Attempt) -> None:
    """Nobody fails a practice."""
    client_.post(f"/attempts/{attempt.pk}/finish/", {"sure": "1"})
    practice = client_.post("/practice/mistakes/").headers["Location"]
    client_.post(f"{practice}finish/", {"sure": "1"})
    page = client_.get(f"{practice}result/").content.decode()
    assert "pass mark" not in page
    assert "Not passed" not in page
    assert "8 questions stay in the practice" in page


@pytest.fixture
def exam(learner: Any) -> Attempt:
    """The exam of a path whose one quiz is passed, all answers right."""
    course = making.course("rules")
    making.result(learner, making.quiz("rules", course=course), "1", "1")
    making.pool("rules", 2)
    quiz = making.quiz("exam-rules", kind="exam", rules=[{"course": "rules", "count": 2}])
    making.path("rules", course, exam=quiz)
    attempt = making.start(quiz, learner, timezone.now())
    client = signed_in(learner)
    for one in attempt.items.all():
        send(client, one, making.right_answer(one.document))
    return attempt


def test_passing_the_exam_issues_the_certificate(client_: Client, exam: Attempt) -> None:
    """With the handing in, once, and linked from the result; a GET issues nothing."""
    for _time in range(2):
        client_.post(f"/attempts/{exam.pk}/finish/", {"sure": "1"})
    certificate = Certificate.objects.get()
    page = client_.get(f"/attempts/{exam.pk}/result/").content.decode()
    assert f'href="/certificates/{certificate.code}/"' in page


def test_a_certificate_lost_between_two_steps_is_issued_by_a_button(client_: Client, exam: Attempt) -> None:
    """The power went after the grading: the result offers it, by POST."""
    client_.post(f"/attempts/{exam.pk}/finish/", {"sure": "1"})
    Certificate.objects.all().delete()
    page = client_.get(f"/attempts/{exam.pk}/result/").content.decode()
    assert "Get your certificate" in page
    assert Certificate.objects.count() == 0
    client_.post(f"/attempts/{exam.pk}/finish/")
    assert Certificate.objects.count() == 1


# Cost


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def test_pages_cost_the_same_for_one_question_and_for_three(client_: Client, learner: Any) -> None:
    """A question more must not be a query more, neither asking nor telling."""
    making.course("rules")
    lesson("rules", "rules-a")
    Lesson.objects.update(facts=["B-06"])
    factories.card("a", code="aa")
    for at in range(1, 4):
        questions.save_document(making.single(f"rules-{at:02d}", facts=["B-06"], card="a"), "rules")
    costs = []
    for count in (1, 3):
        quiz = making.quiz(f"rules-{count}", rules=[{"course": "rules", "count": count}])
        attempt = making.start(quiz, learner, timezone.now())
        address = f"/attempts/{attempt.pk}/"
        cost(client_, address)
        asking = cost(client_, address)
        client_.post(f"{address}finish/", {"sure": "1"})
        cost(client_, f"{address}result/")
        costs.append((asking, cost(client_, f"{address}result/")))
    assert costs == [(4, 7), (4, 7)]
