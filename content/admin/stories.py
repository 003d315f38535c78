"""Stories in the admin: to look at, those that are over too while they are kept, and to delete."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from content.admin.posts import PREVIEW_HEIGHT, THUMB_SIDE, ReadOnlyAdmin
from content.hydration_media import MediaRow, present_media
from content.models import Media, Story
from content.services.stories import remove_story
from project.kernel.clock import now
from project.kernel.errors import NotFound

LIVE, OVER = _("live"), _("over")


class LiveFilter(admin.SimpleListFilter):
    """Whether a story can still be seen."""

    title = _("state")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", LIVE), ("no", OVER)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Story]) -> QuerySet[Story]:
        match self.value():
            case "yes":
                return queryset.filter(expires_at__gt=now())
            case "no":
                return queryset.filter(expires_at__lte=now())
        return queryset


@admin.register(Story)
class StoryAdmin(ReadOnlyAdmin):
    """All stories that have not been removed yet. Replies are between two people and not shown."""

    list_display = (
        "picture",
        "id",
        "author",
        "shown_state",
        "audience",
        "viewers",
        "created_at",
        "expires_at",
    )
    list_display_links = ("picture", "id")
    list_filter = (LiveFilter, "audience")
    search_fields = ("=id", "author__username")
    list_select_related = ("author", "media", "counters")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = (
        "preview",
        "author",
        ("audience", "allow_replies"),
        "viewers",
        ("created_at", "expires_at"),
    )

    @display(description="")
    def picture(self, story: Story) -> SafeString | str:
        """The thumbnail by its signed link."""
        return _image(story.media, "thumb", THUMB_SIDE)

    @display(description=_("picture"))
    def preview(self, story: Story) -> SafeString | str:
        """The picture, or the poster of the video, by its signed link."""
        return _image(story.media, "large", PREVIEW_HEIGHT)

    @display(description=_("state"), label={LIVE: "success", OVER: "info"})
    def shown_state(self, story: Story) -> Any:
        """Whether it can still be seen, by the clock."""
        return LIVE if now() < story.expires_at else OVER

    @display(description=_("viewers"), ordering="counters__viewer_count")
    def viewers(self, story: Story) -> int:
        """Active accounts that have seen it."""
        return story.counters.viewer_count

    def delete_model(self, request: HttpRequest, obj: Story) -> None:
        remove_story(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Story]) -> None:
        for story_id in list(queryset.order_by("pk").values_list("pk", flat=True)):
            try:
                remove_story(story_id)
            except NotFound:
                # The sweep was faster.
                continue


def _image(media: Media, variant: str, height: int) -> SafeString | str:
    names = MediaRow.__dataclass_fields__.keys() - {"tags"}
    row = MediaRow(**{name: getattr(media, name) for name in names}, tags=())
    variants = [v for v in present_media(row)["variants"] if v["content_type"].startswith("image/")]
    # A video has a poster in place of the large picture.
    chosen = next((v for v in variants if v["name"] == variant), variants[-1] if variants else None)
    if chosen is None:
        return "–"
    return format_html(
        '<img src="{}" alt="{}" height="{}" loading="lazy">', chosen["url"], media.alt_text, height
    )
