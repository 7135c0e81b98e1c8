-- Everyone's score with what lists are filtered and sorted by: one row per person.
--
-- grain: person_id
-- person_id             the person
-- score                 the sum of the parts
-- band                  high, rising or steady
-- rank                  place among everyone
-- tie_break             what decided among equal scores
-- open_score            the score from unprotected facts only
-- open_band             the band of that score
-- open_rank             place among everyone by that score
-- open_tie_break        what decided among equal ones
-- age                   age on the day of the run
-- sex                   female, male or unknown
-- payer                 the insurer
-- payer_type            medicare, medicaid, commercial, …
-- language              the language the person prefers
-- zip_code              five digits of the ZIP code
-- county_fips           county
-- county                its name
-- pcp_npi               primary care provider, by visits
-- pcp_name              their name
-- programs              programs that say yes, `;` between
-- open_programs         the same from unprotected facts only
-- hidden_programs       programs that would say yes if nothing ruled the person out
-- open_hidden_programs  the same from unprotected facts only
-- excluded_because      the first line that rules the person out, empty when none does
-- stays_12              unplanned stays in 12 months
-- open_stays_12         unprotected ones
-- ed_visits_12          ED visits in 12 months that did not end in a stay
-- open_ed_visits_12     unprotected ones
-- paid_12               paid in 12 months
-- open_paid_12          paid for unprotected care
-- is_covered            covered on the day of the run
-- is_alive              no date of death on file

with named as (
    select
        e.person_id,
        coalesce(
            array_to_string(list_sort(array_agg(e.program) filter (where e.verdict = 'yes')), ';'), ''
        ) as programs,
        coalesce(
            array_to_string(list_sort(array_agg(e.program) filter (where e.open_verdict = 'yes')), ';'), ''
        ) as open_programs,
        coalesce(
            array_to_string(
                list_sort(array_agg(e.program) filter (where e.verdict = 'excluded' and e.otherwise = 'yes')), ';'
            ),
            ''
        ) as hidden_programs,
        coalesce(
            array_to_string(
                list_sort(
                    array_agg(e.program) filter (where e.open_verdict = 'excluded' and e.open_otherwise = 'yes')
                ),
                ';'
            ),
            ''
        ) as open_hidden_programs
    from marts.eligibility as e
    group by e.person_id
),

ruled_out as (
    select
        person_id,
        case
            when max(case when code = 'alive' then 1 else 0 end) = 1 then 'alive'
            when max(case when code = 'covered' then 1 else 0 end) = 1 then 'covered'
            else 'no_hospice'
        end as because
    from marts.criterion
    where kind = 'exclusion' and verdict = 'no'
    group by person_id
),

today as (
    select v.*
    from marts.score_value as v
    inner join marts.score_date as d on v.scored_on = d.scored_on and d.is_today
    where v.part in ('unplanned_stays', 'ed_visits')
),

used as (
    select
        person_id,
        max(case when part = 'unplanned_stays' then value else 0 end) as stays_12,
        max(case when part = 'unplanned_stays' then open_value else 0 end) as open_stays_12,
        max(case when part = 'ed_visits' then value else 0 end) as ed_visits_12,
        max(case when part = 'ed_visits' then open_value else 0 end) as open_ed_visits_12
    from today
    group by person_id
),

first_provider as (
    select person_id, max(npi) as npi, max(provider_name) as provider_name
    from marts.attribution
    where rank = 1
    group by person_id
),

place as (
    select person_id, max(county_fips) as county_fips, max(county) as county
    from marts.neighborhood
    group by person_id
)

select
    s.person_id,
    s.score,
    s.band,
    s.rank,
    s.tie_break,
    s.open_score,
    s.open_band,
    s.open_rank,
    s.open_tie_break,
    p.age,
    p.sex,
    coalesce(p.payer, '') as payer,
    coalesce(p.payer_type, '') as payer_type,
    coalesce(p.language, '') as language,
    coalesce(substr(p.zip_code, 1, 5), '') as zip_code,
    coalesce(c.county_fips, '') as county_fips,
    coalesce(c.county, '') as county,
    coalesce(a.npi, '') as pcp_npi,
    coalesce(a.provider_name, '') as pcp_name,
    coalesce(n.programs, '') as programs,
    coalesce(n.open_programs, '') as open_programs,
    coalesce(n.hidden_programs, '') as hidden_programs,
    coalesce(n.open_hidden_programs, '') as open_hidden_programs,
    coalesce(x.because, '') as excluded_because,
    coalesce(u.stays_12, 0) as stays_12,
    coalesce(u.open_stays_12, 0) as open_stays_12,
    coalesce(u.ed_visits_12, 0) as ed_visits_12,
    coalesce(u.open_ed_visits_12, 0) as open_ed_visits_12,
    coalesce(w.paid_12, 0) as paid_12,
    coalesce(w.paid_12_open, 0) as open_paid_12,
    p.is_covered,
    p.died_on is null as is_alive
from marts.score as s
inner join core.person as p on s.person_id = p.person_id
left join named as n on s.person_id = n.person_id
left join ruled_out as x on s.person_id = x.person_id
left join used as u on s.person_id = u.person_id
left join marts.utilization as w on s.person_id = w.person_id
left join first_provider as a on s.person_id = a.person_id
left join place as c on s.person_id = c.person_id
