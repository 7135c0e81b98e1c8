"""
Security labels that come with a resource (`meta.security`) and what they mean here.

A source that labels a resource knows something its codes may not say. HL7's labels name a sensitivity (`HIV`, `PSY`, …)
or a level of confidentiality (`R` restricted, `V` very restricted). A label adds a tag; no label ever takes one away.

* `ETH`, `ETHUD`, `OPIOIDUD`: substance use. They say what it is about, not that a Part 2 program wrote it, so they tag
  `behavioral`. `42CFRPart2` says the latter, and tags `part2`.
* `R` and `V` alone name no subject: the fact is kept as closed as the most private ordinary one (`behavioral`), since a
  source that restricts it had a reason.

Source: HL7 v3 ActCode (information sensitivity policy) and Confidentiality, terminology.hl7.org 6.1.
"""

from typing import Any

LABELS = {
    "ETH": "behavioral", "ETHUD": "behavioral", "OPIOIDUD": "behavioral", "SUD": "behavioral", "ALC": "behavioral",
    "PSY": "behavioral", "PSYTHPN": "behavioral", "MH": "behavioral", "BH": "behavioral", "COGN": "behavioral",
    "DVD": "behavioral",
    "HIV": "hiv",
    "SEX": "reproductive", "STD": "reproductive", "REPROH": "reproductive", "FPLAN": "reproductive",
    "GENDER": "reproductive", "MATERNITY": "reproductive", "PREGNANT": "reproductive", "ABORTION": "reproductive",
    "SDV": "safety", "IPV": "safety", "DV": "safety", "SA": "safety", "VIO": "safety",
    "42CFRPart2": "part2", "42CFRPART2": "part2",
    "R": "behavioral", "V": "behavioral",
}  # fmt: skip
"""HL7 label → our tag."""


def tags(resource: dict[str, Any]) -> str:
    """The tags a resource's own labels bring, sorted and joined with `;`; mostly none."""
    meta = resource.get("meta")
    labels = meta.get("security") if meta else None
    if not labels:
        return ""
    return ";".join(sorted({LABELS[each["code"]] for each in labels if each.get("code") in LABELS}))
