"""
Chronic or not, code by code: AHRQ's Chronic Condition Indicator Refined.

Read aloud: AHRQ calls a code chronic when the condition lasts twelve months or longer and limits a person or needs
ongoing care. The mark belongs to single codes, and many codes say one disease: E11.9 and E11.65 are both type 2
diabetes. We gather codes by the first three signs of ICD-10-CM, the level at which the classification names a disease,
and count each category once. One code in 24 months is enough, on a claim or in a clinical record. Codes newer than the
edition carry no mark, and are not counted.
"""

from carewright.knowledge.source import Source
from carewright.knowledge.table import rows

SOURCE = Source(
    title="AHRQ HCUP Chronic Condition Indicator Refined for ICD-10-CM",
    edition="v2023.1",
    licence="US Government work, public domain",
    remark="Gathering by three signs and the look-back of 24 months are ours.",
)


def marks() -> dict[str, int]:
    """How many codes are marked not chronic ("0"), chronic ("1") and undecided ("9")."""
    counts: dict[str, int] = {}
    for row in rows("conditions/ccir.csv.gz"):
        counts[row["chronic"]] = counts.get(row["chronic"], 0) + 1
    return counts
