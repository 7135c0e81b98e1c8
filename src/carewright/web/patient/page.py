"""The patient page, part by part, by the names its template uses."""

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from carewright.population import joined
from carewright.population import queries as population
from carewright.staff.roles import Permission
from carewright.tasks import queries as tasks
from carewright.tasks.models import Task
from carewright.web.patient import around, chart, fills, story
from carewright.web.patient.header import Header, header_of
from carewright.web.patient.sight import Sight

EVENTS = 10


def everything(sight: Sight) -> dict:
    """All parts of the page."""
    run, header = population.current_run(), header_of(sight)
    work = tasks.of_patient(sight.patient, at=sight.at) if sight.works and sight.has(Task) else []
    medicines, filled = chart.medicines(sight), fills.filled(sight, run)
    return top(sight, header) | {
        "run": run,
        "counted": joined.how_counted(run, sight.patient, identifiers=sight.identifiers),
        "risk": around.risk(sight, run),
        "conditions": chart.conditions(sight, run),
        "results": [(row, chart.value_said(row)) for row in chart.results(sight)],
        "medicines": medicines[: chart.MEDICINES],
        "medicine_count": len(medicines),
        **fills.short(filled),
        "needs": around.social_needs(sight, run),
        "found_needs": around.found_needs(sight),
        "goals": around.goals(sight),
        "events": story.story(sight, run, most=EVENTS),
        "team": around.team(sight, header.leads, run),
        "phones": around.phones(sight),
        "work": work,
        "first": next((row for row in work if row.is_overdue or row.urgency >= 4), None),
        "use": around.use(sight, run),
    }


def top(sight: Sight, header: Header | None = None) -> dict:
    """What every page about the patient stands under."""
    header = header or header_of(sight)
    return {
        "sight": sight,
        "patient": sight.patient,
        "header": header,
        "may_call": sight.works and address("call:out", sight) is not None,
        "places": _places(sight),
        "why_href": address("population:why", sight) if sight.user.may(Permission.SEE_CANDIDATES) else None,
    }


def _places(sight: Sight) -> list[dict]:
    """The pages other rooms keep about one patient, those that are built and that this reader may open."""
    known = (
        ("plan", _("Plan"), "careplan:plan", Permission.PLAN_CARE),
        ("assessments", _("Assessments"), "assessment:of_patient", Permission.ASSESS),
        ("notes", _("Contacts and notes"), "contacts:of_patient", Permission.WORK_TASKS),
        ("enrollment", _("Enrollment"), "enrollment:enrollment", Permission.TAKE_CONSENT),
        ("consent", _("Consent"), "enrollment:consent", Permission.TAKE_CONSENT),
        ("log", _("Who looked"), "access:patient_log", Permission.SEE_ACCESS_LOG),
        ("same", _("Same person as…"), "people:same", Permission.MATCH_PEOPLE),
    )
    return [
        {"code": code, "name": name, "href": href}
        for code, name, url_name, permission in known
        if sight.user.may(permission) and (href := address(url_name, sight)) is not None
    ]


def address(url_name: str, sight: Sight) -> str | None:
    """Where a page about this patient is, or None when that room is not built."""
    try:
        return reverse(url_name, args=[sight.patient.public_id])
    except NoReverseMatch:
        return None
