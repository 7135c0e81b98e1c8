"""
Who our patients are: one person, the numbers others know them by, how they are covered, how to reach them, who stands
beside them, and which of our records turned out to be one person.

Nothing here says how a person is. A `Patient` row is never deleted. Two records become one only as a `Join`, which is
listed with its reason and can be undone.
"""

from carewright.registry.models.joining import Join, JoinedRows, PossibleMatch
from carewright.registry.models.patient import (
    Coverage,
    FieldSource,
    Identifier,
    NameWord,
    Patient,
    PatientPreference,
    Sex,
)
from carewright.registry.models.reach import Address, ContactPoint
from carewright.registry.models.related import Authority, RelatedPerson

__all__ = [
    "Address", "Authority", "ContactPoint", "Coverage", "FieldSource", "Identifier", "Join", "JoinedRows", "NameWord",
    "Patient", "PatientPreference", "PossibleMatch", "RelatedPerson", "Sex",
]  # fmt: skip
