"""Every step of the warehouse could run on Spark tomorrow: it transpiles, and it uses only functions that mean the same."""

import re

import pytest
import sqlglot
from sqlglot import exp

from carewright.warehouse.step import all_steps
from tests.warehouse.portable import PORTABLE

STEPS = all_steps()
DATES = re.compile(r"(_on|_date|\bday|\bmonth|\bas_of)$")


@pytest.fixture(params=sorted(STEPS))
def step(request):
    return STEPS[request.param]


def test_a_step_transpiles_to_spark(step):
    [statement] = sqlglot.transpile(step.sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    assert sqlglot.parse_one(statement, read="spark")


def test_a_step_uses_only_portable_functions(step):
    used = {
        (node.name if isinstance(node, exp.Anonymous) else type(node).__name__)
        for node in step.statement.find_all(exp.Func)
    }
    assert used <= PORTABLE, f"{step.table} uses {', '.join(sorted(used - PORTABLE))}: not on the list in portable.py"


def test_days_are_counted_in_days(step):
    for node in step.statement.find_all(exp.DateDiff):
        unit = node.args.get("unit")
        assert unit is not None and unit.name.lower() == "day", f"{step.table}: date_diff in {unit} differs on Spark"


def test_dates_are_never_subtracted_from_each_other(step):
    for node in step.statement.find_all(exp.Sub):
        sides = [side for side in (node.left, node.right) if isinstance(side, exp.Column) and DATES.search(side.name)]
        assert len(sides) < 2, f"{step.table}: {node.sql()} is a number here and an interval on Spark"


def test_text_is_put_together_in_a_given_order(step):
    for node in step.statement.find_all(exp.GroupConcat):
        assert node.find(exp.Order), f"{step.table}: {node.sql('duckdb')} has no order by"


def test_a_step_never_reads_the_clock(step):
    clocks = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime)
    assert not list(step.statement.find_all(*clocks)), (
        f"{step.table} reads the clock; knowledge.run says what day it is"
    )


def test_a_step_says_what_one_row_is_and_what_each_column_means(step):
    assert step.sentence and step.grain
    told = STEPS[step.told_as].columns if step.told_as else step.columns
    made = [expression.alias_or_name for expression in step.statement.selects]
    if "*" not in made:
        assert set(made) == set(told) if not step.told_as else set(made) <= set(told), (
            f"{step.table}: undocumented {set(made) - set(told)}, documented but not there {set(told) - set(made)}"
        )
    assert set(step.grain) <= set(told)


def test_a_step_is_no_longer_than_a_reader_can_hold(step):
    assert len(step.sql.splitlines()) <= 500
