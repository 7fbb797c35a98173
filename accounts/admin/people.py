"""People in the admin: one role each, no passwords, no permission pickers but for superusers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms.models import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import personal
from accounts.enums import Role
from accounts.models import User
from accounts.services import people, slips, teams

SLIPS_AT_ONCE = 100


def editor(request: HttpRequest) -> User:
    """Who is at work: the admin lets nobody in anonymously."""
    return cast(User, request.user)


class PersonForm(forms.ModelForm):
    """A person with one role. Without a username they sign in with the staff number."""

    role = forms.ChoiceField(label=_("role"), choices=Role.choices)
    publishes = forms.BooleanField(
        label=_("may publish directly"),
        required=False,
        help_text=_("For trainers: what they write goes live without a second look."),
    )
    # Set on the class made for a page about oneself: nobody takes their own role away by mistake, nor gives
    # themselves more.
    is_own = False
    # Set where the editor may not take the person out of their team.
    keeps_team = False

    class Meta:
        model = User
        # What the page shows is PersonAdmin.get_fieldsets; no field of another name is ever bound.
        fields = ("display_name", "staff_number", "username", "email", "locale", "team")
        help_texts = {
            "is_active": _("Untick it for somebody who has left: they are out at once, and what they did is kept."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if username := self.fields.get("username"):
            username.required = False
            username.help_text = gettext("Leave it empty to sign in with the staff number.")
        if role := cast("forms.ChoiceField | None", self.fields.get("role")):
            role.initial = people.role_of(self.instance) if self.instance.pk else Role.TRAINEE
            role.disabled = self.is_own
            if publishes := self.fields.get("publishes"):
                publishes.initial = bool(self.instance.pk) and people.may_publish(self.instance)
                publishes.disabled = self.is_own
            # A superuser may do everything without a role.
            if self.instance.is_superuser:
                role.required = False
                role.choices = [("", "---------"), *Role.choices]

        if team := self.fields.get("team"):
            team.disabled = self.keeps_team
            if self.keeps_team:
                team.help_text = gettext("Its leader or a trainer moves people out of another team.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "username" in self.fields and not cleaned.get("username") and "username" not in self.errors:
            cleaned["username"] = cleaned.get("staff_number") or ""
            if not cleaned["username"] and "staff_number" not in self.errors:
                self.add_error("username", gettext("Enter a username or a staff number."))
        superuser = cleaned.get("is_superuser", self.instance.is_superuser)
        if "role" in self.fields and not cleaned.get("role") and "role" not in self.errors and not superuser:
            self.add_error("role", gettext("Choose a role."))
        return cleaned


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Role.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class PersonAdmin(admin.ModelAdmin):
    form = PersonForm
    change_form_template = "accounts/admin_change_form.html"
    list_display = ("display_name", "username", "staff_number", "role_name", "team", "is_active", "last_login")
    list_select_related = ("team",)
    list_filter = (RoleFilter, "team", "is_active")
    search_fields = ("display_name", "username", "staff_number")
    ordering = ("staff_number", "username")
    readonly_fields = ("last_login", "date_joined", "joined_team_on", "left_on")
    actions = ("issue_slips",)

    @admin.display(description=_("may publish directly"), boolean=True)
    def publishes_too(self, person: User) -> bool:
        return people.may_publish(person)

    @admin.display(description=_("role"))
    def role_name(self, person: User) -> str:
        role = people.role_of(person)
        return str(role.label) if role else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        # A form field has no value on a page that is only for looking.
        role = "role_name" if obj and not self.has_change_permission(request, obj) else "role"
        publishes = ("publishes",) if role == "role" else ("publishes_too",)
        who = ("display_name", "staff_number", "username", "email", "locale", role, *publishes, "team")
        if obj is None:
            return [(None, {"fields": who})]
        access = ("is_active", "must_change_password", "last_login", "date_joined")
        sets: list[Any] = [
            (None, {"fields": (*who, "joined_team_on")}),
            (_("Access"), {"fields": (*access, "left_on") if obj.left_on else access}),
        ]
        if request.user.is_superuser:
            beyond = ("is_superuser", "user_permissions")
            sets.append((_("Beyond the role"), {"classes": ("collapse",), "fields": beyond}))
        return sets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Nor the rest of one's own access, nor where an equal's reset link goes: it would open an equal's account."""
        if obj is None:
            return self.readonly_fields
        if obj.pk == request.user.pk:
            return (*self.readonly_fields, "is_active", "is_superuser")
        address = () if people.stands_above(editor(request), obj) else ("email",)
        # An account whose data was erased stays shut.
        return (*self.readonly_fields, *address, *(("is_active",) if obj.erased_at else ()))

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.is_own = obj is not None and obj.pk == request.user.pk  # type: ignore[attr-defined]
        form.keeps_team = obj is not None and not teams.may_move(editor(request), obj)  # type: ignore[attr-defined]
        return form

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Beside the team no doors of stock admin, which open windows."""
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        for door in ("add", "change", "delete", "view"):
            if hasattr(field and field.widget, f"can_{door}_related"):
                setattr(field.widget, f"can_{door}_related", False)
        return field

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No guessing at hashes through the list's filters, nor at what people of other teams have done: it is asked
        for what the accounts themselves hold."""
        asked = lookup.partition("__")[0]
        own = {field.name for field in User._meta.concrete_fields} | {RoleFilter.parameter_name}
        return asked in own - {"password"} and super().lookup_allowed(lookup, value, request)

    # Who may do what: the model permission, and a rank not above one's own.
    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or people.may_edit(editor(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or people.may_edit(editor(request), obj))

    def has_issue_slip_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.issue_signinslip")

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        """What has consequences, team and access, is not saved with the fields but by the services that see to them."""
        team, active = obj.team, obj.is_active
        if "team" in form.changed_data:
            obj.team_id = form.initial.get("team")
        if "is_active" in form.changed_data:
            obj.is_active = form.initial["is_active"]
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if role := form.cleaned_data.get("role"):
            people.set_role(obj, role, by=request.user)
        if "publishes" in form.cleaned_data and role == Role.TRAINER:
            people.allow_publishing(obj, form.cleaned_data["publishes"], by=request.user)
        if "team" in form.changed_data:
            teams.move([obj], team, timezone.localdate(), by=request.user)
        if "is_active" in form.changed_data:
            self.set_access(request, obj, active)

    def set_access(self, request: HttpRequest, person: User, active: bool) -> None:
        change = people.reopen if active else people.close
        change(person, by=request.user, now=timezone.now())
        self.log_change(request, person, gettext("Let back in.") if active else gettext("Closed the account."))

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        """A new person cannot sign in yet: what comes next is the slip."""
        if not {"_addanother", "_continue", "_popup"} & request.POST.keys() and self.may_issue(request, obj):
            messages.success(request, gettext("%(name)s has been added.") % {"name": obj})
            return redirect("admin:accounts_user_slip", obj.pk)
        return super().response_add(request, obj, post_url_continue)

    # Slips
    def may_issue(self, request: HttpRequest, person: User) -> bool:
        return self.has_issue_slip_permission(request) and not people.out_of_reach(editor(request), [person])

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        person = kwargs.get("obj")
        context["may_issue_slip"] = person is not None and self.may_issue(request, person)
        context["may_close"] = person is not None and self.may_close(request, person)
        context |= personal.offers(request, person)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        slip, close = (self.admin_site.admin_view(view) for view in (self.slip_view, self.close_view))  # never cached
        return [
            path("<int:pk>/slip/", slip, name="accounts_user_slip"),
            path("<int:pk>/close/", close, name="accounts_user_close"),
            *personal.pages(self),
            *super().get_urls(),
        ]

    # Leaving and coming back

    def may_close(self, request: HttpRequest, person: User) -> bool:
        """Nobody shuts themselves out, and an erased account stays shut."""
        return self.has_change_permission(request, person) and person.pk != request.user.pk and not person.erased_at

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what leaving, or coming back, means; POST does it."""
        person = get_object_or_404(User, pk=pk)
        if not self.may_close(request, person):
            raise PermissionDenied
        if request.method == "POST":
            # The form says what it was made for: sent twice, or from an old page, it does not turn round.
            if (wanted := request.POST.get("active") == "yes") != person.is_active:
                self.set_access(request, person, wanted)
            done = gettext("%(name)s can come in again. A sign-in slip opens the door.")
            gone = gettext("The account of %(name)s is closed. What they did is kept.")
            messages.success(request, (done if person.is_active else gone) % {"name": person})
            return redirect("admin:accounts_user_change", pk)
        title = gettext("Left the company") if person.is_active else gettext("Let back in")
        context = {**self.admin_site.each_context(request), "title": title, "person": person, "opts": self.opts}
        return render(request, "accounts/admin_close.html", context)

    def slip_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET offers a slip, POST issues it and shows the code, once."""
        person = get_object_or_404(User, pk=pk)
        if not self.may_issue(request, person):
            raise PermissionDenied
        if request.method == "POST":
            return self.show_slips(request, [person])
        title = gettext("Sign-in slip")
        context = {**self.admin_site.each_context(request), "title": title, "person": person, "opts": self.opts}
        return render(request, "accounts/admin_slip_offer.html", context)

    def show_slips(self, request: HttpRequest, chosen: Sequence[User]) -> HttpResponse:
        """Issue and show. Raises PermissionDenied when one of them is not the issuer's to let in."""
        issued = slips.issue(chosen, editor(request))
        for slip in issued:
            self.log_change(request, slip.person, gettext("Issued a sign-in slip."))
        context = {"issued": issued, "address": settings.SITE_URL + reverse("slip")}
        return render(request, "accounts/slips_issued.html", context)

    @admin.action(description=_("Issue sign-in slips"), permissions=["issue_slip"])
    def issue_slips(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        chosen = list(queryset[: SLIPS_AT_ONCE + 1])
        if len(chosen) > SLIPS_AT_ONCE:
            text = gettext("Choose at most %(count)d people at once. No slip was issued.") % {"count": SLIPS_AT_ONCE}
        elif refused := [str(person) for person in people.out_of_reach(editor(request), chosen)]:
            text = gettext(
                "No slip was issued. Take these people out of your choice (they are inactive, or not yours to let in): "
                "%(names)s"
            ) % {"names": "、".join(refused)}
        else:
            return self.show_slips(request, chosen)
        self.message_user(request, text, messages.ERROR)
        return None
