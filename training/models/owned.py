"""What belongs to a person and proves what they can do."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q


class OwnedQuerySet(models.QuerySet[Any, Any]):
    """Rows with a `user` whose results they are."""

    def visible_to(self, viewer: Any) -> Self:
        """One's own; trainers see everybody's, managers those of the teams they lead."""
        people = get_user_model()._default_manager
        if people.every_result_visible_to(viewer):
            return self
        if viewer.pk is None:
            return self.none()
        return self.filter(Q(user=viewer.pk) | Q(user__in=people.results_visible_to(viewer)))
