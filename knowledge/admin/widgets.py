"""The Markdown box: markdownx's widget with our addresses and our script (docs/decisions/0006-editor.md)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from markdownx.widgets import AdminMarkdownxWidget


class MarkdownWidget(AdminMarkdownxWidget):
    """A text box with a live preview. Pictures may be pasted or dropped when `may_upload` is set."""

    may_upload = False
    preview_name = "markdown_preview"

    class Media:
        extend = False  # markdownx's own script posts while an input method composes, and traps Tab
        js = ["admin_ours/markdown.js"]

    def add_markdownx_attrs(self, attrs: dict[str, Any]) -> dict[str, Any]:  # type: ignore[override]
        attrs |= {
            "class": "vLargeTextField",
            "data-preview": reverse(self.preview_name),
            "data-say-preview": _("Preview"),
            "data-say-lost": _("The preview could not be fetched. Your text is still here; save it as usual."),
        }
        if self.may_upload:
            attrs |= {
                "data-upload": reverse("picture_upload"),
                "data-say-upload": _("Add a picture"),
                "data-say-uploading": _("Sending the picture…"),
                "data-say-refused": _("The picture could not be sent. Try again in a moment."),
            }
        return attrs
