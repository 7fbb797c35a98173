"""The trainers' side of the courses: stock Django admin with the forms and the look of knowledge.admin."""

from training.admin import lesson, question

__all__ = ["lesson", "question"]
