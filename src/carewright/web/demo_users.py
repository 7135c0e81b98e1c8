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

    @property
    def begin_here(self) -> bool:
        """A newcomer sees most as the one who leads the team."""
        return self.role == roles.BY_CODE["supervisor"].name


@dataclass(frozen=True)
class Cast:
    """The people of the demo as the sign-in page shows them: one for each role, then the others."""

    first: list[DemoUser]
    others: list[DemoUser]

    @property
    def password(self) -> str:
        """The one they share."""
        return self.first[0].password if self.first else ""


def listed() -> Cast:
    """
    Everyone of the demo, in the order of the roles; nobody in a home with real people.

    Who they are is said by the function that `settings.DEMO_USERS` names, so the pages do not depend on the demo.
    """
    if not settings.HOME.is_demo:
        return Cast([], [])
    order = {role.name: at for at, role in enumerate(roles.ROLES)}
    rows = import_string(settings.DEMO_USERS)()
    people = sorted(
        (DemoUser(row["role"], row["name"], row["sign_in"], row["password"]) for row in rows),
        key=lambda user: order.get(user.role, len(order)),
    )
    first = list({user.role: user for user in reversed(people)}.values())[::-1]
    return Cast(first, [user for user in people if user not in first])
