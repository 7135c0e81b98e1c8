"""Pictures of numbers say what the numbers say."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.plumbing.charts import Lane, Line, Part, Point, Series, Span
from carewright.web import charts, months, timelines
from carewright.web.drawing import element

points = st.lists(st.integers(-30, 40), min_size=1, max_size=8)


def numbers(svg: str, attribute: str, kind: str) -> list[float]:
    """The values of one attribute of the colored bars."""
    return [float(x) for x in re.findall(rf'<rect class="k {kind}"[^>]*? {attribute}="([-\d.]+)"', svg)]


@given(points)
def test_each_part_of_a_score_starts_where_the_one_before_ended(parts):
    svg = str(charts.waterfall([Part(f"p{at}", n) for at, n in enumerate(parts)], sum(parts)))
    bars = [tuple(map(float, bar)) for bar in re.findall(r'class="k (?:low|bad)" x="([\d.]+)" width="([\d.]+)"', svg)]
    edges, at = [0], 0
    for part in parts:
        at += part
        edges.append(at)
    low, scale = min(edges), (max(edges) - min(edges)) or 1
    for part, before, after, (x, width) in zip(parts, edges, edges[1:], bars, strict=False):
        assert x == pytest.approx((min(before, after) - low) / scale * 100, abs=0.06)
        assert width == pytest.approx(abs(part) / scale * 100, abs=0.06)


@given(points, st.integers(1, 5))
def test_a_score_whose_parts_do_not_add_up_is_not_drawn(parts, off):
    with pytest.raises(ValueError, match="add up to"):
        charts.waterfall([Part("p", n) for n in parts], sum(parts) + off)


def test_decimals_add_up_to_the_digits_shown():
    svg = str(charts.waterfall([Part("a", Decimal("0.302")), Part("b", 0.331)], Decimal("0.633"), digits=3))
    assert "+0.302" in svg and "0.633" in svg


def test_what_is_put_in_is_escaped_everywhere():
    evil = '<script>"&'
    pictures = [
        charts.waterfall([Part(evil, 1, note=evil)], 1, label=evil),
        charts.sparkline([1, 2], label=evil),
        months.bars([Point(evil, 1, text=evil)], label=evil),
        months.stacks([evil], [Series(evil, [1])], label=evil),
        timelines.lanes([Lane(evil, [Span(date(2026, 1, 5), label=evil, href="#")])], date(2026, 1, 1), date(2026, 2, 1), label=evil),
        timelines.curve([Line(evil, [(0, 0), (1, 1)])], label=evil, x_label=evil),
        element("p", evil, title=evil),
    ]  # fmt: skip
    for picture in pictures:
        assert "<script" not in picture
        assert "&lt;script&gt;" in picture


def test_a_month_that_leads_somewhere_leads_there_from_the_column_and_from_the_table():
    drawn = str(months.stacks(["Jan", "Feb"], [Series("a", [3, 4])], label="Paid", money=True, hrefs=["/jan", ""]))
    assert drawn.count('href="/jan"') == 2
    assert 'aria-label="Jan: $3"' in drawn
    assert 'role="group"' in drawn, "an image would hide its links from a screen reader"
    assert "href" not in str(months.stacks(["Jan"], [Series("a", [3])], label="Paid"))


def test_no_picture_carries_an_inline_style():
    svg = months.stacks(["Jan"], [Series("a", [3])], label="Paid") + charts.risk(71) + charts.meter(3, 5)
    assert "style=" not in svg


def test_an_unknown_month_is_said_and_not_drawn_as_zero():
    svg = str(months.bars([Point("Jan", 40), Point("Feb", None)], label="Complete", unit="%"))
    assert 'class="unk"' in svg
    assert "unknown" in svg
    assert len(re.findall(r'class="k ', svg)) == 1


def test_the_numbers_stand_in_a_table_too():
    svg = str(months.stacks(["Jan", "Feb"], [Series("Stays", [1, 2]), Series("Other", [10, None])], label="Paid"))
    table = svg[svg.index("<table") :]
    for cell in ("Jan", "Feb", "Stays", "Other", "11"):
        assert f">{cell}<" in table


def test_columns_and_values_must_match():
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        months.stacks(["Jan"], [Series("a", [1, 2])], label="Paid")


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=24))
def test_a_stack_never_leaves_its_picture(values):
    svg = str(months.stacks([str(at) for at in range(len(values))], [Series("a", values)], label="Paid", height=200))
    tops = [float(y) for y in re.findall(r'class="k brand"[^>]* y="([-\d.]+)"', svg)]
    assert all(0 <= top <= 200 for top in tops)


def test_a_stay_that_goes_on_reaches_the_edge():
    day = date(2026, 6, 1)
    ended = str(
        timelines.lanes(
            [Lane("Hospital", [Span(day, date(2026, 6, 30))])], date(2026, 1, 1), date(2026, 12, 31), label="x"
        )
    )
    going_on = str(
        timelines.lanes([Lane("Hospital", [Span(day, still=True)])], date(2026, 1, 1), date(2026, 12, 31), label="x")
    )
    assert numbers(going_on, "width", "brand")[0] > numbers(ended, "width", "brand")[0]
    assert "since Jun 1, 2026" in going_on


def test_a_kind_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="knows the kinds"):
        months.bars([Point("Jan", 1, kind="purple")], label="x")


def test_a_person_without_a_score_is_not_at_zero():
    assert "Not scored" in charts.risk(None)


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=5, max_size=5))
def test_a_bar_of_shares_is_as_long_as_its_parts_together(people):
    svg = str(charts.shares(people))
    widths = [float(found) for found in re.findall(r'class="share \w+" x="[\d.]+" width="([\d.]+)"', svg)]
    assert len(widths) == sum(1 for each in people if each)
    assert not any(people) or abs(sum(widths) - 100) < 0.5


def test_each_part_of_a_bar_of_shares_has_the_color_beside_its_name():
    for at, kind in enumerate(charts.SHARE_KINDS):
        assert f"share {kind}" in str(charts.swatch(at))
        assert f"share {kind}" in str(charts.shares([0] * at + [1]))
