"""A card for some teams alone: one rule, in the tables and in the index.

Who meets what in every place is tests/knowledge/test_visibility.py; here the rule itself, the document that carries it,
and that whoever changes team or audience sees it with the next request.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Team, User
from knowledge import files
from knowledge.documents import card_problems, digest
from knowledge.models import Card, Revision
from knowledge.models.audience import EDITORS, audience_key, teams_of, tokens, viewer_of
from knowledge.search import engine
from knowledge.services import cards, content, workflow
from tests import factories

pytestmark = pytest.mark.django_db

# Codes that a careless lookup would take for one another: part of one another, another case, a wildcard.
CODES = ("a", "A", "aa", "a_b", "axb", "a-b")
ROLES = ("trainee", "agent", "trainer", "manager")


@pytest.fixture
def teams() -> dict[str, Team]:
    return {code: Team.objects.create(code=code, name=f"班组{at}") for at, code in enumerate(CODES)}


# The rule


def expected(audience: list[str], status: str, user: User, led: set[str]) -> bool:
    """The rule in plain Python."""
    if not user.is_active:
        return False
    if user.is_staff and user.has_perm("knowledge.change_card"):
        return status != "retired"
    mine = {user.team_id} | (led if user.is_staff else set())
    return status == "published" and (not audience or bool(mine & set(audience)))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_index_and_tables_agree(teams: dict[str, Team], data: st.DataObject) -> None:
    """For random audiences and people: what the index gives, what the tables give and the rule itself are one set."""
    Card.objects.all().delete()
    some = st.lists(st.sampled_from(CODES), unique=True, max_size=3)
    wanted = data.draw(st.lists(st.tuples(some, st.sampled_from(("published", "draft"))), min_size=1, max_size=4))
    made = [
        factories.card(f"c{at}", status, title=f"蓝莓果酱{at}", audience=audience)
        for at, (audience, status) in enumerate(wanted)
    ]
    role, team, led = data.draw(st.tuples(st.sampled_from(ROLES), st.sampled_from((None, *CODES)), some))
    user = factories.person(role, team_id=team, is_active=data.draw(st.booleans()))
    for code in led:
        teams[code].leaders.add(user)
    right = {card.slug for card in made if expected(card.audience, card.status, user, set(led))}
    assert set(Card.objects.visible_to(user).values_list("slug", flat=True)) == right
    if user.is_active:  # nobody else gets as far as a search
        viewer = viewer_of(user)
        found = (
            engine.find("蓝莓果酱", viewer),
            engine.browse(viewer),
            engine.match_message("蓝莓果酱怎么说", viewer, limit=9),
        )
        assert [{hit.slug for hit in one.hits} for one in found] == [right] * 3
        assert [one.total for one in found] == [len(right)] * 3
        assert [one.facet_counts.get("stage:pre", 0) for one in found] == [len(right)] * 3


def test_a_team_is_its_whole_code(teams: dict[str, Team]) -> None:
    """Codes that look alike to LIKE, or to somebody in a hurry, are different teams."""
    for number, code in enumerate(CODES):
        factories.card(f"c{number}", audience=[code])
    for number, code in enumerate(CODES):
        reader = factories.person("agent", team_id=code)
        assert list(Card.objects.visible_to(reader).values_list("slug", flat=True)) == [f"c{number}"]


def test_tokens() -> None:
    assert [tokens([]), tokens(["b", "a"])] == [(), ("team:a", "team:b", EDITORS)]


def test_what_an_agents_words_cost(teams: dict[str, Team], agent: Any, manager: Any, trainer: Any) -> None:
    """An agent's teams are in the session's row; only a manager's led teams are asked for."""
    agent.team_id = "a"
    teams["aa"].leaders.add(manager, agent)
    for user, count, mine in ((agent, 0, ["a"]), (manager, 1, ["aa"])):
        with CaptureQueriesContext(connection) as asked:
            assert teams_of(user) == mine
        assert len(asked) == count
    with CaptureQueriesContext(connection) as asked:
        viewer_of(agent)
    assert len(asked) == 0
    assert [audience_key(user) for user in (agent, manager, trainer)] == ["a", "aa", EDITORS]


# The document


def test_the_audience_is_part_of_the_text(teams: dict[str, Team], trainer: Any) -> None:
    """Hash, revision and restore carry it: a restored version is never shown to more people than it was written for."""
    card = factories.card("x", audience=["aa", "a"])
    restricted = card.to_document()
    assert restricted["audience"] == ["a", "aa"]
    assert [*restricted][-4:] == ["audience", "do", "dont", "principle"]
    opened = {key: value for key, value in restricted.items() if key != "audience"}
    assert digest(opened) != digest(restricted)
    card = cards.publish_document(opened, author=trainer)
    assert (card.audience, "audience" in card.to_document(), card.version) == ([], False, 2)
    workflow.restore(card, 1, by=trainer)
    card = Card.objects.with_parts().get(pk=card.pk)
    assert card.to_document() == restricted
    assert [row.document.get("audience") for row in Revision.objects.order_by("number")] == [
        ["a", "aa"],
        None,
        ["a", "aa"],
    ]


@pytest.mark.parametrize(
    ("audience", "at"),
    [("a", ("audience",)), (["a", "a"], ("audience", 1)), ([""], ("audience", 0)), (["a b"], ("audience", 0)),
     (['a"'], ("audience", 0)), (["班组"], ("audience", 0)), (["a" * 31], ("audience", 0)), ([1], ("audience", 0))],
)  # fmt: skip
def test_no_team_code(audience: Any, at: tuple[Any, ...]) -> None:
    """A quote or a space in a code could name another team in the list or in the index."""
    assert [path for path, _sentence in card_problems(factories.document("x", audience=audience))] == [at]


def test_an_unknown_team_is_refused(teams: dict[str, Team]) -> None:
    """A card for nobody would be lost without a word."""
    with pytest.raises(ValidationError) as refused:
        factories.card("x", audience=["nowhere", "a", "gone"])
    assert (len(refused.value.messages), "gone、nowhere" in refused.value.messages[0]) == (1, True)
    assert not Card.objects.exists()


def test_a_team_that_has_gone_stays(teams: dict[str, Team], agent: Any, trainer: Any) -> None:
    """The text can still be saved and restored; until somebody chooses anew, only who changes cards reads it."""
    factories.card("x", audience=["a"])
    teams["a"].delete()
    again = factories.document("x", code="zz") | {"audience": ["a"], "title": "新的题目"}
    assert cards.publish_document(again).audience == ["a"]
    assert [Card.objects.visible_to(user).count() for user in (agent, trainer)] == [0, 1]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Registries with nothing in them, and room for cards."""
    (tmp_path / "cards").mkdir()
    for name, key in (("facts", "facts"), ("compliance", "notes"), ("synonyms", "groups")):
        (tmp_path / f"{name}.yaml").write_text(f"{key}: []\n", encoding="utf-8")
    return tmp_path


def write(folder: Path, **changes: Any) -> Path:
    path = folder / "cards" / "x.yaml"
    path.write_text(files.dump(in_order(factories.document("x", code="xx") | changes)), encoding="utf-8")
    return path


def in_order(document: dict[str, Any]) -> dict[str, Any]:
    from knowledge.documents import CARD_KEYS

    return {key: document[key] for key in CARD_KEYS if key in document}


def test_a_load_names_file_and_line(teams: dict[str, Team], folder: Path) -> None:
    """Whoever brings content to another site learns which team to make there."""
    path = write(folder, audience=["a", "nowhere"])
    line = path.read_text(encoding="utf-8").split("\n").index("  - nowhere") + 1
    with pytest.raises(content.ContentProblems) as refused:
        content.load(folder)
    assert re.fullmatch(rf"x\.yaml:{line}: audience/2: .*nowhere", str(refused.value))
    assert not Card.objects.exists()


def test_load_and_export_are_one_text(teams: dict[str, Team], folder: Path, tmp_path: Path) -> None:
    """Byte for byte, and a second load changes nothing; so it stays when a team has gone since."""
    path = write(folder, audience=["A", "a", "a_b"])
    before = path.read_bytes()
    assert content.load(folder).created == ["x"]
    for gone in (None, "a_b"):
        Team.objects.filter(code=gone).delete()
        call_command("export_content", str(tmp_path / "out"), verbosity=0)
        assert (tmp_path / "out" / "cards" / "x.yaml").read_bytes() == before
        assert content.load(folder).same == ["x"]


def test_the_order_of_teams_is_no_edit(teams: dict[str, Team], folder: Path) -> None:
    """A hand-written file may name them in any order."""
    write(folder, audience=["aa", "a"])
    assert content.load(folder).created == ["x"]
    assert content.load(folder).same == ["x"]
    assert Revision.objects.count() == 1


def test_the_command_sees_what_everybody_sees(teams: dict[str, Team]) -> None:
    """Other programs read it."""
    factories.card("open", title="蓝莓果酱")
    factories.card("closed", title="蓝莓果酱", audience=["a"])
    assert [hit.slug for hit in engine.find("蓝莓果酱", engine.Viewer()).hits] == ["open"]
    call_command("check_search", verbosity=0)
    call_command("rebuild_search", verbosity=0)
    assert [hit.slug for hit in engine.find("蓝莓果酱", engine.Viewer()).hits] == ["open"]
