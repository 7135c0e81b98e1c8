"""
The story of a patient: everything that happened, newest first, each with who told us.

What others reported and what we did stand in one line of time. The same stay may be told by the hospital's record and
by a claim; both are shown, because they say different things.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.assessment.models import Assessment
from carewright.channel.models import IncomingText, Message
from carewright.chart.models import Document, Encounter, Immunization, Observation, Procedure
from carewright.contacts.models import Contact, Note
from carewright.contacts.queries import without_held
from carewright.enrollment.models import Consent, DeathReport, Enrollment, IncomingReferral, SharingConsent
from carewright.knowledge.programs import name_of
from carewright.knowledge.referral import ALL
from carewright.population import codes
from carewright.population.models import CandidateDecision, EdVisit, Run, Stay
from carewright.staff.models import User
from carewright.tasks.models import Alarm
from carewright.tasks.queries import alarm_said
from carewright.web.patient.chart import TESTS, value_said
from carewright.web.patient.sight import Sight

KINDS = {
    "ours": gettext_lazy("What we did"),
    "hosp": gettext_lazy("Hospital and emergency"),
    "care": gettext_lazy("Visits and procedures"),
    "lab": gettext_lazy("Results"),
    "paper": gettext_lazy("Documents"),
}
"""The kinds of events a reader may choose among; the first two are never folded away."""


ENDED_WITH_IT = ("enrollment ended", "died")
"""How a consent ends that nobody took back: the end of the enrollment, or the death, is told by itself."""


@dataclass(frozen=True)
class Event:
    """One thing that happened: when, what, a second line, who told us, and the color of its mark."""

    on: date
    at: datetime | None
    what: str
    more: str
    source: str
    kind: str
    mark: str
    href: str = ""

    @property
    def order(self) -> tuple:
        """Newest first; on one day, those with a time after those without."""
        return (self.on, timezone.localtime(self.at).strftime("%H:%M:%S") if self.at else "")


def story(sight: Sight, run: Run | None, *, most: int, kind: str = "") -> list[Event]:
    """The latest events, at most so many, of one kind or of all."""
    tellers = TELLERS.get(kind) or tuple(one for told in TELLERS.values() for one in told)
    found = [event for tell, *tables in tellers if not tables or sight.has(*tables) for event in tell(sight, run, most)]
    return sorted(found, key=lambda event: event.order, reverse=True)[:most]


def _day(at: datetime) -> date:
    return timezone.localdate(at)


def _contacts(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.of(Contact.objects.standing()).select_related("by", "related_person")
    for row in without_held(rows.order_by("-started_at")[:most]):
        whom = row.whom  # type: ignore[attr-defined]
        what = f"{row.get_kind_display()}, {row.get_ended_display().lower()}"
        if row.direction == Contact.Direction.IN:
            what = _("%(kind)s from them, %(ended)s") % {
                "kind": row.get_kind_display(), "ended": row.get_ended_display().lower(),
            }  # fmt: skip
        minutes = _("%s min") % row.minutes if row.minutes else ""
        with_whom = row.get_with_whom_display() if row.with_whom != Contact.With.PATIENT else ""
        more = " · ".join(filter(None, (str(with_whom), whom, minutes)))
        source = row.by.full_title if row.by else _("Carewright")
        yield Event(_day(row.started_at), row.started_at, what, more, source, "ours", "call")


def visible_notes(sight: Sight):
    """The notes this reader may read: of the team, restricted ones with behavioral and safety sight, and their own."""
    seen = Q(level=Note.Level.TEAM) if sight.clinical else Q(pk__in=[])
    if sight.clinical and not ({"behavioral", "safety"} & sight.hidden):
        seen |= Q(level=Note.Level.RESTRICTED)
    return sight.of(Note.objects.all()).filter(seen | Q(written_by=sight.user))


def _notes(sight: Sight, run, most: int) -> Iterator[Event]:
    for row in visible_notes(sight).select_related("written_by").order_by("-written_at")[:most]:
        what = _("Note, voided") if row.voided_at else _("Addendum") if row.addendum_of_id else _("Note")
        text = _("Voided: %s") % row.voided_because if row.voided_at else row.text.strip()
        more = f"{text[:180]}…" if len(text) > 180 else text
        yield Event(_day(row.written_at), row.written_at, what, more, row.written_by.full_title, "ours", "call")


def _consents(sight: Sight, run, most: int) -> Iterator[Event]:
    for row in sight.of(Consent.objects.select_related("by")).order_by("-at")[:most]:
        program, source = _(name_of(row.program)), row.by.full_title if row.by else row.source
        what = _("Said yes to %s") if row.answer == Consent.Answer.AGREED else _("Said no to %s")
        yield Event(_day(row.at), row.at, what % program, row.get_how_display(), source, "ours", "call")
        if row.withdrawn_at and row.withdrawn_how not in ENDED_WITH_IT:
            yield Event(
                _day(row.withdrawn_at), row.withdrawn_at, _("Withdrew from %s") % program, row.withdrawn_words,
                _named(row.withdrawn_by), "ours", "hosp",
            )  # fmt: skip
    shared = sight.of(SharingConsent.objects.select_related("given_to")).order_by("-given_at")
    for one in shared[:most]:
        to, source = one.get_recipient_class_display(), one.given_to.full_title
        said = _("Agreed to share with: %s") % to
        yield Event(_day(one.given_at), one.given_at, said, one.purpose, source, "ours", "call")
        if one.revoked_at:
            said = _("No longer shares with: %s") % to
            yield Event(_day(one.revoked_at), one.revoked_at, said, "", _named(one.revoked_by), "ours", "hosp")


def _named(by: str | None) -> str:
    """Who did something of which only the email is kept: the name, as everywhere else on the page."""
    user = User.objects.filter(email=by).first() if by and "@" in by else None
    return user.full_title if user else _("Carewright")


def _enrollments(sight: Sight, run, most: int) -> Iterator[Event]:
    for row in sight.enrollments[:most]:
        program, lead = _(name_of(row.program)), row.lead.full_title if row.lead else _("nobody leads yet")
        yield Event(row.starts_on, None, _("Joined %s") % program, lead, row.source or _("Carewright"), "ours", "call")
        if row.ends_on and row.ends_on <= sight.on:
            yield Event(
                row.ends_on,
                None,
                _("Left %s") % program,
                str(row.get_end_reason_display()),
                _("Carewright"),
                "ours",
                "hosp",
            )
        for pause in row.pauses.all():
            said = _("%s paused") % program
            yield Event(pause.starts_on, None, said, str(pause.get_because_display()), pause.paused_by, "ours", "med")
    for sent in sight.of(IncomingReferral.objects.all()).order_by("-received_at")[:most]:
        why = ", ".join(ALL[code].english if code in ALL else code for code in sent.reasons)
        yield Event(
            _day(sent.received_at), sent.received_at, _("Referred to us"), why,
            sent.sender_organization or str(sent.get_door_display()), "ours", "call",
        )  # fmt: skip


def _assessments(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.of(Assessment.objects.filter(finished_at__isnull=False)).select_related("finished_by")
    for row in rows.order_by("-finished_at")[:most]:
        whole = row.kind == Assessment.COMPREHENSIVE
        what = _("Comprehensive assessment finished") if whole else _("Screening questions asked")
        source = row.finished_by.full_title if row.finished_by else _("another system")
        if row.finished_at is not None:
            yield Event(_day(row.finished_at), row.finished_at, what, "", source, "ours", "lab")


def _decisions(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.of(CandidateDecision.objects.select_related("by")).order_by("-at")[:most]
    for row in rows:
        what = _("Candidate: %s") % row.get_decision_display().lower()
        yield Event(_day(row.at), row.at, what, str(row.get_because_display()), row.by.full_title, "ours", "call")


def _messages(sight: Sight, run, most: int) -> Iterator[Event]:
    sent = sight.of(Message.objects.filter(user__isnull=True)).select_related("asked_by")
    for row in sent.order_by("-asked_at")[:most]:
        what = f"{row.get_kind_display()}, {row.get_state_display().lower()}"
        source = row.asked_by.full_title if row.asked_by else _("Carewright")
        yield Event(_day(row.asked_at), row.asked_at, what, row.told, source, "ours", "call")
    for text in sight.of(IncomingText.objects.all()).order_by("-at")[:most]:
        yield Event(_day(text.at), text.at, _("Text from them"), text.words[:180], _("their phone"), "ours", "call")


def _alarms(sight: Sight, run, most: int) -> Iterator[Event]:
    if not sight.clinical:
        return
    for row in sight.of(Alarm.objects.select_related("raised_by")).order_by("-raised_at")[:most]:
        more = row.get_disposition_display() if row.closed_at else _("open")
        source = row.raised_by.full_title if row.raised_by else _("Carewright")
        yield Event(
            _day(row.raised_at),
            row.raised_at,
            _("Alarm: %s") % alarm_said(row, sight.user),
            more,
            source,
            "ours",
            "hosp",
        )


def _deaths(sight: Sight, run, most: int) -> Iterator[Event]:
    for row in sight.of(DeathReport.objects.all()):
        more = row.get_verdict_display() if row.verdict else _("waits for confirmation")
        yield Event(
            _day(row.reported_at), row.reported_at, _("A death was reported"), str(more),
            str(row.get_source_display()), "ours", "hosp",
        )  # fmt: skip


def _stays(sight: Sight, run, most: int) -> Iterator[Event]:
    if run is None:
        return
    for row in sight.facts(Stay.objects.filter(run=run)).order_by("-admitted_on")[:most]:
        place, why = codes.named(row.facility, row.facility_npi), codes.in_words(row.principal_diagnosis)
        if row.discharged_on:
            nights = (row.discharged_on - row.admitted_on).days
            more = " · ".join(filter(None, (why, _("%s nights") % nights if nights != 1 else _("1 night"))))
            yield Event(
                row.discharged_on, None, _("Home from %s") % place, more, _("claims and notices"), "hosp", "hosp"
            )
        what = _("Emergency visit, then admitted") if row.went_through_ed else _("Admitted")
        yield Event(row.admitted_on, None, f"{what}, {place}", why, _("claims and notices"), "hosp", "hosp")


def _ed_visits(sight: Sight, run, most: int) -> Iterator[Event]:
    if run is None:
        return
    visits = sight.facts(EdVisit.objects.filter(run=run, led_to_stay=False))
    for row in visits.order_by("-visited_on")[:most]:
        what = _("Emergency visit, %s") % codes.named(row.facility, row.facility_npi)
        yield Event(
            row.visited_on, None, what, codes.in_words(row.principal_diagnosis), _("claims and notices"), "hosp", "hosp"
        )


HOSPITAL = ("IMP", "ACUTE", "NONAC", "EMER", "OBSENC", "SS")


def _hospital(sight: Sight, run, most: int) -> Iterator[Event]:
    yield from _encounters(sight, most, "hosp", "hosp", class_code__in=HOSPITAL)


def _visits(sight: Sight, run, most: int) -> Iterator[Event]:
    yield from _encounters(sight, most, "care", "med", exclude=HOSPITAL)


def _encounters(sight: Sight, most: int, kind: str, mark: str, *, exclude=(), **wanted) -> Iterator[Event]:
    rows = sight.facts(Encounter.objects.filter(**wanted).exclude(class_code__in=exclude))
    rows = rows.exclude(status__in=("cancelled", "entered-in-error", "planned")).filter(starts_on__isnull=False)
    for row in rows.order_by("-starts_on")[:most]:
        what = row.name or _("Visit")
        more = " · ".join(filter(None, (row.reason or row.diagnosis, row.provider or row.facility)))
        yield Event(row.starts_on, row.starts_at, what, more, row.source, kind, mark)  # type: ignore[arg-type]


def _procedures(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.facts(Procedure.objects.filter(done_on__isnull=False)).exclude(
        status__in=("not-done", "entered-in-error")
    )
    for row in rows.order_by("-done_on")[:most]:
        yield Event(row.done_on, None, row.name, row.reason, row.source, "care", "med")  # type: ignore[arg-type]


def _shots(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.facts(Immunization.objects.filter(given_on__isnull=False)).exclude(
        status__in=("not-done", "entered-in-error")
    )
    for row in rows.order_by("-given_on")[:most]:
        yield Event(row.given_on, None, row.name, "", row.source, "care", "med")  # type: ignore[arg-type]


def _results(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.facts(Observation.objects.filter(category__in=TESTS, observed_on__isnull=False))
    for row in rows.exclude(status="entered-in-error").order_by("-observed_on", "name")[:most]:
        flagged = _("flagged %s") % row.flag if row.flag else ""
        yield Event(
            row.observed_on, row.observed_at, f"{row.name} {value_said(row)}", flagged, row.source, "lab", "lab"
        )  # type: ignore[arg-type]


def _documents(sight: Sight, run, most: int) -> Iterator[Event]:
    rows = sight.facts(Document.objects.filter(written_on__isnull=False)).exclude(status="entered-in-error")
    for row in rows.order_by("-written_on")[:most]:
        yield Event(row.written_on, row.written_at, row.title, row.author, row.source, "paper", "lab")  # type: ignore[arg-type]


TELLERS: dict[str, tuple[tuple, ...]] = {
    "ours": (
        (_contacts, Contact),
        (_notes, Note),
        (_consents, Consent, SharingConsent),
        (_enrollments, Enrollment, IncomingReferral),
        (_assessments, Assessment),
        (_decisions, CandidateDecision),
        (_messages, Message, IncomingText),
        (_alarms, Alarm),
        (_deaths, DeathReport),
    ),
    "hosp": ((_stays,), (_ed_visits,), (_hospital, Encounter)),
    "care": ((_visits, Encounter), (_procedures, Procedure), (_shots, Immunization)),
    "lab": ((_results, Observation),),
    "paper": ((_documents, Document),),
}
"""Who tells each kind of events, each with the tables it tells from; one whose tables hold nothing is not asked."""
