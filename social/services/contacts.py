"""Changing the address and the number under which an account is reached. Both count only once they are proved: the
address by a link (`verification`), the number by a code."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from project.kernel.clock import now
from project.kernel.errors import Unprocessable
from project.kernel.throttling import enforce
from project.kernel.viewer import Viewer
from social import mail, sms
from social.errors import (
    CodeExpired,
    EmailAlreadyVerified,
    EmailTaken,
    InvalidToken,
    MobileTaken,
    WrongCode,
)
from social.mobiles import parse_mobile
from social.models import Account, MobileCode
from social.services.credentials import confirm_password
from social.services.verification import masked, pending_email, send_change, send_verification

TRY = """
UPDATE social_mobilecode SET tries = tries + 1
WHERE account_id = %(account)s AND tries < %(limit)s AND expires_at > %(now)s
RETURNING mobile, digest
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a link or a code went, and when it ends."""

    to: str
    expires_at: datetime


def change_email(request: HttpRequest, *, actor: Viewer, password: str, new_email: str) -> Sent:
    """Mail a link to the new address and a note to the present one, which stays until the link is opened.

    Raises WrongPassword, LockedOut, Unprocessable for the present address, EmailTaken, TooManyRequests."""
    account = _confirmed(request, actor, password)
    if new_email.lower() == account.email.lower():
        raise Unprocessable.field("/new_email", "email_unchanged", _("This is your address already."))
    if Account.objects.filter(email__iexact=new_email).exists():
        raise EmailTaken
    enforce(request, "mail-recipient", new_email.lower())
    with transaction.atomic():
        _unchanged(account)
        note = {"username": account.username, "new_email": masked(new_email)}
        mail.send_later("email_change_asked", account.email, note)
        return Sent(new_email, send_change(account, new_email))


def resend_email(request: HttpRequest, *, actor: Viewer) -> Sent:
    """Mail the link again: for the new address that waits for its proof, else for the present one.

    Raises EmailAlreadyVerified where there is nothing to prove, TooManyRequests."""
    account = Account.objects.get(pk=actor.id)
    waiting = pending_email(account.pk)
    if waiting is None and account.email_verified_at is not None:
        raise EmailAlreadyVerified
    to = waiting or account.email
    enforce(request, "mail-recipient", to.lower())
    return Sent(to, send_change(account, waiting) if waiting else send_verification(account))


def change_mobile(request: HttpRequest, *, actor: Viewer, password: str, mobile: str) -> Sent:
    """Send a code to a number, which becomes the account's once the code is told.

    Raises WrongPassword, LockedOut, Unprocessable for what is no number or the present one, MobileTaken,
    TooManyRequests."""
    number = parse_mobile(mobile)
    if number is None:
        raise Unprocessable.field(
            "/mobile", "mobile_invalid", _("must be a valid number in international form")
        )
    account = _confirmed(request, actor, password)
    if account.mobile == number and account.mobile_verified_at is not None:
        raise Unprocessable.field("/mobile", "mobile_unchanged", _("This is your number already."))
    if Account.objects.filter(mobile=number, mobile_verified_at__isnull=False).exists():
        raise MobileTaken
    enforce(request, "sms-recipient", number)
    code = f"{secrets.randbelow(10**6):06d}"
    expires_at = now() + settings.MOBILE_CODE_LIFETIME
    with transaction.atomic():
        _unchanged(account)
        fresh = {
            "mobile": number,
            "digest": _digest(account.pk, number, code),
            "tries": 0,
            "expires_at": expires_at,
        }
        MobileCode.objects.update_or_create(account_id=account.pk, defaults=fresh)
        sms.send_later("mobile_code", number, {"code": code})
    return Sent(number, expires_at)


def verify_mobile(*, actor: Viewer, code: str) -> str:
    """Make the number that the code was sent to the account's own, and good for log-in. Returns it.

    Raises WrongCode; CodeExpired where no code is open (any more); MobileTaken where another account has proved the
    number meanwhile."""
    # Counted before it is compared, in a statement of its own: parallel guesses are tries too.
    with connection.cursor() as cursor:
        cursor.execute(TRY, {"account": actor.id, "limit": settings.MOBILE_CODE_TRIES, "now": now()})
        found = cursor.fetchone()
    if found is None:
        raise CodeExpired
    number, digest = str(found[0]), bytes(found[1])
    if not hmac.compare_digest(digest, _digest(actor.id, number, code)):
        raise WrongCode
    # Used up, whatever comes of it.
    used, _counts = MobileCode.objects.filter(account_id=actor.id, digest=digest).delete()
    if not used:
        raise CodeExpired
    try:
        with transaction.atomic():
            account = Account.objects.select_for_update().get(pk=actor.id)
            account.mobile = number
            account.mobile_verified_at = now()
            account.save(update_fields=["mobile", "mobile_verified_at"])
            note = {"username": account.username, "mobile": f"…{number[-3:]}"}
            mail.send_later("mobile_changed", account.email, note)
    except IntegrityError:
        raise MobileTaken from None
    return number


def _confirmed(request: HttpRequest, actor: Viewer, password: str) -> Account:
    account = Account.objects.get(pk=actor.id)
    confirm_password(request, account=account, password=password)
    return account


def _unchanged(account: Account) -> None:
    """Lock the account. Raises InvalidToken where its password was changed since it was confirmed."""
    version = (
        Account.objects.select_for_update(no_key=True)
        .filter(pk=account.pk)
        .values_list("token_version", flat=True)
        .first()
    )
    if version != account.token_version:
        raise InvalidToken


def _digest(account_id: int, number: str, code: str) -> bytes:
    return salted_hmac("social.mobile-code", f"{account_id}:{number}:{code}", algorithm="sha256").digest()
