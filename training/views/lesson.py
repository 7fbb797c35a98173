"""Reading a lesson: the page, where the reader is in it, its checkpoints, and its end.

The text and the navigation are kept as compressed pieces under what they depend on, which the page's one query has
read; only the bar, the place and the tokens are made anew (docs/decisions/0010-lesson-pages.md).
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from knowledge import splice
from knowledge.models import Card, ComplianceNote
from knowledge.splice import KEPT, Piece, kept, piece
from knowledge.text import whole
from training.models import Lesson, LessonProgress
from training.models.course import sees_drafts
from training.services import curriculum, progress, reading

# A part of the text: a piece, or the number of a checkpoint and its pieces: not answered, then one an option.
Part = Piece | tuple[int, list[Piece]]


@require_safe
def lesson(request: HttpRequest, code: str, slug: str) -> HttpResponseBase:
    """The lesson, or why it is still closed. The first opening makes the reader's row."""
    page = reading.page(code, slug, request.user)
    if page is None:
        raise Http404
    try:
        return _page(request, page)
    except (Lesson.DoesNotExist, LessonProgress.DoesNotExist) as error:  # deleted since the query
        raise Http404 from error


def _page(request: HttpRequest, page: reading.Page) -> HttpResponseBase:
    if not page.row.opened:
        if reason := _closed(request, page):
            return reason
        progress.open_lesson(page.row.pk, request.user, now=timezone.now())
    navigation = _navigation_key(page)
    etag = _etag(request, page, navigation)
    if etag and (unchanged := get_conditional_response(request, etag=etag)):
        return unchanged
    (toc, foot), answers = _navigation(page, navigation), page.answers
    row, may_change = page.row, sees_drafts(request.user)
    context = {"section": "learn", "row": row, "may_change": may_change}
    key = hashlib.sha256(repr((row[:9], may_change)).encode()).hexdigest()
    text = [_shown(part, answers) for part in _text(page, request.user)]
    holes: dict[str, splice.Filling] = {"toc": toc, "foot": foot, "text": text, "resume": _resume(page)}
    response = splice.respond(request, "training/lesson.html", key, context, holes)
    if etag:
        response.headers["ETag"] = etag
    return response


def _closed(request: HttpRequest, page: reading.Page) -> HttpResponse | None:
    """The page that says which courses come first; None when the lesson is open to this reader."""
    if sees_drafts(request.user):
        return None
    taught, standing = curriculum.read(request.user)
    course = taught.courses.get(page.row.code)
    missing = progress.missing(course, taught, standing) if course else []
    if not missing:
        return None
    context = {"section": "learn", "row": page.row, "missing": missing}
    return render(request, "training/lesson_closed.html", context)


def _navigation_key(page: reading.Page) -> str:
    row = page.row
    shown = [(one.slug, one.title, one.minutes, one.status, bool(one.finished)) for one in page.rows]
    parts = repr((row.code, row.course, row.quiz_title, row.quiz_status, row.passed, page.at, row.changed, shown))
    return kept(f"lesson-nav/{hashlib.sha256(parts.encode()).hexdigest()}")


def _etag(request: HttpRequest, page: reading.Page, navigation: str) -> str:
    """Everything this reader's page depends on, their form token among it; empty when a message waits to be told."""
    if len(messages.get_messages(request)):
        return ""
    reader: Any = request.user
    parts = (
        *(reader.pk, str(reader), reader.is_staff, sees_drafts(reader), reader.theme, request.META.get("CSRF_COOKIE")),
        *(page.text_key, page.row.place, page.row.checks, navigation),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _navigation(page: reading.Page, key: str) -> list[Piece]:
    """The table of contents, and what stands under the text."""
    if (found := cache.get(key)) is None:
        headings = Lesson.objects.values_list("headings", flat=True).get(pk=page.row.pk)
        context = {"page": page, "row": page.row, "headings": [one for one in headings if one["level"] == "2"]}
        found = [piece(render_to_string(f"training/_lesson_{part}.html", context)) for part in ("toc", "foot")]
        cache.set(key, found, KEPT)
    return found


def _text(page: reading.Page, reader: Any) -> list[Part]:
    key = kept(f"lesson/{page.text_key}")
    if (found := cache.get(key)) is None:
        found = _rendered(Lesson.objects.get(pk=page.row.pk), reader)
        cache.set(key, found, KEPT)
    return found


def _rendered(lesson: Lesson, reader: Any) -> list[Part]:
    """The text with its cards, checkpoints, compliance notes and takeaways. A card that is not for this reader leaves
    nothing behind, as one that is not published does."""
    slugs = [str(part) for kind, part in lesson.segments if kind == "card"]
    shown = Card.objects.published().for_teams_of(reader).with_parts()
    cards = {card.slug: card for card in shown.filter(slug__in=slugs)}
    parts: list[Part] = []
    for kind, part in lesson.segments:
        if kind == "html":
            parts.append(piece(str(part)))
        elif kind == "card" and (card := cards.get(str(part))):
            parts.append(piece(render_to_string("training/_embedded_card.html", {"card": card})))
        elif kind == "check":
            number = int(part)
            answers = [None, *range(len(lesson.checks[number - 1]["options"]))]
            parts.append((number, [piece(_check_html(lesson, number, given)) for given in answers]))
    closing = {"lesson": lesson, "notes": ComplianceNote.objects.for_facts(lesson.facts)}
    return [*parts, piece(render_to_string("training/_lesson_closing.html", closing))]


def _check_html(lesson: Lesson, number: int, given: int | None) -> str:
    context = {"lesson": lesson, "number": number, "check": lesson.checks[number - 1], "given": given}
    return render_to_string("training/_check.html", context)


def _shown(part: Part, given: dict[str, Any]) -> Piece:
    """A checkpoint as this reader left it; one whose options have become fewer since is asked afresh."""
    if isinstance(part, Piece):
        return part
    number, variants = part
    at = given.get(str(number), {}).get("option", -1) + 1
    return variants[at] if at < len(variants) else variants[0]


def _resume(page: reading.Page) -> str:
    """The way back to the heading where a lesson was left in the middle."""
    place = page.row.place
    return render_to_string("training/_resume.html", {"place": place}) if place and not page.row.finished else ""


def _opened(request: HttpRequest, code: str, slug: str) -> LessonProgress:
    """The reader's row of a lesson they have opened and may still see, or 404."""
    rows = LessonProgress.objects.filter(user=request.user.pk, lesson__in=Lesson.objects.visible_to(request.user))
    return get_object_or_404(rows.select_related("lesson__course"), lesson__slug=slug, lesson__course__code=code)


@require_POST
def beacon(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Seconds of active reading since the last beacon, and the heading last passed."""
    row, seconds = _opened(request, code, slug), whole(request.POST.get("seconds", ""), 5)
    if seconds is None:
        return HttpResponse(status=422)
    place = request.POST.get("place", "")
    progress.beacon(row, seconds=seconds, place=place, now=timezone.now())
    return HttpResponse(status=204)


@require_POST
def finish(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """Mark as read and go on: the next lesson, else the quiz, else the course."""
    progress.finish_lesson(_opened(request, code, slug), now=timezone.now())
    page = reading.page(code, slug, request.user)
    if page is None:
        raise Http404
    if page.after:
        return redirect("lesson", code, page.after.slug)
    return redirect("course_quiz", code) if page.has_quiz else redirect("course", code)


@require_POST
def check(request: HttpRequest, code: str, slug: str, number: int) -> HttpResponse:
    """Answer a checkpoint. Script gets it back with the feedback, a plain form the page at that place."""
    row = _opened(request, code, slug)
    option = whole(request.POST.get(f"check-{number}", ""), 2)
    back = f"{reverse('lesson', args=[code, slug])}#check-{number}"
    if option is None:
        if request.headers.get("X-Fragment"):
            return HttpResponse(status=422)
        messages.warning(request, _("Choose one answer first."))
        return redirect(back)
    try:
        progress.answer_check(row, number, option, now=timezone.now())
    except (IndexError, LessonProgress.DoesNotExist) as error:
        raise Http404 from error
    if request.headers.get("X-Fragment"):
        html = _check_html(row.lesson, number, option)
        return HttpResponse(html, headers={"X-Fragment": "check"})
    return redirect(back)
