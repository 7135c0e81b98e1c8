-- CMS Chronic Conditions Warehouse conditions (30, the 2017 algorithm): who has which, by look-back and claim counts.
--
-- A condition stands when, in the months its rule looks back from the run's day, there is one claim of the first group
-- of settings (mostly inpatient, nursing facility, home health) or enough claims of the second (mostly two outpatient or
-- professional claims) far enough apart. A claim that carries an exclusion code counts for nothing. Clinical records
-- are not claims and do not count here; 42 CFR Part 2 facts never count.
--
-- grain: person_id, condition
-- person_id  the person
-- condition  the Warehouse's short name, lower case
-- label      the condition in words
-- first_on   first counted claim in all data known
-- latest_on  latest counted claim
-- claims     counted claims inside the look-back
-- tags       sensitivity tags of the counted claims inside the look-back, sorted
-- evidence   landed rows of the latest and the earliest counted claim inside the look-back

with rules as (
    select
        r.condition,
        r.label,
        ';' || r.one_group || ';' as one_group,
        cast(r.one_claims as integer) as one_claims,
        ';' || coalesce(r.two_group, '') || ';' as two_group,
        coalesce(cast(nullif(r.two_claims, '') as integer), 0) as two_claims,
        cast(r.days_apart as integer) as days_apart,
        case
            when r.months = '12' then cast(n.as_of - interval '12' month as date)
            when r.months = '24' then cast(n.as_of - interval '24' month as date)
        end as looks_back_to,
        n.as_of
    from knowledge.ccw30_rule as r
    cross join knowledge.run as n
),

excluded as (
    select distinct d.claim_key, x.condition
    from core.diagnosis as d
    inner join knowledge.ccw30_exclusion as x on d.code = x.code and d.position <= cast(x.within_position as integer)
    where coalesce(d.tags, '') not like '%part2%'
),

coded as (
    select
        d.person_id,
        c.condition,
        d.claim_key,
        d.claim_kind,
        min(d."on") as happened_on,
        min(d.evidence) as evidence,
        -- One bit a tag while rows are gathered: behavioral 1, hiv 2, minor 4, reproductive 8, safety 16.
        bit_or(
            case
                when coalesce(d.tags, '') = '' then 0
                else
                    case when d.tags like '%behavioral%' then 1 else 0 end
                    + case when d.tags like '%hiv%' then 2 else 0 end
                    + case when d.tags like '%minor%' then 4 else 0 end
                    + case when d.tags like '%reproductive%' then 8 else 0 end
                    + case when d.tags like '%safety%' then 16 else 0 end
            end
        ) as tag_bits
    from core.diagnosis as d
    inner join knowledge.ccw30_code as c on d.code = c.code and d.position <= cast(c.within_position as integer)
    where d.claim_kind in ('IP', 'SNF', 'HHA', 'OP', 'CAR') and coalesce(d.tags, '') not like '%part2%'
    group by d.person_id, c.condition, d.claim_key, d.claim_kind
),

counted as (
    select
        c.*,
        case when r.one_group like '%;' || c.claim_kind || ';%' then 1 else 0 end as in_one,
        case when r.two_group like '%;' || c.claim_kind || ';%' then 1 else 0 end as in_two,
        case when c.happened_on > r.looks_back_to then 1 else 0 end as is_recent,
        case
            when c.happened_on > r.looks_back_to then cast(c.happened_on as varchar) || ' ' || coalesce(c.evidence, '')
        end as cited
    from coded as c
    inner join rules as r on c.condition = r.condition
    left join excluded as x on c.claim_key = x.claim_key and c.condition = x.condition
    where
        x.claim_key is null
        and c.happened_on <= r.as_of
        and r.one_group || r.two_group like '%;' || c.claim_kind || ';%'
),

gathered as (
    select
        person_id,
        condition,
        min(happened_on) as first_on,
        max(happened_on) as latest_on,
        sum(is_recent) as claims,
        sum(is_recent * in_one) as one_claims,
        sum(is_recent * in_two) as two_claims,
        min(case when is_recent * in_two = 1 then happened_on end) as two_first_on,
        max(case when is_recent * in_two = 1 then happened_on end) as two_latest_on,
        max(cited) as newest,
        min(cited) as oldest,
        bit_or(case when is_recent = 1 then tag_bits else 0 end) as tag_bits
    from counted
    group by person_id, condition
)

select
    g.person_id,
    g.condition,
    r.label,
    g.first_on,
    g.latest_on,
    cast(g.claims as integer) as claims,
    case
        when g.tag_bits = 0 then ''
        else
            concat_ws(
                ';',
                case when (g.tag_bits & 1) > 0 then 'behavioral' end,
                case when (g.tag_bits & 2) > 0 then 'hiv' end,
                case when (g.tag_bits & 4) > 0 then 'minor' end,
                case when (g.tag_bits & 8) > 0 then 'reproductive' end,
                case when (g.tag_bits & 16) > 0 then 'safety' end
            )
    end as tags,
    substr(g.newest, 12) || case when g.oldest <> g.newest then ';' || substr(g.oldest, 12) else '' end as evidence
from gathered as g
inner join rules as r on g.condition = r.condition
where
    g.one_claims >= r.one_claims
    or (
        r.two_claims > 0
        and g.two_claims >= r.two_claims
        and date_diff('day', g.two_first_on, g.two_latest_on) >= r.days_apart
    )
