"""
Warnings that two records of one person give about the same number, and how they wish to be reached: the stricter holds.

When two records become one, a number or a preference that both have stays twice: the kept record's is read, the other's
lies hidden. What warns there (not safe to leave a message, wrong, no texts, "hang up if he answers") is carried over,
written down with the join, and given back when the join is undone.
"""

from collections.abc import Iterator
from datetime import date

from django.db import models

from carewright.audit import actions as audit
from carewright.registry.models import ContactPoint, Join, Patient, PatientPreference
from carewright.staff.models import User

POINT, PREFERENCE = "contact_point", "preference"
Change = tuple[models.Model, str, object]


def carry(join: Join, keep: Patient, other: Patient, *, by: User | str) -> None:
    """Carry over what warns, and write down in the join what each was before."""
    changes = [*_of_numbers(keep, other), *_of_preferences(keep, other)]
    for row, name, value in changes:
        join.taken[_key(row, name)] = [_plain(getattr(row, name)), _plain(value)]
    _set(changes, by=by, did="carry_warning")
    if changes:
        join.save(update_fields=["taken"])


def give_back(join: Join, *, by: User | str) -> None:
    """Give back what was carried over, unless somebody has written down something else since."""
    changes = []
    for key, (before, after) in join.taken.items():
        row = _row(key)
        name = key.rpartition(" ")[2]
        if row is not None and _plain(getattr(row, name)) == after:
            changes.append((row, name, row._meta.get_field(name).to_python(before)))  # type: ignore[union-attr]
    _set(changes, by=by, did="give_back_warning")


def _of_numbers(keep: Patient, other: Patient) -> Iterator[Change]:
    """What the other record says of numbers that both have."""
    for theirs in ContactPoint.every_one.filter(patient=other.pk):
        mine = ContactPoint.every_one.filter(patient=keep.pk, kind=theirs.kind, value=theirs.value).first()
        if mine is None:
            continue
        if theirs.is_safe_for_message is False and mine.is_safe_for_message is not False:
            yield mine, "is_safe_for_message", False
        if theirs.is_shared and not mine.is_shared:
            yield mine, "is_shared", True
        if theirs.wrong_since_on is not None and mine.wrong_since_on is None:
            yield mine, "wrong_since_on", theirs.wrong_since_on
        for name in ("text_consent", "email_consent"):
            said = getattr(theirs, name)
            if said in (ContactPoint.Consent.REFUSED, ContactPoint.Consent.WITHDRAWN) and getattr(mine, name) != said:
                yield mine, name, said
                if mine.consent_at is None:
                    yield mine, "consent_at", theirs.consent_at


def _of_preferences(keep: Patient, other: Patient) -> Iterator[Change]:
    """What the other record says of how to reach the person, where the kept one says nothing; warnings beside its own."""
    theirs = PatientPreference.objects.filter(patient=other.pk).first()
    mine = PatientPreference.objects.filter(patient=keep.pk).first()
    if theirs is None or mine is None:
        return
    warning = theirs.safe_contact.strip()
    if warning and warning not in mine.safe_contact:
        yield mine, "safe_contact", "; ".join(filter(None, (mine.safe_contact.strip(), warning)))
    for name in ("needs_interpreter", "hearing_aid", "vision_aid"):
        if getattr(theirs, name) and not getattr(mine, name):
            yield mine, name, True
    for name in ("spoken_language", "written_language", "interpreter_note"):
        if getattr(theirs, name) and not getattr(mine, name):
            yield mine, name, getattr(theirs, name)


def _set(changes: list[Change], *, by: User | str, did: str) -> None:
    """Change the rows, each once however many of its columns change: one look at two records is one line of the log."""
    rows: dict[tuple[type, object], tuple[models.Model, dict[str, object]]] = {}
    for row, name, value in changes:
        rows.setdefault((type(row), row.pk), (row, {}))[1][name] = value
    for row, values in rows.values():
        with audit.change(row, by=by, did=did):
            for name, value in values.items():
                setattr(row, name, value)


def _key(row: models.Model, name: str) -> str:
    return f"{POINT if isinstance(row, ContactPoint) else PREFERENCE} {row.pk} {name}"


def _row(key: str) -> models.Model | None:
    kind, _space, rest = key.partition(" ")
    pk = rest.partition(" ")[0]
    if kind == POINT:
        return ContactPoint.every_one.filter(pk=pk).first()
    return PatientPreference.objects.filter(pk=int(pk)).first() if kind == PREFERENCE else None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
