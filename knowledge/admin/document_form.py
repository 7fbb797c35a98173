"""Forms of whole documents: what is wrong with the document is said on the box it concerns."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from knowledge.admin.rows import RowsField
from knowledge.admin.written import VersionedForm
from knowledge.documents import Problem


class DocumentForm(VersionedForm):
    """Checks the document that the save will write."""

    # keys of the document whose box has another name
    boxes: dict[str, str] = {}

    def problems(self, cleaned: dict[str, Any]) -> list[Problem]:
        """Everything wrong with the document these values make."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors:
            for path, sentence in self.problems(cleaned):
                self.tell(path, sentence)
        return cleaned

    def tell(self, path: tuple[str | int, ...], sentence: str) -> None:
        """Put a problem of the document on its box, and in rows on the place it is about."""
        head = self.boxes.get(str(path[0]), str(path[0])) if path else ""
        field = self.fields.get(head)
        if isinstance(field, RowsField):
            sentence = field.tell(path[1:], sentence)
        elif field and len(path) > 1 and isinstance(path[1], int):
            sentence = gettext("Line %(line)d: %(problem)s") % {"line": path[1] + 1, "problem": sentence}
        self.add_error(head if field else None, ValidationError("%(sentence)s", params={"sentence": sentence}))
