"""Forms for content that more than one trainer writes: tidied, and never saved over somebody else's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.documents import tidy
from knowledge.models import Revision


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["base"] = state_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if late := getattr(self.request, "late_problems", None):
            raise ValidationError(late)
        if self.instance.pk:
            self._refuse_overtaken(cleaned.get("base", ""))
        return cleaned

    def _refuse_overtaken(self, base: str) -> None:
        """Raises ValidationError when the row is not what the trainer saw. It is locked until the save."""
        live = type(self.instance)._default_manager.select_for_update().filter(pk=self.instance.pk).first()
        if live is None:
            raise ValidationError(str(self.deleted_words))
        if base != state_of(live):
            who, when = last_change(live, base)
            shown = formats.date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")
            raise ValidationError(str(self.overtaken_words), params={"who": who, "when": shown})


class VersionedForm(WrittenForm):
    """Of what has a history: each change may say why."""

    reason = forms.CharField(label=_("reason for the change"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs |= {"class": "vTextField", "placeholder": gettext("What changed, and why")}


def state_of(item: Any) -> str:
    """What a later save compares: the version of the text, and when anything else of it last changed."""
    changed = getattr(item, "updated_at", None)
    return f"{getattr(item, 'version', 0)}:{f'{changed.timestamp():.6f}' if changed else item.status}"


def last_change(item: Any, base: str) -> tuple[str, Any]:
    """Who changed an item after the state `base`, and when."""
    kind = getattr(item, "search_kind", "")
    if kind and not base.startswith(f"{item.version}:"):
        revision = Revision.objects.filter(kind=kind, object_id=item.pk).order_by("-number").first()
        if revision:
            return str(revision.author or gettext("Somebody")), revision.created_at
    here = ContentType.objects.get_for_model(item)
    entry = LogEntry.objects.filter(content_type=here, object_id=str(item.pk)).select_related("user").first()
    if entry:
        return str(entry.user), entry.action_time
    return gettext("Somebody"), getattr(item, "updated_at", None) or timezone.now()
