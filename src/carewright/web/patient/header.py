"""
What must never be missed about a patient, on top of every page about them.

What nobody told us is said to be unknown, in its own shape: "no allergies" is only said when a source says so.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.channel.models import DoNotContact
from carewright.channel.queries import CALL
from carewright.chart.models import Allergy, Document, ServiceOrder
from carewright.enrollment.models import DeathReport, Enrollment, SharingConsent
from carewright.knowledge import advance_directives, consent
from carewright.knowledge.programs import name_of
from carewright.population import codes
from carewright.registry.models import ContactPoint, Coverage, PatientPreference, RelatedPerson, Sex
from carewright.tasks.models import Alarm
from carewright.web.patient.sight import Sight

NONE_KNOWN = frozenset({"716186003", "409137002", "428607008", "428197003"})
"""SNOMED CT codes by which a source says that a person has no known allergy."""
GONE = ("inactive", "resolved")
WRONG = ("refuted", "entered-in-error")
ADULT = 18


@dataclass(frozen=True)
class Flag:
    """One thing to see first: how serious it is (`bad`, `warn`, `info`, `ok`, nothing), its picture, its words."""

    words: str
    kind: str = ""
    icon: str = ""
    title: str = ""
    unknown: bool = False
    on_paper: bool = True


@dataclass(frozen=True)
class Header:
    """The top of every page about a patient."""

    name: str
    called: str
    age: int | None
    sex: str
    born_on: date | None
    died_on: date | None
    mrn: str
    payer: str
    flags: list[Flag]
    leads: list[Enrollment]
    phone: ContactPoint | None
    death_report: DeathReport | None
    alarms: list[Alarm]
    do_not_contact: DoNotContact | None
    no_calls: bool
    language: str
    interpreter: bool | None


def header_of(sight: Sight) -> Header:
    """Everything the top of the page says."""
    patient, preference = sight.patient, sight.of(PatientPreference.objects.all()).first()
    leads = [one for one in sight.enrollments if one.is_at_work_on(sight.on)]
    stops, death = _stops(sight), sight.of(DeathReport.objects.filter(verdict__isnull=True)).first()
    stop = next(iter(stops), None)
    phone = next((one for one in sight.phones if one.wrong_since_on is None), None)
    language, interpreter = spoken(patient, preference)
    return Header(
        name=patient.name,
        called=_called(preference),
        age=years_on(patient.born_on, patient.died_on or sight.on),
        sex="" if patient.sex == Sex.UNKNOWN else str(patient.get_sex_display()),
        born_on=patient.born_on,
        died_on=patient.died_on,
        mrn=next((one.value for one in sight.identifiers if one.system == "mrn"), ""),
        payer=_payer(sight),
        flags=_flags(sight, preference, leads, stop, None if patient.died_on else phone),
        leads=leads,
        phone=None if patient.died_on else phone,
        death_report=death,
        alarms=list(sight.of(Alarm.objects.open()).order_by("raised_at")) if sight.clinical else [],
        do_not_contact=stop,
        no_calls=any(one.concerns(CALL) for one in stops),
        language=language,
        interpreter=interpreter,
    )


def _stops(sight: Sight) -> list[DoNotContact]:
    """The requests not to be contacted that stand, the latest first."""
    if not sight.has(DoNotContact):
        return []
    begun = sight.of(DoNotContact.objects.filter(starts_at__lte=sight.at))
    standing = begun.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=sight.at))
    return list(standing.order_by("-starts_at"))


def spoken(patient, preference: PatientPreference | None) -> tuple[str, bool | None]:
    """The language a patient speaks, in words, and whether an interpreter is needed: yes, no or not asked."""
    language = (preference.spoken_language if preference else "") or patient.language
    return codes.language_name(language), preference.needs_interpreter if preference else None


def years_on(born_on: date | None, day: date) -> int | None:
    """
    Completed years on a day.

    >>> years_on(date(1950, 3, 17), date(2026, 3, 16)), years_on(None, date(2026, 3, 16))
    (75, None)
    """
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _called(preference: PatientPreference | None) -> str:
    if preference is None:
        return ""
    named = f"“{preference.preferred_name}”" if preference.preferred_name else ""
    return ", ".join(filter(None, (named, preference.pronouns)))


def _payer(sight: Sight) -> str:
    running = Coverage.objects.filter(patient=sight.patient, starts_on__lte=sight.on)
    running = running.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=sight.on)).order_by("-starts_on")
    payers = list(dict.fromkeys(running.values_list("payer", flat=True)))
    return " + ".join(payers) if payers else ""


def _flags(
    sight: Sight, preference, leads: list[Enrollment], stop: DoNotContact | None, phone: ContactPoint | None
) -> list[Flag]:
    found = [*_allergies(sight), *_language(sight, preference)]
    if sight.patient.identity_in_doubt:
        found.append(Flag(_("Identity in doubt"), "warn", "id"))
    found += _young(sight)
    if preference and preference.safe_contact:
        found.append(Flag(_("Call with care: %s") % preference.safe_contact, "bad", "phone-call", on_paper=False))
    if phone is not None and phone.is_safe_for_message is False:
        found.append(Flag(_("Leave no message: not safe"), "bad", "ban", on_paper=False))
    if sight.safety and sight.of(RelatedPerson.every_one.filter(held_at__isnull=False)).exists():
        found.append(Flag(_("Safety concern on file"), "bad", "shield", on_paper=False))
    if stop:
        ways = stop.kinds.replace(",", ", ") if stop.kinds else _("any way")
        told = f"{stop.get_because_display()}. {stop.words}" if stop.because != "safety" or sight.safety else ""
        found.append(Flag(_("Do not contact: %s") % ways, "bad", "phone-off", title=told))
    found += [_sharing(sight), *_directives(sight)]
    for enrollment in leads:
        pause = next((one for one in enrollment.pauses.all() if one.resumed_at is None), None)
        if pause:
            found.append(Flag(_("Paused: %s") % pause.get_because_display(), "warn", "player-pause"))
    return found


def _allergies(sight: Sight) -> list[Flag]:
    if not sight.clinical:
        return [Flag(_("Allergies: not shown to your role"), icon="eye-off")]
    standing = sight.facts(Allergy.objects.all()).exclude(status__in=GONE).exclude(verification_status__in=WRONG)
    rows = list(standing.order_by(F("criticality").asc(nulls_last=True), "name")) if sight.has(Allergy) else []
    real = [row for row in rows if row.code not in NONE_KNOWN]
    if real:
        return [
            Flag(
                f"{row.name}: {row.reaction}" if row.reaction else row.name,
                "bad",
                "alert-triangle",
                title=_("Allergy, from %(source)s, received %(day)s")
                % {"source": row.source, "day": date_format(row.received_on, "M j, Y")},
            )
            for row in {row.name.lower(): row for row in rows if row in real}.values()
        ]
    if rows:
        told = _("%(source)s, %(day)s") % {"source": rows[0].source, "day": date_format(rows[0].received_on, "M j, Y")}
        return [Flag(_("No known allergies (%s)") % told, "ok", "check")]
    return [Flag(_("Allergies unknown: ask"), icon="question-mark", unknown=True)]


def _language(sight: Sight, preference) -> list[Flag]:
    language, interpreter = spoken(sight.patient, preference)
    found = []
    if not language:
        found.append(Flag(_("Language unknown"), icon="question-mark", unknown=True))
    elif interpreter:
        note = f" ({preference.interpreter_note})" if preference.interpreter_note else ""
        found.append(Flag(_("%s, interpreter") % codes.language_said(language) + note, "info", "language"))
    elif language != "English":
        asked = _("no interpreter needed") if interpreter is False else _("interpreter not asked")
        found.append(Flag(f"{codes.language_said(language)}, {asked}", "info", "language"))
    elif interpreter is False or interpreter is None:
        found.append(Flag(codes.language_said(language), "", "language"))
    if preference and preference.hearing_aid:
        found.append(Flag(_("Hard of hearing"), "info", "alarm"))
    if preference and preference.vision_aid:
        found.append(Flag(_("Large print or voice"), "info", "eye"))
    return found


def _young(sight: Sight) -> list[Flag]:
    age = years_on(sight.patient.born_on, sight.on)
    if age is None or age >= ADULT or sight.patient.died_on:
        return []
    if sight.clinical and sight.of(Alarm.objects.open()).exists():
        # Whoever speaks for a child may be the danger, or be told what the child said in confidence.
        told = _(
            "A safety alarm is open. Speak with the child first, and alone; tell nobody at home what they answered. "
            "Whether the representative is told, and what, is decided with whoever is on call: the law lets us keep it "
            "from them where it could put the child in danger (45 CFR 164.502(g)(5))."
        )
        return [Flag(_("Under 18: speak with the child first, alone"), "bad", "users", title=told, on_paper=False)]
    return [Flag(_("Under 18: speak with the representative"), "warn", "users")]


def _sharing(sight: Sight) -> Flag:
    """What may be told to others, from the consents in force; none on file is not the same as no."""
    given = list(sight.of(SharingConsent.objects.in_force(sight.on))) if sight.has(SharingConsent) else []
    if not given:
        return Flag(_("No consent to share on file"), icon="share", unknown=True)
    shared = {category for one in given for category in one.categories}
    protected = [code for code in consent.CATEGORIES if code != "general"]
    kept = [_(consent.CATEGORIES[code]) for code in protected if code not in shared]
    first_end = min((one.expires_on for one in given if one.expires_on), default=None)
    until = _(" until %s") % date_format(first_end, "M j, Y") if first_end else ""
    words = _("Shares everything asked for") if not kept else _("Shares ordinary facts only")
    if kept and len(kept) < len(protected):
        words = _("Shares %(some)s of %(all)s protected kinds") % {
            "some": len(protected) - len(kept),
            "all": len(protected),
        }
    return Flag(words + until, icon="share", title=_("Not shared: %s") % "; ".join(kept) if kept else "")


def _directives(sight: Sight) -> list[Flag]:
    if not sight.clinical:
        return []
    found = _papers(sight) if sight.has(Document, ServiceOrder) else []
    return found or [Flag(_("No advance directive on file"), icon="question-mark", unknown=True)]


def _papers(sight: Sight) -> list[Flag]:
    by_title = Q()
    for part, _name in advance_directives.TITLES:
        by_title |= Q(title__icontains=part)
    papers = sight.facts(Document.objects.filter(Q(code__in=advance_directives.CODES) | by_title))
    orders = sight.facts(ServiceOrder.objects.filter(code__in=advance_directives.CODES)).exclude(
        status__in=("revoked", "entered-in-error", "completed")
    )
    found: dict[str, Flag] = {}
    for row in [*papers.order_by("-written_on")[:5], *orders.order_by("-ordered_on")[:5]]:
        title = getattr(row, "title", "") or getattr(row, "name", "")
        name = advance_directives.name_of(row.code, title)
        day = getattr(row, "written_on", None) or getattr(row, "ordered_on", None) or row.received_on
        found.setdefault(
            name,
            Flag(_("%s on file") % name, "", "file-certificate", title=f"{row.source}, {date_format(day, 'M j, Y')}"),
        )
    return list(found.values())


def programs_said(leads: list[Enrollment]) -> str:
    """The programs a patient is in, in words."""
    return ", ".join(_(name_of(one.program)) for one in leads)
