"""Django admin of accounts and sessions."""

from social.admin.accounts import AccountAdmin, SessionAdmin

__all__ = ["AccountAdmin", "SessionAdmin"]
