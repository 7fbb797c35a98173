"""Questions: the type first, then a form with what that type needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Avg, Count, F, FloatField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from knowledge.admin.base import WithFacts
from knowledge.enums import Rule, Side, Status
from knowledge.models import Card, Line
from knowledge.text import whole
from training.admin.base import Leaning, RecheckFilter
from training.admin.options import bullets, options_read
from training.admin.question_form import FORMS, SingleForm
from training.documents import BODY
from training.enums import QuestionType
from training.models import AttemptItem, Question
from training.services import questions


def first_items() -> QuerySet[AttemptItem, Any]:
    """What people were asked for the first time, by question: later tries say how well they remember it."""
    rows = AttemptItem.objects.filter(question=OuterRef("pk"), first=True, points__isnull=False)
    return rows.order_by().values("question")


@admin.register(Question)
class QuestionAdmin(WithFacts, Leaning):
    list_display = (
        *("code", "words", "type", "status", "recheck", "times_asked", "mean_share"),
        *("course", "competency", "difficulty"),
    )
    list_filter = ("status", RecheckFilter, "type", "course", "competency", "difficulty")
    list_per_page = 100
    search_fields = ("code", "prompt", "explanation", "card__title")
    search_help_text = _("Words of the question or its explanation, an id, or the title of its card.")
    actions = ("publish", "retire", "rechecked")

    def set_status(self, items: Iterable[Question], status: Status) -> None:
        questions.set_status(items, status)

    def remove(self, items: Iterable[Question]) -> None:
        questions.delete(items)

    def make_copy(self, request: HttpRequest, item: Question) -> Question:
        return questions.duplicate(item, author=request.user)

    def view_on_site(self, question: Question) -> str:
        return reverse("question_preview", args=[question.code])

    # List

    def get_queryset(self, request: HttpRequest) -> QuerySet[Question]:
        share = Avg(Cast("points", FloatField()) / Cast("max_points", FloatField()))
        return (
            super()
            .get_queryset(request)
            .for_teams_of(request.user)  # type: ignore[attr-defined]
            .annotate(
                asked=Coalesce(Subquery(first_items().annotate(count=Count("pk")).values("count")), 0),
                share=Subquery(first_items().annotate(share=share).values("share")),
            )
        )

    @admin.display(description=_("situation and question"))
    def words(self, question: Question) -> str:
        return Truncator(question.prompt).chars(40)

    @admin.display(description=_("times asked"), ordering="asked")
    def times_asked(self, question: Any) -> int:
        return int(question.asked)

    @admin.display(description=_("mean points, first time"), ordering=F("share").asc(nulls_last=True))
    def mean_share(self, question: Any) -> str:
        return "–" if question.share is None else f"{round(100 * question.share)}%"

    # Form

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The type first; for a better reply, the card too."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        kind = request.GET.get("type", "")
        if kind not in FORMS:
            return self._choose(request, {"types": QuestionType.choices})
        if kind == QuestionType.BETTER:
            request.chosen_card = _card(request.GET.get("card", ""))  # type: ignore[attr-defined]
            if request.chosen_card is None:  # type: ignore[attr-defined]
                return self._choose(request, {"cards": _able_cards(), "kind": kind})
        return super().add_view(request, form_url, extra_context)

    def _choose(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        title = gettext("Add a question")
        page = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, "admin/training/question/choose.html", page)

    def _kind(self, request: HttpRequest, obj: Question | None) -> str:
        return obj.type if obj else request.GET.get("type", "")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        base = FORMS.get(self._kind(request, obj), SingleForm)
        # Of this request: the admin sets it on the class. A name set to None is a field that is only read.
        only_read = dict.fromkeys(name for name in self.get_readonly_fields(request, obj) if name in base.base_fields)
        own = type(base.__name__, (base,), only_read)
        return super().get_form(request, obj, change, **{"form": own, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> Any:
        kind = self._kind(request, obj)
        better = kind == QuestionType.BETTER
        head = ("code", "type_read", "course", "competency", "difficulty", "status", "card_read" if better else "card")
        if obj and not self.has_change_permission(request, obj):
            read = ("prompt", "answers_read", "explanation", "fact_texts", "notes")
            return [(None, {"fields": head}), (_("Question"), {"fields": read})]
        facts = ("facts", "fact_texts", "notes") if obj else ("facts",)
        return [
            (None, {"fields": (head[:2], head[2:4], *head[4:])}),
            (_("Question"), {"fields": ("prompt", *BODY.get(kind, ()), "explanation")}),
            (_("Facts and what follows from them"), {"fields": facts}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Question | None = None) -> Any:
        """Answers are graded by type and code, and the files are sorted by course: these are chosen once."""
        fixed = ["type_read", "card_read", "answers_read", "fact_texts", "notes"]
        fixed += ["code", "course"] if obj else []
        return fixed if self.has_publish_permission(request) else [*fixed, "status"]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "card" and field is not None:
            field.queryset = Card.objects.order_by("title")
            field.help_text = _("When the card changes, this question is marked to be looked at again.")
        return field

    @admin.display(description=_("type"))
    def type_read(self, question: Question) -> str:
        return str(QuestionType(question.type).label) if question.type else ""

    @admin.display(description=_("card"))
    def card_read(self, question: Question) -> Any:
        if not (card := question.card):
            return self.get_empty_value_display()
        return format_html('{} <a href="{}">{}</a>', card, card.get_absolute_url(), gettext("See this card"))

    @admin.display(description=_("answers"))
    def answers_read(self, question: Question) -> SafeString:
        return answers_read(question)

    # From a card

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.generate_view))
        return [path("generate/", view, name="training_question_generate"), *super().get_urls()]

    def generate_view(self, request: HttpRequest) -> HttpResponse:
        """A draft made from a card's words, opened to be looked through."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        card = get_object_or_404(Card.objects.with_parts(), pk=whole(request.POST.get("card", ""), 9))
        try:
            made = questions.generate_from_card(card, request.POST.get("kind", ""), author=request.user)
        except (ValidationError, ValueError) as error:
            told = error.messages if isinstance(error, ValidationError) else [gettext("There is no such question.")]
            self.message_user(request, " ".join(told), messages.ERROR)
            return redirect("admin:knowledge_card_change", card.pk)
        self.log_addition(request, made, gettext("Generated from a card"))
        text = gettext("A draft made from the card. Look through it, then publish it.")
        self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:training_question_change", made.pk)


def _card(pk: str) -> Card | None:
    return _able_cards().filter(pk=whole(pk, 9) or 0).first()


def _able_cards() -> QuerySet[Card]:
    """Cards that have both something to say and something not to."""
    both = Card.objects.filter(lines__side=Side.DO).filter(lines__side=Side.DONT)
    return both.exclude(status=Status.RETIRED).distinct().order_by("title")


def answers_read(question: Question) -> SafeString:
    """The answers of a question to read, in the order of its document."""
    body: Mapping[str, Any] = question.body
    if "options" in body:
        codes = [one["line"] for one in body["options"] if "line" in one]
        texts = dict(Line.objects.filter(code__in=codes).values_list("code", "text")) if codes else {}
        return options_read(body["options"], texts)
    if "steps" in body:
        return bullets((f"{at}.", step) for at, step in enumerate(body["steps"], 1))
    if "pairs" in body:
        return bullets((pair["left"], f"→ {pair['right']}") for pair in body["pairs"])
    if "answers" in body:
        return bullets(("", one) for one in body["answers"])
    rows = [("", body["draft"]), *((point["name"], " / ".join(point["any"])) for point in body["points"])]
    return bullets([*rows, *(("✗", word) for word in _forbidden(body["forbids"])), ("✓", body["model"])])


def _forbidden(words: Iterable[str]) -> list[str]:
    """A rule by its name, a word as it stands."""
    rules = dict(Rule.choices)
    return [str(rules.get(word, word)) for word in words]
