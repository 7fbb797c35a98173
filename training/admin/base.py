"""What the pages of lessons, questions, paths and quizzes share: status, copies, and a second look after a card
has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from knowledge.admin.base import Drafted, SavedWhole
from knowledge.enums import Status
from knowledge.models import Use
from knowledge.services import workflow
from knowledge.text import whole
from training.services import uses
from training.services.items import set_status


class Staged(SavedWhole):
    """Drafts, published and retired things."""

    change_form_template = "admin/training/change_form.html"
    save_on_top = True

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/lists.css"]}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """In the list no label stands beside the box of the position; beside a related item no doors of stock admin,
        which open windows."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "position":
            field.widget.attrs["aria-label"] = field.label
        for door in ("add", "change", "delete", "view"):
            if hasattr(field and field.widget, f"can_{door}_related"):
                setattr(field.widget, f"can_{door}_related", False)
        return field

    # The services that do it.

    def set_status(self, items: Iterable[Any], status: Status) -> None:
        set_status(items, status)

    def remove(self, items: Iterable[Any]) -> None:
        raise NotImplementedError

    # Actions of the list

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._stage(request, queryset, Status.PUBLISHED, gettext("Published."))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._stage(request, queryset, Status.RETIRED, gettext("Retired."))

    def _stage(self, request: HttpRequest, queryset: QuerySet[Any], status: Status, entry: str) -> None:
        chosen = list(queryset)
        self.set_status(chosen, status)
        for item in chosen:
            self.log_change(request, item, entry)
        done = ngettext("%(count)d changed to “%(status)s”.", "%(count)d changed to “%(status)s”.", len(chosen))
        self.message_user(request, done % {"count": len(chosen), "status": status.label}, messages.SUCCESS)

    # Deleting

    # What nobody deletes one by one, but goes with its owner.
    rides_along: tuple[Any, ...] = ()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, missing, protected = super().get_deleted_objects(objs, request)
        own = {str(model._meta.verbose_name) for model in self.rides_along}
        return gone, counts, {name for name in missing if str(name) not in own}, protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove([obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.remove(list(queryset))

    # Buttons of the form: each a POST to an address of its own that leads back to a form.

    def get_urls(self) -> list[URLPattern]:
        return [*self._buttons(), *super().get_urls()]

    def _buttons(self) -> list[URLPattern]:
        return []

    def _button(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        wrapped = self.admin_site.admin_view(require_POST(view))
        return path(f"<int:pk>/{name}/", wrapped, name=f"training_{self.opts.model_name}_{name}")

    def _address(self, name: str, pk: int) -> str:
        return reverse(f"admin:training_{self.opts.model_name}_{name}", args=[pk])


class Copied(Staged):
    """Can be copied into a draft by a button."""

    def _buttons(self) -> list[URLPattern]:
        return [self._button("duplicate", self.duplicate_view), *super()._buttons()]

    def make_copy(self, request: HttpRequest, item: Any) -> Any:
        raise NotImplementedError

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        item = get_object_or_404(self.model, pk=pk)
        if not self.has_add_permission(request):
            raise PermissionDenied
        try:
            made = self.make_copy(request, item)
        except (ValidationError, IntegrityError):
            text = gettext("The copy could not be made: save the original once more, and it will say why.")
            self.message_user(request, text, messages.ERROR)
            return redirect(self._address("change", pk))
        self.log_addition(request, made, gettext("Copied from %s") % item)
        self.message_user(request, gettext("This is the copy, a draft. Readers do not see it yet."), messages.SUCCESS)
        return redirect(self._address("change", made.pk))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        item = context["original"]
        if item and self.has_add_permission(request):
            context["duplicate_address"] = self._address("duplicate", item.pk)
        return super().render_change_form(request, context, *args, **kwargs)


class RecheckFilter(admin.SimpleListFilter):
    title = _("needs recheck")
    parameter_name = "recheck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("yes", _("Its card has changed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(flagged=True) if self.value() == "yes" else queryset


class Leaning(Drafted, Copied):
    """Has versions and leans on cards: flagged when one of them changes, until somebody says that they have looked."""

    def _stage(self, request: HttpRequest, queryset: QuerySet[Any], status: Status, entry: str) -> None:
        chosen = list(queryset)
        super()._stage(request, queryset, status, entry)
        workflow.note_status(chosen, status, by=request.user)

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._stage(request, queryset, Status.PUBLISHED, gettext("Published."))

    @admin.action(description=_("Retire"), permissions=["publish"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._stage(request, queryset, Status.RETIRED, gettext("Retired."))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        here = ContentType.objects.get_for_model(self.model)
        flags = Use.objects.filter(content_type=here, object_id=OuterRef("pk"), recheck=True)
        return super().get_queryset(request).annotate(flagged=Exists(flags))

    @admin.display(description=_("needs recheck"), ordering="flagged")
    def recheck(self, item: Any) -> str:
        return gettext("needs recheck") if item.flagged else ""

    @admin.action(description=_("Mark as rechecked"), permissions=["change"])
    def rechecked(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._recheck(request, list(queryset))

    def _recheck(self, request: HttpRequest, chosen: list[Any]) -> None:
        uses.rechecked(chosen)
        for item in chosen:
            self.log_change(request, item, gettext("Rechecked."))
        text = ngettext("%d marked as rechecked.", "%d marked as rechecked.", len(chosen)) % len(chosen)
        self.message_user(request, text, messages.SUCCESS)

    def _buttons(self) -> list[URLPattern]:
        return [self._button("rechecked", self.rechecked_view), *super()._buttons()]

    def rechecked_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Back to the form it was asked from: the item's, or that of the card that changed."""
        item = get_object_or_404(self.model, pk=pk)
        if not self.has_change_permission(request, item):
            raise PermissionDenied
        self._recheck(request, [item])
        if (card := whole(request.POST.get("card", ""), 9)) is not None:
            return redirect("admin:knowledge_card_change", card)
        return redirect(self._address("change", pk))

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if item := context["original"]:
            context["flagged_uses"] = item.uses.filter(recheck=True).select_related("card")
            if self.has_change_permission(request, item):
                context["rechecked_address"] = self._address("rechecked", item.pk)
        return super().render_change_form(request, context, *args, **kwargs)
