"""
What the imports pages call things: the kinds of rows, and who brought a file in when no person did.

In the database a kind is the name of its landed table, and a program's own doing is written `system:…`; nobody who
reads a page should have to know either.
"""

from django.utils.translation import gettext_lazy as _

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
