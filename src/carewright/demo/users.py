"""
Who works in a demo home: one person and more for every role, and what each of them may see.

They exist only in demo homes, where the sign-in page lists them. They share one password, made at random for each
home.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

DOMAIN = "demo.example"
WORDS = (
    "maple",
    "river",
    "amber",
    "harbor",
    "cedar",
    "lake",
    "meadow",
    "copper",
    "willow",
    "summit",
    "prairie",
    "coral",
)
TEAM = "East"
ORGANIZATION = "Great Lakes Care Partners (demo)"


@dataclass(frozen=True)
class Worker:
    """One invented colleague: what they do, their name, what stands behind it, and which people they answer for."""

    role: str
    given: str
    family: str
    credential: str = ""
    sees: str = ""
    because: str = "operations"
    in_team: bool = False
    leads_people: bool = False

    @property
    def email(self) -> str:
        """What they sign in with."""
        return f"{self.given}.{self.family}@{DOMAIN}".lower()


WORKERS = (
    Worker("care_manager", "Maria", "Delgado", "RN", in_team=True, leads_people=True),
    Worker("care_manager", "Ana", "Lund", "RN", in_team=True, leads_people=True),
    Worker("care_manager", "Tom", "Reyes", "RN", in_team=True, leads_people=True),
    Worker("care_manager", "Dana", "Cole", "RN", in_team=True, leads_people=True),
    Worker("care_manager", "Chris", "Obi", "RN", in_team=True, leads_people=True),
    Worker("social_worker", "Jerome", "Banks", "LCSW", in_team=True),
    Worker("community_health_worker", "Nia", "Ford", "CHW", in_team=True),
    Worker("behavioral_health_clinician", "Helen", "Marsh", "PsyD", "candidates", "triage"),
    Worker("pharmacist", "Leila", "Aziz", "PharmD", "candidates", "triage"),
    Worker("supervisor", "Priya", "Nair", "RN", "everyone", "oversight"),
    Worker("medical_director", "Samuel", "Okoye", "MD", "everyone", "oversight"),
    Worker("analyst", "Sam", "Whitaker", "", "everyone", "operations"),
    Worker("quality", "Ruth", "Ellison", "", "everyone", "operations"),
    Worker("billing", "Paul", "Lindgren", "", "everyone", "operations"),
    Worker("referral_coordinator", "Linda", "Torres", "", "candidates", "triage"),
    Worker("administrator", "Alex", "Kim"),
)


def leads() -> tuple[str, ...]:
    """Whom the caseload file names as leads, Maria first."""
    return tuple(worker.email for worker in WORKERS if worker.leads_people)


def password(secret: str) -> str:
    """Two words and four digits out of a home's secret: easy to type, different in every home."""
    digest = hashlib.sha256(f"demo password {secret}".encode()).digest()
    first, second = WORDS[digest[0] % len(WORDS)], WORDS[digest[1] % len(WORDS)]
    return f"{first}-{second}-{1000 + int.from_bytes(digest[2:6], 'big') % 9000}"


def listed() -> list[dict[str, str]]:
    """Who can sign in to this demo home: role, name, sign_in, password. Nobody where nobody was added yet."""
    from carewright.plumbing import home
    from carewright.staff import roles
    from carewright.staff.models import User

    secret = home.current().secret("demo_password")
    here = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [
        {
            "role": str(roles.BY_CODE[worker.role].name),
            "name": f"{worker.given} {worker.family}",
            "sign_in": worker.email,
            "password": password(secret),
        }
        for worker in WORKERS
        if worker.email in here
    ]


def add_staff(*, on: date, by: str) -> int:
    """Add the organization, everyone who works here, their team and what they may see; answers how many are new."""
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from carewright.access import people, ties
    from carewright.audit import actions as audit
    from carewright.plumbing import home
    from carewright.staff.models import Organization, User

    if User.objects.filter(email=WORKERS[0].email).exists():
        return 0
    # Hashing is slow on purpose; they share one password, so it is done once.
    hashed = make_password(password(home.current().secret("demo_password")))
    with transaction.atomic():
        if not Organization.objects.exists():
            place = Organization(name=ORGANIZATION, time_zone="America/Chicago")
            with audit.change(place, by=by, did="set_up_organization"):
                pass
        team = people.add_team(name=TEAM, description="Complex and chronic care, east side", by=by)
        ties.tie_to_population(population="candidates", because="triage", on=on, by=by, team=team)
        for worker in WORKERS:
            person = people.add_person(
                email=worker.email, first_name=worker.given, last_name=worker.family, role=worker.role,
                credential=worker.credential, by=by,
            )  # fmt: skip
            with audit.change(person, by=by, did="chose_password"):
                person.password = hashed
            if worker.in_team:
                people.join_team(person=person, team=team, on=on, by=by)
            if worker.sees:
                ties.tie_to_population(population=worker.sees, because=worker.because, on=on, by=by, user=person)
    return len(WORKERS)
