"""The trainers' side: stock Django admin, our forms, our look (templates/admin/, static/admin_ours/)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from knowledge.admin import card, exchange, feedback, log, registry, revision, rule, synonym

__all__ = ["card", "exchange", "feedback", "log", "registry", "revision", "rule", "synonym"]

admin.site.site_header = admin.site.site_title = _("Service Academy")  # type: ignore[assignment]
admin.site.index_title = _("Your desk")  # type: ignore[assignment]
