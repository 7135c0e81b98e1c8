"""The people one can be in a demo home, shown on the sign-in page there and nowhere else."""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings

from carewright.staff import roles


@dataclass(frozen=True)
class DemoUser:
    """One demo person: their role in words, their name, what they sign in with."""

    role: str
    name: str
    sign_in: str
    password: str


def listed() -> list[DemoUser]:
    """Everyone of the demo, in the order of the roles; nobody in a home with real people."""
    if not settings.HOME.is_demo:
        return []
    try:
        users = import_module("carewright.demo.users")
    except ModuleNotFoundError:
        return []
    order = {role.name: at for at, role in enumerate(roles.ROLES)}
    found = [
        DemoUser(role=row["role"], name=row["name"], sign_in=row["sign_in"], password=row["password"])
        for row in users.listed()
    ]
    return sorted(found, key=lambda user: order.get(user.role, 99))
