"""
Many reported facts into one table at once: copied beside it, matched to patients, then merged by when they were received.

A fact goes to the patient whose `person_id` it names. One that names a person we do not know yet waits: it is counted,
not stored, and comes again when that person does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from carewright.chart.models import Reported

HEAD = (
    "person_id", "source", "external_id", "status", "delivery_id", "line", "received_on", "received_seq", "tags",
    "is_retracted",
)  # fmt: skip
"""What every row begins with, in this order. `is_retracted`: the source says this was entered in error."""

BY_SOURCE = "source"
BY_UNDO = "undo"
"""The file that said it was taken back; whatever else is said of it counts again, also what was said before."""
BECAUSE = "The source says it was entered in error."
STAMPED = ("retracted_at", "retracted_by", "retracted_because")


@dataclass(frozen=True)
class Received:
    """How many facts were new, how many changed a known one, how many changed nothing, how many wait for their person."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    waiting: int = 0

    def __add__(self, other: "Received") -> "Received":
        return Received(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.waiting + other.waiting,
        )


def own_columns(model: type[Reported]) -> tuple[str, ...]:
    """The columns a kind of fact has besides those every reported fact has, in the order of the model."""
    shared = {field.name for field in Reported._meta.fields} | {"id", "patient"}
    return tuple(field.attname for field in model._meta.concrete_fields if field.name not in shared)


def merge(model: type[Reported], rows: Iterable[tuple[object, ...]], *, at) -> Received:
    """
    Merge rows (`HEAD`, then `own_columns(model)`) into a table, inside the caller's transaction.

    Of two reports of one fact the one received later counts (of one delivery, the later line). A report that was
    received earlier than the one we have changes nothing, and neither does the same one again; unless the file of the
    one we have was taken back.
    """
    own = own_columns(model)
    table = model._meta.db_table
    name = f"receiving_{table}"
    types = {field.attname: field.db_type(connection) for field in model._meta.concrete_fields}
    types |= {"person_id": "text", "is_retracted": "boolean"}
    columns = (*HEAD, *own)
    with connection.cursor() as cursor:
        cursor.execute(f'drop table if exists "{name}"')
        listed = ", ".join(f'"{column}" {types[column]}' for column in columns)
        cursor.execute(f'create temporary table "{name}" ({listed}) on commit drop')
        quoted = ", ".join(f'"{column}"' for column in columns)
        copied = 0
        with cursor.copy(f'copy "{name}" ({quoted}) from stdin') as copy:
            for row in rows:
                copy.write_row(row)
                copied += 1
        if not copied:
            return Received()
        cursor.execute(f'analyze "{name}"')
        cursor.execute(_count_placed(name))
        placed = cursor.fetchall()[0][0]
        cursor.execute(_merge_sql(model, name, own), {"at": at, "by": BY_SOURCE, "undo": BY_UNDO, "because": BECAUSE})
        [(added, changed)] = cursor.fetchall()
        cursor.execute(f'drop table "{name}"')
    return Received(added, changed, placed - added - changed, copied - placed)


def _count_placed(name: str) -> str:
    return (
        f'select count(*) from "{name}" r where exists (select 1 from registry_identifier i'
        " where i.system = 'person_id' and i.assigner = '' and i.value = r.person_id)"
    )


def _merge_sql(model: type[Reported], name: str, own: tuple[str, ...]) -> str:
    """The one statement that merges; texts a source left out are stored empty."""
    table = model._meta.db_table
    carried = [column for column in HEAD if column not in ("person_id", "is_retracted")]
    fields = {field.attname: field for field in model._meta.concrete_fields}
    filled = {
        column: f"coalesce(r.\"{column}\", '')"
        for column in (*carried, *own)
        if fields[column].get_internal_type() == "TextField"
    }
    values = [filled.get(column, f'r."{column}"') for column in (*carried, *own)]
    targets = ["patient_id", *carried, *own, *STAMPED]
    listed = ", ".join(f'"{column}"' for column in targets)
    stamps = (
        "case when r.is_retracted then %(at)s::timestamptz end, case when r.is_retracted then %(by)s end,"
        " case when r.is_retracted then %(because)s end"
    )
    updates = [f'"{column}" = excluded."{column}"' for column in targets if column not in STAMPED]
    # what a person of ours retracted stays so; what the source retracted, the source may put right
    updates += [
        f'"{column}" = case when t.retracted_by is not null and t.retracted_by not in (%(by)s, %(undo)s) then t."{column}"'
        f' else excluded."{column}" end'
        for column in STAMPED
    ]
    return f"""
        with merged as (
            insert into "{table}" as t ({listed})
            select distinct on (r.source, r.external_id) i.patient_id, {", ".join(values)}, {stamps}
            from "{name}" r
            join registry_identifier i on i.system = 'person_id' and i.assigner = '' and i.value = r.person_id
            order by r.source, r.external_id, r.received_seq desc, r.line desc
            on conflict (source, external_id) do update set {", ".join(updates)}
            where (t.received_seq, t.line) < (excluded.received_seq, excluded.line) or t.retracted_by = %(undo)s
            returning xmax = 0 as is_new
        )
        select count(*) filter (where is_new), count(*) filter (where not is_new) from merged"""
