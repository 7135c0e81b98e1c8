"""The people one can be in a demo home, shown on the sign-in page there and nowhere else."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from carewright.staff import roles


@dataclass(frozen=True)
class DemoUser:
    """One demo person: their role in words, their name, what they sign in with."""

    role: str
    name: str
    sign_in: str
    password: str


def listed() -> list[DemoUser]:
    """
    Everyone of the demo, in the order of the roles; nobody in a home with real people.

    Who they are is said by the function that `settings.DEMO_USERS` names, so the pages do not depend on the demo.
    """
    if not settings.HOME.is_demo:
        return []
    order = {role.name: at for at, role in enumerate(roles.ROLES)}
    people = (
        DemoUser(row["role"], row["name"], row["sign_in"], row["password"])
        for row in import_string(settings.DEMO_USERS)()
    )
    return sorted(people, key=lambda user: order.get(user.role, len(order)))
