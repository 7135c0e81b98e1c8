-- What each program says about each person: yes, no, unknown, not applicable or excluded.
--
-- A scope line that says no: not applicable. Otherwise an exclusion that says no: excluded. Otherwise a need that
-- nothing meets: no. Otherwise anything unknown: unknown. Otherwise yes.
--
-- grain: person_id, program
-- person_id     the person
-- program       the program
-- verdict       yes, no, unknown, not_applicable or excluded
-- otherwise     what the verdict would be if nothing ruled the person out
-- open_verdict  the verdict from unprotected facts only
-- open_otherwise  the same for `otherwise`

with line as (
    select
        c.person_id,
        p.program,
        c.kind,
        c.any_of,
        c.verdict,
        c.open_verdict
    from marts.criterion as c
    inner join knowledge.program as p on c.program = p.program or c.program = 'every_program'
),

grouped as (
    select
        person_id,
        program,
        kind,
        any_of,
        max(case when verdict = 'yes' then 1 else 0 end) as has_yes,
        max(case when verdict = 'no' then 1 else 0 end) as has_no,
        max(case when verdict = 'unknown' then 1 else 0 end) as has_unknown,
        max(case when open_verdict = 'yes' then 1 else 0 end) as open_yes,
        max(case when open_verdict = 'no' then 1 else 0 end) as open_no,
        max(case when open_verdict = 'unknown' then 1 else 0 end) as open_unknown
    from line
    group by person_id, program, kind, any_of
),

folded as (
    select
        person_id,
        program,
        max(case when kind = 'scope' then has_no else 0 end) as out_of_scope,
        max(case when kind = 'exclusion' then has_no else 0 end) as is_excluded,
        max(case when kind = 'need' and has_no = 1 and has_yes = 0 and has_unknown = 0 then 1 else 0 end) as unmet,
        max(case when kind = 'need' and has_yes = 0 then 1 else 0 end) as open_need,
        max(case when kind <> 'need' then has_unknown else 0 end) as other_unknown,
        max(case when kind = 'scope' then has_unknown else 0 end) as scope_unknown,
        max(case when kind = 'scope' then open_no else 0 end) as o_out_of_scope,
        max(case when kind = 'exclusion' then open_no else 0 end) as o_is_excluded,
        max(case when kind = 'need' and open_no = 1 and open_yes = 0 and open_unknown = 0 then 1 else 0 end) as o_unmet,
        max(case when kind = 'need' and open_yes = 0 then 1 else 0 end) as o_open_need,
        max(case when kind <> 'need' then open_unknown else 0 end) as o_other_unknown,
        max(case when kind = 'scope' then open_unknown else 0 end) as o_scope_unknown
    from grouped
    group by person_id, program
)

select
    person_id,
    program,
    case
        when out_of_scope = 1 then 'not_applicable'
        when is_excluded = 1 then 'excluded'
        when unmet = 1 then 'no'
        when open_need = 1 or other_unknown = 1 then 'unknown'
        else 'yes'
    end as verdict,
    case
        when out_of_scope = 1 then 'not_applicable'
        when unmet = 1 then 'no'
        when open_need = 1 or scope_unknown = 1 then 'unknown'
        else 'yes'
    end as otherwise,
    case
        when o_out_of_scope = 1 then 'not_applicable'
        when o_is_excluded = 1 then 'excluded'
        when o_unmet = 1 then 'no'
        when o_open_need = 1 or o_other_unknown = 1 then 'unknown'
        else 'yes'
    end as open_verdict,
    case
        when o_out_of_scope = 1 then 'not_applicable'
        when o_unmet = 1 then 'no'
        when o_open_need = 1 or o_scope_unknown = 1 then 'unknown'
        else 'yes'
    end as open_otherwise
from folded
