-- What each person was handed out over the last 24 months, product by product, as pharmacies billed it.
--
-- Only fills that stand: reversed, cancelled, repeated and superseded rows are out, and so are fills protected by 42 CFR
-- Part 2. Cash, samples, the VA and what is bought over the counter are not in claims: a product without a row was not
-- billed, which does not say that it is not taken. A days' supply outside 1 to 366 is a slip, and unknown; so it is under
-- a number that stands for none (all zeros, all nines), since fills of several medicines may share it.
--
-- grain: person_id, product
-- person_id       the person
-- product         rxcui:<number> or ndc:<number>, as in core.medicine
-- ndc             the number on the latest fill
-- said            the product in the sender's own words, on the latest fill
-- first_on        the first day in these 24 months
-- latest_on       the latest day
-- days_supply     days the latest fill should last; of several fills that day the longest, null where none says it
-- lasts_to        the last day the latest fill covers if it is taken as filled; null where the days are unknown
-- quantity        units handed out on the latest day; null where no row says it
-- prescriber_npi  who prescribed the latest fill; null where fills of that day differ
-- pharmacy_npi    the pharmacy of the latest fill; null where fills of that day differ
-- days_12         on how many different days it was filled in the last 12 months
-- filled_on       every day it was filled, joined with ;
-- tags            sensitivity tags of all these fills, sorted
-- evidence        landed rows of all these fills

with fill as (
    select
        d.person_id,
        m.product,
        d.ndc,
        d.said,
        d."on",
        case
            when d.days_supply between 1 and 366 and d.ndc not in ('00000000000', '99999999999') then d.days_supply
        end as days_supply,
        case when d.quantity > 0 then d.quantity end as quantity,
        d.prescriber_npi,
        d.pharmacy_npi,
        case when d."on" > w.after_12 then d."on" end as on_in_12,
        d.tags,
        d.evidence
    from core.dispensing as d
    inner join core.medicine as m on d.ndc = m.ndc
    cross join marts.window as w
    where d."on" > w.after_24 and d.tags not like '%part2%'
),

per_product as (
    select
        person_id,
        product,
        min("on") as first_on,
        max("on") as latest_on,
        count(distinct on_in_12) as days_12,
        array_to_string(list_sort(array_agg(distinct cast("on" as varchar))), ';') as filled_on,
        concat_ws(
            ';',
            max(case when instr(tags, 'behavioral') > 0 then 'behavioral' end),
            max(case when instr(tags, 'hiv') > 0 then 'hiv' end),
            max(case when instr(tags, 'minor') > 0 then 'minor' end),
            max(case when instr(tags, 'reproductive') > 0 then 'reproductive' end),
            max(case when instr(tags, 'safety') > 0 then 'safety' end)
        ) as tags,
        array_to_string(list_sort(array_agg(distinct evidence)), ';') as evidence
    from fill
    group by person_id, product
),

latest as (
    select
        p.person_id,
        p.product,
        max(f.ndc) as ndc,
        max(f.said) as said,
        max(f.days_supply) as days_supply,
        sum(f.quantity) as quantity,
        case when min(f.prescriber_npi) = max(f.prescriber_npi) then max(f.prescriber_npi) end as prescriber_npi,
        case when min(f.pharmacy_npi) = max(f.pharmacy_npi) then max(f.pharmacy_npi) end as pharmacy_npi
    from per_product as p
    inner join fill as f on p.person_id = f.person_id and p.product = f.product and p.latest_on = f."on"
    group by p.person_id, p.product
)

select
    p.person_id,
    p.product,
    l.ndc,
    l.said,
    p.first_on,
    p.latest_on,
    l.days_supply,
    p.latest_on + (l.days_supply - 1) as lasts_to,
    l.quantity,
    l.prescriber_npi,
    l.pharmacy_npi,
    cast(p.days_12 as integer) as days_12,
    p.filled_on,
    p.tags,
    p.evidence
from per_product as p
inner join latest as l on p.person_id = l.person_id and p.product = l.product
