"""Registering and changing accounts."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from project.kernel.errors import FieldProblem, Unprocessable
from project.outbox.emit import emit
from project.outbox.topics import Topic
from social.errors import EmailTaken, UsernameTaken
from social.mobiles import parse_mobile
from social.models import Account, AccountState
from social.services.reservations import claim_name
from social.services.verification import send_verification
from social.usernames import problem_with


@dataclass(frozen=True, slots=True)
class Registration:
    """What someone signs up with."""

    username: str
    email: str
    password: str
    full_name: str = ""
    mobile: str = ""


def register(details: Registration) -> Account:
    """Create an account and its profile, and mail it the link that proves its address.

    Raises Unprocessable for each field that is not acceptable, UsernameTaken, EmailTaken."""
    mobile = _checked(details)
    try:
        with transaction.atomic():
            account = Account.objects.create_user(
                details.username, details.email, details.password, full_name=details.full_name, mobile=mobile
            )
            claim_name(account.username, account.pk)
            emit(Topic.ACCOUNT, account.pk)
            send_verification(account)
    except IntegrityError as error:
        # The unique constraints decide, so that two at once cannot both win.
        if "social_username_unique" in str(error):
            raise UsernameTaken from None
        if "social_email_unique" in str(error):
            raise EmailTaken from None
        raise
    return account


def _checked(details: Registration) -> str:
    problems = []
    if found := problem_with(details.username):
        problems.append(FieldProblem("/username", *found))
    mobile = ""
    if details.mobile:
        parsed = parse_mobile(details.mobile)
        if parsed is None:
            problems.append(
                FieldProblem("/mobile", "mobile_invalid", "must be a valid number in international form")
            )
        mobile = parsed or ""
    draft = Account(username=details.username, email=details.email, full_name=details.full_name)
    problems += password_problems(details.password, draft, "/password")
    if problems:
        raise Unprocessable(errors=problems)
    return mobile


def password_problems(password: str, account: Account, pointer: str) -> list[FieldProblem]:
    """What is wrong with a new password of `account`."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        return [
            FieldProblem(
                pointer, e.code or "password_invalid", str(e.message % e.params if e.params else e.message)
            )
            for e in error.error_list
        ]
    return []


def resolve_identifier(identifier: str) -> Account | None:
    """The account that a log-in identifier names: e-mail, mobile or username (R11), whatever its state."""
    if "@" in identifier:
        # A sign-up address counts as verified for log-in; a pending change of address does not live in this column.
        return Account.objects.filter(email__iexact=identifier).first()
    if identifier.startswith("+"):
        mobile = parse_mobile(identifier)
        if mobile is None:
            return None
        return Account.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).first()
    return Account.objects.filter(username__iexact=identifier).first()


def active_account(account_id: int) -> Account | None:
    """The account with its profile, if it is active."""
    return Account.objects.select_related("profile").filter(pk=account_id, state=AccountState.ACTIVE).first()
