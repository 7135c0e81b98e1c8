"""
Every sentence about a questionnaire or an answer that does not read, marked for translation.

`knowledge.instruments` and the shelf write them in English, because they are told on the command line and in reports as
well; pages give them back in the reader's language (`wording`). What is in braces is filled in.
"""

from django.utils.translation import gettext_noop, ngettext

from carewright.plumbing.wording import NUMBER, Words

SHAPES = {"least": r"-?[\d.]+", "most": r"-?[\d.]+", "size": NUMBER}
"""How what is filled in looks, where it is not just anything."""

WHERE: tuple[Words, ...] = (gettext_noop("the answers"),)

EXPECTED: tuple[Words, ...] = (
    # Answers.
    gettext_noop("{expected}; it was answered so"),
    gettext_noop("a text"),
    gettext_noop("a number"),
    gettext_noop("a whole number"),
    gettext_noop("a number between {least} and {most}"),
    gettext_noop("a number of {least} or more"),
    gettext_noop("yes or no"),
    gettext_noop("a date written YYYY-MM-DD"),
    gettext_noop("one answer"),
    gettext_noop("an answer with a value"),
    gettext_noop("an object of questions and answers"),
    gettext_noop("a QuestionnaireResponse"),
    gettext_noop("a list of items"),
    gettext_noop("an item with a linkId"),
    gettext_noop("a list of answers"),
    gettext_noop("a question of {instrument}"),
    # A questionnaire.
    gettext_noop("a file of JSON"),
    gettext_noop("one JSON object"),
    gettext_noop("a list"),
    gettext_noop("one questionnaire"),
    gettext_noop("a FHIR Questionnaire"),
    gettext_noop("a short name in small letters, digits and hyphens"),
    gettext_noop("a name no other instrument has"),
    gettext_noop("a title"),
    gettext_noop("a version"),
    gettext_noop("on what terms its text is used"),
    gettext_noop("a question with a linkId"),
    gettext_noop("at least one question"),
    gettext_noop("a linkId of its own for each question"),
    gettext_noop("the linkId of a question"),
    gettext_noop("the words of the question"),
    gettext_noop("a group asked once"),
    gettext_noop("answers to choose from"),
    gettext_noop("each answer once"),
    gettext_noop("an answer with a code"),
    gettext_noop("words for every answer"),
    gettext_noop("a value set contained in the same file"),
    gettext_noop("the answer it waits for"),
    gettext_noop("an answer of that question"),
    gettext_noop("questions that do not wait for each other"),
    gettext_noop("an instrument we ship"),
    gettext_noop("the question {link} of {instrument}"),
    gettext_noop("the question {link}, which was answered"),
    gettext_noop("no question that {instrument} does not ask"),
    gettext_noop("the answers {answers}"),
    # Its scoring.
    gettext_noop('one object "instruments" with the scoring of each by its id'),
    gettext_noop("the scoring of {instrument}"),
    gettext_noop("the id of a Questionnaire in the same folder"),
    gettext_noop("the word {word}"),
    gettext_noop("a method: sum, product or value"),
    gettext_noop("one question for a score that is its value"),
    gettext_noop("a number, or points on every answer"),
    gettext_noop("bands that do not overlap"),
    gettext_noop("a condition made of {words}"),
    gettext_noop("one of the scores of this instrument"),
    gettext_noop("an answer this question allows"),
    gettext_noop("one of {severities} and one of {dues}"),
    gettext_noop("one of {choices}"),
)
"""What would have read."""

FOUND: tuple[Words, ...] = (
    gettext_noop("nothing"),
    gettext_noop("none"),
    gettext_noop("more than {size} MB"),
    gettext_noop("no question"),
    gettext_noop("no question {link}"),
    gettext_noop("no instruments"),
    gettext_noop("a circle"),
    gettext_noop("a linkId used twice"),
    gettext_noop("a repeating group"),
    gettext_noop("an answer without words"),
)
"""What stood there instead, where it is said in words of ours."""

MENDS: tuple[Words, ...] = (
    gettext_noop("Ask it as one of these, or leave it out."),
    gettext_noop("Give it another id."),
    gettext_noop("Its questions are {links}, …"),
    gettext_noop("Keep the questions and answers that were used, or give it another id."),
    gettext_noop("Let its questions repeat instead."),
    gettext_noop("List them, or contain the value set."),
    gettext_noop("Name it by the id of the questionnaire."),
    gettext_noop("Score it as the instrument it answers."),
    gettext_noop("Send one questionnaire at a time."),
)
"""How to mend it."""

STOPPED: tuple[Words, ...] = (
    gettext_noop("The sender corrected it."),
    gettext_noop("The sender took it back: entered in error."),
    gettext_noop("The file it came in was taken back: {why}"),
)
"""Why received answers count no more."""

MADE_FOR_ADULTS = gettext_noop(
    "It is made for adults of {adult_from} and older, and this person was {age}: it is not scored."
)
AGE_NOT_KNOWN = gettext_noop("The age is not known, and nobody has confirmed that this is an adult: no band is given.")
NO_SCORE: tuple[Words, ...] = (
    lambda n: ngettext("{n} question is not answered.", "{n} questions are not answered.", n),
    gettext_noop("Declined."),
    gettext_noop("Not scored at age {age}."),
    MADE_FOR_ADULTS,
    AGE_NOT_KNOWN,
)
"""Why answers come to no score; kept with the score."""
