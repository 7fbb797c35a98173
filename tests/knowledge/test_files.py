"""YAML as people edit it: what is read is what stands there, and what is written reads back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from knowledge import files
from knowledge.files import FileProblem


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "some.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def value(folder: Path, text: str | bytes) -> Any:
    return files.read(written(folder, text)).value


def problem(folder: Path, text: str | bytes) -> str:
    """File, line and sentence of the refusal."""
    with pytest.raises(FileProblem) as caught:
        files.read(written(folder, text))
    return str(caught.value)


@pytest.mark.parametrize(
    "scalar",
    ["no", "yes", "on", "off", "true", "null", "~", "12:30:00", "1e3", "0x10", "010", "1_000", "2026-11-22", ".5", "="],
)
def test_a_plain_scalar_stays_the_text_it_is(tmp_path: Path, scalar: str) -> None:
    """Plain YAML would make False, None, 45000 or a date of these, and the card would say that."""
    assert value(tmp_path, f"key: {scalar}\nlist:\n  - {scalar}\n") == {"key": scalar, "list": [scalar]}


def test_quotes_blocks_and_comments_are_read_as_yaml_means_them(tmp_path: Path) -> None:
    """People who know YAML write it their way; only the values have to be the same."""
    text = "# note\none: 'it''s'\ntwo: \"a\\tb\"  # more\nthree: |-\n  first\n  second\nfour: >-\n  a\n  b\n"
    assert value(tmp_path, text) == {"one": "it's", "two": "a\tb", "three": "first\nsecond", "four": "a b"}


def test_every_part_knows_its_line(tmp_path: Path) -> None:
    """Errors found later (a code given twice) still have to point at a line."""
    parsed = files.read(
        written(tmp_path, "slug: a\ndo:\n  - code: x1\n    text: 您好\n\n  - code: x2\n    text: 再见\n")
    )
    assert parsed.lines == {
        (): 1,
        ("slug",): 1,
        ("do",): 3,
        ("do", 0): 3,
        ("do", 0, "code"): 3,
        ("do", 0, "text"): 4,
        ("do", 1): 6,
        ("do", 1, "code"): 6,
        ("do", 1, "text"): 7,
    }


def test_a_problem_names_file_line_and_path(tmp_path: Path) -> None:
    """A missing part is told on the line of the nearest part that exists, with places counted from one."""
    parsed = files.read(written(tmp_path, "slug: a\ndo:\n  - code: x1\n    text: 您好\n"))
    assert str(parsed.problem(("do", 0, "text"), "too long")) == "some.yaml:4: do/1/text: too long"
    assert str(parsed.problem(("do", 0, "why"), "missing")) == "some.yaml:3: do/1/why: missing"
    assert str(parsed.problem((), "odd")) == "some.yaml:1: odd"


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", "some.yaml:3: ", "'a'", id="duplicate key"),
        pytest.param("a:\n  b: 1\n  b: 2\n", "some.yaml:3: ", "'b'", id="duplicate key inside"),
        pytest.param("a: 1\n? [x]\n: 2\n", "some.yaml:2: ", "", id="key that is a list"),
        pytest.param("a: 1\nb: [1, 2\n", "some.yaml:3: ", "", id="bracket left open"),
        pytest.param("a: 1\n\tb: 2\n", "some.yaml:2: ", "", id="tab as indentation"),
        pytest.param("a: 1\nb: 'no end\n", "some.yaml:3: ", "", id="quote left open"),
        pytest.param("a: 1\nb: c: d\n", "some.yaml:2: ", "", id="colon in a plain text"),
        pytest.param("a: 1\n---\nb: 2\n", "some.yaml:2: ", "", id="two documents"),
        pytest.param("a: &x [1]\nb: *x\n", "some.yaml:1: b: ", "", id="anchor used again"),
        pytest.param("a: 1\nb: &x\n  - *x\n", "some.yaml:2: b/1: ", "", id="anchor inside itself"),
        pytest.param("a: 1\nb: *nobody\n", "some.yaml:2: ", "", id="anchor nobody set"),
        pytest.param("a: 1\nb: x\x00y\n", "some.yaml:2: ", "", id="NUL"),
        pytest.param("a: 1\nb: x\x07y\n", "some.yaml:2: ", "", id="control character"),
        pytest.param("a: 1\nb: 'x\x85y'\n", "some.yaml:2: ", "", id="NEL, which YAML folds into a space"),
        pytest.param("a: 1\nb: 'x\u2028y'\n", "some.yaml:2: ", "", id="line separator"),
        pytest.param("a: 1\nb: x\ufeffy\n", "some.yaml:2: ", "", id="BOM in the middle"),
        pytest.param("", "some.yaml:1: ", "", id="empty"),
        pytest.param("# only a note\n", "some.yaml:1: ", "", id="nothing but a comment"),
        pytest.param(b"a: 1\n" + "b: 运费\n".encode("gb18030"), "some.yaml:2: ", "UTF-8", id="not UTF-8"),
        pytest.param(b"a: 1\nb: \xed\xa0\x80\n", "some.yaml:2: ", "UTF-8", id="lone surrogate"),
        pytest.param("[" * 600, "some.yaml:1: ", "", id="nested past any use"),
    ],
)
def test_what_is_not_plain_nested_text_is_refused(tmp_path: Path, text: str | bytes, place: str, word: str) -> None:
    """A file with a mistake has to say where, and never half load."""
    told = problem(tmp_path, text)
    assert told.startswith(place)
    assert word in told
    assert len(told) > len(place)


def test_anchors_cannot_swell_a_small_file(tmp_path: Path) -> None:
    """Nine lines of aliases of aliases would otherwise become a thousand million texts."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for one, two in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]")
    assert problem(tmp_path, "\n".join(lines)).startswith("some.yaml:1: b/")


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    """Windows' Notepad writes one; the key `slug` would otherwise be unknown and look perfectly fine."""
    assert value(tmp_path, b"\xef\xbb\xbfslug: a\n") == {"slug": "a"}


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    """A card edited on Windows must not carry \\r into texts, nor count lines twice."""
    parsed = files.read(written(tmp_path, "a: |-\r\n  x\r\n  y\r\nb: z\r\n"))
    assert (parsed.value, parsed.lines["b",]) == ({"a": "x\ny", "b": "z"}, 4)


def test_five_megabytes_are_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte over is refused before it is parsed; at the limit size alone is no reason."""
    assert files.MAX_BYTES == 5 * 1024 * 1024
    monkeypatch.setattr(files, "MAX_BYTES", 100)
    text = b"a: 1\n#" + b"x" * 94
    assert value(tmp_path, text) == {"a": "1"}
    assert problem(tmp_path, text + b"x").startswith("some.yaml:1: ")


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A folder with that name, or no file at all, is a sentence and no traceback."""
    with pytest.raises(FileProblem) as missing:
        files.read(tmp_path / "none.yaml")
    with pytest.raises(FileProblem) as folder:
        files.read(tmp_path)
    assert str(missing.value).startswith("none.yaml:1: ")
    assert str(folder.value).startswith(f"{tmp_path.name}:1: ")


def test_the_canonical_form(tmp_path: Path) -> None:
    """Diffs of content stay small only while the same document is always the same bytes."""
    document = {
        "slug": "a-b",
        "none": [],
        "empty": "",
        "no": "no",
        "time": "12:30:00",
        "list": ["plain 文字", "它说: 好", "a #b", "- dash", "尾:"],
        "block": "第一行\n\n  第三行",
        "lines": [{"code": "x1", "text": "{店名|小店}您好"}, {"code": "x2", "breaks": ["cold"]}],
    }
    assert files.dump(document) == (
        "slug: a-b\nnone: []\nempty: ''\n'no': 'no'\ntime: '12:30:00'\n"
        "list:\n  - plain 文字\n  - '它说: 好'\n  - 'a #b'\n  - '- dash'\n  - '尾:'\n"
        "block: |-\n  第一行\n\n    第三行\n"
        "lines:\n  - code: x1\n    text: '{店名|小店}您好'\n  - code: x2\n    breaks:\n      - cold\n"
    )
    assert value(tmp_path, files.dump(document)) == document


# Everything a text may hold: no controls, separators, lone surrogates or noncharacters; line breaks are welcome.
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")).map(str)
BLOCKS = st.lists(TEXTS, min_size=1, max_size=3).map("\n".join)
VALUES = st.recursive(
    BLOCKS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(lambda key: len(key) < 80), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(document=st.dictionaries(st.sampled_from(["slug", "do", "no", "钥匙"]), VALUES, min_size=1))
@example(document={"slug": "no", "do": ["~", "", " ", "a: b", "a #b", "|-", "? x", "'", '"', "%", "@", "`", "\\n"]})
@example(document={"do": ["  first line indented\nsecond", "trailing\n", "\nleading", "a\n \nb", "\n"]})
@example(
    document={"do": [[], {}, [[]], [{"a": {}}], {"": "empty key"}, "---", "...", "{x}", "[x]", "!tag", "&a", "*a"]}
)
def test_reading_what_was_written_gives_it_back(tmp_path_factory: Any, document: dict[str, Any]) -> None:
    """An export that loads as something else would change a trainer's words behind their back."""
    path = tmp_path_factory.getbasetemp() / "round.yaml"
    text = files.dump(document)
    path.write_text(text, encoding="utf-8", newline="\n")
    again = files.read(path).value
    assert again == document
    assert files.dump(again) == text
