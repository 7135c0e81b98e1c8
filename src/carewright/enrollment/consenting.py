"""
Asking for consent, and everything that a yes, a no, a change of mind and a revocation do.

Withdrawing is one action and holds from that moment: reminders close because the person withdrew, nobody calls, nothing
is shared, and no minute counts any more. Safety alarms stay open: only a clinician who writes what was done closes one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.contacts.models import Contact
from carewright.enrollment import reaching, signing, speaking
from carewright.enrollment.models import Consent, Disclosure, Enrollment, How, OutreachEpisode, Pause, SharingConsent
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge import consent as words
from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.population import queries as population
from carewright.registry.models import Authority, Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.tasks import actions as tasks
from carewright.tasks import arrivals, sentences
from carewright.tasks.models import Alarm, Task

SHARING = "sharing_consent"
AGREED = "consent"
ENROLL = "enroll_agreed"
ON_A_CALL = "Declined on a call"
RENEW_AHEAD = timedelta(days=30)
"""How long before its last day somebody is reminded to ask for a consent to share anew."""


def agree(
    *, patient: Patient, program: str, elements: Iterable[str], how: str, language: str, by: User, at: datetime,
    interpreter: str = "", given_by: str = "", authority: str = "", signed_name: str = "", drawn: str = "",
) -> Consent:  # fmt: skip
    """
    Write down that somebody said yes, with each element they were told; `drawn` is the signature as the page sent it.

    Nothing is left out: a consent of which one element was not said is refused, with what is missing. So is one that a
    child gave alone, that was not understood, or that came from somebody who does not speak for the patient.
    """
    _must_ask(by)
    _must_live(patient)
    _must_be_a_program(program)
    said = [element.code for element in words.elements_for(program) if element.code in set(elements)]
    if missing := words.missing(program, set(said)):
        raise NotNow(_("Not said yet: %(elements)s.") % {"elements": ", ".join(_(element.name) for element in missing)})
    if Consent.objects.standing().filter(patient=patient, program=program).exists():
        raise NotNow(_("This person has agreed to %(program)s already.") % {"program": _(name_of(program))})
    speaking.refuse_a_wrong_voice(patient, given_by=given_by, on=timezone.localdate(at))
    speaking.refuse_a_child_alone(patient, given_by=given_by, on=timezone.localdate(at))
    speaking.refuse_what_was_not_understood(patient, language=language, interpreter=interpreter)
    consent = Consent(
        patient=patient, program=program, answer=Consent.Answer.AGREED, elements=said, version=words.VERSION, how=how,
        language=language, interpreter=interpreter.strip(), given_by=given_by.strip(), authority=authority.strip(),
        signed_name=signed_name.strip(), drawn=signing.read(drawn) if how == How.E_SIGNED else "", at=at, by=by,
    )  # fmt: skip
    with transaction.atomic():
        _reopen_refusals(patient, program, because="they said yes", by=by, at=at)
        with audit.change(consent, by=by, did="consented"):
            pass
        reaching.allow_contact(patient, because="withdrew", why="they said yes", by=by, at=at)
        reaching.close_reminders(
            "patient", [patient.public_id], because=Task.Closed.DONE, by=by, at=at, kinds=["take_consent"]
        )
        _remind_to_enroll(consent, by=by, at=at)
    return consent


def _remind_to_enroll(consent: Consent, *, by: User, at: datetime) -> None:
    """A yes is not forgotten: the calls for it end, and whoever heard it is reminded until the person has joined."""
    patient, program = consent.patient, consent.program
    for episode in OutreachEpisode.objects.running().filter(patient=patient, program=program):
        reaching.replan(episode=episode, at=at, by=by)
    if Enrollment.objects.running().filter(patient=patient, program=program).exists():
        return
    tasks.open_task(
        kind=ENROLL, patient=patient, owner_user=by, title=sentences.ENROLL_IN.format(program=name_of(program)), at=at, by=by,
        why=sentences.SAID_YES.format(day=f"{timezone.localdate(at):%B %-d}"), about_kind=AGREED, about_public_id=consent.public_id,
    )  # fmt: skip


def decline(
    *, patient: Patient, program: str, because: str, how: str, language: str, by: User, on: date, at: datetime,
    interpreter: str = "", given_by: str = "", authority: str = "",
) -> Consent:  # fmt: skip
    """
    Write down a no. It is final for the program's number of days; outreach for it ends, and no list offers it meanwhile.

    Raises NotNow when they are in the program: leaving it is a withdrawal.
    """
    _must_ask(by)
    _must_be_a_program(program)
    if Enrollment.objects.running().filter(patient=patient, program=program).exists():
        raise NotNow(
            _("This person is in %(program)s. Write down a withdrawal instead.") % {"program": _(name_of(program))}
        )
    if Consent.objects.standing().filter(patient=patient, program=program).exists():
        raise NotNow(
            _("This person has agreed to %(program)s. Write down a withdrawal instead.")
            % {"program": _(name_of(program))}
        )
    speaking.refuse_a_wrong_voice(patient, given_by=given_by, on=on)
    return _decline(
        patient, program, because=because, how=how, language=language, interpreter=interpreter, given_by=given_by,
        authority=authority, by=by, on=on, at=at,
    )  # fmt: skip


def after_contact(*, contact: Contact, by: User | str, at: datetime) -> None:
    """
    A contact was recorded: plan the next attempt, or keep the person's no.

    A no on a call is a no to everything we are calling them about, whoever made the call; it is never called "reached"
    and planned anew. It is the patient's own, or of who decides for them on a document: a relative who says "she does
    not want it" answers for nobody, and the calls go on.
    """
    speaks = _who_may_say_no(contact, on=timezone.localdate(contact.started_at))
    if contact.ended != Contact.Ended.DECLINED or contact.by is None or speaks is None:
        reaching.after_contact(contact=contact, at=at, by=by)
        return
    given_by, authority = speaks
    running = OutreachEpisode.objects.running().filter(patient=contact.patient_id, opened_at__lte=contact.started_at)
    with transaction.atomic():
        for episode in running.select_related("patient"):
            _decline(
                episode.patient, episode.program, because=ON_A_CALL, how=How.VERBAL, given_by=given_by,
                authority=authority, language=episode.patient.language or "en", interpreter=contact.interpreter_name,
                by=contact.by, on=timezone.localdate(at), at=at,
            )  # fmt: skip


def _who_may_say_no(contact: Contact, *, on: date) -> tuple[str, str] | None:
    """Whose no a contact holds: the patient's (nobody named), or the name and authority of who decides for them."""
    if contact.spoken_with == Contact.With.PATIENT:
        return "", ""
    person = contact.related_person
    authority = person.authority_on(on) if person is not None else None
    if person is None or authority is None or authority.kind not in Authority.NEEDS_A_DOCUMENT:
        return None
    with override(None):  # kept with the no, and read by others: as the house writes it
        return person.name, str(authority.get_kind_display())


def _decline(
    patient: Patient, program: str, *, because: str, how: str, language: str, interpreter: str, given_by: str,
    authority: str, by: User, on: date, at: datetime,
) -> Consent:  # fmt: skip
    answer = Consent(
        patient=patient, program=program, answer=Consent.Answer.DECLINED, version=words.VERSION, how=how,
        language=language, interpreter=interpreter.strip(), given_by=given_by.strip(), authority=authority.strip(), at=at,
        by=by, because=because.strip(), final_until=on + timedelta(days=days_a_no_holds(program, on)),
    )  # fmt: skip
    with transaction.atomic():
        with audit.change(answer, by=by, did="declined"):
            pass
        for episode in OutreachEpisode.objects.running().filter(patient=patient, program=program):
            reaching.close(
                episode=episode, outcome=OutreachEpisode.Outcome.DECLINED, by=by, at=at, words=because.strip()
            )
    return answer


def reopen_refusal(*, consent: Consent, because: str, by: User, at: datetime) -> Consent:
    """A no that is open again before its day, because the person asked or something new happened."""
    _must_ask(by)
    if consent.answer != Consent.Answer.DECLINED or consent.reopened_at is not None:
        raise NotNow(_("There is no standing no to open again."))
    if not because.strip():
        raise CannotDo(_("Say what is new, or that the person asked."), at="why")
    return open_again(consent, because=because.strip(), by=by, at=at)


def open_again(consent: Consent, *, because: str, by: User | str, at: datetime) -> Consent:
    """Write down that a no is open again."""
    with audit.change(consent, by=by, did="reopened_refusal", why=because):
        consent.reopened_at, consent.reopened_because = at, because
    return consent


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal ended; the alarms are those that stay open."""

    consents: int
    enrollments: int
    tasks: int
    outreach: int
    sharing: int
    open_alarms: int


def withdraw(
    *, patient: Patient, how: str, by: User, on: date, at: datetime, words_said: str = "", program: str = ""
) -> Withdrawn:
    """
    Somebody changed their mind: one action, in force at once.

    For one program, or without `program` for all of them. When nothing is left that they agreed to, every reminder
    closes, sharing is revoked and nothing is sent any more. Open safety alarms stay open, and whoever looks after them keeps seeing the patient until they are closed.
    """
    _must_ask(by)
    if not how.strip():
        raise CannotDo(_("Say how they told us: on the phone, in a letter, in person."), at="how")
    standing = Consent.objects.standing().filter(patient=patient)
    episodes = OutreachEpisode.objects.running().filter(patient=patient)
    enrolled = Enrollment.objects.running().filter(patient=patient)
    if program:
        standing, episodes, enrolled = (rows.filter(program=program) for rows in (standing, episodes, enrolled))
    if not standing.exists() and not episodes.exists() and not enrolled.exists():
        raise NotNow(_("There is nothing to withdraw from."))
    with transaction.atomic():
        given = _end_consents(standing, how=how, said=words_said, by=by, at=at)
        reached = list(episodes)
        for episode in reached:
            reaching.close(episode=episode, outcome=OutreachEpisode.Outcome.WITHDREW, by=by, at=at, words=words_said)
        ended = list(enrolled)
        for enrollment in ended:
            end_rows(enrollment, reason=Enrollment.EndReason.WITHDREW, on=on, by=by, at=at, said=words_said)
        shared = 0
        if _nothing_left(patient):
            closed = close_all_tasks(patient, because=Task.Closed.WITHDRAWN, by=by, at=at)
            shared = _revoke_all(patient, how=how, by=by, at=at)
            channel.stop_contact(patient=patient, because="withdrew", said=words_said, by=by, at=at)
        else:
            closed = reaching.close_reminders(
                "enrollment", [each.public_id for each in ended], because=Task.Closed.WITHDRAWN, by=by, at=at
            )
        alarms = Alarm.objects.open().filter(patient=patient).count()
        audit.happened(
            "withdrew", audit.name_of(patient), by=by, patient_ids=[patient.pk], why=how.strip(),
            after={"consents": given, "enrollments": len(ended), "tasks": closed, "sharing": shared, "open_alarms": alarms},
        )  # fmt: skip
    return Withdrawn(given, len(ended), closed, len(reached), shared, alarms)


def end_rows(
    enrollment: Enrollment, *, reason: str, on: date, by: User | str, at: datetime, said: str = "", to: str = ""
) -> None:
    """
    Write the end of one enrollment: its last day, its pause, and its lead's tie.

    A lead goes on seeing a patient with an open alarm, and one they lead in another program.
    """
    last = max(on, enrollment.starts_on)
    for pause in Pause.objects.filter(enrollment=enrollment, resumed_at__isnull=True):
        with audit.change(pause, by=by, did="ended_pause"):
            pause.ends_on, pause.resumed_at = max(last, pause.starts_on), at
    with audit.change(enrollment, by=by, did=f"ended_{reason}", why=said):
        enrollment.ends_on, enrollment.end_reason, enrollment.end_words = last, reason, said
        enrollment.transferred_to = to
    # Never back in time: whoever writes the end down still sees the patient while everything else ends with it.
    untie(enrollment, on=max(last, timezone.localdate(at)), by=by)


def untie(enrollment: Enrollment, *, on: date, by: User | str) -> None:
    """End the lead's tie, unless they still lead the patient elsewhere or an alarm is open."""
    if enrollment.lead_id is None:
        return
    others = Enrollment.objects.running().filter(patient=enrollment.patient_id, lead=enrollment.lead_id)
    if others.exclude(pk=enrollment.pk).exists() or Alarm.objects.open().filter(patient=enrollment.patient_id).exists():
        return
    for tie in Tie.objects.filter(
        user=enrollment.lead_id, patient=enrollment.patient_id, because=Tie.Because.CASELOAD, ends_on__isnull=True
    ):
        with audit.change(tie, by=by, did="untied"):
            tie.ends_on = max(on, tie.starts_on)


def close_all_tasks(patient: Patient, *, because: str, by: User | str, at: datetime) -> int:
    """Close every open reminder about somebody; answers how many. Alarms are not reminders and stay."""
    return len(tasks.close_all(patient=patient, because=because, by=by, at=at))


def share(
    *, patient: Patient, recipient_class: str, categories: Iterable[str], purpose: str, how: str, language: str, by: User,
    on: date, at: datetime, recipient: str = "", expires_on: date | None = None, interpreter: str = "",
    signed_name: str = "",
) -> SharingConsent:  # fmt: skip
    """Write down to whom we may tell which kinds of facts, for what, and until when; each protected kind by itself."""
    _must_ask(by)
    kinds = [code for code in words.CATEGORIES if code in set(categories)]
    if not kinds:
        raise CannotDo(_("Say what may be shared."), at="categories")
    if "part2" in kinds and (how == How.VERBAL or not signed_name.strip()):
        raise CannotDo(
            _("Consent to share Part 2 records must be signed, on paper or on the screen."), at="signed_name"
        )
    if expires_on is not None and expires_on < on:
        raise CannotDo(_("The last day is past. Choose a later one, or none."), at="expires_on")
    given = SharingConsent(
        patient=patient, recipient_class=recipient_class, recipient=recipient.strip(), categories=kinds,
        purpose=purpose.strip(), version=words.VERSION, how=how, language=language, interpreter=interpreter.strip(),
        signed_name=signed_name.strip(), starts_on=on, expires_on=expires_on, given_at=at, given_to=by,
    )  # fmt: skip
    with transaction.atomic():
        with audit.change(given, by=by, did="consented_to_share"):
            pass
        _renews(given, by=by, at=at)
    return given


def _renews(given: SharingConsent, *, by: User, at: datetime) -> None:
    """A new consent answers the reminders to renew those it takes the place of: the same recipient, no fewer kinds."""
    ours = {"patient": given.patient_id, "recipient_class": given.recipient_class, "recipient": given.recipient}
    earlier = SharingConsent.objects.filter(**ours, categories__contained_by=given.categories).exclude(pk=given.pk)
    ids = list(earlier.values_list("public_id", flat=True))
    reaching.close_reminders(SHARING, ids, because=Task.Closed.DONE, by=by, at=at)


def remind_to_renew(*, at: datetime, on: date, by: str) -> int:
    """
    Remind somebody of every consent to share that runs out within thirty days, once each; answers how many reminders.

    Whoever leads the patient is reminded, else whoever took the consent, else a team that looks after the patient. What
    a newer consent covers already needs none.
    """
    made = 0
    ending = SharingConsent.objects.in_force(on).filter(
        expires_on__lte=on + RENEW_AHEAD, patient__died_on__isnull=True
    ).select_related("patient", "given_to")  # fmt: skip
    known = Task.objects.filter(kind="renew_consent", about_kind=SHARING).values("about_public_id")
    for consent in ending.exclude(public_id__in=known):
        later = SharingConsent.objects.in_force(on).filter(
            Q(expires_on__isnull=True) | Q(expires_on__gt=consent.expires_on), patient=consent.patient_id,
            recipient_class=consent.recipient_class, recipient__in=["", consent.recipient],
            categories__contains=consent.categories,
        )  # fmt: skip
        owner = None if later.exists() else _who_renews(consent, on=on)
        if owner is None or consent.expires_on is None:
            continue
        last = timezone.make_aware(datetime.combine(consent.expires_on, time(23, 59)))
        with override(None):  # a reminder is kept, and read by others: as the house writes it
            whom = consent.get_recipient_class_display().lower()
        to = {"owner_user": owner} if isinstance(owner, User) else {"owner_team": owner}
        tasks.open_task(
            kind="renew_consent", patient=consent.patient, due_at=last, clock="Sharing stops",
            why=sentences.SHARING_ENDS.format(whom=whom, day=sentences.day(consent.expires_on)),
            about_kind=SHARING, about_public_id=consent.public_id, by=by, at=at, **to,
        )  # type: ignore[arg-type]  # fmt: skip
        made += 1
    return made


def _who_renews(consent: SharingConsent, *, on: date) -> User | Team | None:
    led = Enrollment.objects.running().filter(patient=consent.patient, lead__is_active=True).select_related("lead")
    lead = next((each.lead for each in led), None)
    if lead is not None:
        return lead
    return consent.given_to if consent.given_to.is_active else arrivals.owner_for(consent.patient, on=on)


def revoke(*, consent: SharingConsent, how: str, by: User | str, at: datetime) -> SharingConsent:
    """Take a consent to share back: from now on nothing more is told; what was told before stays in the ledger."""
    if consent.revoked_at is not None:
        raise NotNow(_("This was revoked already."))
    if not how.strip():
        raise CannotDo(_("Say how they told us."), at="how")
    with transaction.atomic():
        with audit.change(consent, by=by, did="revoked_sharing", why=how.strip()):
            consent.revoked_at, consent.revoked_by = at, by if isinstance(by, str) else by.email
            consent.revoked_how = how.strip()
        reaching.close_reminders(SHARING, [consent.public_id], because=Task.Closed.WITHDRAWN, by=by, at=at)
    return consent


def disclose(
    *, patient: Patient, recipient_class: str, recipient: str, categories: Iterable[str], what: str, purpose: str, basis: str,
    by: User | str, on: date, at: datetime,
) -> Disclosure:  # fmt: skip
    """
    Write down that something was told to somebody outside. Refused when the ground it claims is not there.

    With `basis="consent"` a consent in force must cover every kind of fact; Part 2 records go with their notice.
    """
    kinds = [code for code in words.CATEGORIES if code in set(categories)]
    consent = None
    if basis == Disclosure.Basis.CONSENT:
        consent = covering(patient, recipient_class=recipient_class, recipient=recipient, categories=kinds, on=on)
        if consent is None:
            raise NotNow(_("No consent in force covers this. Ask for it first."), at="basis")
    elif "part2" in kinds and basis != Disclosure.Basis.EMERGENCY:
        raise NotNow(
            _("Part 2 records are shared by consent, or in a medical emergency, and in no other way."), at="basis"
        )
    told = Disclosure(
        patient=patient, recipient_class=recipient_class, recipient=recipient.strip(), categories=kinds, what=what.strip(),
        purpose=purpose.strip(), basis=basis, consent=consent, at=at, by=by if isinstance(by, str) else by.email,
        notice=words.PART2_NOTICE if "part2" in kinds else "",
    )  # fmt: skip
    with audit.change(told, by=by, did="disclosed", purpose=purpose.strip()):
        pass
    return told


def covering(
    patient: Patient, *, recipient_class: str, categories: Iterable[str], on: date, recipient: str = ""
) -> SharingConsent | None:
    """
    One consent in force that lets us tell this kind of people all of these kinds of facts.

    A consent for one named recipient does not cover another one; two consents are never added together.
    """
    wanted = list(categories)
    if not wanted:
        return None
    found = SharingConsent.objects.in_force(on).filter(
        patient=patient, recipient_class=recipient_class, categories__contains=wanted
    )
    named = recipient.strip().casefold()
    return next((one for one in found if one.recipient.casefold() in ("", named)), None)


def days_a_no_holds(program: str, on: date) -> int:
    """How many days a no is final in a program, as a site set it for that day."""
    numbers = {key: value for code, key, value in population.settings_in_force(on) if code == program}
    return int(numbers.get(words.DECLINE_KEY, words.DECLINE.default))


def _nothing_left(patient: Patient) -> bool:
    """Whether somebody is in no program, agreed to none, and is being asked for none."""
    return not (
        Consent.objects.standing().filter(patient=patient).exists()
        or OutreachEpisode.objects.running().filter(patient=patient).exists()
        or Enrollment.objects.running().filter(patient=patient).exists()
    )


def _end_consents(standing, *, how: str, said: str, by: User, at: datetime) -> int:
    given = list(standing)
    for consent in given:
        with audit.change(consent, by=by, did="withdrew_consent", why=how.strip()):
            consent.withdrawn_at, consent.withdrawn_by = max(at, consent.at), by.email
            consent.withdrawn_how, consent.withdrawn_words = how.strip(), said.strip()
    ids = [consent.public_id for consent in given]
    reaching.close_reminders(AGREED, ids, because=Task.Closed.WITHDRAWN, by=by, at=at)
    return len(given)


def _revoke_all(patient: Patient, *, how: str, by: User, at: datetime) -> int:
    standing = list(SharingConsent.objects.filter(patient=patient, revoked_at__isnull=True))
    for consent in standing:
        revoke(consent=consent, how=how, by=by, at=at)
    return len(standing)


def _reopen_refusals(patient: Patient, program: str, *, because: str, by: User, at: datetime) -> None:
    for refusal in Consent.objects.refused_on(timezone.localdate(at)).filter(patient=patient, program=program):
        reopen_refusal(consent=refusal, because=because, by=by, at=at)


def _must_ask(by: User) -> None:
    if not roles.allows(by, roles.Permission.TAKE_CONSENT):
        raise NotPermitted(_("Your role does not ask for consent."))


def _must_live(patient: Patient) -> None:
    if patient.died_on is not None:
        raise NotNow(_("This person has died."))


def _must_be_a_program(code: str) -> None:
    if code not in {program.code for program in PROGRAMS}:
        raise CannotDo(_("There is no program %(code)s.") % {"code": repr(code)})
