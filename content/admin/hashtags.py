"""Hashtags in the admin: how much they are used, and the ban list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from content.models import Hashtag
from content.services.hashtags import set_banned
from content.text import fold_hashtag


class HashtagForm(forms.ModelForm):
    """A hashtag to be put on the ban list before anybody uses it, or one that is known."""

    class Meta:
        model = Hashtag
        fields = ("name", "banned")

    def clean_name(self) -> str:
        folded = fold_hashtag(self.cleaned_data["name"].strip().removeprefix("#"))
        if not folded:
            raise ValidationError(_("This is not a hashtag."))
        return folded


@admin.register(Hashtag)
class HashtagAdmin(ModelAdmin):
    """Hashtags, how many public posts use them, and whether they are banned."""

    form = HashtagForm
    list_display = ("name", "post_count", "banned", "created_at")
    list_filter = ("banned",)
    search_fields = ("name",)
    ordering = ("-post_count", "name")
    actions = ("ban", "lift_ban")
    fields = ("name", "banned", "post_count", "created_at")
    readonly_fields = ("post_count", "created_at")
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Captions use the name; another one would be another hashtag.
        return (*self.readonly_fields, "name") if obj is not None else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Deleting the row would take the hashtag out of captions that still use it.
        return False

    def save_model(self, request: HttpRequest, obj: Hashtag, form: Any, change: bool) -> None:
        banned = obj.banned
        if not change:
            obj.banned = False
            obj.save()
        set_banned(obj.pk, banned)

    @admin.action(description=_("Ban: no page, not found, never in the trends"), permissions=["change"])
    def ban(self, request: HttpRequest, queryset: QuerySet[Hashtag]) -> None:
        self._set(request, queryset, True)

    @admin.action(description=_("Lift the ban"), permissions=["change"])
    def lift_ban(self, request: HttpRequest, queryset: QuerySet[Hashtag]) -> None:
        self._set(request, queryset, False)

    def _set(self, request: HttpRequest, queryset: QuerySet[Hashtag], banned: bool) -> None:
        hashtags = list(queryset)
        for hashtag in hashtags:
            set_banned(hashtag.pk, banned)
            self.log_change(request, hashtag, [{"changed": {"fields": ["banned"]}}])
        self.message_user(request, _("%(number)d hashtags changed.") % {"number": len(hashtags)})
