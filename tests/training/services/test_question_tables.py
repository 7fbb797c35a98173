"""Questions of all eight types over the journey through a spreadsheet."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.utils import translation

from knowledge.models import Revision, Use
from knowledge.services.exchange.registry import Entry, format_of
from tests import factories
from tests.knowledge.services.exchange.moving import bring, counts, export, imported, problems
from tests.training import making
from training.models import Question

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def trainer(db: None) -> Any:
    return factories.person("trainer", locale="en")


def test_all_types_come_back_as_they_were(starter_content: None, trainer: Any) -> None:
    """The 265 of the starter content, some drafts and retired: the same rows, the same bytes, and after all of them
    were deleted the same again."""
    Question.objects.filter(pk__in=Question.objects.values("pk")[:20]).update(status="draft")
    Question.objects.filter(code=Question.objects.latest("pk").code).update(status="retired")
    assert len(Counter(Question.objects.values_list("type", flat=True))) == 8
    uses = Use.objects.filter(kind="question").count()
    for form in ("xlsx", "csv"):
        data = export("question", form)
        assert counts(bring("question", data, trainer, form)) == {"same": 265}
        Use.objects.filter(kind="question").delete()
        Revision.objects.filter(kind="question").delete()
        Question.objects.all().delete()
        job = imported("question", data, trainer, form)
        assert (job.state, counts(job)) == ("done", {"new": 265})
        assert export("question", form) == data
        assert Use.objects.filter(kind="question").count() == uses


HEAD = "编号,题型,能力,难度,题干,A,B,答案,反馈A,反馈B,反馈,卡片,解析\n"
GOOD = "language-1,单选题,language,1,题,甲,乙,A,对,错,,,因为\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (GOOD.replace("language,1", "烹饪,1"), [("C2（能力）", "“烹饪” is not known here. Write one of %s.")]),
        (GOOD.replace("乙,A", "乙,C"), [("H2（答案）", "There is no option C. Write the letters of the right options."),
                                       ("H2（答案）", "exactly 1 of them must be right")]),
        (GOOD.replace("对,错", "对,"), [("J2（反馈B）", "a text is needed here")]),
        (GOOD.replace(",,因为", ",none,因为"), [("L2（卡片）", "Unknown card: none")]),
        (GOOD.replace("language-1", "cook-1"), [("2（课程）", "“cook” is no course. Write one of %s.")]),
    ],
)  # fmt: skip
def test_each_wrong_cell_is_named(trainer: Any, row: str, told: list[tuple[str, str]]) -> None:
    found = problems(bring("question", (HEAD + row.replace("单选题", "single")).encode(), trainer))
    assert [(place, sentence.partition(" Write one of")[0]) for place, sentence in found] == [
        (place, sentence.partition(" Write one of")[0]) for place, sentence in told
    ]


def test_lists_in_a_cell_keep_every_character() -> None:
    """Bars, backslashes and line breaks within a step, a pair or a point."""

    documents = [
        making.document("matching") | {"pairs": [{"left": f"左|{at}", "right": f"右\\n｜{at}"} for at in range(3)]},
        making.document("ordering") | {"steps": ["一\n二", "\\", "= 三"]},
        making.document("rewrite") | {"points": [{"name": "a|b", "any": ["x\ny", "｜"]}], "forbids": ["-", "'"]},
    ]
    for form in ("xlsx", "csv"):
        kind = format_of("question", form)
        rows = list(kind.read(b"".join(kind.write([Entry(one) for one in documents])), []))
        assert [row.document for row in rows] == documents


def test_who_may_not_publish_sends_drafts(trainer: Any) -> None:
    author = factories.person("trainer", publishes=False)
    job = imported("question", (HEAD + GOOD.replace("单选题", "single")).encode(), author)
    assert (job.state, Question.objects.get().status) == ("done", "draft")
    assert sorted(Revision.objects.values_list("number", "state")) == [(1, "published"), (2, "waiting")]
