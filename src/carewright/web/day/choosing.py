"""Which lines of the day a chip or a number leads to, and in which order they stand."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from carewright.web.day.worklist import Line

CHIPS = {
    "": _("All"),
    "alarms": _("Alarms"),
    "calls": _("Calls"),
    "assessments": _("Assessments"),
    "results": _("Results"),
    "messages": _("Messages"),
    "renewals": _("Consents and plans"),
    "rest": _("Other work"),
}
"""The chips over the list, in order; each leads to the lines of one group."""

NUMBERS: dict[str, Callable[[Line], bool]] = {
    "clocks": lambda line: line.ends_today,
    "overdue": lambda line: line.is_overdue,
    "calls": lambda line: line.group == "calls",
    "results_messages": lambda line: line.group in ("results", "messages"),
}
"""What the key figures count, by the name in the address."""

ORDERS = {"": _("By rank"), "time": _("By time")}


def chosen(lines: list[Line], show: str) -> list[Line]:
    """The lines that a chip or a number names; all of them for a name nobody knows."""
    if show in NUMBERS:
        return [line for line in lines if NUMBERS[show](line)]
    return [line for line in lines if line.group == show] if show in CHIPS and show else lines


def counts(lines: list[Line]) -> dict[str, int]:
    """How many lines each chip and each number leads to."""
    return {name: len(chosen(lines, name)) for name in (*CHIPS, *NUMBERS)}


def in_order(lines: list[Line], order: str) -> list[Line]:
    """By rank as they come, or by the moment they are due."""
    return sorted(lines, key=lambda line: (line.due_at, -line.rank)) if order == "time" else lines
