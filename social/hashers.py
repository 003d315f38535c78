"""Password hashing sized for a server that logs many people in."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class LeanArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: OWASP's minimum; Django's default takes 100 MiB a log-in."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
