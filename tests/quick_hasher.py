"""Argon2 with next to no work in it, for people who exist only during a test; the product's own takes a tenth of a second."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """The same format; a server with the product's settings reads it, and writes it anew with its own when one signs in."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
