"""What does not read about a questionnaire or an answer, in the reader's language."""

from carewright.assessment import sentences
from carewright.plumbing.problems import Problems
from carewright.plumbing.wording import Phrases

PROBLEMS = Problems(
    where=sentences.WHERE, expected=sentences.EXPECTED, found=sentences.FOUND, mends=sentences.MENDS,
    shapes=sentences.SHAPES,
)  # fmt: skip
"""The sentences of questionnaires and answers, and how they are found again."""

NO_SCORE = Phrases({}, {})
"""How it is found again why answers come to no score."""
