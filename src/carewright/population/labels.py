"""How people, conditions and reasons are called on the population pages, for the reader at hand."""

from collections.abc import Iterable, Iterator
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.knowledge import table
from carewright.knowledge.programs import PROGRAMS
from carewright.population import codes, queries, wording
from carewright.population.filters import Filters
from carewright.population.models import ProviderName, Run, Score
from carewright.population.queries import Reader
from carewright.staff.models import Team

RULED_OUT = {
    "alive": gettext_lazy("Has died"),
    "covered": gettext_lazy("Coverage ended"),
    "no_hospice": gettext_lazy("In hospice"),
}
HIDDEN = RULED_OUT | {
    "not_now": gettext_lazy("Set aside until a later day"),
    "excluded": gettext_lazy("Excluded by a decision"),
}
SEXES = {"female": "F", "male": "M"}
SENSITIVE_CONDITIONS = frozenset({"depressn"})
"""Conditions whose own name is protected; offered as a filter only to readers who see such facts."""


@cache
def ccw_labels() -> dict[str, str]:
    """The Chronic Conditions Warehouse's conditions: short name to words."""
    return {row["condition"]: row["label"] for row in table.rows("conditions/ccw30_rule.csv")}


def conditions(reader: Reader) -> dict[str, str]:
    """The conditions this reader may filter by."""
    labels = {condition: wording.translated(label) for condition, label in ccw_labels().items()}
    if reader.sees_all:
        return labels
    return {condition: label for condition, label in labels.items() if condition not in SENSITIVE_CONDITIONS}


def provider_names(npis: Iterable[str]) -> dict[str, str]:
    """Names of providers by NPI, as the latest run knows them."""
    wanted = [npi for npi in npis if npi and npi != "none"]
    if not wanted:
        return {"none": _("none found")}
    found = ProviderName.objects.filter(run__is_current=True, run__closed__isnull=True, npi__in=wanted)
    return dict(found.values_list("npi", "name")) | {"none": _("none found")}


def name_of(patient, reader: Reader) -> str:
    """How this reader sees the person named: last name first, or a number for who sees no names."""
    if not reader.sees_direct:
        return patient.masked_name
    parts = [part for part in (patient.family_name, patient.given_name) if part]
    return ", ".join(parts) or _("Name not given")


def age_of(row: Score, reader: Reader) -> str:
    """The age in words. Ages over 89 are one group for who sees no names."""
    if row.age is None:
        return _("age unknown")
    return "90+" if row.age > 89 and not reader.sees_direct else str(row.age)


def about(row: Score, reader: Reader) -> str:
    """The line under a name: age, sex, payer."""
    said = age_of(row, reader)
    return f"{said} {SEXES.get(row.sex, '')}".strip() + (f" · {row.payer}" if row.payer else "")


def hidden_word(name: str) -> str:
    """Why somebody is hidden, in words."""
    return str(HIDDEN.get(name, name))


EMPTY = {
    "waiting": (
        gettext_lazy("Nobody waits"),
        gettext_lazy("Everyone the programs suggest has been decided about. The next run may bring others."),
    ),
    "accepted": (
        gettext_lazy("Nobody accepted yet"),
        gettext_lazy("Whom you accept from the waiting list stands here."),
    ),
    "not_now": (
        gettext_lazy("Nobody set aside"),
        gettext_lazy("Whom you set aside until a day stands here until that day has passed."),
    ),
    "excluded": (gettext_lazy("Nobody excluded"), gettext_lazy("Whom a decision keeps off the list stands here.")),
    "hidden": (gettext_lazy("Nobody hidden"), gettext_lazy("No one is kept off the list by a rule or a decision.")),
    "all": (gettext_lazy("Nobody here"), gettext_lazy("There is nobody in this list whom you may see.")),
}


def sees_nobody() -> dict[str, str]:
    """What a page says to who may see none of the people we know, as somebody who has just begun here."""
    return {
        "title": _("You see nobody yet"),
        "text": _(
            "There are people in this run, and none of them are yours to see. An administrator says whom you or your team"
            " may see: Administration, Who sees whom, Add a tie."
        ),
    }


def empty_list(chosen: Filters, *, suggests_anybody: bool = True, sees_anybody: bool = True) -> dict[str, str]:
    """What an empty list says: its title and a sentence that fits what was asked for."""
    if not sees_anybody:
        return sees_nobody()
    if chosen.narrowed:
        return {"title": _("Nobody matches"), "text": _("Nobody in this list matches these filters.")}
    if chosen.state == "waiting" and not suggests_anybody:
        return {
            "title": _("No program suggests anybody"),
            "text": _(
                "Nobody meets a program's rule as of this run. Open somebody under “All” to see which data are missing."
            ),
        }
    title, text = EMPTY.get(chosen.state, EMPTY["all"])
    return {"title": str(title), "text": str(text)}


def teams_of(reader: Reader):
    """The teams this reader belongs to today."""
    return Team.objects.filter(pk__in=reader.user.memberships.on(reader.on).values("team"))  # type: ignore[attr-defined]


EXPORT_HEADER = (
    "person", "born_on", "phone", "rank", "score", "band", "age", "sex", "payer", "language", "pcp", "unplanned_stays_12", "ed_visits_12",
    "programs", *(program.code for program in PROGRAMS), "reasons", "decision", "until", "public_id",
)  # fmt: skip


def export_header(reader: Reader) -> tuple[str, ...]:
    """The file's first line; a score, a place and a band on fewer facts are called so."""
    if reader.sees_all:
        return EXPORT_HEADER
    fewer = ("rank", "score", "band")
    return tuple(f"{name}_on_what_you_may_see" if name in fewer else name for name in EXPORT_HEADER)


def export_rows(reader: Reader, run: Run, rows: list[Score]) -> Iterator[tuple]:
    """The rows of the file, as this reader may see them; names, birth dates and phones only for who sees names."""
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        ids = [row.patient_id for row in part]
        queries.show_scores(reader, part)
        reasons = queries.reasons_for(reader, run, ids)
        decisions = queries.decisions_for(ids)
        verdicts = queries.verdicts_for(reader, run, ids, decisions)
        phones = queries.phones_of(ids) if reader.sees_direct else {}
        for row in part:
            decision = decisions.get(row.patient_id)
            stands = decision if decision and decision.holds_on(reader.on) else None
            age = row.age if reader.sees_direct or row.age is None or row.age < 90 else "90+"
            yield (
                name_of(row.patient, reader), row.patient.born_on if reader.sees_direct else None,
                phones.get(row.patient_id, ""), row.rank, row.score, row.band, age, row.sex, row.payer, codes.language_name(row.language),
                row.pcp_name or row.pcp_npi, getattr(row, f"{reader.prefix}stays_12"),
                getattr(row, f"{reader.prefix}ed_visits_12"), getattr(row, f"{reader.prefix}programs"),
                *(verdicts.get(row.patient_id, {}).get(program.code, "unknown") for program in PROGRAMS),
                [reason.words for reason in reasons.get(row.patient_id, [])],
                stands.decision if stands else "", stands.until if stands else None, str(row.patient.public_id),
            )  # fmt: skip
