"""The floors of the house: every import goes down.

Storeys: csportal (roof) > training > knowledge (ground) > accounts (the basement: people, teams, the audit log).
knowledge never imports training, accounts nobody, and nobody imports csportal (docs/decisions/0013-accounts-below.md).
Training reaches down to knowledge's services, models and what stands below them, never to its pages or forms. Its
admin alone takes the boxes of knowledge's admin (docs/decisions/0009-training-reaches-down.md).

Floors inside an app, highest first. A module may import what stands on a lower floor, and modules of its own unit
(a file, or a folder with all in it): not a neighbour on the same floor, or services and forms would grow together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

FLOORS: tuple[tuple[str, ...], ...] = (
    ("apps",),  # wires the app together when Django starts
    ("urls",),
    ("views", "admin", "management", "middleware", "context_processors"),  # take a request, or a command line
    ("forms", "templatetags"),  # read what is sent, show what is read
    ("services",),  # verbs: two writes, a rule, or two callers
    ("models",),  # nouns, each with its QuerySet
    ("search",),  # an engine that knows no model
    # Plain dicts and files; which role may do what; pure functions of a definition, events and a time.
    (
        "documents",
        "files",
        "roles",
        "grading",
        "radar",
        "statistics",
        "deadlines",
        "diff",
        "exchange",
        "tables",
        "checker",
        "desk",
        "recalling",
    ),
    ("enums", "text", "markdown", "variables", "prepared", "splice"),  # words, rules and tools that know no model
)
HEIGHT = {unit: len(FLOORS) - at for at, floor in enumerate(FLOORS) for unit in floor}
APPS = ("accounts", "csportal", "knowledge", "training")
BELOW_MODELS = {unit for unit, height in HEIGHT.items() if height < HEIGHT["models"]}

PEOPLE = {"enums", "roles", "models", "services"}
# app -> the other apps it may import, and which of their units.
MAY_IMPORT: dict[str, dict[str, set[str]]] = {
    "accounts": {},
    "knowledge": {"accounts": PEOPLE},
    "training": {"accounts": PEOPLE, "knowledge": {*BELOW_MODELS, "models", "services"}},
    "csportal": {"accounts": set(HEIGHT), "knowledge": set(HEIGHT), "training": set(HEIGHT)},
}
# One trainer's desk in two halves: forms that refuse to overwrite, the Markdown box, registers to read.
SHARED = ("training.admin", "knowledge.admin")


def imported(path: Path, module: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, wherever in it: at the top, in a function, for types."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*up, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)


def climbs(root: Path) -> list[str]:
    """Every import under root that goes the wrong way, as `file:line imports name: why`."""
    found = []
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            inside = path.relative_to(root).with_suffix("").parts
            if "migrations" in inside:  # written once, by then the house stood as it stood
                continue
            module = ".".join(inside[:-1] if inside[-1] == "__init__" else inside)
            for line, name in imported(path, module):
                if why := wrong(module.split("."), name.split(".")):
                    found.append(f"{path.relative_to(root)}:{line} imports {name}: {why}")
    return found


def wrong(here: list[str], there: list[str]) -> str:
    """Why this import is none, or nothing."""
    if there[0] == "tests":
        return "the site never imports its tests"
    if there[0] not in APPS:
        return ""
    unit = there[1] if len(there) > 1 else ""
    if there[0] != here[0]:
        if there[0] not in MAY_IMPORT[here[0]]:
            return f"{here[0]} never imports {there[0]}"
        if unit in MAY_IMPORT[here[0]][there[0]] or (".".join(here[:2]), f"{there[0]}.{unit}") == SHARED:
            return ""
        return f"{here[0]} does not reach {there[0]}.{unit}"
    if here[0] == "csportal" or len(here) == 1 or unit == here[1]:
        return ""
    if unit not in HEIGHT:
        return f"{unit} stands on no floor"
    if here[1] not in HEIGHT:
        return f"{here[1]} stands on no floor"
    return "" if HEIGHT[unit] < HEIGHT[here[1]] else f"{here[1]} does not stand above {unit}"


def test_every_import_goes_down() -> None:
    """The day a model imports a service, nothing in the house can be understood or moved by itself any more."""
    assert climbs(Path(settings.BASE_DIR)) == []


def test_every_unit_stands_on_a_floor() -> None:
    """A `common` or `utils` beside the floors would be the cellar that everybody fills."""
    found = {
        f"{app}.{path.stem}"
        for app in ("accounts", "knowledge", "training")
        for path in (Path(settings.BASE_DIR) / app).iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists())
        and path.stem not in {*HEIGHT, "__init__", "migrations"}
    }
    assert found == set()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of the same plan with nothing wrong in it."""
    sound = {
        "knowledge/enums.py": "",
        "knowledge/text.py": "import re\n",
        "knowledge/search/engine.py": "from knowledge.search import rank\nfrom knowledge.text import tokenise\n",
        "knowledge/models/__init__.py": "from .card import Card\n",
        "knowledge/models/card.py": "from django.db import models\nfrom knowledge.search import engine\n",
        "knowledge/services/cards.py": "from knowledge.models import Card\nfrom knowledge import text\n",
        "knowledge/views/card.py": "from knowledge.views.results import shelf\nfrom knowledge.services import cards\n",
        "knowledge/migrations/0001.py": "from accounts.roles import sync_roles\n",
        "training/models/lesson.py": "from knowledge.search.indexed import Indexed\n",
        "training/admin/lesson.py": "from knowledge.admin.widgets import MarkdownWidget\n",
        "accounts/models.py": "from django.conf import settings\n",
        "csportal/views.py": "from knowledge.views.phrases import finder\nfrom csportal import env\n",
    }
    for name, source in sound.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    return tmp_path


def test_the_made_up_house_is_sound(house: Path) -> None:
    """Or the next test would prove nothing."""
    assert climbs(house) == []


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("knowledge/models/card.py", "import re\nfrom knowledge.services import cards\n",
         "knowledge/models/card.py:2 imports knowledge.services.cards: models does not stand above services"),
        ("knowledge/models/card.py", "def late():\n    from knowledge.views import card\n",
         "knowledge/models/card.py:2 imports knowledge.views.card: models does not stand above views"),
        ("knowledge/models/card.py", "from ..services.cards import publish\n",
         "knowledge/models/card.py:1 imports knowledge.services.cards.publish: models does not stand above services"),
        ("knowledge/search/engine.py", "import typing\nif typing.TYPE_CHECKING:\n    import knowledge.models\n",
         "knowledge/search/engine.py:3 imports knowledge.models: search does not stand above models"),
        ("knowledge/services/cards.py", "from knowledge.forms import FeedbackForm\n",
         "knowledge/services/cards.py:1 imports knowledge.forms.FeedbackForm: services does not stand above forms"),
        ("knowledge/admin/card.py", "from knowledge.views.results import entries\n",
         "knowledge/admin/card.py:1 imports knowledge.views.results.entries: admin does not stand above views"),
        ("knowledge/text.py", "from knowledge import enums\n",
         "knowledge/text.py:1 imports knowledge.enums: text does not stand above enums"),
        ("knowledge/views/card.py", "from knowledge.utils import x\n",
         "knowledge/views/card.py:1 imports knowledge.utils.x: utils stands on no floor"),
        ("knowledge/utils.py", "from knowledge.text import x\n",
         "knowledge/utils.py:1 imports knowledge.text.x: utils stands on no floor"),
        ("knowledge/services/uses.py", "from training.models import Lesson\n",
         "knowledge/services/uses.py:1 imports training.models.Lesson: knowledge never imports training"),
        ("knowledge/services/uses.py", "import training\n",
         "knowledge/services/uses.py:1 imports training: knowledge never imports training"),
        ("knowledge/views/card.py", "from accounts.forms import SignInForm\n",
         "knowledge/views/card.py:1 imports accounts.forms.SignInForm: knowledge does not reach accounts.forms"),
        ("accounts/services/audit.py", "from knowledge.models import Card\n",
         "accounts/services/audit.py:1 imports knowledge.models.Card: accounts never imports knowledge"),
        ("accounts/models.py", "from knowledge.models import Card\n",
         "accounts/models.py:1 imports knowledge.models.Card: accounts never imports knowledge"),
        ("training/services/progress.py", "from knowledge.views import card\n",
         "training/services/progress.py:1 imports knowledge.views.card: training does not reach knowledge.views"),
        ("training/views/quiz.py", "from knowledge.admin import base\n",
         "training/views/quiz.py:1 imports knowledge.admin.base: training does not reach knowledge.admin"),
        ("training/admin/quiz.py", "from knowledge.views import card\n",
         "training/admin/quiz.py:1 imports knowledge.views.card: training does not reach knowledge.views"),
        ("training/views/quiz.py", "from csportal.views import error_page\n",
         "training/views/quiz.py:1 imports csportal.views.error_page: training never imports csportal"),
        ("csportal/views.py", "from tests.factories import card\n",
         "csportal/views.py:1 imports tests.factories.card: the site never imports its tests"),
    ],
)  # fmt: skip
def test_a_file_that_climbs_is_found(house: Path, name: str, source: str, told: str) -> None:
    """The test of the test: each way of going up, with its place."""
    (house / name).parent.mkdir(parents=True, exist_ok=True)
    (house / name).write_text(source)
    assert climbs(house) == [told]
