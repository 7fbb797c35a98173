"""The pages of imports and exports: brought, looked at, mended, decided on, taken out. The worker of the tests is done
before a page answers, and no page of these needs a script."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from knowledge.models import Card, ImportJob, Revision, StagedRow, SynonymGroup
from knowledge.services.exchange.registry import exchange_of, exchanges, formats_of
from tests import factories
from tests.knowledge.admin.conftest import BACKEND
from tests.knowledge.services.exchange.moving import export

pytestmark = pytest.mark.django_db
PAGES = "/admin/knowledge/importjob/"
HEAD = "编号,同义词,备注\n"
STEPS = ("change", "progress", "wrong")
WRITES = ("mend", "apply", "restart", "drop")


def send(client: Client, data: Any, to: str = "add/", name: str = "同义词.csv", kind: str = "synonyms") -> Any:
    """What the page's form sends. Bytes go as they are, text as UTF-8."""
    data = data.encode() if isinstance(data, str) else data
    return client.post(f"{PAGES}{to}", {"kind": kind, "file": SimpleUploadedFile(name, data)}, follow=True)


def shown(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def state(job: ImportJob) -> tuple[str, dict[str, int]]:
    job.refresh_from_db()
    return job.state, {name: number for name, number in job.counts.items() if number and name != "kept"}


@pytest.fixture
def brought(as_trainer: Client) -> ImportJob:
    """Two sound rows and a wrong one."""
    send(as_trainer, f"{HEAD},运费 邮费,\n,只有一个,\n,退货 退回,\n")
    return ImportJob.objects.get()


def test_from_a_file_to_what_is_live(as_trainer: Client, trainer: Any) -> None:
    """Upload, preview, the wrong rows, the mended ones, the decision and the report, as a trainer goes."""
    assert 'name="kind" value="synonyms" required checked' in shown(as_trainer.get(f"{PAGES}add/?kind=synonyms"))
    page = send(as_trainer, f"{HEAD},运费 邮费,\n,<b>只有,\n,退货 退回,\n")
    job = ImportJob.objects.get()
    address = f"{PAGES}{job.pk}/"
    assert page.redirect_chain == [(f"{address}change/", 302)]
    assert [(name, number) for name, _label, number in page.context["tiles"]] == [
        ("wrong", 1), ("new", 2), ("changed", 0), ("same", 0),
    ]  # fmt: skip
    assert (page.context["outcome"], [row.row for row in page.context["rows"]]) == ("wrong", [3])
    text = shown(page)
    assert "<b>B3（同义词）</b> Name at least two words." in text
    assert (text.count("&lt;b&gt;只有"), "<b>只有" in text, "Waits for its wrong rows" in text) == (
        1,
        False,
        True,
    )
    assert [(row.slug, row.title) for row in page.context["rows"]] == [("", "<b>只有")]
    assert f'action="{address}apply/"' not in text
    wrong = as_trainer.get(f"{address}wrong/")
    assert wrong.headers["Content-Disposition"] == (
        "attachment; filename*=UTF-8''%E5%90%8C%E4%B9%89%E8%AF%8D-wrong.csv"
    )
    assert wrong.content.decode("utf-8-sig") == (
        "编号,同义词,备注,问题\r\n,<b>只有,,B3（同义词）: Name at least two words.\r\n"
    )
    page = send(as_trainer, wrong.content.replace("<b>只有".encode(), "包邮 免运费".encode()), f"{job.pk}/mend/")
    assert state(job) == ("ready", {"new": 3})
    assert f'action="{address}apply/"' in shown(page)
    assert SynonymGroup.objects.count() == 0
    page = as_trainer.post(f"{address}apply/", {"target": "publish"}, follow=True)
    assert state(job) == ("done", {"new": 3})
    assert page.context["job"].created_by == trainer
    assert sorted(SynonymGroup.objects.values_list("words", flat=True)) == ["包邮 免运费", "运费 邮费", "退货 退回"]
    assert list(AuditEntry.objects.values_list("action", "kind", "actor")) == [("imported", "synonyms", trainer.pk)]
    listed = shown(as_trainer.get(PAGES))
    assert ("同义词.csv" in listed, "New 3" in listed or "new 3" in listed) == (True, True)


def test_what_changes_is_shown_as_a_diff(as_trainer: Client) -> None:
    """Old and new words of a changed row, each marked; a row that is the same says so."""
    SynonymGroup.objects.create(words="运费 邮费", note="旧的说明")
    SynonymGroup.objects.create(words="退货 退回")
    page = send(as_trainer, f"{HEAD},运费 邮费,新的说明\n,退货 退回,\n")
    assert [row.changes for row in page.context["rows"]] == [
        [("note", (("removed", "旧的说明"), ("added", "新的说明")))],
    ]  # fmt: skip
    assert "<del>旧的说明</del><ins>新的说明</ins>" in shown(page)
    page = as_trainer.get(page.redirect_chain[0][0] + "?outcome=same")
    assert [row.label for row in page.context["rows"]] == ["The same"]


def test_nothing_new_is_nothing_to_decide(as_trainer: Client) -> None:
    """A page with a button that does nothing would be pressed again and again; a POST past it is told."""
    SynonymGroup.objects.create(words="运费 邮费")
    text = shown(send(as_trainer, export("synonyms", "csv")))
    job = ImportJob.objects.get()
    assert ("there is nothing to import" in text, f"{job.pk}/apply/" in text) == (True, False)
    page = as_trainer.post(f"{PAGES}{job.pk}/apply/", {"target": "publish"}, follow=True)
    assert said(page) == ["Everything in the file is here already; there is nothing to import."]
    assert state(job) == ("ready", {"same": 1})


def test_rows_come_a_page_at_a_time(as_trainer: Client) -> None:
    """In the order of the file; a page that is none is the nearest, an outcome that is none the first with rows."""
    send(as_trainer, HEAD + "".join(f",词{at} 语{at},\n" for at in range(60)))
    address = f"{PAGES}{ImportJob.objects.get().pk}/change/"
    for query, numbers in (
        ("", range(2, 27)),
        ("?outcome=new&p=2", range(27, 52)),
        ("?outcome=new&p=3", range(52, 62)),
        ("?outcome=new&p=99", range(52, 62)),
        ("?outcome=nonsense&p=-1", range(2, 27)),
        ("?outcome=new&p=%00&x=<b>", range(2, 27)),
        ("?outcome=wrong", ()),
    ):
        page = as_trainer.get(address + query)
        assert (page.status_code, [row.row for row in page.context["rows"]]) == (200, list(numbers)), query
    assert "?outcome=new&amp;p=3" in shown(as_trainer.get(f"{address}?outcome=new&p=2"))


def test_the_page_asks_as_much_for_one_row_as_for_many(as_trainer: Client) -> None:
    """Changed rows are compared with what is there, all of a page at once."""
    asked = []
    for number in (1, 3, 25):
        SynonymGroup.objects.all().delete()
        for at in range(number):
            SynonymGroup.objects.create(words=f"词{at} 语{at}")
        page = send(as_trainer, HEAD + "".join(f",词{at} 语{at},改\n" for at in range(number)))
        address = page.redirect_chain[0][0]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = as_trainer.get(address)
        assert len(page.context["rows"]) == number
        asked.append(len(queries))
    assert asked[0] == asked[1] == asked[2]


def test_progress_is_told_to_the_script_and_without_it(as_trainer: Client, brought: ImportJob) -> None:
    """As numbers for the script; who has none gets a page that loads itself anew."""
    assert as_trainer.get(f"{PAGES}{brought.pk}/progress/").json() == {
        "working": False, "done": 3, "total": 3, "state": "ready",
    }  # fmt: skip
    ImportJob.objects.filter(pk=brought.pk).update(state="reading", done=500, total=3)
    assert as_trainer.get(f"{PAGES}{brought.pk}/progress/").json()["working"] is True
    page = as_trainer.get(f"{PAGES}{brought.pk}/change/")
    text = shown(page)
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert ("<progress" in text, f"{brought.pk}/drop/" in text, "rows" in page.context) == (True, False, False)


@pytest.mark.parametrize("now", ["reading", "applying", "done", "refused", "failed"])
def test_a_step_out_of_turn_does_nothing(as_trainer: Client, brought: ImportJob, now: str) -> None:
    """A second tab, a second click: told in a sentence, never done twice."""
    ImportJob.objects.filter(pk=brought.pk).update(state=now, counts={"new": 3}, data=None)
    address = f"{PAGES}{brought.pk}/"
    assert said(send(as_trainer, f"{HEAD},甲乙 丙丁,\n", f"{brought.pk}/mend/")) == [
        "This import is no longer waiting for a file."
    ]
    page = as_trainer.post(f"{address}apply/", {"target": "publish"}, follow=True)
    assert said(page) == ["This import has been decided on already."]
    assert (state(brought)[0], SynonymGroup.objects.count()) == (now, 0)
    as_trainer.post(f"{address}restart/")
    assert state(brought)[0] == ("ready" if now == "failed" else now)
    page = as_trainer.post(f"{address}drop/", follow=True)
    gone = not ImportJob.objects.exists()
    assert gone is (now != "applying")
    assert said(page) == [
        "Dropped; nothing was written." if gone else "This import is being written and can no longer be dropped."
    ]


def test_what_is_dropped_leaves_nothing(as_trainer: Client, brought: ImportJob) -> None:
    """Its rows may hold people's names. A second click meets a page that is not there any more."""
    assert StagedRow.objects.count() == 3
    page = as_trainer.post(f"{PAGES}{brought.pk}/drop/", follow=True)
    assert page.redirect_chain == [(PAGES, 302)]
    assert (ImportJob.objects.count(), StagedRow.objects.count(), SynonymGroup.objects.count()) == (0, 0, 0)
    assert as_trainer.post(f"{PAGES}{brought.pk}/drop/").status_code == 404


def test_an_interrupted_import_can_be_started_again(as_trainer: Client) -> None:
    """A file that had not been read is read; rows that were wait for the decision once more."""
    send(as_trainer, f"{HEAD},运费 邮费,\n")
    job = ImportJob.objects.get()
    data = f"{HEAD},甲乙 丙丁,\n,退货 退回,\n".encode()
    ImportJob.objects.filter(pk=job.pk).update(state="failed", data=data, notes=["Stopped."])
    text = shown(as_trainer.get(f"{PAGES}{job.pk}/change/"))
    assert (f'action="{PAGES}{job.pk}/restart/"' in text, "Stopped." in text) == (True, True)
    as_trainer.post(f"{PAGES}{job.pk}/restart/")
    assert state(job) == ("ready", {"new": 2})
    ImportJob.objects.filter(pk=job.pk).update(state="failed")
    as_trainer.post(f"{PAGES}{job.pk}/restart/")
    assert state(job) == ("ready", {"new": 2})


def test_a_file_that_cannot_be_read_says_why(as_trainer: Client) -> None:
    """Refused as a whole, with a way to bring another; as a second file it leaves the first as it was."""
    page = send(as_trainer, b"\xff\xff\x00\xff")
    job = ImportJob.objects.get()
    assert (job.state, page.context["job"].notes) == (
        "refused", ["The text is neither UTF-8 nor GB18030. Save the list as “CSV UTF-8” and try again."],
    )  # fmt: skip
    assert f'href="{PAGES}add/?kind=synonyms"' in shown(page)
    assert as_trainer.get(f"{PAGES}{job.pk}/wrong/").status_code == 200
    send(as_trainer, f"{HEAD},运费 邮费,\n,只有一个,\n")
    second = ImportJob.objects.latest("pk")
    page = send(as_trainer, b"\xff\xff\x00\xff", f"{second.pk}/mend/")
    assert state(second) == ("ready", {"new": 1, "wrong": 1})
    assert page.context["job"].notes == job.notes


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose what is in the file."),
        ({"kind": "staff"}, "Choose what is in the file."),  # a trainer brings no people
        ({"kind": "nonsense\0"}, "Choose what is in the file."),
        ({"kind": "synonyms"}, "No file arrived. Choose one and try again."),
        ({"kind": "synonyms", "file": "text"}, "No file arrived. Choose one and try again."),
        (
            {"kind": "synonyms", "file": ("x.exe", b"MZ")},
            "A file with this name cannot be read here. It should end in .xlsx、.xlsm、.xls、.csv、.tsv、.txt.",
        ),
        ({"kind": "synonyms", "file": ("a.csv", b"")}, "No file arrived. Choose one and try again."),
    ],
)
def test_what_is_no_upload_is_told_on_the_form(as_trainer: Client, values: dict[str, Any], sentence: str) -> None:
    """422, the sentence in an alert, the form again, and no import begun."""
    file = values.get("file")
    if isinstance(file, tuple):
        values = values | {"file": SimpleUploadedFile(*file)}
    page = as_trainer.post(f"{PAGES}add/", values)
    if file == ("a.csv", b""):  # an empty file is a file: it is refused when it is read
        assert (page.status_code, ImportJob.objects.get().notes) == (302, ["The file is empty."])
        return
    assert (page.status_code, page.context["problem"], ImportJob.objects.count()) == (422, sentence, 0)
    assert f'<p class="errornote" role="alert">{sentence}</p>' in shown(page)


def test_a_file_too_large_is_not_read(as_trainer: Client) -> None:
    """Told before the body is looked at: on the form as on the page of an import that waits for a mended file."""
    page = as_trainer.post(
        f"{PAGES}add/", b"x", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="99999999"
    )
    assert (page.status_code, page.context["problem"]) == (
        413, "The file is larger than 20 MB. Split it and import the parts.",
    )  # fmt: skip
    page = send(as_trainer, b"x" * (5 * 1024 * 1024 + 1), name="a.xlsx")
    assert (page.status_code, page.context["problem"]) == (
        413, "The file is larger than 5 MB. Split it and import the parts.",
    )  # fmt: skip
    assert ImportJob.objects.count() == 0


def test_a_name_of_a_thousand_characters_is_cut(as_trainer: Client) -> None:
    """Escaped wherever it stands; never a fault of the database."""
    send(as_trainer, f"{HEAD},运费 邮费,\n", name="<i>" + "长" * 300 + ".csv")
    job = ImportJob.objects.get()
    assert len(job.name) <= 200
    assert "<i>长" not in shown(as_trainer.get(f"{PAGES}{job.pk}/change/"))
    assert as_trainer.get(f"{PAGES}{job.pk}/wrong/").status_code == 200


def test_every_step_wants_its_token(trainer: Any, brought: ImportJob) -> None:
    """add and mend look at the length first, so they check the token by themselves."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(trainer, BACKEND)
    refused = {step: client.post(f"{PAGES}{brought.pk}/{step}/").status_code for step in WRITES}
    assert refused == dict.fromkeys(WRITES, 403)
    assert client.post(f"{PAGES}add/", {"kind": "synonyms"}).status_code == 403
    assert client.post(f"{PAGES}export/synonyms/csv/").status_code == 403
    assert state(brought) == ("ready", {"new": 2, "wrong": 1})


def test_no_step_is_taken_by_a_link(as_trainer: Client, brought: ImportJob) -> None:
    """A preview of the browser, a crawler, a prefetch: they ask with GET."""
    asked = {step: as_trainer.get(f"{PAGES}{brought.pk}/{step}/").status_code for step in WRITES}
    assert asked == dict.fromkeys(WRITES, 405)
    assert as_trainer.get(f"{PAGES}export/synonyms/csv/").status_code == 405
    assert [as_trainer.post(f"{PAGES}{brought.pk}/{step}/").status_code for step in STEPS] == [405, 405, 405]


def test_who_may_not_import_a_kind_does_not_find_its_imports(by_role: dict[str, Client], brought: ImportJob) -> None:
    """404 on every step: a manager brings people and no content, a trainer content and no people."""
    people = ImportJob.objects.create(kind="staff", format="csv", name="people.csv", state="ready")
    for role, job in (("manager", brought), ("trainer", people)):
        client = by_role[role]
        assert [client.get(f"{PAGES}{job.pk}/{step}/").status_code for step in STEPS] == [404, 404, 404]
        assert [client.post(f"{PAGES}{job.pk}/{step}/").status_code for step in WRITES] == [404, 404, 404, 404]
        assert job.name not in shown(client.get(PAGES))
    assert [by_role["manager"].get(f"{PAGES}{people.pk}/change/").status_code, state(brought)[0]] == [200, "ready"]
    assert by_role["trainer"].get(f"{PAGES}999999/change/").status_code == 404
    page = send(by_role["manager"], "x", kind="card")
    assert (page.status_code, page.context["problem"]) == (422, "Choose what is in the file.")


@pytest.mark.parametrize("kind", sorted({one.kind for one in exchanges()}))
def test_exports_by_role(by_role: dict[str, Client], kind: str) -> None:
    """Each format of each kind: a download with its own ending and an entry in the log for who may, 404 for others."""
    factories.card("freight", code="fr")
    SynonymGroup.objects.create(words="运费 邮费")
    may = {"manager"} if kind == "staff" else {"manager", "trainer"}
    for form in formats_of(kind):
        for role in ("trainer", "manager"):
            answer = by_role[role].post(f"{PAGES}export/{kind}/{form.name}/")
            assert (role, answer.status_code) == (role, 200 if role in may else 404)
            if role not in may:
                continue
            assert answer.headers["Content-Type"] == form.content_type
            assert answer.headers["Content-Disposition"].endswith(form.extensions[0])
            assert answer.content == export(kind, form.name)
        for role in ("agent", "trainee", "anonymous"):
            answer = by_role[role].post(f"{PAGES}export/{kind}/{form.name}/")
            assert (role, answer.status_code) == (role, 302)
    assert AuditEntry.objects.filter(action="exported", kind=kind).count() == len(may) * len(formats_of(kind))


def test_an_export_of_a_list_is_what_the_list_shows(as_trainer: Client) -> None:
    """The filters and words of the page it was asked from; one that is none is a 404, as no list shows it."""
    factories.card("freight", code="fr", title="运费多少")
    factories.card("coupon", "draft", code="co")
    address = f"{PAGES}export/card/csv/"
    assert as_trainer.post(f"{address}?status__exact=draft").content.count(b"coupon") > 0
    chosen = as_trainer.post(f"{address}?status__exact=draft").content
    wanted = b"".join(formats_of("card")[1].write(exchange_of("card").entries(Card.objects.filter(slug="coupon"))))
    assert chosen == wanted
    assert as_trainer.post(f"{address}?status__exact=draft&nonsense__x=1").status_code == 404
    assert [as_trainer.post(f"{PAGES}export/{bad}/").status_code for bad in ("card/pdf", "nonsense/csv")] == [404, 404]


def test_who_may_not_publish_is_offered_drafts_alone(by_role: dict[str, Client]) -> None:
    """And a form that says otherwise changes nothing about it: what is live stays."""
    factories.card("freight", code="fr", title="运费多少")
    data = export("card", "csv").replace("运费多少".encode(), "邮费多少".encode())
    author = factories.person("trainer", publishes=False, locale="en")
    client = Client()
    client.force_login(author, BACKEND)
    text = shown(send(client, data, name="a.csv", kind="card"))
    assert ('name="target" value="publish"' in text, "become drafts that wait for approval" in text) == (False, True)
    job = ImportJob.objects.get()
    client.post(f"{PAGES}{job.pk}/apply/", {"target": "publish"})
    assert state(job)[0] == "done"
    assert (Card.objects.get().title, Revision.objects.get(state="waiting").document["title"]) == (
        "运费多少",
        "邮费多少",
    )
    assert 'name="target" value="publish"' in shown(send(by_role["trainer"], data, name="a.csv", kind="card"))
