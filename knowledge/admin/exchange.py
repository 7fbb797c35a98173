"""In and out: a file is brought, read and looked at before anything is written; lists are taken out as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.services import audit
from knowledge.admin.base import ReadOnlyAdmin
from knowledge.enums import Course
from knowledge.models import ImportJob, StagedRow
from knowledge.services.exchange import jobs, preview
from knowledge.services.exchange.registry import (
    Format,
    by_extension,
    exchange_of,
    format_of,
    formats_of,
)
from knowledge.tables.guard import MAX_UPLOAD, Refused, in_megabytes
from knowledge.text import whole

PER_PAGE = 25
LARGEST_REQUEST = MAX_UPLOAD + 64 * 1024  # the file and what a form wraps around it
State = ImportJob.State
Outcome = StagedRow.Outcome
# In the order in which a trainer looks at them.
OUTCOMES = (Outcome.WRONG, Outcome.NEW, Outcome.CHANGED, Outcome.SAME)


class BadUpload(Exception):
    """Why nothing was read, as a sentence, and the status to answer with."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        self.status = status
        super().__init__(sentence)


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnlyAdmin):
    """Imports: each belongs to whoever may import its kind."""

    list_display = ("name", "kind_label", "standing", "told", "created_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    list_per_page = 50
    ordering = ("-created_at", "-pk")
    change_list_template = "admin/exchange/list.html"

    class Media:
        css = {"all": ["admin_ours/exchange.css"]}

    # Who

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(jobs.importable(request.user) or jobs.exportable(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return obj.kind in jobs.importable(request.user)
        return self.has_module_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportJob]:
        return jobs.visible_to(request.user).defer("data")

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> Any:
        return ("name",)

    # List

    @admin.display(description=_("kind"), ordering="kind")
    def kind_label(self, job: ImportJob) -> str:
        return jobs.label_of(job)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, job: ImportJob) -> str:
        return jobs.standing(job)

    @admin.display(description=_("counts"))
    def told(self, job: ImportJob) -> str:
        counts = [f"{outcome.label} {job.counts[outcome]}" for outcome in OUTCOMES if job.counts.get(outcome)]
        return "、".join(counts) or self.get_empty_value_display()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_import": jobs.importable(request.user), "outward": _outward(request.user)}
        return super().changelist_view(request, context | (extra_context or {}))

    # Addresses

    def get_urls(self) -> list[URLPattern]:
        def at(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(address, self.admin_site.admin_view(view), name=f"knowledge_importjob_{name}")

        own = [
            at("add/", self.add_file, "add"),
            at("export/<slug:kind>/<slug:form>/", require_POST(self.export), "export"),
            at("<int:pk>/change/", require_GET(self.look), "change"),
            at("<int:pk>/progress/", require_GET(self.progress), "progress"),
            at("<int:pk>/wrong/", require_GET(self.wrong), "wrong"),
            at("<int:pk>/mend/", self.mend, "mend"),
            at("<int:pk>/apply/", require_POST(self.apply), "apply"),
            at("<int:pk>/restart/", require_POST(self.restart), "restart"),
            at("<int:pk>/drop/", require_POST(self.drop), "drop"),
        ]
        return [*own, *(each for each in super().get_urls() if each.name == "knowledge_importjob_changelist")]

    # In. The size is looked at before anything reads the body; the token check reads all of it, so it comes second.

    @csrf_exempt
    def add_file(self, request: HttpRequest) -> HttpResponse:
        if not jobs.importable(request.user):
            raise PermissionDenied
        try:
            _check_length(request)
            return csrf_protect(require_http_methods(["GET", "HEAD", "POST"])(self._add_file))(request)
        except BadUpload as bad:
            return self._form(request, str(bad), bad.status)

    def _add_file(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._form(request)
        kind = request.POST.get("kind", "")
        if kind not in jobs.importable(request.user):
            raise BadUpload(gettext("Choose what is in the file."))
        name, form, data = _uploaded(request, kind)
        job = jobs.begin(kind, form, name, data, by=request.user, course=_course(request))
        return redirect(_address(job))

    def _form(self, request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
        kinds = [_kind(name) for name in jobs.importable(request.user)]
        # What was sent is read only where its length was found good.
        chosen = request.POST.get("kind", "") if status in {200, 422} else ""
        context = {
            "kinds": kinds,
            "chosen": chosen or request.GET.get("kind", ""),
            "problem": problem,
            "courses": Course.choices if any(kind["wants_course"] for kind in kinds) else [],
        }
        return self._page(request, "upload", gettext("Import a file"), context, status)

    # One import

    def look(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        exchange = exchange_of(job.kind)
        permission = exchange.publish_permission if exchange else ""
        context = {
            "job": job,
            "kind": jobs.label_of(job),
            "standing": jobs.standing(job),
            "working": jobs.is_working(job),
            "tiles": [(each.value, each.label, job.counts.get(each.value, 0)) for each in OUTCOMES],
            "drafts": bool(permission),
            "may_publish": bool(permission) and request.user.has_perm(permission),
            "may_mend": _mendable(job),
            "accept": _accept(job.kind),
            "named": preview.named(job),
            "courses": Course.choices if _kind(job.kind)["wants_course"] else [],
        }
        if job.state in {State.READY, State.FAILED}:
            context |= self._rows(request, job)
        return self._page(request, "job", job.name, context)

    def _rows(self, request: HttpRequest, job: ImportJob) -> dict[str, Any]:
        """A page of the rows of one outcome: the wrong ones before anything else, unless another was asked for."""
        counts = {each.value: job.counts.get(each.value, 0) for each in OUTCOMES}
        first = next((name for name, number in counts.items() if number), Outcome.NEW.value)
        outcome = request.GET.get("outcome", "")
        outcome = outcome if outcome in counts else first
        rows = job.rows.filter(outcome=outcome).order_by("row", "pk")
        page = Paginator(rows, PER_PAGE).get_page(whole(request.GET.get("p", ""), 6) or 1)
        return {"page": page, "outcome": outcome, "rows": preview.shown(job, list(page.object_list))}

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        return JsonResponse({"working": jobs.is_working(job), "done": job.done, "total": job.total, "state": job.state})

    def wrong(self, request: HttpRequest, pk: int) -> HttpResponse:
        made = preview.wrong_file(self._job(request, pk))
        if made is None:
            raise Http404
        return _download(*made)

    @csrf_exempt
    def mend(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        try:
            _check_length(request)
            return csrf_protect(require_POST(self._mend))(request, job)
        except BadUpload as bad:
            self.message_user(request, str(bad), messages.ERROR)
            return redirect(_address(job))

    def _mend(self, request: HttpRequest, job: ImportJob) -> HttpResponse:
        _name, form, data = _uploaded(request, job.kind)
        if not jobs.mend(job, form, data, _course(request)):
            self.message_user(request, gettext("This import is no longer waiting for a file."), messages.WARNING)
        return redirect(_address(job))

    def apply(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        try:
            if not jobs.start(job, by=request.user, publish=request.POST.get("target") == "publish"):
                self.message_user(request, gettext("This import has been decided on already."), messages.WARNING)
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
        return redirect(_address(job))

    def restart(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        jobs.restart(job)
        return redirect(_address(job))

    def drop(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self._job(request, pk)
        if not jobs.drop(job):
            self.message_user(request, gettext("This import is being written and can no longer be dropped."), "warning")
            return redirect(_address(job))
        self.message_user(request, gettext("Dropped; nothing was written."), messages.SUCCESS)
        return redirect("admin:knowledge_importjob_changelist")

    def _job(self, request: HttpRequest, pk: int) -> ImportJob:
        return get_object_or_404(self.get_queryset(request).select_related("created_by"), pk=pk)

    # Out

    def export(self, request: HttpRequest, kind: str, form: str) -> HttpResponse:
        """The list as the page it was asked from has it: its filters and words stand in the query."""
        found = format_of(kind, form)
        exchange = exchange_of(kind)
        if exchange is None or found is None or found.write is None or kind not in jobs.exportable(request.user):
            raise Http404
        chosen = _chosen(request, exchange)
        try:
            data = b"".join(found.write(exchange.entries(chosen)))
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return redirect("admin:knowledge_importjob_changelist")
        detail = gettext("%(count)d rows of the list, as %(format)s")
        values = {"count": chosen.count() if chosen is not None else 0, "format": found.name}
        audit.note(request.user, audit.Action.EXPORTED, kind=kind, detail=detail % values)
        name = f"{kind}-{timezone.localdate():%Y-%m-%d}{found.extensions[0]}"
        return _download(data, name, found.content_type)

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any], status: int = 200) -> Any:
        base = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "media": self.media}
        return TemplateResponse(request, f"admin/exchange/{name}.html", base | context, status=status)


def _address(job: ImportJob) -> str:
    return reverse("admin:knowledge_importjob_change", args=[job.pk])


def _kind(name: str) -> dict[str, Any]:
    exchange = exchange_of(name)
    return {
        "name": name,
        "label": exchange.label if exchange else name,
        "endings": _endings(name),
        "wants_course": any(form.wants_course for form in formats_of(name)),
    }


def _accept(kind: str) -> str:
    return ",".join(ending for form in formats_of(kind) if form.read for ending in form.extensions)


def _endings(kind: str) -> str:
    return "、".join(_accept(kind).split(","))


def _course(request: HttpRequest) -> str:
    """The course that was chosen for what names none, if any."""
    course = request.POST.get("course", "")
    return course if course in Course.values else ""


def _outward(user: Any) -> list[dict[str, Any]]:
    """The kinds this person may take out, with their formats."""
    return [
        _kind(name) | {"formats": [form for form in formats_of(name) if form.write]} for name in jobs.exportable(user)
    ]


def _mendable(job: ImportJob) -> bool:
    form = format_of(job.kind, job.format)
    return form is not None and form.give_back is not None


def _check_length(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        raise BadUpload(_too_large(MAX_UPLOAD), 413)


def _too_large(limit: int) -> str:
    size = in_megabytes(limit)
    return gettext("The file is larger than %(size)d MB. Split it and import the parts.") % {"size": size}


def _uploaded(request: HttpRequest, kind: str) -> tuple[str, Format, bytes]:
    """Name, format and bytes of the file that came. Raises BadUpload."""
    upload = request.FILES.get("file")
    if upload is None:
        raise BadUpload(gettext("No file arrived. Choose one and try again."))
    form = by_extension(kind, upload.name or "")
    if form is None:
        endings = _endings(kind)
        raise BadUpload(gettext("A file with this name cannot be read here. It should end in %s.") % endings)
    if (upload.size or 0) > form.limit:
        raise BadUpload(_too_large(form.limit), 413)
    return upload.name or "", form, upload.read()


def _chosen(request: HttpRequest, exchange: Any) -> QuerySet[Any] | None:
    """The rows of the list of this kind as this person sees it, by its filters."""
    model_admin = next((each for model, each in admin.site._registry.items() if model is exchange.model), None)
    if model_admin is None:
        return None
    try:
        return model_admin.get_changelist_instance(request).get_queryset(request)
    except Exception as error:  # a filter that is none: the list page itself answers it with a redirect
        raise Http404 from error


def _download(data: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type=content_type, headers=headers)
