"""Every construct of both formats, one by one: what it becomes here, and what of it is named.

parsed = mapped + named. A construct without a row here would be one that nobody knows is dropped.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from tests.training.exchange import sources
from training.exchange import losses
from training.exchange.mapping import Mapped

TYPE = "type"


def only(found: list[Mapped]) -> Mapped:
    assert len(found) == 1
    return found[0]


def shape(found: Mapped) -> Any:
    """Type and answers in short: options with * before a right one."""
    document = found.document
    if document is None:
        return found.broken or None
    for name in ("steps", "answers"):
        if name in document:
            return [document["type"], *document[name]]
    if "pairs" in document:
        return [document["type"], *(f"{pair['left']}={pair['right']}" for pair in document["pairs"])]
    return [document["type"], *("*" * (one["right"] == "yes") + one["text"] for one in document["options"])]


GIFT: list[tuple[str, str, Any, list[str]]] = [
    ("one right", "哪个？{=甲 ~乙 ~丙}", ["single", "*甲", "乙", "丙"], []),
    ("missing word", "先{=问好 ~报价}再说。", ["single", "*问好", "报价"], []),
    ("feedback", "哪个？{=甲#好 ~乙#不好}", ["single", "*甲", "乙"], []),
    ("general feedback", "哪个？{=甲 ~乙 ####说明}", ["single", "*甲", "乙"], []),
    ("part of the points", "哪个？{=甲 ~%50%乙 ~丙}", ["single", "*甲", "乙", "丙"], ["partial"]),
    ("any of two", "哪个？{=甲 =乙 ~丙}", ["multiple", "*甲", "*乙", "丙"], ["several"]),
    ("several", "哪些？{~%50%甲 ~%50%乙 ~%-50%丙}", ["multiple", "*甲", "*乙", "丙"], []),
    ("other weights", "哪些？{~%70%甲 ~%30%乙 ~丙}", ["multiple", "*甲", "*乙", "丙"], ["weights"]),
    ("several of one", "哪些？{~%100%甲 ~%-100%乙 ~%-100%丙}", ["single", "*甲", "乙", "丙"], ["one"]),
    ("none right", "哪个？{~甲 ~乙 ~丙}", None, ["limits"]),
    ("true", "是。{T}", ["truefalse", "*对", "错"], []),
    ("false in words", "是。{FALSE#不对#对了####说明}", ["truefalse", "对", "*错"], []),
    ("short answer with a gap", "先____。{=问好 =问候}", ["fill", "问好", "问候"], []),
    ("short answer", "先做什么？{=问好 =问候}", ["fill", "问好", "问候"], ["gap"]),
    ("answers worth less", "先____。{=问好 =%50%问}", ["fill", "问好"], ["partial"]),
    ("pattern", "先____。{=问* =问好}", ["fill", "问好"], ["wildcard"]),
    ("only a pattern", "先____。{=*}", None, ["limits"]),
    ("a real star", r"记____。{=3\\*4}", ["fill", "3*4"], []),
    ("feedback of answers", "先____。{=问好#对 =问候#也对}", ["fill", "问好", "问候"], ["answer-feedback"]),
    ("feedback of any other", "先____。{=问好#对 =%0%*#不对}", ["fill", "问好"], ["answer-feedback"]),
    ("two gaps", "先____，再____。{=问好}", ["fill", "问好"], ["gap-more"]),
    ("number", "几天____？{#7}", ["fill", "7"], []),
    ("number with tolerance", "几天____？{#7:1}", ["fill", "7", "6", "8"], ["tolerance"]),
    ("range", "几天____？{#1..3}", ["fill", "2", "1", "3"], ["tolerance"]),
    ("narrow range", "多少____？{#0.5:0.1}", ["fill", "0.5", "0.4", "0.6"], ["tolerance"]),
    ("wide range", "多少____？{#500:100}", ["fill", "500", "400", "600"], ["tolerance"]),
    ("several numbers", "几天____？{#=7:0#对 =%50%8:1#近了}", ["fill", "7"], ["partial", "answer-feedback"]),
    ("wrong number", "几天____？{#7~#不对}", ["fill", "7"], ["answer-feedback"]),
    ("negative number", "几度____？{#-5}", ["fill", "-5"], ["sign"]),
    ("no number", "几天____？{#七}", "number", []),
    ("no numbers", "几天____？{#}", "number", []),
    ("matching", "配。{=甲->一 =乙->二 =丙->三}", ["matching", "甲=一", "乙=二", "丙=三"], []),
    (
        "more answers than items",
        "配。{=甲->一 =乙->二 =丙->三 =->四}",
        ["matching", "甲=一", "乙=二", "丙=三"],
        ["distractor"],
    ),
    ("two pairs", "配。{=甲->一 =乙->二}", None, ["limits"]),
    ("the same answer twice", "配。{=甲->一 =乙->一 =丙->二}", None, ["limits"]),
    ("no arrow", "配。{=甲->一 =乙 =丙->三}", "arrow", []),
    (
        "steps",
        "排。{>3 ALL VERTICAL RELATIVE_ALL_PREVIOUS_AND_NEXT SHOW\n甲\n乙\n丙\n}",
        ["ordering", "甲", "乙", "丙"],
        [],
    ),
    ("some of the steps", "排。{>2 RANDOM\n甲\n乙\n丙\n}", ["ordering", "甲", "乙", "丙"], ["subset"]),
    (
        "steps graded otherwise",
        "排。{>3 ALL V ABSOLUTE_POSITION\n甲\n乙\n丙\n}",
        ["ordering", "甲", "乙", "丙"],
        ["grading"],
    ),
    ("essay", "写一段。{}", None, [TYPE]),
    ("description", "先读这一段。", None, [TYPE]),
    ("name", "::题一::哪个？{=甲 ~乙}", ["single", "*甲", "乙"], ["name"]),
    ("category of nobody", "$CATEGORY: $course$/别处\n\n哪个？{=甲 ~乙}", ["single", "*甲", "乙"], ["category"]),
    ("category of ours", "$CATEGORY: $course$/top/rules\n\n哪个？{=甲 ~乙}", ["single", "*甲", "乙"], []),
    ("category in the same block", "$CATEGORY: rules\n哪个？{=甲 ~乙}", ["single", "*甲", "乙"], []),
    ("comment", "// 说明\n哪个？{=甲\n// 中间\n~乙}", ["single", "*甲", "乙"], []),
    (
        "id and tags",
        "// [id:x 7] [tag:旧的] [tag:difficulty:3]\n哪个？{=甲 ~乙}",
        ["single", "*甲", "乙"],
        ["tags", "id"],
    ),
    (
        "unknown values of our tags",
        "// [tag:competency:nobody] [tag:fact:x]\n哪个？{=甲 ~乙}",
        ["single", "*甲", "乙"],
        ["tags"],
    ),
    ("our note, damaged", "// csportal: {\n哪个？{=甲 ~乙}", ["single", "*甲", "乙"], ["meta"]),
    (
        "HTML",
        "[html]<p>哪<b>个</b>？</p><img src='a.png'>{=甲 ~乙}",
        ["single", "*甲", "乙"],
        ["formatting", "picture"],
    ),
    ("Markdown", "[markdown]**哪个**？{=甲 ~乙}", ["single", "*甲", "乙"], ["formatting"]),
    ("plain", "[plain]<b>哪个</b>？{=甲 ~乙}", ["single", "*甲", "乙"], []),
    ("escapes", r"哪个\: \{\}？{=\=甲\~ ~\#乙\\}", ["single", "*=甲~", "#乙\\"], []),
    ("line break", r"上\n下{=甲 ~乙}", ["single", "*甲", "乙"], []),
    ("second braces", "先{=甲 ~乙}后{=丙}", ["single", "*甲", "乙"], ["braces"]),
    ("no end", "哪个？{=甲 ~乙", "open", []),
    ("no beginning", "哪个？=甲 ~乙}", "close", []),
    ("the wrong way round", "哪个？}=甲{", "order", []),
    ("one answer", "哪个？{~甲}", "few", []),
    ("eight options", "哪个？{=1 ~2 ~3 ~4 ~5 ~6 ~7 ~8}", None, ["limits"]),
    ("a hundred answers", "哪个？{=1" + " ~2" * 200 + "}", "many", []),
    ("control characters", "哪个\x01？{=甲 ~乙}", "control", []),
    ("text without end", "[html]" + "字" * 20_001 + "{=甲 ~乙}", "long", []),
]


@pytest.mark.parametrize(("source", "become", "named"), [row[1:] for row in GIFT], ids=[row[0] for row in GIFT])
def test_constructs_of_gift(source: str, become: Any, named: list[str]) -> None:
    """What Moodle's format can say, said once."""
    found = only(sources.from_gift(source))
    assert (shape(found), sources.codes(found)) == (become, named)


def asked(
    kind: str, body: str, head: str = "<questiontext format='plain_text'><text>哪个？</text></questiontext>"
) -> str:
    return f"<question type='{kind}'>{head}{body}</question>"


def answer(text: str, fraction: object, feedback: str = "", more: str = "") -> str:
    said = f"<feedback format='plain_text'><text>{feedback}</text></feedback>" if feedback else ""
    return f"<answer fraction='{fraction}' format='plain_text'><text>{text}</text>{said}{more}</answer>"


def html(text: str, *files: str) -> str:
    held = "".join(f"<file name='{name}' encoding='base64'>iVBO</file>" for name in files)
    return f"<questiontext format='html'><text><![CDATA[{text}]]></text>{held}</questiontext>"


CATEGORY = (
    "<question type='category'><category><text>$course$/rules</text></category>"
    "<info><text>说明</text></info><idnumber>c1</idnumber></question>"
)
TWO = answer("甲", 100) + answer("乙", 0)
GAP = "<questiontext format='plain_text'><text>先____。</text></questiontext>"
SINGLE = ["single", "*甲", "乙"]
PAIRS = "".join(
    f"<subquestion format='plain_text'><text>{left}</text><answer><text>{right}</text></answer></subquestion>"
    for left, right in (("甲", "一"), ("乙", "二"), ("丙", "三"))
)
STEPS = answer("乙", 2) + answer("甲", 1) + answer("丙", 3)
GAPPED = "<questiontext format='html'><text>先[[1]]。</text></questiontext>"
WORDS = "".join(
    f"<selectoption><text>{text}</text><group>{group}</group></selectoption>"
    for text, group in (("甲", 1), ("乙", 1), ("丙", 2))
)
XML: list[tuple[str, str, Any, list[str]]] = [
    ("one right", asked("multichoice", TWO), SINGLE, []),
    (
        "several",
        asked("multichoice", "<single>false</single>" + answer("甲", 50) + answer("乙", 50) + answer("丙", -50)),
        ["multiple", "*甲", "*乙", "丙"],
        [],
    ),
    (
        "all or nothing",
        asked("multichoiceset", "<single>false</single>" + answer("甲", 50) + answer("乙", 50) + answer("丙", -50)),
        ["multiple", "*甲", "*乙", "丙"],
        ["all-or-nothing"],
    ),
    ("part of the points", asked("multichoice", TWO + answer("丙", "33.33333")), [*SINGLE, "丙"], ["partial"]),
    (
        "true or false",
        asked("truefalse", answer("true", 0, "不") + answer("false", 100, "是")),
        ["truefalse", "对", "*错"],
        [],
    ),
    ("neither true nor false", asked("truefalse", answer("是", 100) + answer("否", 0)), "truefalse", []),
    ("short answer", asked("shortanswer", answer("问好", 100), GAP), ["fill", "问好"], []),
    (
        "capitals matter",
        asked("shortanswer", "<usecase>1</usecase>" + answer("OK", 100), GAP),
        ["fill", "OK"],
        ["case"],
    ),
    ("pattern", asked("shortanswer", answer("问*", 100) + answer("问好", 100), GAP), ["fill", "问好"], ["wildcard"]),
    (
        "number",
        asked("numerical", answer("7", 100, "", "<tolerance>1</tolerance>"), GAP),
        ["fill", "7", "6", "8"],
        ["tolerance"],
    ),
    ("any number", asked("numerical", answer("7", 100) + answer("*", 100), GAP), ["fill", "7"], ["wildcard"]),
    (
        "units",
        asked(
            "numerical",
            answer("7", 100) + "<units><unit><multiplier>1</multiplier><unit_name>天</unit_name></unit></units>",
            GAP,
        ),
        ["fill", "7"],
        ["units"],
    ),
    ("no number", asked("numerical", answer("七", 100), GAP), "number", []),
    ("matching", asked("matching", PAIRS), ["matching", "甲=一", "乙=二", "丙=三"], []),
    ("matching by dragging", asked("ddmatch", PAIRS), ["matching", "甲=一", "乙=二", "丙=三"], []),
    (
        "one feedback on the whole",
        asked(
            "matching",
            PAIRS
            + "".join(
                f"<{how}feedback><text>好</text></{how}feedback>"
                for how in ("correct", "partiallycorrect", "incorrect")
            ),
        ),
        ["matching", "甲=一", "乙=二", "丙=三"],
        [],
    ),
    ("steps", asked("ordering", STEPS), ["ordering", "甲", "乙", "丙"], []),
    (
        "some of the steps",
        asked("ordering", "<selecttype>RANDOM</selecttype><selectcount>2</selectcount>" + STEPS),
        ["ordering", "甲", "乙", "丙"],
        ["subset"],
    ),
    (
        "steps graded otherwise",
        asked("ordering", "<gradingtype>ALL_OR_NOTHING</gradingtype>" + STEPS),
        ["ordering", "甲", "乙", "丙"],
        ["grading"],
    ),
    (
        "feedback of steps",
        asked("ordering", answer("甲", 1, "一") + answer("乙", 2) + answer("丙", 3)),
        ["ordering", "甲", "乙", "丙"],
        ["answer-feedback"],
    ),
    ("words for one gap", asked("gapselect", WORDS, GAPPED), SINGLE, ["distractor"]),
    ("words to drag", asked("ddwtos", WORDS.replace("selectoption", "dragbox"), GAPPED), SINGLE, ["distractor"]),
    ("words for two gaps", asked("gapselect", WORDS, GAPPED.replace("[[1]]", "[[1]][[2]]")), None, ["gaps"]),
    *(
        (kind, asked(kind, ""), None, [TYPE])
        for kind in (
            "essay",
            "description",
            "cloze",
            "multianswer",
            "calculated",
            "calculatedmulti",
            "calculatedsimple",
            "random",
            "randomsamatch",
            "ddimageortext",
            "ddmarker",
            "missingtype",
            "coderunner",
        )
    ),
    ("hints", asked("multichoice", TWO + "<hint format='html'><text>想一想</text></hint>"), SINGLE, ["hints"]),
    ("an empty hint", asked("multichoice", TWO + "<hint format='html'><text/></hint>"), SINGLE, ["hints"]),
    ("penalty", asked("multichoice", TWO + "<penalty>0.3333333</penalty>"), SINGLE, ["settings"]),
    ("marks", asked("multichoice", TWO + "<defaultgrade>2.0000000</defaultgrade>"), SINGLE, ["settings"]),
    ("numbering", asked("multichoice", TWO + "<answernumbering>abc</answernumbering>"), SINGLE, ["settings"]),
    ("fixed order", asked("multichoice", TWO + "<shuffleanswers>false</shuffleanswers>"), SINGLE, ["settings"]),
    (
        "feedback on the whole",
        asked("multichoice", TWO + "<correctfeedback><text>好</text></correctfeedback>"),
        SINGLE,
        ["whole-feedback"],
    ),
    ("hidden", asked("multichoice", TWO + "<hidden>1</hidden>"), SINGLE, ["hidden"]),
    ("id", asked("multichoice", TWO + "<idnumber>Q 7</idnumber>"), SINGLE, ["id"]),
    ("tags", asked("multichoice", TWO + "<tags><tag><text>旧的</text></tag></tags>"), SINGLE, ["tags"]),
    ("name", asked("multichoice", TWO + "<name><text>题一</text></name>"), SINGLE, ["name"]),
    (
        "parts of later versions",
        asked("multichoice", TWO + "<newpart><x>1</x></newpart><other>7</other>"),
        SINGLE,
        ["settings", "element"],
    ),
    (
        "parts of an answer",
        asked("multichoice", answer("甲", 100, "", "<extra>1</extra>") + answer("乙", 0)),
        SINGLE,
        ["element"],
    ),
    (
        "picture",
        asked(
            "multichoice",
            TWO,
            html('<p>哪个？<img src="@@PLUGINFILE@@/a%20b.png"></p>', "a b.png"),
        ),
        SINGLE,
        ["picture"],
    ),
    (
        "attached file",
        asked(
            "multichoice",
            TWO,
            html("哪个？", "a.pdf"),
        ),
        SINGLE,
        ["file"],
    ),
    (
        "film, table, script",
        asked(
            "multichoice",
            TWO,
            html("<video src=x></video><table><tr><td>一</td><td>二</td></tr></table><script>x</script>"),
        ),
        SINGLE,
        ["media", "table", "media"],
    ),
    ("no type", asked("", TWO), None, [TYPE]),
    (
        "category with a description",
        CATEGORY,
        None,
        ["category-info", "category-id"],
    ),
    ("what is no question", "<glossary><text>x</text></glossary>", None, ["element"]),
]


@pytest.mark.parametrize(("source", "become", "named"), [row[1:] for row in XML], ids=[row[0] for row in XML])
def test_constructs_of_moodle_xml(source: str, become: Any, named: list[str]) -> None:
    """Types, settings and parts of Moodle's own files, those of later versions among them."""
    found = only(sources.from_xml(sources.quiz(source)))
    assert (shape(found), sources.codes(found)) == (become, named)


def test_every_loss_has_a_construct_that_shows_it() -> None:
    """A sentence that no row above can bring about is one that nobody has seen."""
    shown = {code for rows in (GIFT, XML) for row in rows for code in row[3]}
    # Shown where whole files are read: twice and reply in tests of the import.
    assert set(losses.SENTENCES) - shown == {"twice", "reply", "defaults"}


def test_nothing_is_lost_without_a_sentence() -> None:
    """A code that the readers use and nobody has put into words would end in an error."""
    root = Path(losses.__file__).parent
    used = {
        code for path in root.glob("*.py") for code in re.findall(r"(?:lose\(|Loss\()\"([a-z-]+)\"", path.read_text())
    }
    assert used == set(losses.SENTENCES)
    with override("en"):
        assert all(str(text) for text in (*losses.SENTENCES.values(), *losses.BROKEN.values()))


def test_lines_are_those_of_the_file() -> None:
    """A trainer goes to the line with an editor: comments, blank lines and line ends of Windows count."""
    text = (
        "\ufeff".removeprefix("\ufeff")
        + "// a\r\n\r\n$CATEGORY: rules\r\n\r\n// b\r\n一？{=甲 ~乙}\r\n\r\n\r\n二？{=甲\r\n"
    )
    assert [(found.line, found.broken) for found in sources.from_gift(text)] == [(6, ""), (9, "open")]
    xml = "<?xml version='1.0'\n?>\n<quiz>\n\n" + asked("essay", "") + "\n" + asked("essay", "") + "</quiz>"
    assert [found.line for found in sources.from_xml(xml)] == [5, 6]


def test_the_same_question_twice_comes_in_once() -> None:
    """Moodle's own examples repeat themselves; two questions of one text are two all the same."""
    first, other = "哪个？{=甲 ~乙}", "哪个？{=甲 ~丙}"
    found = sources.from_gift("\n\n".join((first, other, first, other)))
    ids = [one.document["id"] if one.document else "" for one in found]
    assert ids == [ids[0], f"{ids[0]}-2", "", ""]
    with override("en"):
        told = [losses.sentences(one.losses) for one in found[2:]]
    assert told == [
        ["Left out: the same question stands in line 1 already."],
        ["Left out: the same question stands in line 3 already."],
    ]


def test_an_id_of_ours_for_two_questions_is_an_error() -> None:
    """Which of them is meant cannot be guessed."""
    found = sources.from_gift("// [id:rules-01]\n哪个？{=甲 ~乙}\n\n// [id:rules-01]\n哪个？{=甲 ~丙}")
    assert [(one.course, one.broken) for one in found] == [("rules", ""), ("rules", "twice")]


def test_defaults_are_said() -> None:
    """What our questions need and the file has not is put in, and each of it is told."""
    with override("en"):
        found = only(sources.from_gift("哪个？{=甲 ~乙}"))
        told = losses.sentences(found.losses)
    assert found.document == {
        "id": found.document["id"] if found.document else "",
        "type": "single",
        "competency": "language",
        "difficulty": "2",
        "facts": [],
        "prompt": "哪个？",
        "options": [
            {"text": "甲", "right": "yes", "feedback": "选对了。"},
            {"text": "乙", "right": "no", "feedback": "这一项不对。"},
        ],
        "explanation": "原题没有写解析。",
    }
    assert told == [
        "The file has no such thing, so this was put in: competency Language；difficulty 2；"
        "explanation “原题没有写解析。”；feedback “这一项不对。”；feedback “选对了。”"
    ]
