"""Cards over the journey through a spreadsheet and back."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEntry
from knowledge.documents import card_problems, tidy_document
from knowledge.enums import RevisionState, Stage, Status
from knowledge.models import Card, CopyEvent, Fact, LineCode, Revision, Use
from knowledge.search import engine
from knowledge.services import workflow
from knowledge.services.cards import publish_document
from knowledge.services.content import card_form
from knowledge.services.exchange import jobs, words
from knowledge.services.exchange.card_table import final
from knowledge.services.exchange.registry import Entry, format_of
from knowledge.tables import csv
from tests import factories
from tests.knowledge.services.exchange.moving import bring, counts, export, fresh, imported, problems

pytestmark = pytest.mark.django_db
FORMS = ("xlsx", "csv")
# What a document holds once it has been tidied: no controls, nothing that a file would fold.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff{}｛｝")
    | st.sampled_from("\n\\|｜'=+-@\"，😀０"),
    min_size=1,
    max_size=40,
)  # fmt: skip


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def trainer(db: None) -> Any:
    return factories.person("trainer", locale="en")


@pytest.fixture
def shelf(trainer: Any) -> list[Card]:
    """Cards with everything a file has to carry: order, odd characters, status, owner, interval, a line's own id."""
    texts = ["=1+1 元", "'引号", "００７", "007", "行一\n行二😀", "\\n｜|"]
    made = [
        factories.card("fee", code="fe", title="标题甲", aliases=texts),
        factories.card("return", "draft", code="re", keywords=["退", "换\\"]),
        factories.card("old", "retired", code="ol"),
    ]
    Card.objects.filter(slug="fee").update(owner=trainer, verify_days=30)
    document = made[1].to_document()
    document["do"][0] |= {"id": "11111111-1111-4111-8111-111111111111", "code": "zz9", "text": "第一行\n\n第三行"}
    publish_document(document, author=trainer, reason="more")
    return list(Card.objects.order_by("slug"))


@pytest.mark.parametrize("form", FORMS)
def test_what_comes_back_untouched_changes_nothing(shelf: list[Card], trainer: Any, form: str) -> None:
    """Or an export could never be sent to a colleague and back."""
    data = export("card", form)
    before = list(Revision.objects.values_list("pk", flat=True))
    job = bring("card", data, trainer, form)
    assert (job.state, counts(job)) == ("ready", {"same": 3})
    assert export("card", form) == data
    assert list(Revision.objects.values_list("pk", flat=True)) == before


@pytest.mark.parametrize("form", FORMS)
def test_what_was_deleted_comes_back_as_it_was(shelf: list[Card], trainer: Any, form: str) -> None:
    """Status, owner, interval, ids of lines and all: the second export is the first, byte for byte."""
    data = export("card", form)
    Card.objects.all().delete()
    LineCode.objects.all().delete()
    engine.clear()
    job = imported("card", data, trainer, form)
    assert (job.state, counts(job), job.rows.count()) == ("done", {"new": 3}, 0)
    assert export("card", form) == data
    assert [(card.status, card.version) for card in Card.objects.order_by("slug")] == [
        ("published", 1), ("retired", 1), ("draft", 1),
    ]  # fmt: skip
    call_command("check_search", stdout=StringIO())


def sound(draw: Any) -> dict[str, Any]:
    lines = [
        {"code": f"{chr(97 + at)}x{at}", "text": draw(TEXT), "why": draw(TEXT)[:20] or "x"}
        for at in range(draw(st.integers(1, 3)))
    ]
    own = {
        "title": draw(TEXT),
        "aliases": draw(st.lists(TEXT, max_size=3, unique=True)),
        "keywords": draw(st.lists(TEXT, max_size=2)),
        "trigger": draw(TEXT),
        "do": lines,
        "principle": draw(TEXT),
    }
    return card_form(tidy_document(factories.document("card", "ca") | own))


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.parametrize("form", FORMS)
def test_any_sound_document_survives(form: str, data: Any) -> None:
    """Characters nobody thought of, in the format a trainer uses."""
    document = sound(data.draw)
    if card_problems(document):
        return
    kind = format_of("card", form)
    rows = list(kind.read(b"".join(kind.write([Entry(document, {"status": "draft"})])), []))
    assert [card_form(final(row.document, None)) for row in rows] == [document]
    assert [row.problems for row in rows] == [[]]


def changed(data: bytes, *pairs: tuple[str, str]) -> bytes:
    text = data.decode()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def test_a_changed_text_is_a_version_with_all_that_follows(shelf: list[Card], trainer: Any) -> None:
    """Revision, recheck flag, index and log as when one card is saved; lines keep their rows, copies stay."""
    fee = Card.objects.get(slug="fee")
    line = fee.say[0]
    CopyEvent.objects.create(line=line, user=trainer)
    use = Use.objects.create(card=fee, kind="article", content_type_id=1, object_id=1, card_version_seen=1)
    job = imported("card", changed(export("card", "csv"), (line.text, "蓝莓先放一晚再吃。")), trainer)
    assert (job.state, counts(job)) == ("done", {"changed": 1, "same": 2})
    fee = Card.objects.get(slug="fee")
    assert (fee.say[0].pk, fee.say[0].text, fee.version) == (line.pk, "蓝莓先放一晚再吃。", 2)
    use.refresh_from_db()
    assert (use.recheck, CopyEvent.objects.count()) == (True, 1)
    last = Revision.objects.filter(kind="card", object_id=fee.pk).latest("number")
    assert (last.number, last.state, last.author, last.document) == (2, "published", trainer, fee.to_document())
    assert [hit.slug for hit in engine.find("蓝莓放一晚", engine.Viewer(), kinds=("card",)).hits] == ["fee"]
    entry = AuditEntry.objects.get(action="imported")
    assert (entry.actor, entry.kind, entry.detail) == (trainer, "card", "0 new, 1 changed, 2 the same")


def test_a_line_taken_out_is_gone_and_its_code_stays_given(shelf: list[Card], trainer: Any) -> None:
    data = export("card", "csv").decode().split("\r\n")
    code = Card.objects.get(slug="fee").say[0].code
    kept = [row for row in data if f",{code}," not in row]
    assert len(kept) == len(data) - 1
    assert imported("card", "\r\n".join(kept).encode(), trainer).state == "done"
    assert [line.code for line in Card.objects.get(slug="fee").say] == ["fe2"]
    assert LineCode.objects.filter(code=code).exists()


def test_who_may_not_publish_sends_drafts(shelf: list[Card]) -> None:
    """What readers see stays; a new card is a draft that waits for approval."""
    author = factories.person("trainer", locale="en", publishes=False)
    data = changed(export("card", "csv"), ("标题甲", "标题乙"))
    new = ("new,卡片,新的,pre,language,language,,,,,,,道理,,,,,,,,,", "new,该说,,,,,,,,,,,,nw1,您好,礼貌,,,,,,")
    data += "\r\n".join(new).encode()
    job = imported("card", data, author, publish=True)
    assert (job.state, counts(job)) == ("done", {"new": 1, "changed": 1, "same": 2})
    assert [card.title for card in Card.objects.filter(slug__in=["fee", "new"]).order_by("slug")] == ["标题甲", "新的"]
    assert Card.objects.get(slug="new").status == Status.DRAFT
    waiting = Revision.objects.filter(state=RevisionState.WAITING).order_by("slug")
    assert [(one.slug, one.base_number, one.number) for one in waiting] == [("fee", 1, 2), ("new", 1, 2)]


def test_somebody_elses_draft_is_not_overwritten(shelf: list[Card], trainer: Any) -> None:
    other = factories.person("trainer", locale="en")
    fee = Card.objects.get(slug="fee")
    workflow.save_draft(fee, fee.to_document() | {"title": "别人的"}, author=other)
    job = imported("card", changed(export("card", "csv"), ("标题甲", "标题乙")), trainer, publish=False)
    assert (job.state, job.notes) == (
        "failed", ["Somebody else is writing a draft of these; nothing was imported: fee"],
    )  # fmt: skip
    assert Revision.objects.open().get().document["title"] == "别人的"


HEAD = "标识,行,标题,阶段,课程,能力,客群,依据,易混卡片,顾客会说,道理,短码,话术,理由,违反,负责人,核实间隔,状态\n"
CARD = "a,卡片,标题,售前,语言能力,语言能力,,,,怎么说,道理,,,,,,,\n"
SAY = "a,该说,,,,,,,,,,aa1,您好,礼貌,,,,\n"


STAGES = "“售钱” is not known here. Write one of %s."
STATES = "“没有” is no status. Write 草稿、已发布、已停用, or leave it empty."
DAYS = "A whole number of days from 1 to 3650 is needed here."
ALONE = "This row stands under no row of its card. A card begins with a row that says “卡片” here."
RULE = "A line to say breaks no rule. Leave this cell empty."
GIVEN = "fe1 is a line of the card fee."
TAIL = CARD[: -len(",,,\n")]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (CARD.replace("售前", "售钱") + SAY, [("D2（阶段）", STAGES)]),
        (CARD.replace("标题", "") + SAY, [("C2（标题）", "a text is needed here")]),
        (CARD + SAY.replace("您好", "您好{姓"), [("M3（话术）", "unknown field or stray brace: {")]),
        (CARD + SAY.replace("该说", "说"), [("B3（行）", "“说” is no kind of row. Write 卡片、该说、不该说.")]),
        (CARD + SAY.replace("礼貌,", "礼貌,冷漠"), [("O3（违反）", RULE)]),
        (SAY, [("B2（行）", ALONE)]),
        (CARD, [("M2（话术）", "A card needs a line to say before readers see it.")]),
        (CARD + SAY + CARD + SAY.replace("aa1", "aa2"), [("A4（标识）", "“a” stands in row 2 already.")]),
        (
            CARD.replace(",,,怎么", ",Z-99,near,怎么") + SAY,
            [("H2（依据）", "'Z-99' is not known"), ("I2（易混卡片）", "'near' is not known")],
        ),
        (CARD + SAY.replace("aa1", "fe1"), [("L3（短码）", GIVEN)]),
        (
            CARD.replace("怎么说", "运费多少钱") + SAY,
            [("J2（顾客会说）", "运费多少钱 leads to the card fee already.")],
        ),
        (f"{TAIL},,0,没有\n{SAY}", [("R2（状态）", STATES), ("Q2（核实间隔）", DAYS)]),
        (f"{TAIL},nobody,9,\n{SAY}", [("P2（负责人）", "Nobody here has the username nobody.")]),
    ],
)
def test_each_wrong_cell_is_named(trainer: Any, rows: str, told: list[tuple[str, str]]) -> None:
    """By its address in the file and the name above it, with what would be right."""
    factories.card("fee", code="fe", aliases=["运费多少钱"])
    job = bring("card", (HEAD + rows).encode(), trainer)
    stages = "、".join(words.all_words(Stage))
    assert problems(job) == [(place, sentence.replace("%s", stages)) for place, sentence in told]


def test_a_file_of_some_columns_leaves_the_others(shelf: list[Card], trainer: Any) -> None:
    """Search words, trigger, owner and interval are not in this file: they are not emptied by it."""
    card = Card.objects.get(slug="return")
    table = [record.cells for record in csv.read(export("card", "csv")).records()]
    assert table[0][11] == "搜索词"
    cut = csv.write([[cell for at, cell in enumerate(cells) if at not in {9, 11, 18, 20, 21}] for cells in table])
    job = bring("card", cut, trainer)
    assert counts(job) == {"same": 3}
    assert card.keywords == ["退", "换\\"]


def test_queries_do_not_grow_with_the_rows(trainer: Any) -> None:
    """One card or six: the same statements, or 20,000 would hold the database for minutes."""
    Fact.objects.create(code="A-01", course="intro", text="x")

    def rows(name: str) -> str:
        card = CARD.replace("a,卡片", f"{name},卡片").replace("怎么说", f"怎么说{name}")
        return card + SAY.replace("a,该", f"{name},该").replace("aa1", f"{name}1")

    def queries(names: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert (
                imported("card", (HEAD + "".join(rows(2 * name) for name in names)).encode(), trainer).state == "done"
            )
        return len([one for one in seen if "SAVEPOINT" not in one["sql"]])

    queries("b")
    assert queries("c") == queries("defghi")


def test_what_changed_since_it_was_looked_at_stops_the_import(shelf: list[Card], trainer: Any) -> None:
    """Nobody's work is overwritten by what was decided on before it: it is compared anew, and looked at again."""

    job = bring("card", changed(export("card", "csv"), ("标题甲", "标题乙")), trainer)
    fee = Card.objects.get(slug="fee")
    publish_document(fee.to_document() | {"title": "快递费"}, author=trainer, reason="meanwhile")
    jobs.start(job, by=trainer, publish=True)
    job = fresh(job)
    assert (job.state, counts(job)) == ("ready", {"changed": 1, "same": 2})
    assert job.notes == [
        "1 item was changed by somebody meanwhile, so nothing was imported: fee. It has been compared anew; look again "
        "and import."
    ]
    assert Card.objects.get(slug="fee").title == "快递费"
    jobs.start(job, by=trainer, publish=True)
    assert (fresh(job).state, Card.objects.get(slug="fee").title) == ("done", "标题乙")
