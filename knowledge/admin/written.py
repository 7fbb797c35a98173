"""Forms for content that more than one trainer writes: tidied, and never saved over somebody else's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.documents import Document, tidy
from knowledge.enums import Status
from knowledge.services import workflow


class TidyForm(forms.ModelForm):
    """Texts as documents hold them: NFC, newlines as \\n, nothing trailing."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if isinstance(value, str):
                cleaned[name] = tidy(value)
        return cleaned


class WrittenForm(TidyForm):
    """`base` says which state the trainer saw; the admin sets `request` on the class (SavedWhole)."""

    request: Any = None
    deleted_words: str | Promise = _("Somebody has deleted this meanwhile. Your text is still below: copy it.")
    overtaken_words: str | Promise = _(
        "%(who)s changed this at %(when)s, after you had opened it. Nothing was saved and your text is still below: "
        "open it in another tab, and bring the two together there."
    )

    base = forms.CharField(required=False, widget=forms.HiddenInput)
    # The state that somebody who was told of it saves over knowingly.
    over = forms.CharField(required=False, widget=forms.HiddenInput)
    overtaken: Overtaken | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["base"] = state_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if late := getattr(self.request, "late_problems", None):
            raise ValidationError(late)
        if "_back" in self.data:
            raise ValidationError(gettext("What you had not saved is back in the form. It is not saved yet."))
        if self.instance.pk:
            self._refuse_overtaken(cleaned.get("base", ""))
        return cleaned

    def _refuse_overtaken(self, base: str) -> None:
        """Raises ValidationError when the row is not what the trainer saw. It is locked until the save."""
        live = type(self.instance)._default_manager.select_for_update().filter(pk=self.instance.pk).first()
        if live is None:
            raise ValidationError(str(self.deleted_words))
        now = state_of(live)
        if now not in (base, self.cleaned_data.get("over")):
            who, when = last_change(live, base)
            self.overtaken = Overtaken(now, live)
            shown = formats.date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")
            raise ValidationError(str(self.overtaken_words), params={"who": who, "when": shown})


class VersionedForm(WrittenForm):
    """Of what has versions: a text goes live, is kept as a draft, or is sent for approval, and may say why."""

    reason = forms.CharField(label=_("reason for the change"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs |= {"class": "vTextField", "placeholder": gettext("What changed, and why")}
        draft = getattr(self.instance, "draft", None)
        if draft and not self.is_bound:
            self.initial["reason"] = draft.reason

    def document(self) -> Document:
        """The document that these boxes make. Needs fields that are each sound."""
        raise NotImplementedError

    @property
    def road(self) -> Road:
        """Which button was pressed. Without the right to publish, or without a button, nothing goes live unseen."""
        kind = workflow.kind_of(self.instance)
        if "_send" in self.data:
            return Road.SEND
        if "_draft" in self.data or not workflow.may_publish(self.request.user, kind):
            return Road.DRAFT
        return Road.PUBLISH

    @property
    def status_after(self) -> str:
        """The status the live row will have. Who presses 发布 on a draft and leaves its status alone wants it read."""
        before = self.initial.get("status") or self.instance.status
        status = self.cleaned_data.get("status") or before
        if self.road != Road.PUBLISH:
            return str(before)
        return str(Status.PUBLISHED if "_save" in self.data and status == before == Status.DRAFT else status)


class Road(StrEnum):
    PUBLISH = "publish"
    SEND = "send"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What a save met that its sender had not seen."""

    state: str  # of the text as it is now (state_of)
    live: Any


def state_of(item: Any) -> str:
    """What a later save compares: the version of the text, when anything else of it last changed, and the open
    revision, if there is one."""
    changed = getattr(item, "updated_at", None)
    written = workflow.base_of(item) if has_versions(item) else ""
    state = f"{getattr(item, 'version', 0)}:{f'{changed.timestamp():.6f}' if changed else item.status}"
    return f"{state}|{written}" if written else state


def has_versions(item: Any) -> bool:
    return getattr(item, "search_kind", "") in workflow.KINDS


def last_change(item: Any, base: str) -> tuple[str, Any]:
    """Who changed an item after the state `base`, and when."""
    somebody = gettext("Somebody")
    if has_versions(item):
        draft = workflow.open_revision(item)
        if draft and workflow.base_of(item) != base.partition("|")[2]:
            return str(draft.author or somebody), draft.updated_at
        if not base.startswith(f"{item.version}:"):
            revision = workflow.versions(item).published().order_by("-number").first()
            if revision:
                return str(revision.author or somebody), revision.created_at
    here = ContentType.objects.get_for_model(item)
    entry = LogEntry.objects.filter(content_type=here, object_id=str(item.pk)).select_related("user").first()
    if entry:
        return str(entry.user), entry.action_time
    return somebody, getattr(item, "updated_at", None) or timezone.now()
