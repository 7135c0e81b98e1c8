"""The filters of the lists of people: as they stand in the address, checked, and in words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.plumbing.lists import Sort, address_of
from carewright.population.codes import language_said
from carewright.population.wording import translated

STATES = {
    "waiting": gettext_lazy("Waiting for a decision"),
    "led": gettext_lazy("Led already"),
    "accepted": gettext_lazy("Accepted"),
    "not_now": gettext_lazy("Not now"),
    "excluded": gettext_lazy("Excluded by a decision"),
    "hidden": gettext_lazy("Hidden, and why"),
    "all": gettext_lazy("All"),
}
BANDS = {"high": gettext_lazy("High"), "rising": gettext_lazy("Rising"), "steady": gettext_lazy("Steady")}
MOVES = {
    "entered": gettext_lazy("Entered since the last run"),
    "left": gettext_lazy("Left since the last run"),
    "rose": gettext_lazy("Rose a band"),
    "fell": gettext_lazy("Fell a band"),
}
AGES = {"0-17": (0, 17), "18-44": (18, 44), "45-64": (45, 64), "65-74": (65, 74), "75-84": (75, 84), "85+": (85, 200)}
DOORS = {"claims": gettext_lazy("Claims rule")}
VERDICTS = {
    "yes": gettext_lazy("Yes"),
    "no": gettext_lazy("No"),
    "unknown": gettext_lazy("Unknown"),
    "not_applicable": gettext_lazy("Does not apply"),
    "excluded": gettext_lazy("Excluded"),
}

SORTS = (
    Sort("rank", gettext_lazy("Score"), ("{open}rank",)),  # type: ignore[arg-type]
    Sort("name", gettext_lazy("Name"), ("patient__sort_name", "{open}rank")),  # type: ignore[arg-type]
    Sort("age", gettext_lazy("Oldest first"), ("-age", "{open}rank")),  # type: ignore[arg-type]
    Sort("stays", gettext_lazy("Unplanned stays"), ("-{open}stays_12", "{open}rank")),  # type: ignore[arg-type]
    Sort("ed", gettext_lazy("ED visits"), ("-{open}ed_visits_12", "{open}rank")),  # type: ignore[arg-type]
    Sort("paid", gettext_lazy("Paid in 12 months"), ("-{open}paid_12", "{open}rank")),  # type: ignore[arg-type]
)


@dataclass(frozen=True)
class Filters:
    """One choice of people; every field is empty when it does not narrow the list."""

    program: str = ""
    verdict: str = ""
    band: str = ""
    condition: str = ""
    pcp: str = ""
    language: str = ""
    zip: str = ""
    county: str = ""
    payer: str = ""
    door: str = ""
    age: str = ""
    stays: str = ""
    ed: str = ""
    state: str = ""
    moved: str = ""
    sort: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str], *, state: str = "") -> "Filters":
        """The filters in an address. What we do not know is left out rather than guessed; `state` is the default."""
        given = {field.name: asked.get(field.name, "").strip()[:200] for field in fields(cls)}
        known = {
            "program": {program.code for program in PROGRAMS},
            "verdict": VERDICTS,
            "band": BANDS,
            "door": DOORS,
            "age": AGES,
            "state": STATES,
            "moved": MOVES,
            "sort": {sort.code for sort in SORTS},
        }
        for name, allowed in known.items():
            if given[name] not in allowed:
                given[name] = ""
        for name in ("stays", "ed"):
            if not (given[name].isascii() and given[name].isdigit() and len(given[name]) < 4):
                given[name] = ""
        given["state"] = given["state"] or state
        return cls(**given)

    def address(self, **changed: object) -> str:
        """The filters in an address, with some changed."""
        return address_of(asdict(self) | changed)

    @property
    def narrowed(self) -> int:
        """How many filters narrow the list, sort and state apart."""
        return sum(1 for field in fields(self) if field.name not in ("sort", "state") and getattr(self, field.name))

    def words(self, conditions: Mapping[str, str], providers: Mapping[str, str]) -> list[tuple[str, str]]:
        """What narrows the list, in words: (filter, words)."""
        said = []
        if self.program:
            verdict = f": {VERDICTS[self.verdict]}" if self.verdict else ""
            said.append(("program", f"{translated(name_of(self.program))}{verdict}"))
        if self.band:
            said.append(("band", _("Band %(band)s") % {"band": str(BANDS[self.band]).lower()}))
        if self.condition:
            said.append(("condition", conditions.get(self.condition, self.condition)))
        if self.pcp:
            said.append(("pcp", _("PCP %(name)s") % {"name": providers.get(self.pcp, self.pcp)}))
        for name, label in (("language", _("Speaks %s")), ("zip", _("ZIP %s")), ("payer", _("Payer %s"))):
            if value := getattr(self, name):
                said.append((name, label % (_("not on file") if value == "none" else language_said(value))))
        if self.county:
            said.append(("county", self.county))
        if self.door:
            said.append(("door", str(DOORS[self.door])))
        if self.age:
            said.append(("age", _("Age %s") % self.age))
        if self.stays:
            said.append(("stays", _("%s or more unplanned stays") % self.stays))
        if self.ed:
            said.append(("ed", _("%s or more ED visits") % self.ed))
        if self.moved:
            said.append(("moved", str(MOVES[self.moved])))
        return said
