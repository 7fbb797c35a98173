from datetime import time

from django.apps import AppConfig


class CsportalConfig(AppConfig):
    name = "csportal"

    def ready(self) -> None:
        from csportal import chores as own
        from knowledge.services import chores

        chores.register(chores.Regular("tidy", own.tidy, at=time(4)))
