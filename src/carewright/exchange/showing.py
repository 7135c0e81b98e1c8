"""
Rows set aside, as far as a reader may see them.

They are other people's rows as they were sent: names, birth dates, diagnoses, of people nobody has placed yet. A role
that works with names and with clinical facts sees them whole. Every other role sees where each row stands and what is
wrong with it, which is enough to have it mended, and no value that says who somebody is. What comes from a source
protected by 42 CFR Part 2 is shown whole to nobody, since there is no consent to show it.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from carewright.access import sensitive
from carewright.exchange.files.checking import DIRECT
from carewright.exchange.files.set_aside import OURS
from carewright.exchange.models import Delivery
from carewright.staff.roles import Role
from carewright.warehouse.layout import layouts

HIDDEN = "•••"
"""What stands in the place of a value that is there and is not shown."""
NOT_SHOWN = "found a value that is not shown here"
SAID = re.compile(r"column (?P<column>.+?): expected (?P<expected>.+?), found '(?P<found>.*?)'\.(?= column |$)", re.S)
"""One thing wrong with a row of a table, as `exchange.files.tables` writes it."""
UNTOLD = "What is wrong cannot be told without its value, which is not shown here."
FHIR_SHOWN = frozenset({"resource_type", "field", "expected"})

Protected = Iterable[tuple[str, str]]


def sees_whole(role: Role | None) -> bool:
    """Whether somebody with this role may see rows as they were sent."""
    return role is not None and role.sees_direct and role.sees_clinical


def as_shown(delivery: Delivery, user) -> Delivery:
    """The delivery with its name, and what stands in the way of reading it, as this person may read them."""
    name = sensitive.file_name_shown(delivery.file_name, delivery.delivery_id, user)
    problem = delivery.problem
    if name != delivery.file_name:
        for written in filter(None, (delivery.path, delivery.file_name)):
            problem = problem.replace(written, name)
    delivery.shown_name, delivery.shown_problem = name, problem
    return delivery


def rows_shown(
    rows: Iterable[list[str]], delivery: Delivery, *, is_whole: bool, protected: Protected = ()
) -> Iterator[list[str]]:
    """The rows of a set-aside file, header first, each as this reader may see it."""
    protected = list(protected)
    npis = {value for kind, value in protected if kind == "npi"}
    if ("feed", delivery.source) in protected:
        is_whole = False
    through = iter(rows)
    header = next(through, None)
    if header is None:
        return
    yield header
    mask = _masks(header, delivery)
    for row in through:
        yield row if is_whole and npis.isdisjoint(row) else mask(row)


def _masks(header: list[str], delivery: Delivery) -> Callable[[list[str]], list[str]]:
    """How one row of this file is shown without what it says about a person."""
    own = len(OURS)
    if delivery.kind == "fhir":
        kept = [name in FHIR_SHOWN for name in header[own:]]

        def of_fhir(row: list[str]) -> list[str]:
            line, problem, mend, *values = row
            said, _, found = problem.partition(", found ")
            shown = [value if keep or not value else HIDDEN for keep, value in zip(kept, values, strict=False)]
            return [line, f"{said}, {NOT_SHOWN}." if found else said, mend, *shown]

        return of_fhir
    shows = _columns_that_say_nobody(delivery)

    def of_table(row: list[str]) -> list[str]:
        line, problem, mend, *values = row
        return [line, _problem(problem, shows), mend, *(HIDDEN if value else "" for value in values)]

    return of_table


def _columns_that_say_nobody(delivery: Delivery) -> frozenset[str]:
    """The columns, by the sender's names and by ours, whose values may stand in a sentence everyone reads."""
    theirs = {column["found"] for column in delivery.columns if column["means"] and column["means"] not in DIRECT}
    shape = layouts().get(delivery.kind)
    ours = {column.name for column in shape.columns} - DIRECT if shape else set()
    hidden = {column["found"] for column in delivery.columns if column["means"] in DIRECT}
    return frozenset((theirs | ours | {"diagnosis_code"}) - hidden)


def _problem(problem: str, shows: frozenset[str]) -> str:
    """What is wrong with a row, without the values of columns that say who somebody is."""
    if not problem.startswith("column "):
        return problem
    if SAID.sub("", problem).strip():
        return UNTOLD  # a value made to look like a sentence of ours
    return SAID.sub(
        lambda said: (
            said[0]
            if said["column"] in shows or not said["found"]
            else f"column {said['column']}: expected {said['expected']}, {NOT_SHOWN}."
        ),
        problem,
    )
