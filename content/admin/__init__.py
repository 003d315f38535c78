"""Django admin of the content app, one module a noun."""

from content.admin.media import MediaAdmin

__all__ = ["MediaAdmin"]
