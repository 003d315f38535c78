"""Tables of the social app, one module a noun."""

from social.models.account import Account, AccountState
from social.models.one_time_token import OneTimeToken, TokenPurpose
from social.models.profile import Gender, Profile
from social.models.session import RefreshToken, Session
from social.models.settings import AccountSettings, ContactPolicy

__all__ = [
    "Account",
    "AccountSettings",
    "AccountState",
    "ContactPolicy",
    "Gender",
    "OneTimeToken",
    "Profile",
    "RefreshToken",
    "Session",
    "TokenPurpose",
]
