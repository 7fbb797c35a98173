"""Teams in the admin: who leads them, who is in them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms.models import ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.services import teams


class PeopleBox(forms.CheckboxSelectMultiple):
    """Boxes to tick, those ticked first, with a field that narrows a long list: by keyboard and without script too."""

    class Media:
        css = {"all": ["admin_ours/teams.css"]}
        js = ["js/narrow.js"]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)
        options = [option for _group, members, _at in context["widget"]["optgroups"] for option in members]
        context["options"] = sorted(options, key=lambda option: not option["selected"])
        return mark_safe(render_to_string("accounts/people_box.html", context))


class PeopleField(forms.ModelMultipleChoiceField):
    """People from a list. Of two with one name the number tells which."""

    def __init__(self, *, label: Any, help_text: Any = "") -> None:
        super().__init__(User.objects.none(), required=False, label=label, help_text=help_text, widget=PeopleBox)

    def _check_values(self, value: Any) -> Any:
        """A number beyond every id is nobody's; SQLite fails over it."""
        try:
            return super()._check_values(value)  # type: ignore[misc]
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": "…"}) from error

    def label_from_instance(self, obj: Any) -> str:
        parts = (str(obj), obj.staff_number or obj.username, obj.team.name if obj.team else "")
        return " · ".join(part for part in parts if part)


class TeamForm(forms.ModelForm):
    """A team with its people. Members are saved by the service that also sets the day they joined."""

    leaders = PeopleField(label=_("leaders"), help_text=_("Trainers and managers. Leaders see how their people do."))
    members = PeopleField(
        label=_("members"), help_text=_("Whoever is in another team moves here. Deadlines count from today then.")
    )

    class Meta:
        model = Team
        fields = ("code", "name", "leaders")
        labels = {"name": pgettext_lazy("of a team", "name")}
        help_texts = {"code": _("Letters, digits and hyphens, as cards and files call the team. It stays.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = User.objects.select_related("team").order_by("display_name", "staff_number", "username")
        fields: dict[str, Any] = self.fields
        if leaders := fields.get("leaders"):
            leaders.queryset = here.filter(Q(is_staff=True, is_active=True) | Q(led_teams=self.instance.pk)).distinct()
        if members := fields.get("members"):
            members.queryset = here.filter(is_active=True)
            # The page tells whom its editor saw: what somebody else changes meanwhile is not undone.
            members.show_hidden_initial = True
            if self.instance.pk:
                members.initial = list(members.queryset.filter(team=self.instance).values_list("pk", flat=True))

    def seen_members(self) -> list[int]:
        """Ids of the members that stood on the page when it was opened."""
        name = self.add_initial_prefix("members")
        sent = self.data.getlist(name) if hasattr(self.data, "getlist") else []
        return [int(pk) for pk in sent if pk.isdecimal() and len(pk) < 19]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    form = TeamForm
    list_display = ("team_name", "code", "leader_names", "member_count")
    search_fields = ("name", "code", "members__display_name", "members__staff_number")
    ordering = ("name",)
    delete_confirmation_template = "admin/accounts/team/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/accounts/team/delete_selected_confirmation.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Managers see the teams they lead."""
        here = Team.objects.filter(pk__in=Team.objects.led_by(request.user).values("pk"))
        count = Count("members", filter=Q(members__is_active=True), distinct=True)
        return here.prefetch_related("leaders").annotate(member_total=count).order_by(*self.ordering)

    @admin.display(description=pgettext_lazy("of a team", "name"), ordering="name")
    def team_name(self, team: Team) -> str:
        return team.name

    @admin.display(description=_("leaders"))
    def leader_names(self, team: Team) -> str:
        return "、".join(str(leader) for leader in team.leaders.all()) or "–"

    @admin.display(description=_("members"), ordering="member_total")
    def member_count(self, team: Any) -> int:
        return int(team.member_total)

    @admin.display(description=_("members"))
    def member_names(self, team: Team) -> str:
        names = team.members.filter(is_active=True).order_by("display_name").values_list("display_name", flat=True)
        return "、".join(names) or "–"

    def get_fieldsets(self, request: HttpRequest, obj: Team | None = None) -> Any:
        looking = obj is not None and not self.has_change_permission(request, obj)
        fields = ("team_name", "leader_names", "member_names") if looking else ("name", "leaders", "members")
        return [(None, {"fields": ("code", *fields)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        """The code is what cards and files call the team by: it stays."""
        shown = ("team_name", "leader_names", "member_names")
        return (*shown, "code") if obj else shown

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        led_before = list(form.instance.leaders.all())
        super().save_related(request, form, formsets, change)
        teams.note_leaders(form.instance, led_before, form.instance.leaders.all(), by=request.user)
        if isinstance(form, TeamForm) and "members" in form.cleaned_data:
            chosen = [person.pk for person in form.cleaned_data["members"]]
            teams.change_members(
                form.instance, seen=form.seen_members(), chosen=chosen, day=timezone.localdate(), by=request.user
            )

    # Deleting: explained where something still needs the team.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, missing, protected = super().get_deleted_objects(objs, request)
        against = [sentence for team in objs for sentence in teams.objections(team)]
        return gone, counts, missing, [*protected, *against]

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for team in list(queryset):
            try:
                teams.delete(team, by=request.user)
            except ValidationError as error:
                messages.error(request, gettext("%(team)s stays: ") % {"team": team} + " ".join(error.messages))
