"""
Why a message waits, does not go or did not arrive: kept with it in English, given back in each reader's language.

The gate and the carriers fill these in; a sentence into which nothing is filled stands where it is said, marked there.
"""

from datetime import datetime

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext, gettext_noop

from carewright.plumbing.wording import Phrases

TELLS_OTHERS = gettext_noop("“{word}” would tell others how this person is.")
NOT_TO_BE_CONTACTED = gettext_noop("{why}{ways}, since {day}.")
FLAGGED_WRONG = gettext_noop("This number or address is flagged as wrong since {day}.")
ASKED_FOR_NO_MORE = gettext_noop("This number asked for no more texts on {day}. Call instead.")
TOO_LONG = gettext_noop("The text has {n} characters; a text may have {most}.")
ENOUGH_TODAY = gettext_noop("This number got {n} text today; more is not allowed.")
ENOUGH_THIS_WEEK = gettext_noop("This number got {n} texts in seven days; more is not allowed.")
QUIET_HOURS = gettext_noop("It is {time} where they live; texts go out from {first}:00 to {until}:00.")
NO_CARRIER = gettext_noop("No carrier for this way of sending is set. Set {setting}.")
FAX_FOLDER = gettext_noop("The folder of faxes could not be written ({trouble}).")
LETTER_FOLDER = gettext_noop("The folder of letters could not be written ({trouble}).")
LETTER_NOT_SET = gettext_noop("The letter could not be set ({trouble}).")
GATEWAY_REFUSED = gettext_noop("The gateway refused it ({trouble}).")
GATEWAY_ANSWERED = gettext_noop("The gateway answered {trouble}.")
GATEWAY_AWAY = gettext_noop("The gateway could not be reached ({trouble}).")
SERVER_AWAY = gettext_noop("The email server could not be reached ({trouble}).")

FILLED_IN = (
    TELLS_OTHERS, FLAGGED_WRONG, ASKED_FOR_NO_MORE, TOO_LONG, ENOUGH_TODAY, ENOUGH_THIS_WEEK, QUIET_HOURS, NO_CARRIER,
    FAX_FOLDER, LETTER_FOLDER, LETTER_NOT_SET, GATEWAY_REFUSED, GATEWAY_ANSWERED, GATEWAY_AWAY, SERVER_AWAY,
    NOT_TO_BE_CONTACTED,
)  # fmt: skip


def day(on) -> str:
    """A day as it is kept inside a sentence."""
    return f"{on:%b %-d, %Y}"


def _ways(kept: str) -> str:
    names = (gettext(name.capitalize()).lower() for name in kept.strip(" ()").split(", ") if name)
    return f" ({', '.join(names)})" if kept else ""


PHRASES = Phrases(
    {
        "word": ".+", "why": r"[^()]+", "ways": r"(?: \([^()]+\))?", "day": r"[A-Z][a-z]{2} \d{1,2}, \d{4}",
        "time": r"\d{1,2}:\d\d [AP]M", "setting": "[A-Z_]+", "trouble": ".+",
    },
    {
        "why": gettext, "ways": _ways,
        "day": lambda kept: date_format(datetime.strptime(kept, "%b %d, %Y").date(), "M j, Y"),  # noqa: DTZ007
        "time": lambda kept: time_format(datetime.strptime(kept, "%I:%M %p").time(), "g:i A"),  # noqa: DTZ007
    },
)  # fmt: skip


def in_words(kept: str) -> str:
    """
    The sentence in the reader's language; what a carrier reported in its own words stays as it is.

    >>> in_words("Asked not to be contacted (call, letter), since Mar 6, 2026."), in_words("Mailbox full")
    ('Asked not to be contacted (call, letter), since Mar 6, 2026.', 'Mailbox full')
    """
    return PHRASES.one_of(kept, FILLED_IN) or gettext(kept)
