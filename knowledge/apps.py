from datetime import timedelta
from operator import attrgetter

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    name = "knowledge"
    verbose_name = _("phrasebook")

    def ready(self) -> None:
        from accounts.services import teams
        from knowledge.documents import card_problems
        from knowledge.models import Card, Snippet, WordingRule
        from knowledge.models.synonym import current_synonyms
        from knowledge.search import engine, indexed
        from knowledge.services import cards, chores, content, digest, personal, queues, rules, wording, workflow
        from knowledge.services.exchange import standard

        teams.register_objection(cards.for_team_alone)
        standard.register_all()
        personal.install()
        indexed.register(Card)
        indexed.register(Snippet)
        engine.set_synonym_provider(current_synonyms)
        workflow.register(
            workflow.Kind(
                name=Card.search_kind,
                model=Card,
                label=_("card"),
                permission="knowledge.publish_card",
                slug=attrgetter("slug"),
                publish=cards.publish_draft,
                problems=card_problems,
                fill=cards.fill,
                read=wording.read_card,
                words=wording.CARD_WORDS,
            )
        )
        workflow.register(
            workflow.Kind(
                name=WordingRule.search_kind,
                model=WordingRule,
                label=_("wording rule"),
                permission="knowledge.publish_wordingrule",
                slug=attrgetter("code"),
                publish=rules.publish_draft,
                problems=rules.problems,
                fill=rules.fill,
                read=rules.read_rule,
                words=rules.RULE_WORDS,
            )
        )
        content.register(rules.RuleSection())
        chores.register(chores.Regular("publish", workflow.publish_due, every=timedelta(seconds=10)))
        queues.register(*queues.PHRASEBOOK)
        chores.register(chores.Regular(digest.KIND, digest.send, weekday=digest.WEEKDAY, at=digest.AT))
        chores.register(chores.Regular("digest again", digest.send_again, every=timedelta(minutes=10)))
