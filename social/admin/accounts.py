"""Accounts and their devices in the admin. Relationships live in the graph and are not edited here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import display

from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.models import Account, AccountState, Profile, Session
from social.registries import account_facts

STATE_COLOURS = {
    AccountState.ACTIVE: "success",
    AccountState.DEACTIVATED: "info",
    AccountState.SUSPENDED: "warning",
    AccountState.DELETED: "danger",
}


class ProfileInline(StackedInline):
    model = Profile
    can_delete = False
    fields = ("bio", "website", "gender", "show_followers", "show_following")


@admin.register(Account)
class AccountAdmin(ModelAdmin):
    """State, privacy and passwords are changed through the API's services, which keep the graph and tokens in step;
    here they are shown."""

    list_display = (
        "picture",
        "username",
        "full_name",
        "email",
        "shown_state",
        "is_private",
        "is_staff",
        "created_at",
    )
    list_display_links = ("picture", "username")
    list_filter = ("state", "is_private", "is_staff")
    search_fields = ("username", "full_name", "email")
    ordering = ("-id",)
    list_select_related = ("profile",)
    inlines = (ProfileInline,)
    fields = (
        "picture",
        "username",
        "full_name",
        "email",
        "mobile",
        "state",
        "is_private",
        "is_staff",
        "groups",
        "last_activity_at",
        "created_at",
    )
    readonly_fields = (
        "picture",
        "username",
        "email",
        "mobile",
        "state",
        "is_private",
        "last_activity_at",
        "created_at",
    )
    filter_horizontal = ("groups",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Only who has every right may give rights.
        mine = super().get_readonly_fields(request, obj)
        return mine if request.user.is_superuser else (*mine, "is_staff", "groups")

    @display(description="")
    def picture(self, account: Account) -> str:
        """The avatar, round."""
        media_id = account.profile.avatar_media_id
        url = account_facts.avatars([media_id]).get(media_id) if media_id is not None else None
        if url is None:
            return "–"
        return format_html('<img src="{}" alt="" style="width:36px;height:36px;border-radius:50%">', url)

    @display(description="state", label=STATE_COLOURS)
    def shown_state(self, account: Account) -> str:
        return account.state

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Registration makes profile, node and index entry; a bare row would have none of them.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A deletion must reach every store.
        return False

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        with transaction.atomic():
            obj.version += 1
            super().save_model(request, obj, form, change)
            emit(Topic.ACCOUNT, obj.pk)


@admin.register(Session)
class SessionAdmin(ModelAdmin):
    """Signed-in devices, read only."""

    list_display = ("account", "device", "ip", "created_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    search_fields = ("account__username", "ip")
    list_select_related = ("account",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).order_by("-last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
