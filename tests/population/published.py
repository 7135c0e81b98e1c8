"""A warehouse run made by hand: the world's own judgments, and the facts other rooms would publish, as Parquet files."""

from datetime import date
from pathlib import Path

from tests.warehouse.population.world import AS_OF, World

OTHERS = {
    "person": """select *, null::varchar as name_suffix, null::varchar as race, null::varchar as ethnicity,
        null::varchar as address, null::varchar as city, null::varchar as state, null::varchar as phone,
        null::varchar as email, 'Gold' as plan, person_id as member_id, null::varchar as dual_status_code
        from core.person""",
    "stay": """select *, '291' as drg_code, 'I5022' as principal_diagnosis, '1' as facility_npi,
        'Mercy General' as facility, true as went_through_ed, 900.0 as paid from core.inpatient_stay""",
    "ed_visit": """select *, visited_on as ended_on, visited_on = date '2026-06-05' as observation, '1' as facility_npi, 'Mercy General' as facility,
        'R079' as principal_diagnosis, 90.0 as paid from core.ed_visit""",
    "joined_number": """select person_id, person_id as number from core.person where false""",
    "provider": """select '1234567893' as npi, 'Dr. Ellen Park' as name""",
    "dispensing": """select person_id, product, split_part(product, ':', 2) as ndc, said, date '2026-01-12' as first_on,
        latest_on, days_supply, latest_on + (days_supply - 1) as lasts_to, 30.0 as quantity,
        '1234567893' as prescriber_npi, null::varchar as pharmacy_npi, days_12, '2026-01-12;' || latest_on as filled_on,
        tags, product || ':2' as evidence
        from (values
            ('rxcui:314077', null, date '2026-11-10', 90, 4, ''),
            ('rxcui:1010604', null, date '2026-10-02', 30, 6, 'behavioral'),
            ('rxcui:1999673', null, date '2026-03-01', 30, 1, 'hiv'),
            ('ndc:00003196401', null, date '2026-09-15', null, 2, 'behavioral;hiv;reproductive'),
            ('ndc:00003196402', 'Reyataz 300', date '2025-01-15', 30, 0, 'behavioral;hiv;reproductive')
        ) as f(product, said, latest_on, days_supply, days_12, tags)
        cross join core.person where person_id = 'ada'""",
    "dispensed_product": """select product, name, 'x' as ingredients, '1 MG' as strengths, 'Oral Tablet' as dose_form,
        '' as brand
        from (values
            ('rxcui:314077', 'lisinopril 20 MG Oral Tablet'),
            ('rxcui:1010604', 'buprenorphine 8 MG / naloxone 2 MG Sublingual Film'),
            ('rxcui:1999673', 'bictegravir 50 MG / emtricitabine 200 MG Oral Tablet [Biktarvy]'),
            ('ndc:00003196401', ''),
            ('ndc:00003196402', '')
        ) as p(product, name)""",
    "readmission": """select 'x' as index_stay_id, 'nobody' as person_id, date '2026-01-01' as discharged_on,
        '' as readmission_stay_id, null::date as readmitted_on, 1 as days, true as is_index, '' as tags where false""",
    "condition": """select person_id, scheme, condition, label, date '2026-01-01' as first_on,
        date '2026-02-01' as latest_on, 2 as claims, tags, evidence from marts.chronic_condition""",
    "hcc": """select person_id, 'V28' as model, 2026 as payment_year, '226' as hcc, 'Heart failure' as label,
        0.36 as points, 'hcc' as kind, '' as tags, evidence from core.person
        union all select person_id, 'V28', 2026, '155', 'Major depression', 0.299, 'hcc', 'behavioral', evidence
        from core.person""",
    "hcc_score": """select person_id, 'V28' as model, 2026 as payment_year, 'CNA' as segment, '155;226' as hccs,
        0.659 as raw_score, 0.6 as payment_score, 'scored' as status, '' as remark, 'behavioral' as tags
        from core.person""",
    "comorbidity": """select person_id, 3 as charlson, 'chf' as charlson_conditions, 0 as elixhauser_readmission,
        '' as tags, evidence from core.person""",
    "utilization": """select *, 1 as stays_12, 0 as readmissions_12, 1 as ed_visits_12, 1 as ed_visits_6, 10.0 as paid_6,
        200.0 as paid_24, 3 as providers_12, 2 as pcp_visits_12, 4 as medicines_12, 1 as stays_12_open,
        1 as ed_visits_12_open from marts.utilization""",
    "month": """select person_id, month, 10.0 as paid, 5.0 as inpatient_paid, 1.0 as ed_paid, 2.0 as pharmacy_paid,
        2.0 as other_paid, 0 as stays, 0 as ed_visits from core.member_month""",
    "attribution": """select person_id, 1 as rank, '1234567893' as npi, 'Dr. Ellen Park' as provider_name, 4 as visits,
        date '2026-09-16' as latest_on, evidence from core.person""",
    "social_need": """select person_id, domain, code, 'Homelessness' as label, "on", 'claim' as source, tags, evidence
        from marts.social_need""",
    "neighborhood": """select person_id, '41051' as county_fips, 'Multnomah County, OR' as county, 0.4 as svi_percentile,
        'CDC SVI 2022' as edition from core.person""",
    "freshness": """select feed, 24 as months, complete_through, 0.94 as completeness,
        date '2026-11-10' as latest_received_on, is_quiet from marts.freshness_summary""",
    "freshness_month": """select feed, month, 90.0 as incurred_paid, 100.0 as expected_paid, completeness,
        10 as "rows", false as is_short, false as is_quiet from marts.freshness""",
    "unknown_code": """select 'icd10cm' as code_system, 'medical_claim' as "table", 100 as lines, 1 as unknown,
        0.01 as share, 'X99' as examples
        union all select 'HCPCS', 'medical_claim', 1234, null, null, null""",
}


def write_run(folder: Path, world: World, settings: list[tuple[str, str, str]] = ()) -> Path:
    """Run the world and leave its published tables in `folder`, as the warehouse would."""
    folder.mkdir(parents=True)
    con = world.run(settings)
    for name, query in OTHERS.items():
        con.execute(f"create table published.{name} as {query}")
    tables = con.execute("select table_name from information_schema.tables where table_schema = 'published'").fetchall()
    for (name,) in tables:
        con.execute(f"copy published.{name} to '{folder}/published.{name}.parquet' (format parquet)")
    con.execute(f"copy marts.score_date to '{folder}/marts.score_date.parquet' (format parquet)")
    con.close()
    return folder


def ordinary_world(as_of: date = AS_OF) -> World:
    """Ada (complex, chronic, home lately; one stay is protected), Ben (nothing on file), Cyn (a child with a need), Dov
    (died), Eve (protected need only), Fay (two conditions, one of them protected, and little more)."""
    world = World(as_of)
    world.person("ada", last_name="Abernathy", first_name="Ada")
    world.stay("ada", date(2026, 11, 2), date(2026, 11, 6), paid_on=date(2026, 11, 10))
    world.stay("ada", date(2026, 3, 11), date(2026, 3, 14), tags="behavioral")
    world.condition("ada", "chf", "I5022", date(2026, 1, 3), date(2026, 2, 3))
    world.condition("ada", "diabetes", "E119", date(2026, 1, 3), date(2026, 2, 3))
    world.person("ben", last_name="=cmd|' /C calc'!A0")
    world.person("cyn", born_on=date(2015, 1, 1), payer_type="medicaid", payer="Plan B", language="Spanish")
    world.need("cyn", "Housing", date(2026, 8, 1))
    world.person("dov", died_on=date(2026, 5, 1))
    for day in (date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)):
        world.ed_visit("dov", day)
    world.person("eve", born_on=date(1990, 1, 1))
    world.need("eve", "Safety", date(2026, 9, 1), tags="safety")
    world.person("fay", born_on=date(1980, 1, 1))
    world.condition("fay", "diabetes", "E119", date(2026, 1, 3), date(2026, 2, 3))
    world.condition("fay", "depressn", "F329", date(2026, 1, 4), date(2026, 2, 4), tags="behavioral")
    world.ed_visit("fay", date(2026, 5, 5))
    world.ed_visit("fay", date(2026, 6, 5))
    return world
