"""
What a parent or guardian may see of a child's record, by the child's age and state.

Read aloud: until a child comes of age, a parent usually acts as their personal representative (45 CFR 164.502(g)(3)),
but not for care the child may lawfully consent to alone. At what age that begins, and for which care, is state law. The
numbers below are UNCONFIRMED: nobody here read the fifty statutes. So everything is closed by default. Sensitive facts
are hidden from a representative at any age; from `limited_from` on a representative sees appointments and contact
details only; from `of_age` on nothing. An organization's counsel confirms a state, and only then may its row open more.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from carewright.knowledge.sensitivity import TAGS

SOURCE = "45 CFR 164.502(g)(3); ages by state UNCONFIRMED, set to close early (limited from 12, of age at 18)"
LIMITED_FROM = 12
OF_AGE = 18

STATES = [
    "AK",
    "AL",
    "AR",
    "AZ",
    "CA",
    "CO",
    "CT",
    "DC",
    "DE",
    "FL",
    "GA",
    "HI",
    "IA",
    "ID",
    "IL",
    "IN",
    "KS",
    "KY",
    "LA",
    "MA",
    "MD",
    "ME",
    "MI",
    "MN",
    "MO",
    "MS",
    "MT",
    "NC",
    "ND",
    "NE",
    "NH",
    "NJ",
    "NM",
    "NV",
    "NY",
    "OH",
    "OK",
    "OR",
    "PA",
    "PR",
    "RI",
    "SC",
    "SD",
    "TN",
    "TX",
    "UT",
    "VA",
    "VT",
    "WA",
    "WI",
    "WV",
    "WY",
]


@dataclass(frozen=True)
class StateRule:
    """
    One state: the age from which a representative's view is limited, the age that ends it, and what a confirmed row
    opens. `opens` names sensitivity tags that counsel found a parent may see below `limited_from`.
    """

    state: str
    limited_from: int = LIMITED_FROM
    of_age: int = OF_AGE
    opens: frozenset[str] = field(default_factory=frozenset)
    is_confirmed: bool = False

    def __post_init__(self):
        if self.opens and not self.is_confirmed:
            raise ValueError(f"{self.state}: a row that nobody confirmed opens nothing.")
        if not 0 <= self.limited_from <= self.of_age:
            raise ValueError(f"{self.state}: the view is limited before it ends.")


UNKNOWN = StateRule("")
"""A state we do not know, or none given: closed like every state nobody confirmed."""

RULES: dict[str, StateRule] = {state: StateRule(state) for state in STATES}


@dataclass(frozen=True)
class View:
    """What a minor's representative may see: nothing, appointments only, or the record without these tags."""

    sees: str  # nothing | appointments | record
    hidden_tags: frozenset[str]
    because: str  # one of BECAUSE
    age: int | None = None


NOT_KNOWN = "The date of birth is not known."
DECIDES_ALONE = "The patient is {age} and decides alone."
THEIRS_TO_SHARE = "The patient is {age}: confidential services are theirs to share."
STAYS_CLOSED = "The patient is {age}; sensitive facts stay closed."
BECAUSE = (NOT_KNOWN, DECIDES_ALONE, THEIRS_TO_SHARE, STAYS_CLOSED)
"""Why a representative sees what they see."""

EVERY_TAG = frozenset(TAGS)


def rule_of(state: str, rules: dict[str, StateRule] | None = None) -> StateRule:
    """The row of a state; the closed one for a state that is not in the table."""
    return (RULES if rules is None else rules).get(state.strip().upper(), UNKNOWN)


def age_on(born_on: date, day: date) -> int:
    """
    Completed years on a day.

    >>> age_on(date(2014, 2, 28), date(2026, 2, 27)), age_on(date(2014, 2, 28), date(2026, 2, 28))
    (11, 12)
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def of_age_on(born_on: date, state: str, rules: dict[str, StateRule] | None = None) -> date:
    """
    The birthday on which a representative's view ends; somebody born on February 29 comes of age on March 1.

    >>> of_age_on(date(2010, 6, 5), "MA"), of_age_on(date(2008, 2, 29), "MA")
    (datetime.date(2028, 6, 5), datetime.date(2026, 3, 1))
    """
    year = born_on.year + rule_of(state, rules).of_age
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def view(*, born_on: date | None, state: str, on: date, rules: dict[str, StateRule] | None = None) -> View:
    """
    What a representative of this patient may see on a day. An unknown birth date or state closes, never opens.

    >>> view(born_on=date(2020, 1, 1), state="MA", on=date(2026, 11, 24)).sees
    'record'
    >>> view(born_on=date(2013, 1, 1), state="MA", on=date(2026, 11, 24)).sees
    'appointments'
    >>> view(born_on=None, state="MA", on=date(2026, 11, 24)).sees
    'nothing'
    """
    if born_on is None:
        return View("nothing", EVERY_TAG, NOT_KNOWN)
    rule = rule_of(state, rules)
    age = age_on(born_on, on)
    if age >= rule.of_age:
        return View("nothing", EVERY_TAG, DECIDES_ALONE, age)
    if age >= rule.limited_from:
        return View("appointments", EVERY_TAG, THEIRS_TO_SHARE, age)
    return View("record", EVERY_TAG - rule.opens, STAYS_CLOSED, age)


def hidden(tags: Iterable[str], *, seen: View) -> bool:
    """Whether a fact with these tags is hidden from a representative with this view; facts without tags need `record`."""
    return seen.sees != "record" or bool(set(tags) & seen.hidden_tags)
