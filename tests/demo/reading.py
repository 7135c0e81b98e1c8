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
    """The files as tables: `member`, `span`, `person`, `line`, `claim`, `diagnosis`, `stay`, `ed`, `fill`."""
    con = duckdb.connect(config={"threads": 2, "memory_limit": "3GB"})
    con.execute(f"create macro as_of() as date '{as_of.isoformat()}'")
    con.execute(
        f"create table member as select * from read_csv('{folder}/*/*/eligibility.csv', all_varchar=true, union_by_name=true)"
    )
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
        max(try_cast(paid_date as date)) over (partition by payer, claim_id) as latest
    from raw_line
    where person_id is not null and try_cast(claim_start_date as date) is not null
)
select distinct * exclude (filename, latest, file_name, file_date) from readable where paid_on = latest;

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


def conditions(con: duckdb.DuckDBPyConnection, codes: Path) -> None:
    """Make table `has` (person_id, condition): on two office bills or one facility bill in 24 months; strokes in 12."""
    con.execute(
        f"create or replace table ccw as select Condition as condition, replace(DxCode, '.', '') as code from '{codes}'"
    )
    con.execute(
        """
        create or replace table has as
        with billed as (
            select person_id,
                case when condition like 'CNCR%' then 'CANCER' when condition in ('ALZH', 'NONADDEM') then 'DEMENTIA'
                    else condition end as condition,
                count(distinct starts_on) filter (where kind = 'office') as visits,
                count(*) filter (where kind = 'facility') as facility, max(starts_on) as latest
            from diagnosis join ccw using (code)
            where starts_on > as_of() - interval 24 month
            group by all
        )
        select person_id, condition from billed
        where (visits >= 2 or facility >= 1) and (condition <> 'STRKETIA' or latest > as_of() - interval 12 month)
        """
    )


def share_with(con: duckdb.DuckDBPyConnection, condition: str, who: str) -> float:
    """Percent of the living members described by `who` that have the condition."""
    return con.execute(
        f"select 100.0 * count(h.person_id) / count(*) from person as p "
        f"left join has as h on p.person_id = h.person_id and h.condition = '{condition}' "
        f"where p.died_on is null and {who}"
    ).fetchall()[0][0]


def cost(con: duckdb.DuckDBPyConnection) -> None:
    """Make table `cost`: what was paid in two years that end 6 and 18 months ago, for everyone covered between them."""
    con.execute(
        """
        create or replace table cost as
        with paid as (
            select person_id, starts_on as on_day, paid from claim union all select person_id, on_day, paid from fill
        ),
        summed as (
            select person_id,
                sum(paid) filter (where on_day > as_of() - interval 30 month and on_day <= as_of() - interval 18 month) as year_1,
                sum(paid) filter (where on_day > as_of() - interval 18 month and on_day <= as_of() - interval 6 month) as year_2
            from paid group by person_id
        )
        select p.person_id, coalesce(year_1, 0) as year_1, coalesce(year_2, 0) as year_2
        from person as p left join summed using (person_id)
        where exists (
            select 1 from span as s where s.person_id = p.person_id
            and s.starts_on <= as_of() - interval 18 month and s.ends_on > as_of() - interval 18 month
        )
        """
    )


def held_by(con: duckdb.DuckDBPyConnection, column: str, low: float, high: float) -> float:
    """The share of all cost held by people ranked between two shares, the dearest first."""
    return con.execute(
        f"with ranked as (select {column} as v, row_number() over (order by {column} desc) - 1 as place, count(*) over () as n from cost) "
        f"select sum(v) filter (where place >= n * {low} and place < n * {high}) / sum(v) from ranked"
    ).fetchall()[0][0]


def still_dear(con: duckdb.DuckDBPyConnection) -> float:
    """Of the dearest 5 % of one year, the share that is among them in the next."""
    return con.execute(
        """
        with ranked as (
            select row_number() over (order by year_1 desc) as one, row_number() over (order by year_2 desc) as two,
                count(*) over () as n from cost
        )
        select count(*) filter (where one <= n * 0.05 and two <= n * 0.05) / count(*) filter (where one <= n * 0.05) from ranked
        """
    ).fetchall()[0][0]


def medicine_counts(con: duckdb.DuckDBPyConnection, who: str) -> tuple[float, float, float]:
    """Shares of the living members described by `who` with 1-4, 5-9 and 10 or more medicines filled in a year."""
    return con.execute(
        f"""
        with counted as (
            select person_id, count(distinct coalesce(drug, ndc)) as many
            from fill left join drug using (ndc) where on_day > as_of() - interval 12 month group by person_id
        )
        select avg(cast(coalesce(many, 0) between 1 and 4 as int)), avg(cast(coalesce(many, 0) between 5 and 9 as int)),
            avg(cast(coalesce(many, 0) >= 10 as int))
        from person left join counted using (person_id) where died_on is null and {who}
        """
    ).fetchall()[0]


def statin_days(con: duckdb.DuckDBPyConnection, start: date, end: date) -> list[float]:
    """Proportion of days covered of everyone with two or more statin fills in a period, from the first one on."""
    fills: dict[str, list[tuple[date, int]]] = {}
    rows = con.execute(
        "select person_id, on_day, days from fill join drug using (ndc) "
        f"where drug in ('pravastatin', 'rosuvastatin', 'simvastatin') and on_day between '{start}' and '{end}' order by 1, 2"
    ).fetchall()
    for person, day, days in rows:
        fills.setdefault(person, []).append((day, days))
    until = dict(con.execute("select person_id, max(ends_on) from span group by 1").fetchall())
    found = []
    for person, filled in fills.items():
        last = min(end, until[person])
        if len({day for day, _ in filled}) < 2 or (last - filled[0][0]).days < 90:
            continue
        have: set[int] = set()
        free = filled[0][0].toordinal()
        for day, days in filled:
            begin = max(day.toordinal(), free)
            free = begin + days
            have |= set(range(begin, min(free, last.toordinal() + 1)))
        found.append(len(have) / (last.toordinal() - filled[0][0].toordinal() + 1))
    return found
