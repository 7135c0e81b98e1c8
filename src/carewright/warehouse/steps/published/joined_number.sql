-- Numbers that this run counted as another's: their records were joined, so all their facts are one person's.
--
-- grain: number
-- person_id  the number they are counted as
-- number     the number as the payer or the source sends it

select counted_as as person_id, person_id as number
from knowledge.joined_number
