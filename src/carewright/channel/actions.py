"""
Everything that sends, stops, releases and receives. Nothing else in the house lets words out to a person.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from carewright.audit import actions as audit
from carewright.channel import gate, places, queries, wording, words
from carewright.channel.carriers import NotTaken, Refused, carrier_for
from carewright.channel.models import DoNotContact, IncomingText, Kind, Message, Pager, Receipt, Stop
from carewright.kernel.errors import CannotDo, NotNow
from carewright.plumbing import jobs
from carewright.registry.models import Address, ContactPoint, Patient
from carewright.staff.models import Organization, User

State = Message.State
TRY_AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
PAGE_AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=2))
LOST_AFTER = timedelta(minutes=10)
DELIVER = "deliver_message"
ANSWERS_A_DAY = 3
"""How often a day the same number is told the same in answer to STOP, START or HELP: two machines never tire."""


def send(
    *, to: ContactPoint | Address | User | str, kind: str, template: str, by: User | str, at: datetime,
    values: Mapping[str, object] | None = None, about: tuple[str, UUID] | None = None, patient: Patient | None = None,
    language: str = "",
) -> Message:  # fmt: skip
    """
    Ask the gate to send something, and answer the message with what became of it.

    `to` is a patient's contact point (text, email), an address (letter), a colleague (page) or a number of an office
    (fax, or an email about a referral). Whatever the gate decides stays as a row: read `state`, `because` and `said`.
    What may go is queued in this same transaction and leaves within seconds. `values` fill the wording; names of the
    gate's own (organization, phone, hours) are filled in. Raises CannotDo for a wording we do not have or a value that
    is missing, because then nothing could be written down.
    """
    if template not in wording.BY_CODE:
        raise CannotDo(_("There is no wording %(wording)s.") % {"wording": repr(template)})
    chosen, given = wording.BY_CODE[template], dict(values or {})
    if missing := chosen.values - given.keys():
        raise CannotDo(
            _("The wording %(wording)s needs %(missing)s.")
            % {"wording": repr(template), "missing": ", ".join(sorted(missing))}
        )
    point, address, user = (_only(kind_of, to) for kind_of in (ContactPoint, Address, User))
    owner = point or address
    whose = owner.patient if owner is not None else patient
    said_in = language or gate.language_of(whose if user is None else None)
    if said_in not in chosen.text:
        said_in = wording.ENGLISH
    organization = Organization.objects.values_list("name", flat=True).first() or "Carewright"
    subject, body = chosen.said(said_in, gate.filled(chosen, said_in, given, organization))
    nameless = gate.filled(chosen, said_in, given | {"name": "", "staff": ""}, organization)
    where = _where(kind, to)
    with transaction.atomic():
        stopped = gate.judge(gate.Wanted(
            kind=kind, template=chosen, body=" ".join(chosen.said(said_in, nameless)), length=len(body), patient=whose,
            to=where, at=at, point=point, address=address, by_person=isinstance(by, User),
        ))  # fmt: skip
        message = Message(
            patient=whose, contact_point=point, address=address, user=user, kind=kind, to=where, template=template,
            language=said_in, subject=subject, body=body, is_automated=not chosen.is_reply,
            about_kind=about[0] if about else "", about_public_id=about[1] if about else None, asked_at=at,
            asked_by=by if isinstance(by, User) else None,
        )  # fmt: skip
        with audit.change(message, by=by, did="send", why=template):
            _place(message, stopped, at)
        _receipt(message, message.state, at, message.said)
        if message.state == State.QUEUED:
            jobs.defer(DELIVER, message_id=message.pk)
    return message


def _only(kind_of: type, to):
    return to if isinstance(to, kind_of) else None


def _where(kind: str, to: ContactPoint | Address | User | str) -> str:
    if isinstance(to, User):
        pager = Pager.objects.filter(user=to).first()
        if pager is None:
            return to.email
        return places.number_of(pager.value) if pager.kind == "sms" else pager.value
    if isinstance(to, str):
        return places.number_of(to) if kind in (Kind.FAX, Kind.SMS) else to.strip().lower()
    return queries.address_of(kind, to)


def _place(message: Message, stopped: gate.Stopped | None, at: datetime) -> None:
    """Let it through, hold it or refuse it."""
    message.held_until = message.next_try_at = None
    message.because, message.said = (stopped.because, stopped.said) if stopped else ("", "")
    if stopped is None:
        message.state, message.next_try_at = State.QUEUED, at
    elif stopped.until is not None:
        message.state, message.held_until = State.HELD, stopped.until
    else:
        message.state = State.REFUSED


def _receipt(message: Message, what: str, at: datetime, said: str = "") -> Receipt:
    return Receipt.objects.create(message=message, patient_id=message.patient_id, what=what, at=at, words=said)


def deliver(*, message_id: int, by: str, at: datetime) -> Message | None:
    """
    Carry one queued message out: claim it, hand it to its carrier, and write down what the carrier said.

    Safe to call twice and from two workers: only one claims it. What the carrier could not take is tried again, later
    and later, and then counts as failed. The gate is asked once more before anything leaves.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update(skip_locked=True).filter(pk=message_id, state=State.QUEUED).first()
        if message is None or (message.next_try_at is not None and message.next_try_at > at):
            return None
        stopped = gate.judge_again(message, at)
        with audit.change(message, by=by, did="deliver" if stopped is None else "stop_message"):
            if stopped is not None:
                _place(message, stopped, at)
            else:
                message.state, message.attempts, message.next_try_at = State.SENDING, message.attempts + 1, at
        if stopped is not None:
            _receipt(message, message.state, at, stopped.said)
            return message
    try:
        taken = carrier_for(message, gate.sending())(message, gate.sending())
    except NotTaken as trouble:
        return _not_taken(message, str(trouble), by=by, at=at)
    except Refused as refusal:
        return _failed(message, "refused_by_carrier", str(refusal), by=by, at=at)
    with transaction.atomic():
        message.refresh_from_db()
        with audit.change(message, by=by, did="sent"):
            message.state = State.DELIVERED if taken.is_delivered else State.SENT
            message.carrier, message.carrier_id, message.next_try_at = taken.carrier, taken.carrier_id, None
            message.sent_at, message.delivered_at = at, at if taken.is_delivered else None
        _receipt(message, message.state, at, taken.words)
    return message


def _not_taken(message: Message, why: str, *, by: str, at: datetime) -> Message:
    waits = PAGE_AGAIN_AFTER if message.kind == Kind.PAGE else TRY_AGAIN_AFTER
    if message.attempts > len(waits):
        return _failed(message, "not_taken", why, by=by, at=at)
    with transaction.atomic():
        message.refresh_from_db()
        with audit.change(message, by=by, did="not_taken"):
            message.state, message.next_try_at = State.QUEUED, at + waits[message.attempts - 1]
        _receipt(message, "not_taken", at, why)
    return message


def _failed(message: Message, because: str, why: str, *, by: User | str, at: datetime) -> Message:
    with transaction.atomic():
        message.refresh_from_db()
        with audit.change(message, by=by, did="message_failed", why=because):
            message.state, message.because, message.said = State.FAILED, because, why
            message.failed_at, message.next_try_at = at, None
        _receipt(message, State.FAILED, at, why)
    return message


def release(*, at: datetime, by: str) -> list[Message]:
    """Ask the gate again about everything whose hour has come; called each minute."""
    let_go = []
    for pk in list(Message.objects.waiting_at(at).order_by("held_until", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            message = Message.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.HELD).first()
            if message is None:
                continue
            with audit.change(message, by=by, did="release"):
                _place(message, gate.judge_again(message, at), at)
            _receipt(message, message.state, at, message.said)
            if message.state == State.QUEUED:
                let_go.append(message)
                jobs.defer(DELIVER, message_id=message.pk)
    return let_go


def try_again(*, at: datetime, by: str) -> list[Message]:
    """Deliver what is due to be tried, and take back what a worker claimed and never finished; called each minute."""
    lost = Message.objects.filter(state=State.SENDING, next_try_at__lt=at - LOST_AFTER)
    for pk in list(lost.values_list("pk", flat=True)):
        with transaction.atomic():
            message = Message.objects.select_for_update(skip_locked=True).filter(pk=pk, state=State.SENDING).first()
            if message is not None:
                with audit.change(message, by=by, did="take_back"):
                    message.state = State.QUEUED
                _receipt(message, State.QUEUED, at, "Whoever carried it never came back.")
    waiting = list(Message.objects.to_try_at(at).order_by("next_try_at", "pk").values_list("pk", flat=True))
    return [done for pk in waiting if (done := deliver(message_id=pk, by=by, at=at)) is not None]


def note_receipt(
    *, carrier_id: str, what: str, by: User | str, at: datetime, said: str = "", carrier: str = ""
) -> Message | None:
    """Write down what a carrier reports about a message: `delivered` or `failed`. An unknown number changes nothing."""
    if what not in (State.DELIVERED, State.FAILED):
        raise CannotDo(_("A carrier reports 'delivered' or 'failed'."))
    found = Message.objects.filter(carrier_id=carrier_id).exclude(carrier_id="")
    if carrier:
        found = found.filter(carrier=carrier)
    message = found.first()
    if message is None or message.state in (State.FAILED, State.DELIVERED):
        return message
    if what == State.FAILED:
        return _failed(message, "bounced", said or gettext_noop("The carrier could not deliver it."), by=by, at=at)
    with transaction.atomic():
        with audit.change(message, by=by, did="delivered"):
            message.state, message.delivered_at = State.DELIVERED, at
        _receipt(message, State.DELIVERED, at, said)
    return message


def note_returned(*, message: Message, by: User, at: datetime, why: str = "") -> Message:
    """Write down that a letter came back."""
    if message.kind not in (Kind.LETTER, Kind.FAX) or message.sent_at is None:
        raise NotNow(_("Only what was mailed can come back."))
    return _failed(message, "returned", why.strip() or gettext_noop("The letter came back."), by=by, at=at)


def received_text(*, number: str, words_said: str, by: str, at: datetime, carrier_id: str = "") -> IncomingText:
    """
    Take in a text somebody sent us, and do at once what it asks.

    STOP in any wording holds from this moment, for the number and so for everyone who shares it; one confirmation goes
    out, at night too, and none when it stops again: a machine may be answering ours. START lifts it. HELP is answered with
    who we are, each a few times a day at most. Anything else, and HELP too, waits for a person; once a day whoever writes is told that nobody reads texts day and night, and whom to call in an emergency.
    A text that the gateway hands in twice is taken once.
    """
    if carrier_id and (known := IncomingText.objects.filter(carrier_id=carrier_id).first()):
        return known
    whole = places.number_of(number)
    if not whole:
        raise CannotDo(_("This is not a phone number."))
    owners = queries.owners_of(whole)
    patient = owners[0] if len(owners) == 1 else None
    asked = words.read(words_said)
    with transaction.atomic():
        text = IncomingText(
            patient=patient, number=whole, words=words_said, at=at, read_as=asked, carrier_id=carrier_id
        )
        with audit.change(text, by=by, did="received_text", why=asked):
            pass
        if asked == "stop":
            _stop(whole, words_said, by=by, at=at)
        elif asked == "start":
            _lift(whole, by=by, at=at)
        answer = {"stop": "stop_confirmed", "start": "start_confirmed", "help": "help"}.get(asked)
        message, about = None, ("incoming_text", text.public_id)
        if answer and owners:
            if _has_heard_enough(whole, answer, at=at):
                return text
            language = wording.SPANISH if words.is_spanish(words_said) else gate.language_of(patient)
            message = send(
                to=whole, kind=Kind.SMS, template=answer, by=by, at=at, about=about, patient=patient or owners[0],
                language=language,
            )  # fmt: skip
        elif owners:
            message = _say_that_nobody_watches(whole, about, by=by, at=at)
        if message is not None:
            with audit.change(text, by=by, did="answered"):
                text.answered_with = message
    return text


def _has_heard_enough(number: str, answer: str, *, at: datetime) -> bool:
    """Whether this number was told that its stop holds, or was answered so often today that nobody may be reading it."""
    gate.texts_to(number, since=at)  # waits for another text from this number in the same moment
    told = Message.objects.filter(to=number, template=answer)
    if answer == "stop_confirmed":
        stop = Stop.objects.filter(number=number, lifted_at=None).first()
        if stop is not None and told.filter(asked_at__gte=stop.at).exists():
            return True
    return told.filter(asked_at__gt=at - timedelta(days=1)).count() >= ANSWERS_A_DAY


def _say_that_nobody_watches(number: str, about: tuple[str, UUID], *, by: str, at: datetime) -> Message | None:
    """
    Tell whoever wrote that texts are not read day and night; once a day by their own clock, and never where it is not safe.

    Of several people who share the number, the one for whom a message stands the worst decides for all.
    """
    points = list(queries.points_of(number))
    points.sort(
        key=lambda one: (not one.forbids_messages, one.text_consent in (None, ContactPoint.Consent.GIVEN), one.pk)
    )
    zone = places.zone_of(points[0].patient)
    today = datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
    gate.texts_to(number, since=today)  # waits for another text from this number in the same moment
    if Message.objects.filter(to=number, template=wording.NOT_WATCHED, asked_at__gte=today).exists():
        return None
    return send(to=points[0], kind=Kind.SMS, template=wording.NOT_WATCHED, by=by, at=at, about=about)


def _stop(number: str, said: str, *, by: str, at: datetime) -> None:
    stop, is_new = Stop.objects.get_or_create(number=number, lifted_at=None, defaults={"words": said, "at": at})
    audit.happened("stop_number", audit.name_of(stop), by=by, why="again" if not is_new else "")
    waiting = Message.objects.filter(kind=Kind.SMS, to=number, state__in=[State.HELD, State.QUEUED])
    _refuse(waiting, "stop", gettext_noop("This number asked for no more texts."), by=by, at=at)


def _lift(number: str, *, by: str, at: datetime) -> None:
    for stop in Stop.objects.filter(number=number, lifted_at__isnull=True):
        with audit.change(stop, by=by, did="lift_stop"):
            stop.lifted_at, stop.lifted_because = at, "START"


def _refuse(waiting, because: str, said: str, *, by: User | str, at: datetime) -> int:
    """Refuse what waits, so that nothing more of it leaves."""
    found = list(waiting.select_for_update())
    for message in found:
        with audit.change(message, by=by, did="stop_message", why=because):
            message.state, message.because, message.said = State.REFUSED, because, said
            message.held_until = message.next_try_at = None
        _receipt(message, State.REFUSED, at, said)
    return len(found)


def stop_contact(
    *, patient: Patient, because: str, by: User | str, at: datetime, kinds: Iterable[str] = (), said: str = "",
    until: datetime | None = None,
) -> DoNotContact:  # fmt: skip
    """
    From this moment a patient is not contacted, by every way or by some; what waits is refused in the same moment.

    One that stands for the same reason and the same ways is answered as it is.
    """
    ways = ",".join(sorted(set(kinds)))
    with transaction.atomic():
        for standing in queries.standing_stops(patient, at):
            if (standing.because, standing.kinds, standing.ends_at) == (because, ways, until):
                return standing
        stop = DoNotContact(
            patient=patient, kinds=ways, because=because, words=said.strip(), starts_at=at, ends_at=until,
            started_by=by if isinstance(by, User) else None,
        )  # fmt: skip
        with audit.change(stop, by=by, did="stop_contact", why=because):
            pass
        waiting = Message.objects.filter(patient=patient, state__in=[State.HELD, State.QUEUED], user__isnull=True)
        concerned = waiting.filter(kind__in=ways.split(",")) if ways else waiting
        _refuse(concerned, "do_not_contact", gate.kept_stop(stop), by=by, at=at)
    return stop


def allow_contact(
    *, patient: Patient, why: str, by: User | str, at: datetime, because: str | None = None
) -> list[DoNotContact]:
    """A patient may be contacted again: every stop ends, or those of one reason (a death reported wrongly)."""
    if not why.strip():
        raise CannotDo(_("Say why this person may be contacted again."))
    with transaction.atomic():
        ended = [stop for stop in queries.standing_stops(patient, at) if because is None or stop.because == because]
        for stop in ended:
            with audit.change(stop, by=by, did="allow_contact", why=why.strip()):
                stop.ends_at, stop.ended_because = at, why.strip()
                stop.ended_by = by if isinstance(by, User) else None
        if not ended:
            raise NotNow(_("Nothing stops contact with this person."))
    return ended


def set_pager(*, user: User, kind: str, value: str, by: User) -> Pager:
    """Say where a colleague is reached when on call."""
    if kind == "sms" and not places.number_of(value):
        raise CannotDo(_("Give the phone number with its area code."))
    if kind == "email" and "@" not in value.strip("@"):
        raise CannotDo(_("This is not an email address."))
    pager = Pager.objects.filter(user=user).first() or Pager(user=user)
    with audit.change(pager, by=by, did="set_pager"):
        pager.kind, pager.value = kind, value.strip()
    return pager
