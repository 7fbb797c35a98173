"""What the tests of the exchange share: courses to map to, documents of any kind, and the road there and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from knowledge import files
from knowledge.documents import Document, has_control, tidy
from knowledge.enums import Competency
from knowledge.enums import Course as CourseCode
from training.documents import question_problems
from training.enums import QuestionType
from training.exchange import gift, gift_writing, moodle_xml, moodle_xml_writing
from training.exchange.mapping import Course, Mapped, mapped

NAMED = {code: Course(code, "language") for code in CourseCode.values}
LANGUAGE = NAMED["language"]
FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "questions"


def wrong(document: Document) -> str:
    return "; ".join(sentence for _path, sentence in question_problems(document))


def from_gift(text: str, chosen: Course | None = LANGUAGE, texts: dict[str, str] | None = None) -> list[Mapped]:
    return list(mapped(gift.read(text), NAMED, chosen, wrong, texts or {}))


def from_xml(text: str, chosen: Course | None = LANGUAGE, texts: dict[str, str] | None = None) -> list[Mapped]:
    return list(mapped(moodle_xml.read(text), NAMED, chosen, wrong, texts or {}))


def as_gift(*documents: Document) -> str:
    return "".join(gift_writing.write(document, {}) for document in documents)


def as_xml(*documents: Document) -> str:
    body = "".join(moodle_xml_writing.write(document, {}) for document in documents)
    return moodle_xml_writing.HEAD + body + moodle_xml_writing.FOOT


def quiz(*questions: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{"".join(questions)}</quiz>'


def codes(found: Mapped) -> list[str]:
    """What was named of a question, but for what had to be put in."""
    return [loss.code for loss in found.losses if loss.code != "defaults"]


def starter() -> list[Document]:
    return [document for path in sorted(FIXTURES.glob("*.yaml")) for document in files.read(path).value["questions"]]


# Signs of both formats, of Markdown and of JSON, beside Chinese, full width and emoji.
SIGNS = st.sampled_from(
    [
        *"\\:#={}~%[]<>&'\"*_-|$/\n 　。，８",
        "->",
        "//",
        "####",
        "%50%",
        "[html]",
        "[id:x]",
        "____",
        "]]>",
        "\\n",
        "&amp;",
        "👍🏽",
        "e\u0301",
    ]
)
texts = (
    st.lists(SIGNS | st.characters(codec="utf-8"), min_size=1, max_size=12)
    .map(lambda parts: tidy("".join(parts)))
    .filter(lambda text: bool(text) and not has_control(text))
)


def _options(least: int, most: int, right: st.SearchStrategy[int], name: str = "text") -> st.SearchStrategy[Any]:
    def build(words: list[str], said: list[str], first: int) -> list[dict[str, str]]:
        return [
            {name: word, "right": "yes" if at < first else "no", "feedback": feedback}
            for at, (word, feedback) in enumerate(zip(words, said, strict=False))
        ]

    return st.integers(least, most).flatmap(
        lambda count: st.builds(
            build,
            st.lists(texts, min_size=count, max_size=count, unique=True),
            st.lists(texts, min_size=count, max_size=count),
            right,
        ).flatmap(st.permutations)
    )


def _distinct_pairs(lefts: list[str], rights: list[str]) -> list[dict[str, str]]:
    return [{"left": left, "right": right} for left, right in zip(lefts, rights, strict=False)]


several = st.lists(texts, min_size=1, max_size=4)
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    QuestionType.SINGLE: st.fixed_dictionaries({"options": _options(2, 6, st.just(1))}),
    QuestionType.MULTIPLE: st.fixed_dictionaries({"options": _options(3, 7, st.integers(2, 3))}),
    QuestionType.TRUEFALSE: st.fixed_dictionaries({"options": _options(2, 2, st.just(1))}),
    QuestionType.BETTER: st.fixed_dictionaries({"options": _options(2, 2, st.just(1), "line")}),
    QuestionType.ORDERING: st.fixed_dictionaries(
        {"steps": st.lists(texts, min_size=3, max_size=5, unique=True), "feedback": texts}
    ),
    QuestionType.MATCHING: st.fixed_dictionaries(
        {
            "pairs": st.builds(
                _distinct_pairs,
                st.lists(texts, min_size=3, max_size=3, unique=True),
                st.lists(texts, min_size=3, max_size=3, unique=True),
            ),
            "feedback": texts,
        }
    ),
    QuestionType.FILL: st.fixed_dictionaries({"answers": several, "feedback": texts}),
    QuestionType.REWRITE: st.fixed_dictionaries(
        {
            "draft": texts,
            "points": st.lists(st.fixed_dictionaries({"name": texts, "any": several}), min_size=1, max_size=3),
            "forbids": st.lists(texts, max_size=3),
            "model": texts,
        }
    ),
}


def documents(kind: str) -> st.SearchStrategy[Document]:
    """Sound questions of a type with the oddest of texts."""
    head = st.fixed_dictionaries(
        {
            "id": st.sampled_from(["language-01", "rules-zz-9"]),
            "type": st.just(kind),
            "competency": st.sampled_from(Competency.values),
            "difficulty": st.sampled_from(["1", "2", "3"]),
            "facts": st.lists(st.sampled_from(["A-01", "B-02b", "C-40"]), max_size=3),
        }
    )
    card = st.fixed_dictionaries({"card": texts}) if kind == QuestionType.BETTER else st.just({})
    prompt = texts.map(lambda text: text.replace("____", "") + "____" if kind == QuestionType.FILL else text)
    return st.builds(
        lambda top, of, asked, body, told: top | of | {"prompt": asked, **body, "explanation": told},
        head,
        card,
        prompt,
        BODIES[kind],
        texts,
    ).filter(lambda document: not wrong(document))
