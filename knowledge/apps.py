from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("phrasebook")

    def ready(self) -> None:
        from knowledge.models import Card, Snippet
        from knowledge.models.synonym import current_synonyms
        from knowledge.search import engine, indexed

        indexed.register(Card)
        indexed.register(Snippet)
        engine.set_synonym_provider(current_synonyms)
