"""
The only ways to be written down in the access log, and the only ways to seal and to check it.

Every function takes `by=`: a member of staff (`staff.User`) or a named system actor such as `"system:nightly"`.
Entries are written in the caller's transaction: what never happened leaves no entry.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

from carewright.audit.models import Entry, Seal
from carewright.kernel.errors import CannotDo

came_from: ContextVar[str] = ContextVar("came_from", default="")
"""The network address of the request being answered; set by the access middleware, empty in jobs and commands."""


def who(by) -> dict[str, object]:
    """The person or system actor as the log names them: `by`, `by_id`, `by_name`, `by_role`."""
    if isinstance(by, str):
        if not by.startswith("system:") or len(by) == len("system:"):
            raise ValueError(f"A system actor is written 'system:<what>', not {by!r}.")
        return {"by": by, "by_name": by}
    if by is None or by.pk is None:
        raise ValueError("An entry needs a member of staff who exists, or a system actor such as 'system:nightly'.")
    return {"by": by.email, "by_id": by.pk, "by_name": by.name, "by_role": by.role}


def _write(*, by, **facts) -> Entry:
    return Entry.objects.create(**who(by), address=came_from.get(), **facts)


@contextmanager
def change(thing: models.Model, *, by, did: str, why: str = "", purpose: str = "") -> Iterator[models.Model]:
    """
    Change one thing, and write down what it was and what it became.

    All of it happens or none of it does: if the block raises, so does the change, and there is no entry for something
    that never was. A new thing has no `before`. Raises ValidationError when the thing does not keep its promises.
    """
    with transaction.atomic():
        is_new = thing._state.adding
        before = None if is_new else _snapshot(type(thing)._base_manager.select_for_update().get(pk=thing.pk))
        yield thing
        _keep(thing)
        after = _snapshot(thing)
        if before is not None:
            changed = {name for name in after if before.get(name) != after[name]}
            before, after = ({name: side[name] for name in sorted(changed)} for side in (before, after))
        _write(
            by=by, did=did, what=name_of(thing), patient_ids=_patients_of(thing), before=before, after=after, why=why,
            purpose=purpose,
        )  # fmt: skip


def _keep(thing: models.Model) -> None:
    """
    Write one row that keeps its promises, or raise ValidationError with the sentence of the promise it breaks.

    What the database promises of a row by itself (its check constraints) it looks at when the row is written, all at
    once; asking it for each beforehand made half of the statements of every change.
    """
    thing.full_clean(validate_constraints=False)
    for model, promises in thing.get_constraints():
        for promise in promises:
            if not isinstance(promise, models.CheckConstraint):
                promise.validate(model, thing)
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError:
        thing.validate_constraints()  # says which promise, in its own words; what is none of these stays as it was raised
        raise


def happened(
    did: str, what: str = "", *, by, patient_ids: Iterable[int] = (), why: str = "", purpose: str = "", page: str = "",
    after: dict | None = None,
) -> Entry:  # fmt: skip
    """Write down something done to many rows at once, or to none: `after` may carry plain counts, never private values."""
    return _write(
        by=by, did=did, what=what, patient_ids=list(patient_ids), why=why, purpose=purpose, page=page, after=after
    )


def saw(patient, *, by, page: str, why: str = "", purpose: str = "treatment") -> Entry:
    """Write down that a patient's record was looked at on a page."""
    return _write(
        by=by, did="saw", what=name_of(patient), patient_ids=[patient.pk], page=page, why=why, purpose=purpose
    )


def saw_list(patient_ids: Iterable[int], *, by, page: str, why: str = "") -> Entry:
    """Write down that a list showed these patients; one entry for the whole page of the list."""
    ids = list(patient_ids)
    return _write(by=by, did="saw_list", what=f"list of {len(ids)}", patient_ids=ids, page=page, why=why)


def exported(what: str, *, by, purpose: str, rows: int, patient_ids: Iterable[int] = (), page: str = "") -> Entry:
    """Write down that a file left the house: what it was, why, how many rows, and whose."""
    if not purpose.strip():
        raise ValueError("An export states its purpose: say what the file is for.")
    return _write(
        by=by,
        did="exported",
        what=what,
        patient_ids=list(patient_ids),
        purpose=purpose,
        page=page,
        after={"rows": rows},
    )


def refused(what: str, *, by, page: str, why: str = "", patient_ids: Iterable[int] = ()) -> Entry:
    """Write down that somebody asked for something and was not let in; bursts of these are reviewed."""
    return _write(
        by=by,
        did="refused",
        what=what,
        page=page,
        why=why,
        patient_ids=list(patient_ids),
        outcome=Entry.Outcome.REFUSED,
    )


@dataclass(frozen=True)
class Verdict:
    """
    What a check of the log found: how many entries there are, how many are sealed by how many seals, and the tail that
    no seal covers yet. `digest` is the chain's last link: written down outside the house, it proves later that nothing
    up to it was taken away.
    """

    entries: int
    sealed: int
    seals: int
    unsealed: int
    oldest_unsealed_at: datetime | None
    sealed_at: datetime | None
    digest: str

    def __str__(self):
        said = f"The access log is unbroken: {self.sealed:,} entries under {self.seals:,} seals"
        if self.unsealed:
            said += f"; {self.unsealed:,} wait for the next seal, the oldest since {self.oldest_unsealed_at:%b %-d %H:%M} UTC"
        return f"{said}."


class BrokenLog(CannotDo):
    """The access log is not what it was when it was sealed; the message names the first entry that differs."""


def seal(at: datetime) -> Seal | None:
    """
    Chain every committed entry that no seal covers yet; nothing when none waits.

    Called each minute by a job. Entries are chained in the database, in the order of their numbers; one that was
    committed late is chained by the next seal.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select audit_seal_waiting(%s)", [at])
        (number,) = cursor.fetchone()
    return None if number is None else Seal.objects.get(pk=number)


def verify(*, expecting: str = "") -> Verdict:
    """
    Walk the whole chain from its first entry, and say that it holds.

    `expecting` is a digest that was written down earlier: the chain must still pass through it. Raises BrokenLog with
    the first entry that was changed or taken away.
    """
    with connection.cursor() as cursor:
        cursor.execute("select place, entry, why from audit_first_break()")
        place, entry, why = cursor.fetchone()
        if why:
            at_entry = f"entry {entry}" if entry else f"place {place}"
            raise BrokenLog(
                f"The access log is broken at {at_entry}: {why}. Everything sealed before it is as it was written. "
                "Keep the database as it is and tell whoever answers for privacy."
            )
        cursor.execute(
            "select count(*), count(l.entry_id), min(e.id) filter (where l.entry_id is null and w.entry_id is null),"
            " min(e.at) filter (where l.entry_id is null)"
            " from audit_entry e left join audit_sealedentry l on l.entry_id = e.id"
            " left join audit_waitingentry w on w.entry_id = e.id"
        )
        entries, sealed, lost, oldest = cursor.fetchone()
        if lost:
            raise BrokenLog(
                f"The access log is broken at entry {lost}: it is neither sealed nor waiting for its seal. "
                "Somebody took it off the waiting list."
            )
        cursor.execute("select s.at, s.digest from audit_seal s order by s.last_position desc limit 1")
        sealed_at, digest = cursor.fetchone() or (None, "")
        if expecting:
            cursor.execute("select 1 from audit_sealedentry where digest = %s", [expecting.strip().lower()])
            if cursor.fetchone() is None:
                raise BrokenLog(
                    f"The access log does not pass through {expecting}: entries sealed up to that digest were taken "
                    "away or written anew, or the digest belongs to another home."
                )
    return Verdict(entries, sealed, Seal.objects.count(), entries - sealed, oldest, sealed_at, digest)


def unsealed() -> tuple[int, datetime | None]:
    """How many entries no seal covers yet, and when the oldest of them was written."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), min(e.at) from audit_waitingentry w join audit_entry e on e.id = w.entry_id")
        count, oldest = cursor.fetchone()
    return count, oldest


def name_of(thing: models.Model) -> str:
    """A thing's kind and number, as the log writes it: `patient:12`."""
    return f"{thing._meta.model_name}:{thing.pk}"


def _patients_of(thing: models.Model) -> list[int]:
    if thing._meta.label == "registry.Patient":
        return [thing.pk]
    patient_id = getattr(thing, "patient_id", None)
    return [] if patient_id is None else [patient_id]


def _snapshot(thing: models.Model) -> dict[str, object]:
    """Every column: plain ones as they are, private ones as a keyed fingerprint, secret ones only as set or not."""
    privacy = getattr(thing, "Privacy", None)
    plain = set(getattr(privacy, "plain", ()))
    secret = set(getattr(privacy, "secret", ()))
    seen = {}
    for field in thing._meta.concrete_fields:
        value = field.value_to_string(thing) if field.value_from_object(thing) is not None else None
        if value is None or field.name in plain:
            seen[field.name] = value
        else:
            seen[field.name] = _fingerprint(field.name, value, thing.pk if field.name in secret else "")
    return seen  # type: ignore[return-value]


def _fingerprint(*parts: object) -> str:
    text = "\x1f".join(str(part) for part in parts)
    return "#" + hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:16]
