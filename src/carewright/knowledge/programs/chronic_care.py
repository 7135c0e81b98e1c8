"""
Chronic care: for adults who live with several long-lasting conditions that can turn on them.

Read aloud: an adult belongs here who has two or more conditions expected to last at least twelve months, or until the
end of life, and whom these place at significant risk of death, of a flare or decompensation, or of losing function.

Claims can show the conditions. Claims can show the risk only in part: an unplanned hospital stay in the last twelve
months, repeated emergency visits, or two conditions that are known to decompensate. When none of these is on file, the
risk is unknown, never absent, until a clinician says so.
"""

from carewright.knowledge.program import Criterion, Kind, Program, Threshold
from carewright.knowledge.source import Source

CHRONIC_CARE = Program(
    code="chronic_care",
    name="Chronic care",
    short="Chronic",
    statement=__doc__,
    speaks_about="Adults with any payer. Medicare Part B pays for it as chronic care management (CCM); others by contract.",
    criteria=(
        Criterion(
            code="adult",
            kind=Kind.SCOPE,
            label="Adult",
            words="No below the age set here: the rule then says nothing. Unknown without a birth date.",
        ),
        Criterion(
            code="payer",
            kind=Kind.SCOPE,
            label="A payer this program is for",
            words="No when the site has set the program to one kind of payer and this person has another.",
        ),
        Criterion(
            code="lasting_conditions",
            kind=Kind.NEED,
            label="Several conditions expected to last 12 months",
            words=(
                "Counts CMS Chronic Conditions Warehouse conditions that we count as lasting at least 12 months, each "
                "found by the Warehouse's own rule for claims. A no becomes unknown when too few months are on file, and when "
                "records (a problem list) name enough conditions that the claims do not show: a clinician can confirm them."
            ),
        ),
        Criterion(
            code="significant_risk",
            kind=Kind.NEED,
            label="Significant risk of death, decompensation or decline",
            words=(
                "Yes by any one of: an unplanned stay, repeated ED visits, or conditions marked as able to decompensate. "
                "Never a no: without these a clinician must confirm it."
            ),
        ),
    ),
    thresholds=(
        Threshold("youngest", "18", "Youngest age", "years", least=0, most=120),
        Threshold("payer_type", "any", "Kind of payer", one_of=("any", "medicare", "medicaid", "commercial")),
        Threshold("conditions_at_least", "2", "Lasting conditions, at least", "conditions", least=2, most=10),
        Threshold("risk_stays_at_least", "1", "Unplanned stays in 12 months that show the risk", "stays", 1, 10),
        Threshold("risk_ed_visits_at_least", "2", "ED visits in 12 months that show the risk", "visits", 1, 20),
        Threshold("risk_conditions_at_least", "2", "Decompensating conditions that show the risk", "conditions", 1, 10),
    ),
    sources=(
        Source(
            title="Noridian (Medicare contractor), Chronic Care Management Services",
            section="Eligible patients: 2 or more chronic conditions expected to last 12 months; significant risk",
            edition="CY2026",
            address="med.noridianmedicare.com/web/jfa/provider-types/opps/chronic-care-management-services",
        ),
        Source(
            title="Carewright: which facts show significant risk",
            section="Significant risk; which conditions last",
            edition="2026-11",
            confirmed=False,
            remark=(
                "CMS leaves the judgment to the clinician. Our list of facts is a cautious reading and waits for a "
                "clinician's review; initiating visit and consent are not judged here."
            ),
        ),
    ),
    version="1",
)
