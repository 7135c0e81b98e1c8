"""
Deciding on the triage list: who this is, and then accept, not now until a day, exclude with a reason, or ask the PCP.

A name never decides who somebody is; a member of staff does, looking at both. What is decided here is also written
where candidates are decided, so that the two lists never say different things about one person.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.enrollment import reaching
from carewright.enrollment.models import Door, Enrollment, IncomingReferral, OutreachEpisode, TriageItem
from carewright.enrollment.referring import born_on, digits
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge.referral import answer_by
from carewright.population import actions as population
from carewright.population.models import CandidateDecision
from carewright.registry import actions as registry
from carewright.registry import reaching as registry_reaching
from carewright.registry.models import ContactPoint, Coverage, Identifier, Patient
from carewright.registry.names import name_key
from carewright.staff import roles
from carewright.staff.models import User
from carewright.tasks.models import Task

Decision = TriageItem.Decision
MOST_FOUND = 8
PCP_ANSWERS_WITHIN = timedelta(days=5)
SYSTEM = "system:triage"


@dataclass(frozen=True)
class Possible:
    """Somebody this could be, and what speaks for it."""

    patient: Patient
    because: tuple[str, ...]


def possible_people(*, item: TriageItem, by: User) -> list[Possible]:
    """
    The people a referral could be about: the same number, the same phone, or the same name and birth date.

    Looked for among everyone, also people the reader has no tie to, because otherwise somebody would be added twice;
    whoever is shown is written into the access log.
    """
    _must_decide(by)
    found: dict[int, Possible] = {}
    with acting_as(SYSTEM):
        for referral in item.referrals.all():
            for patient in Patient.objects.filter(_alike(referral)).distinct()[: MOST_FOUND * 2]:
                because = _because(referral, patient)
                if because and (patient.pk not in found or len(because) > len(found[patient.pk].because)):
                    found[patient.pk] = Possible(patient, because)
    people = sorted(found.values(), key=lambda each: (-len(each.because), each.patient.sort_name))[:MOST_FOUND]
    if people:
        audit.saw_list([each.patient.pk for each in people], by=by, page="enrollment:triage_item", why="who is this?")
    return people


def say_who(*, item: TriageItem, patient: Patient, by: User, on: date, at: datetime) -> TriageItem:
    """
    Say that a referral is about this patient; answers the item it now hangs on.

    When the patient is on the list already, this item joins the other one. Whoever said it may open the patient.
    """
    _must_decide(by)
    _must_be_open(item)
    if item.patient_id is not None and item.patient_id != patient.pk:
        raise NotNow(_("Somebody has said already who this is. Take that back first."))
    with transaction.atomic():
        if not Tie.objects.on(on).filter(user=by, patient=patient).exists():
            # The house writes the tie, because until it is there the patient does not exist for whoever decides; from
            # here on the wall lets everything else through.
            tie = Tie(user=by, patient=patient, because=Tie.Because.TRIAGE, starts_on=on)
            with acting_as(SYSTEM), audit.change(tie, by=by, did="tied", why="said who a referral is about"):
                pass
        other = TriageItem.objects.still_open().filter(patient=patient).exclude(pk=item.pk).first()
        with audit.change(item, by=by, did="said_who"):
            if other is None:
                item.patient = patient
            else:
                item.joined_to = other
        for referral in item.referrals.all():
            with audit.change(referral, by=by, did="said_who"):
                referral.patient = patient
                if other is not None:
                    referral.item = other
            _keep_phone(referral, patient, by=by)
        if other is not None:
            with audit.change(other, by=by, did="joined_triage"):
                other.opened_at, other.due_at = min(other.opened_at, item.opened_at), min(other.due_at, item.due_at)
                if other.decision == Decision.NOT_NOW:
                    other.decision = other.decided_at = other.decided_by = other.until = None
                    other.because = ""
    return other or item


def add_person(
    *, item: TriageItem, given_name: str, family_name: str, born: date | None, phone: str, language: str, by: User,
    on: date, at: datetime,
) -> TriageItem:  # fmt: skip
    """Add somebody nobody knows yet, from what was sent and what the caller said, and say that the referral is theirs."""
    _must_decide(by)
    _must_be_open(item)
    if not given_name.strip() or not family_name.strip():
        raise CannotDo(_("Write the given name and the family name."), at="given_name")
    if born is not None and born > on:
        raise CannotDo(_("The date of birth is in the future."), at="born")
    with acting_as(SYSTEM):
        patient, _is_new = registry.find_or_add(
            identifiers=[registry.GivenIdentifier("referral", str(item.public_id))], by=by, given_name=given_name,
            family_name=family_name, born_on=born, language=language, phones=[phone] if digits(phone) else [],
        )  # fmt: skip
    return say_who(item=item, patient=patient, by=by, on=on, at=at)


def take_back_who(*, item: TriageItem, by: User, why: str, at: datetime) -> TriageItem:
    """It was somebody else after all: the referral is about nobody we know again. Only before a decision."""
    _must_decide(by)
    if item.decision is not None or item.joined_to_id is not None:
        raise NotNow(_("This was decided already. Take the decision back first."))
    if not why.strip():
        raise CannotDo(_("Say why it is somebody else."), at="why")
    with transaction.atomic():
        with audit.change(item, by=by, did="took_back_who", why=why.strip()):
            item.patient = None
        for referral in item.referrals.all():
            with audit.change(referral, by=by, did="took_back_who"):
                referral.patient = None
    return item


def accept(
    *, item: TriageItem, program: str, owner: User | None, by: User, on: date, at: datetime, note: str = ""
) -> OutreachEpisode:
    """Take somebody on: the attempts to reach them are planned from now, for whoever calls them."""
    _must_decide(by)
    patient = _somebody(item)
    with transaction.atomic():
        population.accept_referred(patient=patient, by=by, at=at, note=note)
        _decide(item, Decision.ACCEPTED, program=program, note=note, by=by, at=at)
        return reaching.start(patient=patient, program=program, owner=owner or by, item=item, by=by, on=on, at=at)


def not_now(
    *, item: TriageItem, until: date, because: str, by: User, on: date, at: datetime, note: str = ""
) -> TriageItem:
    """Set somebody aside until a day; the day after it they are on the list again."""
    _must_decide(by)
    with transaction.atomic():
        population.not_now(patient=_somebody(item), until=until, on=on, because=because, by=by, at=at, note=note)
        return _decide(item, Decision.NOT_NOW, until=until, because=because, note=note, by=by, at=at)


def exclude(*, item: TriageItem, because: str, by: User, on: date, at: datetime, note: str = "") -> TriageItem:
    """Say no, with a reason that everyone who looks can read. A referral about nobody (a joke) may be excluded too."""
    _must_decide(by)
    _must_be_open(item)
    with transaction.atomic():
        if item.patient is not None:
            population.exclude(patient=item.patient, because=because, on=on, by=by, at=at, note=note)
        return _decide(item, Decision.EXCLUDED, because=because, note=note, by=by, at=at)


def ask_pcp(*, item: TriageItem, by: User, at: datetime, note: str = "") -> TriageItem:
    """Ask the primary care provider first; a task reminds whoever asked, and the clock of the item becomes the answer's."""
    _must_decide(by)
    patient = _somebody(item)
    with transaction.atomic():
        found = _decide(item, Decision.ASK_PCP, because="ask_pcp", note=note, by=by, at=at)
        found.due_at = at + PCP_ANSWERS_WITHIN
        found.save(update_fields=["due_at"])
        reaching.remind(
            kind="ask_pcp", patient=patient, owner=by, about_kind="triage", about=item.public_id, by=by, at=at,
            due_at=found.due_at, title="Ask the primary care provider", why=note or "Before a decision in triage",
        )  # fmt: skip
    return found


def take_over_accepted(*, at: datetime, on: date, by: str) -> int:
    """
    Start reaching everyone who was accepted on the candidate list and is not being reached yet; answers how many.

    The fourth door: claims and rules. Runs each minute, and changes nothing twice.
    """
    done = TriageItem.objects.filter(
        patient=OuterRef("patient"), decision=Decision.ACCEPTED, decided_at__gte=OuterRef("at")
    )
    waiting = (
        CandidateDecision.objects.standing()
        .filter(decision="accepted", patient__died_on__isnull=True)
        .exclude(Exists(done))
        .exclude(patient__in=TriageItem.objects.still_open().filter(door=Door.CLAIMS).values("patient"))
        .exclude(patient__in=OutreachEpisode.objects.running().values("patient"))
        .exclude(patient__in=Enrollment.objects.running().values("patient"))
        .select_related("patient", "by")
        .order_by("at")
    )
    started = 0
    for decided in waiting[:500]:
        item = TriageItem.objects.still_open().filter(patient=decided.patient).first() or TriageItem(
            patient=decided.patient,
            door=Door.CLAIMS,
            opened_at=decided.at,
            due_at=answer_by(timezone.localtime(decided.at)),
        )
        is_new = item._state.adding
        program = reaching.program_suggested(decided.patient)
        try:
            with transaction.atomic():
                with audit.change(item, by=by, did="took_over_candidate"):
                    item.decision, item.decided_at, item.decided_by = Decision.ACCEPTED, decided.at, decided.by
                    item.note, item.program, item.until, item.because = decided.note, program, None, decided.because
                reaching.start(
                    patient=decided.patient, program=program, owner=decided.by, item=item, by=by, on=on, at=at
                )
        except CannotDo as refusal:
            # Somebody has to look: it waits on the triage list with the reason, and is not tried again each minute.
            if is_new:
                item.pk, item._state.adding = None, True
            with audit.change(item, by=by, did="took_over_candidate", why=str(refusal)):
                item.decision = item.decided_at = item.decided_by = None
                item.note, item.door = str(refusal), Door.CLAIMS
        else:
            started += 1
    return started


def _decide(
    item: TriageItem, decision: str, *, by: User, at: datetime, until: date | None = None, because: str = "",
    program: str = "", note: str = "",
) -> TriageItem:  # fmt: skip
    _must_be_open(item)
    with audit.change(item, by=by, did=f"triage_{decision}", why=because):
        item.decision, item.decided_at, item.decided_by = decision, at, by
        item.until, item.because, item.note = until, because, note.strip()
        item.program = program or item.program
    if decision != Decision.ASK_PCP:
        # The question to the primary care provider has its answer, or needs none any more.
        reaching.close_reminders("triage", [item.public_id], because=Task.Closed.DONE, by=by, at=at)
    return item


def _must_decide(by: User) -> None:
    if not roles.allows(by, roles.Permission.DECIDE_CANDIDATES):
        raise NotPermitted(_("Your role does not decide who is called."))


def _must_be_open(item: TriageItem) -> None:
    if item.joined_to_id is not None:
        raise NotNow(_("This hangs on another item of the same person. Open that one."))
    if item.decision in (Decision.ACCEPTED, Decision.EXCLUDED):
        raise NotNow(_("This was decided already."))


def _somebody(item: TriageItem) -> Patient:
    _must_be_open(item)
    if item.patient is None:
        raise NotNow(_("Say who this is about first."))
    if item.patient.died_on is not None:
        raise NotNow(_("This person has died."))
    return item.patient


def _keep_phone(referral: IncomingReferral, patient: Patient, *, by: User) -> None:
    """The number they sent becomes one of the patient's; "no message, it is not safe" holds from now on."""
    number = digits(referral.person_phone)
    if len(number) < 10:
        return
    known = ContactPoint.every_one.filter(patient=patient, digits=number).first()
    if known is None:
        registry_reaching.add_contact_point(
            patient=patient, kind="phone", value=referral.person_phone, best_time=referral.best_time,
            is_safe_for_message=referral.may_leave_message, by=by,
        )  # fmt: skip
        return
    facts: dict[str, object] = {}
    if referral.may_leave_message is False and known.is_safe_for_message is not False:
        facts["is_safe_for_message"] = False
    if referral.may_leave_message and known.is_safe_for_message is None:
        facts["is_safe_for_message"] = True
    if referral.best_time and not known.best_time:
        facts["best_time"] = referral.best_time
    if facts:
        registry_reaching.describe_contact_point(point=known, facts=facts, by=by)


def _alike(referral: IncomingReferral) -> Q:
    wanted = Q(pk__in=[])
    phone, born, number = digits(referral.person_phone), born_on(referral.person_born), referral.person_number.strip()
    keys = _name_keys(referral.person_name)
    if phone:
        wanted |= Q(pk__in=ContactPoint.objects.filter(digits=phone).values("patient"))
    if born:
        wanted |= Q(born_on=born, sort_name__in=keys)
    if len(number) >= 4:
        wanted |= Q(pk__in=Identifier.objects.filter(value=number).values("patient"))
        wanted |= Q(pk__in=Coverage.objects.filter(member_id=number).values("patient"))
    return wanted | Q(sort_name__in=keys)


def _name_keys(name: str) -> list[str]:
    """The ways a full name may be divided into family and given, as names are sorted here."""
    parts = name_key(name).split()
    return [" ".join([*parts[cut:], *parts[:cut]]) for cut in range(len(parts))]


def _because(referral: IncomingReferral, patient: Patient) -> tuple[str, ...]:
    because = []
    number = referral.person_number.strip()
    if len(number) >= 4 and (
        patient.identifiers.filter(value=number).exists() or patient.coverages.filter(member_id=number).exists()
    ):
        because.append("number")
    phone = digits(referral.person_phone)
    if phone and patient.contact_points.filter(digits=phone).exists():
        because.append("phone")
    born = born_on(referral.person_born)
    if born and patient.born_on == born:
        because.append("birth date")
    if patient.sort_name in _name_keys(referral.person_name):
        because.append("name")
    return tuple(because) if born is None or patient.born_on in (None, born) or "number" in because else ()
