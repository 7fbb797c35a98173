"""What readers may send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from knowledge.documents import tidy
from knowledge.enums import FeedbackKind
from knowledge.models import Feedback, Snippet


class FeedbackForm(forms.ModelForm):
    class Meta:
        model = Feedback
        fields = ["kind", "text"]
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """One of the two kinds is always chosen: no empty button beside them."""
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = FeedbackKind.choices


class SnippetForm(forms.ModelForm):
    """A private line. The owner is set before validation, so that a repeated code is told on its field."""

    class Meta:
        model = Snippet
        fields = ["code", "title", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4, "maxlength": 600})}
        help_texts = {
            "code": _("2 to 4 lower-case letters and 1 or 2 digits, such as my1: type it in the search box."),
            "text": _("Fields such as {店名|小店} are filled in when you copy."),
        }

    def clean_text(self) -> str:
        return tidy(self.cleaned_data["text"])

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Snippet.objects.filter(user=self.instance.user, code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("You already have a snippet with this code."))
        return code
