"""
Two records become one, and two again: nothing is lost, nothing happens silently, and a person can always undo it.

Joining re-points rows: every table that names a patient is found by asking Django, so a table added later is moved
without anybody remembering to. Which rows were moved is written down (`JoinedRows`); undoing moves back exactly those.
Rows that came after the join go where the person who undoes it says. Nothing is closed, rewritten or deleted: an open
alarm is as open on the kept record as it was.

Call these as the house (`acting_as("system:matching")`) after the guard has said that the person may see both records:
moving ties changes who sees what while it happens.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction
from django.utils.translation import gettext as _
from pghistory.models import Event
from psycopg import errors as postgres

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.registry import warnings
from carewright.registry.models import FieldSource, Join, JoinedRows, NameWord, Patient, PossibleMatch
from carewright.staff.models import User

TAKEABLE = (
    "given_name", "family_name", "name_suffix", "born_on", "died_on", "sex", "race", "ethnicity", "language",
)  # fmt: skip
"""Facts of the record itself that the kept record may take over from the other."""

NOT_SAID = ("", None, "unknown")
"""A fact that nobody stated."""

NOT_MOVED = (Join, PossibleMatch, NameWord, Patient)
NEVER_LEFT = ("assessment.Assessment", "careplan.Problem", "tasks.Alarm")
"""Tables of which no row may stay behind on a record that nobody opens any more."""

Later = Mapping[tuple[str, str], Iterable[str]]


@dataclass(frozen=True)
class Pointer:
    """A column that names a patient: in which model, which field."""

    model: type[models.Model]
    field: models.ForeignKey

    @property
    def key(self) -> tuple[str, str]:
        """How it is written down: the model's label and the column."""
        return self.model._meta.label, self.field.name

    def of(self, patient: Patient) -> models.QuerySet:
        """Its rows about one patient, whatever the model's usual manager leaves out."""
        return self.model._base_manager.filter(**{self.field.name: patient.pk})

    def keys(self, patient: Patient) -> list[str]:
        """The keys of those rows, as text."""
        return [str(key) for key in self.of(patient).order_by("pk").values_list("pk", flat=True)]


def pointers() -> list[Pointer]:
    """
    Every column of every table that names a patient, in the order of the tables' names.

    Left out are the row history (it says what was, and stays), the rows of a warehouse run (their key holds the
    patient; the next run writes them anew) and the tables that say who is who.
    """
    found = []
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        options = model._meta
        if options.proxy or not options.managed or issubclass(model, (Event, *NOT_MOVED)):
            continue
        of_a_run = {field.name for field in getattr(options, "pk_fields", ())} if len(options.pk_fields) > 1 else set()
        found += [
            Pointer(model, field)  # type: ignore[arg-type]
            for field in options.concrete_fields
            if field.remote_field is not None and field.remote_field.model is Patient and field.name not in of_a_run
        ]
    return found


def merge(
    *, keep: Patient, other: Patient, why: str, by: User | str, at: datetime, score: float | None = None,
    take: Iterable[str] = (),
) -> Join:  # fmt: skip
    """
    Make two records one: everything of `other` moves to `keep`, and `other` is read there from now on.

    `take` names facts (`TAKEABLE`) the kept record takes over. What a person thereby settled, taken or kept, is as if
    they had written it down: no file overwrites it while the join stands. A row that the kept record has already (the same phone
    number) stays with the other. Refused when either is part of a join, when both are in something at once that one
    person cannot be in twice, and to a machine for a pair that a person kept apart.
    """
    if keep.pk == other.pk:
        raise CannotDo(_("These are the same record."))
    if not why.strip():
        raise CannotDo(_("Say why these two records are one person."))
    if unknown := set(take) - set(TAKEABLE):
        raise ValueError(f"Cannot be taken over: {sorted(unknown)}")
    by_machine = isinstance(by, str)
    with transaction.atomic():
        locked = _lock(keep, other)
        keep, other = locked[keep.pk], locked[other.pk]
        for record in (keep, other):
            if record.merged_into_id is not None:
                raise NotNow(_("One of these records was joined into another already. Look at that one."))
        low, high = sorted((keep.pk, other.pk))
        match = PossibleMatch.objects.filter(patient_id=low, other_id=high).first()
        if by_machine and match is not None and match.state == PossibleMatch.State.KEPT_APART:
            raise NotNow(_("Somebody decided that these are two people; a machine does not join them."))
        join = Join(
            patient=keep, other=other, by_machine=by_machine, joined_by=str(audit.who(by)["by"]), joined_at=at,
            score=score, why=why.strip(), taken=_taken(keep, other, take),
        )  # fmt: skip
        with audit.change(join, by=by, did="join_records", why=why.strip()):
            pass
        if isinstance(by, User):
            _settle(join, keep, other, take, by=by)
        for pointer in pointers():
            _move(join, pointer, keep, other)
        warnings.carry(join, keep, other, by=by)
        with audit.change(other, by=by, did="joined_into", why=why.strip()):
            other.merged_into = keep
        if facts := [name for name in join.taken if name in TAKEABLE]:
            with audit.change(keep, by=by, did="take_over", why=why.strip()):
                for name in facts:
                    setattr(keep, name, getattr(other, name))
        decide(match, PossibleMatch.State.JOINED, by=by, at=at, because=why)
    return join


def unmerge(*, join: Join, because: str, by: User, at: datetime, later: Later | None = None) -> Join:
    """
    Take a join back: exactly the rows that were moved go back, and the pair is never joined by a machine again.

    `later` says which rows written since belong to the other record, as `{(table, column): keys}` (see `later_rows`);
    all others stay where they are. Rows that a later join brought are that join's, and not touched.
    """
    if not because.strip():
        raise CannotDo(_("Say why these are two people after all."))
    with transaction.atomic():
        locked = _lock(join.patient, join.other)
        keep, other = locked[join.patient_id], locked[join.other_id]
        join = Join.objects.select_for_update().get(pk=join.pk)
        if join.undone_at is not None:
            raise NotNow(_("This join was undone already."))
        if keep.merged_into_id is not None:
            raise NotNow(_("The kept record was joined into another since. Undo that join first."))
        if any(set(since.taken) & set(join.taken) for since in _since(join)):
            raise NotNow(_("A later join took over the same fact. Undo that join first."))
        belongs = {key: set(keys) for key, keys in (later or {}).items()}
        possible = {key: set(keys) for key, keys in later_rows(join).items()}
        if any(keys - possible.get(key, set()) for key, keys in belongs.items()):
            raise CannotDo(_("Some of these rows were there before the join, or are gone. Look at the list again."))
        for pointer in pointers():
            moved = _written(join, pointer, JoinedRows.Whose.MOVED)
            _give_back(pointer, [*moved, *sorted(belongs.get(pointer.key, ()))], keep, other)
        FieldSource.objects.filter(patient=keep, said_at=join.joined_at, said_by__email=join.joined_by).delete()
        with audit.change(other, by=by, did="separated", why=because.strip()):
            other.merged_into = None
        restored = {
            name: before
            for name, (before, after) in join.taken.items()
            if name in TAKEABLE and _plain(keep, name) == after
        }
        warnings.give_back(join, by=by)
        if restored:
            with audit.change(keep, by=by, did="give_back", why=because.strip()):
                for name, before in restored.items():
                    setattr(keep, name, Patient._meta.get_field(name).to_python(before))  # type: ignore[union-attr]
        with audit.change(join, by=by, did="undo_join", why=because.strip()):
            join.undone_at, join.undone_by, join.undone_because = at, by, because.strip()
        low, high = sorted((keep.pk, other.pk))
        match = PossibleMatch.objects.filter(patient_id=low, other_id=high).first()
        match = match or PossibleMatch(patient_id=low, other_id=high, found_at=at, reasons=["joined_wrongly"])
        decide(match, PossibleMatch.State.KEPT_APART, by=by, at=at, because=because)
    return join


def keep_apart(*, match: PossibleMatch, because: str, by: User, at: datetime) -> PossibleMatch:
    """Say that two records are two people: they are not suggested again, and no machine ever joins them."""
    if match.state != PossibleMatch.State.WAITING:
        raise NotNow(_("Somebody decided this pair already."))
    if not because.strip():
        raise CannotDo(_("Say how you know that these are two people."))
    decide(match, PossibleMatch.State.KEPT_APART, by=by, at=at, because=because)
    return match


def decide(match: PossibleMatch | None, state: str, *, by: User | str, at: datetime, because: str) -> None:
    """Write down what became of a pair; nothing to do for a pair that nobody ever suggested."""
    if match is not None:
        with audit.change(match, by=by, did=f"decide_match_{state}", why=because.strip()):
            match.state, match.decided_at, match.decided_because = state, at, because.strip()
            match.decided_by = str(audit.who(by)["by"])


def later_rows(join: Join) -> dict[tuple[str, str], list[str]]:
    """The rows on the kept record that were written after the join, by table and column: a person says whose they are."""
    found = {}
    for pointer in pointers():
        known = {key for whose in JoinedRows.Whose.values for key in _written(join, pointer, whose)}
        known |= {key for since in _since(join) for key in _written(since, pointer, JoinedRows.Whose.MOVED)}
        if pointer.field.primary_key:  # its key is the patient, so a row that was moved has the kept record's key
            known |= {str(join.patient_id)} if known else set()
        if since := [key for key in pointer.keys(join.patient) if key not in known]:
            found[pointer.key] = since
    return found


def _since(join: Join) -> list[Join]:
    """The joins into the same record that came after this one, and stand."""
    return list(Join.objects.standing().filter(patient=join.patient_id, pk__gt=join.pk))


def records_of(patient: Patient) -> list[int]:
    """The ids of all records that stand for this person: their own, and those joined into it, however far back."""
    found, waiting = [patient.pk], [patient.pk]
    while waiting:
        waiting = list(Patient.every_record.filter(merged_into__in=waiting).values_list("pk", flat=True))
        found += waiting
    return found


def _lock(*records: Patient) -> dict[int, Patient]:
    rows = Patient.every_record.select_for_update().filter(pk__in=[record.pk for record in records]).order_by("pk")
    return {row.pk: row for row in rows}


def _taken(keep: Patient, other: Patient, take: Iterable[str]) -> dict[str, list[object]]:
    wanted = [name for name in TAKEABLE if name in set(take)]
    return {
        name: [_plain(keep, name), _plain(other, name)]
        for name in wanted
        if getattr(keep, name) != getattr(other, name)
    }


def _settle(join: Join, keep: Patient, other: Patient, take: Iterable[str], *, by: User) -> None:
    """Write down what this person decided: the facts taken over, and those of which the kept record's word stands."""
    for name in TAKEABLE:
        mine, theirs = getattr(keep, name), getattr(other, name)
        differ = mine != theirs and mine not in NOT_SAID and theirs not in NOT_SAID
        if (name in set(take) and name in join.taken) or differ:
            FieldSource.objects.get_or_create(
                patient=keep, field=name, defaults={"said_by": by, "said_at": join.joined_at}
            )  # fmt: skip


def _plain(record: Patient, name: str) -> object:
    value = getattr(record, name)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _move(join: Join, pointer: Pointer, keep: Patient, other: Patient) -> None:
    """Move the rows of one column, together where that works, one by one where some would repeat."""
    own, theirs = pointer.keys(keep), pointer.keys(other)
    moved: list[str] = []
    stayed: list[str] = []
    if theirs:
        try:
            with transaction.atomic():
                pointer.of(other).update(**{pointer.field.name: keep.pk})
            moved = theirs
        except IntegrityError as clash:
            _refuse_twice_at_once(pointer, clash)
            moved, stayed = _one_by_one(pointer, theirs, keep, other)
        except DatabaseError as refusal:
            said = _("%(rows)s cannot be moved: %(problem)s")
            problem = str(refusal).splitlines()[0]
            raise CannotDo(said % {"rows": named(pointer.model).capitalize(), "problem": problem}) from refusal
    for whose, keys in (
        (JoinedRows.Whose.OWN, own),
        (JoinedRows.Whose.MOVED, moved),
        (JoinedRows.Whose.STAYED, stayed),
    ):
        if keys:
            table, column = pointer.key
            JoinedRows.objects.create(join=join, table=table, column=column, whose=whose, keys=keys)


def _one_by_one(pointer: Pointer, keys: list[str], keep: Patient, other: Patient) -> tuple[list[str], list[str]]:
    moved, stayed = [], []
    for key in keys:
        try:
            with transaction.atomic():
                pointer.of(other).filter(pk=key).update(**{pointer.field.name: keep.pk})
            moved.append(key)
        except IntegrityError as clash:
            _refuse_twice_at_once(pointer, clash)
            stayed.append(key)
    if stayed and pointer.model._meta.label in NEVER_LEFT:
        said = _("%(rows)s of the other record would stay behind. Close it first, then join them.")
        raise NotNow(said % {"rows": named(pointer.model).capitalize()})
    return moved, stayed


def _refuse_twice_at_once(pointer: Pointer, clash: IntegrityError) -> None:
    """Overlapping stays in one thing are no repetition but a contradiction, and a person settles it first."""
    if isinstance(clash.__cause__, postgres.ExclusionViolation):
        said = _("Both records have a running entry in “%(rows)s” for the same days. End one of them first.")
        raise NotNow(said % {"rows": named(pointer.model).capitalize()}) from clash


def named(table: type[models.Model]) -> str:
    """What a table holds, in the reader's words: "address", "outreach episode"."""
    return _(str(table._meta.verbose_name))


def _written(join: Join, pointer: Pointer, whose: str) -> list[str]:
    table, column = pointer.key
    rows = join.rows.filter(table=table, column=column, whose=whose).first()
    return [] if rows is None else rows.keys


def _give_back(pointer: Pointer, keys: list[str], keep: Patient, other: Patient) -> None:
    if not keys:
        return
    rows = pointer.of(keep)
    if not pointer.field.primary_key:
        rows = rows.filter(pk__in=keys)
    try:
        with transaction.atomic():
            rows.update(**{pointer.field.name: other.pk})
    except DatabaseError as refusal:
        said = _("%(rows)s cannot be moved back: %(problem)s")
        problem = str(refusal).splitlines()[0]
        raise CannotDo(said % {"rows": named(pointer.model).capitalize(), "problem": problem}) from refusal
