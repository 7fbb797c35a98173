"""What several admin pages share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from knowledge.admin.audited import Audited
from knowledge.admin.changes import changes
from knowledge.admin.written import Overtaken, Road
from knowledge.documents import tidy_document
from knowledge.enums import Status
from knowledge.models import ComplianceNote, Fact, Revision
from knowledge.models.fields import after_all
from knowledge.search.indexed import indexing_batch, mark
from knowledge.services import workflow


class ReadOnlyAdmin(admin.ModelAdmin):
    """A register to look things up in: nobody adds, changes or deletes here, not even a superuser."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SavedWhole(Audited):
    """Content written as a whole: its form is a WrittenForm, its save all or nothing. What is not saved yet is kept in
    the browser (admin_ours/drafts.js) until a sentence says that it is."""

    class Media:
        css = {"all": ["admin_ours/diff.css"]}
        js = ["admin_ours/drafts.js"]

    def kept_as(self, request: HttpRequest, obj: Any) -> str:
        """The name under which the browser keeps what is written here; of a new one, by what it will be."""
        which = str(obj.pk) if obj else "new" + "".join(filter(str.isalnum, request.GET.get("type", "")))
        return f"{self.opts.model_name}:{which}"

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["kept_as"] = self.kept_as(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        request.saved_as = self.kept_as(request, None)  # type: ignore[attr-defined]
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        request.saved_as = self.kept_as(request, obj)  # type: ignore[attr-defined]
        return super().response_change(request, obj)

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        saved = getattr(request, "saved_as", "")
        tags = f"{extra_tags} kept:{saved}".strip() if saved else extra_tags
        super().message_user(request, message, level, tags, fail_silently)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.request = request  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """One transaction, one reindexing. What only the database could refuse (two trainers taking the same
        code at the same moment) undoes everything and comes back as an error on the form."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic(), indexing_batch():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            request.late_problems = error.messages  # type: ignore[attr-defined]
        except IntegrityError:
            text = gettext("Somebody saved the same code or text at the same moment. Nothing was saved; try again.")
            request.late_problems = [text]  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, form_url, extra_context)


# What a form holds beside the text: saved at once, whatever becomes of the text.
ASIDE = ("owner", "verified_on", "verify_days")


class Drafted(SavedWhole):
    """Of a kind with versions (services.workflow): what is written goes live, waits as a draft, or is sent for
    approval. The form is a VersionedForm; its document is what is saved."""

    object_history_template = "admin/workflow/object_history.html"

    # The services of the kind.

    def set_status(self, items: Iterable[Any], status: Status) -> None:
        raise NotImplementedError

    @property
    def kind(self) -> workflow.Kind:
        return workflow.KINDS[self.model.search_kind]  # type: ignore[attr-defined]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return workflow.may_publish(request.user, self.kind)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What readers see goes by who may publish alone: deleting is no way round the right to retire."""
        read = obj is not None and getattr(obj, "live_status", obj.status) == Status.PUBLISHED
        return super().has_delete_permission(request, obj) and (not read or self.has_publish_permission(request))

    # Form

    def changeform_view(self, request: HttpRequest, object_id: Any = None, *args: Any, **kwargs: Any) -> Any:
        request.writing = True  # type: ignore[attr-defined]
        return super().changeform_view(request, object_id, *args, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """For who may write, the text as it is being written; for the others what is live."""
        item = super().get_object(request, object_id, from_field)
        if item is not None and getattr(request, "writing", False):
            item.live_status = item.status
            item.draft = workflow.open_revision(item)
            if item.draft and self.has_change_permission(request, item):
                self.kind.fill(item, item.draft.document)
        return item

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        item, form = context["original"], context["adminform"].form
        context["may_publish"] = self.has_publish_permission(request)
        context["drafted"] = True
        if item:
            context["live_number"] = workflow.live_number(item)
        if item and item.draft:
            context["draft"] = item.draft
            context["draft_overtaken"] = item.draft.base_number != context["live_number"]
            context["draft_seen"] = workflow.seen_mark(item.draft)
        if overtaken := getattr(form, "overtaken", None):
            context["overtaken"] = overtaken
            context["overtaken_changes"] = self._differences(form, overtaken, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def _differences(self, form: Any, overtaken: Overtaken, inlines: Any) -> Any:
        """From the text as it is now to what was just sent; nothing when that is not a whole text yet."""
        sound = set(form.errors) <= {"__all__"} and all(inline.formset.is_valid() for inline in inlines)
        if not sound:
            return None
        there = workflow.open_revision(overtaken.live)
        now = there.document if there else overtaken.live.to_document()
        return changes(self.kind, now, tidy_document(form.document()))

    # Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        document, reason = form.document(), form.cleaned_data["reason"]
        aside = {name: form.cleaned_data[name] for name in ASIDE if name in form.cleaned_data}
        changed = {name: value for name, value in aside.items() if name in form.changed_data or not change}
        if change:
            self._save_aside(request, obj, changed)
        if form.road == Road.PUBLISH:
            status = form.status_after
            live = workflow.publish(obj, document, author=request.user, reason=reason, status=status)
            obj.pk, obj.status, obj.version = live.pk, live.status, live.version
        else:
            send = form.road == Road.SEND
            save = workflow.save_draft if change else workflow.begin
            draft = save(obj, document, author=request.user, reason=reason, send=send)
            obj.pk = draft.object_id
        if not change:
            self._save_aside(request, obj, changed)

    def _save_aside(self, request: HttpRequest, obj: Any, values: dict[str, Any]) -> None:
        if not values:
            return
        if "verified_on" in values:  # a day typed into the form is a look as good as the button's
            values["verified_by"] = request.user if values["verified_on"] else None
        self.model._default_manager.filter(pk=obj.pk).update(**values, updated_at=after_all(self.model))
        mark(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The rows are part of the document."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        request.road = form.road  # type: ignore[attr-defined]
        request.aside = [form.fields[name].label for name in ASIDE if name in form.changed_data]  # type: ignore[attr-defined]
        request.status_waits = "status" in form.changed_data  # type: ignore[attr-defined]
        sentences = {
            Road.PUBLISH: gettext("Text saved."),
            Road.SEND: gettext("Sent for approval."),
            Road.DRAFT: gettext("Draft saved."),
        }
        return sentences[form.road]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        request.saved_as = self.kept_as(request, None)  # type: ignore[attr-defined]
        return self._answer(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        request.saved_as = self.kept_as(request, obj)  # type: ignore[attr-defined]
        return self._answer(request, obj)

    def _answer(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Say what became of the text. Who keeps a draft goes on writing it."""
        self.message_user(request, self._said(request, obj), messages.SUCCESS)
        road = request.road  # type: ignore[attr-defined]
        if road != Road.PUBLISH and (aside := request.aside):  # type: ignore[attr-defined]
            named = gettext("Changed at once, being no part of the text: %s.") % "、".join(map(str, aside))
            self.message_user(request, named, messages.INFO)
        if road != Road.PUBLISH and request.status_waits:  # type: ignore[attr-defined]
            told = gettext("The status stays as it is: it changes when the text is published.")
            self.message_user(request, told, messages.WARNING)
        if "_addanother" in request.POST:
            return redirect(request.path)
        if "_continue" in request.POST or road == Road.DRAFT:
            here = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
            preserved: dict[str, Any] = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
            return redirect(add_preserved_filters(preserved, here))
        return self.response_post_save_change(request, obj)

    def _said(self, request: HttpRequest, obj: Any) -> str:
        road = request.road  # type: ignore[attr-defined]
        if road == Road.SEND:
            said = gettext("“%s” waits for approval. Readers see it once somebody else has approved it.") % obj
        elif road == Road.DRAFT:
            said = gettext("“%s” is kept as a draft. Readers do not see it yet.") % obj
        elif obj.status == Status.PUBLISHED:
            said = gettext("“%s” is published: readers see this text now.") % obj
        else:
            words = {"item": obj, "status": Status(obj.status).label}
            said = gettext("“%(item)s” is saved. Its status is “%(status)s”: readers do not see it.") % words
        return said

    # History

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.restore_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_restore"
        return [path("<int:pk>/restore/<int:number>/", view, name=name), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The versions of the text with who, when and why; below them what else was done in the admin."""
        pk = int(object_id) if object_id.isdecimal() else None
        rows = Revision.objects.for_teams_of(request.user).filter(kind=self.kind.name, object_id=pk).defer("document")
        context = {
            "revisions": rows.select_related("author", "decided_by").order_by("-number"),
            "may_restore": self.has_change_permission(request),
            "may_publish": self.has_publish_permission(request),
            "restore_name": f"admin:{self.opts.app_label}_{self.opts.model_name}_restore",
            **(extra_context or {}),
        }
        context["live"] = max((row.number for row in context["revisions"] if not row.is_open), default=0)
        return super().history_view(request, object_id, context)

    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        item = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_change_permission(request, item):
            raise PermissionDenied
        here = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        try:
            with indexing_batch():
                draft = workflow.restore(item, number, by=request.user)
        except Revision.DoesNotExist as error:
            raise Http404 from error
        except (ValidationError, IntegrityError) as error:
            self.message_user(request, " ".join(late_problem(error).messages), messages.ERROR)
            return redirect(f"{here}_history", pk)
        self.log_change(request, item, gettext("Restored version %d") % number)
        if draft:
            text = gettext("Version %d is a draft now. Look through it, then send it for approval.") % number
            self.message_user(request, text, messages.SUCCESS)
            return redirect(f"{here}_change", pk)
        self.message_user(request, gettext("Version %d is live again.") % number, messages.SUCCESS)
        return redirect(f"{here}_history", pk)


def late_problem(error: ValidationError | IntegrityError) -> ValidationError:
    """What a text could not be published for, in words: the database has none of its own."""
    if isinstance(error, ValidationError):
        return error
    return ValidationError(gettext("Another text has the same code or words."))


class WithFacts(admin.ModelAdmin):
    """Of an item with fact ids: what they say, and the compliance notes that follow from them."""

    @admin.display(description=_("these facts"))
    def fact_texts(self, item: Any) -> Any:
        facts = Fact.objects.filter(code__in=item.facts)
        return plain_list((fact.code, fact.text) for fact in facts) or gettext("None yet.")

    @admin.display(description=_("compliance notes"))
    def notes(self, item: Any) -> Any:
        notes = ComplianceNote.objects.for_facts(item.facts)
        return plain_list((note.title, note.note) for note in notes) or gettext("None follow from these facts.")


def plain_list(rows: Iterable[tuple[str, str]]) -> SafeString | str:
    """Pairs of a short word and a text as a list to read; nothing when there are none."""
    items = format_html_join("", "<li><b>{}</b> {}</li>", rows)
    return format_html('<ul class="plain">{}</ul>', items) if items else ""


def place_attrs() -> dict[str, str]:
    """What rows.js reads on the box that holds a row's place, in the words of whoever reads the page."""
    return {
        "class": "vPosition",
        "data-position": "",
        "aria-label": gettext("position"),
        "data-say-up": gettext("Move up"),
        "data-say-down": gettext("Move down"),
        "data-say-drag": gettext("Drag to another place"),
        "data-say-moved": gettext("Now at place %(place)s of %(all)s"),
    }


def kept_order(before: list[str], chosen: list[str]) -> list[str]:
    """The chosen codes: those that stood before in their order, then the new ones. A form that was only
    looked at gives back the list it came from, so that saving it makes no revision."""
    return [code for code in before if code in chosen] + [code for code in chosen if code not in before]
