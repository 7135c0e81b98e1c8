"""
Social needs that somebody wrote down: ICD-10-CM codes Z55 to Z65.

Read aloud: a clinician may record that a person has no home, too little food, no work, or lives alone. Each such code of
the last 24 months is shown with its day and where it was written. Few needs are ever coded: when there is none here, the
answer is unknown, never "no need".

The neighborhood is a separate fact. The Social Vulnerability Index ranks counties, not people: it says how an area fares
as a whole, and is always shown as the area's. A ZIP code is placed in one county though some reach into several. In
Connecticut the 2022 index ranks planning regions, which ZIP codes are not matched to here, so it is unknown there.
"""

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows

SOURCES = (
    Source(
        title="ICD-10-CM, Z55 to Z65",
        section="persons with potential health hazards related to socioeconomic and psychosocial circumstances",
        edition="Fiscal year 2026, April update",
        licence="US Government work, public domain",
        remark="The domain words are ours, after the titles of the blocks. The look-back of 24 months is ours.",
    ),
    Source(
        title="CDC/ATSDR Social Vulnerability Index",
        section="overall percentile by county",
        edition="2022",
        licence="US Government work, public domain",
    ),
    Source(
        title="Python package zipcodes",
        section="county of each ZIP code",
        edition="3.0.0",
        licence="MIT",
        remark="Matched to CDC's county codes by name.",
    ),
)


def domains() -> dict[str, list[tuple[str, str]]]:
    """Each domain with its codes and their words."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows("social/social_need_code.csv"):
        found.setdefault(row["domain"], []).append((row["code"], row["label"]))
    return found
