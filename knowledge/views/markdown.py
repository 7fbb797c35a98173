"""What the Markdown box asks for, and the pictures it makes: markdownx's views, replaced.

See docs/decisions/0006-editor.md.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from knowledge.markdown import render
from knowledge.services import pictures

LONGEST_PREVIEW = 20_000  # characters
LARGEST_REQUEST = pictures.MAX_BYTES + 64 * 1024  # the file and what a form wraps around it


def _staff_with(request: HttpRequest, *permissions: str) -> None:
    """Raises PermissionDenied unless this member of staff has one of the permissions."""
    if not request.user.is_staff or not any(request.user.has_perm(name) for name in permissions):
        raise PermissionDenied


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The HTML of a Markdown text. The header tells the script that this is no sign-in page."""
    _staff_with(request, "knowledge.add_card", "knowledge.change_card")
    text = request.POST.get("text", "")
    if len(text) > LONGEST_PREVIEW:
        return HttpResponse(status=413)
    return HttpResponse(render(text), headers={"X-Fragment": "preview"})


# The size is looked at before anything reads the body; the token check reads all of it, so it comes second.
@csrf_exempt
@require_POST
def picture(request: HttpRequest) -> HttpResponse:
    """Take a picture, answer the Markdown that shows it. Whatever is wrong is a sentence, never a 500."""
    _staff_with(request, "knowledge.upload_picture")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_REQUEST:
        return _refused(_("The picture is larger than 4 MB. Make it smaller and try again."), 413)
    try:
        return _take_picture(request)
    except OSError:  # a full disk: a large upload waits there before it is looked at
        return _refused(_("The picture could not be stored. Tell whoever runs the site."), 503)


@csrf_protect
def _take_picture(request: HttpRequest) -> HttpResponse:
    upload = request.FILES.get("image")
    if upload is None:
        return _refused(_("No picture arrived. Choose one and try again."), 422)
    try:
        name = pictures.store(upload)
    except pictures.PictureTooLarge as reason:
        return _refused(str(reason), 413)
    except pictures.PictureRefused as reason:
        return _refused(str(reason), 422)
    return JsonResponse({"markdown": f"![{_('what the picture shows')}]({default_storage.url(name)})"})


def _refused(sentence: str, status: int) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status, json_dumps_params={"ensure_ascii": False})


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """An uploaded file, for whoever is signed in. Only our own WebP is shown in place, and it can run nothing."""
    try:
        file: Any = default_storage.open(name)
    except (OSError, SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    inline = name.endswith(".webp")
    response = FileResponse(
        file, as_attachment=not inline, content_type="image/webp" if inline else "application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response
