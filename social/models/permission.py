"""Which operations of the API are on, for whom (R70): roles, switches by operation, what was assigned to accounts.

An operation is named by its id and method as in the OpenAPI document. How these rows are weighed is in
`social.permissions`; they are changed through `services.permissions` and `services.roles`, which make every worker
notice."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from project.kernel.clock import now
from social.models.account import Account


class Effect(models.TextChoices):
    ALLOW = "allow"
    DENY = "deny"


class Role(models.Model):
    """A named group of accounts that switches can be set for. It gives nothing by itself."""

    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True, default="")
    created_by = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="social_role_name_unique")]

    def __str__(self) -> str:
        return self.name


class PagePermission(models.Model):
    """The switch of one operation: for a role, or (without one) for everyone."""

    operation_id = models.CharField(max_length=100)
    method = models.CharField(max_length=6)
    role = models.ForeignKey(
        Role,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="switches",
        help_text="none: everyone",
    )
    enabled = models.BooleanField()
    created_by = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operation_id", "method", "role"],
                nulls_distinct=False,
                name="social_page_permission_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.operation_id}: {'on' if self.enabled else 'off'}"


class Assignment(models.Model):
    """What was assigned to one account: a role, or an operation with an effect. One table, so that one id names
    either. An allow and a deny of the same operation may stand side by side; the deny wins."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="assignments")
    role = models.ForeignKey(
        Role, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    operation_id = models.CharField(max_length=100, blank=True, default="")
    method = models.CharField(max_length=6, blank=True, default="")
    effect = models.CharField(max_length=5, choices=Effect, blank=True, default="")
    created_by = models.ForeignKey(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role"],
                condition=models.Q(role__isnull=False),
                name="social_assignment_role_unique",
            ),
            models.UniqueConstraint(
                fields=["account", "operation_id", "method", "effect"],
                condition=models.Q(role__isnull=True),
                name="social_assignment_operation_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(role__isnull=False, operation_id="", method="", effect="")
                | models.Q(role__isnull=True, effect__in=Effect.values)
                & ~models.Q(operation_id="")
                & ~models.Q(method=""),
                name="social_assignment_is_one_thing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["operation_id", "method"],
                condition=models.Q(role__isnull=True),
                name="social_assignment_operations",
            )
        ]

    def __str__(self) -> str:
        if self.role_id is not None:
            return f"role {self.role_id} of {self.account_id}"
        return f"{self.effect} {self.method} {self.operation_id} for {self.account_id}"


class PermissionRevision(models.Model):
    """One row that every change of the tables above replaces in its own transaction: whoever holds a compiled copy
    sees by it alone whether the copy is current. Its lock also puts the changes in a row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    revision = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="social_one_permission_revision")
        ]

    def __str__(self) -> str:
        return str(self.revision)
