"""
Where a rule comes from, and who has looked at it.

Nothing in the cellar is true because we say so. Each rule names what it was read from, and says plainly when it was
remembered rather than read, or when nobody qualified has reviewed it yet.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Source:
    """
    One source of one rule.

    `confirmed` is False when the rule was remembered or taken from a secondary text; `remark` then says what is missing.
    `licence` says on what terms the table or text is passed on.
    `reviewed_by` names the clinician or biller who read our wording against the source, with the day; empty until then.
    """

    title: str
    section: str = ""
    edition: str = ""
    address: str = ""
    licence: str = ""
    confirmed: bool = True
    remark: str = ""
    reviewed_by: str = ""
    reviewed_on: date | None = None

    def __post_init__(self) -> None:
        if bool(self.reviewed_by) != (self.reviewed_on is not None):
            raise ValueError(f"{self.title}: a review has a person and a day, or neither.")

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody qualified has read our wording against the source."""
        return bool(self.reviewed_by)
