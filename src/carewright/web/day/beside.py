"""What stands beside the chosen line: why it is where it is, and what to know before calling."""

from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.channel import gate
from carewright.channel import queries as channel
from carewright.chart.models import Appointment
from carewright.contacts.models import Contact
from carewright.knowledge import task_kinds
from carewright.registry.models import Authority, ContactPoint, PatientPreference, RelatedPerson
from carewright.staff.models import User
from carewright.web.day.worklist import Line
from carewright.web.patient.header import spoken
from carewright.web.patient.sight import Sight


@dataclass(frozen=True)
class Beside:
    """The rail of one line."""

    line: Line
    why: list[tuple[str, str, str, str]]
    know: list[tuple[str, str, str]] = field(default_factory=list)
    phone: ContactPoint | None = None
    no_calls: bool = False


def beside(line: Line, user: User, *, at) -> Beside:
    """Why this line stands where it does, and what to know before calling."""
    kind = task_kinds.kind_named(line.task.kind) if line.task else None
    due = _("%(clock)s ends %(when)s") if line.clock else _("Due %(when)s")
    why = [
        ("warn", _("Urgency %s") % line.urgency, due % {"clock": line.clock, "when": line.said_due}, line.time_left),
        ("bad", _("Consequence %s") % line.consequence, line.title, line.why),
        ("", _("If it waits"), line.lost, kind.name if kind else ""),
    ]
    if line.task is not None and line.task.weighed_by is not None:
        said = _("%(who)s put it at %(now)s, it was %(before)s") % {
            "who": line.task.weighed_by.name, "now": line.task.priority, "before": line.task.weighed_from,
        }  # fmt: skip
        why.append(("info", _("Disagreed"), line.task.weighed_because or "", said))
    if line.patient is None:
        return Beside(line, why)
    sight = Sight(user, line.patient, timezone.localdate(at), at)
    phone = ContactPoint.objects.filter(patient=line.patient).phones().right().in_dialing_order().first()
    stopped = gate.standing_stop(line.patient, channel.CALL, at) is not None
    return Beside(line, why, _know(sight, phone), phone, stopped)


def _know(sight: Sight, phone: ContactPoint | None) -> list[tuple[str, str, str]]:
    patient = sight.patient
    preference = sight.of(PatientPreference.objects.all()).first()
    language, interpreter = spoken(patient, preference)
    needs = (
        _("interpreter") if interpreter else _("no interpreter") if interpreter is False else _("interpreter not asked")
    )
    number = " · ".join(filter(None, (phone.value, phone.best_time))) if phone else _("none on file")
    rows = [(_("Number"), number, "" if phone else "bad")]
    rows.append(
        (_("Language"), f"{language}, {needs}" if language and language != "English" else language or _("unknown"), "")
    )
    if preference and preference.safe_contact:
        rows.append((_("Call with care"), preference.safe_contact, "bad"))
    last = sight.of(Contact.objects.standing()).order_by("-started_at").first()
    rows.append((_("Last try"), _last(last), ""))
    if proxy := _proxy(sight):
        rows.append((_("Proxy"), proxy, ""))
    if sight.clinical:
        rows.append(_visit(sight))
    return rows


def _last(last: Contact | None) -> str:
    if last is None:
        return _("none yet")
    when = date_format(timezone.localtime(last.started_at), "D M j, g:i A")
    return f"{when}, {last.get_ended_display().lower()}"


def _proxy(sight: Sight) -> str:
    kinds = [Authority.Kind.FULL_PROXY, Authority.Kind.PERSONAL_REPRESENTATIVE]
    in_force = Authority.objects.on(sight.on).filter(kind__in=kinds)
    people = sight.of(RelatedPerson.objects.filter(authorities__in=in_force)).distinct()
    people = people.prefetch_related(Prefetch("authorities", in_force, to_attr="in_force"))
    return "; ".join(", ".join(filter(None, (person.name, person.relationship))) for person in people)


def _visit(sight: Sight) -> tuple[str, str, str]:
    coming = sight.facts(Appointment.objects.filter(starts_at__gte=sight.at)).exclude(
        status__in=("cancelled", "noshow")
    )
    first = coming.order_by("starts_at").first()
    if first is None or first.starts_at is None:
        return (_("Next visit"), _("none known"), "warn")
    when = date_format(timezone.localtime(first.starts_at), "D M j, g:i A")
    return (_("Next visit"), " · ".join(filter(None, (when, first.with_whom or first.name))), "")
