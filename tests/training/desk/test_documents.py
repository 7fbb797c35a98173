"""Every way a dialogue can be wrong, with the place it is told at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from knowledge import files
from knowledge.documents import tidy_document
from knowledge.enums import Competency, CustomerGroup, Stage
from tests.training.desk.making import document
from training.desk.documents import dialogue_problems, in_order
from training.desk.graph import circle, depths, reachable
from training.desk.rehearsal import rehearse
from training.desk.script import read

Change = Callable[[dict[str, Any]], Any]
RULES = Path(settings.CONTENT_DIR) / "rules"
HINTS = {path.stem for path in RULES.glob("*.yaml") if files.read(path).value["severity"] == "hint"}
FILES = sorted((Path(settings.CONTENT_DIR) / "dialogues").glob("*.yaml"))


def test_the_example_is_sound() -> None:
    assert dialogue_problems(document()) == []


def first(change: Change) -> tuple[tuple[Any, ...], str]:
    wrong = document()
    change(wrong)
    with override("en"):
        found = dialogue_problems(wrong)
    assert found
    return found[0]


def branch(wrong: dict[str, Any], turn: int, at: int, **values: Any) -> None:
    wrong["turns"][turn]["branches"][at].update(values)


@pytest.mark.parametrize(
    ("change", "path", "sentence"),
    [
        (lambda d: d.pop("brief"), (), "the key 'brief' is missing"),
        (lambda d: d.update(more="x"), ("more",), "the key 'more' is not known here"),
        (lambda d: d.update(slug="Key board"), ("slug",), "use lower-case letters, digits and single hyphens"),
        (lambda d: d.update(title=" "), ("title",), "a text is needed here"),
        (lambda d: d.update(title="长" * 61), ("title",), "at most 60 characters fit here"),
        (lambda d: d.update(brief="a\u2028b"), ("brief",), "control characters are not allowed"),
        (lambda d: d.update(stage="later"), ("stage",), "'later' is none of pre, in, after, review, any"),
        (lambda d: d.update(mood="6"), ("mood",), "a whole number from 1 to 5 is needed"),
        (lambda d: d.update(seconds="015"), ("seconds",), "a whole number from 15 to 300 is needed"),
        (lambda d: d.update(again=["喂", "喂"]), ("again", 1), "'喂' stands here twice"),
        (lambda d: d.update(again=list("一二三四")), ("again",), "0 to 3 are needed here"),
        (lambda d: d.update(patience=2), ("patience",), "a whole number from 1 to 4 is needed"),
        (lambda d: d.update(facts=["e30"]), ("facts", 0), "'e30' is no fact id"),
        (lambda d: d.update(cards=[]), ("cards",), "1 to 3 are needed here"),
        (lambda d: d.update(turns="none"), ("turns",), "a list is needed here"),
        (lambda d: d["turns"].pop(), ("turns",), "3 to 8 are needed here"),
        (lambda d: d["endings"].pop(), ("endings",), "3 to 6 are needed here"),
        (lambda d: d["turns"].insert(0, "x"), ("turns", 0), "a mapping of keys is needed here"),
        (lambda d: d["turns"][0].pop("nudge"), ("turns", 0), "the key 'nudge' is missing"),
        (lambda d: d["turns"][0].update(say=[]), ("turns", 0, "say"), "1 to 3 are needed here"),
        (lambda d: d["turns"][0]["points"].pop(), ("turns", 0, "points"), "2 to 3 are needed here"),
        (lambda d: d["turns"][0]["points"][0].update(any=["您好"]), ("turns", 0, "points", 0, "any"),
         "3 to 24 are needed here"),
        (lambda d: d["turns"][0]["points"][0]["any"].append("您好"), ("turns", 0, "points", 0, "any", 3),
         "'您好' stands here twice"),
        (lambda d: d["turns"][0]["points"][0]["any"].append("…！"), ("turns", 0, "points", 0, "any", 3),
         "a wording needs a letter, a digit or a character"),
        (lambda d: d["turns"][0]["branches"][0].pop("why"), ("turns", 0, "branches", 0), "the key 'why' is missing"),
        (lambda d: branch(d, 0, 0, breaks=["rude"]), ("turns", 0, "branches", 0, "breaks", 0),
         "'rude' is no rule code"),
        (lambda d: branch(d, 0, 0, mood="3"), ("turns", 0, "branches", 0, "mood"),
         "a whole number from -3 to 2 is needed"),
        (lambda d: branch(d, 0, 0, slower="soon"), ("turns", 0, "branches", 0, "slower"),
         "a whole number from 1 to 300 is needed"),
        (lambda d: d["endings"][0].update(kind="great"), ("endings", 0, "kind"), "'great' is none of good, fair, bad"),
        # Names
        (lambda d: d["turns"][1].update(id="t1"), ("turns", 1, "id"), "'t1' stands here twice"),
        (lambda d: d["endings"][0].update(id="left"), ("endings", 0, "id"),
         "'left' is the ending of a customer nobody answered"),
        (lambda d: d["turns"][0]["bonus"][0].update(name="报价"), ("turns", 0, "bonus", 0, "name"),
         "'报价' stands here twice"),
        (lambda d: branch(d, 0, 1, to="t9"), ("turns", 0, "branches", 1, "to"), "There is no turn and no ending 't9'."),
        (lambda d: branch(d, 0, 1, has=["折扣"]), ("turns", 0, "branches", 1, "has", 0),
         "This turn has no point '折扣'."),
        (lambda d: branch(d, 0, 2, has=["应声"]), ("turns", 0, "branches", 2),
         "The last branch has no condition: it is for everything else."),
        (lambda d: d["turns"][0]["branches"][1].pop("has"), ("turns", 0, "branches", 1),
         "Only the last branch is without a condition: what follows this one is never asked."),
        (lambda d: d["endings"][1].update(kind="good"), ("endings",), "An ending of the kind 'fair' is missing."),
        # The graph
        (lambda d: branch(d, 2, 2, to="t1"), ("turns", 0), "The talk goes round in a circle: t1 → t2 → t1"),
        (lambda d: branch(d, 0, 2, to="later"), ("turns", 1), "Nothing leads to 't-again'."),
        (lambda d: branch(d, 2, 1, to="later"), ("endings", 0), "Nothing leads to 'deal'."),
        # Conditions
        (lambda d: branch(d, 1, 0, has=["报价"]), ("turns", 1, "branches", 0),
         "Branch 1 of t-again, to gone, is never taken: these conditions never hold together."),
        (lambda d: branch(d, 2, 0, slower="200"), ("turns", 2, "branches", 0),
         "Branch 1 of t2, to later, is never taken: these conditions never hold together."),
        (lambda d: d["turns"][0]["branches"].insert(2, {"to": "gone", "has": ["应声", "报价"], "why": "x"}),
         ("turns", 0, "branches", 2),
         "Branch 3 of t1, to gone, is never taken: the branches before it come first (1 → gone、2 → t2)."),
        (lambda d: d["turns"][0]["branches"].insert(2, {"to": "gone", "misses": ["报价"], "why": "x"}),
         ("turns", 0, "branches", 3),
         "Branch 4 of t1, to t-again, is never taken: the branches before it come first (1 → gone、2 → t2、3 → gone)."),
        (lambda d: d["turns"][2]["branches"].insert(1, {"to": "gone", "slower": "55", "why": "x"}),
         ("turns", 2, "branches", 1),
         "Branch 2 of t2, to gone, is never taken: the branches before it come first (1 → later)."),
        # Models
        (lambda d: d["turns"][1].update(model="抱歉。"), ("turns", 1, "model"),
         "The model does not make these points: 报价"),
        (lambda d: branch(d, 0, 0, to="t2"), ("turns",),
         "No broken rule leads to a bad ending: one branch with “breaks” has to."),
        (lambda d: (d["endings"][0].update(kind="fair"), d["endings"][1].update(kind="good")), ("endings",),
         "Whoever says the model at every turn comes to 'deal', which is no good ending."),
    ],
)  # fmt: skip
def test_each_fault_is_told_where_it_is(change: Change, path: tuple[Any, ...], sentence: str) -> None:
    """A trainer who is told only that something is wrong has been told nothing."""
    assert first(change) == (path, sentence)


def hidden(document: dict[str, Any], hints: set[str] | None) -> list[tuple[tuple[Any, ...], str]]:
    with override("en"):
        return dialogue_problems(document, hints)


def test_any_broken_rule_hides_a_named_one_behind_it() -> None:
    """Tried from the top, the named branch is dead. Only a rule that merely hints is not meant by `any`."""
    wrong = document()
    wrong["turns"][0]["branches"][0]["breaks"] = ["any"]
    wrong["turns"][0]["branches"].insert(1, {"to": "t-again", "breaks": ["cold"], "why": "x"})
    sentence = "Branch 2 of t1, to t-again, is never taken: the branches before it come first (1 → gone)."
    assert hidden(wrong, set()) == [(("turns", 0, "branches", 1), sentence)]
    assert hidden(wrong, {"cold"}) == []
    assert hidden(wrong, None) == []  # where the rules are not known it may be a hint
    wrong["turns"][0]["branches"].reverse()
    wrong["turns"][0]["branches"] = [wrong["turns"][0]["branches"][at] for at in (2, 3, 1, 0)]
    assert hidden(wrong, set()) == []


@pytest.mark.parametrize("value", [None, [], "x", 3, {}])
def test_what_is_no_dialogue_at_all_is_told_too(value: Any) -> None:
    """An import or a broken file is expected input."""
    assert dialogue_problems(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_anything_anywhere_is_told_and_never_raises(data: Any) -> None:
    """One value of the document replaced by anything: problems, or none, but no exception."""
    changed = document()
    place: Any = changed
    while True:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
        else:
            place[key] = data.draw(VALUES)
            break
    dialogue_problems(changed)


def test_keys_come_back_in_the_order_of_the_files() -> None:
    """PostgreSQL sorts the keys of JSON: an export would differ from the file it came from."""

    def shuffled(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: shuffled(part[key]) for key in sorted(part, reverse=True)}
        return [shuffled(one) for one in part] if isinstance(part, list) else part

    assert repr(in_order(shuffled(document()))) == repr(document())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_starter_dialogues_are_sound(path: Path) -> None:
    """Each can be played, drawn, and written back letter for letter."""
    found = tidy_document(files.read(path).value)
    assert dialogue_problems(found, HINTS) == []
    assert files.dump(in_order(found)) == path.read_text(encoding="utf-8")
    script = read(found)
    assert script.endings[rehearse(script)].kind == "good"


def test_graphs() -> None:
    steps = {"a": ["b", "c"], "b": ["c"], "c": ["end"]}
    assert reachable(steps, "b") == {"b", "c", "end"}
    assert depths(steps, "a") == {"a": 0, "b": 1, "c": 2, "end": 3}
    assert circle(steps) == []
    assert circle({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["b", "c"]


def test_starter_customers_never_repeat_themselves() -> None:
    """As many ways to ask again as they have patience; and no line of theirs is another customer's, so that any line
    tells who is speaking."""
    found = [read(files.read(path).value) for path in FILES]
    assert [one.slug for one in found if len(one.again) != one.patience - 1] == []
    said = [
        "".join(char for char in line if char.isalnum())
        for one in found
        for line in (
            *(text for turn in one.turns.values() for text in (*turn.say, turn.nudge)),
            *one.again,
            *(ending.say for ending in one.endings.values()),
        )
    ]
    assert [line for line, times in Counter(said).items() if line and times > 1] == []


def test_starter_dialogues_cover_the_work() -> None:
    """Every stage, all nine competencies, all five customer groups, and no two that begin alike."""
    found = [files.read(path).value for path in FILES]
    assert len(found) >= 24
    assert {one["stage"] for one in found} == set(Stage.values)
    assert {one["competency"] for one in found} == set(Competency.values)
    assert {one["group"] for one in found} == set(CustomerGroup.values)
    assert len({tuple(one["turns"][0]["say"]) for one in found}) == len({one["title"] for one in found}) == len(found)
