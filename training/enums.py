"""The training half's fixed vocabularies."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The auth group of those whose job it is to learn for now (accounts/roles.py).
LEARNERS = "trainee"


class CourseKind(TextChoices):
    FOUNDATION = "foundation", _("Foundation")
    COMPETENCY = "competency", _("Competency course")
    CROSS = "cross", _("Cross course")


class QuestionType(TextChoices):
    """How a question is answered; grading has one function for each."""

    SINGLE = "single", _("One right answer")
    MULTIPLE = "multiple", _("Several right answers")
    TRUEFALSE = "truefalse", _("True or false")
    ORDERING = "ordering", _("Put in order")
    MATCHING = "matching", _("Match")
    FILL = "fill", _("Fill in")
    BETTER = "better", _("Better reply of two")
    REWRITE = "rewrite", _("Rewrite the reply")


class QuizKind(TextChoices):
    COURSE = "course", _("Course quiz")
    EXAM = "exam", _("Final exam")
    PRACTICE = "practice", _("Practice of wrong answers")


class AttemptState(TextChoices):
    OPEN = "open", pgettext_lazy("attempt", "Open")
    FINISHED = "finished", _("Finished")


class CertificateState(TextChoices):
    """What a certificate is worth on a day."""

    VALID = "valid", pgettext_lazy("certificate", "Valid")
    EXPIRED = "expired", pgettext_lazy("certificate", "Expired")
    REVOKED = "revoked", pgettext_lazy("certificate", "Revoked")


class Agreement(TextChoices):
    """What somebody and their trainer settle about a deadline."""

    EXTENSION = "extension", _("Extension")
    EXEMPTION = "exemption", _("Exemption")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DueState(TextChoices):
    """How an assigned path stands on a day, most pressing first."""

    OVERDUE = "overdue", _("Overdue")
    SOON = "soon", _("Due soon")
    OPEN = "open", pgettext_lazy("deadline", "Open")
    EXEMPT = "exempt", _("Exempt")
    DONE = "done", _("Done")


class ItemFlag(TextChoices):
    """What the answers to a question give reason to look at, most pressing first."""

    KEY = "key", _("Is the key right?")
    NEGATIVE = "negative", _("Misleads the strong")
    LOW = "low", _("Hardly tells apart")
    HARD = "hard", _("Harder than guessing")
    EASY = "easy", _("Too easy")
    UNUSED = "unused", _("Unused distractor")
