-- Every diagnosis of every claim, once per claim and code, and the coded conditions from records.
--
-- A diagnosis carries the tags of its own code, not of its neighbours on the claim; "part2" and "minor" are the claim's.
--
-- grain: claim_key, code, evidence
-- person_id         the person
-- code              ICD-10-CM, no dot
-- position          1 for the principal diagnosis; null where a record gives none
-- on                first day of the claim, or the day the record noted it
-- ends_on           last day of the claim, or the day the condition ended
-- claim_key         the claim; null for records
-- claim_kind        IP, SNF, HHA, HOSPICE, OP, CAR, or CLINICAL for records
-- is_risk_eligible  counts for CMS-HCC
-- tags              sensitivity tags, sorted
-- evidence          the claim's first landed line, or the record's row

with coded as (
    select
        claim_key,
        person_id,
        unnest(list_distinct(string_split(diagnoses, ','))) as code,
        diagnoses,
        starts_on,
        ends_on,
        claim_kind,
        is_risk_eligible,
        tags,
        evidence
    from core.claim
    where diagnosis_kind = 'icd10' and diagnoses <> ','
),

placed as (
    select
        d.claim_key,
        d.person_id,
        d.code,
        substr(',' || d.diagnoses || ',', 1, strpos(',' || d.diagnoses || ',', ',' || d.code || ',')) as before,
        d.starts_on,
        d.ends_on,
        d.claim_kind,
        d.is_risk_eligible,
        d.tags as claim_tags,
        t.tags as code_tags,
        d.evidence
    from coded as d
    left join core.diagnosis_tag as t on d.code = t.code
    where d.code <> ''
)

select
    p.person_id,
    p.code,
    cast(length(p.before) - length(replace(p.before, ',', '')) as integer) as position,
    p.starts_on as "on",
    p.ends_on,
    p.claim_key,
    p.claim_kind,
    p.is_risk_eligible,
    case
        when p.claim_tags = '' then ''
        else
            concat_ws(
                ';',
                case when p.code_tags like '%behavioral%' then 'behavioral' end,
                case when p.code_tags like '%hiv%' then 'hiv' end,
                case
                    when p.claim_tags like '%minor%' and (p.code_tags is not null or p.code like 'A5%' or p.code like 'A6%')
                        then 'minor'
                end,
                case when p.claim_tags like '%part2%' then 'part2' end,
                case when p.code_tags like '%reproductive%' then 'reproductive' end,
                case when p.code_tags like '%safety%' then 'safety' end
            )
    end as tags,
    p.evidence
from placed as p

union all

select
    c.person_id,
    c.code,
    c.position,
    c.noted_on as "on",
    c.ends_on,
    cast(null as bigint) as claim_key,
    'CLINICAL' as claim_kind,
    false as is_risk_eligible,
    concat_ws(
        ';',
        case when t.tags like '%behavioral%' then 'behavioral' end,
        case when t.tags like '%hiv%' then 'hiv' end,
        case when a.person_id is not null and t.tags is not null then 'minor' end,
        case when c.is_part2 then 'part2' end,
        case when t.tags like '%reproductive%' then 'reproductive' end,
        case when t.tags like '%safety%' then 'safety' end
    ) as tags,
    c.evidence
from input.condition as c
left join core.diagnosis_tag as t on c.code = t.code
left join core.person as a
    on
        c.person_id = a.person_id
        and (extract(year from c.noted_on) - extract(year from a.born_on)) * 10000
        + (extract(month from c.noted_on) - extract(month from a.born_on)) * 100
        + extract(day from c.noted_on) - extract(day from a.born_on) < 180000
