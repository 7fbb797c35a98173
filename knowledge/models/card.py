"""A phrasebook card: a situation, ways customers say it, what to say, what not to, and why."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from knowledge import markdown, variables
from knowledge.documents import CODE, Document, digest, line_id
from knowledge.enums import FILTER_STAGES, Competency, Course, CustomerGroup, Rule, Side, Stage, Status
from knowledge.models.audience import for_teams_of, may_change_cards, tokens
from knowledge.models.fields import VERIFY_DAYS, ChangedAt, check_codes
from knowledge.models.freshness import Verified, VerifiedRows, in_the_past
from knowledge.search.document import SearchDocument
from knowledge.search.indexed import Indexed
from knowledge.text import fill_defaults

Reader = Any  # accounts.User or AnonymousUser; accounts is a closet apart and never imported here


class CardQuerySet(VerifiedRows, models.QuerySet["Card"]):
    """Read rules. They chain: `Card.objects.visible_to(user).for_reading()`."""

    def published(self) -> CardQuerySet:
        return self.filter(status=Status.PUBLISHED)

    def visible_to(self, user: Reader) -> CardQuerySet:
        """Published and for this reader's team, or the reader may change it. Somebody signed out sees nothing."""
        if isinstance(user, AnonymousUser) or not user.is_active:
            return self.none()
        return self if may_change_cards(user) else self.published().for_teams_of(user)

    def for_teams_of(self, user: Reader) -> CardQuerySet:
        """For everybody or for a team of this reader, published or not; all of them for who may change cards."""
        return self if may_change_cards(user) else self.filter(for_teams_of(user, "audience"))

    def with_parts(self) -> CardQuerySet:
        """Aliases and lines in order: two more queries for any number of cards."""
        return self.prefetch_related("aliases", "lines")


class Card(Verified, Indexed, models.Model):
    """One situation. The rows hold the published version only; earlier and waiting ones are Revisions."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=60)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage.choices)
    course = models.CharField(_("course"), max_length=16, choices=Course.choices)
    competency = models.CharField(_("competency"), max_length=16, choices=Competency.choices)
    groups = models.JSONField(_("customer groups"), default=list, blank=True, validators=[check_codes(CustomerGroup)])
    facts = models.JSONField(_("facts"), default=list, blank=True)
    neighbours = models.JSONField(_("neighbours"), default=list, blank=True)
    trigger = models.TextField(
        _("when to speak first"), blank=True, help_text=_("Only for cards where staff open the talk.")
    )
    keywords = models.JSONField(
        _("search words"),
        default=list,
        blank=True,
        help_text=_("What staff type to find this card and no customer would say. Found, never shown."),
    )
    principle = MarkdownxField(_("principle"))
    principle_html = models.TextField(editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_cards",
        verbose_name=_("owner"),
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True, validators=[in_the_past])
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verify_days = models.PositiveSmallIntegerField(
        _("verify every (days)"), default=VERIFY_DAYS, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    # Codes of the teams this card is for; empty is everybody.
    audience = models.JSONField(_("only for teams"), default=list, blank=True)
    updated_at = ChangedAt(_("updated at"))

    objects = CardQuerySet.as_manager()
    search_kind: ClassVar[str] = "card"
    search_parts: ClassVar[tuple[tuple[str, str], ...]] = (("knowledge.Alias", "card"), ("knowledge.Line", "card"))

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        ordering = ["slug"]
        permissions = [
            ("publish_card", "Can publish cards directly"),
            ("upload_picture", "Can upload pictures"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Markdown is rendered here, once, never in a request that reads."""
        self.principle_html = markdown.render(self.principle)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("card", args=[self.slug])

    def lines_of(self, side: Side) -> list[Line]:
        """Lines of one side in order, from the prefetched set."""
        return [line for line in self.lines.all() if line.side == side]

    @property
    def say(self) -> list[Line]:
        return self.lines_of(Side.DO)

    @property
    def avoid(self) -> list[Line]:
        return self.lines_of(Side.DONT)

    @property
    def group_labels(self) -> list[str]:
        return [str(CustomerGroup(group).label) for group in self.groups]

    def to_document(self) -> Document:
        """The canonical document of the live rows. Needs aliases and lines; prefetch them for many cards."""
        document: Document = {
            "slug": self.slug,
            "title": self.title,
            "stage": self.stage,
            "course": self.course,
            "competency": self.competency,
            "groups": list(self.groups),
            "facts": list(self.facts),
            "neighbours": list(self.neighbours),
        }
        if self.trigger:
            document["trigger"] = self.trigger
        document["aliases"] = [alias.text for alias in self.aliases.all()]
        if self.keywords:
            document["keywords"] = list(self.keywords)
        if self.audience:
            document["audience"] = sorted(self.audience)
        for side in Side:
            document[side.value] = [line.to_document() for line in self.lines_of(side)]
        document["principle"] = self.principle
        return document

    @cached_property
    def current_hash(self) -> str:
        return digest(self.to_document())

    @property
    def edited_by_trainer(self) -> bool:
        """Whether the text differs from what the starter content put here."""
        return self.current_hash != self.loaded_hash

    @classmethod
    def searchable(cls) -> models.QuerySet[Card]:
        return cls.objects.exclude(status=Status.RETIRED).with_parts().order_by("pk")

    def search_document(self) -> SearchDocument | None:
        """What the index holds of this card: lines as written and as they read with defaults filled in."""
        if self.status == Status.RETIRED:
            return None
        lines = list(self.lines.all())
        texts = [text for line in lines for text in (line.text, fill_defaults(line.text), line.why)]
        stages = FILTER_STAGES if self.stage == Stage.ANY else (self.stage,)
        return SearchDocument(
            kind=self.search_kind,
            object_id=self.pk,
            slug=self.slug,
            title=self.title,
            aliases=(*(alias.text for alias in self.aliases.all()), *self.keywords),
            body="\n".join([*dict.fromkeys(texts), markdown.plain(self.principle_html), self.trigger]),
            codes=tuple(line.code for line in lines if line.side == Side.DO),
            published=self.status == Status.PUBLISHED,
            audience=tokens(self.audience),
            facets=(
                *(f"stage:{stage}" for stage in stages),
                f"competency:{self.competency}",
                f"course:{self.course}",
                *(f"group:{group}" for group in self.groups),
                # Not a filter: it makes the row's hash, and with it every cached hit, follow the freshness shown.
                *([f"verified:{self.verified_on:%Y-%m-%d}"] if self.verified_on else []),
                *([f"every:{self.verify_days}"] if self.verify_days != VERIFY_DAYS else []),
            ),
            uses=0,
        )


class Alias(models.Model):
    """A way customers say it."""

    card = models.ForeignKey(Card, models.CASCADE, related_name="aliases", verbose_name=_("card"))
    text = models.CharField(_("customers say"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["card", "text"], name="alias_once_per_card")]

    def __str__(self) -> str:
        return self.text


class LineQuerySet(models.QuerySet["Line"]):
    def visible_to(self, user: Reader) -> LineQuerySet:
        """Lines of the cards this reader may see."""
        return self.filter(card__in=Card.objects.visible_to(user))

    def copyable(self) -> LineQuerySet:
        return self.filter(side=Side.DO)


class Line(models.Model):
    """A 该说 or 不该说 line. Its uuid never changes; its short code is unique and never given to another."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    card = models.ForeignKey(Card, models.CASCADE, related_name="lines", verbose_name=_("card"))
    side = models.CharField(_("side"), max_length=4, choices=Side.choices)
    code = models.CharField(
        _("short code"),
        max_length=6,
        unique=True,
        validators=[RegexValidator(CODE, _("2 to 4 lower-case letters and 1 or 2 digits."))],
    )
    text = models.TextField(_("text"), max_length=600)
    why = models.CharField(_("reason"), max_length=200)
    breaks = models.JSONField(_("rules it breaks"), default=list, blank=True, validators=[check_codes(Rule)])
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        # 该说 before 不该说, then as the trainer ordered them.
        ordering = ["side", "position", "pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.text[:20]}"

    def clean(self) -> None:
        super().clean()
        if wrong := variables.problems(self.text):
            raise ValidationError({"text": _("Unknown field or stray brace: %s") % "、".join(wrong)})
        if self.side == Side.DONT and not self.breaks:
            raise ValidationError({"breaks": _("Name at least one rule this line breaks.")})
        if owner := LineCode.objects.filter(code=self.code).exclude(line=self.uuid).first():
            raise ValidationError({"code": _("%s was given to another line and is never reused.") % owner.code})

    def get_absolute_url(self) -> str:
        """The share link: the code in the query survives sign-in, the fragment scrolls."""
        return f"{reverse('card', args=[self.card.slug])}?line={self.code}#{self.code}"

    @property
    def parts(self) -> list[variables.Part]:
        return list(variables.split(self.text))

    @property
    def rule_labels(self) -> list[str]:
        return [str(Rule(code).label) for code in self.breaks]

    def to_document(self) -> Document:
        """The line's part of the card document; the id is left out where the code alone gives it."""
        document: Document = {} if str(self.uuid) == line_id(self.code) else {"id": str(self.uuid)}
        document |= {"code": self.code, "text": self.text, "why": self.why}
        if self.side == Side.DONT:
            document["breaks"] = list(self.breaks)
        return document


class LineCode(models.Model):
    """Every short code ever given, and to which line: agents remember codes, so none changes meaning."""

    code = models.CharField(max_length=6, primary_key=True)
    line = models.UUIDField()

    class Meta:
        verbose_name = _("short code")
        verbose_name_plural = _("short codes")

    def __str__(self) -> str:
        return self.code
