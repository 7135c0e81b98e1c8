"""
The headings a note begins with, so that nothing is forgotten and others know where to look.

`is_clinical` notes are kept from roles that see no clinical facts; a note about a ride or a form is not clinical.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class NoteTemplate:
    """One kind of note: its name, the headings it begins with, and whether it holds clinical facts."""

    code: str
    name: str | Promise
    headings: tuple[str | Promise, ...] = ()
    is_clinical: bool = True
    level: str = "team"

    @property
    def begins(self) -> str:
        """What stands in the field when one starts to write."""
        return "".join(f"{heading}:\n\n" for heading in self.headings)


TEMPLATES: tuple[NoteTemplate, ...] = (
    NoteTemplate("free", _("Note")),
    NoteTemplate(
        "call", _("Call"),
        (_("What they said"), _("What we talked about"), _("What was agreed, who does it, by when"), _("Next contact")),
    ),
    NoteTemplate(
        "outreach", _("Outreach"), (_("How they were reached"), _("What they said"), _("Next attempt")), is_clinical=False
    ),
    NoteTemplate(
        "discharge", _("After a hospital stay"),
        (_("How they feel"), _("Medicines: in hand, understood, questions"), _("Visit booked, ride"), _("Warning signs they know"),
         _("Help at home")),
    ),
    NoteTemplate("visit", _("Visit"), (_("Who was there"), _("What we saw"), _("What was agreed"), _("Next contact"))),
    NoteTemplate("practical", _("Practical help"), (_("What is needed"), _("What was done"), _("What is open")), is_clinical=False),
    NoteTemplate("conference", _("Case conference"), (_("Who was there"), _("The question"), _("What was decided, who does it"))),
    NoteTemplate(
        "safety", _("Safety"),
        (_("What was said, in their words"), _("Danger now"), _("What was done, with whom"), _("Plan and next check")),
        level="restricted",
    ),
    NoteTemplate("behavioral", _("Behavioral health"), (_("How they are"), _("What we worked on"), _("Plan")), level="restricted"),
)  # fmt: skip

BY_CODE: dict[str, NoteTemplate] = {template.code: template for template in TEMPLATES}
NOT_CLINICAL: tuple[str, ...] = tuple(template.code for template in TEMPLATES if not template.is_clinical)
