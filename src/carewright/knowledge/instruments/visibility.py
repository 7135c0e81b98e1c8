"""
Which questions are asked, given what was answered so far.

A question whose condition does not hold is not asked, and an answer it once had counts for nothing: neither in a score
nor as a reason to ask something else.
"""

from collections.abc import Mapping

from carewright.knowledge.instruments.answers import DECLINED, Value
from carewright.knowledge.instruments.questionnaire import Condition, Instrument, Item


def visible(instrument: Instrument, answers: Mapping[str, Value]) -> frozenset[str]:
    """The link ids of everything that is shown: questions, groups and headings."""
    return frozenset(_Sight(instrument, answers).shown())


def counted(instrument: Instrument, answers: Mapping[str, Value]) -> dict[str, Value]:
    """The answers that count: those of questions that are asked."""
    shown = visible(instrument, answers)
    return {link: value for link, value in answers.items() if link in shown}


class _Sight:
    """One look at one set of answers. Each item is decided once; circles are refused when an instrument is read."""

    def __init__(self, instrument: Instrument, answers: Mapping[str, Value]) -> None:
        self.instrument, self.answers = instrument, answers
        self.known: dict[str, bool] = {}

    def shown(self) -> list[str]:
        return [item.link_id for item in self.instrument.walk() if self.sees(item)]

    def sees(self, item: Item) -> bool:
        if item.link_id not in self.known:
            above = self.instrument.above.get(item.link_id)
            self.known[item.link_id] = (above is None or self.sees(above)) and self._is_enabled(item)
        return self.known[item.link_id]

    def _is_enabled(self, item: Item) -> bool:
        if not item.enable_when:
            return True
        held = (self._holds(condition) for condition in item.enable_when)
        return any(held) if item.enable_any else all(held)

    def _holds(self, condition: Condition) -> bool:
        asked = self.instrument.by_link[condition.link_id]
        given = self.answers.get(condition.link_id) if self.sees(asked) else None
        has_answer = given is not None and given is not DECLINED and given != ()
        if condition.operator == "exists":
            return has_answer is bool(condition.value)
        if not has_answer:
            return False
        values = given if isinstance(given, tuple) else (given,)
        return any(_compare(value, condition) for value in values)


def _compare(value: object, condition: Condition) -> bool:
    wanted = condition.value
    match condition.operator:
        case "=":
            return value == wanted
        case "!=":
            return value != wanted
    if isinstance(value, str) != isinstance(wanted, str) or isinstance(value, bool):
        return False
    match condition.operator:
        case ">":
            return value > wanted  # type: ignore[operator]
        case "<":
            return value < wanted  # type: ignore[operator]
        case ">=":
            return value >= wanted  # type: ignore[operator]
    return value <= wanted  # type: ignore[operator]
