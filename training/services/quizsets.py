"""Write quizzes: copies, and their end."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from knowledge.enums import Status
from training.enums import QuizKind
from training.models import Quiz
from training.services import items


def duplicate(quiz: Quiz) -> Quiz:
    """A draft with the same rules and limits. A course has one quiz, so that every copy is an exam."""
    return Quiz.objects.create(
        slug=items.free_slug(Quiz, quiz.slug),
        title=quiz.title,
        kind=QuizKind.EXAM,
        rules=quiz.rules,
        pass_mark=quiz.pass_mark,
        time_limit=quiz.time_limit,
        attempts_allowed=quiz.attempts_allowed,
        cooldown=quiz.cooldown,
        status=Status.DRAFT,
    )


@transaction.atomic
def delete(quizzes: Iterable[Quiz]) -> None:
    """Delete quizzes for good. Raises ProtectedError for one that has been taken or ends a path; then all are kept."""
    for quiz in quizzes:
        quiz.delete()
