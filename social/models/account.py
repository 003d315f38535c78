"""Who signs in. What people show of themselves is in `profile`; whom they follow is in the graph alone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from project.kernel.clock import now


class AccountState(models.TextChoices):
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    SUSPENDED = "suspended"
    DELETED = "deleted"


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts together with their profile row. The API goes through `services.accounts`."""

    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=username, email=email.strip(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        account.make_profile()
        return account

    def create_superuser(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> Account:
        return self.create_user(username, email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> Account:
        # Log-in compares usernames as the unique constraint does.
        return self.get(username__iexact=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """An account. `state` alone decides whether it is there for anybody (R17)."""

    username = models.CharField(max_length=30)
    username_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    email = models.EmailField(max_length=254)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    mobile = models.CharField(max_length=16, blank=True, default="", help_text="E.164")
    mobile_verified_at = models.DateTimeField(null=True, blank=True)
    full_name = models.CharField(max_length=60, blank=True, default="")
    is_private = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=AccountState, default=AccountState.ACTIVE)
    state_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    state_before = models.CharField(
        max_length=12, choices=AccountState, blank=True, default="", editable=False, help_text="of a deletion"
    )
    purge_started_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="from then on nothing brings it back"
    )
    is_staff = models.BooleanField(default=False)
    token_version = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    objects = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="social_username_unique"),
            models.UniqueConstraint(Lower("email"), name="social_email_unique"),
            models.UniqueConstraint(
                "mobile",
                condition=models.Q(mobile_verified_at__isnull=False) & ~models.Q(mobile=""),
                name="social_verified_mobile_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["-last_activity_at"], name="social_last_activity"),
            models.Index(
                fields=["state_changed_at"], condition=models.Q(state="deleted"), name="social_account_purge"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the account exists for others and may sign in."""
        return self.state == AccountState.ACTIVE

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # Sessions of the admin end with the tokens: on whatever raises the version, not on a password alone.
        return salted_hmac(
            "social.Account.session",
            f"{self.password}:{self.token_version}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def make_profile(self) -> None:
        """Create the profile row that every account has."""
        self._meta.apps.get_model("social", "Profile").objects.create(account=self)
