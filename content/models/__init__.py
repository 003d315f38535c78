"""Tables of the content app, one module a noun."""

from content.models.comment import Comment, CommentMention
from content.models.hashtag import Hashtag, PostHashtag
from content.models.like import Like
from content.models.media import Media, MediaKind, MediaState
from content.models.post import (
    CommentPolicy,
    Post,
    PostAudience,
    PostCounters,
    PostMedia,
    PostMention,
    PostState,
    PostTag,
)

__all__ = [
    "Comment",
    "CommentMention",
    "CommentPolicy",
    "Hashtag",
    "Like",
    "Media",
    "MediaKind",
    "MediaState",
    "Post",
    "PostAudience",
    "PostCounters",
    "PostHashtag",
    "PostMedia",
    "PostMention",
    "PostState",
    "PostTag",
]
