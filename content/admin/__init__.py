"""Django admin of the content app, one module a noun."""

from content.admin.hashtags import HashtagAdmin
from content.admin.media import MediaAdmin
from content.admin.posts import CommentAdmin, PostAdmin
from content.admin.stories import StoryAdmin

__all__ = ["CommentAdmin", "HashtagAdmin", "MediaAdmin", "PostAdmin", "StoryAdmin"]
