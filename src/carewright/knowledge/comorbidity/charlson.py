"""
The Charlson index: seventeen serious illnesses, weighted by how much each shortens life.

Read aloud: each illness that was coded in the last 24 months adds its points once. The graver form drops the milder one:
diabetes with complications replaces diabetes without, severe liver disease replaces mild, a metastatic tumor replaces
the cancer. Charlson gave the weights in 1987; Quan weighed them anew in 2011, and both sums are kept. Any diagnosis
counts, on a claim or in a clinical record.

Someone of whom nothing is known, neither coverage nor a diagnosis, has no index: unknown is not zero.
"""

from dataclasses import dataclass

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows


@dataclass(frozen=True)
class Illness:
    """One illness of the index, its two weights, how many code prefixes mean it, and which milder form it replaces."""

    condition: str
    label: str
    weight_1987: int
    weight_2011: int
    prefixes: tuple[str, ...]
    outranks: str


SOURCES = (
    Source(
        title="Quan et al., Coding algorithms for defining comorbidities in ICD-9-CM and ICD-10 administrative data",
        section="Table 1, ICD-10",
        edition="Medical Care 2005;43:1130-9",
        licence="Facts restated from the publication",
    ),
    Source(
        title="Charlson et al., A new method of classifying prognostic comorbidity",
        section="weights",
        edition="J Chronic Dis 1987;40:373-83",
        licence="Facts restated from the publication",
    ),
    Source(
        title="Quan et al., Updating and validating the Charlson comorbidity index",
        section="weights",
        edition="Am J Epidemiol 2011;173:676-82",
        licence="Facts restated from the publication",
    ),
)
ELIXHAUSER_SOURCE = Source(
    title="AHRQ HCUP Elixhauser Comorbidity Software Refined for ICD-10-CM",
    section="30-day readmission index",
    edition="v2024.1 codes, v2023.1 weights",
    licence="US Government work, public domain",
    remark="Secondary diagnoses of inpatient claims of 24 months. The present-on-admission mark is not read yet, so"
    " comorbidities that ask for it are counted as if present: an upper reading.",
)


def illnesses() -> tuple[Illness, ...]:
    """The seventeen illnesses in the order of the publication."""
    prefixes: dict[str, list[str]] = {}
    for row in rows("comorbidity/charlson_code.csv"):
        prefixes.setdefault(row["condition"], []).append(row["prefix"])
    return tuple(
        Illness(
            condition=row["condition"],
            label=row["label"],
            weight_1987=int(row["weight_1987"]),
            weight_2011=int(row["weight_2011"]),
            prefixes=tuple(prefixes[row["condition"]]),
            outranks=row["outranks"],
        )
        for row in rows("comorbidity/charlson_weight.csv")
    )
