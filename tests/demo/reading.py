"""
An obvious, independent reading of the demo files: what share of whom has what, straight from the rows, with DuckDB.

Nothing here imports the generator. Claims that were voided or reversed are taken away by their sums; a claim that was
sent again counts once, as last sent.
"""

from datetime import date
from pathlib import Path

import duckdb

SEGMENTS = ("medicare 65+", "medicare under 65", "medicaid adults", "medicaid children", "commercial")


def connect(folder: Path, as_of: date) -> duckdb.DuckDBPyConnection:
    """The files as tables: `line`, `fill`, `member`, `person`, `lab`, `claim`, `stay`, `ed`; all codes as text."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.execute(f"create macro as_of() as date '{as_of.isoformat()}'")
    con.execute(f"create table member as select * from read_csv('{folder}/*/*/eligibility.csv', all_varchar=true, union_by_name=true)")
    for name, table in (("medical_claim", "raw_line"), ("pharmacy_claim", "raw_fill")):
        parts = []
        for ending in ("parquet", "csv.gz"):
            if list(folder.glob(f"*/*/{name}.{ending}")):
                files = f"{folder}/*/*/{name}.{ending}"
                reader = f"read_parquet('{files}', union_by_name=true, filename=true)"
                if ending == "csv.gz":
                    reader = f"read_csv('{files}', all_varchar=true, union_by_name=true, filename=true, hive_partitioning=false)"
                parts.append(f"select columns(*)::varchar from {reader}")
        con.execute(f"create view {table} as " + " union all by name ".join(parts))
    con.execute(PEOPLE)
    con.execute(CLAIMS)
    return con


PEOPLE = """
create table span as
select person_id, payer, payer_type, cast(birth_date as date) as born_on, try_cast(death_date as date) as died_on,
    gender, cast(enrollment_start_date as date) as starts_on,
    least(coalesce(try_cast(enrollment_end_date as date), as_of()), coalesce(try_cast(death_date as date), as_of())) as ends_on
from member;

create table person as
with latest as (
    select *, row_number() over (partition by person_id order by ends_on desc) as place from span
)
select person_id, payer_type, born_on, died_on, gender, extract(year from age(as_of(), born_on)) as years,
    case
        when payer_type = 'medicare' and extract(year from age(as_of(), born_on)) >= 65 then 'medicare 65+'
        when payer_type = 'medicare' then 'medicare under 65'
        when payer_type = 'medicaid' and extract(year from age(as_of(), born_on)) >= 19 then 'medicaid adults'
        when payer_type = 'medicaid' then 'medicaid children'
        else 'commercial'
    end as segment
from latest where place = 1;
"""

CLAIMS = """
create table line as
with readable as (
    select *, try_cast(claim_start_date as date) as starts_on, try_cast(claim_end_date as date) as ends_on,
        try_cast(admission_date as date) as admitted_on, try_cast(discharge_date as date) as discharged_on,
        try_cast(paid_date as date) as paid_on, cast(paid_amount as double) as paid,
        max(filename) over (partition by payer, claim_id) as latest_file
    from raw_line
    where person_id is not null and try_cast(claim_start_date as date) is not null
)
select distinct * exclude (filename, latest_file) from readable where filename = latest_file;

create table claim as
select payer, claim_id, any_value(person_id) as person_id, any_value(claim_type) as claim_type,
    any_value(bill_type_code) as bill_type, min(starts_on) as starts_on, max(ends_on) as ends_on,
    min(admitted_on) as admitted_on, max(discharged_on) as discharged_on, any_value(drg_code) as drg,
    any_value(admit_type_code) as admit_type, any_value(discharge_disposition_code) as status,
    any_value(diagnosis_code_1) as principal, any_value(facility_npi) as facility, sum(paid) as paid,
    max(paid_on) as paid_on,
    bool_or(revenue_center_code in ('0450','0451','0452','0456','0459','0981')) as emergency
from line
group by payer, claim_id
having sum(paid) >= 0 and not bool_or(coalesce(bill_type_code, '') like '__8');

create table diagnosis as
select distinct c.person_id, c.claim_id, c.starts_on, d.code,
    case when left(c.bill_type, 2) in ('11', '21', '32') then 'facility' else 'office' end as kind
from claim as c
join (
    unpivot (select distinct payer, claim_id, columns('diagnosis_code_[0-9]+') from line)
    on columns('diagnosis_code_[0-9]+') into name place value code
) as d on c.payer = d.payer and c.claim_id = d.claim_id;

create table stay as
with bill as (
    select person_id, coalesce(admitted_on, starts_on) as admitted_on, coalesce(discharged_on, ends_on) as discharged_on,
        status, drg, admit_type, emergency, principal
    from claim where left(bill_type, 2) = '11'
),
marked as (
    select *, case when admitted_on <= max(discharged_on) over (
        partition by person_id order by admitted_on, discharged_on rows between unbounded preceding and 1 preceding
    ) + 1 then 0 else 1 end as anew
    from bill
),
numbered as (
    select *, sum(anew) over (partition by person_id order by admitted_on, discharged_on) as number from marked
)
select person_id, number, min(admitted_on) as admitted_on, max(discharged_on) as discharged_on,
    max_by(status, discharged_on) as status, min_by(drg, admitted_on) as drg, min_by(admit_type, admitted_on) as admit_type,
    bool_or(emergency) as emergency, min_by(principal, admitted_on) as principal
from numbered group by person_id, number;

create table ed as
select distinct person_id, starts_on as visited_on from claim where emergency and left(bill_type, 2) = '13'
union
select distinct person_id, admitted_on from stay where emergency;

create table fill as
with readable as (
    select person_id, claim_id, ndc_code as ndc, try_cast(dispensing_date as date) as on_day,
        cast(days_supply as int) as days, cast(paid_amount as double) as paid, payer
    from raw_fill where person_id is not null and try_cast(dispensing_date as date) is not null
)
select payer, person_id, claim_id, any_value(ndc) as ndc, min(on_day) as on_day, max(days) as days, sum(distinct paid) as paid
from readable group by payer, person_id, claim_id having count(distinct paid) = 1;

create table lab as select 1 as nothing where false;
"""


def years(con: duckdb.DuckDBPyConnection, start: str, end: str) -> dict[str, float]:
    """Person-years of coverage of each segment between two days."""
    rows = con.execute(
        f"""
        select segment, sum(greatest(date_diff('day', greatest(starts_on, {start}), least(ends_on, {end})) + 1, 0)) / 365.25
        from span join person using (person_id) group by segment
        """
    ).fetchall()
    return dict(rows)


def rates_a_year(con: duckdb.DuckDBPyConnection, table: str, day: str, start: str, end: str) -> dict[str, float]:
    """Events of each segment per 1,000 person-years between two days."""
    counted = dict(
        con.execute(
            f"select segment, count(*) from {table} join person using (person_id) "
            f"where {day} between {start} and {end} group by segment"
        ).fetchall()
    )
    covered = years(con, start, end)
    return {name: 1000 * counted.get(name, 0) / covered[name] for name in SEGMENTS}


def readmissions(con: duckdb.DuckDBPyConnection, start: str, end: str) -> dict[str, tuple[int, int]]:
    """Of stays that ended alive: how many were followed by an unplanned one within 30 days, and how many there were."""
    rows = con.execute(
        f"""
        with following as (
            select *, lead(admitted_on) over w as next_on, lead(admit_type) over w as next_type
            from stay window w as (partition by person_id order by admitted_on)
        )
        select segment, count(*) filter (where next_on <= discharged_on + 30 and next_type = '1'), count(*)
        from following join person using (person_id)
        where status not in ('20', '40', '41') and discharged_on between {start} and {end}
        group by segment
        """
    ).fetchall()
    return {name: (back, stays) for name, back, stays in rows}
