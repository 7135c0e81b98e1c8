-- Each person's condition categories side by side: how many there are, and which.
--
-- grain: number, model
-- number      the person in the payment year, as marts.hcc_person numbers them
-- model       V24 or V28
-- conditions  how many categories
-- hccs        their numbers, smallest first, joined with semicolons
-- tag_bits    every sensitivity tag among them, one bit a tag as in marts.hcc_diagnosis

with gathered as (
    -- Padded with blanks, numbers sort as numbers: ' 37' stands before '226'.
    select number, model, count(*) as conditions, list(lpad(hcc, 3, ' ')) as hccs, bit_or(tag_bits) as tag_bits
    from marts.hcc_condition
    group by number, model
)

select number, model, conditions, replace(array_to_string(list_sort(hccs), ';'), ' ', '') as hccs, tag_bits
from gathered
