"""Errors of accounts, sessions and relationships."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from project.kernel.errors import (
    AppError,
    Conflict,
    Forbidden,
    TooManyRequests,
    Unauthenticated,
    Unprocessable,
)


class UsernameTaken(Conflict):
    code = "username-taken"
    title = _("Username taken")
    detail = _("Another account has this username.")


class EmailTaken(Conflict):
    code = "email-taken"
    title = _("E-mail taken")
    detail = _("Another account has this e-mail address.")


class AlreadySignedIn(Forbidden):
    code = "already-signed-in"
    title = _("Already signed in")
    detail = _("Log out before registering another account.")


class InvalidCredentials(Unauthenticated):
    """Unknown account, wrong password, account gone: one answer (R11)."""

    code = "invalid-credentials"
    title = _("Invalid credentials")
    detail = _("The identifier or the password is wrong.")


class LockedOut(TooManyRequests):
    code = "locked-out"
    title = _("Locked out for a while")
    detail = _("Too many failed attempts. Try again later or reset the password.")


class InvalidToken(Unauthenticated):
    code = "invalid-token"
    title = _("Invalid token")
    detail = _("The token is malformed, has ended or was revoked.")


class ForeignOrigin(Forbidden):
    """A call that rests on the cookie alone must say that it comes from a page of ours (R13)."""

    code = "foreign-origin"
    title = _("Foreign origin")
    detail = _("A call with the refresh cookie needs the Origin of this service or of an allowed client.")


class PrivateAccount(Forbidden):
    code = "private-account"
    title = _("Private account")
    detail = _("Follow this account to see it.")


class ListHidden(Forbidden):
    code = "list-hidden"
    title = _("List hidden")
    detail = _("The account does not show this list.")


class SelfRelationship(Unprocessable):
    code = "self-relationship"
    title = _("Not with yourself")
    detail = _("This cannot be done with one's own account.")


class Blocking(Conflict):
    code = "blocking"
    title = _("You block this account")
    detail = _("Unblock the account first.")


class LinkExpired(AppError):
    """A one-time link that is past its time, used or replaced by a newer one."""

    code = "link-expired"
    status = 410
    title = _("Link expired")
    detail = _("This link has expired or was used already. Ask for a new one.")


class WrongPassword(Forbidden):
    code = "wrong-password"
    title = _("Wrong password")
    detail = _("The password is wrong.")


class MobileTaken(Conflict):
    code = "mobile-taken"
    title = _("Mobile number taken")
    detail = _("Another account has this mobile number.")


class UsernameCooldown(Conflict):
    code = "username-cooldown"
    title = _("Username changed recently")
    detail = _("A username can be changed once in 30 days.")


class WrongCode(Unprocessable):
    code = "wrong-code"
    title = _("Wrong code")
    detail = _("This is not the code that was sent.")


class CodeExpired(AppError):
    """No code is open: none was asked for, its time is over, or it was tried too often."""

    code = "code-expired"
    status = 410
    title = _("Code expired")
    detail = _("There is no code to check, or it has expired. Ask for a new one.")


class FeatureDisabled(Forbidden):
    """The operation is switched off for this viewer (R70)."""

    code = "feature-disabled"
    title = _("Feature disabled")
    detail = _("This operation is switched off.")


class CannotGrant(Forbidden):
    """Only who may do something may let others do it, superusers apart."""

    code = "cannot-grant"
    title = _("Not yours to grant")
    detail = _("An operation that is off for you can be opened to others by a superuser only.")


class NotSwitchable(Unprocessable):
    """Log-in, log-out, refresh and deletion by link are always on (R70)."""

    code = "not-switchable"
    title = _("Not switchable")
    detail = _("This operation cannot be switched or assigned.")


class RoleNameTaken(Conflict):
    code = "role-name-taken"
    title = _("Role name taken")
    detail = _("Another role has this name.")


class EmailAlreadyVerified(Conflict):
    code = "email-already-verified"
    title = _("Nothing to confirm")
    detail = _("Your e-mail address is confirmed, and no change of it is waiting.")
