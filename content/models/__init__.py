"""Tables of the content app, one module a noun."""

from content.models.comment import Comment, CommentMention
from content.models.comment_like import CommentLike
from content.models.hashtag import Hashtag, PostHashtag
from content.models.hashtag_follow import HashtagFollow
from content.models.like import Like
from content.models.media import Media, MediaKind, MediaState
from content.models.media_tag import MediaTag
from content.models.media_upload import MediaUpload
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
from content.models.queued_comment import QueuedComment
from content.models.share import Repost, Save, Share
from content.models.story import Story, StoryAudience, StoryCounters, StoryReply, StoryView
from content.models.view import PostView

__all__ = [
    "Comment",
    "CommentLike",
    "CommentMention",
    "CommentPolicy",
    "Hashtag",
    "HashtagFollow",
    "Like",
    "Media",
    "MediaKind",
    "MediaState",
    "MediaTag",
    "MediaUpload",
    "Post",
    "PostAudience",
    "PostCounters",
    "PostHashtag",
    "PostMedia",
    "PostMention",
    "PostState",
    "PostTag",
    "PostView",
    "QueuedComment",
    "Repost",
    "Save",
    "Share",
    "Story",
    "StoryAudience",
    "StoryCounters",
    "StoryReply",
    "StoryView",
]
