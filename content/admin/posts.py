"""Posts and comments in the admin: to look at, to take back, to delete. What people wrote stays
theirs; it is not rewritten here. Every change goes through the services, which keep counts, files and indexes
in step."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from content.hydration_media import load_media, present_media
from content.models import Comment, Post, PostMedia, PostState
from content.services.comments import remove_comment
from content.services.posts import remove_post, withdraw_post
from project.kernel.errors import NotFound

STATE_COLOURS = {PostState.PUBLISHED: "success", PostState.DRAFT: "info", PostState.SCHEDULED: "warning"}
EXCERPT, THUMB_SIDE, PREVIEW_HEIGHT = 80, 48, 240


class ReadOnlyAdmin(ModelAdmin):
    """Nothing is added or rewritten by hand: every field is read-only."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for row in self.fields or () for name in ([row] if isinstance(row, str) else row))


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    """All posts, drafts too."""

    list_display = (
        "picture",
        "id",
        "author",
        "excerpt",
        "shown_state",
        "audience",
        "likes",
        "comment_number",
        "published_at",
    )
    list_display_links = ("picture", "id")
    list_filter = ("state", "audience", "comment_policy")
    search_fields = ("=id", "author__username", "title", "caption")
    list_select_related = ("author", "counters")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    actions = ("take_back",)
    fields = (
        "pictures",
        "author",
        ("state", "publish_at", "published_at"),
        ("audience", "comment_policy"),
        "title",
        "caption",
        "location",
        ("likes", "comment_number"),
        ("created_at", "updated_at", "edited_at", "version"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        attachments = PostMedia.objects.order_by("position")
        return super().get_queryset(request).prefetch_related(Prefetch("attachments", attachments))

    @display(description="")
    def picture(self, post: Post) -> SafeString | str:
        """The first picture, small."""
        return _images(post, "thumb", THUMB_SIDE, most=1)

    @display(description=_("pictures"))
    def pictures(self, post: Post) -> SafeString | str:
        """All pictures by their signed links."""
        return _images(post, "large", PREVIEW_HEIGHT, most=10)

    @display(description=_("text"))
    def excerpt(self, post: Post) -> str:
        """How the text begins."""
        return _excerpt(post.title or post.caption)

    @display(description=_("state"), label=STATE_COLOURS)
    def shown_state(self, post: Post) -> str:
        """The state, coloured."""
        return post.state

    @display(description=_("likes"), ordering="counters__like_count")
    def likes(self, post: Post) -> int:
        """Likes of active accounts."""
        return post.counters.like_count

    @display(description=_("comments"), ordering="counters__comment_count")
    def comment_number(self, post: Post) -> int:
        """Comments of active accounts."""
        return post.counters.comment_count

    @admin.action(description=_("Take back: make them drafts"), permissions=["change"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        """Take the chosen posts out of every list; their authors keep them as drafts."""
        ids = list(queryset.values_list("pk", flat=True))
        for post_id in ids:
            withdraw_post(post_id)
        self.message_user(request, _("%(number)d posts are drafts now.") % {"number": len(ids)})

    def delete_model(self, request: HttpRequest, obj: Post) -> None:
        remove_post(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        for post_id in list(queryset.values_list("pk", flat=True)):
            remove_post(post_id)


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """All comments."""

    list_display = ("id", "author", "post", "excerpt", "reply_to", "reply_count", "created_at")
    search_fields = ("=id", "=post__id", "author__username", "text")
    list_select_related = ("author", "post", "reply_to")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    fields = ("post", "author", "reply_to", "text", "reply_count", ("created_at", "edited_at"))

    @display(description=_("text"))
    def excerpt(self, comment: Comment) -> str:
        """How the text begins."""
        return _excerpt(comment.text)

    def delete_model(self, request: HttpRequest, obj: Comment) -> None:
        remove_comment(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        for comment_id in list(queryset.order_by("pk").values_list("pk", flat=True)):
            try:
                remove_comment(comment_id)
            except NotFound:
                # A chosen reply went with its chosen parent.
                continue


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def _images(post: Post, variant: str, height: int, *, most: int) -> SafeString | str:
    ids = [attachment.media_id for attachment in post.attachments.all()][:most]
    rows = load_media(ids) if ids else {}
    shown = [present_media(rows[id_]) for id_ in ids if id_ in rows]
    urls = [(v["url"], m["alt_text"], height) for m in shown for v in m["variants"] if v["name"] == variant]
    if not urls:
        return "–"
    return format_html(
        "{}", format_html_join(" ", '<img src="{}" alt="{}" height="{}" loading="lazy">', urls)
    )
