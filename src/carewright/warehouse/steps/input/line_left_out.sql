-- Landed claim lines that do not count, each with its reason.
--
-- Of the deliveries of one claim the latest counts as a whole. In it, a void bill (frequency 8, or a status of cancelled)
-- takes the claim away, a replacement (7) takes the place of what stands beside it, a negative line cancels its
-- positive twin, a negative line that mirrors an earlier delivery goes with it, and a line repeated under its number
-- counts once, as last written in the file. Notices (frequency A to E) bill nothing. A claim whose remaining lines hold
-- a reversal and sum to nothing or less drops out altogether.
--
-- grain: delivery_id, line, line_number
-- delivery_id  the received file
-- line         line in that file
-- line_number  the line on the claim
-- source       the feed
-- claim_id     the payer's number for the claim
-- because      superseded, void, replaced, notice, cancelled, mirrored, repeated or reversed

with doubtful as (
    select b.*
    from input.billed_line as b
    inner join input.claim_in_doubt as d on b.source = d.source and b.claim_id = d.claim_id
),

latest as (
    select source, claim_id, max(received_seq) as received_seq
    from doubtful
    group by source, claim_id
),

current_delivery as (
    select d.source, d.claim_id, max(d.delivery_id) as delivery_id
    from doubtful as d
    inner join latest as l
        on d.source = l.source and d.claim_id = l.claim_id and d.received_seq = l.received_seq
    group by d.source, d.claim_id
),

standing as (
    select
        c.source,
        c.claim_id,
        c.delivery_id,
        max(case when d.frequency = 'replacement' then 1 else 0 end) as is_replaced,
        max(case when d.frequency = 'void' then 1 else 0 end) as is_void
    from current_delivery as c
    inner join doubtful as d
        on c.source = d.source and c.claim_id = d.claim_id and c.delivery_id = d.delivery_id
    group by c.source, c.claim_id, c.delivery_id
),

first_look as (
    select
        d.*,
        case
            when d.delivery_id <> s.delivery_id then 'superseded'
            when d.frequency = 'notice' then 'notice'
            when s.is_replaced = 1 and d.frequency <> 'replacement' then 'replaced'
            when s.is_replaced = 0 and s.is_void = 1 then 'void'
        end as because,
        case when d.money < 0 then -1 else 1 end as sign,
        coalesce(d.revenue_code, '') || '|' || coalesce(d.hcpcs, '') || '|' || cast(d.line_starts_on as varchar)
        || '|' || coalesce(d.rendering_npi, '') as service
    from doubtful as d
    inner join standing as s on d.source = s.source and d.claim_id = s.claim_id
),

paired as (
    select
        f.*,
        row_number() over (
            partition by f.source, f.claim_id, f.because, f.delivery_id, f.service, abs(f.money), f.sign
            order by f.line, f.line_number
        ) as turn,
        sum(case when f.sign = 1 then 1 else 0 end) over (
            partition by f.source, f.claim_id, f.because, f.delivery_id, f.service, abs(f.money)
        ) as positives,
        sum(case when f.sign = -1 then 1 else 0 end) over (
            partition by f.source, f.claim_id, f.because, f.delivery_id, f.service, abs(f.money)
        ) as negatives
    from first_look as f
),

earlier as (
    select distinct source, claim_id, service, abs(money) as size
    from first_look
    where because = 'superseded' and sign = 1 and money > 0
),

second_look as (
    select
        p.*,
        case
            when p.because is not null then p.because
            when p.sign = 1 and p.turn <= p.negatives then 'cancelled'
            when p.sign = -1 and p.turn <= p.positives then 'cancelled'
            when p.sign = -1 and e.claim_id is not null then 'mirrored'
        end as reason
    from paired as p
    left join earlier as e
        on p.source = e.source and p.claim_id = e.claim_id and p.service = e.service and abs(p.money) = e.size
),

third_look as (
    select
        s.*,
        row_number() over (
            partition by s.source, s.claim_id, s.reason, s.sign, s.line_number, s.service
            order by s.line desc
        ) as place
    from second_look as s
),

decided as (
    select
        t.*,
        case
            when t.reason is null and t.sign = 1 and t.line_number > 0 and t.place > 1 then 'repeated'
            else t.reason
        end as final_reason
    from third_look as t
),

remaining as (
    select source, claim_id
    from decided
    where final_reason is null
    group by source, claim_id
    having min(money) < 0 and sum(money) <= 0
)

select
    d.delivery_id,
    d.line,
    d.line_number,
    d.source,
    d.claim_id,
    coalesce(d.final_reason, 'reversed') as because
from decided as d
left join remaining as r on d.source = r.source and d.claim_id = r.claim_id
where d.final_reason is not null or r.claim_id is not null
