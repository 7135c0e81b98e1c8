"""
The population in numbers. Each number is the length of the list it opens: both ask the same question of the same rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from carewright.access import sensitive
from carewright.knowledge.programs import PROGRAMS
from carewright.population import codes, excluded, labels, queries
from carewright.population.filters import AGES, BANDS, VERDICTS, Filters
from carewright.population.models import ChronicCondition, Eligibility, Run, Worth
from carewright.population.queries import Reader
from carewright.population.wording import translated

SMALL = 11
"""Groups under this size are marked: too few to say anything about the group."""


@dataclass(frozen=True)
class Number:
    """One number of the overview: its words, how many people, and the filters of the list it opens."""

    label: str
    people: int
    chosen: Filters

    @property
    def address(self) -> str:
        """The list's filters, as an address."""
        return self.chosen.address()

    @property
    def is_small(self) -> bool:
        """Whether the group is too small to conclude anything about it."""
        return 0 < self.people < SMALL


@dataclass(frozen=True)
class Block:
    """Numbers that belong together."""

    code: str
    title: str
    numbers: list[Number]
    of: int
    note: str = ""
    table: list[tuple[str, list[Number]]] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The largest number, to draw bars against."""
        return max((number.people for number in self.numbers), default=0)


def blocks(reader: Reader, run: Run) -> tuple[int, list[Block]]:
    """
    Everyone the reader may see, counted by what is worth knowing. Answers the whole and the blocks.

    A run never changes: readers who see everyone, and the same facts, share one counting. Decisions change any moment
    and are asked anew.
    """
    whole, judged, others = _shared(reader, run)
    return whole, [_programs(reader, _with_decisions(reader, run, judged), whole), *others]


Verdicts = dict[tuple[str, str], int]
"""How many people got which verdict of which program."""


def _shared(reader: Reader, run: Run) -> tuple[int, Verdicts, list[Block]]:
    if reader.patients is not None:
        return _of_run(reader, run)
    key = (run.pk, reader.hidden, reader.sees_direct, reader.joined, get_language())
    if key not in _KEPT:
        while len(_KEPT) >= KEPT_COUNTINGS:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = _of_run(reader, run)
    return _KEPT[key]


KEPT_COUNTINGS = 8
_KEPT: dict[tuple, tuple[int, Verdicts, list[Block]]] = {}


def _of_run(reader: Reader, run: Run) -> tuple[int, Verdicts, list[Block]]:
    """What the run alone tells: the whole, its verdicts, and every block but the programs'."""
    counts = _counted(reader, run)
    whole = counts.pop("whole")
    found = [
        _simple("band", _("By band"), counts, whole, BANDS),
        _conditions(reader, run, whole),
        _use(reader, run, counts, whole),
        _ages(counts, whole),
        _free("payer", _("By payer"), counts["payer"], whole, "payer"),
        _free(
            "language",
            _("By language"),
            counts["language"],
            whole,
            "language",
            none=_("Not on file"),
            words=codes.language_said,
        ),
        _free("county", _("By county"), counts["county"], whole, "county", most=12, none=_("Not known")),
    ]
    if reader.sees_direct:
        found.append(_free("zip", _("By ZIP code"), counts["zip_code"], whole, "zip", most=12, none=_("Not on file")))
    return whole, _verdicts(reader, reader.visible(Eligibility.objects.filter(run=run))), found


def _counted(reader: Reader, run: Run) -> dict:
    """All groups in one reading of the rows."""
    rows = queries.people(reader, run, Filters(state="all")).order_by()
    stays, visits = f"{reader.prefix}stays_12", f"{reader.prefix}ed_visits_12"
    inner, params = rows.values(
        f"{reader.prefix}band", "payer", "language", "zip_code", "county", "age", stays, visits
    ).query.sql_with_params()
    sql = f"""
        with seen as materialized ({inner}),
        sorted as (
            select {reader.prefix}band as band, payer, language, zip_code, county,
                case {" ".join(f"when age between {low} and {high} then '{code}'" for code, (low, high) in AGES.items())}
                    else 'none' end as age,
                least({stays}, 4) as stays, least({visits}, 6) as visits
            from seen
        )
        select grouping(band, payer, language, zip_code, county, age, stays, visits) as g,
            coalesce(band, payer, language, zip_code, county, age, stays::text, visits::text) as value, count(*)
        from sorted
        group by grouping sets ((band), (payer), (language), (zip_code), (county), (age), (stays), (visits), ())"""
    names = ("band", "payer", "language", "zip_code", "county", "age", "stays", "visits")
    everything = (1 << len(names)) - 1
    by_bits = {everything ^ (1 << (len(names) - 1 - place)): name for place, name in enumerate(names)}
    found: dict = {name: {} for name in names} | {"whole": 0}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for bits, value, number in cursor.fetchall():
            if bits == everything:
                found["whole"] = number
            else:
                found[by_bits[bits]][value] = number
    return found


def _simple(code: str, title: str, counts: dict, whole: int, words: dict) -> Block:
    numbers = [
        Number(str(label), counts[code].get(value, 0), Filters(**{code: value}, state="all"))
        for value, label in words.items()
    ]
    return Block(code, title, numbers, whole)


def _free(code: str, title: str, counts: dict, whole: int, name: str, *, most: int = 20, none: str = "",
    words: Callable[[str], str] = str,
) -> Block:  # fmt: skip
    """Values as they occur, the largest groups first; those past `most` are summed in the note."""
    ordered = sorted(counts.items(), key=lambda found: (-found[1], found[0]))
    numbers = [
        Number(words(value) or none or _("Not on file"), number, Filters(**{name: value or "none"}, state="all"))
        for value, number in ordered[:most]
    ]
    rest = ordered[most:]
    note = ""
    if rest:
        note = _("%(people)s more people in %(groups)s smaller groups.") % {
            "people": f"{sum(number for _value, number in rest):,}", "groups": f"{len(rest):,}"
        }  # fmt: skip
    return Block(code, title, numbers, whole, note)


def _ages(counts: dict, whole: int) -> Block:
    numbers = [Number(code, counts["age"].get(code, 0), Filters(age=code, state="all")) for code in AGES]
    unknown = counts["age"].get("none", 0)
    note = _("%s people without a birth date.") % f"{unknown:,}" if unknown else ""
    return Block("age", _("By age"), numbers, whole, note)


def _use(reader: Reader, run: Run, counts: dict, whole: int) -> Block:
    def at_least(name: str, least: int) -> int:
        return sum(number for value, number in counts[name].items() if value is not None and int(value) >= least)

    numbers = [
        Number(_("1 or more unplanned stays"), at_least("stays", 1), Filters(stays="1", state="all")),
        Number(_("2 or more unplanned stays"), at_least("stays", 2), Filters(stays="2", state="all")),
        Number(_("4 or more unplanned stays"), at_least("stays", 4), Filters(stays="4", state="all")),
        Number(_("1 or more ED visits"), at_least("visits", 1), Filters(ed="1", state="all")),
        Number(_("3 or more ED visits"), at_least("visits", 3), Filters(ed="3", state="all")),
        Number(_("6 or more ED visits"), at_least("visits", 6), Filters(ed="6", state="all")),
    ]
    return Block(
        "use", _("Hospital use in 12 months"), numbers, whole, _("ED visits that became a stay count as the stay.")
    )


def _verdicts(reader: Reader, rows: QuerySet[Eligibility]) -> Verdicts:
    column = f"{reader.prefix}verdict"
    counted = rows.order_by().values("program", column).annotate(people=Count("*"))
    return {(row["program"], row[column]): row["people"] for row in counted}


def _with_decisions(reader: Reader, run: Run, judged: Verdicts) -> Verdicts:
    """The verdicts with those whom somebody excluded counted as excluded, as their list and their page say."""
    set_aside = excluded.by_decision(reader.on).values("patient")
    theirs = _verdicts(reader, reader.visible(Eligibility.objects.filter(run=run, patient__in=set_aside)))
    found = dict(judged)
    for (program, verdict), people in theirs.items():
        shown = excluded.read_with(verdict, is_excluded=True)
        found[program, verdict] -= people
        found[program, shown] = found.get((program, shown), 0) + people
    return found


def _programs(reader: Reader, counted: Verdicts, whole: int) -> Block:
    table = [
        (
            translated(program.name),
            [
                Number(
                    _("No, on what you may see") if verdict == "no" and not reader.sees_all else str(label),
                    counted.get((program.code, verdict), 0),
                    Filters(program=program.code, verdict=verdict, state="all"),
                )
                for verdict, label in VERDICTS.items()
            ],
        )
        for program in PROGRAMS
    ]
    return Block(
        "program", _("By program"), [number for _name, numbers in table for number in numbers], whole, table=table
    )


def _conditions(reader: Reader, run: Run, whole: int) -> Block:
    held = sensitive.without_hidden(ChronicCondition.objects.filter(run=run, scheme="ccw30"), reader.user)
    rows = reader.visible(held).values("condition").annotate(people=Count("*")).order_by("-people", "condition")
    known = labels.conditions(reader)
    numbers = [
        Number(known[row["condition"]], row["people"], Filters(condition=row["condition"], state="all"))
        for row in rows
        if row["condition"] in known
    ]
    return Block("condition", _("By condition (CMS Chronic Conditions Warehouse)"), numbers, whole)


METHODS = {
    "carewright": gettext_lazy("Our order"),
    "cms_hcc": "CMS-HCC V28",
    "charlson": "Charlson",
    "chance": gettext_lazy("Chance"),
}


def worth(run: Run) -> list[dict]:
    """What the order was worth, per earlier day and group: one row per method with its three shares."""
    found: dict[tuple, dict] = {}
    for row in Worth.objects.filter(run=run).order_by("-scored_on", "people_group", "method", "top_share"):
        key = (row.scored_on, row.people_group)
        block = found.setdefault(
            key,
            {
                "scored_on": row.scored_on,
                "months_back": row.months_back,
                "group": row.people_group,
                "people": row.people,
                "stays": row.stays,
                "is_complete": row.is_complete,
                "methods": {},
            },
        )
        block["methods"].setdefault(row.method, []).append(row)
    for block in found.values():
        block["rows"] = [
            {"name": METHODS[method], "method": method, "shares": block["methods"][method]}
            for method in METHODS
            if method in block["methods"]
        ]
        block["too_few"] = block["stays"] < SMALL
    return list(found.values())
