"""
The headings a note begins with, so that nothing is forgotten and others know where to look.

`is_clinical` notes are kept from roles that see no clinical facts; a note about a ride or a form is not clinical.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteTemplate:
    """One kind of note: its name, the headings it begins with, and whether it holds clinical facts."""

    code: str
    name: str
    headings: tuple[str, ...] = ()
    is_clinical: bool = True
    level: str = "team"

    @property
    def begins(self) -> str:
        """What stands in the field when one starts to write."""
        return "".join(f"{heading}:\n\n" for heading in self.headings)


TEMPLATES: tuple[NoteTemplate, ...] = (
    NoteTemplate("free", "Note"),
    NoteTemplate(
        "call", "Call",
        ("What they said", "What we talked about", "What was agreed, who does it, by when", "Next contact"),
    ),
    NoteTemplate(
        "outreach", "Outreach", ("How they were reached", "What they said", "Next attempt"), is_clinical=False
    ),
    NoteTemplate(
        "discharge", "After a hospital stay",
        ("How they feel", "Medicines: in hand, understood, questions", "Visit booked, ride", "Warning signs they know",
         "Help at home"),
    ),
    NoteTemplate("visit", "Visit", ("Who was there", "What we saw", "What was agreed", "Next contact")),
    NoteTemplate("practical", "Practical help", ("What is needed", "What was done", "What is open"), is_clinical=False),
    NoteTemplate("conference", "Case conference", ("Who was there", "The question", "What was decided, who does it")),
    NoteTemplate(
        "safety", "Safety",
        ("What was said, in their words", "Danger now", "What was done, with whom", "Plan and next check"),
        level="restricted",
    ),
    NoteTemplate("behavioral", "Behavioral health", ("How they are", "What we worked on", "Plan"), level="restricted"),
)  # fmt: skip

BY_CODE: dict[str, NoteTemplate] = {template.code: template for template in TEMPLATES}
NOT_CLINICAL: tuple[str, ...] = tuple(template.code for template in TEMPLATES if not template.is_clinical)
