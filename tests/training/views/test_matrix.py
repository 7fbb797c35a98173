"""The skills matrix on the page: every number with what it comes from, and nobody else's."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.training.making import course, path, quiz, result
from training.enums import QuizKind
from training.models import Certificate, Path, Quiz
from training.services import drills

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(db: None) -> Any:
    return factories.person("trainee", display_name="陈一诺", locale="en")


@pytest.fixture
def way() -> Path:
    return path("onboarding", course("language"))


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def piece(page: Any, competency: str) -> str:
    """The HTML of one competency's row."""
    found = re.search(rf'<(details|p) class="cell[^"]*" id="{competency}">.*?</\1>', page.content.decode(), re.DOTALL)
    assert found
    return found[0]


def certificate(user: Any, of: Path, **values: Any) -> Certificate:
    return Certificate.objects.create(
        user=user, path=of, name=str(user), **{"title": of.title, "valid_until": "2099-01-01"} | values
    )


def test_a_number_stands_with_its_evidence(learner: Any) -> None:
    """Which quiz, when, how many points, what weight, how much is kept, and the sum itself."""
    exam = result(learner, quiz("终考", kind=QuizKind.EXAM), "3.5", "4", ago(0))
    old = result(learner, quiz("语言小测"), "4", "4", ago(90))
    row = piece(signed_in(learner).get("/me/matrix/"), "language")
    day = timezone.localdate()
    assert text(row) == (
        f"Language 75% below the pass line · 91% before fading · last shown within a day "
        f"Evidence Points Weight Kept "
        f"终考 {day:%Y-%m-%d} 3.5 / 4 2 100% "
        f"语言小测 {day - timedelta(days=90):%Y-%m-%d} 4 / 4 1 50% "
        f"( 3.5 × 2 × 100% + 4 × 1 × 50% ) ÷ ( 4 × 2 + 4 × 1 ) ≈ 75%"
    ).replace("( ", "(").replace(" )", ")")
    assert re.findall(r'href="([^"]+)"', row) == [f"/attempts/{exam.pk}/result/", f"/attempts/{old.pk}/result/"]
    assert (row.count("<details"), row.count("<summary>")) == (1, 1)


def test_no_evidence_is_no_number(learner: Any) -> None:
    """Not a nought: the row says so, and the drawing reads it so."""
    result(learner, quiz(), "4", "4", ago(0))
    page = signed_in(learner).get("/me/matrix/")
    assert text(piece(page, "conduct")) == "Conduct no evidence yet"
    assert text(piece(page, "language")).startswith("Language 100% at the pass line · last shown within a day Evidence")
    found = re.search(r'<desc id="radar-desc">(.*?)</desc>', page.content.decode())
    assert found
    assert found[1].startswith("Language 100; Product knowledge no evidence yet; Psychology no evidence yet; ")
    assert page.content.decode().count('class="gap"') == 8
    assert "1 competency of nine stands at the pass line." in text(page.content.decode())


def test_a_beginner_is_told_what_to_do_first(learner: Any) -> None:
    """No empty drawing, no row of noughts: one kind sentence and the way to the courses."""
    page = signed_in(learner).get("/me/matrix/").content.decode()
    assert "Nothing to show yet, and that is where everybody starts" in page
    assert re.search(r'class="btn primary" href="/learn/"', page)
    assert 'class="radar"' not in page
    assert 'class="cell' not in page


def test_certificates_say_what_they_are_worth(learner: Any, agent: Any, way: Path) -> None:
    """Valid, expired, revoked: each with its page and its paper; a neighbour's are not here."""
    today = timezone.localdate()
    valid = certificate(learner, way)
    expired = certificate(learner, path("b"), valid_until=today - timedelta(days=1))
    revoked = certificate(learner, path("c"), revoked_at=timezone.now())
    other = certificate(agent, way)
    page = signed_in(learner).get("/me/matrix/").content.decode()
    for words in (
        "valid until 2099-01-01",
        f"expired on {expired.valid_until:%Y-%m-%d}",
        f"revoked on {today:%Y-%m-%d}",
    ):
        assert words in page
    for one in (valid, expired, revoked):
        assert f'href="/certificates/{one.code}/"' in page
        assert f'href="/certificates/{one.code}/pdf/"' in page
    assert other.code not in page


def test_last_attempts(learner: Any, agent: Any) -> None:
    """Practice too, for it was work; only one's own."""
    mine = result(learner, quiz("再练", kind=QuizKind.PRACTICE), "1", "4", ago(1), passed=False)
    other = result(agent, quiz("别人的"), "4", "4", ago(1))
    page = signed_in(learner).get("/me/matrix/").content.decode()
    assert f'<a href="/attempts/{mine.pk}/result/">再练</a>' in page
    assert "25% · not passed yet" in text(page)
    assert f"/attempts/{other.pk}/" not in page


def test_my_page_leads_there(learner: Any) -> None:
    assert 'href="/me/matrix/"' in signed_in(learner).get("/me/").content.decode()


@pytest.mark.parametrize(("role", "status"), [("trainee", 404), ("agent", 404), ("trainer", 200), ("manager", 200)])
def test_who_sees_somebody_s_results(learner: Any, role: str, status: int) -> None:
    """Trainers, and the manager of their team; not a colleague, and nobody a person who is not there."""
    viewer = factories.person(role)
    factories.team("shop", learner, leaders=[viewer])
    client = signed_in(viewer)
    assert client.get(f"/team/people/{learner.pk}/").status_code == status
    for unknown in (0, learner.pk + 1000, 10**30):
        assert client.get(f"/team/people/{unknown}/").status_code == 404


def test_nobody_gets_in_by_half(learner: Any) -> None:
    """The own page by its number, the right without being staff, staff without the right."""
    assert signed_in(learner).get(f"/team/people/{learner.pk}/").status_code == 404
    former = factories.person("trainer", is_active=True)
    former.is_staff = False
    former.save()
    assert signed_in(former).get(f"/team/people/{learner.pk}/").status_code == 404
    bare = factories.person("trainer")
    bare.groups.clear()
    assert signed_in(bare).get(f"/team/people/{learner.pk}/").status_code == 404
    answer = Client().get(f"/team/people/{learner.pk}/")
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_a_trainer_sees_paths_and_all_attempts(learner: Any, way: Path) -> None:
    """How far on each path, and every attempt page by page."""
    of = quiz("语言小测", course=way.steps.get().course)
    for at in range(21):
        result(learner, of, "4", "4", ago(30 - at))
    trainer = factories.person("trainer", locale="en")
    client = signed_in(trainer)
    first = client.get(f"/team/people/{learner.pk}/")
    assert "全员入门 lessons 0 of 0 quizzes 1 of 1 0 minutes of reading" in text(first.content.decode())
    assert (len(first.context["attempts"].object_list), first.context["attempts"].paginator.num_pages) == (20, 2)
    second = client.get(f"/team/people/{learner.pk}/?page=2")
    assert len(second.context["attempts"].object_list) == 1
    for wild in ("0", "99", "x", "-1", "١"):
        assert client.get(f"/team/people/{learner.pk}/?page={wild}").status_code == 200


def test_an_open_attempt_has_no_result_yet(learner: Any) -> None:
    """It is listed as what it is, without a link to nothing and without a score of nought."""
    one = result(learner, quiz("小测"), "0", "4", ago(0))
    one.state, one.finished_at, one.points = "open", None, None
    one.save()
    page = signed_in(factories.person("trainer", locale="en")).get(f"/team/people/{learner.pk}/").content.decode()
    assert f"/attempts/{one.pk}/" not in page
    assert "小测 Course quiz Open" in text(page)


def test_names_are_text(trainer: Any) -> None:
    """People come from a file."""
    wild = factories.person("trainee", display_name="<script>x</script>")
    result(wild, quiz("<b>题</b>"), "1", "4", ago(0))
    for page in (signed_in(wild).get("/me/matrix/"), signed_in(trainer).get(f"/team/people/{wild.pk}/")):
        assert "<script>x" not in page.content.decode()
        assert "<b>题" not in page.content.decode()


def test_nothing_is_written_by_looking(learner: Any) -> None:
    result(learner, quiz(), "4", "4", ago(0))
    with CaptureQueriesContext(connection) as queries:
        signed_in(learner).get("/me/matrix/")
    written = [query["sql"] for query in queries if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert [sql for sql in written if "session" not in sql and "last_login" not in sql] == []


def test_drills_stand_beside_the_matrix_for_their_owner_alone(learner: Any, trainer: Any) -> None:
    """They count in no number, and nobody else is shown them."""
    for at in range(2):
        factories.card(f"c{at}", code=f"c{chr(97 + at)}")
    round_ = drills.start(learner, "better", now=ago(1), rng=random.Random(1))
    for at in range(len(round_.items)):
        drills.show(round_, at, now=ago(1))
        round_ = drills.answer(round_, at, "0", now=ago(1))
    mine = signed_in(learner).get("/me/matrix/")
    assert [one.pairs[1] for one in mine.context["practised"]] == [2]
    assert mine.context["known"] == 0
    assert "From your drills" in mine.content.decode()
    page = signed_in(trainer).get(f"/team/people/{learner.pk}/")
    assert ("practised" in page.context, "From your drills" in page.content.decode()) == (False, False)


def test_queries_do_not_grow_with_rows(learner: Any, trainer: Any) -> None:
    """One quiz, path, certificate and attempt, or three of each."""
    clients = {"/me/matrix/": signed_in(learner), f"/team/people/{learner.pk}/": signed_in(trainer)}
    counts: dict[str, list[int]] = {address: [] for address in clients}
    codes = ["language", "rules", "reviews"]
    for rows in (codes[:1], codes[1:]):
        for code in rows:
            made = course(code)
            of = Quiz.objects.get_or_create(slug=code, course=made, title=code, kind="course", rules=[])[0]
            result(learner, of, "3", "4", ago(3), competency=code)
            certificate(learner, path(code, made))
        for address, client in clients.items():
            client.get(address)  # what is taught is read once a version
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts[address].append(len(queries))
    assert all(one == three for one, three in counts.values())
    assert {address.split("/")[1]: found[0] for address, found in counts.items()} == {"me": 8, "team": 22}
