"""Trade synonyms: words the search takes for each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from knowledge.models.fields import ChangedAt
from knowledge.text import normalise

MIN_WORD = 2


def parse_words(text: str) -> list[str]:
    """The group's words, in order, normalised, without repeats. Separators: spaces, commas, 、 and /."""
    unified = normalise(text)
    for separator in ",、/;\n":
        unified = unified.replace(separator, " ")
    return list(dict.fromkeys(unified.split()))


class SynonymGroup(models.Model):
    """Words of the trade that mean the same to a searcher: 运费 邮费 快递费."""

    words = models.CharField(_("words"), max_length=200, help_text=_("Two or more, separated by spaces."))
    note = models.CharField(_("note"), max_length=100, blank=True)
    changed_at = ChangedAt()  # the newest is a version: it rises even when the clock was set back

    class Meta:
        verbose_name = _("synonym group")
        verbose_name_plural = _("synonyms")
        ordering = ["words"]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        super().clean()
        words = parse_words(self.words)
        if len(words) < 2:
            raise ValidationError({"words": _("Name at least two words.")})
        if short := [word for word in words if len(word) < MIN_WORD]:
            raise ValidationError({"words": _("Too short to be a synonym: %s") % "、".join(short)})
        self.words = " ".join(words)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = " ".join(parse_words(self.words))
        super().save(*args, **kwargs)


_cached: tuple[str, Mapping[str, tuple[str, ...]]] = ("", {})


def current_synonyms() -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """(version, word -> the other words of its groups). One small query reads the version each time;
    the mapping is rebuilt only when it differs, so every worker follows the next request after a change."""
    global _cached
    with connection.cursor() as cursor:
        # By hand: building this query takes the ORM ten times as long as the database needs to answer it.
        cursor.execute(f"SELECT MAX(changed_at), COUNT(*), MAX(id) FROM {SynonymGroup._meta.db_table}")  # noqa: S608
        version = str(cursor.fetchone())
    if _cached[0] != version:
        mapping: dict[str, dict[str, None]] = {}
        for words in SynonymGroup.objects.values_list("words", flat=True):
            group = words.split()
            for word in group:
                mapping.setdefault(word, {}).update(dict.fromkeys(other for other in group if other != word))
        _cached = (version, {word: tuple(others) for word, others in mapping.items()})
    return _cached
