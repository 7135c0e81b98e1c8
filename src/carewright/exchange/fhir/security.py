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

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from carewright.knowledge import sensitivity

SYSTEMS = {
    "icd-10-cm": "icd10cm", "icd-9-cm": "icd9cm", "icd-10-pcs": "icd10pcs", "hcpcs": "hcpcs", "loinc": "loinc",
    "snomed-ct": "snomed",
}  # fmt: skip
"""Our word for a code system → its word in the table of sensitive codes."""

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


@lru_cache(maxsize=50_000)
def of_code(system: str | None, code: str | None) -> frozenset[str]:
    """The tags one code brings, in our words for code systems."""
    known = SYSTEMS.get(system or "")
    return sensitivity.tags_for(known, code) if known and code else frozenset()


def joined(own: str, pairs: Iterable[tuple[str | None, str | None]]) -> str:
    """Tags a resource has already, with those of codes that are read but do not land in a column of their own."""
    found: set[str] = set()
    for system, code in pairs:
        found |= of_code(system, code)
    if not found:
        return own
    return ";".join(sorted(found | set(own.split(";")) - {""}))
