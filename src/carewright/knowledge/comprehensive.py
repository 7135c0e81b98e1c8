"""
The comprehensive assessment: fourteen sections, each with its own status, person and day.

Read aloud: we ask about the whole life, not only the disease. Safety comes first wherever it stands: an answer that shows a
danger is acted on before the next question. A section may be declined, or not be appropriate, with the reason written down.
Nothing is asked twice: an answer one instrument already has is used by the next.

The order and the contents follow what case management accreditation asks for (each factor with its own date), in our words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from carewright.knowledge.instruments import Instrument, Item
from carewright.knowledge.program import Threshold
from carewright.knowledge.source import Source

SOURCES = (
    Source(
        title="NCQA Health Plan Accreditation, complex case management (PHM 5), initial assessment",
        section="content and dates, paraphrased",
        confirmed=False,
        remark="The factors and the clock of 30 and 60 days are remembered, not read; the start of the clock is confirmed.",
    ),
    Source(
        title="CMS, chronic care management",
        section="elements of the comprehensive care plan",
        remark="Physical, mental, cognitive, psychosocial, functional and environmental assessment, caregiver, resources.",
    ),
)
VERSION = "1"


@dataclass(frozen=True)
class Feed:
    """
    Which questions of an instrument a section asks: all of them, or the named questions and groups.

    `after` names an instrument that must find a reason first: the PHQ-9 is asked when the PHQ-2 is positive.
    """

    instrument: str
    only: tuple[str, ...] = ()
    after: str = ""

    def items(self, instrument: Instrument) -> tuple[Item, ...]:
        """The questions asked here, in order."""
        if not self.only:
            return instrument.items
        return tuple(item for item in instrument.walk() if item.link_id in self.only)


@dataclass(frozen=True)
class SectionKind:
    """One section: what it is about, what it asks, and which factor of accreditation its date stands for."""

    code: str
    number: int
    title: str
    about: str
    feeds: tuple[Feed, ...]
    factor: str
    has_safety: bool = False


@dataclass(frozen=True)
class Clocks:
    """By when an assessment is begun, finished and asked again; a site sets its own days."""

    begin_days: int = 30
    complete_days: int = 60
    repeat_months: int = 12
    quality_of_life_months: int = 6
    after_stay_days: int = 30


AHC = "ahc-hrsn-supplemental"

SECTIONS = (
    SectionKind("communication", 0, "Talking with you", "Language, reading, and how to reach the person safely.",
        (Feed("cw-communication"), Feed("sils"), Feed(AHC, ("/97027-7",))), "identity and contact", True),
    SectionKind("health", 1, "Health now", "How the person feels, and what happened lately.",
        (Feed("cw-health"), Feed("hrqol-4")), "1 health status", True),
    SectionKind("medicines", 2, "History, medicines, allergies", "What the person takes and how they manage.",
        (Feed("cw-medicines"),), "2 clinical history and medications"),
    SectionKind("function", 3, "Daily life and falls", "Activities of daily living, falls, home and equipment.",
        (Feed("katz-adl"), Feed("iadl-8"), Feed("steadi-stay-independent"), Feed("cw-home"), Feed(AHC, ("/69861-3",))),
        "3 activities of daily living"),
    SectionKind("mood", 4, "Mood, alcohol, drugs", "Mood, worry, substances, stress.",
        (Feed("phq-2"), Feed("phq-9", after="phq-2"), Feed("gad-7"), Feed("audit-c"), Feed("drug-use-single-item"),
         Feed(AHC, ("/96842-0", "/95530-2", "/93038-8"))), "4 behavioral health", True),
    SectionKind("thinking", 5, "Memory and taking part", "Memory, and whether the person can take part in the plan.",
        (Feed(AHC, ("/69858-9",)), Feed("cw-thinking")), "5 cognitive function"),
    SectionKind("social", 6, "Home, food, rides, money", "What makes daily life hard, and safety with other people.",
        (Feed("ahc-hrsn-core"), Feed(AHC, ("financial", "employment", "support", "/96782-8", "activity"))),
        "6 social determinants", True),
    SectionKind("wishes", 7, "Wishes for care", "Who decides if the person cannot, and what they want.",
        (Feed("cw-wishes"),), "7 life planning"),
    SectionKind("culture", 8, "Culture and beliefs", "What care should respect.",
        (Feed("cw-culture"),), "8 cultural and linguistic needs"),
    SectionKind("senses", 9, "Seeing, hearing, speaking", "What helps the person to see, hear and be understood.",
        (Feed("cw-senses"),), "9 vision and hearing"),
    SectionKind("helpers", 10, "Family and helpers", "Who helps, how much, and what if they cannot.",
        (Feed("cw-helper"), Feed("caregiver-check")), "10 caregiver resources"),
    SectionKind("benefits", 11, "Coverage and benefits", "What pays for care, and what is left unclaimed.",
        (Feed("cw-benefits"),), "11 available benefits"),
    SectionKind("resources", 12, "Help in the community", "What is in use, wanted, or waited for.",
        (Feed("cw-resources"),), "12 community resources"),
    SectionKind("goals", 13, "What matters most", "The goals in the words of the person.",
        (Feed("cw-goals"),), "goals and readiness"),
)  # fmt: skip
"""The sections in the order they are offered."""

THRESHOLDS = (
    Threshold("assessment_begin_days", "30", "Begin the assessment within", "days", least=1, most=365),
    Threshold("assessment_complete_days", "60", "Finish the assessment within", "days", least=1, most=365),
    Threshold("assessment_repeat_months", "12", "Assess again after", "months", least=1, most=36),
    Threshold("quality_of_life_months", "6", "Ask for quality of life again after", "months", least=1, most=24),
    Threshold(
        "assessment_after_stay_days",
        "30",
        "After a hospital stay, assess again within",
        "days",
        least=1,
        most=365,
    ),
)
"""The clocks as numbers that a site sets per program, from a day on."""

BY_CODE = {section.code: section for section in SECTIONS}
CLOCKS = Clocks()

NOT_ASKED_TWICE = (
    "Of the supplemental social needs questions, 19 (drinks), 22 (drugs) and 23 (mood) are left out: the AUDIT-C, the"
    " single drug question and the PHQ-2 ask the same in the same section."
)


def clocks(numbers: Mapping[str, str]) -> Clocks:
    """The clocks as a site has set them; what is not set keeps its default."""
    known = {found.key: int(numbers.get(found.key, found.default)) for found in THRESHOLDS}
    return Clocks(
        begin_days=known["assessment_begin_days"],
        complete_days=known["assessment_complete_days"],
        repeat_months=known["assessment_repeat_months"],
        quality_of_life_months=known["quality_of_life_months"],
        after_stay_days=known["assessment_after_stay_days"],
    )


def threshold(key: str) -> Threshold | None:
    """The clock with this key."""
    return next((found for found in THRESHOLDS if found.key == key), None)


def section(code: str) -> SectionKind:
    """The section of this code."""
    return BY_CODE[code]
