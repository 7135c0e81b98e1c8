"""
What the imports pages call things: the kinds of rows, and who brought a file in when no person did.

In the database a kind is the name of its landed table, and a program's own doing is written `system:…`; nobody who
reads a page should have to know either.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from carewright.population.wording import translated

if TYPE_CHECKING:
    from carewright.exchange.taking_back import Consequences

KINDS = {
    "fhir": _("FHIR records"),
    "allergy": _("Allergies"),
    "appointment": _("Appointments"),
    "caseload": _("Caseload"),
    "condition": _("Conditions"),
    "eligibility": _("Coverage"),
    "encounter": _("Visits and stays"),
    "immunization": _("Immunizations"),
    "lab_result": _("Laboratory results"),
    "medical_claim": _("Medical claims"),
    "medication": _("Medicines"),
    "observation": _("Measurements"),
    "organization": _("Organizations"),
    "person": _("People"),
    "pharmacy_claim": _("Pharmacy claims"),
    "practitioner": _("Professionals"),
    "procedure": _("Procedures"),
    "provider_attribution": _("Providers by month"),
    "resource": _("FHIR resources"),
}
"""Every kind of file by its code; a house of words beside `warehouse/layouts`."""

BROUGHT_BY = {
    "system:ingest": _("the command line"),
    "system:minutely": _("a watched folder"),
    "system:demo": _("the demo population"),
}
SYSTEM = "system:"


def kind_said(kind: str) -> str:
    """What a kind of file is called on a page; nothing for a file nobody recognized."""
    return str(KINDS.get(kind, kind))


def brought_by_said(received_by: str) -> str:
    """Who brought a file in, as a page says it: a person by their sign-in, the program in words."""
    if not received_by.startswith(SYSTEM):
        return received_by
    return str(BROUGHT_BY.get(received_by, _("Carewright itself")))


def _counted(one: str, many: str, count: int) -> str:
    return ngettext(one, many, count) % {"n": f"{count:,}"}


def what_taking_back_does(told: "Consequences", *, shows_lists: bool) -> list[str]:
    """What will happen when a load is taken back, a sentence each; programs only for who may see their lists."""
    said = [_counted("%(n)s row of this file stops counting.", "%(n)s rows of this file stop counting.", told.rows)]
    if told.facts:
        facts = _counted("%(n)s fact", "%(n)s facts", told.facts)
        people = _counted("the chart of %(n)s person", "the charts of %(n)s people", told.people)
        said.append(
            gettext("%(facts)s from it leave %(people)s; what earlier files said of the same stands again.")
            % {"facts": facts, "people": people}
        )
    if told.answers:
        said.append(
            _counted(
                "%(n)s answered questionnaire counts no more.", "%(n)s answered questionnaires count no more.",
                told.answers,
            )
        )  # fmt: skip
    if shows_lists and told.lists:
        lists = ", ".join(f"{translated(program)} ({people:,})" for program, people in told.lists)
        said.append(
            gettext("The next run makes these lists without it; beside each, how many people on it this file speaks of: %(lists)s.")
            % {"lists": lists}
        )  # fmt: skip
    else:
        said.append(gettext("The next run makes every list without it; until then the lists stay as they are."))
    if told.read_again:
        said.append(
            _counted(
                "%(n)s later file that repeated rows of it is read again, so that they still count.",
                "%(n)s later files that repeated rows of it are read again, so that they still count.",
                told.read_again,
            )
        )
    return said


def what_stays(told: "Consequences", *, kind: str) -> list[str]:
    """What taking a load back cannot take back, a sentence each."""
    said = [
        gettext(
            "Its bytes and this report, with your name and your reason. The same file can be loaded"
            " again, and then counts as received that day."
        ),
        gettext(
            "People it made known, and what was written on their records from it: names, birth dates, a death, addresses,"
            " telephone numbers, people around them. Mend these on the record."
        ),
        gettext("Everything colleagues did since: contacts, notes, tasks, decisions, records that were joined."),
    ]
    if told.deaths:
        said.append(
            _counted(
                "%(n)s death that it reported stays on the record. Look at that record, and mend it if it is wrong.",
                "%(n)s deaths that it reported stay on the records. Look at these records, and mend what is wrong.",
                told.deaths,
            )
        )
    if kind == "fhir":
        said.append(gettext("An alarm that an answer raised. It stays open until somebody has looked at it."))
        said.append(gettext("Professionals and places it named, as long as another file that came with it counts."))
    if told.applied:
        said.append(
            _counted(
                "%(n)s row of the caseload that was applied: the consent, the enrollment, the lead and the reminders.",
                "%(n)s rows of the caseload that were applied: consents, enrollments, leads and reminders.", told.applied,
            )
        )  # fmt: skip
    return said
