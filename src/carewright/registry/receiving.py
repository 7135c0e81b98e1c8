"""
The statements by which a whole run's people meet our patients: set by set, so that 100,000 people take seconds.

Read by `registry.actions.receive_people` only, in this order. `receiving_person` has the columns of the warehouse's
`published.person`; `received_person(person_id, patient_id, is_new)` is left for the caller until the transaction ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from carewright.kernel import states
from carewright.registry.names import name_key

SEXES = "('female', 'male')"
# A death before the birth is a slip in the feed: the date is left out, and the identity said to be in doubt.
DIED = "case when r.died_on < r.born_on then null else r.died_on end"
COLUMNS = {
    "given_name": "coalesce(r.first_name, '')",
    "family_name": "coalesce(r.last_name, '')",
    "sort_name": "k.sort_name",
    "given_key": "k.given_key",
    "born_on": "r.born_on",
    "died_on": DIED,
    "sex": f"case when r.sex in {SEXES} then r.sex else 'unknown' end",
    "race": "coalesce(r.race, '')",
    "ethnicity": "coalesce(r.ethnicity, '')",
    "language": "coalesce(r.language, '')",
    "payer": "coalesce(r.payer, '')",
    "identity_in_doubt": "coalesce(r.identity_in_doubt, false) or coalesce(r.died_on < r.born_on, false)",
    "evidence": "coalesce(r.evidence, '')",
}
# What is kept when the run says nothing: a name, a birth date and a language once known are not forgotten.
NEVER_FORGOTTEN = {
    "given_name": "''", "family_name": "''", "born_on": "null", "died_on": "null", "sex": "'unknown'", "race": "''",
    "ethnicity": "''", "language": "''", "payer": "''",
}  # fmt: skip


@dataclass(frozen=True)
class Received:
    """What came of receiving a run's people: how many it named, how many were new, how many rows were changed."""

    people: int
    new: int
    changed: int


# A run counts the numbers of joined records as one person's. A join made while it ran is not in it yet: then the person
# is received once, as the one of whom the run knows the latest coverage, and the next run counts both.
MATCH = """
create temporary table received_person on commit drop as
select distinct on (i.patient_id) r.person_id, i.patient_id, false as is_new
from receiving_person r join registry_identifier i
  on i.system = 'person_id' and i.assigner = '' and i.value = r.person_id
order by i.patient_id, r.is_covered desc nulls last, r.last_enrolled_on desc nulls last, r.person_id
"""
NEW = """
insert into received_person
select r.person_id, nextval(pg_get_serial_sequence('registry_patient', 'id')), true
from receiving_person r
where not exists (
    select 1 from registry_identifier i where i.system = 'person_id' and i.assigner = '' and i.value = r.person_id
)
order by r.person_id
"""


# A name is one thing: where one of us wrote down a part of it, no part is taken from a file.
NAMES = ("given_name", "family_name")
OURS = "ours.fields && array['given_name', 'family_name']"


def _kept(column: str) -> str:
    """
    The new value of a column of a patient we know: what the run says, or what we knew when it says nothing.

    What somebody of ours wrote down (`FieldSource`) stays, whatever the run says.
    """
    said = f"n.{column}"
    if column not in NEVER_FORGOTTEN:
        return said
    empty = NEVER_FORGOTTEN[column]
    told = f"coalesce({said}, p.{column})" if empty == "null" else f"coalesce(nullif({said}, {empty}), p.{column})"
    stays = OURS if column in NAMES else f"'{column}' = any (ours.fields)"
    return f"case when {stays} then p.{column} else {told} end"


def _said() -> str:
    chosen = ", ".join(f"{sql} as {column}" for column, sql in COLUMNS.items())
    return f"select m.patient_id, m.is_new, {chosen} from receiving_person r join received_person m using (person_id) join receiving_key k using (person_id)"


CHANGE = f"""
with said as ({_said()}),
named as (
    select p.id, {", ".join(f"{_kept(column)} as {column}" for column in COLUMNS if column not in ("sort_name", "given_key"))},
        case when {OURS} then p.sort_name when n.family_name || n.given_name = '' then p.sort_name else n.sort_name end
            as sort_name,
        case when {OURS} then p.given_key when n.given_name = '' then p.given_key else n.given_key end as given_key
    from said n join registry_patient p on p.id = n.patient_id
    left join (
        select patient_id, array_agg(field) as fields from registry_fieldsource group by patient_id
    ) ours on ours.patient_id = p.id
    where not n.is_new
)
update registry_patient p
set {", ".join(f"{column} = n.{column}" for column in COLUMNS)}, run_id = %s
from named n
where p.id = n.id and ({", ".join(f"p.{column}" for column in COLUMNS)})
    is distinct from ({", ".join(f"n.{column}" for column in COLUMNS)})
"""
ADD = f"""
insert into registry_patient (id, public_id, name_suffix, run_id, {", ".join(COLUMNS)})
select patient_id, gen_random_uuid(), '', %s, {", ".join(COLUMNS)} from ({_said()}) n where is_new
"""
IDENTIFY = """
insert into registry_identifier (patient_id, system, assigner, value)
select patient_id, 'person_id', '', person_id from received_person where is_new
"""

# Every span of coverage that the run knows; a caller that has none leaves the table out.
EVERY_SPAN = """
create temporary table if not exists receiving_coverage (
    person_id text, payer text, payer_type text, plan text, member_id text, dual_status_code text, starts_on date,
    ends_on date
) on commit drop
"""
# Spans of the warehouse are replaced by its later word, those of plans and numbers somebody has left too, so that none
# stays open for good; spans someone else told us of are left alone.
SPANS = """
create temporary table receiving_span on commit drop as
with said as (
    select person_id, payer, payer_type, plan, member_id, dual_status_code, first_enrolled_on as starts_on,
        last_enrolled_on as ends_on
    from receiving_person r where not exists (select 1 from receiving_coverage c where c.person_id = r.person_id)
    union all
    select person_id, payer, min(payer_type), plan, member_id, max(dual_status_code), min(starts_on), max(ends_on)
    from receiving_coverage group by person_id, payer, plan, member_id
)
select distinct on (m.patient_id, payer, plan, member_id) m.patient_id, coalesce(r.payer, '') as payer,
    coalesce(r.payer_type, '') as payer_type, coalesce(r.plan, '') as plan, coalesce(r.member_id, '') as member_id,
    coalesce(r.dual_status_code, '') as dual_status_code, r.starts_on, r.ends_on
from said r join received_person m using (person_id)
where coalesce(r.payer, '') <> '' and r.starts_on is not null and (r.ends_on is null or r.ends_on >= r.starts_on)
"""
SPAN_KEY = "c.patient_id = s.patient_id and c.payer = s.payer and c.plan = s.plan and c.member_id = s.member_id"
CHANGE_SPANS = f"""
update registry_coverage c
set payer_type = s.payer_type, dual_status_code = s.dual_status_code, starts_on = s.starts_on, ends_on = s.ends_on
from receiving_span s
where c.source = 'warehouse' and {SPAN_KEY}
    and (c.payer_type, c.dual_status_code, c.starts_on, c.ends_on)
        is distinct from (s.payer_type, s.dual_status_code, s.starts_on, s.ends_on)
"""
ADD_SPANS = f"""
insert into registry_coverage
    (patient_id, payer, payer_type, plan, member_id, dual_status_code, starts_on, ends_on, source)
select patient_id, payer, payer_type, plan, member_id, dual_status_code, starts_on, ends_on, 'warehouse'
from receiving_span s
where not exists (select 1 from registry_coverage c where c.source = 'warehouse' and {SPAN_KEY})
on conflict do nothing
"""
# States by their letters, however a file writes them (`kernel.states.code_of`, in SQL).
STATE_SAID = "regexp_replace(trim(r.state), '\\s+', ' ', 'g')"
ADDRESSES = f"""
insert into registry_address as a (patient_id, use, line, city, state, zip_code)
select m.patient_id, 'home', coalesce(r.address, ''), coalesce(r.city, ''),
    coalesce(n.code, case when length({STATE_SAID}) = 2 then upper({STATE_SAID}) else {STATE_SAID} end, ''),
    coalesce(r.zip_code, '')
from receiving_person r join received_person m using (person_id)
left join (values {", ".join(f"('{name}', '{code}')" for name, code in states.STATES.items())}) as n (name, code)
    on n.name = upper({STATE_SAID})
where coalesce(nullif(r.address, ''), nullif(r.city, ''), nullif(r.state, ''), nullif(r.zip_code, '')) is not null
    and not exists (
        select 1 from registry_fieldsource f where f.patient_id = m.patient_id and f.field = 'address_home'
    )
on conflict (patient_id, use) do update
set line = excluded.line, city = excluded.city, state = excluded.state, zip_code = excluded.zip_code
where (a.line, a.city, a.state, a.zip_code)
    is distinct from (excluded.line, excluded.city, excluded.state, excluded.zip_code)
"""
CONTACT_POINTS = """
insert into registry_contactpoint (patient_id, kind, value, best_time)
select m.patient_id, v.kind, trim(v.value), ''
from receiving_person r join received_person m using (person_id)
cross join lateral (values ('phone', r.phone), ('email', r.email)) as v (kind, value)
where trim(coalesce(v.value, '')) <> ''
    -- The same number in another writing is no news: what is known of it (wrong, not safe) would not hold for it.
    and not exists (
        select 1 from registry_contactpoint c
        where v.kind = 'phone' and c.patient_id = m.patient_id and c.kind = 'phone' and c.digits <> ''
            and c.digits = right(regexp_replace(v.value, '[xX#].*$|[^0-9]', '', 'g'), 10)
    )
on conflict (patient_id, kind, value) do nothing
"""


def write_keys(cursor) -> None:
    """Work out how each name is searched and sorted: in Python, so that every database does it alike."""
    cursor.execute("select person_id, coalesce(first_name, ''), coalesce(last_name, '') from receiving_person")
    people = cursor.fetchall()
    cursor.execute(
        "create temporary table receiving_key (person_id text, sort_name text, given_key text) on commit drop"
    )
    with _raw(cursor).copy("copy receiving_key (person_id, sort_name, given_key) from stdin") as copy:
        for row in _keys(people):
            copy.write_row(row)


def _keys(people: list[tuple[str, str, str]]) -> Iterator[tuple[str, str, str]]:
    known: dict[str, str] = {}
    for person_id, first, last in people:
        given = known.get(first)
        if given is None:
            given = known[first] = name_key(first)
        family = known.get(last)
        if family is None:
            family = known[last] = name_key(last)
        yield person_id, f"{family} {given}".strip(), given


def _raw(cursor):
    return getattr(cursor, "cursor", cursor)
