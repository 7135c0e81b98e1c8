"""
Transitional care: the thirty days after someone comes home from a hospital.

Read aloud: a person belongs here who left a hospital for home, or for another place in the community such as assisted
living, within the last thirty days, the day of discharge counted as the first. Someone who is in a hospital today has
not come home, whatever happened before. Going to a nursing facility, a rehabilitation hospital, another hospital or
hospice is not coming home; the days then begin when they leave that place.

Claims arrive weeks late. When the months that would tell are not complete, finding no discharge is unknown, not a no.
"""

from carewright.knowledge.program import Criterion, Kind, Program, Threshold
from carewright.knowledge.source import Source

TRANSITIONAL_CARE = Program(
    code="transitional_care",
    name="Transitional care",
    short="Transitional",
    statement=__doc__,
    speaks_about="Adults with any payer. Medicare pays for it as transitional care management (TCM); others by contract.",
    criteria=(
        Criterion(
            code="adult",
            kind=Kind.SCOPE,
            label="Adult",
            words="No below the age set here: the rule then says nothing. Unknown without a birth date.",
        ),
        Criterion(
            code="home_lately",
            kind=Kind.NEED,
            label="Home from a hospital lately",
            words=(
                "Yes when the latest stay ended in the time set here with a discharge to home or the community: home, home "
                "with home health care, against advice, or to court or police, with or without a planned return. "
                "Unknown when recent claims are not complete."
            ),
        ),
        Criterion(
            code="not_in_hospital",
            kind=Kind.NEED,
            label="Not in a hospital today",
            words="No when a stay has begun and no discharge from it is on file.",
        ),
    ),
    thresholds=(
        Threshold("youngest", "18", "Youngest age", "years", least=0, most=120),
        Threshold("days", "30", "Days after discharge, the day of discharge being the first", "days", least=1, most=90),
        Threshold(
            "complete_at_least",
            "80",
            "Below this share of expected claims, finding nothing is unknown",
            "percent",
            1,
            100,
        ),
    ),
    sources=(
        Source(
            title="Noridian (Medicare contractor), Transitional Care Management; evigils.com for the places",
            section="From which places, to which places",
            edition="CY2026",
            address="med.noridianmedicare.com … /jfb/article-detail/-/view/10534/",
            remark="Stays in nursing facilities and observation, which also open TCM, are not read here yet.",
        ),
        Source(
            title="CMS MLN908628, Transitional Care Management Services",
            section="The 30-day period starts on the day of discharge and continues for the next 29 days",
            edition="as remembered",
            confirmed=False,
            remark="Remembered, not re-read: the length is a setting until a biller checks it.",
        ),
    ),
    version="1",
)
