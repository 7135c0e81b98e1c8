-- How many codes of each kind no table of ours knows, with the commonest of them: what a reader should doubt.
--
-- A payer's own bill type, or a code newer than our tables, is not an error; it is only not understood here. Member
-- numbers stand here too: claims of somebody whom no enrollment file and no record names are kept, and on no list.
-- HCPCS and ICD-10-PCS have no table here that names them all: their uses are counted, and how many are unknown is not
-- known, never none.
--
-- grain: code_system, table
-- code_system  which codes
-- table        which landed table they stand in
-- lines        how many uses
-- unknown      how many of them no table knew; null where no table names all codes of the kind
-- share        unknown / lines; null likewise
-- examples     the five commonest unknown codes, joined with ', '

with used as (
    select 'ICD-10-CM' as code_system, 'medical_claim' as "table", code, count(*) as lines
    from core.diagnosis
    where claim_key is not null
    group by code
    union all
    select 'ICD-10-CM' as code_system, 'condition' as "table", code, count(*) as lines
    from core.diagnosis
    where claim_key is null
    group by code
    union all
    select 'type of bill' as code_system, 'medical_claim' as "table", bill_type_code as code, count(*) as lines
    from core.claim
    where bill_type_code is not null
    group by bill_type_code
    union all
    select 'MS-DRG' as code_system, 'medical_claim' as "table", drg_code as code, count(*) as lines
    from core.claim
    where drg_code is not null
    group by drg_code
    union all
    select 'discharge status' as code_system, 'medical_claim' as "table", discharge_status as code, count(*) as lines
    from core.claim
    where discharge_status is not null
    group by discharge_status
    union all
    select 'place of service' as code_system, 'medical_claim' as "table", place_of_service as code, count(*) as lines
    from core.claim
    where place_of_service is not null
    group by place_of_service
    union all
    select 'revenue center' as code_system, 'medical_claim' as "table", revenue_code as code, count(*) as lines
    from input.claim_line
    where revenue_code is not null
    group by revenue_code
    union all
    select
        'service category' as code_system,
        'medical_claim' as "table",
        service_category_2 || ', ' || claim_type as code,
        count(*) as lines
    from core.claim
    group by service_category_2, claim_type
    union all
    select 'NDC' as code_system, 'pharmacy_claim' as "table", d.ndc as code, count(*) as lines
    from core.dispensing as d
    where d.ndc is not null
    group by d.ndc
    union all
    select 'member number' as code_system, 'medical_claim' as "table", c.person_id as code, count(*) as lines
    from core.claim as c
    group by c.person_id
),

known as (
    select 'ICD-10-CM' as code_system, code from knowledge.icd10cm
    union
    select 'type of bill' as code_system, b.code || f.code as code
    from knowledge.bill_type as b
    cross join knowledge.bill_frequency as f
    union
    select 'MS-DRG' as code_system, code from knowledge.ms_drg
    union
    select 'discharge status' as code_system, code from knowledge.discharge_status
    union
    select 'place of service' as code_system, code from knowledge.place_of_service
    union
    select 'revenue center' as code_system, code from knowledge.revenue_center
    union
    select 'NDC' as code_system, ndc as code from core.medicine where product like 'rxcui:%'
    union
    select 'member number' as code_system, person_id as code from core.person
),

judged as (
    select
        u.code_system,
        u."table",
        u.code,
        u.lines,
        case
            when u.code_system = 'service category' then case when u.code like 'other,%' then u.lines else 0 end
            when k.code is null then u.lines
            else 0
        end as unknown
    from used as u
    left join known as k on u.code_system = k.code_system and u.code = k.code
),

placed as (
    select
        j.*,
        row_number() over (partition by j.code_system, j."table" order by j.unknown desc, j.code) as place
    from judged as j
)

select
    code_system,
    "table",
    cast(sum(lines) as bigint) as lines,
    cast(sum(unknown) as bigint) as unknown,
    cast(sum(unknown) as double) / cast(sum(lines) as double) as share,
    -- A member number is about somebody: it is counted, not shown.
    string_agg(
        case when unknown > 0 and place <= 5 and code_system <> 'member number' then code end, ', ' order by place
    ) as examples
from placed
group by code_system, "table"

union all

select
    'HCPCS' as code_system,
    'medical_claim' as "table",
    count(*) as lines,
    cast(null as bigint) as unknown,
    cast(null as double) as share,
    cast(null as varchar) as examples
from core.claim_line
where hcpcs is not null
having count(*) > 0

union all

select
    'ICD-10-PCS' as code_system,
    'medical_claim' as "table",
    cast(sum(length(procedures) - length(replace(procedures, ',', '')) + 1) as bigint) as lines,
    cast(null as bigint) as unknown,
    cast(null as double) as share,
    cast(null as varchar) as examples
from core.claim
where procedures <> ''
having count(*) > 0
