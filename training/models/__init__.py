"""One noun a file, its QuerySet beside it."""

from training.models.assignment import Assignment, DeadlineChange
from training.models.certificate import Certificate
from training.models.course import Course, Lesson
from training.models.path import Path, PathCourse
from training.models.practice import (
    DeskChat,
    DeskEvent,
    DeskRun,
    Dialogue,
    DrillRound,
    RecallItem,
    RecallLog,
    RecallSession,
)
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
    "DeskChat",
    "DeskEvent",
    "DeskRun",
    "Dialogue",
    "DrillRound",
    "Enrolment",
    "Lesson",
    "LessonProgress",
    "Path",
    "PathCourse",
    "Question",
    "Quiz",
    "RecallItem",
    "RecallLog",
    "RecallSession",
]
