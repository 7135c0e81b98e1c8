"""
Pictures of numbers, drawn on the server as SVG: they print, they need no script, and every one can be read as words.

In a template (nothing to load; the data are the small values of `carewright.plumbing.charts`):

    {% bar value of=100 level=3 %}                              a thin bar; level 1 calm, 2 middling, 3 high, 0 brand
    {% shares [10, 5, 2] %}                                     one bar cut into parts, each as long as its share
    {% swatch 0 %}                                              the color of its first part, beside the name
    {% risk score band %}                                       number and bar; band "high", "rising", "steady" (or 3/2/1)
    {% sparkline values label="ED visits" %}                    a tiny line; values oldest first
    {% meter done of part=0 label="" %}                         steps done, of how many
    {% month_bars points label="Completeness" unit="%" %}       one bar per month; points: list of Point
    {% month_stacks labels series label="Paid" money=True %}    stacked columns; series: list of Series, first at the bottom
    {% lanes lanes from_on until_on label="Two years" %}        spans and marks on a time axis; lanes: list of Lane
    {% waterfall parts total label="Score" digits=0 %}          a score that is a sum; parts: list of Part; total is checked
    {% curve lines label="…" x_label="" y_label="" %}           lines over a share of people; lines: list of Line

A `kind` chooses the color by its meaning: "bad", "mid", "low", "brand", "alt", "info", "note" or "" (brand).
Every chart but the smallest carries its numbers as a table that opens under it. The drawing of the larger ones is in
`months` and `timelines`.
"""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from carewright.plumbing.charts import Number, Part
from carewright.web.drawing import element, together

KINDS = ("bad", "mid", "low", "brand", "alt", "info", "note")


def color(kind: str) -> str:
    """The class that a kind becomes; a kind nobody knows is a bug and raises ValueError."""
    if kind and kind not in KINDS:
        raise ValueError(f"A chart knows the kinds {', '.join(KINDS)}, not {kind!r}.")
    return kind or "brand"


def short(value: Number | None, *, unit: str = "", money: bool = False) -> str:
    """
    A number as it stands beside a bar: thousands as k, millions as M.

    >>> short(84310), short(1250000, money=True), short(94, unit="%"), short(-0.5)
    ('84k', '$1.2M', '94%', '−0.5')
    """
    if value is None:
        return _("unknown")
    number, sign, dollar = abs(float(value)), "−" if value < 0 else "", "$" if money else ""
    if number >= 999_500:
        return f"{sign}{dollar}{number / 1e6:.1f}M{unit}"
    if number >= 10_000:
        return f"{sign}{dollar}{number / 1e3:.0f}k{unit}"
    digits = 0 if money or number >= 100 or number == int(number) else 1
    return f"{sign}{dollar}{number:,.{digits}f}{unit}"


def bar(value: Number | None, *, of: Number = 100, level: int = 0, tall: bool = False) -> SafeString:
    """A bar that is `value` parts of `of` long; it stands beside a number, so it is silent for screen readers."""
    width = 0.0 if not value or not of else max(0.0, min(100.0, float(value) / float(of) * 100))
    classes = ["bar", f"r{level}" if level else "", "tall" if tall else ""]
    return element(
        "svg", element("rect", class_="vt", width=100, height=6), element("rect", class_="vf", width=width, height=6),
        class_=" ".join(filter(None, classes)), viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true",
    )  # fmt: skip


SHARE_KINDS = ("low", "quiet", "unknown", "pale", "out")
"""The colors of a bar's parts, in the order of yes, no, unknown, does not apply, excluded."""


def shares(values: Sequence[Number]) -> SafeString:
    r"""
    One bar cut into parts, each as long as its share of the sum; it stands beside the numbers, silent for screen readers.

    >>> "x=\"25\"" in shares([1, 3])
    True
    """
    whole = sum(values)
    parts, at = [], 0.0
    for value, kind in zip(values, SHARE_KINDS, strict=False):
        width = float(value) / float(whole) * 100 if whole else 0.0
        parts.append(element("rect", class_=f"share {kind}", x=at, width=width, height=6) if value else None)
        at += width
    return element(
        "svg", element("rect", class_="vt", width=100, height=6), *parts,
        class_="bar tall shares", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true",
    )  # fmt: skip


def swatch(at: int) -> SafeString:
    """The color of the part at this place of a bar of shares, to stand beside its name."""
    return element(
        "svg", element("rect", class_=f"share {SHARE_KINDS[at]}", width=10, height=10), class_="swatch",
        viewBox="0 0 10 10", aria_hidden="true",
    )  # fmt: skip


LEVELS = {"high": 3, "rising": 2, "steady": 1, "3": 3, "2": 2, "1": 1}


def risk(score: Number | None, band: str | int = "") -> SafeString:
    """A score out of 100 with its bar; someone without a score is said to be unscored, never zero."""
    if score is None:
        return element("span", element("small", _("Not scored")), class_="risk")
    level = LEVELS.get(str(band)) or (3 if score >= 70 else 2 if score >= 50 else 1)
    return element("span", element("b", f"{score:.0f}"), bar(score, level=level), class_="risk")


def meter(done: int, of: int, *, part: int = 0, label: str = "") -> SafeString:
    """So many steps done of so many; `part` further ones are begun."""
    steps = ("on" if at < done else "part" if at < done + part else None for at in range(of))
    said = label or _("%(done)s of %(of)s complete") % {"done": done, "of": of}
    return element("span", *(element("i", class_=step) for step in steps), class_="meter", role="img", aria_label=said)


def sparkline(values: Sequence[Number | None], *, label: str = "", width: int = 90) -> SafeString:
    """A small line of a few values, oldest first; the values are read out."""
    known = [float(value) for value in values if value is not None]
    if len(known) < 2:
        return element("small", _("too few to draw"), class_="muted")
    low, high = min(known), max(known)
    step = (width - 8) / (len(known) - 1)
    points = [(3 + at * step, 17 - (value - low) / ((high - low) or 1) * 13) for at, value in enumerate(known)]
    return element(
        "svg",
        element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_="ln spark"),
        element("circle", cx=points[-1][0], cy=points[-1][1], r=2.4, class_="k brand"),
        class_="sp", width=width, height=20, viewBox=f"0 0 {width} 20", role="img",
        aria_label=f"{label or _('Trend')}: {', '.join(f'{value:g}' for value in known)}",
    )  # fmt: skip


def waterfall(
    parts: Sequence[Part], total: Number, *, label: str = "", digits: int = 0, tall: bool = False
) -> SafeString:
    """
    Each part of a score as a bar that starts where the one before ended; the last line is their sum.

    The parts must add up to the total: a picture that does not is refused with ValueError, not drawn.
    """
    points = [Decimal(str(part.points)) for part in parts]
    if abs(sum(points, Decimal(0)) - Decimal(str(total))) > Decimal(1).scaleb(-digits) / 2 + Decimal("1e-9"):
        raise ValueError(f"The parts of {label or 'the score'} add up to {sum(points, Decimal(0))}, not to {total}.")
    edges = [sum(points[:at], Decimal(0)) for at in range(len(points) + 1)]
    low, scale = min(edges), float(max(edges) - min(edges)) or 1.0
    rows = []
    for part, size, before, after in zip(parts, points, edges, edges[1:], strict=False):
        left, width = float(min(before, after) - low) / scale * 100, float(abs(size)) / scale * 100
        rows.append(
            element(
                "li",
                element("span", element("a", part.label, href=part.href) if part.href else part.label, _note(part)),
                element(
                    "svg",
                    element("rect", class_="vt", width=100, height=9),
                    element("rect", class_="k low" if size < 0 else "k bad", x=left, width=width, height=9),
                    class_="t",
                    viewBox="0 0 100 9",
                    preserveAspectRatio="none",
                    aria_hidden="true",
                ),
                element("b", f"{'−' if size < 0 else '+'}{abs(size):.{digits}f}"),
            )
        )
    last = element(
        "li",
        element("span", label or _("Score")),
        element("i"),
        element("b", f"{Decimal(str(total)):.{digits}f}"),
        class_="sum",
    )
    return element("ul", together(rows), last, class_="wf tall" if tall else "wf", aria_label=label or None)


def _note(part: Part) -> SafeString | None:
    return element("small", part.note) if part.note else None
