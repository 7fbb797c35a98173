from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = _("training")

    def ready(self) -> None:
        from knowledge.search import indexed
        from knowledge.services import content
        from training.models import Lesson
        from training.services.content import SECTIONS

        indexed.register(Lesson)
        for section in SECTIONS:
            content.register(section)
