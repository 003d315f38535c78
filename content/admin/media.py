"""Media in the admin: to look at, to describe and to delete; uploads come through the API."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from content.hydration_media import MediaRow, present_media
from content.models import Media
from content.services.media import release_media
from project.outbox.emit import emit
from project.outbox.topics import Topic

# As large as the thumbnail is, and as high as a preview should be.
THUMB_SIDE, PREVIEW_HEIGHT = 48, 480


@admin.register(Media)
class MediaAdmin(ModelAdmin):
    """Staff see every state and may correct the description. What a post or an avatar shows is deleted with
    that."""

    list_display = ("picture", "id", "owner", "kind", "state", "reason", "dimensions", "size", "created_at")
    list_display_links = ("picture", "id")
    list_filter = ("state", "kind", "reason")
    search_fields = ("=id", "owner__username", "alt_text", "=sha256")
    list_select_related = ("owner",)
    date_hierarchy = "created_at"
    ordering = ("-id",)
    show_full_result_count = False
    fields = (
        "preview",
        "owner",
        "kind",
        "state",
        "reason",
        "alt_text",
        ("focal_x", "focal_y"),
        "dimensions",
        ("content_type", "size"),
        "sha256",
        ("created_at", "updated_at"),
    )
    readonly_fields = tuple(
        name
        for name in (*[f for row in fields for f in ([row] if isinstance(row, str) else row)],)
        if name not in ("alt_text", "focal_x", "focal_y")
    )

    @admin.display(description="")
    def picture(self, media: Media) -> SafeString | str:
        """The thumbnail by its signed link."""
        return _image(media, "thumb", THUMB_SIDE)

    @admin.display(description=_("picture"))
    def preview(self, media: Media) -> SafeString | str:
        """The picture by its signed link."""
        return _image(media, "large", PREVIEW_HEIGHT)

    @admin.display(description=_("pixels"))
    def dimensions(self, media: Media) -> str:
        """Width and height."""
        return f"{media.width} × {media.height}" if media.width else "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Media, form: Any, change: bool) -> None:
        with transaction.atomic():
            obj.save(update_fields=form.changed_data)
            # A new focal point wants a new thumbnail.
            emit(Topic.MEDIA, obj.pk)

    def delete_model(self, request: HttpRequest, obj: Media) -> None:
        self._release(request, [obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self._release(request, list(queryset.values_list("pk", flat=True)))

    def _release(self, request: HttpRequest, ids: list[int]) -> None:
        with transaction.atomic():
            deleted = release_media(ids)
        if kept := len(ids) - deleted:
            text = _("%(kept)d media are shown by a post or an avatar and were kept. Delete those first.")
            self.message_user(request, text % {"kept": kept}, messages.WARNING)


def _image(media: Media, variant: str, height: int) -> SafeString | str:
    row = MediaRow(**{name: getattr(media, name) for name in MediaRow.__dataclass_fields__})
    url = next((v["url"] for v in present_media(row)["variants"] if v["name"] == variant), None)
    if url is None:
        return "–"
    return format_html('<img src="{}" alt="{}" height="{}" loading="lazy">', url, media.alt_text, height)
