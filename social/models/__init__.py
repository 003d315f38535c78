"""Tables of the social app, one module a noun."""

from social.models.account import Account, AccountState
from social.models.dismissal import Dismissal
from social.models.former_username import FormerUsername
from social.models.mobile_code import MobileCode
from social.models.one_time_token import OneTimeToken, TokenPurpose
from social.models.permission import Assignment, Effect, PagePermission, PermissionRevision, Role
from social.models.profile import Gender, Profile
from social.models.session import RefreshToken, Session
from social.models.settings import AccountSettings, ContactPolicy

__all__ = [
    "Account",
    "AccountSettings",
    "AccountState",
    "Assignment",
    "ContactPolicy",
    "Dismissal",
    "Effect",
    "FormerUsername",
    "Gender",
    "MobileCode",
    "OneTimeToken",
    "PagePermission",
    "PermissionRevision",
    "Profile",
    "RefreshToken",
    "Role",
    "Session",
    "TokenPurpose",
]
