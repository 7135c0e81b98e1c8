"""Columns by month: single bars with their numbers, and stacks made of parts. Values: see `plumbing.charts`."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from carewright.plumbing.charts import Number, Point, Series
from carewright.web import drawing
from carewright.web.charts import color, short
from carewright.web.drawing import element, rule, text, together


def top_of(values: Sequence[float]) -> float:
    """
    A round number at or above the largest value, for the top of an axis.

    >>> top_of([3, 84310]), top_of([0.4])
    (100000.0, 1.0)
    """
    largest = max([*values, 1.0])
    size = 10.0 ** (len(str(int(largest))) - 1)
    return next(size * step for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * step >= largest)


def bars(
    points: Sequence[Point], *, label: str, unit: str = "", money: bool = False, top: Number | None = None,
    height: int = 150, width: int = 420,
) -> SafeString:  # fmt: skip
    """One bar for each month, its number above it; an unknown month has an empty, dashed place and says so."""
    if not points:
        return element("p", _("Nothing to draw yet."), class_="muted")
    full = float(top) if top else top_of([float(point.value) for point in points if point.value is not None])
    place = (width - 8) / len(points)
    thick, floor, ceiling = min(34.0, place * 0.66), height - 20, 18
    every = max(1, -(-len(points) * 44 // width))
    drawn: list[SafeString] = []
    said = []
    for at, point in enumerate(points):
        middle = 4 + place * (at + 0.5)
        words = point.text or short(point.value, unit=unit, money=money)
        said.append((point.label, words))
        known = point.value is not None
        tall = max(1.5, min(1.0, float(point.value) / full) * (floor - ceiling)) if known and point.value else 0.0
        tall = tall if known else 26.0
        column = element(
            "rect", class_=f"k {color(point.kind)}" if known else "unk", x=middle - thick / 2, y=floor - tall,
            width=thick, height=tall, rx=3,
        )  # fmt: skip
        above = text(words, middle, floor - tall - 5) if place >= 26 else None
        inside = (element("title", f"{point.label}: {words}"), column, above)
        drawn.append(
            element("a", *inside, href=point.href, aria_label=f"{point.label}: {words}")
            if point.href
            else element("g", *inside)
        )
        if at % every == 0:
            drawn.append(text(point.label, middle, height - 5))
    drawn.append(rule(0, width, floor, floor))
    svg = drawing.picture(
        width, height, *drawn, label=f"{label}: " + "; ".join(map(" ".join, said)),
        holds_links=any(point.href for point in points),
    )  # fmt: skip
    return drawing.figure(svg, drawing.table(label, [_("Month"), label], said), label=label)


def stacks(
    labels: Sequence[str], series: Sequence[Series], *, label: str, unit: str = "", money: bool = False,
    height: int = 210, width: int = 640, partial: Sequence[int] = (), hrefs: Sequence[str] = (),
) -> SafeString:  # fmt: skip
    """
    Columns made of parts, one column a month; the parts are named in a legend, the sums stand in the table.

    `hrefs` says where each column leads, from the picture and from the table; an empty one leads nowhere.

    Columns in `partial` (places, from 0) are not whole yet: they are drawn lighter, and the table says so.
    """
    if not labels or not series:
        return element("p", _("Nothing to draw yet."), class_="muted")
    for one in series:
        if len(one.values) != len(labels):
            raise ValueError(f"{one.name!r} has {len(one.values)} values for {len(labels)} columns.")

    def say(value: Number | None) -> str:
        return short(value, unit=unit, money=money)

    sums = [sum(float(one.values[at] or 0) for one in series) for at in range(len(labels))]
    full, left, floor, ceiling = top_of(sums), 48, height - 22, 10
    place = (width - left - 4) / len(labels)
    thick = min(30.0, place * 0.7)
    drawn: list[SafeString] = []
    for share in (0.0, 0.5, 1.0):
        y = floor - (floor - ceiling) * share
        drawn += [rule(left, width, y, y), text(say(full * share), left - 6, y + 4, at="end")]
    names = [_("%s, partial") % name if at in partial else name for at, name in enumerate(labels)]
    every = max(1, -(-len(labels) * 44 // (width - left)))
    for at, name in enumerate(labels):
        x, y = left + place * at + (place - thick) / 2, float(floor)
        column: list[SafeString] = []
        for one in series:
            tall = float(one.values[at] or 0) / full * (floor - ceiling)
            if tall <= 0:
                continue
            y -= tall
            title = element("title", f"{names[at]} · {one.name}: {say(one.values[at])}")
            column.append(
                element(
                    "rect",
                    title,
                    class_=f"k {color(one.kind)}",
                    x=x,
                    y=y,
                    width=thick,
                    height=max(tall - 0.6, 0.6),
                    fill_opacity="0.45" if at in partial else None,
                )
            )
        href = hrefs[at] if hrefs else ""
        words = f"{names[at]}: {say(sums[at])}"
        drawn += [element("a", *column, href=href, aria_label=words)] if href and column else column
        if at % every == 0:
            drawn.append(text(name, x + thick / 2, height - 6))
    highest = max(range(len(sums)), key=sums.__getitem__)
    said = _("%(label)s: %(n)s months, most in %(when)s (%(value)s)") % {
        "label": label, "n": len(labels), "when": labels[highest], "value": say(sums[highest]),
    }  # fmt: skip
    rows = [
        (_led(names[at], hrefs[at] if hrefs else ""), *(say(one.values[at]) for one in series), say(sums[at]))
        for at, name in enumerate(labels)
    ]
    heads = [_("Month"), *(one.name for one in series), _("Together")]
    return drawing.figure(
        drawing.picture(width, height, together(drawn), label=said, holds_links=any(hrefs)),
        drawing.table(label, heads, rows),
        label=label,
        legend=drawing.legend((one.name, color(one.kind)) for one in series),
    )


def _led(words: str, href: str) -> str:
    """The name of a row, which leads somewhere if wished."""
    return element("a", words, href=href, class_="link") if href else words
