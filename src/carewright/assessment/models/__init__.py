"""
An assessment, its sections, the answers given, what the records said, and what it all came to.

Nothing is erased. An answer that was changed stays, with who replaced it and when; a score that was made anew leaves the
old one beside it. Once an assessment is finished the database takes no more answers but those of an addendum.
"""

from carewright.assessment.models.answered import Answer, RecordedFact, ScoreResult, Source
from carewright.assessment.models.asked import Addendum, Assessment, Section

__all__ = ["Addendum", "Answer", "Assessment", "RecordedFact", "ScoreResult", "Section", "Source"]
