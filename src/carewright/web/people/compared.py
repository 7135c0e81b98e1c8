"""Two records side by side: what each says, line by line, and where they differ."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.population.codes import language_said
from carewright.registry import joining
from carewright.registry.matching.rules import AGAINST, SAID
from carewright.registry.models import Coverage, Join, Patient
from carewright.registry.queries import dates_in_words, said_by

SHOWN_ONE_BY_ONE = 60


@dataclass(frozen=True)
class Line:
    """One fact as both records have it; `field` names a fact the kept record may take over."""

    name: str
    one: list[str]
    other: list[str]
    field: str = ""

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return bool(self.one and self.other) and {w.casefold() for w in self.one} != {w.casefold() for w in self.other}

    @property
    def may_be_taken(self) -> bool:
        """Whether there is something to choose."""
        return bool(self.field) and bool(self.other) and self.one != self.other


@dataclass(frozen=True)
class Later:
    """One row, or all rows of one table, that came after a join."""

    value: str
    words: str


def lines_of(one: Patient, other: Patient) -> list[Line]:
    """What a person needs to see to tell whether two records are one."""

    def both(name: str, of: Callable[[Patient], Iterable[object]], field: str = "") -> Line:
        return Line(name, _texts(of(one)), _texts(of(other)), field)

    return [
        both(_("Given name"), lambda p: [p.given_name], "given_name"),
        both(_("Family name"), lambda p: [p.family_name], "family_name"),
        both(_("Suffix"), lambda p: [p.name_suffix], "name_suffix"),
        both(_("Wishes to be called"), lambda p: [getattr(getattr(p, "preference", None), "preferred_name", "")]),
        both(_("Date of birth"), lambda p: [_day(p.born_on)], "born_on"),
        both(_("Date of death"), lambda p: [_day(p.died_on)], "died_on"),
        both(_("Sex on file"), lambda p: [p.get_sex_display() if p.sex != "unknown" else ""], "sex"),
        both(_("Language"), lambda p: [language_said(p.language)], "language"),
        both(_("Addresses"), lambda p: (f"{a.line}, {a.city}, {a.state} {a.zip_code}".strip(", ") for a in p.addresses.all())),
        both(_("Phones and emails"), lambda p: (c.value for c in p.contact_points.all())),
        both(_("Coverage"), lambda p: (_coverage(c) for c in p.coverages.all())),
        both(_("Numbers"), lambda p: (" ".join(filter(None, (i.system, i.assigner, i.value))) for i in p.identifiers.all())),
        both(_("People beside them"), lambda p: (" ".join(filter(None, (r.name, r.relationship))) for r in p.related_people.all())),
        both(_("Written down by us"), lambda p: said_by(p)),
        both(_("On the record"), lambda p: kept_on(p)),
    ]  # fmt: skip


def _coverage(coverage: Coverage) -> str:
    """Payer, plan and member number; a plan that begins with the payer's name says it once."""
    payer = "" if coverage.plan.casefold().startswith(coverage.payer.casefold()) else coverage.payer
    return " ".join(filter(None, (payer, coverage.plan, coverage.member_id)))


def kept_on(patient: Patient) -> list[str]:
    """How much of what is on a record, by table, the most first: so that nobody joins a full record into an empty one."""
    counted = [(pointer.of(patient).count(), joining.named(pointer.model)) for pointer in joining.pointers()]
    return [f"{words}: {count:,}" for count, words in sorted(counted, key=lambda row: (-row[0], row[1])) if count][:8]


def reasons_in_words(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Each reason with the kind of pill it stands in: what speaks against in amber, what speaks for in green."""
    return [("warn" if code in AGAINST else "ok", _(SAID.get(code, code))) for code in codes]


def moved_by(join: Join) -> list[tuple[str, int, int]]:
    """What a join moved and what it left, by table in words."""
    names = {pointer.key: joining.named(pointer.model) for pointer in joining.pointers()}
    counted: dict[str, list[int]] = {}
    for rows in join.rows.exclude(whose="own"):
        words = names.get((rows.table, rows.column), rows.table)
        counted.setdefault(words, [0, 0])[rows.whose == "stayed"] += len(rows.keys)
    return sorted((words.capitalize(), moved, stayed) for words, (moved, stayed) in counted.items())


def later_than(join: Join) -> list[Later]:
    """The rows that came since, each to be ticked when it belongs to the other record."""
    pointers = {pointer.key: pointer for pointer in joining.pointers()}
    found = []
    for (table, column), keys in joining.later_rows(join).items():
        pointer = pointers[table, column]
        name = joining.named(pointer.model).capitalize()
        if len(keys) > SHOWN_ONE_BY_ONE:
            all_of_them = _("all %(n)s since") % {"n": f"{len(keys):,}"}
            found.append(Later(f"{table}|{column}|*", f"{name}: {all_of_them}"))
            continue
        rows = pointer.model._base_manager.filter(pk__in=keys).order_by("pk")
        found += [Later(f"{table}|{column}|{row.pk}", f"{name} {dates_in_words(row)}".strip()) for row in rows]
    return found


def chosen_later(join: Join, ticked: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """What was ticked, as `joining.unmerge` asks for it; `*` stands for all rows of a table."""
    since = joining.later_rows(join)
    chosen: dict[tuple[str, str], list[str]] = {}
    for value in ticked:
        table, _bar, rest = value.partition("|")
        column, _bar, key = rest.partition("|")
        keys = since.get((table, column), []) if key == "*" else [key]
        chosen.setdefault((table, column), []).extend(keys)
    return chosen


def _texts(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values if value not in (None, "")]


def _day(day: date | None) -> str:
    return date_format(day, "M j, Y") if day else ""
