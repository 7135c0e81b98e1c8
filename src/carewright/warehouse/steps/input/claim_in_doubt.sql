-- Claims of which not every landed line may count: sent more than once, voided, replaced, reversed, or with lines that repeat.
--
-- Most claims are not here, so most lines need no further look.
--
-- grain: source, claim_id
-- source    the feed
-- claim_id  the payer's number for the claim

with part as (
    select
        source,
        claim_id,
        delivery_id,
        diagnoses,
        count(*) as lines,
        max(line_number) as highest,
        bit_count(bit_or(cast(1 as bigint) << cast(least(greatest(line_number, 0), 62) as integer))) as different,
        min(money) as least_money,
        max(case when frequency in ('void', 'replacement', 'notice') then 1 else 0 end) as is_correction
    from input.billed_line
    group by source, claim_id, delivery_id, diagnoses
)

select source, claim_id
from part
group by source, claim_id
having
    count(*) > 1
    or max(highest) > 61
    or max(lines) <> max(different)
    or min(least_money) < 0
    or max(is_correction) = 1
