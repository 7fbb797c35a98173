"""One noun a file, its QuerySet beside it."""

from training.models.assignment import Assignment, DeadlineChange
from training.models.certificate import Certificate
from training.models.course import Course, Lesson
from training.models.path import Path, PathCourse
from training.models.progress import Enrolment, LessonProgress
from training.models.question import Question
from training.models.quiz import Attempt, AttemptItem, Quiz

__all__ = [
    "Assignment",
    "Attempt",
    "AttemptItem",
    "Certificate",
    "Course",
    "DeadlineChange",
    "Enrolment",
    "Lesson",
    "LessonProgress",
    "Path",
    "PathCourse",
    "Question",
    "Quiz",
]
