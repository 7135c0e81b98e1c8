"""
How much work a patient is, in minutes a week: what a lead's caseload is measured by instead of counting heads.

Read aloud: people are called weekly when they are new or unsettled, every other week when they are on the way, and
monthly when they are steady. A contact takes so many minutes, depending on the program, and for every minute of talking
there is more to write, to arrange and to look up. A paused patient takes little. The numbers are ours, derived from
sixty complex patients with fifteen called weekly, thirty every other week and fifteen monthly; a site replaces them with
minutes from its own log.
"""

from dataclasses import dataclass

from carewright.knowledge.source import Source

WEEKS_A_MONTH = 52 / 12
FULL_WEEK = 1200
"""Minutes a week that a full-time lead has for patients: half of forty hours."""


@dataclass(frozen=True)
class Level:
    """How often somebody is called, and since when or why."""

    code: str
    name: str
    contacts_a_month: float


WEEKLY = Level("weekly", "Weekly", WEEKS_A_MONTH)
FORTNIGHTLY = Level("fortnightly", "Every other week", WEEKS_A_MONTH / 2)
MONTHLY = Level("monthly", "Monthly", 1.0)
PAUSED = Level("paused", "Paused", 0.25)
LEVELS: dict[str, Level] = {level.code: level for level in (WEEKLY, FORTNIGHTLY, MONTHLY, PAUSED)}

MINUTES_A_CONTACT: dict[str, int] = {
    "complex_care": 30,
    "chronic_care": 25,
    "transitional_care": 25,
    "social_needs": 30,
}
USUAL_CONTACT = 25
AROUND_IT = 1.4
"""For each minute with the patient, this many minutes in all."""

NEW_FOR_DAYS = 30
"""For so many days after joining somebody is called weekly."""

SOURCE = Source(
    title="Carewright: workload in minutes",
    section="60 complex patients: 15 weekly, 30 every other week, 15 monthly",
    edition="2026-11",
    confirmed=False,
    remark="Derived, not observed: published caseloads run from 2 to 365. Replace with minutes from your own log.",
)


def level(program: str, *, days_in: int, band: str = "", paused: bool = False) -> Level:
    """
    How often a patient is called: by how long they are in the program, and how high their risk is.

    >>> level("complex_care", days_in=3).code, level("chronic_care", days_in=90).code
    ('weekly', 'monthly')
    >>> level("complex_care", days_in=90, band="high").code
    'weekly'
    """
    if paused:
        return PAUSED
    if program == "transitional_care":
        return WEEKLY
    if program == "chronic_care":
        return MONTHLY if days_in >= NEW_FOR_DAYS else FORTNIGHTLY
    if days_in < NEW_FOR_DAYS or band == "high":
        return WEEKLY
    return FORTNIGHTLY if band in ("rising", "") else MONTHLY


def minutes_a_week(program: str, how_often: Level) -> int:
    """
    Minutes a week for one patient.

    >>> minutes_a_week("complex_care", WEEKLY), minutes_a_week("chronic_care", MONTHLY)
    (42, 8)
    """
    a_contact = MINUTES_A_CONTACT.get(program, USUAL_CONTACT)
    return round(how_often.contacts_a_month / WEEKS_A_MONTH * a_contact * AROUND_IT)
