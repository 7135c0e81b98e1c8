"""
Which documents and orders say what somebody wants done when they can no longer say it.

Read aloud: an advance directive, a living will, a power of attorney for health care, a portable medical order (POLST or
MOLST) and an order not to resuscitate are looked for by their codes, and by their titles where a source gives no code.
Finding none says that we hold none, never that there is none.
"""

from carewright.knowledge.source import Source

LOINC = {
    "42348-3": "Advance directive",
    "81334-5": "Advance care plan",
    "86533-7": "Living will",
    "64298-3": "Power of attorney",
    "92664-2": "Power of attorney and living will",
    "93037-0": "Portable medical order (POLST)",
    "84095-9": "Do-not-resuscitate order",
    "100821-8": "Portable medical order (POLST)",
}
"""Document codes, and what they are called."""

SNOMED = {
    "304253006": "Do-not-resuscitate order",
    "143021000119109": "Do-not-resuscitate order",
    "425392003": "Active advance directive",
    "310305009": "Living will",
    "89666000": "Do-not-resuscitate order",
}
"""Order and status codes, and what they are called."""

CODES: dict[str, str] = LOINC | SNOMED

TITLES: tuple[tuple[str, str], ...] = (
    ("polst", "Portable medical order (POLST)"),
    ("molst", "Portable medical order (MOLST)"),
    ("advance directive", "Advance directive"),
    ("living will", "Living will"),
    ("do not resuscitate", "Do-not-resuscitate order"),
    ("healthcare proxy", "Health care proxy"),
    ("health care proxy", "Health care proxy"),
)
"""What a title without a code is known by, in small letters."""

SOURCE = Source(
    title="LOINC and SNOMED CT codes of advance directives",
    section="Document ontology, advance healthcare directives",
    edition="as remembered in 2026",
    confirmed=False,
    remark="Codes were remembered, not read from a published value set; a clinician of the site reviews them.",
)


def name_of(code: str, title: str) -> str:
    """
    What a document or an order is, when it is one of these; nothing otherwise.

    >>> name_of("93037-0", ""), name_of("", "MOLST form, signed"), name_of("11506-3", "Progress note")
    ('Portable medical order (POLST)', 'Portable medical order (MOLST)', '')
    """
    if code in CODES:
        return CODES[code]
    written = title.lower()
    return next((name for part, name in TITLES if part in written), "")
