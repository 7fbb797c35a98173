"""Files that are none: whatever a file holds, reading it ends in rows or in words, and never in an error of ours."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.exchange import sources
from training.exchange import losses
from training.exchange.mapping import Mapped
from training.exchange.xml_tree import Unreadable

SIGNS = [
    *("{", "}", "=", "~", "#", "####", "->", "::", "\n", "\n\n", "\\", "%50%", "%-1%", "{>", "1" * 20, "T", "..", ":"),
    *("[html]", "[markdown]", "<p>", "<![x[", "<!--", "<!x", "<?x", "&#99999999999;", "</", "<a href='", "<img src="),
    *("$CATEGORY:", "// [id:", "[tag:type:rewrite]", "]", "*", "____", "字", "\u2028", "\x00", "[[1]]", "1e999", "nan"),
    '// csportal: {"points": 5.5, "model": [null]}',
    '// csportal: {"lines": -3, "model": "m", "points": [], "forbids": []}',
]
PARTS = [
    *("<name>", "<text>", "<questiontext format='html'>", "<answer fraction='x'>", "<answer fraction='100'>"),
    *("<feedback>", "<subquestion>", "<selectoption>", "<group>", "<single>", "<tolerance>", "<selectcount>"),
    *(
        f"<question type='{kind}'>"
        for kind in ("multichoice", "truefalse", "numerical", "matching", "ordering", "essay")
    ),
    *("<tags><tag><text>type:rewrite</text></tag></tags>", "<csportal>{}</csportal>", "&lt;![x[", "1e9", "字", "[[1]]"),
    "<graderinfo><text>points: [[[]]]\nmodel: m\nforbids: 3</text></graderinfo>",
]


def told(found: list[Mapped]) -> list[str]:
    return [sentence for one in found for sentence in losses.sentences(one.losses)]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SIGNS), max_size=25))
def test_any_text_is_read_as_gift(signs: list[str]) -> None:
    """A trainer may bring a letter by mistake, or an export that a spreadsheet has been at."""
    told(sources.from_gift("".join(signs)))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PARTS), max_size=14), st.randoms(use_true_random=False))
def test_any_elements_are_read_as_moodle_xml(parts: list[str], random: object) -> None:
    """Elements where Moodle never puts them, numbers that are none, notes that are not ours."""
    text, unclosed = "", []
    for part in parts:
        text += part
        if part.startswith("<") and "</" not in part:
            unclosed.append(part[1:].split(" ")[0].rstrip(">"))
        if unclosed and random.random() < 0.5:  # type: ignore[attr-defined]
            text += f"</{unclosed.pop()}>"
    text += "".join(f"</{name}>" for name in reversed(unclosed))
    told(sources.from_xml(sources.quiz(text)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_refused_or_read_as_xml(text: str) -> None:
    """What is no XML ends in one sentence with a line."""
    code = ""
    try:
        told(sources.from_xml(text))
    except Unreadable as error:
        code = error.code
    assert code in {"", *losses.UNREADABLE}
