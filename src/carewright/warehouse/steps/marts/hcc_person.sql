-- What the CMS-HCC models need to know of a person for a payment year, and whether the models apply to them at all.
--
-- Age is counted on February 1 of the payment year, as CMS does. Coverage facts come from the latest Medicare span that
-- touches the year in which diagnoses are collected (the year before) or the payment year. New to Medicare means fewer
-- than twelve months of Medicare in the collection year, unless the payer says otherwise; months before the payer's own
-- data begin are not held against someone who was there from the first month.
--
-- grain: person_id, payment_year
-- person_id       the person
-- payment_year    the year the score is for; diagnoses are those of the year before
-- number          this person in this payment year as one whole number, so that the next steps join quickly
-- age             full years on February 1 of the payment year
-- sex             female or male
-- orec            why Medicare began: 0 age, 1 disability, 2 kidney failure, 3 both
-- has_medicaid    Medicaid of any kind (dual status 01 to 06, 08)
-- is_disabled     under 65 and not entitled by age
-- is_new          new to Medicare
-- is_institutional long-term nursing facility resident
-- segment         the CMS-HCC segment: CNA, CND, CFA, CFD, CPA, CPD, INS, NE, SNPNE
-- cell            the age and sex cell, as the coefficient table names it
-- status          scored or not_applicable
-- remark          why not applicable, or what to know about a score

with years as (
    select distinct cast(payment_year as integer) as payment_year
    from knowledge.hcc_factor
),

days as (
    select
        y.payment_year,
        y.payment_year - 1 as collection_year,
        make_date(y.payment_year - 1, 1, 1) as collection_starts_on,
        make_date(y.payment_year, 12, 31) as payment_ends_on,
        r.as_of,
        case
            when extract(year from r.as_of) >= y.payment_year then 12
            when extract(year from r.as_of) = y.payment_year - 1 then extract(month from r.as_of)
            else 0
        end as months_passed
    from years as y
    cross join knowledge.run as r
),

months as (
    select person_id, payer, month
    from core.member_month
    where payer_type like 'medicare%'
),

payer_begins as (
    select payer, min(month) as month
    from months
    group by payer
),

held as (
    select
        m.person_id,
        d.payment_year,
        count(distinct m.month) as months,
        -- Months of the collection year before the payer's data begin, for those present in the payer's first month.
        max(
            case
                when m.month = b.month and extract(year from b.month) = d.collection_year
                    then extract(month from b.month) - 1
                else 0
            end
        ) as unseen
    from months as m
    inner join days as d on extract(year from m.month) = d.collection_year
    inner join payer_begins as b on m.payer = b.payer
    group by m.person_id, d.payment_year
),

spans as (
    select
        e.person_id,
        d.payment_year,
        lpad(coalesce(e.dual_status_code, ''), 2, '0') as dual_status_code,
        e.original_reason_entitlement_code as orec,
        e.medicare_status_code,
        e.is_institutional,
        lower(coalesce(l.enrollment_status, '')) as enrollment_status,
        lower(coalesce(l.snp_type, '')) as snp_type,
        row_number() over (
            partition by e.person_id, d.payment_year
            order by e.ends_on desc, e.starts_on desc, e.received_seq desc, e.evidence desc
        ) as place
    from input.eligibility as e
    inner join days as d on e.starts_on <= d.payment_ends_on and e.ends_on >= d.collection_starts_on
    left join landed.eligibility as l
        on e.evidence = l.delivery_id || ':' || cast(l.line as varchar)
    where e.payer_type like 'medicare%'
),

known as (
    select
        p.person_id,
        d.payment_year,
        d.collection_year,
        d.months_passed,
        p.sex,
        p.born_on,
        p.died_on,
        p.payer_type,
        d.payment_year - extract(year from p.born_on)
        - case when extract(month from p.born_on) * 100 + extract(day from p.born_on) > 201 then 1 else 0 end as age,
        s.person_id is not null as has_medicare,
        nullif(trim(s.orec), '') as orec,
        coalesce(s.medicare_status_code, '') in ('11', '21', '31') as has_kidney_failure,
        s.dual_status_code in ('02', '04', '08') as has_full_medicaid,
        s.dual_status_code in ('01', '03', '05', '06') as has_partial_medicaid,
        coalesce(s.is_institutional, false) as is_institutional,
        coalesce(s.snp_type, '') in ('c-snp', 'csnp', 'c', 'chronic') as is_in_chronic_plan,
        coalesce(h.unseen, 0) > 0 as begins_unseen,
        case
            when s.enrollment_status like 'new%' then true
            when s.enrollment_status like 'contin%' then false
            else coalesce(h.months, 0) + coalesce(h.unseen, 0) < d.months_passed
        end as is_new
    from core.person as p
    cross join days as d
    left join spans as s on p.person_id = s.person_id and d.payment_year = s.payment_year and s.place = 1
    left join held as h on p.person_id = h.person_id and d.payment_year = h.payment_year
),

judged as (
    select
        *,
        case
            when months_passed = 0 and payer_type like 'medicare%'
                then
                    'The score counts diagnoses of ' || cast(collection_year as varchar)
                    || ', which had not begun on the day of this run.'
            when not has_medicare and payer_type is null
                then 'CMS-HCC is a Medicare score, and no coverage is known.'
            when not has_medicare
                then
                    'CMS-HCC is a Medicare score, and no Medicare coverage is known in '
                    || cast(collection_year as varchar) || ' or ' || cast(payment_year as varchar) || '.'
            when born_on is null then 'The birth date is unknown, and the score needs an age.'
            when sex not in ('female', 'male') then 'The sex is unknown, and the score has no value for that.'
            when died_on < make_date(payment_year, 1, 1) then 'Died before the payment year.'
            when age < 18 then 'CMS-HCC is not used for children.'
        end as why_not
    from known
)

select
    person_id,
    payment_year,
    cast(row_number() over (order by person_id, payment_year) as integer) as number,
    cast(age as integer) as age,
    sex,
    orec,
    coalesce(has_full_medicaid or has_partial_medicaid, false) as has_medicaid,
    coalesce(age < 65 and coalesce(orec, '') <> '0', false) as is_disabled,
    is_new,
    is_institutional,
    case
        when why_not is not null then null
        when is_new and is_in_chronic_plan then 'SNPNE'
        when is_new then 'NE'
        when is_institutional then 'INS'
        else
            'C'
            || case when has_full_medicaid then 'F' when has_partial_medicaid then 'P' else 'N' end
            || case when age >= 65 then 'A' else 'D' end
    end as segment,
    case
        when why_not is not null then null
        else
            case when is_new then 'NE' else '' end
            || case when sex = 'female' then 'F' else 'M' end
            || case
                when age <= 34 then '0_34'
                when age <= 44 then '35_44'
                when age <= 54 then '45_54'
                when age <= 59 then '55_59'
                -- CMS puts a newcomer of 64 whose Medicare began by age into the cell of 65.
                when is_new and age = 64 and orec = '0' then '65'
                when age <= 64 then '60_64'
                when is_new and age <= 69 then cast(cast(age as integer) as varchar)
                when age <= 69 then '65_69'
                when age <= 74 then '70_74'
                when age <= 79 then '75_79'
                when age <= 84 then '80_84'
                when age <= 89 then '85_89'
                when age <= 94 then '90_94'
                else '95_GT'
            end
    end as cell,
    case when why_not is null then 'scored' else 'not_applicable' end as status,
    case
        when why_not is not null then why_not
        when has_kidney_failure
            then 'Medicare pays for dialysis and kidney transplants by its ESRD model, which is not here; this is CMS-HCC.'
        when is_new then 'New to Medicare: scored by age, sex and Medicaid; conditions add no points yet.'
        when begins_unseen then 'The payer''s data begin during the collection year: earlier diagnoses are missing.'
        when months_passed < 12
            then
                'Only the first ' || cast(cast(months_passed as integer) as varchar) || ' months of '
                || cast(collection_year as varchar) || ' are known on the day of this run.'
        else ''
    end as remark
from judged
