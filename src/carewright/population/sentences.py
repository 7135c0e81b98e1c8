"""
Every sentence, chip and label a run of the warehouse writes, marked for translation.

The warehouse writes English: a run's tables are read by scripts as well, and are the same whoever reads. Pages give these
words back in the reader's language (`wording`), so each of them stands here once more, as a translator gets it. What is in
braces is filled in; `n` is the number that decides between one and many.
"""

from django.utils.translation import gettext_noop, ngettext

from carewright.plumbing.wording import Words

SENTENCES: tuple[Words, ...] = (
    # Lines that hold for every program.
    gettext_noop("No date of death on file."),
    gettext_noop("Died on {day}."),
    gettext_noop("Covered by a payer not named since {day}."),
    gettext_noop("Covered by a payer not named."),
    gettext_noop("Covered by {payer} since {day}."),
    gettext_noop("Covered by {kind}; the program is set to {set_kind}."),
    gettext_noop("Covered by {payer}."),
    gettext_noop("No coverage was ever sent for this person: unknown, not no."),
    gettext_noop("Coverage ended on {day}."),
    gettext_noop("In hospice, by a claim until {day} and the enrollment file."),
    gettext_noop("In hospice, by a claim until {day}."),
    gettext_noop("In hospice, by the enrollment file."),
    gettext_noop("In hospice, by a hospice claim or the enrollment file."),  # as runs of earlier versions say it
    gettext_noop("The latest claim that speaks of hospice ended on {day}, and the enrollment file names none."),
    gettext_noop("No hospice claim, and the enrollment file names none."),
    gettext_noop("Two sources contradict each other about the name and the birth date. Find out who this is first."),
    gettext_noop("All sources agree on who this is."),
    # Whom a program speaks about.
    gettext_noop("No birth date on file: unknown, not no."),
    gettext_noop("Age {age}."),
    gettext_noop("The rule speaks about people from {years} years on."),
    gettext_noop("Any kind of payer."),
    gettext_noop("The kind of payer is not on file."),
    # Complex care.
    lambda n: ngettext(
        "{n} unplanned hospital stay in 12 months.",
        "{n} unplanned hospital stays in 12 months.",
        n,
    ),
    lambda n: ngettext(
        "{n} ED visit that did not end in a stay in 12 months.",
        "{n} ED visits that did not end in a stay in 12 months.",
        n,
    ),
    gettext_noop("{needed} or more count."),
    gettext_noop("Unknown, not no: one more would do, and only {share} % of the last two months has come."),
    gettext_noop("Unknown, not no: {because}."),
    # Chronic care.
    gettext_noop("None found."),
    gettext_noop("None found in claims."),
    gettext_noop("{found} found in claims: {conditions} and {more} more."),
    gettext_noop("{found} found in claims: {conditions}."),
    gettext_noop("Records name {found} that the claims do not show: {conditions} and {more} more."),
    gettext_noop("Records name {found} that the claims do not show: {conditions}."),
    gettext_noop("Unknown, not no: a clinician can confirm them."),
    gettext_noop("A clinician can confirm them."),
    gettext_noop("{found} found: {conditions} and {more} more."),
    gettext_noop("{found} found: {conditions}."),
    gettext_noop("Shown by {shown} in the time looked at."),
    gettext_noop("Nothing on file shows it."),
    gettext_noop("Unknown, not no: a clinician has to say."),
    # Transitional care.
    gettext_noop("Home since {day}."),
    gettext_noop("Left a hospital on {day}; no bill says where to."),
    gettext_noop("Left a hospital on {day}, not for home (patient status {status})."),
    gettext_noop("Unknown, not no."),
    gettext_noop("Still in a hospital, as far as we know."),
    gettext_noop("No discharge in the last {days} days."),
    gettext_noop("No discharge in the last {days} days on file."),
    gettext_noop("A stay has begun and no discharge from it is on file."),
    gettext_noop("The latest stay on file has ended."),
    gettext_noop("No stay on file."),
    # Social needs.
    gettext_noop("On file: {needs} and more."),
    gettext_noop("On file: {needs}."),
    gettext_noop("No screen and no Z code in {months} months."),
    gettext_noop("Unknown is not no: ask at the first call."),
    # What a CMS-HCC score leaves to say.
    gettext_noop("The score counts diagnoses of {year}, which had not begun on the day of this run."),
    gettext_noop("CMS-HCC is a Medicare score, and no coverage is known."),
    gettext_noop("CMS-HCC is a Medicare score, and no Medicare coverage is known in {year} or {next_year}."),
    gettext_noop("The birth date is unknown, and the score needs an age."),
    gettext_noop("The sex is unknown, and the score has no value for that."),
    gettext_noop("Died before the payment year."),
    gettext_noop("CMS-HCC is not used for children."),
    gettext_noop(
        "Medicare pays for dialysis and kidney transplants by its ESRD model, which is not here; this is CMS-HCC."
    ),
    gettext_noop("New to Medicare: scored by age, sex and Medicaid; conditions add no points yet."),
    gettext_noop("The payer's data begin during the collection year: earlier diagnoses are missing."),
    gettext_noop("Only the first {months} months of {year} are known on the day of this run."),
    # What changed since the run before.
    gettext_noop("New in the data since the last run."),
    gettext_noop("No longer in the data."),
    gettext_noop("A number of the program was changed."),
    gettext_noop("From {was} ({points_before}) to {is_now} ({points})."),
)

BECAUSE: tuple[Words, ...] = (
    gettext_noop("no claims of the last 12 months have come for people covered as they are"),
    gettext_noop("only {months} of the last 12 months are on file"),
    gettext_noop("the claims feed {feed} went quiet"),
    gettext_noop("the claims on file come without diagnoses"),
    gettext_noop("no claims of hospitals have come"),
    gettext_noop("claims for the last weeks are not complete"),
)
"""Why finding nothing is unknown and not no."""

SHOWN: tuple[Words, ...] = (
    lambda n: ngettext("{n} unplanned hospital stay", "{n} unplanned hospital stays", n),
    lambda n: ngettext("{n} ED visit", "{n} ED visits", n),
    lambda n: ngettext("{n} condition that can decompensate", "{n} conditions that can decompensate", n),
)
"""What shows significant risk."""

CHIPS: tuple[Words, ...] = (
    lambda n: ngettext("{n} hospital stay", "{n} hospital stays", n),
    lambda n: ngettext("{n} ED visit", "{n} ED visits", n),
    lambda n: ngettext("{n} condition", "{n} conditions", n),
    gettext_noop("Home {day}"),
)
"""Reasons in three words."""

PARTS: tuple[Words, ...] = (
    lambda n: ngettext(
        "{n} unplanned hospital stay in 12 months",
        "{n} unplanned hospital stays in 12 months",
        n,
    ),
    lambda n: ngettext(
        "{n} ED visit in 12 months that did not become a stay",
        "{n} ED visits in 12 months that did not become a stay",
        n,
    ),
    gettext_noop("Left a hospital in the last 30 days"),
    lambda n: ngettext("{n} lasting condition", "{n} lasting conditions", n),
    gettext_noop("Heart failure"),
    gettext_noop("COPD"),
    gettext_noop("Chronic kidney disease"),
    gettext_noop("Age {age}"),
    lambda n: ngettext(
        "{n} kind of social need on file in 24 months",
        "{n} kinds of social need on file in 24 months",
        n,
    ),
    lambda n: ngettext("{n} medicine in 12 months", "{n} different medicines in 12 months", n),
    gettext_noop("Medicare together with Medicaid"),
)
"""Parts of a score (`carewright.knowledge.ranking`)."""

ABOUT_PARTS: tuple[Words, ...] = (
    gettext_noop("{part} with protected facts counted"),
    gettext_noop("{part} +{points}"),
    gettext_noop("{part} −{points}"),
)

MOVED: tuple[Words, ...] = (
    gettext_noop("{label}: {now} Before: {before}"),
    gettext_noop("{now} Before: {before}"),
)
"""Why somebody entered a list or left it: a line of the rule, as it is and as it was."""

TIES: tuple[Words, ...] = (
    gettext_noop("{stays}, {visits} in 6 months, age {age}"),
    lambda n: ngettext("{n} stay", "{n} stays", n),
    lambda n: ngettext("{n} ED visit", "{n} ED visits", n),
)
"""What decided among equal scores."""

HCC_PERSON: tuple[Words, ...] = (
    gettext_noop("Woman"),
    gettext_noop("Man"),
    gettext_noop("under 35"),
    gettext_noop("95 or older"),
    lambda n: ngettext("{n} year old", "{n} years old", n),
    gettext_noop("new to Medicare"),
    gettext_noop("with Medicaid"),
    gettext_noop("first entitled by disability"),
)
"""Age and sex as the CMS-HCC tables take them, one after the other with commas."""

HCC_OTHER: tuple[Words, ...] = (
    gettext_noop("First entitled to Medicare by disability, now 65 or older"),
    gettext_noop("Nursing facility with Medicaid"),
    gettext_noop("{found} payment conditions together"),
)

RULED_OUT: dict[str, str] = {
    "Died on {day}.": gettext_noop("this person died on {day}"),
    "Coverage ended on {day}.": gettext_noop("their coverage ended on {day}"),
    "In hospice, by a claim until {day} and the enrollment file.": gettext_noop(
        "they are in hospice, by a claim until {day} and the enrollment file"
    ),
    "In hospice, by a claim until {day}.": gettext_noop("they are in hospice, by a claim until {day}"),
    "In hospice, by the enrollment file.": gettext_noop("they are in hospice, by the enrollment file"),
    "In hospice, by a hospice claim or the enrollment file.": gettext_noop(
        "they are in hospice, by a hospice claim or the enrollment file"
    ),
}
"""The same after “Ruled out because …”."""

NOT_A_NUMBER: tuple[Words, ...] = (
    gettext_noop("Use one of: {words}."),
    gettext_noop("Use a whole number, for example {number}."),
    gettext_noop("Use {number} or more."),
    gettext_noop("Use {number} or less."),
)
"""Why a value is no number of a program (`Threshold.problem`)."""

__all__ = [
    "ABOUT_PARTS",
    "BECAUSE",
    "CHIPS",
    "HCC_OTHER",
    "HCC_PERSON",
    "MOVED",
    "NOT_A_NUMBER",
    "PARTS",
    "RULED_OUT",
    "SENTENCES",
    "SHOWN",
    "TIES",
    "Words",
]
