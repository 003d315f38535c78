"""Posts for the search tests, written past the API: search does not care for pictures."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from content.models import Post, PostCounters, PostState
from content.services.names import set_post_names
from project.kernel.clock import now
from project.outbox.emit import emit
from project.outbox.topics import Topic
from project.testing.cast import Member


@transaction.atomic
def publish(author: Member, caption: str, **fields: Any) -> int:
    """A published post for everyone, unless `fields` say otherwise; returns its id."""
    fields = {"state": PostState.PUBLISHED, "published_at": now()} | fields
    post = Post.objects.create(author_id=author.id, caption=caption, **fields)
    PostCounters.objects.create(post=post)
    set_post_names(post)
    emit(Topic.POST, post.pk)
    return int(post.pk)


@transaction.atomic
def edit(post_id: int, **fields: Any) -> None:
    """Change a post as its service would."""
    post = Post.objects.get(pk=post_id)
    for name, value in fields.items():
        setattr(post, name, value)
    post.save()
    set_post_names(post)
    emit(Topic.POST, post_id)
