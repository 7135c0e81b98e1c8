"""
What answers add up to, what they mean, and what may not wait.

A total exists only when every question it needs is answered: silence is never zero. A danger does not wait for the total:
it is raised from the one answer that shows it. Needs say positive, negative, declined or not asked, each with the answers
that show it; codes beside them are suggestions that a person qualified to code confirms one by one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import prod

from carewright.kernel.errors import CannotDo
from carewright.knowledge.instruments.answers import DECLINED, Value, read
from carewright.knowledge.instruments.questionnaire import Instrument, Number
from carewright.knowledge.instruments.rules import AlertRule, NeedRule, ScoreRule, When, leaves, links_in
from carewright.knowledge.instruments.visibility import visible


@dataclass(frozen=True)
class NeedFound:
    """One need as the answers leave it. `shown_by` are the questions whose answers decided it."""

    code: str
    result: str
    shown_by: tuple[str, ...] = ()
    z_codes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class SafetyAlert:
    """Something that may not wait, with what to do at once."""

    code: str
    title: str
    severity: str
    due: str
    steps: tuple[str, ...]
    shown_by: tuple[str, ...]
    is_concealed: bool
    is_of_score: bool = False
    """Whether a score raises it, and no answer does by itself."""


@dataclass(frozen=True)
class Score:
    """Everything the answers to one instrument come to."""

    instrument: str
    version: str
    complete: bool
    scores: dict[str, Number | None]
    band: str | None
    positive: bool | None
    needs: tuple[NeedFound, ...]
    safety: tuple[SafetyAlert, ...]
    incomplete_because: str = ""
    unanswered: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()


@dataclass
class _Facts:
    """What conditions look at."""

    instrument: Instrument
    answers: dict[str, Value]
    shown: frozenset[str]
    sex: str | None
    age: int | None
    facts: Collection[str]
    previous: Mapping[str, Number | None]
    scores: dict[str, Number | None] = field(default_factory=dict)
    partial: dict[str, Number] = field(default_factory=dict)


def score(
    instrument: str | Instrument,
    answers: Mapping[str, object],
    *,
    sex: str | None = None,
    age: int | None = None,
    on: date | None = None,
    facts: Collection[str] = (),
    previous: Mapping[str, Number | None] | None = None,
) -> Score:
    """
    Score one instrument.

    `on` chooses the codes that were in force that day (without it, today's table). `facts` are what else is known, such as
    `powered-equipment-or-insulin`. `previous` holds the scores of last time, so that a loss of function is seen.
    """
    if isinstance(instrument, str):
        from carewright.knowledge.instruments.shelf import get

        instrument = get(instrument)
    refuse_a_child(instrument, age)
    known = _facts(instrument, read(instrument, answers), sex, age, facts, previous or {})
    rules = instrument.rules
    for rule in rules.scores:
        known.scores[rule.code], known.partial[rule.code] = _number(rule, known)
    needed = _needed(known)
    unanswered = tuple(link for link in needed if link not in known.answers)
    declined = tuple(link for link in needed if known.answers.get(link) is DECLINED)
    needs, opens = _needs(known, on)
    return Score(
        instrument=instrument.code,
        version=instrument.version,
        complete=not (unanswered or declined),
        scores=known.scores,
        band=_band(known),
        positive=holds(rules.positive, known) if rules.positive else None,
        needs=needs,
        safety=tuple(_alert(rule, known) for rule in rules.alerts if holds(rule.when, known)),
        incomplete_because=_because(known, unanswered, declined),
        unanswered=(*unanswered, *declined),
        caveats=tuple(words for when, words in rules.caveats if holds(when, known)),
        opens=opens,
    )


def refuse_a_child(instrument: Instrument, age: int | None) -> None:
    """An instrument made for adults is not asked of, nor scored for, a child."""
    if age is not None and instrument.adult_from is not None and age < instrument.adult_from:
        raise CannotDo(
            f"{instrument.title} is made for people of {instrument.adult_from} and older; this person is {age}. "
            "It is neither asked nor scored."
        )


NOT_SCORED = "Answers for a clinician to read, not scored at this age"
NOT_SCORED_STEPS = ("A clinician reads the answers one by one: what they add up to is known for adults only.",)


def unscored(scored: Score, because: str) -> Score:
    """
    What answers tell of somebody their instrument was not made for: the dangers, and no score, band or need.

    What an answer shows is a danger at any age. Where only a score would raise it, a clinician reads the answers by the
    day it would have been due, and no range is named.
    """
    return replace(
        scored,
        scores=dict.fromkeys(scored.scores),
        band=None,
        positive=None,
        needs=(),
        safety=tuple(
            replace(alert, title=NOT_SCORED, steps=NOT_SCORED_STEPS) if alert.is_of_score else alert
            for alert in scored.safety
        ),
        incomplete_because=because,
        caveats=(),
        opens=(),
    )


def carried_over(given: Mapping[str, Mapping[str, Value]], into: Instrument) -> dict[str, Value]:
    """The answers another instrument already has for this one's questions, so that nobody is asked twice."""
    from carewright.knowledge.instruments.shelf import shipped

    found: dict[str, Value] = {}
    for code, answers in given.items():
        source = shipped().get(code)
        for target, links in source.rules.carries if source else ():
            if target == into.code:
                found |= {link: answers[link] for link in links if link in answers}
    return found


def facts_shown(instrument: Instrument, answers: Mapping[str, Value]) -> frozenset[str]:
    """What the answers to one instrument tell another one, such as that equipment at home needs power."""
    if not instrument.rules.facts:
        return frozenset()
    known = _facts(instrument, read(instrument, answers), None, None, (), {})
    return frozenset(fact for fact, when in instrument.rules.facts if holds(when, known))


def holds(when: When | None, known: _Facts) -> bool | None:
    """Whether a condition holds: yes, no, or None while an answer it needs is missing."""
    if when is None:
        return None
    if "all" in when:
        parts = [holds(part, known) for part in when["all"]]
        return False if False in parts else None if None in parts else True
    if "any" in when:
        parts = [holds(part, known) for part in when["any"]]
        return True if True in parts else None if None in parts else False
    if "not" in when:
        inner = holds(when["not"], known)
        return None if inner is None else not inner
    return _leaf(when, known)


def _leaf(when: When, known: _Facts) -> bool | None:
    if "score" in when:
        return _in_range(when, known.scores[when["score"]])
    if "partial" in when:
        if known.partial[when["partial"]] >= when["least"]:
            return True
        return None if known.scores[when["partial"]] is None else False
    if "answer" in when:
        return _answer(when, known)
    if "drop" in when:
        now, before = known.scores[when["drop"]], known.previous.get(when["drop"])
        return None if now is None else before is not None and before - now >= when["least"]
    if "sex" in when:
        return known.sex == when["sex"]
    if "age_from" in when:
        return known.age is not None and known.age >= when["age_from"]
    if "age_to" in when:
        return known.age is not None and known.age <= when["age_to"]
    return when["fact"] in known.facts


def _answer(when: When, known: _Facts) -> bool | None:
    link = when["answer"]
    if link not in known.shown:
        return False
    given = known.answers.get(link)
    if given is None or given is DECLINED:
        return None
    values = given if isinstance(given, tuple) else (given,)
    if "is" in when:
        return any(value in when["is"] for value in values)
    if "points" in when:
        points = [_points(known.instrument, link, value) for value in values]
        return any(found is not None and found >= when["points"] for found in points)
    return any(isinstance(value, int | float) and _in_range(when, value) for value in values)


def _in_range(when: When, found: Number | None) -> bool | None:
    if found is None:
        return None
    return (
        found >= when.get("least", found) and found <= when.get("most", found) and found < when.get("under", found + 1)
    )


def _facts(instrument, answers, sex, age, facts, previous) -> _Facts:
    for link, code in instrument.rules.exclusive:
        given = answers.get(link)
        if isinstance(given, tuple) and code in given:
            answers[link] = (code,)
    for link, given in list(answers.items()):
        if not isinstance(given, tuple) and given in instrument.rules.decline_codes:
            answers[link] = DECLINED
    shown = visible(instrument, answers)
    counted = {link: value for link, value in answers.items() if link in shown}
    return _Facts(instrument, counted, shown, sex.lower() if sex else None, age, facts, previous)


def _number(rule: ScoreRule, known: _Facts) -> tuple[Number | None, Number]:
    """The score, or None while an answer is missing; and what is already answered, added up."""
    asked = [link for link in rule.items if link in known.shown]
    points = [_points(known.instrument, link, known.answers.get(link)) for link in asked]
    there = [found for found in points if found is not None]
    too_young = rule.adult_from is not None and known.age is not None and known.age < rule.adult_from
    if not asked or len(there) < len(points) or too_young:
        return None, sum(there) if rule.method == "sum" and not too_young else 0
    total = prod(there) if rule.method == "product" else sum(there)
    return (min(total, rule.cap) if rule.cap is not None else total), total


def _points(instrument: Instrument, link: str, value: object) -> Number | None:
    if isinstance(value, bool) or value is None or value is DECLINED:
        return None
    if isinstance(value, int | float):
        return value
    option = instrument.by_link[link].by_code.get(str(value))
    return option.points if option else None


def _needed(known: _Facts) -> tuple[str, ...]:
    """The questions that must be answered before the instrument is complete: required, scored, or looked at for a need."""
    rules = known.instrument.rules
    looked_at = {link for rule in rules.needs for link in links_in(rule.when, rules)}
    looked_at |= {link for rule in rules.scores for link in rule.items}
    return tuple(
        item.link_id
        for item in known.instrument.walk()
        if item.is_question and item.link_id in known.shown and (item.required or item.link_id in looked_at)
    )


def _band(known: _Facts) -> str | None:
    if not known.instrument.rules.bands:
        return None
    total = known.scores[known.instrument.rules.scores[0].code]
    if total is None:
        return None
    return next((band.code for band in known.instrument.rules.bands if band.least <= total <= band.most), None)


def _needs(known: _Facts, on: date | None) -> tuple[tuple[NeedFound, ...], tuple[str, ...]]:
    found: dict[str, list[tuple[NeedRule, bool | None]]] = {}
    for rule in known.instrument.rules.needs:
        found.setdefault(rule.need, []).append((rule, holds(rule.when, known)))
    needs = tuple(_fold(code, judged, known, on) for code, judged in found.items())
    opens = dict.fromkeys(rule.opens for judged in found.values() for rule, held in judged if held and rule.opens)
    return needs, tuple(opens)


def _fold(code: str, judged: list[tuple[NeedRule, bool | None]], known: _Facts, on: date | None) -> NeedFound:
    """Several rules may show one need: any yes is a yes; otherwise a missing answer leaves it open."""
    rules = known.instrument.rules
    met = [rule for rule, held in judged if held]
    if met:
        z_codes = dict.fromkeys(z for rule in met for z in _codes_in_force(rule, on))
        shown = tuple(dict.fromkeys(link for rule in met for link in _shows(rule.when, known)))
        return NeedFound(code, "positive", shown, tuple(z_codes), tuple(rule.remark for rule in met if rule.remark))
    links = tuple(dict.fromkeys(link for rule, _held in judged for link in links_in(rule.when, rules)))
    if any(held is None for _rule, held in judged):
        declined = any(known.answers.get(link) is DECLINED for link in links)
        return NeedFound(code, "declined" if declined else "not-asked")
    asked = tuple(link for link in links if link in known.answers)
    return NeedFound(code, "negative" if asked else "not-asked", asked)


def _codes_in_force(rule: NeedRule, on: date | None) -> tuple[str, ...]:
    for day, codes in rule.z_before:
        if on is not None and on < date.fromisoformat(day):
            return codes
    return rule.z_codes


def _shows(when: When, known: _Facts) -> tuple[str, ...]:
    """The answers that made a condition hold, those that add nothing to a sum left out."""
    found: dict[str, None] = {}
    for leaf in leaves(when):
        if not holds(leaf, known):
            continue
        for link in links_in(leaf, known.instrument.rules):
            points = _points(known.instrument, link, known.answers.get(link))
            if link in known.answers and ("answer" in leaf or "under" in leaf or points or len(found) == 0):
                found[link] = None
    return tuple(found) or tuple(link for link in links_in(when, known.instrument.rules) if link in known.answers)


def _alert(rule: AlertRule, known: _Facts) -> SafetyAlert:
    held = [leaf for leaf in leaves(rule.when) if holds(leaf, known)]
    of_score = any({"score", "partial", "drop"} & leaf.keys() for leaf in held)
    return SafetyAlert(
        rule.code, rule.title, rule.severity, rule.due, rule.steps, _shows(rule.when, known), rule.is_concealed,
        is_of_score=of_score and not any("answer" in leaf for leaf in held),
    )  # fmt: skip


def _because(known: _Facts, unanswered: tuple[str, ...], declined: tuple[str, ...]) -> str:
    young = [rule.code for rule in known.instrument.rules.scores if _is_too_young(rule, known)]
    parts = []
    if unanswered:
        parts.append(
            f"{len(unanswered)} question{'s are' if len(unanswered) > 1 else ' is'} not answered: {', '.join(unanswered)}."
        )
    if declined:
        parts.append(f"Declined: {', '.join(declined)}.")
    if young:
        parts.append(f"Not scored at age {known.age}: {', '.join(young)}.")
    return " ".join(parts)


def _is_too_young(rule: ScoreRule, known: _Facts) -> bool:
    return rule.adult_from is not None and known.age is not None and known.age < rule.adult_from
