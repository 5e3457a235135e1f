"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with the least that the OWASP Password Storage Cheat Sheet asks: 19 MiB, twice, one lane.

    Django's own choice of 100 MiB in eight lanes takes the memory of a small server when a shift of
    people signs in at once. A hash with other numbers is made anew when its owner signs in.
    """

    memory_cost = 19 * 1024  # KiB
    time_cost = 2
    parallelism = 1
