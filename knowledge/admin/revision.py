"""Versions of content: the queue of approvals, each text with what it changes, and any two versions side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, CharField, IntegerField, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from knowledge import files
from knowledge.admin.base import ReadOnlyAdmin, late_problem
from knowledge.admin.changes import changes
from knowledge.documents import CARD_KEYS, LINE_KEYS, Document
from knowledge.enums import RevisionState, Status
from knowledge.models import Revision
from knowledge.search.indexed import indexing_batch
from knowledge.services import workflow
from knowledge.text import whole

# What an approver has to deal with comes first.
QUEUE = (RevisionState.WAITING, RevisionState.APPROVED, RevisionState.RETURNED, RevisionState.DRAFT)


class StateFilter(admin.SimpleListFilter):
    """Without a choice, everything that is being written; what is published is the history."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(state, state.label) for state in (*QUEUE, RevisionState.PUBLISHED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Revision]) -> QuerySet[Revision]:
        if self.value() in RevisionState.values:
            return queryset.filter(state=self.value())
        return queryset.open()  # type: ignore[attr-defined, no-any-return]

    def choices(self, changelist: Any) -> Any:
        every, *others = super().choices(changelist)
        return [{**every, "display": gettext("Not published yet")}, *others]


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [(kind.name, kind.label) for kind in workflow.KINDS.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Revision]) -> QuerySet[Revision]:
        return queryset.filter(kind=self.value()) if self.value() in workflow.KINDS else queryset


class DecisionForm(forms.Form):
    """What an approver says. `seen` is the text they have read."""

    comment = forms.CharField(
        label=_("comment"), required=False, max_length=500, widget=AdminTextareaWidget({"rows": 3})
    )
    publish_at = forms.DateTimeField(
        label=_("publish at"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_seen(self) -> str:
        """Whoever does not say which text they have read has read none."""
        return self.cleaned_data["seen"] or "none"

    def clean_publish_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["publish_at"]
        if moment and moment <= timezone.now():
            raise ValidationError(gettext("This moment has passed. Choose a later one, or publish now."))
        return moment


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ("what", "kind_label", "state", "author", "reason", "updated_at", "publish_at", "trouble")
    list_filter = (StateFilter, KindFilter)
    list_select_related = ("author",)
    list_per_page = 50
    search_fields = ("slug", "reason", "author__display_name")
    search_help_text = _("A slug or id, a reason, or a name.")

    class Media:
        css = {"all": ["admin_ours/card.css", "admin_ours/diff.css"]}

    # The queue

    def get_queryset(self, request: HttpRequest) -> QuerySet[Revision]:
        """Without the documents, which only the page of one revision shows."""
        title = Coalesce(KT("document__title"), KT("document__prompt"), "slug", output_field=CharField())
        return (
            super()
            .get_queryset(request)
            .for_teams_of(request.user)  # type: ignore[attr-defined]
            .filter(kind__in=workflow.KINDS)
            .annotate(shown_title=title)
            .defer("document")
        )

    def get_ordering(self, request: HttpRequest) -> Any:
        ranks = [When(state=state, then=Value(place)) for place, state in enumerate(QUEUE)]
        return (Case(*ranks, default=Value(len(QUEUE)), output_field=IntegerField()), "-updated_at")

    @admin.display(description=_("title"))
    def what(self, revision: Any) -> str:
        return Truncator(revision.shown_title).chars(40)

    @admin.display(description=_("kind"), ordering="kind")
    def kind_label(self, revision: Revision) -> str:
        return str(workflow.KINDS[revision.kind].label)

    @admin.display(description=_("what is in the way"))
    def trouble(self, revision: Revision) -> str:
        return revision.problem

    # One of them

    def get_urls(self) -> list[URLPattern]:
        decide = self.admin_site.admin_view(require_POST(self.decide_view))
        return [
            path("compare/", self.admin_site.admin_view(self.compare_view), name="knowledge_revision_compare"),
            path("<int:pk>/decide/", decide, name="knowledge_revision_decide"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        revision = self.get_object(request, object_id)
        if revision is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        return self._page(request, revision, DecisionForm(initial={"seen": workflow.seen_mark(revision)}))

    def _page(self, request: HttpRequest, revision: Revision, form: DecisionForm) -> HttpResponse:
        kind, item = _of(revision)
        context = {
            **self._head(request, gettext("Version %(number)s of “%(title)s”"), revision, item),
            "form": form,
            "rights": _rights(request.user, revision),
            "written_out": files.dump(in_order(revision.document)),
            "live_number": workflow.live_number(item) if item else 0,
        }
        if revision.is_open and item:
            context["overtaken"] = workflow.is_overtaken(revision)
            context["unseen"] = item.status == Status.DRAFT
            context["retired"] = item.status == Status.RETIRED
            old = None if context["unseen"] else item.to_document()
            context["changes"] = changes(kind, old, revision.document)
        elif not revision.is_open:
            context["before"] = before = _before(revision)
            # One that was for other teams alone is not told by its difference either.
            if before is None or self.get_queryset(request).filter(pk=before.pk).exists():
                context["changes"] = changes(kind, before.document if before else None, revision.document)
        return TemplateResponse(request, "admin/workflow/revision.html", context)

    def _head(self, request: HttpRequest, title: str, revision: Revision, item: Any) -> dict[str, Any]:
        kind = workflow.KINDS[revision.kind]
        name = str(item) if item else revision.slug
        options = kind.model._meta
        stem = f"admin:{options.app_label}_{options.model_name}"
        return {
            **self.admin_site.each_context(request),
            "title": title % {"number": revision.number, "title": name},
            "opts": self.opts,
            "media": self.media,
            "revision": revision,
            "item": item,
            "kind": kind,
            "edit_address": reverse(f"{stem}_change", args=[item.pk]) if item else "",
            "history_address": reverse(f"{stem}_history", args=[item.pk]) if item else "",
        }

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A button of the page: everything is decided on the text that was read there, or not at all."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        revision = self.get_queryset(request).filter(pk=pk).first()
        if revision is None or (not revision.is_open and "act" in request.POST):
            return self._too_late(request, gettext("This draft was published or discarded meanwhile."))
        act = request.POST.get("act", "")
        if act not in _rights(request.user, revision):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if act == "schedule" and form.is_valid() and not form.cleaned_data["publish_at"]:
            form.add_error("publish_at", gettext("Name the day and the hour."))
        return self._decide(request, revision, act, form) if form.is_valid() else self._page(request, revision, form)

    def _decide(self, request: HttpRequest, revision: Any, act: str, form: DecisionForm) -> HttpResponse:
        try:
            with transaction.atomic(), indexing_batch():
                said = ACTS[act](revision, request.user, form.cleaned_data)
        except (ValidationError, IntegrityError) as found:
            error = late_problem(found)
            fresh = self.get_queryset(request).filter(pk=revision.pk).first()
            if fresh is None:
                return self._too_late(request, " ".join(error.messages))
            form.add_error(None, error)
            form.data = {**{name: form.data.get(name, "") for name in form.fields}, "seen": workflow.seen_mark(fresh)}
            return self._page(request, fresh, form)
        self.message_user(request, said % revision.shown_title, messages.SUCCESS)
        kind, item = _of(revision)
        if request.POST.get("back") == "form" and item is not None:
            return redirect(f"admin:{kind.model._meta.app_label}_{kind.model._meta.model_name}_change", item.pk)
        return redirect("admin:knowledge_revision_changelist")

    def _too_late(self, request: HttpRequest, sentence: str) -> HttpResponse:
        self.message_user(request, sentence, messages.WARNING)
        return redirect("admin:knowledge_revision_changelist")

    # Two of them

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """Any two versions of one object, the older first whichever way they were chosen."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = [whole(request.GET.get(name, ""), 12) for name in ("a", "b")]
        rows = self.get_queryset(request)
        one, other = (get_object_or_404(rows, pk=pk or 0) for pk in chosen)
        if (one.kind, one.object_id) != (other.kind, other.object_id):
            raise Http404
        older, newer = sorted((one, other), key=lambda revision: revision.number)
        kind, item = _of(newer)
        context = {
            **self._head(request, gettext("Versions of “%(title)s” compared"), newer, item),
            "older": older,
            "changes": changes(kind, older.document, newer.document),
        }
        return TemplateResponse(request, "admin/workflow/compare.html", context)


def _of(revision: Revision) -> tuple[workflow.Kind, Any]:
    """The kind of a revision and its live object; None where that is deleted."""
    kind = workflow.KINDS[revision.kind]
    return kind, kind.model._default_manager.filter(pk=revision.object_id).first()


def _before(revision: Revision) -> Revision | None:
    """The published version before this one."""
    rows = Revision.objects.published().filter(kind=revision.kind, object_id=revision.object_id)
    return rows.filter(number__lt=revision.number).order_by("-number").first()


def _rights(user: Any, revision: Revision) -> set[str]:
    """The buttons this person has. Nobody approves what they wrote unless they may publish anyway."""
    if not revision.is_open or revision.kind not in workflow.KINDS:
        return set()
    kind = workflow.KINDS[revision.kind]
    options = kind.model._meta
    rights = set()
    if user.has_perm(f"{options.app_label}.change_{options.model_name}"):
        rights |= {"discard"}
        rights |= {"send"} if revision.state in (RevisionState.DRAFT, RevisionState.RETURNED) else set()
    others = revision.author_id != user.pk or workflow.may_publish(user, kind)
    if user.has_perm("knowledge.approve_revision") and others:
        if revision.state == RevisionState.WAITING:
            rights |= {"approve", "schedule", "return"}
        elif revision.state == RevisionState.APPROVED:
            rights |= {"approve", "schedule", "return", "take_back"}
    return rights


Said = dict[str, Any]


def _approve(revision: Revision, user: Any, said: Said) -> str:
    workflow.approve(revision, by=user, comment=said["comment"], seen=said["seen"])
    return gettext("“%s” is published: readers see this text now.")


def _schedule(revision: Revision, user: Any, said: Said) -> str:
    moment = said["publish_at"]
    workflow.approve(revision, by=user, comment=said["comment"], publish_at=moment, seen=said["seen"])
    return gettext("“%s” is approved, and readers see it from the chosen hour on.")


def _return(revision: Revision, user: Any, said: Said) -> str:
    workflow.give_back(revision, by=user, comment=said["comment"], seen=said["seen"])
    return gettext("“%s” is back with its author, and your comment with it.")


def _send(revision: Revision, user: Any, said: Said) -> str:
    workflow.send(revision, by=user, seen=said["seen"])
    return gettext("“%s” waits for approval. Readers see it once somebody else has approved it.")


def _take_back(revision: Revision, user: Any, said: Said) -> str:
    workflow.take_back(revision, by=user, seen=said["seen"])
    return gettext("“%s” is not published at the hour that was set: it waits for approval again.")


def _discard(revision: Revision, user: Any, said: Said) -> str:
    workflow.discard(revision, by=user, seen=said["seen"])
    return gettext("The draft of “%s” is discarded. Readers see what they saw before.")


ACTS: dict[str, Callable[[Revision, Any, Said], str]] = {
    "approve": _approve,
    "schedule": _schedule,
    "return": _return,
    "send": _send,
    "take_back": _take_back,
    "discard": _discard,
}


def in_order(document: Document) -> Document:
    """A document with the keys of a card as files order them, other kinds' as they are: PostgreSQL keeps the
    JSON, not the order of its keys."""
    ordered = _sorted(document, CARD_KEYS)
    for side, keys in LINE_KEYS.items():
        if isinstance(ordered.get(side.value), list):
            ordered[side.value] = [
                _sorted(line, keys) if isinstance(line, dict) else line for line in ordered[side.value]
            ]
    return ordered


def _sorted(mapping: Document, keys: tuple[str, ...]) -> Document:
    known = {key: mapping[key] for key in keys if key in mapping}
    return known | {key: value for key, value in mapping.items() if key not in known}
