"""Roles, switches and assignments in the admin (R70). Every change goes through `touch`, so that it counts from the
next request on. Only superusers change anything here: the API's services weigh what staff may grant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from project.kernel.clock import now
from project.kernel.operations import catalogue
from social.models import Assignment, PagePermission, Role
from social.permissions import NOT_SWITCHABLE, touch


def operation_choices() -> Iterable[tuple[str, str]]:
    """Every operation that can be switched, as choices of a form."""
    yield "", "–"
    for facts in catalogue().values():
        if facts.operation_id not in NOT_SWITCHABLE:
            yield (
                f"{facts.operation_id} {facts.method}",
                f"{facts.operation_id} ({facts.method} {facts.path})",
            )


class OperationForm(forms.ModelForm):
    """One choice for the two columns that name an operation."""

    operation = forms.ChoiceField(choices=operation_choices, widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "operation" in self.fields and self.instance.operation_id:
            self.initial["operation"] = f"{self.instance.operation_id} {self.instance.method}"

    def _post_clean(self) -> None:
        # Before the model's own checks, which know the columns alone.
        chosen = self.cleaned_data.get("operation", "")
        self.instance.operation_id, _, self.instance.method = chosen.partition(" ")
        super()._post_clean()  # type: ignore[misc]

    def _get_validation_exclusions(self) -> set[str]:
        # The unique constraints are about columns that are not fields of this form.
        return super()._get_validation_exclusions() - {"operation_id", "method"}  # type: ignore[misc]


class AssignmentForm(OperationForm):
    """An operation with an effect, or a role."""

    operation = forms.ChoiceField(choices=operation_choices, widget=UnfoldAdminSelectWidget, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        named, effect, role = data.get("operation"), data.get("effect"), data.get("role")
        if bool(role) == bool(named) or bool(named) != bool(effect):
            raise forms.ValidationError("Choose either a role, or an operation with an effect.")
        return data


class PermissionAdmin(ModelAdmin):
    """What the three have in common: who may change, who changed, and that every process notices."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            touch()
            _sign(request, obj, change)
            super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        with transaction.atomic():
            touch()
            for row in formset.save(commit=False):
                _sign(request, row, row.pk is not None)
                row.save()
            for row in formset.deleted_objects:
                row.delete()
            formset.save_m2m()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            touch()
            super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            touch()
            super().delete_queryset(request, queryset)


def _sign(request: HttpRequest, row: Any, change: bool) -> None:
    if not change:
        row.created_by_id = request.user.pk
    if isinstance(row, PagePermission):
        row.updated_at = now()


class SwitchInline(TabularInline):
    model = PagePermission
    form = OperationForm
    fields = ("operation", "enabled")
    extra = 0


@admin.register(Role)
class RoleAdmin(PermissionAdmin):
    """A role with its switches."""

    list_display = ("name", "description", "members", "created_by", "created_at")
    search_fields = ("name", "description")
    fields = ("name", "description", "created_by", "created_at")
    readonly_fields = ("created_by", "created_at")
    inlines = (SwitchInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Role]:
        return super().get_queryset(request).select_related("created_by").annotate(held=Count("memberships"))

    @display(description="members", ordering="held")
    def members(self, role: Any) -> int:
        return int(role.held)


@admin.register(PagePermission)
class PagePermissionAdmin(PermissionAdmin):
    """The switches; turned in the list itself."""

    form = OperationForm
    list_display = ("operation_id", "method", "audience", "enabled", "created_by", "updated_at")
    list_editable = ("enabled",)
    list_filter = ("enabled", "role")
    search_fields = ("operation_id",)
    list_select_related = ("role", "created_by")
    ordering = ("operation_id", "role")
    fields = ("operation", "role", "enabled", "created_by", "created_at", "updated_at")
    readonly_fields = ("created_by", "created_at", "updated_at")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        # In the list the operation stands fixed.
        return super().get_changelist_form(request, **{**kwargs, "form": forms.ModelForm})

    @display(description="for")
    def audience(self, switch: PagePermission) -> str:
        return switch.role.name if switch.role else "everyone"


@admin.register(Assignment)
class AssignmentAdmin(PermissionAdmin):
    """Roles and operations given to accounts."""

    form = AssignmentForm
    list_display = ("account", "role", "operation_id", "method", "effect", "created_by", "created_at")
    list_filter = ("effect", "role")
    search_fields = ("account__username", "operation_id")
    list_select_related = ("account", "role", "created_by")
    raw_id_fields = ("account",)
    ordering = ("-id",)
    fields = ("account", "role", "operation", "effect", "created_by", "created_at")
    readonly_fields = ("created_by", "created_at")
