"""Markdown of trainers to HTML for readers."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//x.example/a.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src=x>",
    "<form action=//x.example><input name=a></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&#58;alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](JAVASCRIPT:alert`1`)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "![x](javascript:alert(1))",
    '![x" onerror="alert(1)](x.png)',
    '[x](http://x.example "a" onmouseover="alert(1)")',
    "[x]: javascript:alert(1)\n\n[x][x]",
    "<javascript:alert(1)>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p onclick=alert(1) class=app data-copy id=main>x</p>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=//x.example/a.css>",
    "<meta http-equiv=refresh content='0;url=//x.example'>",
    "<base href=//x.example>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<x/onclick=alert(1)>x",
    "`<script>alert(1)</script>`",
    "    <script>alert(1)</script>",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <img src=x onerror=alert(1)>",
    "<div hx-get=/admin/ hx-trigger=load>x</div>",
    "<template><script>alert(1)</script></template>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
TAG = re.compile(r"<\s*/?\s*([a-zA-Z!?][^\s>/]*)([^>]*)>")
ATTRIBUTE = re.compile(r"""([^\s"'=<>/]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")
ALLOWED = {**markdown.ATTRIBUTES, "a": markdown.ATTRIBUTES["a"] | {"rel"}}


def assert_harmless(html: str) -> None:
    """Only the allowed tags, each with the allowed attributes and addresses."""
    for tag, rest in TAG.findall(html):
        assert tag.lower() in markdown.TAGS, html
        for name, value in ATTRIBUTE.findall(rest):
            assert name in ALLOWED.get(tag.lower(), set()), html
            if name in {"href", "src"}:
                # As a browser reads it: tabs and line breaks vanish, leading controls and spaces too.
                address = re.sub(r"[\t\n\r]", "", unescape(value[1:-1])).lstrip("".join(map(chr, range(33))))
                scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", address)
                assert scheme is None or scheme[1].lower() in markdown.SCHEMES, html


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_script_style_or_handler_passes(attack: str) -> None:
    """A principle is written by one person and read by all: a script in it would act as each of them."""
    assert_harmless(markdown.render(attack))
    assert_harmless(markdown.render(f"好的，**{attack}**\n\n- {attack}\n"))


@given(st.text(alphabet="<>/\"'=:()[]!`*_#&;|- \n\tabonerscpthf好", max_size=60))
def test_nor_any_mixture_of_its_pieces(text: str) -> None:
    """The list above is what somebody thought of."""
    assert_harmless(markdown.render(text))


def test_what_trainers_write_comes_out() -> None:
    """Bold, lists, tables, links and line breaks: the formats of the help text."""
    assert markdown.render("先**接住**\n再答") == "<p>先<strong>接住</strong><br>\n再答</p>"
    assert markdown.render("- 一\n- 二") == "<ul>\n<li>一</li>\n<li>二</li>\n</ul>"
    assert markdown.render("[规则](https://example.com/a?b=1&c=2)") == (
        '<p><a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">规则</a></p>'
    )
    assert markdown.render("| a | b |\n|:--|--:|\n| 1 | 2 |") == (
        '<table>\n<thead>\n<tr>\n<th align="left">a</th>\n<th align="right">b</th>\n</tr>\n</thead>\n'
        '<tbody>\n<tr>\n<td align="left">1</td>\n<td align="right">2</td>\n</tr>\n</tbody>\n</table>'
    )


def test_a_first_level_heading_is_the_pages_own() -> None:
    """A second h1 on a card page confuses a screen reader: the words stay, the tag goes."""
    assert markdown.render("# 大\n\n## 中") == "大\n<h2>中</h2>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("先**接住**，再答", "先接住，再答"),
        ("一\n\n二", "一\n二"),
        ("一\n二", "一\n二"),
        ("- 甲\n- 乙", "甲\n乙"),
        ("| 甲 | 乙 |\n|---|---|\n| 丙 | 丁 |", "甲\n乙\n丙\n丁"),
        ('2 < 3 && "x"', '2 < 3 && "x"'),
        ("", ""),
    ],
)
def test_plain_gives_the_words_for_the_index(text: str, words: str) -> None:
    """A mark inside a word must not cut it in two for the search; blocks must not run into one word."""
    lines = [line.strip() for line in markdown.plain(markdown.render(text)).split("\n") if line.strip()]
    assert lines == (words.split("\n") if words else [])
