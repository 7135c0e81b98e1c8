"""
The names of code systems: FHIR writes them as long addresses, the house as short words.

`SYSTEMS` holds the addresses seen in US Core, CARIN Blue Button, CMS Blue Button and Synthea data; one that is not in it
stays as the source wrote it. Two addresses for ICD-10 are one word here, since "ICD-10" in a US record is ICD-10-CM.
Source: HL7 Terminology 6.1 external code systems; CMS Blue Button implementation guide.
"""

from typing import Any

ICD10 = "icd-10-cm"
ICD9 = "icd-9-cm"
SNOMED = "snomed-ct"
HCPCS = "hcpcs"
NDC = "ndc"
RXNORM = "rxnorm"
LOINC = "loinc"

SYSTEMS = {
    "http://snomed.info/sct": SNOMED,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "http://loinc.org": LOINC,
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "http://www.nlm.nih.gov/research/umls/rxnorm": RXNORM,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
    "http://hl7.org/fhir/sid/ndc": NDC,
    "urn:oid:2.16.840.1.113883.6.69": NDC,
    "http://hl7.org/fhir/sid/cvx": "cvx",
    "urn:oid:2.16.840.1.113883.12.292": "cvx",
    "http://hl7.org/fhir/sid/icd-10-cm": ICD10,
    "http://hl7.org/fhir/sid/icd-10": ICD10,
    "urn:oid:2.16.840.1.113883.6.90": ICD10,
    "http://hl7.org/fhir/sid/icd-9-cm": ICD9,
    "http://hl7.org/fhir/sid/icd-9-cm/diagnosis": ICD9,
    "urn:oid:2.16.840.1.113883.6.103": ICD9,
    "http://www.cms.gov/Medicare/Coding/ICD10": "icd-10-pcs",
    "https://www.cms.gov/Medicare/Coding/ICD10": "icd-10-pcs",
    "http://hl7.org/fhir/sid/icd-10-pcs": "icd-10-pcs",
    "urn:oid:2.16.840.1.113883.6.4": "icd-10-pcs",
    "http://www.cms.gov/Medicare/Coding/ICD9": "icd-9-pcs",
    "http://www.ama-assn.org/go/cpt": HCPCS,
    "urn:oid:2.16.840.1.113883.6.12": HCPCS,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": HCPCS,
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": HCPCS,
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": HCPCS,
    "urn:oid:2.16.840.1.113883.6.285": HCPCS,
    "urn:oid:2.16.840.1.113883.6.14": HCPCS,
    "http://www.ada.org/cdt": "cdt",
    "http://www.whocc.no/atc": "atc",
    "http://nucc.org/provider-taxonomy": "nucc",
    "http://unitsofmeasure.org": "ucum",
}
"""Address of a code system → our word for it."""

DOTTED = frozenset({ICD10, ICD9, "icd-10-pcs", "icd-9-pcs"})
"""Systems whose codes land without their dot."""

NPI = "http://hl7.org/fhir/sid/us-npi"
NPI_TYPES = frozenset({"npi", "NPI"})

STANDARD = {
    "condition": (ICD10, ICD9, SNOMED),
    "procedure": (HCPCS, "icd-10-pcs", "cdt", SNOMED),
    "finding": (LOINC, SNOMED),
    "vaccine": ("cvx", NDC),
    "substance": (RXNORM, SNOMED),
}
"""The code systems the rest of the house reads, the most useful first."""

Coded = tuple[str | None, str | None, str | None]
"""Code system, code, words."""
NOTHING: Coded = (None, None, None)


def plain(system: str | None, code: str) -> str:
    """A code as it lands: without spaces around it, and without its dot where the system has dots."""
    code = code.strip()
    return code.replace(".", "").upper() if system in DOTTED else code


def first(concept: dict[str, Any] | None) -> Coded:
    """The first coded meaning of a concept, as the source put it, or only its words."""
    if not concept:
        return NOTHING
    for coding in concept.get("coding") or ():
        code = coding.get("code")
        if code:
            system = coding.get("system")
            system = SYSTEMS.get(system, system)
            return system, plain(system, code), coding.get("display") or concept.get("text")
    return None, None, concept.get("text")


def best(concept: dict[str, Any] | None, use: str) -> Coded:
    """The coded meaning in the code system the house reads best for this `use`; nothing when there is none."""
    if not concept:
        return NOTHING
    found: dict[str, Coded] = {}
    for coding in concept.get("coding") or ():
        code, system = coding.get("code"), SYSTEMS.get(coding.get("system"))
        if code and system and system not in found:
            found[system] = (system, plain(system, code), coding.get("display") or concept.get("text"))
    for system in STANDARD[use] if found else ():
        if system in found:
            return found[system]
    return NOTHING


Seen = tuple[str | None, ...]
_seen: dict[tuple[Any, ...], Seen] = {}
ENOUGH = 50_000


def seen(concept: dict[str, Any] | None, use: str) -> Seen:
    """
    A concept as it lands: its first code (system, code, words), its best one (the same three), and what is shown.

    The same few thousand concepts come millions of times; those with one code, nearly all, are looked up.
    """
    if not concept:
        return (*NOTHING, *NOTHING, None)
    listed = concept.get("coding")
    if listed is None or len(listed) != 1:
        return _see(concept, use)
    coding = listed[0]
    key = (coding.get("system"), coding.get("code"), coding.get("display"), concept.get("text"), use)
    found = _seen.get(key)
    if found is None:
        if len(_seen) > ENOUGH:
            _seen.clear()
        found = _seen[key] = _see(concept, use)
    return found


def _see(concept: dict[str, Any], use: str) -> Seen:
    one = first(concept)
    return (*one, *best(concept, use), words(concept) or one[1])


def in_system(concept: dict[str, Any] | None, system: str) -> Coded:
    """The coded meaning in one code system, or nothing."""
    for coding in (concept or {}).get("coding") or ():
        if coding.get("code") and SYSTEMS.get(coding.get("system")) == system:
            return system, plain(system, coding["code"]), coding.get("display") or (concept or {}).get("text")
    return NOTHING


def words(concept: dict[str, Any] | None) -> str | None:
    """What a reader is shown: the source's own text, else the words of its first code, else the code."""
    if not concept:
        return None
    text = concept.get("text")
    if text:
        return text
    for coding in concept.get("coding") or ():
        shown = coding.get("display") or coding.get("code")
        if shown:
            return shown
    return None


def code(concept: dict[str, Any] | None) -> str | None:
    """The first code of a concept, whatever its system (statuses, categories)."""
    for coding in (concept or {}).get("coding") or ():
        found = coding.get("code")
        if found:
            if type(found) is not str:
                raise TypeError("a code is a text")
            return found
    return None


def all_words(concepts: list[dict[str, Any]] | None) -> str | None:
    """The words of several concepts in one line."""
    said = [text for text in map(words, concepts or ()) if text]
    return "; ".join(said) or None
