"""Template tags for the pictures of `carewright.web.charts`, where their arguments are listed."""

from django import template

from carewright.web import charts, months, timelines

register = template.Library()


@register.simple_tag
def bar(value, of=100, level=0, tall=False):
    """A thin bar beside a number."""
    return charts.bar(value, of=of, level=level, tall=tall)


@register.simple_tag
def shares(numbers):
    """One bar cut into parts: numbers, or things that say how many `people` they are."""
    return charts.shares([getattr(each, "people", each) for each in numbers])


@register.simple_tag
def swatch(at):
    """The color that part of a bar of shares has, beside its name."""
    return charts.swatch(at)


@register.simple_tag
def risk(score, band=""):
    """A score with its bar."""
    return charts.risk(score, band)


@register.simple_tag
def meter(done, of, part=0, label=""):
    """Steps done, of how many."""
    return charts.meter(done, of, part=part, label=label)


@register.simple_tag
def sparkline(values, label="", width=90):
    """A tiny line."""
    return charts.sparkline(values, label=label, width=width)


@register.simple_tag
def month_bars(points, label, unit="", money=False, top=None, height=150, width=420):
    """One bar per month."""
    return months.bars(points, label=label, unit=unit, money=money, top=top, height=height, width=width)


@register.simple_tag
def month_stacks(labels, series, label, unit="", money=False, height=210, width=640, partial=(), hrefs=()):
    """Stacked columns by month."""
    return months.stacks(
        labels, series, label=label, unit=unit, money=money, height=height, width=width, partial=partial, hrefs=hrefs
    )


@register.simple_tag
def waterfall(parts, total, label="", digits=0, tall=False):
    """A score that is a sum."""
    return charts.waterfall(parts, total, label=label, digits=digits, tall=tall)


@register.simple_tag
def lanes(lanes, from_on, until_on, label, width=860):
    """Spans and marks on a time axis."""
    return timelines.lanes(lanes, from_on, until_on, label=label, width=width)


@register.simple_tag
def curve(lines, label, x_label="", y_label="", width=420, height=230):
    """Lines between 0 and 100 %."""
    return timelines.curve(lines, label=label, x_label=x_label, y_label=y_label, width=width, height=height)
