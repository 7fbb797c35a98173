from datetime import timedelta
from operator import attrgetter

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("training")

    def ready(self) -> None:
        from accounts.services import people, teams
        from knowledge.search import indexed
        from knowledge.services import chores, content, events, queues, workflow
        from knowledge.services.exchange.registry import register
        from training.documents import lesson_problems, question_problems
        from training.models import Dialogue, Lesson, Question
        from training.services import (
            assigning,
            desk,
            dialogues,
            lessons,
            personal,
            questions,
            quizzes,
            recall_sources,
            reminders,
            runs,
            wording,
        )
        from training.services.content import SECTIONS
        from training.services.exchange import lessons as exchanged_lessons
        from training.services.exchange import moodle
        from training.services.exchange.questions import QUESTION_FORMATS, QUESTIONS

        register(QUESTIONS, *moodle.beside(QUESTION_FORMATS))
        register(exchanged_lessons.LESSONS, exchanged_lessons.ZIP)
        personal.install()
        indexed.register(Lesson)
        for section in SECTIONS:
            content.register(section)
        workflow.register(
            workflow.Kind(
                name=Lesson.search_kind,
                model=Lesson,
                label=_("lesson"),
                permission="training.publish_lesson",
                slug=attrgetter("slug"),
                publish=lessons.publish_draft,
                problems=lesson_problems,
                fill=lessons.fill,
                read=wording.read_lesson,
                words=wording.LESSON_WORDS,
            )
        )
        workflow.register(
            workflow.Kind(
                name=Question.search_kind,
                model=Question,
                label=_("question"),
                permission="training.publish_question",
                slug=attrgetter("code"),
                publish=questions.publish_draft,
                problems=question_problems,
                fill=questions.fill,
                read=wording.read_question,
                words=wording.QUESTION_WORDS,
            )
        )
        workflow.register(
            workflow.Kind(
                name=Dialogue.search_kind,
                model=Dialogue,
                label=_("dialogue"),
                permission="training.publish_dialogue",
                slug=attrgetter("slug"),
                publish=dialogues.publish_draft,
                problems=dialogues.problems,
                fill=dialogues.fill,
                read=wording.read_dialogue,
                words=wording.DIALOGUE_WORDS,
            )
        )
        events.register_starred(recall_sources.star)
        queues.register(*desk.TRAINING)
        chores.register(chores.Regular("finish", quizzes.finish_overdue, every=timedelta(minutes=1)))
        chores.register(chores.Regular("desk runs", runs.finish_over, every=timedelta(minutes=1)))
        chores.register(chores.Regular("stars", recall_sources.catch_up, every=timedelta(days=1)))
        chores.register(chores.Regular("reminders", reminders.send, at=reminders.AT))
        chores.register(chores.Regular("reminders again", reminders.send_again, every=timedelta(minutes=10)))
        teams.register_objection(assigning.still_assigned)
        people.register_leaving(assigning.end_personal)
