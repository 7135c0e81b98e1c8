"""Questions about contacts, minutes and notes; who may read which note is answered here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from carewright.contacts.models import Contact, MinutesEntry, Note
from carewright.contacts.note_templates import NOT_CLINICAL
from carewright.knowledge.task_kinds import THEIRS
from carewright.registry import relating
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.roles import Permission


@dataclass(frozen=True)
class Counts:
    """Calls and people are different numbers: how many attempts there were, to how many people; how many were reached."""

    attempts: int
    people: int
    reached_attempts: int
    people_reached: int


def contacts_of(patient: Patient) -> QuerySet[Contact]:
    """Every contact about a patient, the newest first; corrected ones and those entered in error are among them."""
    found = Contact.objects.filter(patient=patient)
    return found.select_related("by", "contact_point", "related_person", "correction", "corrects").order_by(
        "-started_at", "-pk"
    )


def without_held(contacts: Iterable[Contact]) -> list[Contact]:
    """
    The same contacts for a page, each with `whom` and `way`: the name and number that may be shown.

    Both are empty where they lead to somebody who is held away from the patient for safety.
    """
    found = list(contacts)
    held = relating.held_from({one.patient_id for one in found})
    for one in found:
        person = one.related_person if one.related_person_id not in held.people else None
        one.whom = person.name if person else ""  # type: ignore[attr-defined]
        one.way = "" if held.leads(one.patient_id, one.used) else one.used  # type: ignore[attr-defined]
    return found


def latest_contact(patient: Patient, *, reached: bool = False) -> Contact | None:
    """The latest contact that stands; with `reached`, the latest in which somebody was reached."""
    found = Contact.objects.standing().filter(patient=patient)
    return (found.reached() if reached else found).order_by("-started_at", "-pk").first()


def attempts(patient: Patient, *, since: datetime) -> list[Contact]:
    """Our attempts to reach the patient or somebody who speaks for them, since a moment, the oldest first."""
    found = Contact.objects.standing().filter(
        patient=patient, direction=Contact.Direction.OUT, started_at__gte=since,
        with_whom__in=[Contact.With.PATIENT, Contact.With.PROXY, Contact.With.FAMILY],
    )  # fmt: skip
    return list(found.order_by("started_at", "pk"))


def counted(contacts: QuerySet[Contact]) -> Counts:
    """How many attempts and how many people, and how many of each were reached; corrections count once."""
    reached = Q(ended__in=Contact.REACHED, with_whom__in=THEIRS)
    found = contacts.standing().aggregate(  # type: ignore[attr-defined]
        attempts=Count("pk"),
        people=Count("patient", distinct=True),
        reached_attempts=Count("pk", filter=reached),
        people_reached=Count("patient", filter=reached, distinct=True),
    )
    return Counts(**found)


def minutes_between(patient: Patient, *, since: datetime, until: datetime, program: str | None = None) -> int:
    """
    Whole minutes spent on a patient between two moments, each minute once, whoever was at work in it.

    Two colleagues at the same time are one stretch: an auditor counts it once.
    """
    found = MinutesEntry.objects.standing().filter(patient=patient, starts_at__lt=until, ends_at__gt=since)
    if program is not None:
        found = found.filter(program=program)
    spans = found.order_by("starts_at").values_list("starts_at", "ends_at")
    return int(together((max(start, since), min(end, until)) for start, end in spans) / timedelta(minutes=1))


def together(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How long spans last together, what lies in two of them counted once; they come in the order of their beginning."""
    total, reached = timedelta(), None
    for start, end in spans:
        begin = start if reached is None or start > reached else reached
        if end > begin:
            total += end - begin
            reached = end
    return total


def minutes_of_month(patient: Patient, month: date, *, program: str | None = None) -> int:
    """Whole minutes of one calendar month of the organization."""
    first = month.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    since, until = (timezone.make_aware(datetime.combine(day, time())) for day in (first, following))
    return minutes_between(patient, since=since, until=until, program=program)


def reads_restricted(reader: User) -> bool:
    """Whether a role reads restricted notes: it sees clinical, behavioral and safety facts."""
    role = roles.role_of(reader)
    return role is not None and role.sees_clinical and not role.hidden_tags & {roles.BEHAVIORAL, roles.SAFETY}


def readable(reader: User) -> Q:
    """
    Which notes somebody may read, as a condition.

    Their own always. Team notes when they work with patients; clinical ones only when their role sees clinical facts.
    Restricted ones as their role allows. A private note is its author's alone, whatever the role and the emergency.
    """
    mine = Q(written_by=reader)
    role = roles.role_of(reader)
    if role is None or not roles.allows(reader, Permission.WORK_TASKS):
        return mine
    team = Q(level=Note.Level.TEAM)
    if not role.sees_clinical:
        team &= Q(template__in=NOT_CLINICAL)
    return mine | team | Q(level=Note.Level.RESTRICTED) if reads_restricted(reader) else mine | team


def notes_of(patient: Patient, *, reader: User, asked: str = "") -> QuerySet[Note]:
    """
    The notes about a patient that somebody may read, the newest first; voided ones are among them, marked.

    `asked` are words that must all stand in the note or in what was added to it.
    """
    found = Note.objects.filter(readable(reader), patient=patient)
    for word in asked.split():
        found = found.filter(Q(text__icontains=word) | Q(pk__in=_with_addendum(patient, reader, word)))
    return found.select_related("written_by", "voided_by", "contact", "addendum_of").order_by("-written_at", "-pk")


def _with_addendum(patient: Patient, reader: User, word: str) -> QuerySet:
    added = Note.objects.filter(readable(reader), patient=patient, addendum_of__isnull=False, text__icontains=word)
    return added.values("addendum_of")


def unreadable_count(patient: Patient, *, reader: User) -> int:
    """How many notes there are that somebody may not read; private ones of others are not even counted."""
    found = Note.objects.filter(patient=patient).exclude(level=Note.Level.PRIVATE)
    return found.exclude(readable(reader)).count()
