"""Django admin of accounts and sessions."""

from social.admin.accounts import AccountAdmin, SessionAdmin
from social.admin.permissions import AssignmentAdmin, PagePermissionAdmin, RoleAdmin

__all__ = ["AccountAdmin", "AssignmentAdmin", "PagePermissionAdmin", "RoleAdmin", "SessionAdmin"]
