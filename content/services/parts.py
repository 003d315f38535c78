"""What hangs on a post by id: its media in order, the people tagged. Names from the text are in `names`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from content.models import Post, PostMedia, PostState, PostTag
from content.services.media import release_media, require_attachable, require_ready
from project.kernel.errors import FieldProblem, Unprocessable
from project.kernel.viewer import Viewer
from social.hydration import load_cards
from social.models import ContactPolicy
from social.services.settings import mention_policies
from social.visibility import load_relations, may_contact, may_see_trace


def check_taggable(actor: Viewer, account_ids: Sequence[int], *, already_on: int | None = None) -> None:
    """Raise Unprocessable pointing at `/tagged/N` for accounts that the actor cannot tag: unknown, inactive,
    in a block with the actor, or not accepting it (R40), which all look the same. People who are on the post
    `already_on` may stay."""
    ids = set(account_ids)
    if already_on is not None and ids:
        ids -= set(PostTag.objects.filter(post_id=already_on).values_list("account_id", flat=True))
    refused = untaggable(actor, ids)
    problems = [
        FieldProblem(f"/tagged/{at}", "unknown_account", "There is no such account.")
        for at, id_ in enumerate(account_ids)
        if id_ in refused
    ]
    if problems:
        raise Unprocessable(errors=problems)


def untaggable(actor: Viewer, account_ids: Collection[int]) -> set[int]:
    """Those of `account_ids` that the actor cannot tag: unknown, inactive, in a block with the actor, or not
    accepting it (R40). Oneself can always be tagged. Raises GraphUnavailable."""
    ids = set(account_ids) - {actor.id}
    if not ids:
        return set()
    cards = load_cards(ids)
    relations = load_relations(actor, cards)
    policies = mention_policies(cards)
    good = {
        id_
        for id_, card in cards.items()
        if may_see_trace(card.owner, actor, relations[id_])
        and may_contact(policies.get(id_, ContactPolicy.EVERYONE), relations[id_])
    }
    return ids - good


def media_of(post: Post) -> list[int]:
    """The post's media ids in order."""
    return list(PostMedia.objects.filter(post=post).order_by("position").values_list("media_id", flat=True))


def tagged_on(post: Post) -> list[int]:
    """The ids of the accounts tagged on the post, in order."""
    return list(PostTag.objects.filter(post=post).order_by("position").values_list("account_id", flat=True))


def set_media(post: Post, media_ids: Sequence[int]) -> None:
    """Make these the post's media, in this order; what is taken out leaves the storage (R54).

    Raises Unprocessable for unknown media, MediaAttached, and MediaNotReady where the post is published."""
    if post.state == PostState.PUBLISHED:
        require_ready(media_ids, post.author_id, post_id=post.pk)
    else:
        require_attachable(media_ids, post.author_id, post_id=post.pk)
    replaced = PostMedia.objects.filter(post=post).exclude(media_id__in=media_ids)
    gone = list(replaced.values_list("media_id", flat=True))
    replaced.delete()
    PostMedia.objects.bulk_create(
        [PostMedia(post=post, media_id=id_, position=place) for place, id_ in enumerate(media_ids)],
        update_conflicts=True,
        unique_fields=["media"],
        update_fields=["position"],
    )
    release_media(gone)


def require_media(post: Post) -> None:
    """Raise Unprocessable where a post that others are to see has nothing to see, MediaNotReady where it is
    published and its media are not ready (R54). Drafts may be empty."""
    if post.state == PostState.DRAFT:
        return
    media_ids = media_of(post)
    if not media_ids:
        raise Unprocessable.field("/media", "too_short", "A post needs at least one picture or video.")
    if post.state == PostState.PUBLISHED:
        require_ready(media_ids, post.author_id, post_id=post.pk)


def set_tagged(post: Post, account_ids: Sequence[int]) -> None:
    """Make these the people tagged on the post, in this order. Who may be tagged was checked before."""
    PostTag.objects.filter(post=post).exclude(account_id__in=account_ids).delete()
    PostTag.objects.bulk_create(
        [PostTag(post=post, account_id=id_, position=place) for place, id_ in enumerate(account_ids)],
        update_conflicts=True,
        unique_fields=["post", "account"],
        update_fields=["position"],
    )
