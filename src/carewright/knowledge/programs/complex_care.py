"""
Complex care: for people whom hospitals and emergency departments see again and again.

Read aloud: an adult belongs here who had two or more unplanned hospital stays, or three or more emergency visits that
did not end in a stay, in the last twelve months. A visit that became a stay is counted once, as the stay.
"""

from carewright.knowledge.program import Criterion, Kind, Program, Threshold
from carewright.knowledge.source import Source

COMPLEX_CARE = Program(
    code="complex_care",
    name="Complex care",
    short="Complex",
    statement=__doc__,
    speaks_about="Adults with any payer.",
    criteria=(
        Criterion(
            code="adult",
            kind=Kind.SCOPE,
            label="Adult",
            words="No below the age set here: the rule then says nothing. Unknown without a birth date.",
        ),
        Criterion(
            code="unplanned_stays",
            kind=Kind.NEED,
            label="Repeated unplanned hospital stays",
            words="Counts stays joined across transfers. Too few stays is unknown when too few months are on file.",
            any_of="use",
        ),
        Criterion(
            code="ed_visits",
            kind=Kind.NEED,
            label="Repeated emergency visits",
            words="Counts visits that did not end in a stay. Too few is unknown when too few months are on file.",
            any_of="use",
        ),
    ),
    thresholds=(
        Threshold("youngest", "18", "Youngest age", "years", least=0, most=120),
        Threshold("stays_at_least", "2", "Unplanned stays in 12 months, at least", "stays", least=1, most=20),
        Threshold("ed_visits_at_least", "3", "ED visits in 12 months, at least", "visits", least=1, most=50),
    ),
    sources=(
        Source(
            title="Carewright: thresholds of high use",
            section="2 unplanned stays or 3 ED visits in 12 months",
            edition="2026-11",
            confirmed=False,
            remark="Programs differ (2 to 3 stays, 3 to 6 ED visits); the numbers are settings a supervisor dates.",
        ),
    ),
    version="1",
)
