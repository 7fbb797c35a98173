"""Loading and exporting the starter content: all or nothing, never over a trainer's edit, byte for byte."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge import files
from knowledge.documents import line_id
from knowledge.models import (
    Alias,
    Card,
    ComplianceNote,
    Fact,
    Line,
    LineCode,
    Revision,
    SynonymGroup,
    Tombstone,
)  # fmt: skip
from knowledge.search import engine
from knowledge.search.document import Viewer
from knowledge.search.index import fingerprints
from knowledge.services import cards, content
from knowledge.services.content import ContentProblems
from tests.factories import document

pytestmark = pytest.mark.django_db

FACTS = [
    {"id": "B-06", "course": "product", "text": "运费照实收。"},
    {"id": "E-41", "course": "closing", "text": "库存。"},
]
NOTES = [
    {"id": "K-01", "title": "要有实据", "applies_to": ["B-06"], "note": "先核对。", "basis": "某条", "checked": "某处"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three cards, two facts, a note and a synonym group."""
    (tmp_path / "cards").mkdir()
    write(tmp_path / "facts.yaml", {"facts": FACTS})
    write(tmp_path / "compliance.yaml", {"notes": NOTES})
    write(tmp_path / "synonyms.yaml", {"groups": [["运费", "邮费"]]})
    for slug in ("a", "b", "c"):
        write_card(tmp_path, slug)
    return tmp_path


def write(path: Path, value: Any) -> None:
    path.write_text(value if isinstance(value, str) else files.dump(value), encoding="utf-8")


def write_card(folder: Path, slug: str, **changes: Any) -> None:
    write(folder / "cards" / f"{slug}.yaml", document(slug, slug * 2, **changes))


def everything() -> dict[str, Any]:
    models = (Card, Alias, Line, LineCode, Revision, Fact, ComplianceNote, SynonymGroup, Tombstone)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    return rows | {"index": fingerprints()}


def told(folder: Path) -> list[str]:
    """The problems of a load that must change nothing."""
    before = everything()
    with pytest.raises(ContentProblems) as caught:
        content.load(folder)
    assert everything() == before
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


def report(folder: Path, *force: str) -> dict[str, list[str]]:
    return {name: slugs for name, slugs in vars(content.load(folder, force)).items() if slugs}


def edit(slug: str) -> None:
    """What a trainer's save in the admin comes to."""
    card = Card.objects.get(slug=slug)
    Line.objects.filter(card=card, code=f"{slug * 2}1").update(text="培训师改过的话。")
    cards.record(card, author=None, reason="改")


def test_a_first_load_brings_everything(folder: Path) -> None:
    """The first `make run` of a new shop."""
    assert report(folder) == {"created": ["a", "b", "c"]}
    assert list(Card.objects.values_list("slug", "status", "version")) == [
        ("a", "published", 1),
        ("b", "published", 1),
        ("c", "published", 1),
    ]
    assert list(Fact.objects.values_list("code", "course", "text")) == [tuple(row.values()) for row in FACTS]
    note = ComplianceNote.objects.get()
    assert (note.code, note.basis, [fact.code for fact in note.applies_to.all()]) == ("K-01", "某条", ["B-06"])
    assert [group.words for group in SynonymGroup.objects.all()] == ["运费 邮费"]
    assert [card.edited_by_trainer for card in Card.objects.all()] == [False, False, False]
    assert [hit.slug for hit in engine.search("b在吗", Viewer()).hits][:1] == ["b"]
    assert {revision.author for revision in Revision.objects.all()} == {None}


def writes(queries: CaptureQueriesContext) -> list[str]:
    return [
        query["sql"] for query in queries.captured_queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
    ]


def test_a_second_load_writes_nothing(folder: Path) -> None:
    """`make run` loads at every start: it must cost nothing and move no `updated at`."""
    content.load(folder)
    before = everything()
    with CaptureQueriesContext(connection) as queries:
        assert report(folder) == {"same": ["a", "b", "c"]}
    assert writes(queries) == []
    assert everything() == before


def test_a_changed_file_updates_its_card_alone(folder: Path) -> None:
    """A release corrects two words: one card gets a version, the rest stay untouched."""
    content.load(folder)
    write_card(folder, "b", title="新的情景")
    assert report(folder) == {"updated": ["b"], "same": ["a", "c"]}
    assert list(Card.objects.values_list("title", "version")) == [("情景a", 1), ("新的情景", 2), ("情景c", 1)]
    assert report(folder) == {"same": ["a", "b", "c"]}


def test_changed_registries_are_updated(folder: Path) -> None:
    """Law changes: a note's text and what it applies to follow the file."""
    content.load(folder)
    write(folder / "facts.yaml", {"facts": [FACTS[0] | {"text": "新说法。"}, FACTS[1]]})
    write(folder / "compliance.yaml", {"notes": [NOTES[0] | {"note": "新办法。", "applies_to": ["E-41"]}]})
    content.load(folder)
    assert Fact.objects.get(pk="B-06").text == "新说法。"
    note = ComplianceNote.objects.get()
    assert (note.note, [fact.code for fact in note.applies_to.all()]) == ("新办法。", ["E-41"])


def test_a_card_a_trainer_edited_keeps_the_trainers_words(folder: Path) -> None:
    """The next release must not undo an afternoon's work, whether its own file changed or not."""
    content.load(folder)
    edit("a")
    edit("b")
    write_card(folder, "b", title="文件里的新情景")
    assert report(folder) == {"same": ["c"], "kept": ["a", "b"]}
    assert Card.objects.get(slug="b").title == "情景b"
    assert Line.objects.get(code="aa1").text == "培训师改过的话。"


def test_force_takes_the_files_words_for_the_named_card(folder: Path) -> None:
    """Told to, and only for the card that was named; the trainer's text stays in the history."""
    content.load(folder)
    edit("a")
    edit("b")
    assert report(folder, "a") == {"updated": ["a"], "kept": ["b"], "same": ["c"]}
    assert Line.objects.get(code="aa1").text == document("a", "aa")["do"][0]["text"]
    assert [revision.document["do"][0]["text"] for revision in Revision.objects.filter(slug="a", number=2)] == [
        "培训师改过的话。"
    ]
    assert report(folder) == {"same": ["a", "c"], "kept": ["b"]}


def test_an_edit_that_was_exported_is_the_starter_content_from_then_on(folder: Path) -> None:
    """Trainer's words exported into the files are no difference any more: later files may update them."""
    content.load(folder)
    edit("a")
    content.export(folder)
    assert report(folder) == {"same": ["a", "b", "c"]}
    value = files.read(folder / "cards" / "a.yaml").value
    write(folder / "cards" / "a.yaml", value | {"title": "再改"})
    assert report(folder) == {"updated": ["a"], "same": ["b", "c"]}


def test_a_deleted_card_stays_deleted(folder: Path) -> None:
    """The trainer threw it out on purpose; only --force brings it back, and then it may be deleted again."""
    content.load(folder)
    Card.objects.get(slug="b").delete()
    Tombstone.objects.create(kind="card", slug="b")
    assert report(folder) == {"same": ["a", "c"], "deleted": ["b"]}
    assert report(folder, "b") == {"created": ["b"], "same": ["a", "c"]}
    assert not Tombstone.objects.filter(kind="card").exists()
    assert report(folder) == {"same": ["a", "b", "c"]}


def test_a_retired_or_draft_card_keeps_its_status(folder: Path) -> None:
    """A new text in the file is no reason to show a card the trainer withdrew."""
    content.load(folder)
    Card.objects.filter(slug="a").update(status="retired")
    write_card(folder, "a", title="新情景")
    assert report(folder) == {"updated": ["a"], "same": ["b", "c"]}
    assert Card.objects.get(slug="a").status == "retired"


def test_synonyms_are_added_once(folder: Path) -> None:
    """A group the trainer changed or removed is not brought back."""
    content.load(folder)
    SynonymGroup.objects.all().delete()
    write(folder / "synonyms.yaml", {"groups": [["运费", "邮费"], ["退货", "退回"]]})
    content.load(folder)
    assert [group.words for group in SynonymGroup.objects.all()] == ["退货 退回"]


def test_derived_ids_in_a_file_are_no_difference(folder: Path) -> None:
    """Somebody writes the id out: the card is the same card."""
    content.load(folder)
    value = document("a", "aa")
    value["do"][0] = {"id": line_id("aa1")} | value["do"][0]
    write(folder / "cards" / "a.yaml", value | {"trigger": ""})
    assert report(folder) == {"same": ["a", "b", "c"]}


CARD_MISTAKES: dict[str, tuple[Any, str]] = {
    "not YAML": ("slug: a\ntitle: [\n", "c.yaml:3: "),
    "a list": ("- a\n", "c.yaml:1: "),
    "empty": ("", "c.yaml:1: "),
    "key missing": ({"title": None}, "c.yaml:1: "),
    "unknown stage": ({"stage": "presale"}, "c.yaml:3: stage: "),
    "slug of another file": ({"slug": "d"}, "c.yaml:1: slug: "),
    "unknown fact": ({"facts": ["B-06", "Z-99"]}, "c.yaml:10: facts/2: "),
    "unknown neighbour": ({"neighbours": ["nobody"]}, "c.yaml:10: neighbours/1: "),
    "alias of another card": ({"aliases": ["c在吗", "a在吗"]}, "c.yaml:12: aliases/2: "),
    "code of another card": ({"do": [document("c", "cc")["do"][0] | {"code": "aa1"}]}, "c.yaml:14: do/1/code: "),
    "text without end": ({"principle": "长\x85"}, "c.yaml:"),
}


@pytest.mark.parametrize("mistake", CARD_MISTAKES)
@pytest.mark.parametrize("loaded", [False, True], ids=["on an empty database", "on a loaded one"])
def test_one_bad_card_stops_the_load_before_anything_is_written(folder: Path, mistake: str, loaded: bool) -> None:
    """The last of three files is bad: the first two, changed as well, must not be half of a release."""
    if loaded:
        content.load(folder)
    write_card(folder, "a", title="先改的")
    value, place = CARD_MISTAKES[mistake]
    if isinstance(value, dict):
        value = {key: part for key, part in (document("c", "cc") | value).items() if part is not None}
    write(folder / "cards" / "c.yaml", value)
    problems = told(folder)
    assert len(problems) == 1
    assert problems[0].startswith(place)


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("facts.yaml", {"fact": FACTS}, "facts.yaml:1: "),
        ("facts.yaml", {"facts": "B-06"}, "facts.yaml:1: "),
        ("facts.yaml", {"facts": ["B-06"]}, "facts.yaml:2: 1: "),
        ("facts.yaml", {"facts": [*FACTS, FACTS[0]]}, "facts.yaml:8: 3/id: "),
        ("facts.yaml", {"facts": [FACTS[0], FACTS[1] | {"course": "closing-sale"}]}, "facts.yaml:6: 2/course: "),
        ("facts.yaml", {"facts": [FACTS[0], FACTS[1] | {"text": ""}]}, "facts.yaml:7: 2/text: "),
        ("facts.yaml", {"facts": [FACTS[0], FACTS[1] | {"text": ["x"]}]}, "facts.yaml:8: 2/text: "),
        ("facts.yaml", {"facts": [FACTS[0], FACTS[1] | {"colour": "x"}]}, "facts.yaml:5: 2: "),
        ("facts.yaml", {"facts": [FACTS[0], FACTS[1], FACTS[1] | {"id": "E-41-long"}]}, "facts.yaml:8: 3/id: "),
        ("compliance.yaml", {"notes": [NOTES[0] | {"applies_to": "B-06"}]}, "compliance.yaml:4: 1/applies_to: "),
        ("compliance.yaml", {"notes": [NOTES[0] | {"applies_to": [["B-06"]]}]}, "compliance.yaml:5: 1/applies_to: "),
        ("compliance.yaml", {"notes": [NOTES[0] | {"applies_to": ["B-06", "Z-9"]}]},
         "compliance.yaml:6: 1/applies_to/2: "),
        ("compliance.yaml", {"notes": [NOTES[0] | {"title": "长" * 41}]}, "compliance.yaml:3: 1/title: "),
        ("synonyms.yaml", {"words": []}, "synonyms.yaml:1: "),
        ("synonyms.yaml", "- a\n", "synonyms.yaml:1: "),
        ("synonyms.yaml", {"groups": [["运费", "邮费"], ["退货"]]}, "synonyms.yaml:4: groups/2: "),
        ("synonyms.yaml", {"groups": [["运费", ["邮费"]]]}, "synonyms.yaml:2: groups/1: "),
        ("synonyms.yaml", {"groups": [["运费" * 60, "邮费" * 60]]}, "synonyms.yaml:2: groups/1: "),
        ("synonyms.yaml", {"groups": [["运费", "费"]]}, "synonyms.yaml:2: groups/1: "),
    ],
)  # fmt: skip
def test_a_bad_registry_stops_it_too(folder: Path, name: str, value: Any, place: str) -> None:
    """File, row and field, and nothing written."""
    write(folder / name, value)
    problems = told(folder)
    assert problems[0].startswith(place)


def test_a_missing_file_is_named(folder: Path) -> None:
    """A mistyped folder must not read as an empty phrasebook."""
    (folder / "facts.yaml").unlink()
    assert told(folder)[0].startswith("facts.yaml:1: ")


def test_all_bad_files_are_told_at_once(folder: Path) -> None:
    """Whoever writes ten cards should not have to load ten times."""
    write_card(folder, "a", stage="x")
    write_card(folder, "b", title="")
    write(folder / "cards" / "c.yaml", "slug: [\n")
    assert [line.split(":")[0] for line in told(folder)] == ["a.yaml", "b.yaml", "c.yaml"]


def test_a_code_the_database_knows_elsewhere_is_told_with_its_file(folder: Path) -> None:
    """A code of a card that is not among the files, found only while writing: still file, still nothing written."""
    content.load(folder)
    Card.objects.get(slug="b").delete()
    (folder / "cards" / "b.yaml").unlink()
    value = document("c", "cc")
    value["do"][0]["code"] = "bb1"
    value["do"][0]["id"] = line_id("cc1")
    write(folder / "cards" / "c.yaml", value)
    write_card(folder, "a", title="先改的")
    problems = told(folder)
    assert len(problems) == 1
    assert problems[0].startswith("c.yaml:")
    assert "bb1" in problems[0]


@pytest.fixture
def sources() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (settings.CONTENT_DIR / "cards").iterdir()}


def test_the_real_content_goes_in_and_comes_out_byte_for_byte(
    starter_content: None, sources: dict[str, bytes], tmp_path: Path
) -> None:
    """A trainer's export must show in a diff what they changed and nothing else."""
    paths = content.export(tmp_path)
    exported = {path.name: path.read_bytes() for path in (tmp_path / "cards").iterdir()}
    assert [path.name for path in paths if path.parent.name == "cards"] == sorted(exported)
    assert len(exported) == 84
    assert [name for name in sources if exported.get(name) != sources[name]] == []
    again = content.load(settings.CONTENT_DIR)
    assert again.same == sorted(name[:-5] for name in sources)
    assert [again.created, again.updated, again.kept, again.deleted] == [[], [], [], []]


def test_retired_cards_are_not_exported(folder: Path, tmp_path: Path) -> None:
    """Loaded elsewhere they would come back to life."""
    content.load(folder)
    Card.objects.filter(slug="b").update(status="retired")
    shutil.rmtree(folder / "cards")
    assert [path.name for path in content.export(folder)] == ["a.yaml", "c.yaml"]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Writing stops half way, as on a full disk."""
    real = Path.write_text

    def write_text(self: Path, data: str, *args: Any, **kwargs: Any) -> int:
        real(self, data[: len(data) // 2], *args, **kwargs)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", write_text)
    yield
    monkeypatch.undo()


def test_a_full_disk_leaves_the_old_file_whole(folder: Path, full_disk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a card in fixtures/ would stop the next start of the site."""
    content.load(folder)
    edit("a")
    before = {path.name: path.read_bytes() for path in (folder / "cards").iterdir()}
    with pytest.raises(OSError, match="No space left"):
        content.export(folder)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in (folder / "cards").iterdir()} == before


def test_a_writer_that_fails_stops_the_export_there(folder: Path) -> None:
    """Files already written are whole; the rest are as they were."""
    content.load(folder)
    seen: list[str] = []

    def write_one(path: Path, text: str) -> None:
        if seen:
            raise OSError(errno.ENOSPC, "No space left on device")
        seen.append(path.name)

    with pytest.raises(OSError, match="No space left"):
        content.export(folder, write_one)
    assert seen == ["a.yaml"]
    assert sorted(path.name for path in (folder / "cards").iterdir()) == ["a.yaml", "b.yaml", "c.yaml"]


def test_an_export_over_the_same_files_changes_no_byte(folder: Path) -> None:
    """Exporting twice a day must leave the working tree clean."""
    content.load(folder)
    content.export(folder)
    before = {path.name: path.read_bytes() for path in (folder / "cards").iterdir()}
    content.export(folder)
    assert {path.name: path.read_bytes() for path in (folder / "cards").iterdir()} == before
