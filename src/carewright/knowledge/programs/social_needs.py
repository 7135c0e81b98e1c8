"""
Social needs: for people whom housing, food, rides, safety or money keep from getting well.

Read aloud: a person belongs here for whom a clinician recorded a social need (a Z code) or who answered yes on a screen
in the time set here. When nothing is on file, we do not know: most needs are never written on a claim. It is never a no.

How poor or crowded someone's neighborhood is says nothing about the person, and is not counted.
"""

from carewright.knowledge.program import Criterion, Kind, Program, Threshold
from carewright.knowledge.source import Source

SOCIAL_NEEDS = Program(
    code="social_needs",
    name="Social needs",
    short="Social",
    statement=__doc__,
    speaks_about="Everyone, at any age, with any payer.",
    criteria=(
        Criterion(
            code="social_need",
            kind=Kind.NEED,
            label="A social need is on file",
            words="Yes with a Z code (Z55 to Z65) or a positive screen in the time set here. Otherwise unknown.",
        ),
    ),
    thresholds=(Threshold("months", "24", "How far back a recorded need counts", "months", least=1, most=24),),
    sources=(
        Source(
            title="ICD-10-CM, Z55 to Z65: persons with potential health hazards related to social circumstances",
            section="Z55 to Z65",
            edition="Fiscal year 2026",
        ),
        Source(
            title="Carewright: how long a recorded need counts",
            section="months",
            edition="2026-11",
            confirmed=False,
            remark="No source sets a period; 24 months is our cautious choice and waits for a social worker's review.",
        ),
    ),
    version="1",
)
