-- Every received file that landed rows about people, numbered in the order of receipt.
--
-- grain: delivery_id, source
-- delivery_id   the received file
-- source        the feed
-- number        its place in the order of receipt, from 1
-- received_on   the day it came
-- received_seq  order of receipt

with landed_row as (
    select delivery_id, source, received_on, received_seq from landed.medical_claim
    union all
    select delivery_id, source, received_on, received_seq from landed.pharmacy_claim
    union all
    select delivery_id, source, received_on, received_seq from landed.eligibility
    union all
    select delivery_id, source, received_on, received_seq from landed.person
    union all
    select delivery_id, source, received_on, received_seq from landed.encounter
    union all
    select delivery_id, source, received_on, received_seq from landed.condition
    union all
    select delivery_id, source, received_on, received_seq from landed.procedure
    union all
    select delivery_id, source, received_on, received_seq from landed.lab_result
    union all
    select delivery_id, source, received_on, received_seq from landed.observation
    union all
    select delivery_id, source, received_on, received_seq from landed.medication
),

file as (
    select delivery_id, source, min(received_on) as received_on, min(received_seq) as received_seq
    from landed_row
    group by delivery_id, source
)

select
    delivery_id,
    source,
    cast(row_number() over (order by received_seq, delivery_id, source) as bigint) as number,
    received_on,
    received_seq
from file
