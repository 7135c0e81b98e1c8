"""
The colleagues of a demo home: at least one person for each role, in teams that see what such teams see.

They exist only where every patient was invented by us (`Home.is_demo`), because everyone may read their password on
the sign-in page there.
"""

from dataclasses import asdict, dataclass
from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import transaction

from carewright.access import people, ties
from carewright.access.models import CANDIDATES, EVERYONE, Tie
from carewright.audit import actions as audit
from carewright.kernel.errors import NotPermitted
from carewright.plumbing import home
from carewright.staff import roles
from carewright.staff.models import Team, User

PASSWORD = "carewright-demo"  # noqa: S105 (shown to everyone, and refused outside demo homes)
DOMAIN = "riverside.example"
LEADERSHIP, COMPLEX_CARE, DATA, OFFICE = "Program leadership", "Complex care", "Data and quality", "Program office"


@dataclass(frozen=True)
class Colleague:
    """One invented colleague and the teams they belong to; `leads` names the team they lead."""

    first_name: str
    last_name: str
    credential: str
    role: str
    teams: tuple[str, ...] = ()
    leads: str = ""

    @property
    def sign_in(self) -> str:
        """The email they sign in with."""
        return f"{self.first_name}.{self.last_name}@{DOMAIN}".lower()


COLLEAGUES = (
    Colleague("Priya", "Nair", "RN", "supervisor", (LEADERSHIP, COMPLEX_CARE), leads=COMPLEX_CARE),
    Colleague("Maria", "Delgado", "RN", "care_manager", (COMPLEX_CARE,)),
    Colleague("Dana", "Cole", "RN", "care_manager", (COMPLEX_CARE,)),
    Colleague("Tom", "Reyes", "RN", "care_manager", (COMPLEX_CARE,)),
    Colleague("Jerome", "Banks", "LCSW", "social_worker", (COMPLEX_CARE,)),
    Colleague("Nia", "Ford", "CHW", "community_health_worker", (COMPLEX_CARE,)),
    Colleague("Ellen", "Marsh", "PhD", "behavioral_health_clinician", (COMPLEX_CARE,)),
    Colleague("Omar", "Haddad", "PharmD", "pharmacist", (COMPLEX_CARE,)),
    Colleague("Anita", "Rao", "MD", "medical_director", (LEADERSHIP,), leads=LEADERSHIP),
    Colleague("Sam", "Whitaker", "", "analyst", (DATA,), leads=DATA),
    Colleague("Helen", "Brandt", "CHC", "quality", (DATA,)),
    Colleague("Luis", "Romero", "CPC", "billing", (OFFICE,)),
    Colleague("Tara", "Wells", "", "referral_coordinator", (OFFICE,)),
    Colleague("Alex", "Kim", "", "administrator"),
)
TEAMS = {
    LEADERSHIP: ("Answers for the program.", EVERYONE, Tie.Because.OVERSIGHT),
    COMPLEX_CARE: ("Decides who is called, and calls.", CANDIDATES, Tie.Because.TRIAGE),
    DATA: ("Looks after the data, quality and privacy.", EVERYONE, Tie.Because.OPERATIONS),
    OFFICE: ("Bills and arranges visits.", CANDIDATES, Tie.Because.OPERATIONS),
}


@dataclass(frozen=True)
class DemoUser:
    """What `demo users` and the sign-in page of a demo print about one colleague."""

    role: str
    name: str
    sign_in: str
    password: str


def add_demo_staff(*, by: str, on: date) -> list[dict[str, str]]:
    """
    Add the colleagues of the demo, their teams and ties; those who are there already are left as they are.

    Answers rows of `role, name, sign_in, password`. Refused (NotPermitted) in a home that holds real people.
    """
    if not home.current().is_demo:
        raise NotPermitted("Demo colleagues are added to demo homes only: their password is known to everyone.")
    with transaction.atomic():
        teams = {name: _team(name, by=by, on=on) for name in TEAMS}
        hashed = make_password(PASSWORD)
        for colleague in COLLEAGUES:
            if User.objects.filter(email=colleague.sign_in).exists():
                continue
            person = people.add_person(
                email=colleague.sign_in, first_name=colleague.first_name, last_name=colleague.last_name,
                role=colleague.role, credential=colleague.credential, by=by,
            )  # fmt: skip
            person.password = hashed
            person.save(update_fields=["password"])
            for name in colleague.teams:
                people.join_team(person=person, team=teams[name], on=on, leads=name == colleague.leads, by=by)
        audit.happened("added_demo_staff", by=by, after={"people": len(COLLEAGUES)})
    return listed()


def listed() -> list[dict[str, str]]:
    """Who can sign in to this demo home: rows of `role, name, sign_in, password`; none in a home with real people."""
    if not home.current().is_demo:
        return []
    there = set(User.objects.filter(is_active=True).values_list("email", flat=True))
    return [
        asdict(
            DemoUser(
                role=roles.BY_CODE[colleague.role].name,
                name=f"{colleague.first_name} {colleague.last_name}",
                sign_in=colleague.sign_in,
                password=PASSWORD,
            )
        )
        for colleague in COLLEAGUES
        if colleague.sign_in in there
    ]


def _team(name: str, *, by: str, on: date) -> Team:
    description, population, because = TEAMS[name]
    if team := Team.objects.filter(name=name).first():
        return team
    team = people.add_team(name=name, description=description, by=by)
    ties.tie_to_population(population=population, because=because, on=on, by=by, team=team)
    return team
