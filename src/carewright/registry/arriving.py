"""
Somebody arrives with numbers of which we know one: the same person, or a number that was given to a second one?

A number alone is believed when nothing contradicts it. Then the arrival becomes a record of its own that is joined at
once, so that the join is listed with its reason and can be undone like any other. A number that comes with another
birth date or another name was perhaps recycled: nothing is joined, the newcomer is a record of their own, and both wait
for a person.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from carewright.audit import actions as audit
from carewright.registry import joining
from carewright.registry.matching import actions as matching
from carewright.registry.matching import records, rules
from carewright.registry.matching.described import Described, describe
from carewright.registry.models import Patient, PossibleMatch

CONTESTED = "contested"
"""The kind of number by which somebody is found again whose own number already belongs to another record."""

OWN_NUMBER = "person_id"
"""A source's own key for a person: whoever has it is that person, whatever else the source says of them."""


def described(facts: Mapping[str, object], address: Mapping[str, str] | None, phones: Iterable[str]) -> Described:
    """What a source says of somebody, ready to compare with a record."""
    home = address or {}
    born_on = facts.get("born_on")
    return describe(
        0, given_name=str(facts.get("given_name") or ""), family_name=str(facts.get("family_name") or ""),
        name_suffix=str(facts.get("name_suffix") or ""), born_on=born_on if isinstance(born_on, date) else None,
        sex=str(facts.get("sex") or "unknown"), line=home.get("line", ""), zip_code=home.get("zip_code", ""),
        phones=phones,
    )  # fmt: skip


def contradicted(newcomer: Described, holder: Patient) -> bool:
    """Whether what a source says cannot be about the patient who holds this number."""
    known = records.everyone([holder.pk])
    return bool(known) and rules.contradicts(newcomer, known[holder.pk])


def contested_value(system: str, assigner: str, value: str, newcomer: Described) -> str:
    """A key for a newcomer whose number is another's: the number, and who it came with."""
    born = newcomer.born_on.isoformat() if newcomer.born_on else ""
    return "|".join((system, assigner, value, newcomer.family, newcomer.given, born))


def wait_for_a_person(one: Patient, other: Patient, reason: str, *, by) -> None:
    """Put two records before a person because of a number."""
    at = audit.happened("number_in_doubt", by=by, patient_ids=[one.pk, other.pk], why=reason).at
    matching.let_wait((one.pk, other.pk), [reason], by=by, at=at)


def join_by_number(*, keep: Patient, newcomer: Patient, systems: Iterable[str], by) -> Patient:
    """
    Join a newcomer into the patient who has one of their numbers already; answers the record that stands for them.

    What the record did not say it takes over, and gives back when the join is undone.
    Two records that somebody kept apart stay apart. The number decides, so the join is the machine's, whoever brought it.
    """
    low, high = sorted((keep.pk, newcomer.pk))
    if PossibleMatch.objects.filter(patient=low, other=high, state=PossibleMatch.State.KEPT_APART).exists():
        return newcomer
    said = ", ".join(sorted(set(systems)))
    at = audit.happened("found_by_number", by=by, patient_ids=[keep.pk, newcomer.pk], why=said).at
    unknown = [name for name in joining.TAKEABLE if getattr(keep, name) in joining.NOT_SAID]
    why = f"{rules.FOR['same_number']}: {said}"
    machine = by if isinstance(by, str) else "system:matching"
    return joining.merge(keep=keep, other=newcomer, why=why, by=machine, at=at, take=unknown).patient
