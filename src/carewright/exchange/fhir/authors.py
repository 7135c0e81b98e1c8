"""
Who wrote, ordered or recorded something: the NPIs a resource names, as far as they can be found.

A 42 CFR Part 2 program may be declared by its NPI. What it says is protected wherever it stands, so a note, an order, a
plan, a goal, a team or a diagnosis carries the NPIs of those who stand behind it. An NPI is found when the pointer says
it, when the professional or place stands in the same resource or bundle, or when the feed has sent them before. A
pointer to somebody nobody has sent names nobody: such a feed is declared by its name instead.
"""

from typing import Any

from carewright.exchange.fhir.references import Links

Resource = dict[str, Any]

NAMED_BY: dict[str, tuple[tuple[str, str], ...]] = {
    "DocumentReference": (("author", ""), ("authenticator", ""), ("custodian", "")),
    "DiagnosticReport": (("performer", ""), ("resultsInterpreter", "")),
    "ServiceRequest": (("requester", ""), ("performer", "")),
    "CareTeam": (("participant", "member"), ("participant", "onBehalfOf"), ("managingOrganization", "")),
    "CarePlan": (("author", ""), ("contributor", "")),
    "Goal": (("expressedBy", ""),),
    "Condition": (("recorder", ""), ("asserter", "")),
    "QuestionnaireResponse": (("author", ""), ("source", "")),
    "Appointment": (("participant", "actor"),),
}
"""For each kind the fields that point at professionals and places, and where in each entry the pointer stands."""
KEPT = 4
"""So many of them land with the resource, for a source that is declared later."""

Npis = tuple[str, ...]
NOBODY: Npis = ()


def npis_of(kind: str, r: Resource, links: Links) -> Npis:
    """The NPIs of those behind a resource, in order and each once; none for kinds whose own columns name them."""
    found: dict[str, None] = {}
    for name, inner in NAMED_BY.get(kind, ()):
        said = r.get(name)
        for each in said if isinstance(said, list) else (said,):
            pointer = each.get(inner) if inner and isinstance(each, dict) else each
            npi = links.npi_of(pointer, r) if isinstance(pointer, dict) else None
            if npi:
                found[npi] = None
    return tuple(found) if found else NOBODY
