"""
How we try to reach a person before we give up, said as rules that a site may change.

Read aloud: someone new is called at least three times, on three different days and at different times of day, within
two weeks, and gets a letter as well, so that there were two different ways to find out. After the letter we wait ten
days. Only then, and not before the thirtieth day, do we write down that we could not reach them; and anything new (a
visit to the hospital, a call from them, another referral) opens the question again. Nobody is called twice on one day
or more than three times in a week, whoever calls. A number that is known to be wrong counts for nothing. Reaching the
person starts the count anew. After a hospital stay we are quicker: twice within two working days, at different times,
and then every day until the seventh.

Everything here is pure: the moments handed in are in the person's own time zone, and so are those handed back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from carewright.kernel.calendar import business_day_from, is_business_day
from carewright.knowledge.program import Threshold
from carewright.knowledge.source import Source

ASKED_FOR_IT = "They asked to be called then."
LETTER_INSTEAD = "The calls did not reach them; a letter is the other way."
NO_NUMBER = "No number works."
TRIED_AND_WAITED = "Everything was tried, and the time to wait is over."
NO_WAY = "Neither a number nor an address works."
TRIED = "Everything was tried; we wait for an answer."
FIRST_CALL = "First call of {tries}."
FIRST_CALL_AS_ASKED = "First call of {tries}, at the time of day they asked for."
CALL_AGAIN = "Call {number} of {tries}, on another day and at another time than the last one."
CALLED_TODAY = "They were called on this day already; one call a day."
CALLED_OFTEN = "They were called {tries} times within a week; no more until a week has passed."
WHYS = (
    ASKED_FOR_IT, LETTER_INSTEAD, NO_NUMBER, TRIED_AND_WAITED, NO_WAY, TRIED, FIRST_CALL, FIRST_CALL_AS_ASKED, CALL_AGAIN,
    CALLED_TODAY, CALLED_OFTEN,
)  # fmt: skip
"""Why the next step is what it is, and why nobody calls now."""


class Part(StrEnum):
    """The part of a day in which a call is made."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


BEGINS = {Part.MORNING: 0, Part.AFTERNOON: 12, Part.EVENING: 17}
"""The hour at which each part of the day begins; the next one ends it."""

CALLS = frozenset({"call", "video", "visit"})
"""Ways in which somebody could answer on the spot."""

REACHED = frozenset({"reached", "reached_proxy", "replied", "call_back", "declined"})
"""Results that mean that the person, or somebody who speaks for them, was there."""

COUNTS_FOR_NOTHING = frozenset({"wrong_number", "disconnected", "bounced", "returned", "entered_in_error"})
"""Results that show that nobody could have been reached this way."""


@dataclass(frozen=True)
class Attempt:
    """One try to reach somebody: when (their local time), by which means, how it ended, on a number known bad or not."""

    at: datetime
    means: str = "call"
    ended: str = "no_answer"
    to_known_bad: bool = False
    person: object = None

    @property
    def part(self) -> Part:
        """In which part of the day it was made."""
        return part_of(self.at)

    @property
    def reached(self) -> bool:
        """Whether the person was there."""
        return self.ended in REACHED

    @property
    def counts(self) -> bool:
        """Whether it is a try that could have reached them."""
        return not self.to_known_bad and self.ended not in COUNTS_FOR_NOTHING


@dataclass(frozen=True)
class AttemptRule:
    """
    What has to have been tried before somebody counts as not reached.

    `spacing` is how many days lie between two calls, `most_a_day` and `most_a_week` what is never exceeded, `close_day`
    the first day after the start on which we may give up, `wait_days` how long we wait after the letter. Until
    `daily_until_day` the calls go on day by day, however many were made.
    """

    code: str
    name: str
    tries: int
    days: int
    parts: int
    means: int
    within_days: int
    spacing: int
    wait_days: int
    close_day: int
    letter: bool = True
    most_a_day: int = 1
    most_a_week: int = 3
    daily_until_day: int = 0
    quiet_until: int = 9
    quiet_from: int = 20


NEW = AttemptRule("new", "New to a program", 3, 3, 2, 2, 14, spacing=3, wait_days=10, close_day=30)
AFTER_STAY = AttemptRule(
    "after_stay", "After a hospital stay", 2, 2, 2, 1, 7, spacing=1, wait_days=0, close_day=7, letter=False, most_a_week=7,
    daily_until_day=7,
)  # fmt: skip
RULES: dict[str, AttemptRule] = {rule.code: rule for rule in (NEW, AFTER_STAY)}
RULE_OF: dict[str, str] = {"transitional_care": AFTER_STAY.code}
"""The rule of each program; those that are not named follow the one for people who are new."""

THRESHOLDS: tuple[Threshold, ...] = (
    Threshold("outreach_tries", "3", "Outreach: calls, at least", "calls", least=1, most=12),
    Threshold("outreach_days", "3", "Outreach: on different days, at least", "days", least=1, most=12),
    Threshold("outreach_parts", "2", "Outreach: at different times of day, at least", "times", least=1, most=3),
    Threshold("outreach_means", "2", "Outreach: in different ways, at least", "ways", least=1, most=4),
    Threshold("outreach_within_days", "14", "Outreach: all within", "days", least=1, most=90),
    Threshold("outreach_wait_days", "10", "Outreach: wait after the letter", "days", least=0, most=60),
    Threshold("outreach_close_day", "30", "Outreach: not given up before day", "days", least=1, most=180),
    Threshold("outreach_quiet_until", "9", "Outreach: no calls before this hour", "o'clock", least=8, most=12),
    Threshold("outreach_quiet_from", "20", "Outreach: no calls from this hour on", "o'clock", least=17, most=21),
)
"""What a site may set for a program, from a day on."""

FIELDS = {
    "outreach_tries": "tries", "outreach_days": "days", "outreach_parts": "parts", "outreach_means": "means",
    "outreach_within_days": "within_days", "outreach_wait_days": "wait_days", "outreach_close_day": "close_day",
    "outreach_quiet_until": "quiet_until", "outreach_quiet_from": "quiet_from",
}  # fmt: skip

SOURCES = (
    Source(
        title="Plan training materials (jeopardylabs.com, initial outreach process; 2024-01-25-424)",
        section="Three attempts, different days and times, letter, monthly afterwards",
        edition="2024",
        confirmed=False,
        remark="NCQA-type rule as remembered; plans differ, so every number is a setting.",
    ),
    Source(
        title="FCC 2015 exemption for health care calls (47 CFR 64.1200)",
        section="At most one a day and three a week; 8 a.m. to 9 p.m. where the person is",
        edition="2015, 2025",
    ),
)


def threshold(key: str) -> Threshold | None:
    """The number with this key."""
    return next((found for found in THRESHOLDS if found.key == key), None)


def default(program: str, key: str) -> str:
    """What holds for a program when a site set nothing: the number of the rule the program follows."""
    return str(getattr(RULES[RULE_OF.get(program, NEW.code)], FIELDS[key]))


def rule_for(program: str, numbers: Mapping[str, str]) -> AttemptRule:
    """The rule of a program with the numbers a site set for it: `numbers` are values by key, missing ones unchanged."""
    rule = RULES[RULE_OF.get(program, NEW.code)]
    changed = {FIELDS[key]: int(value) for key, value in numbers.items() if key in FIELDS}
    return replace(rule, **changed)  # type: ignore[arg-type]


def part_of(at: datetime) -> Part:
    """
    The part of the day.

    >>> part_of(datetime(2026, 3, 2, 10)), part_of(datetime(2026, 3, 2, 17))
    (<Part.MORNING: 'morning'>, <Part.EVENING: 'evening'>)
    """
    return next(part for part in reversed(Part) if at.hour >= BEGINS[part])


@dataclass(frozen=True)
class Standing:
    """How much of a rule has been done: tries, days, times of day and ways, and what is missing."""

    tries: int = 0
    days: int = 0
    parts: int = 0
    means: int = 0
    missing: tuple[str, ...] = ("tries", "days", "parts", "means")

    @property
    def calls_done(self) -> bool:
        """Whether no further call is needed."""
        return not {"tries", "days", "parts"} & set(self.missing)

    @property
    def complete(self) -> bool:
        """Whether everything was tried."""
        return not self.missing


def since_reached(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts after the person was last reached, oldest first: reaching somebody starts the count anew."""
    found: list[Attempt] = []
    for attempt in sorted(attempts, key=lambda each: each.at):
        found = [] if attempt.reached else [*found, attempt]
    return found


def standing(rule: AttemptRule, attempts: Iterable[Attempt]) -> Standing:
    """
    How much of the rule is done, in the best stretch of `within_days` days since the person was last reached.

    A letter counts as a way and as a try on its day; the times of day are those of calls.
    """
    counted = [attempt for attempt in since_reached(attempts) if attempt.counts]
    best = Standing()
    for first in counted:
        last_day = first.at.date() + timedelta(days=rule.within_days)
        stretch = [attempt for attempt in counted if attempt.at >= first.at and attempt.at.date() <= last_day]
        found = _measure(rule, stretch)
        if (len(found.missing), -found.tries) < (len(best.missing), -best.tries):
            best = found
    # A letter is sent after the calls and may fall outside their two weeks; the way counts all the same.
    if counted and "means" in best.missing and len({attempt.means for attempt in counted}) >= rule.means:
        best = replace(best, means=rule.means, missing=tuple(each for each in best.missing if each != "means"))
    return best


def _measure(rule: AttemptRule, stretch: list[Attempt]) -> Standing:
    had = {
        "tries": len(stretch),
        "days": len({attempt.at.date() for attempt in stretch}),
        "parts": len({attempt.part for attempt in stretch if attempt.means in CALLS}),
        "means": len({attempt.means for attempt in stretch}),
    }
    return Standing(**had, missing=tuple(name for name in had if had[name] < getattr(rule, name)))


class Step(StrEnum):
    """What comes next."""

    CALL = "call"
    LETTER = "letter"
    REPAIR = "repair"  # find a number or an address that works
    WAIT = "wait"
    CLOSE = "close"


@dataclass(frozen=True)
class Next:
    """The next step: what, not before when, by when, in which part of the day, and why, in a sentence."""

    step: Step
    starts: datetime
    ends: datetime
    part: str
    why: str


def plan(
    rule: AttemptRule, attempts: Iterable[Attempt], *, opened: datetime, now: datetime, zone: ZoneInfo,
    has_number: bool = True, has_address: bool = True, best: str = "", asked_for: datetime | None = None,
) -> Next:  # fmt: skip
    """
    What to do next, and when, so that the rule is kept and nobody is called too often or at the wrong hour.

    `best` is the part of the day the person prefers; `asked_for` when they asked to be called back.
    """
    opened, now = opened.astimezone(zone), now.astimezone(zone)
    made = sorted((replace(each, at=each.at.astimezone(zone)) for each in attempts), key=lambda each: each.at)
    if asked_for is not None:
        begins = within_hours(rule, max(asked_for.astimezone(zone), now))
        return Next(Step.CALL, begins, begins + timedelta(hours=1), part_of(begins), ASKED_FOR_IT)
    lately = since_reached(made)
    letter = next((each for each in reversed(lately) if each.means == "letter" and each.counts), None)
    done = standing(rule, made)
    goes_on = now.date() < opened.date() + timedelta(days=rule.daily_until_day)
    if has_number and (goes_on or not done.calls_done):
        return _call(rule, made, now=now, zone=zone, best=best, done=done)
    if letter is None and (rule.letter or "means" in done.missing) and has_address:
        why = LETTER_INSTEAD if has_number else NO_NUMBER
        return _daytime(Step.LETTER, now, zone, why)
    first = (lately[0].at if lately else opened).date() if any(each.reached for each in made) else opened.date()
    gives_up = first + timedelta(days=rule.close_day)
    if letter is not None:
        gives_up = max(gives_up, letter.at.date() + timedelta(days=rule.wait_days))
    if now.date() >= gives_up:
        return Next(Step.CLOSE, now, now, "", TRIED_AND_WAITED)
    if not has_number and (letter is None or not has_address):
        return _daytime(Step.REPAIR, now, zone, NO_WAY)
    ends = datetime.combine(gives_up, time(rule.quiet_until), zone)
    return Next(Step.WAIT, ends, ends, "", TRIED)


def within_hours(rule: AttemptRule, at: datetime) -> datetime:
    """The moment itself when calls are allowed then, otherwise the next moment they are."""
    if at.hour < rule.quiet_until:
        return at.replace(hour=rule.quiet_until, minute=0, second=0, microsecond=0)
    if at.hour >= rule.quiet_from:
        return datetime.combine(at.date() + timedelta(days=1), time(rule.quiet_until), at.tzinfo)
    return at


def too_often(rule: AttemptRule, attempts: Iterable[Attempt], day: date) -> str:
    """Why somebody must not be called on a day, in a sentence; empty when they may."""
    called = [each.at.date() for each in attempts if each.means in CALLS]
    if called.count(day) >= rule.most_a_day:
        return CALLED_TODAY
    if sum(1 for each in called if timedelta() <= day - each < timedelta(days=7)) >= rule.most_a_week:
        return CALLED_OFTEN.format(tries=rule.most_a_week)
    return ""


def _call(rule: AttemptRule, made: list[Attempt], *, now: datetime, zone: ZoneInfo, best: str, done: Standing) -> Next:
    calls = [each for each in made if each.means in CALLS]
    day = now.date()
    if calls:
        day = max(day, calls[-1].at.date() + timedelta(days=max(1, rule.spacing)))
    while True:
        if is_business_day(day) and not too_often(rule, made, day):
            for part in _parts_by_use(since_reached(calls), best):
                starts = datetime.combine(day, time(max(BEGINS[part], rule.quiet_until)), zone)
                ends = _end_of(rule, part, day, zone)
                if ends > starts and ends > now + timedelta(minutes=15):
                    return Next(Step.CALL, max(starts, now), ends, part, _why_then(rule, calls, done, part, best))
        day += timedelta(days=1)


def _parts_by_use(calls: list[Attempt], best: str) -> list[Part]:
    """Parts of the day in the order to try them: one not used yet before others, the wished one first, never the last."""
    used = [each.part for each in calls]
    last = used[-1] if used else None
    order = (Part.MORNING, Part.EVENING, Part.AFTERNOON)
    return sorted(Part, key=lambda part: (part == last, used.count(part), part != best, order.index(part)))


def _end_of(rule: AttemptRule, part: Part, day: date, zone: ZoneInfo) -> datetime:
    later = [hour for hour in BEGINS.values() if hour > BEGINS[part]]
    return datetime.combine(day, time(min([*later, rule.quiet_from])), zone)


def _why_then(rule: AttemptRule, calls: list[Attempt], done: Standing, part: Part, best: str) -> str:
    number = done.tries + 1
    if not calls:
        return (FIRST_CALL_AS_ASKED if part == best else FIRST_CALL).format(tries=rule.tries)
    return CALL_AGAIN.format(number=number, tries=max(rule.tries, number))


def _daytime(step: Step, now: datetime, zone: ZoneInfo, why: str) -> Next:
    day = business_day_from(now.date())
    ends = datetime.combine(day, time(17), zone)
    if ends <= now:
        day = business_day_from(day + timedelta(days=1))
        ends = datetime.combine(day, time(17), zone)
    return Next(step, max(now, datetime.combine(day, time(9), zone)), ends, "", why)


def may_leave_out_of_ncqa_file(attempts: Iterable[Attempt], *, identified_on: date) -> bool:
    """
    Whether a file may be left out of NCQA's complex case management review because the member could not be reached.

    At least three attempts on different days, within two weeks, in two ways, inside the first thirty days. Remembered,
    not read: a quality reviewer confirms it before it is used.
    """
    last_day = identified_on + timedelta(days=30)
    counted = [each for each in attempts if each.counts and identified_on <= each.at.date() <= last_day]
    if any(each.reached for each in counted):
        return False
    for first in counted:
        stretch = [each for each in counted if timedelta() <= each.at.date() - first.at.date() <= timedelta(days=14)]
        if len({each.at.date() for each in stretch}) >= 3 and len({each.means for each in stretch}) >= 2:
            return True
    return False


@dataclass(frozen=True)
class Tally:
    """Calls and people are different counts, and both are said by name."""

    calls: int
    people_called: int
    people_reached: int


def tally(attempts: Iterable[Attempt]) -> Tally:
    """
    How many calls were made, to how many people, and how many people were reached.

    >>> monday = datetime(2026, 3, 2, 10)
    >>> tally([Attempt(monday, person=1), Attempt(monday, person=1, ended="reached"), Attempt(monday, person=2)])
    Tally(calls=3, people_called=2, people_reached=1)
    """
    calls = [each for each in attempts if each.means in CALLS]
    return Tally(len(calls), len({each.person for each in calls}), len({each.person for each in calls if each.reached}))


REOPENS = {
    "hospital": "In a hospital or an emergency department",
    "called_us": "They called or wrote to us",
    "referral": "Somebody referred them again",
    "new_number": "A number or an address that works was found",
}
"""What opens the question again after we could not reach somebody. Not being reached is not a no."""
