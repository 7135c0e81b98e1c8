"""What things are called in logs: by kind and number, never by a person's name."""

from datetime import UTC, datetime

from carewright.access.models import BreakGlass, PopulationMember
from carewright.audit.models import SealedEntry, WaitingEntry
from carewright.registry.models import Address, ContactPoint, Coverage, Identifier, Patient, RelatedPerson

RUTH = {"given_name": "Ruth", "family_name": "Abernathy"}


def test_nothing_says_a_name():
    things = [
        Patient(**RUTH), RelatedPerson(**RUTH, pk=1, patient_id=2), Identifier(system="mrn", value="00042", patient_id=2),
        Coverage(pk=1, patient_id=2, member_id="H1"), Address(pk=1, patient_id=2, line="12 Elm Street"),
        ContactPoint(kind="phone", value="413-555-0100", patient_id=2), PopulationMember(patient_id=2, population="x"),
        BreakGlass(user_id=1, patient_id=2, words="Ruth fell"),
        SealedEntry(position=1, entry_id=1), WaitingEntry(entry_id=1),
    ]  # fmt: skip
    things[7].starts_at = datetime(2026, 1, 1, tzinfo=UTC)
    for thing in things:
        for word in ("Ruth", "Abernathy", "00042", "H1", "Elm", "413"):
            assert word not in str(thing)
