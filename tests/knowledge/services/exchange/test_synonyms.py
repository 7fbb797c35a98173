"""Synonyms over the journey through a spreadsheet."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from knowledge.models import SynonymGroup
from knowledge.models.synonym import current_synonyms
from tests import factories
from tests.knowledge.services.exchange.moving import bring, counts, export, imported, problems

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def trainer(db: None) -> Any:
    SynonymGroup.objects.create(words="运费 邮费", note="=钱\n二行")
    SynonymGroup.objects.create(words="退货 退回去")
    return factories.person("trainer", locale="en")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_comes_back_untouched_changes_nothing(trainer: Any, form: str) -> None:
    data = export("synonyms", form)
    assert counts(bring("synonyms", data, trainer, form)) == {"same": 2}
    assert export("synonyms", form) == data


def test_a_number_says_which_group_is_meant(trainer: Any) -> None:
    """Changed words keep their group, and every worker follows with the next search."""
    first = SynonymGroup.objects.get(words="运费 邮费")
    rows = f"编号,同义词,备注\n{first.pk},运费 邮费 快递费,\n,退回去 退货,新\n,发票 小票,\n"
    before = current_synonyms()[0]
    job = imported("synonyms", rows.encode(), trainer)
    assert (job.state, counts(job)) == ("done", {"new": 1, "changed": 2})
    assert sorted(SynonymGroup.objects.values_list("words", "note")) == [
        ("发票 小票", ""), ("运费 邮费 快递费", ""), ("退回去 退货", "新"),
    ]  # fmt: skip
    version, words = current_synonyms()
    assert (version != before, words["运费"]) == (True, ("邮费", "快递费"))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (",运费,", ("B2（同义词）", "Name at least two words.")),
        ("0,甲乙 丙丁,", ("A2（编号）", "This is no number of a group. Leave it empty for a new one.")),
        ("77,甲乙 丙丁,\n077,甲乙 丙丁 戊己,", ("A3（编号）", "“77” stands in row 2 already.")),
        ("x,甲乙 丙丁,", ("A2（编号）", "This is no number of a group. Leave it empty for a new one.")),
        (",甲乙 丙丁,\n,丙丁 甲乙,", ("B3（同义词）", "“丙丁 甲乙” stands in row 2 already.")),
    ],
)
def test_what_is_wrong_is_named(trainer: Any, rows: str, told: tuple[str, str]) -> None:
    assert problems(bring("synonyms", f"编号,同义词,备注\n{rows}".encode(), trainer)) == [told]


@pytest.mark.usefixtures("transactional_db")
def test_a_number_that_is_not_here_comes_back() -> None:
    """Of a group that was deleted, or of another site: what is added afterwards gets a number of its own."""
    SynonymGroup.objects.all().delete()
    trainer = factories.person("trainer", locale="en")
    rows = "编号,同义词,备注\n7007,甲乙 丙丁,旧\n,发票 小票,\n".encode()
    assert counts(imported("synonyms", rows, trainer)) == {"new": 2}
    later = SynonymGroup.objects.create(words="尺码 尺寸")
    assert list(SynonymGroup.objects.filter(pk__gte=7007).values_list("words", flat=True).order_by("pk")) == [
        "甲乙 丙丁", "发票 小票", "尺码 尺寸",
    ]  # fmt: skip
    assert (SynonymGroup.objects.get(note="旧").pk, later.pk > 7008) == (7007, True)
    assert counts(bring("synonyms", export("synonyms", "csv"), trainer)) == {"same": 3}
