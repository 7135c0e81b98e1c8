-- Whose patient a person is, by their visits: most primary care visits in 24 months, then the most recent, then the lower
-- number. Runners-up follow in order, so that a close call is seen.
--
-- grain: person_id, rank
-- person_id      the person
-- rank           1 for the attributed provider
-- npi            the provider
-- provider_name  their name, where a source says it
-- visits         visits in 24 months
-- latest_on      the latest visit
-- evidence       landed rows of the latest visits, joined with ';'

select
    v.person_id,
    row_number() over (partition by v.person_id order by v.visits desc, v.latest_on desc, v.npi) as rank,
    v.npi,
    p.name as provider_name,
    v.visits,
    v.latest_on,
    v.evidence
from marts.visit_provider as v
left join core.provider as p on v.npi = p.npi
where v.is_primary_care
