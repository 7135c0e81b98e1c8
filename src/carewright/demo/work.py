"""
The work of a demo home: who is on call, whom each care manager leads, what was tried and said, and what is due.

Everything is done through the same actions as a person's click, by the invented colleagues themselves, so nothing here
can say what the house would not allow. Only demo homes call it; it is done once.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.careplan import actions as plans
from carewright.contacts import actions as contacts
from carewright.contacts.models import Contact
from carewright.demo import asking
from carewright.enrollment import actions as enrollment
from carewright.enrollment import caseload
from carewright.enrollment.models import Enrollment
from carewright.kernel.errors import CannotDo
from carewright.plumbing.home import Home
from carewright.population import queries as population
from carewright.population.models import Candidate
from carewright.registry.models import Address, Patient
from carewright.staff import clock
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import on_call

BY = "system:demo"
SHIFT_HOURS = (7, 19)
LANGUAGES = {"Maria": ("en", "es"), "Jerome": ("en",), "Nia": ("en", "es")}
SKILLS = {"Maria": ("complex_care", "transitional_care"), "Dana": ("chronic_care",), "Jerome": ("social_needs",)}
MINUTES_A_WEEK = {"Tom": 1_200, "Jerome": 1_000}
LEFT_OPEN = 23
"""The shift nobody took: the night four days from now."""
CALLED = 12
REACHED = 6


def begin(here: Home, *, on: date, at: datetime) -> dict[str, int]:
    """Do a demo's work once; answers how many of each. Nothing is done again where somebody leads patients already."""
    people = {user.first_name: user for user in User.objects.filter(is_active=True)}
    boss = people["Priya"]
    if Enrollment.objects.exists():
        return {}
    clock.forget()  # the organization, and with it the time zone, may have been added a moment ago
    clock.set_clock()
    with acting_as(BY), transaction.atomic():
        return {
            "shifts": _roster(people, boss, on=on),
            "leads described": _leads(people, boss, on=on),
            "enrolled": _caseload(here, boss, on=on, at=at),
            "contacts": _calls(people["Maria"], at=at),
            "plans": _plan(people["Maria"], people["Jerome"], on=on, at=at),
            "assessments": asking.ask(people["Maria"], people["Jerome"], on=on, at=at),
            "being reached": _outreach(people, boss, on=on, at=at),
            "referrals": _referrals(people, at=at),
        }


def _roster(people: dict[str, User], boss: User, *, on: date) -> int:
    """Last week and the next two, days and nights in turns; one night next week is left open, as happens."""
    turns = [people[name] for name in ("Maria", "Ana", "Tom", "Dana", "Chris", "Helen")]
    added = 0
    for number, (starts_at, ends_at) in enumerate(_shifts(on)):
        if number == LEFT_OPEN:
            continue
        user, backup = turns[number % len(turns)], turns[(number + 1) % len(turns)]
        on_call.add_shift(user=user, backup_user=backup, starts_at=starts_at, ends_at=ends_at, by=boss)
        added += 1
    return added


def _shifts(on: date) -> Iterator[tuple[datetime, datetime]]:
    for day in range(-7, 14):
        first = datetime.combine(on + timedelta(days=day), datetime.min.time())
        morning, evening = (timezone.make_aware(first.replace(hour=hour)) for hour in SHIFT_HOURS)
        yield morning, evening
        yield evening, timezone.make_aware(first.replace(hour=SHIFT_HOURS[0]) + timedelta(days=1))


def _leads(people: dict[str, User], boss: User, *, on: date) -> int:
    """What each lead brings, and their licences; one runs out soon, so that it can be seen coming."""
    states = sorted(set(Address.objects.exclude(state="").values_list("state", flat=True).distinct()))
    leads = [user for user in people.values() if user.role in ("care_manager", "social_worker")]
    for user in leads:
        name = user.first_name
        enrollment.describe_lead(
            user=user, languages=LANGUAGES.get(name, ("en",)), places=(), skills=SKILLS.get(name, ()),
            minutes_a_week=MINUTES_A_WEEK.get(name, 1_500), takes_new=name != "Chris", by=boss,
        )  # fmt: skip
        for state in states:
            ends = on + timedelta(days=24 if name == "Tom" else 500)
            enrollment.keep_licence(
                user=user, kind=user.credential, state=state, number=f"{state}-{user.pk:05d}", expires_on=ends, by=boss
            )
    return len(leads)


def _caseload(here: Home, boss: User, *, on: date, at: datetime) -> int:
    """The caseload file that landed, applied by the supervisor as she would from its preview."""
    return caseload.apply(lines=caseload.preview(here, on=on), by=boss, on=on, at=at).rows


def _mine(lead: User) -> list[Patient]:
    """A lead's patients, in the order they joined."""
    running = Enrollment.objects.running().filter(lead=lead).select_related("patient").order_by("pk")
    return list({enrollment.patient_id: enrollment.patient for enrollment in running}.values())


def _calls(nurse: User, *, at: datetime) -> int:
    """What was tried and said in the last weeks, and calls due around today."""
    recorded = 0
    for number, patient in enumerate(_mine(nurse)[:CALLED]):
        point = patient.contact_points.filter(kind="phone").first()
        for days, ended in ((21, Contact.Ended.NO_ANSWER), (19, Contact.Ended.REACHED)):
            started = _office_hour(at - timedelta(days=days), number)
            reached = ended == Contact.Ended.REACHED
            contacts.record(
                patient=patient, kind=Contact.Kind.CALL, ended=ended, by=nurse, at=started + timedelta(minutes=16),
                contact_point=point, started_at=started, ended_at=started + timedelta(minutes=15 if reached else 1),
                identified_by=("name", "born_on") if reached else (),
                note="Doing about the same. Asked for the next call in three weeks." if reached else "",
            )  # fmt: skip
            recorded += 1
        tasks.open_task(
            patient=patient, kind="follow_up_call", owner_user=nurse, by=nurse, at=at - timedelta(days=19),
            due_at=_office_hour(at, number) + timedelta(days=(number % 5) - 2), why="Agreed at the last call.",
        )  # fmt: skip
    return recorded


def _office_hour(moment: datetime, number: int) -> datetime:
    """A time between 9 and 16 on that day, another one for each number, so that no two calls overlap."""
    local = timezone.localtime(moment)
    return local.replace(hour=9 + (number // 3) % 7, minute=(number % 3) * 20, second=0, microsecond=0)


def _plan(nurse: User, social_worker: User, *, on: date, at: datetime) -> int:
    """A plan for the first of the nurse's patients."""
    patients = _mine(nurse)[:1]
    for patient in patients:
        problem = plans.add_problem(
            patient=patient, title="Short of breath when walking", priority="high", by=nurse, at=at,
            because="Said at the last call",
        )  # fmt: skip
        goal = plans.set_goal(
            patient=patient, problem=problem, words="I want to walk to church by Easter.",
            target="Walk a quarter mile without stopping", target_on=on + timedelta(days=120), confidence=6,
            in_the_way="Stairs, third floor; no ride", by=nurse, at=at,
        )  # fmt: skip
        plans.add_step(
            patient=patient, goal=goal, words="Arrange a ride to church on Sundays", who="staff", owner=social_worker,
            due_on=on + timedelta(days=10), by=nurse, at=at,
        )  # fmt: skip
        plans.add_step(
            patient=patient, goal=goal, words="Walk around the block every morning", who="patient",
            due_on=on + timedelta(days=14), by=nurse, at=at,
        )  # fmt: skip
    return len(patients)


def _outreach(people: dict[str, User], boss: User, *, on: date, at: datetime) -> int:
    """The first people of the list nobody leads yet are called by turns."""
    run = population.current_run()
    if run is None:
        return 0
    callers = [people[name] for name in ("Maria", "Ana", "Dana")]
    known = set(Enrollment.objects.running().values_list("patient", flat=True))
    begun = 0
    for candidate in Candidate.objects.filter(run=run).exclude(patient__in=known).order_by("rank")[: 2 * REACHED]:
        if begun == REACHED:
            break
        try:
            enrollment.start(
                patient=candidate.patient, program=candidate.program, owner=callers[begun % len(callers)], by=boss,
                on=on, at=at, because="accepted from the list",
            )  # fmt: skip
        except CannotDo:
            continue  # somebody the house does not allow to be called is not begun with
        begun += 1
    return begun


def _referrals(people: dict[str, User], *, at: datetime) -> int:
    """One through each door, waiting to be decided on."""
    enrollment.receive(
        door="self", at=at - timedelta(hours=20), by=BY, form_language="es", person_name="Rosa Jiménez",
        person_phone="(555) 014-7723", person_language="es", for_whom="me", may_leave_message=True, reasons=["food", "visits"],
    )  # fmt: skip
    enrollment.receive(
        door="provider", at=at - timedelta(hours=5), by=BY, person_name="Harold Whitcomb", person_phone="(555) 014-2210",
        person_born="1948-02-17", reasons=["left_hospital", "medicines"], how_soon="two_days", does_know="wants_it",
        sender_name="Linda Ames", sender_organization="Oakwood Clinic", sender_phone="(555) 014-9000",
    )  # fmt: skip
    enrollment.receive(
        door="staff", at=at - timedelta(hours=2), by=people["Nia"], person_name="Mrs. Gail Tran",
        person_phone="(555) 014-6402", for_whom="other", reasons=["home"], words="Neighbor called; mother alone since the fall.",
    )  # fmt: skip
    return 3
