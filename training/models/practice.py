"""Practice: dialogues of the desk, the runs at it, drills, and what is to be recalled when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.enums import Competency, CustomerGroup, Stage, Status
from knowledge.enums import Course as CourseCode
from knowledge.models.fields import ChangedAt
from training.desk.documents import in_order
from training.models.owned import OwnedQuerySet


class DialogueQuerySet(models.QuerySet["Dialogue"]):
    def published(self) -> DialogueQuerySet:
        return self.filter(status=Status.PUBLISHED)


class Dialogue(models.Model):
    """One simulated customer: a graph of turns. `document` is the whole of it (training/desk/documents.py)."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=60)
    stage = models.CharField(_("stage"), max_length=8, choices=Stage.choices)
    course = models.CharField(_("course"), max_length=16, choices=CourseCode.choices)
    competency = models.CharField(_("competency"), max_length=16, choices=Competency.choices)
    group = models.CharField(_("customer group"), max_length=12, choices=CustomerGroup.choices)
    document = models.JSONField(_("dialogue"), default=dict)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    loaded_hash = models.CharField(max_length=64, blank=True, editable=False)
    updated_at = ChangedAt(_("updated at"), db_index=True)
    uses = GenericRelation("knowledge.Use", verbose_name=_("cards used"))

    objects = DialogueQuerySet.as_manager()
    search_kind: ClassVar[str] = "dialogue"

    class Meta:
        verbose_name = _("dialogue")
        verbose_name_plural = _("dialogues")
        ordering = ["slug"]
        permissions = [("publish_dialogue", "Can publish dialogues directly")]

    def __str__(self) -> str:
        return self.title

    def to_document(self) -> dict[str, Any]:
        return in_order(self.document)


class DeskRun(models.Model):
    """Somebody's session at the desk: two to five customers at once. The database keeps it to one open run a person."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("desk run", "Open")
        FINISHED = "finished", _("Finished")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="runs", verbose_name=_("person"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    # A trainer's look at a dialogue: no evidence, and nobody's but theirs.
    preview = models.BooleanField(_("preview"), default=False)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("desk run")
        verbose_name_plural = _("desk runs")
        ordering = ["-started_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(state="open"), name="one_open_run")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class DeskChat(models.Model):
    """One customer of a run: the dialogue as it was when the run began, and how it came out once it is finished."""

    run = models.ForeignKey(DeskRun, models.CASCADE, related_name="chats", verbose_name=_("desk run"))
    position = models.PositiveSmallIntegerField(_("position"))
    dialogue = models.ForeignKey(Dialogue, models.SET_NULL, null=True, related_name="chats", verbose_name=_("dialogue"))
    dialogue_version = models.PositiveIntegerField(_("dialogue version"), default=0)
    document = models.JSONField(_("as played"))
    arrival = models.FloatField(_("arrives after seconds"), default=0)
    competency = models.CharField(_("competency"), max_length=16)
    ending = models.CharField(_("ending"), max_length=40, blank=True)
    ending_kind = models.CharField(_("outcome"), max_length=5, blank=True)
    mood = models.PositiveSmallIntegerField(_("satisfaction"), null=True, blank=True)
    points = models.DecimalField(_("points"), max_digits=6, decimal_places=3, null=True, blank=True)
    max_points = models.DecimalField(_("maximum"), max_digits=6, decimal_places=3, default=0)
    first_response = models.FloatField(_("first response time, seconds"), null=True, blank=True)

    class Meta:
        verbose_name = _("desk chat")
        verbose_name_plural = _("desk chats")
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="chat_position_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.position}"


class DeskEvent(models.Model):
    """A reply of the trainee's: when, what, and how it was judged then. A rule edited later changes no past run."""

    chat = models.ForeignKey(DeskChat, models.CASCADE, related_name="events", verbose_name=_("desk chat"))
    # The page's own count, so that a reply sent twice over a bad line is one.
    sequence = models.PositiveIntegerField(_("sequence"))
    at = models.FloatField(_("seconds since the run began"))
    text = models.CharField(_("reply"), max_length=600)
    card = models.CharField(_("short code"), max_length=6, blank=True)
    judged = models.JSONField(_("judgement"), default=dict)

    class Meta:
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["chat", "sequence"], name="reply_sequence_once")]

    def __str__(self) -> str:
        return f"{self.chat_id} {self.sequence}"


class DrillRound(models.Model):
    """A round of a drill: better reply, typing or short codes. `items` are the rounds' questions with their answers."""

    class Kind(models.TextChoices):
        BETTER = "better", _("Better reply")
        TYPING = "typing", _("Typing")
        CODES = "codes", _("Short codes")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drills", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    items = models.JSONField(_("items"), default=list)
    asked = models.PositiveSmallIntegerField(_("asked"), default=0)
    right = models.PositiveSmallIntegerField(_("right"), default=0)
    characters = models.PositiveIntegerField(_("characters typed"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("drill round")
        verbose_name_plural = _("drill rounds")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.started_at:%Y-%m-%d %H:%M}"


class RecallItem(models.Model):
    """Something to be asked again, and when: a wrong answer, a missed point, a starred line. `card` is the state of the
    FSRS scheduler; `key` tells what it is of, so that the same mistake is one item."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        CHECK = "check", _("Checkpoint")
        POINT = "point", _("Point at the desk")
        DRILL = "drill", _("Drill")
        LINE = "line", _("Starred line")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recall", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    key = models.CharField(_("of what"), max_length=160)
    competency = models.CharField(_("competency"), max_length=16, choices=Competency.choices)
    # What is shown: {"prompt", "answer", "why", "href"} as it was when it came in; live content is read where there is.
    front = models.JSONField(_("shown"), default=dict)
    card = models.JSONField(_("schedule"), default=dict)
    due = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    reviewed_at = models.DateTimeField(_("last recalled"), null=True, blank=True)
    times = models.PositiveIntegerField(_("times recalled"), default=0)
    lapses = models.PositiveIntegerField(_("times forgotten"), default=0)
    resting = models.BooleanField(_("set aside"), default=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("recall item")
        verbose_name_plural = _("recall items")
        ordering = ["due", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "key"], name="recall_once")]
        indexes = [models.Index(fields=["user", "resting", "due"], name="recall_due")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.key}"


class RecallLog(models.Model):
    """One time an item was asked: how well it was remembered (1 again to 4 easy). The retention shown is its share."""

    item = models.ForeignKey(RecallItem, models.CASCADE, related_name="log", verbose_name=_("recall item"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    rating = models.PositiveSmallIntegerField(_("rating"))
    # What the scheduler expected before: the chance of remembering, 0 to 1; empty the first time.
    expected = models.FloatField(_("expected"), null=True)

    class Meta:
        verbose_name = _("recall")
        verbose_name_plural = _("recalls")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.item_id} {self.at:%Y-%m-%d %H:%M}"


class RecallSession(models.Model):
    """Ten minutes of recalling: the clock is the server's."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recall_sessions", verbose_name=_("person")
    )
    started_at = models.DateTimeField(_("started at"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    recalled = models.PositiveSmallIntegerField(_("recalled"), default=0)

    class Meta:
        verbose_name = _("recall session")
        verbose_name_plural = _("recall sessions")
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"
