"""Starter courses, lessons, questions, paths and dialogues: sections of the loader in knowledge.services.content."""

from __future__ import annotations

from training.services.content.course import CourseSection
from training.services.content.dialogue import DialogueSection
from training.services.content.lesson import LessonSection
from training.services.content.path import PathSection
from training.services.content.question import QuestionSection

# In this order: what comes later names what comes before.
SECTIONS = (CourseSection(), LessonSection(), QuestionSection(), PathSection(), DialogueSection())
