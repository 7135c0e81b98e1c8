"""
Thirty chronic conditions, as the CMS Chronic Conditions Warehouse finds them in claims.

Read aloud: a single outpatient claim is weak evidence, because a code is also written to rule a disease out. So a
condition stands when, within one or two years, there is one claim from a hospital, nursing facility or home health
agency, or two outpatient or professional claims on different days. Some conditions ask for less or for one setting only:
a heart attack needs a hospital claim, cataract and glaucoma need one outpatient claim. A claim that also carries a code
on the condition's exclusion list (a head injury beside a stroke) counts for nothing.

Clinical records are not claims, and claims of hospice are not counted: the Warehouse's rules do not speak of them.
"""

from dataclasses import dataclass

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows

SETTINGS = {
    "IP": "hospital inpatient",
    "SNF": "skilled nursing facility",
    "HHA": "home health",
    "OP": "hospital outpatient",
    "CAR": "professional",
}


@dataclass(frozen=True)
class Rule:
    """What it takes to have one condition."""

    condition: str
    label: str
    months: int
    one_group: tuple[str, ...]
    one_claims: int
    two_group: tuple[str, ...]
    two_claims: int
    days_apart: int

    def in_words(self) -> str:
        """The rule as a sentence."""
        said = f"{_claims(self.one_claims)} from {_settings(self.one_group)}"
        if self.two_claims:
            said += f", or {_claims(self.two_claims)} from {_settings(self.two_group)} on different days"
        return f"{said}, in {self.months} months"


SOURCE = Source(
    title="CMS Chronic Conditions Warehouse, 30 CCW Chronic Conditions (2017 onward)",
    section="algorithms and reference code lists",
    edition="February 2022, with codes added to ICD-10-CM since, to October 2023",
    licence="US Government work, public domain; codes added since from a table under the MIT licence",
    remark="Read from two transcriptions, the USC Schaeffer Center's and King County's. Their rules agree. Codes that"
    " ICD-10-CM added after February 2022 come from King County's alone; the stages of F02 it leaves out were completed"
    " by us after F01 and F03, and E78.01, split in October 2025, keeps its children. A head injury voids a stroke claim when either lists it.",
)


def rules() -> tuple[Rule, ...]:
    """The thirty rules, by label."""
    found = [
        Rule(
            condition=row["condition"],
            label=row["label"],
            months=int(row["months"]),
            one_group=tuple(row["one_group"].split(";")),
            one_claims=int(row["one_claims"]),
            two_group=tuple(filter(None, row["two_group"].split(";"))),
            two_claims=int(row["two_claims"] or 0),
            days_apart=int(row["days_apart"]),
        )
        for row in rows("conditions/ccw30_rule.csv")
    ]
    return tuple(sorted(found, key=lambda rule: rule.label))


def code_counts() -> dict[str, tuple[int, int]]:
    """For each condition, how many codes mean it and how many void a claim."""
    counts: dict[str, tuple[int, int]] = {}
    for place, path in enumerate(("conditions/ccw30_code.csv.gz", "conditions/ccw30_exclusion.csv.gz")):
        for row in rows(path):
            codes, voids = counts.get(row["condition"], (0, 0))
            counts[row["condition"]] = (codes + (place == 0), voids + (place == 1))
    return counts


def _claims(count: int) -> str:
    return "one claim" if count == 1 else f"{'two' if count == 2 else count} claims"


def _settings(group: tuple[str, ...]) -> str:
    names = [SETTINGS[kind] for kind in group]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
