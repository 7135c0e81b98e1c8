"""Pictures along an axis: spans and marks over time, and curves over a share of people. Values: see `plumbing.charts`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from carewright.plumbing.charts import Lane, Line, Number, Span
from carewright.web import drawing
from carewright.web.charts import color
from carewright.web.drawing import element, rule, text

NAME_WIDTH, LANE, HEAD = 118, 30, 24


def lanes(lanes: Sequence[Lane], from_on: date, until_on: date, *, label: str, width: int = 860) -> SafeString:
    """
    What happened between two days, a lane for each kind of thing: bars for what lasted, dots for single days.

    What began before the first day or lasts beyond the last is cut at the edge; its own dates stand in the table.
    """
    days = (until_on - from_on).days
    if days <= 0:
        raise ValueError("A timeline needs a last day after its first.")
    height = HEAD + LANE * len(lanes)

    def across(day: date) -> float:
        return NAME_WIDTH + (width - NAME_WIDTH - 8) * min(max((day - from_on).days / days, 0.0), 1.0)

    drawn = list(_months(from_on, until_on, across, height))
    rows = []
    for at, lane in enumerate(lanes):
        middle = HEAD + LANE * (at + 0.5)
        drawn += [
            rule(0, width, middle + LANE / 2, middle + LANE / 2),
            text(lane.name, 0, middle + 4, at="start", class_="lb name"),
        ]
        for span in lane.spans:
            drawn.append(_span(span, across, middle, until_on))
            rows.append((lane.name, span.label, said(span)))
    counts = "; ".join(f"{lane.name}: {len(lane.spans)}" for lane in lanes)
    links = any(span.href for lane in lanes for span in lane.spans)
    return drawing.figure(
        drawing.picture(width, height, *drawn, label=f"{label}. {counts}", holds_links=links),
        drawing.table(label, [_("Kind"), _("What"), _("When")], rows),
        label=label,
    )


def _months(from_on: date, until_on: date, across: Callable[[date], float], height: float) -> Iterator[SafeString]:
    """A thin line and a name for months, as many names as there is room for."""
    firsts = []
    month = (from_on.replace(day=1) + timedelta(days=32)).replace(day=1) if from_on.day > 1 else from_on
    while month <= until_on:
        firsts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    every = next((n for n in (1, 2, 3, 6, 12) if len(firsts) / n <= 12), 12)
    shown = [first for first in firsts if (first.month - 1) % every == 0]
    for first in shown:
        x = across(first)
        yield rule(x, x, 18, height)
        yield text(date_format(first, "M Y" if first.month == 1 or first == shown[0] else "M"), x + 2, 12, at="start")


def _span(span: Span, across: Callable[[date], float], middle: float, until_on: date) -> SafeString:
    begin = across(span.starts_on)
    end = across(until_on if span.still else span.ends_on or span.starts_on)
    words = f"{span.label}: {said(span)}"
    title = element("title", words)
    if end - begin < 5:
        shape = element("circle", title, class_=f"k {color(span.kind)}", cx=begin, cy=middle, r=5.5)
    else:
        shape = element(
            "rect", title, class_=f"k {color(span.kind)}", x=begin, y=middle - 6, width=end - begin, height=12, rx=4
        )
    return element("a", shape, href=span.href, aria_label=words) if span.href else shape


def said(span: Span) -> str:
    """
    When it was, in words: one day, or from and to.

    >>> said(Span(date(2026, 3, 6), date(2026, 3, 9)))
    'Mar 6, 2026 – Mar 9, 2026'
    """
    first = _day(span.starts_on)
    if span.still:
        return _("since %s") % first
    return first if span.ends_on in (None, span.starts_on) else f"{first} – {_day(span.ends_on)}"


def _day(day: date) -> str:
    return date_format(day, "M j, Y")


def curve(
    lines: Sequence[Line], *, label: str, x_label: str = "", y_label: str = "", width: int = 420, height: int = 230
) -> SafeString:
    """Lines between 0 and 100 % in both directions: which share of the people holds which share of what is to come."""
    left, floor, ceiling, right = 44, height - 38, 10, width - 12

    def place(x: Number, y: Number) -> tuple[float, float]:
        return left + (right - left) * float(x), floor - (floor - ceiling) * float(y)

    drawn = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = place(share, share)
        drawn += [
            rule(left, right, y, y),
            text(f"{share:.0%}", left - 6, y + 4, at="end"),
            text(f"{share:.0%}", x, floor + 15),
        ]
    for line in lines:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line.points))
        drawn.append(element("polyline", element("title", line.name), class_=f"ln {color(line.kind)}", points=points))
    drawn.append(text(x_label, (left + right) / 2, height - 5))
    rows = [(line.name, f"{float(x):.0%}", f"{float(y):.0%}") for line in lines for x, y in line.points]
    return drawing.figure(
        drawing.picture(width, height, *drawn, label=f"{label}: {x_label}, {y_label}"),
        drawing.table(label, [_("Line"), x_label or "x", y_label or "y"], rows),
        label=label,
        legend=drawing.legend((line.name, color(line.kind)) for line in lines),
    )
