"""manage.py finish_overdue: grade the attempts of people whose time ran out and who never came back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from training.services import quizzes


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("Grade every open attempt whose deadline has passed; safe to repeat, meant for a timer.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("%d attempts graded.") % quizzes.finish_overdue(timezone.now()))
