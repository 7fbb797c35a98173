"""Files on their way in: a job, its rows staged one by one, nothing live until all of them are applied."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from knowledge.enums import Course


class ImportJob(models.Model):
    """A file somebody brought, from reading it to its being applied whole or not at all."""

    class State(models.TextChoices):
        READING = "reading", _("Reading")
        READY = "ready", _("Ready to import")
        REFUSED = "refused", _("Refused")
        APPLYING = "applying", _("Importing")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Nothing was imported")

    kind = models.CharField(_("kind"), max_length=16)
    format = models.CharField(_("format"), max_length=10)
    name = models.CharField(_("file"), max_length=200)
    data = models.BinaryField(null=True, editable=False)  # until it has been read
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.READING)
    # What becomes of new and changed items: "publish", or "draft" for whoever may not publish by themselves.
    target = models.CharField(_("imported as"), max_length=10, default="publish")
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(_("rows done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)  # {"new", "changed", "same", "wrong"} -> rows
    # For items whose file names no course.
    course = models.CharField(_("course"), max_length=16, choices=Course.choices, blank=True)
    # Of the file as a whole: sentences, such as the encoding it was read as or why it was refused.
    notes = models.JSONField(_("notes"), default=list)
    # What of the file has no counterpart here: [row, how a person finds it, sentences], kept when the rows are gone.
    named = models.JSONField(default=list, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("person")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    # The worker's sign of life: a job whose worker died is told by it.
    beat_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        permissions = [("import_content", "Can import content and people from files")]

    def __str__(self) -> str:
        return self.name


class StagedRow(models.Model):
    """One row of a file: the document it makes, and what that means for what is there."""

    class Outcome(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        SAME = "same", _("The same")
        WRONG = "wrong", _("Wrong")

    job = models.ForeignKey(ImportJob, models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField(_("row"))  # as a spreadsheet counts, or the place in the file
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices)
    slug = models.CharField(_("slug"), max_length=120, blank=True)
    document = models.JSONField(default=dict)
    # [[column or path, sentence], …]
    problems = models.JSONField(default=list)
    # What applying needs and takes long to make, such as index rows.
    prepared = models.JSONField(null=True)

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["row", "pk"]
        indexes = [models.Index(fields=["job", "outcome", "row"], name="staged_by_outcome")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.row} {self.outcome}"
