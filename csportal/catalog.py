"""The message catalogue without GNU gettext: what the code says, and the .po file that follows it.

Messages are English sentences in the code. Python is read as a syntax tree, templates through Django's own
`templatize`, which turns translate tags into the same calls. Only constant texts can be collected: a call that is
given anything else is an error here, because its translation would be missing in silence.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.apps import apps
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

SOURCE_LANGUAGE = "en"
# Function -> which of its arguments are context, message and plural.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "gettext": ("message",),
    "gettext_lazy": ("message",),
    "gettext_noop": ("message",),
    "ngettext": ("message", "plural"),
    "ngettext_lazy": ("message", "plural"),
    "pgettext": ("context", "message"),
    "pgettext_lazy": ("context", "message"),
    "npgettext": ("context", "message", "plural"),
    "npgettext_lazy": ("context", "message", "plural"),
}
TEMPLATE_ENDINGS = {".html", ".txt"}
# A %-directive of str.__mod__; a lone "50 % of" is none, and is not translated as one.
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[#0+-]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]|%%")

_TEMPLATE_CALL = re.compile(r"(?<![\w.])(_|n?p?gettext)\(")
_TEMPLATE_TEXT = re.compile(r"""\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*([,)])""", re.DOTALL)

Key = tuple[str | None, str]  # context, message


class Uncollectable(Exception):
    """A translation call whose text is not a constant: file, line and the call."""


@dataclass
class Message:
    """One message of the code and the files that say it."""

    context: str | None
    text: str
    plural: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        return self.context, self.text

    @property
    def flags(self) -> list[str]:
        return ["python-format"] if PLACEHOLDER.search(self.text + self.plural) else []


def collect() -> dict[Key, Message]:
    """Every message of the project's own apps and templates. Raises Uncollectable."""
    found: dict[Key, Message] = {}
    for path, messages in _sources(Path(settings.BASE_DIR)):
        for message in messages:
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            known.files.add(path)
    return found


def _sources(root: Path) -> Iterator[tuple[str, Iterable[Message]]]:
    own = sorted(Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == root)
    for folder in own:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                name = path.relative_to(root).as_posix()
                yield name, from_python(path.read_text(encoding="utf-8"), name)
    for folder in [root / "templates", *(app / "templates" for app in own)]:
        for path in sorted(folder.rglob("*")):
            if path.suffix in TEMPLATE_ENDINGS:
                name = path.relative_to(root).as_posix()
                yield name, from_template(path.read_text(encoding="utf-8"), name)


def from_python(source: str, name: str) -> list[Message]:
    """The messages of a Python module, in order of the file. Raises Uncollectable."""
    tree = ast.parse(source, name)
    functions, modules = _imported(tree)
    return [
        _message(node, FUNCTIONS[function], name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (function := _called(node.func, functions, modules))
    ]


def _imported(tree: ast.Module) -> tuple[dict[str, str], set[str]]:
    """Local name -> translation function, and the local names of the translation module itself."""
    functions: dict[str, str] = {}
    modules: set[str] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        for name in node.names:
            if node.module == "django.utils.translation" and name.name in FUNCTIONS:
                functions[name.asname or name.name] = name.name
            elif node.module == "django.utils" and name.name == "translation":
                modules.add(name.asname or name.name)
    return functions, modules


def _called(function: ast.expr, functions: dict[str, str], modules: set[str]) -> str:
    if isinstance(function, ast.Name):
        return functions.get(function.id, "")
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in modules:
        return function.attr if function.attr in FUNCTIONS else ""
    return ""


def _message(call: ast.Call, parts: tuple[str, ...], name: str) -> Message:
    texts = {}
    for part, argument in zip(parts, call.args, strict=False):
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            break
        texts[part] = argument.value
    if len(texts) < len(parts):
        raise Uncollectable(f"{name}:{call.lineno}: the text of {ast.unparse(call)} is not a constant")
    return Message(texts.get("context"), texts["message"], texts.get("plural", ""))


def from_template(source: str, name: str) -> list[Message]:
    """The messages of a template, in order of the file. Raises Uncollectable."""
    calls = templatize(source, origin=name)
    found = []
    for call in _TEMPLATE_CALL.finditer(calls):
        parts = FUNCTIONS["gettext" if call[1] == "_" else call[1]]
        texts, at = {}, call.end()
        for part in parts:
            if not (text := _TEMPLATE_TEXT.match(calls, at)):
                line = calls.count("\n", 0, call.start()) + 1
                raise Uncollectable(f"{name}:{line}: the text of {calls[call.start() : at + 40]!r} is not a constant")
            texts[part], at = ast.literal_eval(text[1]), text.end()
        found.append(Message(texts.get("context"), texts["message"], texts.get("plural", "")))
    return found


def path_of(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The site's languages that need a catalogue."""
    return [code for code, _name in settings.LANGUAGES if code != SOURCE_LANGUAGE]


def read(path: Path) -> polib.POFile:
    """The catalogue as it is, or an empty one. Lines are never wrapped, so that a diff shows a message a line."""
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)


def follow(old: polib.POFile, messages: Iterable[Message], language: str) -> polib.POFile:
    """The catalogue of these messages, with the translations `old` has. What the code no longer says is dropped."""
    known: dict[Key, polib.POEntry] = {(one.msgctxt, one.msgid): one for one in old if not one.obsolete}
    new = polib.POFile(wrapwidth=0)
    new.metadata = {
        "Project-Id-Version": "csportal",
        "Language": to_locale(language),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        # Chinese has one form for any number.
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    for message in sorted(messages, key=lambda one: (one.text.casefold(), one.text, one.context or "")):
        new.append(_entry(message, known.get(message.key)))
    return new


def _entry(message: Message, known: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=message.context, msgid=message.text, flags=message.flags)
    # Without line numbers: a line moved in the code is no change here.
    entry.occurrences = [(name, "") for name in sorted(message.files)]
    translation = _translation(known) if known else ""
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, {0: translation}
    else:
        entry.msgstr = translation
    if known:
        entry.tcomment = known.tcomment
        if known.fuzzy:
            entry.flags.append("fuzzy")
    return entry


def _translation(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def untranslated(catalogue: polib.POFile) -> list[str]:
    """The messages a reader would meet in English: without a translation, or with one marked fuzzy."""
    return [entry.msgid for entry in catalogue if not entry.obsolete and (entry.fuzzy or not _translation(entry))]
