-- Claims taken away by a later bill that carries another claim number.
--
-- A void (frequency 8) or replacement (7) normally repeats the number of the claim it corrects. Where it does not, it
-- corrects the latest earlier bill of the same feed, person, kind of bill, facility and days; a void also repeats its
-- charge. When two first bills fit, neither is taken away: we do not guess.
--
-- grain: claim_key
-- claim_key  the claim that no longer counts
-- because    void or replaced
-- by_claim   the payer's number of the bill that says so

with void as (
    select
        b.source,
        b.claim_id,
        b.person_id,
        min(b.delivery_id) as delivery_id,
        min(b.line) as line,
        max(substr(b.bill_type_code, 1, 2)) as bill_kind,
        max(coalesce(b.facility_npi, b.billing_npi)) as provider,
        min(b.starts_on) as starts_on,
        max(b.ends_on) as ends_on,
        sum(abs(coalesce(b.charged, b.paid))) as size
    from input.billed_line as b
    where b.frequency = 'void'
    group by b.source, b.claim_id, b.person_id
),

lone_void as (
    select v.*, d.number
    from void as v
    inner join input.delivery as d on v.delivery_id = d.delivery_id and v.source = d.source
    left join (
        select b.source, b.claim_id
        from input.billed_line as b
        inner join void as w on b.source = w.source and b.claim_id = w.claim_id
        where b.frequency <> 'void'
        group by b.source, b.claim_id
    ) as own on v.source = own.source and v.claim_id = own.claim_id
    where own.claim_id is null
),

claim as (
    select
        c.claim_key,
        c.source,
        c.claim_id,
        c.person_id,
        substr(c.bill_type_code, 1, 2) as bill_kind,
        coalesce(c.facility_npi, c.billing_npi) as provider,
        c.starts_on,
        c.ends_on,
        abs(coalesce(c.charged, c.paid)) as size,
        c.is_replacement,
        d.number,
        c.line
    from input.medical_claim as c
    inner join input.delivery as d on c.delivery_id = d.delivery_id and c.source = d.source
    where c.bill_type_code is not null
),

superseded as (
    select distinct source, claim_id
    from input.line_left_out
    where because in ('superseded', 'replaced')
),

correction as (
    select source, claim_id, person_id, bill_kind, provider, starts_on, ends_on, size, number, line, 'void' as because
    from lone_void
    union all
    select
        c.source, c.claim_id, c.person_id, c.bill_kind, c.provider, c.starts_on, c.ends_on,
        cast(null as decimal(18, 2)) as size, c.number, c.line, 'replaced' as because
    from claim as c
    left join superseded as s on c.source = s.source and c.claim_id = s.claim_id
    where c.is_replacement and s.claim_id is null
),

candidate as (
    select
        k.source,
        k.claim_id as by_claim,
        k.because,
        c.claim_key,
        row_number() over (
            partition by k.source, k.claim_id, k.person_id order by c.number desc, c.line desc
        ) as place,
        sum(case when c.is_replacement then 0 else 1 end) over (
            partition by k.source, k.claim_id, k.person_id
        ) as first_bills
    from correction as k
    inner join claim as c
        on
            k.source = c.source
            and k.person_id = c.person_id
            and k.bill_kind = c.bill_kind
            and coalesce(k.provider, '') = coalesce(c.provider, '')
            and k.starts_on = c.starts_on
            and k.ends_on = c.ends_on
    where
        k.claim_id <> c.claim_id
        and (c.number < k.number or (c.number = k.number and c.line < k.line))
        and (k.because = 'replaced' or k.size = c.size)
)

select claim_key, min(because) as because, min(by_claim) as by_claim
from candidate
where place = 1 and first_bills <= 1
group by claim_key
