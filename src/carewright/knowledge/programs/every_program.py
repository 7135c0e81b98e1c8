"""
What holds for every program: the person is alive, covered by a payer who sends us their data, and not in hospice.

Read aloud: we do not call someone who has died, whose coverage with us has ended, or who has chosen hospice; and when
two sources contradict each other about who this is, we find out first. Someone who told us not to be called again is
left out by a person's decision, kept with its reason and its end.
"""

from carewright.knowledge.program import EVERY_PROGRAM, Criterion, Kind, Program, Threshold
from carewright.knowledge.source import Source

RULES_FOR_ALL = Program(
    code=EVERY_PROGRAM,
    name="Every program",
    short="All",
    statement=__doc__,
    speaks_about="Everyone in the enrollment files, at any age, with any payer.",
    criteria=(
        Criterion(
            code="alive",
            kind=Kind.EXCLUSION,
            label="Alive",
            words="No when a date of death is on file.",
        ),
        Criterion(
            code="covered",
            kind=Kind.EXCLUSION,
            label="Covered today",
            words="No when the latest coverage ended. Unknown when no coverage was ever sent for this person.",
        ),
        Criterion(
            code="no_hospice",
            kind=Kind.EXCLUSION,
            label="Not in hospice",
            words="No when the enrollment file says so, or the latest hospice claim or discharge to hospice is of the days "
            "set here and does not say that they left alive.",
        ),
        Criterion(
            code="identity",
            kind=Kind.EXCLUSION,
            label="We know who this is",
            words="Unknown when two sources contradict each other about the name and the birth date. Never a no.",
        ),
    ),
    thresholds=(
        Threshold(
            key="months_known",
            default="9",
            words="Fewer covered months than this in the last 12, and a line that finds nothing stays unknown",
            unit="months",
            least=1,
            most=12,
        ),
        Threshold(
            key="hospice_days",
            default="120",
            words="Someone whose latest hospice claim ended within so many days is in hospice, unless it says they left it",
            unit="days",
            least=30,
            most=365,
        ),
    ),
    sources=(
        Source(
            title="NCQA case management, PHM identification and exclusion (as the field describes it)",
            section="Exclusions: hospice, deceased, no longer covered, opted out",
            edition="2026",
            confirmed=False,
            remark="The standard itself was not read; the list follows what vendors and payers describe.",
        ),
    ),
    version="1",
)
