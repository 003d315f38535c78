"""Django admin of the content app, one module a noun."""

from content.admin.media import MediaAdmin
from content.admin.posts import CommentAdmin, HashtagAdmin, PostAdmin

__all__ = ["CommentAdmin", "HashtagAdmin", "MediaAdmin", "PostAdmin"]
