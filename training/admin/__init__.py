"""The trainers' side of the courses: stock Django admin with the forms and the look of knowledge.admin."""

from training.admin import attempt, certificate, course, dialogue, enrolment, lesson, path, question, quiz, run

__all__ = ["attempt", "certificate", "course", "dialogue", "enrolment", "lesson", "path", "question", "quiz", "run"]
