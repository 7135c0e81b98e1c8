"""Writing down contacts, minutes and notes, and mending what was written down wrongly. Nothing is ever overwritten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.channel.models import DoNotContact, Message
from carewright.contacts import note_templates, queries
from carewright.contacts.models import Contact, MinutesEntry, Note
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge import task_kinds
from carewright.registry import reaching
from carewright.registry.models import ContactPoint, Patient, RelatedPerson
from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.roles import Permission
from carewright.tasks import actions as tasks
from carewright.tasks import arrivals
from carewright.tasks.models import Task

Ended = Contact.Ended
ENTERED_LATE_AFTER = timedelta(hours=24)
LONGEST_STRETCH = timedelta(hours=8)
SENT_TWICE_WITHIN = timedelta(minutes=10)
NOT_THEIRS = frozenset({Ended.WRONG_NUMBER, Ended.DISCONNECTED})
NO_NEXT = frozenset({*Contact.REACHED, Ended.DIED, Ended.SENT, Ended.ERROR}) - {Ended.CALL_BACK}
OF_THE_PATIENT = frozenset({"patient", "proxy", "family", "unknown"})
PLANNED_BY_OUTREACH = "outreach"
CORRECTABLE = (
    "kind", "direction", "with_whom", "related_person", "contact_point", "started_at", "ended_at", "ended",
    "message_left", "interpreter", "interpreter_name",
)  # fmt: skip


@dataclass(frozen=True)
class Next:
    """What comes next, as the caller planned it: a kind of task, when, and whose it is (nobody named: the writer's)."""

    kind: str
    due_at: datetime
    why: str = ""
    title: str = ""
    window_starts_at: datetime | None = None
    owner_user: User | None = None
    about_kind: str = ""
    about_public_id: UUID | None = None


@dataclass(frozen=True)
class Recorded:
    """
    What came of writing a contact down.

    `wants_next` says that nobody was reached: the caller (outreach, a program) plans the next attempt, because only it
    knows the rules. `reported_death` says that somebody told us they died: contact has stopped already, and a task to
    confirm it is open.
    """

    contact: Contact
    closed: list[Task] = field(default_factory=list)
    note: Note | None = None
    minutes: MinutesEntry | None = None
    next_task: Task | None = None
    flagged_wrong: bool = False
    reported_death: bool = False
    wants_next: bool = False


def record(
    *, patient: Patient, kind: str, ended: str, by: User | str, at: datetime, direction: str = "out",
    with_whom: str = "patient", contact_point: ContactPoint | None = None, related_person: RelatedPerson | None = None,
    started_at: datetime | None = None, ended_at: datetime | None = None, message_left: bool = False,
    interpreter: str = "", interpreter_name: str = "", task: Task | None = None, books_minutes: bool = False,
    program: str = "", late_because: str = "", note: str = "", note_template: str = "", note_level: str = "",
    next_task: Next | None = None, message: Message | None = None, identified_by: Iterable[str] = (),
) -> Recorded:  # fmt: skip
    """
    Write down one attempt to reach somebody, or theirs to reach us, and all that follows from it at once.

    It closes the task it fulfills: the one named, or those open for this patient that such a contact keeps. A wrong or
    dead number is flagged with its day. Word of a death stops all contact in the same moment and asks somebody to
    confirm it. Minutes are booked when asked, the note is written, the next step is opened. All of it or none.
    """
    begun = started_at or at
    if begun > at + timedelta(minutes=1):
        raise CannotDo(_("A contact is written down after it happened. Choose a time that is not in the future."))
    _theirs(patient, contact_point, related_person, task)
    if _left_words(ended, message_left) and contact_point is not None and contact_point.forbids_messages:
        raise CannotDo(_("It is not safe to leave a message at this number. Choose how it really ended."))
    whole_minutes = int((ended_at - begun) / timedelta(minutes=1)) if ended_at is not None else None
    if whole_minutes is not None and whole_minutes < 0:
        raise CannotDo(_("It cannot end before it starts."))
    contact = Contact(
        patient=patient, kind=kind, direction=direction, with_whom=with_whom, related_person=related_person,
        contact_point=contact_point, used=contact_point.value if contact_point else "", started_at=begun,
        ended_at=ended_at, ended=ended, message_left=_left_words(ended, message_left),
        interpreter=interpreter, interpreter_name=interpreter_name.strip(), minutes=whole_minutes,
        by=by if isinstance(by, User) else None, recorded_at=at, message=message, identified_by=sorted(set(identified_by)),
    )  # fmt: skip
    with transaction.atomic():
        _once(contact)
        with audit.change(contact, by=by, did="record_contact", why=ended):
            pass
        flagged = ended in NOT_THEIRS and contact_point is not None
        if flagged:
            day = timezone.localdate(begun)
            reaching.flag_wrong(point=contact_point, on=day, by=by, why=ended)  # type: ignore[arg-type]
        if ended == Ended.DIED:
            _told_of_death(patient, contact, by=by, at=at)
        closed = _close_kept(contact, task, by=by, at=at)
        booked = None
        if books_minutes:
            if not isinstance(by, User) or ended_at is None:
                raise CannotDo(_("Minutes are booked by a person, for a contact that has ended."))
            booked = book_minutes(
                user=by, patient=patient, starts_at=begun, ends_at=ended_at, program=program, what=contact.kind,
                contact=contact, late_because=late_because, by=by, at=at,
            )  # fmt: skip
        written = None
        if note.strip() and isinstance(by, User):
            written = write_note(
                patient=patient, text=note, template=note_template, level=note_level, contact=contact, by=by, at=at
            )
        return Recorded(
            contact=contact, closed=closed, note=written, minutes=booked,
            next_task=_open_next(patient, next_task, by=by, at=at), flagged_wrong=flagged,
            reported_death=ended == Ended.DIED,
            wants_next=_wants_next(contact),
        )  # fmt: skip


def _once(contact: Contact) -> None:
    """Refuse the same attempt of the same colleague a second time: a form sent twice would count two calls."""
    if contact.by is None:
        return
    with connection.cursor() as cursor:
        # Two windows that save in the same moment come one after the other.
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"contact:{contact.by_id}:{contact.patient_id}"])
    same = ("by", "patient", "kind", "direction", "with_whom", "contact_point", "started_at", "ended")
    known = Contact.objects.standing().filter(**{name: getattr(contact, name) for name in same})
    if known.filter(recorded_at__gt=contact.recorded_at - SENT_TWICE_WITHIN).exists():
        raise NotNow(_("This is written down already. Nothing was saved twice."))


def _left_words(ended: str, message_left: bool) -> bool:
    return message_left or ended == Ended.LEFT_MESSAGE


def _theirs(patient, contact_point, related_person, task) -> None:
    for thing in (contact_point, related_person, task):
        if thing is not None and thing.patient_id != patient.pk:
            raise CannotDo(_("This belongs to another patient. Nothing was saved; check whose record is open."))


def _told_of_death(patient: Patient, contact: Contact, *, by: User | str, at: datetime) -> None:
    channel.stop_contact(patient=patient, because=DoNotContact.Because.REPORTED_DEAD, by=by, at=at)
    owner = by if isinstance(by, User) else arrivals.owner_for(patient, on=timezone.localdate(at))
    named = {"owner_user": owner} if isinstance(owner, User) else {"owner_team": owner}
    tasks.open_task(
        kind="confirm_death", patient=patient, why="We were told so in a contact.", about_kind="contact",
        about_public_id=contact.public_id, by=by, at=at, **named,
    )  # type: ignore[arg-type]  # fmt: skip


def _wants_next(contact: Contact) -> bool:
    if contact.direction != Contact.Direction.OUT or contact.with_whom not in OF_THE_PATIENT:
        return False
    return contact.ended not in NO_NEXT or (contact.ended in Contact.REACHED and not contact.was_reached)


def _close_kept(contact: Contact, task: Task | None, *, by: User | str, at: datetime) -> list[Task]:
    """Close what this contact fulfills; a reminder that needs somebody to be reached stays until they are."""
    if contact.ended == Ended.ERROR:
        return []
    found = list(Task.objects.in_sight_at(at).filter(patient=contact.patient).select_for_update(of=("self",)))
    if task is not None and task.is_open and task.pk not in {one.pk for one in found}:
        found.append(task)
    closed = []
    for one in found:
        named = task is not None and one.pk == task.pk
        if _keeps(contact, one) or (named and not task_kinds.kind_named(one.kind).kept_by):
            closed.append(tasks.close(task=one, because=Task.Closed.DONE, by=by, at=at, words=contact.ended))
    return closed


def _keeps(contact: Contact, task: Task) -> bool:
    """
    Whether a contact fulfills a task: made in its way, and with the one it is about.

    A call to the doctor fulfills no call to the patient, and what needs the patient alone is kept by nobody else.
    """
    known = task_kinds.kind_named(task.kind)
    if contact.ended == Ended.ERROR or not known.kept_by_contact(contact.kind, reached=contact.was_reached):
        return False
    if (contact.with_whom == Contact.With.PROVIDER) != (task.kind == "ask_pcp"):
        return False
    if known.kept_when == "reached":
        return contact.spoken_with in known.kept_with
    return contact.with_whom in OF_THE_PATIENT or contact.with_whom == Contact.With.PROVIDER


def _still_keeps(contact: Contact, task: Task) -> bool:
    """Whether what a contact had closed is kept by it as it now reads; what it was made for by name stays kept."""
    if not task_kinds.kind_named(task.kind).kept_by:
        return contact.ended != Ended.ERROR
    return _keeps(contact, task)


def _give_back(contact: Contact, mended: Contact, *, by: User, at: datetime) -> list[Task]:
    """
    Open again what the first entry had closed and the corrected one does not keep.

    The closed task stays as it was; another like it, due when the first was, is open. Calls that outreach plans come
    back by its own rules.
    """
    first = contact
    while first.corrects is not None:
        first = first.corrects
    closed = Task.objects.filter(
        patient=first.patient, closed_at=first.recorded_at, closed_by=first.by, closed_because=Task.Closed.DONE,
        closed_words=first.ended,
    ).exclude(about_kind=PLANNED_BY_OUTREACH)  # fmt: skip
    again = []
    for task in closed.select_related("owner_user", "owner_team").order_by("pk"):
        if not _still_keeps(contact, task) or _still_keeps(mended, task):
            continue  # given back by an earlier correction, or kept by this one too
        owner = task.owner_user if task.owner_user is None or task.owner_user.is_active else by
        again.append(tasks.open_task(
            kind=task.kind, patient=task.patient, title=task.title, why=task.why, due_at=task.due_at, clock=task.clock,
            priority=task.priority, owner_user=owner, owner_team=task.owner_team, about_kind=task.about_kind,
            about_public_id=task.about_public_id, by=by, at=at,
        ))  # fmt: skip
    return again


def _open_next(patient: Patient, planned: Next | None, *, by: User | str, at: datetime) -> Task | None:
    if planned is None:
        return None
    return tasks.open_task(
        kind=planned.kind, patient=patient, due_at=planned.due_at, why=planned.why, title=planned.title,
        window_starts_at=planned.window_starts_at, owner_user=planned.owner_user, about_kind=planned.about_kind,
        about_public_id=planned.about_public_id, by=by, at=at,
    )  # fmt: skip


def correct(*, contact: Contact, facts: Mapping[str, object], because: str, by: User, at: datetime) -> Contact:
    """
    Mend what was written down wrongly: another row says how it was and why; the first stays as it is.

    A number that was flagged wrong only by the mistake is right again. Minutes follow the corrected times. Reminders
    that only the mistake had fulfilled are open again.
    """
    if unknown := set(facts) - set(CORRECTABLE):
        raise ValueError(f"Not among {CORRECTABLE}: {sorted(unknown)}")
    if not because.strip():
        raise CannotDo(_("Say what was wrong."))
    if Contact.objects.filter(corrects=contact).exists():
        raise NotNow(_("This contact was corrected already. Correct the newer one."))
    _theirs(contact.patient, facts.get("contact_point"), facts.get("related_person"), None)
    values = {name: getattr(contact, name) for name in CORRECTABLE} | dict(facts)
    point, begun, over = values["contact_point"], values["started_at"], values["ended_at"]
    mended = Contact(
        patient=contact.patient, by=contact.by, recorded_at=at, message=contact.message, corrects=contact,
        correction_because=because.strip(), used=point.value if point else contact.used,  # type: ignore[attr-defined]
        minutes=int((over - begun) / timedelta(minutes=1)) if over else None, **values,  # type: ignore[operator,arg-type]
    )  # type: ignore[arg-type]  # fmt: skip
    with transaction.atomic():
        with audit.change(mended, by=by, did="correct_contact", why=because.strip()):
            pass
        was_flagged = contact.ended in NOT_THEIRS and mended.ended not in NOT_THEIRS
        if was_flagged and contact.contact_point and contact.contact_point.wrong_since:
            reaching.flag_right(point=contact.contact_point, by=by, why=because.strip())
        elif mended.ended in NOT_THEIRS and mended.contact_point:
            reaching.flag_wrong(
                point=mended.contact_point, on=timezone.localdate(mended.started_at), by=by, why=mended.ended
            )
        _minutes_follow(contact, mended, because=because.strip(), by=by, at=at)
        _give_back(contact, mended, by=by, at=at)
    return mended


def _minutes_follow(contact: Contact, mended: Contact, *, because: str, by: User, at: datetime) -> None:
    for entry in MinutesEntry.objects.standing().filter(contact=contact):
        void_minutes(entry=entry, because=because, by=by, at=at)
        if mended.ended != Ended.ERROR and mended.ended_at is not None:
            book_minutes(
                user=entry.user, patient=entry.patient, starts_at=mended.started_at, ends_at=mended.ended_at,
                program=entry.program, what=entry.what, contact=mended, late_because=because, by=by, at=at,
            )  # fmt: skip


def retract(*, contact: Contact, because: str, by: User, at: datetime) -> Contact:
    """Say that a contact never was (the wrong patient was open): it counts nowhere any more, and stays readable."""
    return correct(contact=contact, facts={"ended": Ended.ERROR}, because=because, by=by, at=at)


def book_minutes(
    *, user: User, patient: Patient, starts_at: datetime, ends_at: datetime, by: User, at: datetime, program: str = "",
    what: str = "", contact: Contact | None = None, late_because: str = "",
) -> MinutesEntry:  # fmt: skip
    """
    Book a stretch of somebody's time on a patient.

    Nobody is in two places: a stretch that overlaps another of the same person is refused, with the one it meets. What
    is booked more than a day later says why.
    """
    if ends_at <= starts_at:
        raise CannotDo(_("The end must come after the start."))
    if ends_at > at + timedelta(minutes=1):
        raise CannotDo(_("Time is booked after it was spent."))
    if ends_at - starts_at > LONGEST_STRETCH:
        raise CannotDo(_("More than eight hours in one stretch: check the times."))
    if at - ends_at > ENTERED_LATE_AFTER and not late_because.strip():
        raise CannotDo(_("This is more than a day ago. Say why it was not booked then."))
    entry = MinutesEntry(
        user=user, patient=patient, program=program, starts_at=starts_at, ends_at=ends_at, what=what.strip(),
        contact=contact, entered_at=at, entered_late_because=late_because.strip(),
    )  # fmt: skip
    try:
        with audit.change(entry, by=by, did="book_minutes"):
            pass
    except ValidationError as refusal:
        raise NotNow(_overlap(user, starts_at, ends_at) or " ".join(refusal.messages)) from refusal
    except IntegrityError as clash:
        # Booked in the same moment from another window.
        raise NotNow(_overlap(user, starts_at, ends_at) or _("This time is booked already.")) from clash
    return entry


def _overlap(user: User, starts_at: datetime, ends_at: datetime) -> str:
    # Their own time, also with somebody who is out of their sight by now; it says when, and not with whom.
    with acting_as("system:minutes"):
        met = MinutesEntry.objects.standing().filter(user=user, starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if met is None:
        return ""
    return _("You have booked %(from)s to %(to)s of that day already; no minute counts twice.") % {
        "from": date_format(timezone.localtime(met.starts_at), "g:i A"), "to": date_format(timezone.localtime(met.ends_at), "g:i A"),
    }  # fmt: skip


def void_minutes(*, entry: MinutesEntry, because: str, by: User, at: datetime) -> MinutesEntry:
    """Take booked time back, with a reason; it stays readable and counts nowhere."""
    if entry.voided_at is not None:
        raise NotNow(_("This time was taken back already."))
    if not because.strip():
        raise CannotDo(_("Say why the time is taken back."))
    with audit.change(entry, by=by, did="void_minutes", why=because.strip()):
        entry.voided_at, entry.voided_by, entry.voided_because = at, by, because.strip()
    return entry


def write_note(
    *, patient: Patient, text: str, by: User, at: datetime, template: str = "", level: str = "",
    contact: Contact | None = None,
) -> Note:  # fmt: skip
    """
    Write a note, for the team unless another level is chosen or its template is for fewer.

    A private note is for its author alone and holds no facts others need: they would not find them.
    """
    chosen = note_templates.BY_CODE.get(template or "free")
    if chosen is None:
        raise CannotDo(_("There is no such kind of note. Choose one of the list."))
    if not text.strip() or text.strip() == chosen.begins.strip():
        raise CannotDo(_("The note is empty. Write something, or leave it out."))
    note = Note(
        patient=patient, template=chosen.code, text=text.strip(), level=level or chosen.level, written_at=at,
        written_by=by, contact=contact,
    )  # fmt: skip
    with audit.change(note, by=by, did="write_note", why=note.level):
        pass
    return note


def add_to_note(*, note: Note, text: str, by: User, at: datetime) -> Note:
    """Add to a note without changing it; whoever may read the note may read what was added."""
    if not text.strip():
        raise CannotDo(_("The addendum is empty."))
    if note.addendum_of is not None:
        note = note.addendum_of
    _must_read(note, by)
    if note.voided_at is not None:
        raise NotNow(_("This note was voided. Write a new one."))
    added = Note(
        patient=note.patient, template=note.template, text=text.strip(), level=note.level, written_at=at, written_by=by,
        addendum_of=note, contact=note.contact,
    )  # fmt: skip
    with audit.change(added, by=by, did="add_to_note"):
        pass
    return added


def void_note(*, note: Note, because: str, by: User, at: datetime) -> Note:
    """Say that a note does not hold (wrong patient, wrong facts); it stays readable, marked, with the reason."""
    _must_read(note, by)
    if note.written_by_id != by.pk and not roles.allows(by, Permission.SEE_TEAM):
        raise NotPermitted(_("A note is voided by who wrote it, or by a supervisor."))
    if note.voided_at is not None:
        raise NotNow(_("This note was voided already."))
    if not because.strip():
        raise CannotDo(_("Say why the note does not hold."))
    with audit.change(note, by=by, did="void_note", why=because.strip()):
        note.voided_at, note.voided_by, note.voided_because = at, by, because.strip()
    return note


def _must_read(note: Note, by: User) -> None:
    if not Note.objects.filter(queries.readable(by), pk=note.pk).exists():
        raise NotPermitted(_("This note is not open to your role."))
