-- Pharmacy rows that do not count, each with its reason.
--
-- Of the deliveries of one claim the latest counts as a whole; a row repeated under its line counts once, as last
-- written; a reversal (negative amount or quantity, or a status of cancelled) takes away one fill of the same person,
-- product, day, amount and quantity, and itself.
--
-- grain: delivery_id, line, source
-- delivery_id  the received file
-- line         line in that file
-- source       the feed
-- because      superseded, repeated, cancelled, reversed or reversal

with fill as (
    select
        p.source,
        p.claim_id,
        p.delivery_id,
        p.received_seq,
        p.line,
        coalesce(p.claim_line_number, 0) as line_number,
        coalesce(j.counted_as, p.person_id) as person_id,
        p.ndc_code,
        p.dispensing_date,
        case
            when coalesce(nullif(p.paid_amount, 0), nullif(p.quantity, 0), 0) < 0 or coalesce(p.quantity, 0) < 0 then -1
            else 1
        end as sign,
        coalesce(abs(p.paid_amount), 0) as size,
        coalesce(abs(p.quantity), 0) as units,
        coalesce(lower(p.claim_status), 'active') in ('cancelled', 'canceled', 'entered-in-error') as is_cancelled
    from landed.pharmacy_claim as p
    left join knowledge.joined_number as j on p.person_id = j.person_id
),

troubled_claim as (
    select source, claim_id
    from fill
    group by source, claim_id
    having count(*) > 1 or min(sign) < 0 or bool_or(is_cancelled)
),

reversed_day as (
    select distinct source, person_id, ndc_code, dispensing_date
    from fill
    where sign < 0
),

doubtful as (
    select f.*
    from fill as f
    left join troubled_claim as t on f.source = t.source and f.claim_id = t.claim_id
    left join reversed_day as r
        on
            f.source = r.source
            and f.person_id = r.person_id
            and f.ndc_code = r.ndc_code
            and f.dispensing_date = r.dispensing_date
    where t.claim_id is not null or r.person_id is not null
),

placed as (
    select
        d.*,
        max(d.received_seq) over (partition by d.source, d.claim_id) as latest_seq,
        row_number() over (
            partition by d.source, d.claim_id, d.received_seq, d.line_number, d.ndc_code, d.dispensing_date, d.sign
            order by d.line desc
        ) as place
    from doubtful as d
),

first_look as (
    select
        p.*,
        case
            when p.received_seq < p.latest_seq then 'superseded'
            when p.is_cancelled then 'cancelled'
            when p.place > 1 and p.line_number > 0 then 'repeated'
        end as because
    from placed as p
),

paired as (
    select
        f.*,
        row_number() over (
            partition by
                f.source, f.person_id, f.ndc_code, f.dispensing_date, f.size, f.units, f.because, f.sign
            order by f.received_seq, f.delivery_id, f.line
        ) as turn,
        sum(case when f.sign < 0 then 1 else 0 end) over (
            partition by f.source, f.person_id, f.ndc_code, f.dispensing_date, f.size, f.units, f.because
        ) as reversals
    from first_look as f
),

decided as (
    select
        p.*,
        case
            when p.because is not null then p.because
            when p.sign < 0 then 'reversal'
            when p.turn <= p.reversals then 'reversed'
        end as reason
    from paired as p
)

select delivery_id, line, source, min(reason) as because
from decided
where reason is not null
group by delivery_id, line, source
