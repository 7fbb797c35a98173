"""The courses' pages under the content policy of the site, and without a box for JSON."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.training import making
from tests.training.admin.conftest import address
from training.models import Lesson, Question

SCREENS = ("change", "history", "delete")


@pytest.fixture
def pages(lesson: Lesson, question: Question) -> list[str]:
    making.quiz(course=lesson.course)
    items = (lesson, question, lesson.course, lesson.course.quiz, making.path("p", lesson.course))
    lists = [f"/admin/training/{item._meta.model_name}/" for item in items]
    adds = [f"{one}add/" for one in lists] + ["/admin/training/question/add/?type=rewrite"]
    return ["/admin/", "/admin/training/", *lists, *adds, *(address(item, one) for item in items for one in SCREENS)]


def test_nothing_inline(as_trainer: Client, pages: list[str]) -> None:
    """The policy would drop it, silently for whoever wrote it."""
    for page in pages:
        response = as_trainer.get(page)
        assert response.status_code == 200, page
        html = response.content.decode()
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", html) == [], page
        tags = re.findall(r"<script[^>]*>", html)
        assert [tag for tag in tags if "src=" not in tag and "application/json" not in tag] == [], page


def test_no_box_holds_json(as_trainer: Client, pages: list[str]) -> None:
    """Trainers are no programmers."""
    for page in pages:
        html = as_trainer.get(page).content.decode()
        boxes = re.findall(r"<textarea[^>]*>([^<]*)</textarea>|<input[^>]*value=\"([^\"]*)\"", html)
        assert [text for pair in boxes for text in pair if re.match(r"\s*[\[{]", text)] == [], page


def test_every_box_has_a_name(as_trainer: Client, pages: list[str]) -> None:
    """A box without a label is a riddle to whoever hears the page."""
    for page in pages:
        html = as_trainer.get(page).content.decode()
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
        for tag in re.findall(r"<(?:textarea|select|input)[^>]*\sname=\"[^\"]*-[0-9]+-[^\"]*\"[^>]*>", html):
            if 'type="hidden"' in tag or 'type="checkbox"' in tag or "aria-label" in tag:
                continue  # a tick stands within its label
            found = re.search(r'\sid="([^"]+)"', tag)
            assert found, tag
            assert found[1] in labelled, tag


def test_ids_come_once(as_trainer: Client, pages: list[str]) -> None:
    """Two boxes with one id: a label leads to the wrong one."""
    for page in pages:
        html = as_trainer.get(page).content.decode()
        ids = re.findall(r"\sid=\"([^\"]+)\"", html)
        assert sorted({one for one in ids if ids.count(one) > 1 and one.startswith("id_")}) == [], page
