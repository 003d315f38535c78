"""Tables of the social app, one module a noun."""

from social.models.account import Account, AccountState
from social.models.profile import Gender, Profile
from social.models.session import RefreshToken, Session

__all__ = ["Account", "AccountState", "Gender", "Profile", "RefreshToken", "Session"]
