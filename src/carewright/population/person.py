"""Everything the page "Why is this person here?" shows about one person, as this reader may see it."""

from datetime import date
from pathlib import Path

from django.utils import formats
from django.utils.translation import gettext as _

from carewright.access import sensitive
from carewright.knowledge.program import EVERY_PROGRAM
from carewright.knowledge.programs import BY_CODE, PROGRAMS
from carewright.plumbing import home
from carewright.plumbing.charts import Lane, Part, Series, Span
from carewright.population import codes, excluded, labels, queries, wording
from carewright.population.deciding import of_line
from carewright.population.fact import fact_of, in_order, names_on_file
from carewright.population.marks import mark
from carewright.population.models import (
    AttributedProvider,
    CandidateDecision,
    ChronicCondition,
    Comorbidity,
    Criterion,
    EdVisit,
    Eligibility,
    HccPart,
    HccScore,
    Movement,
    Neighborhood,
    Run,
    Score,
    ScorePart,
    SocialNeed,
    SpendingMonth,
    Stay,
    Utilization,
)
from carewright.population.queries import Reader
from carewright.warehouse import evidence

MONTHS_SHOWN = 24
FACTS_PER_LINE = 4
DIRECT_COLUMNS = frozenset(
    {
        "person_id", "member_id", "subscriber_id", "patient_id", "first_name", "last_name", "middle_name", "name_suffix",
        "birth_date", "death_date", "address", "city", "zip_code", "phone", "email", "social_security_number",
    }
)  # fmt: skip


def name_for(reader: Reader, patient) -> str:
    """The name as one would say it, or a number for who sees no names."""
    return patient.name if reader.sees_direct else patient.masked_name


def second_identifiers(reader: Reader, run: Run, patient) -> list[tuple[str, str]]:
    """Sex, date of birth, member ID and phone, to know a person by; hidden from who sees people without their names."""
    sex = (_("Sex"), str(patient.get_sex_display()))
    if not reader.sees_direct:
        hidden = _("hidden from your role")
        return [sex, (_("Born"), hidden), (_("Member ID"), hidden), (_("Phone"), hidden)]
    unknown = _("not on file")
    return [
        sex,
        (_("Born"), formats.date_format(patient.born_on, "M j, Y") if patient.born_on else unknown),
        (_("Member ID"), queries.member_id_of(patient, on=run.as_of) or unknown),
        (_("Phone"), queries.phones_of([patient.pk]).get(patient.pk) or unknown),
    ]


def everything(reader: Reader, run: Run, patient, row: Score, *, on: date) -> dict:
    """All parts of the page, by the name the template uses."""
    lines = [
        queries.read_line(line, reader)
        for line in Criterion.objects.filter(run=run, patient=patient).order_by("program", "position")
    ]
    queries.show_scores(reader, [row])
    scores = list(HccScore.objects.filter(run=run, patient=patient).order_by("-payment_year", "-model"))
    decision = queries.decisions_for([patient.pk]).get(patient.pk)
    set_aside = decision if excluded.says_so(decision, on) else None
    rules, data_state = _rules(reader, run, patient, lines, set_aside), queries.data_state(run)
    _show_first_facts(reader, run, patient, rules)
    return {
        "run": run,
        "reader": reader,
        "patient": patient,
        "row": row,
        "name": name_for(reader, patient),
        "is_named": not reader.sees_direct or bool(patient.given_name or patient.family_name),
        "rules": rules,
        "suggested": [wording.translated(rule["program"].name) for rule in rules if rule["verdict"] == "yes"],
        "shared": [line for line in lines if line.program == EVERY_PROGRAM],
        "ruled_out": [line.text for line in lines if line.program == EVERY_PROGRAM and line.verdict == "no"],
        "second_identifiers": second_identifiers(reader, run, patient),
        "reasons": queries.reasons_for(reader, run, [patient.pk]).get(patient.pk, []),
        "parts": _parts(reader, run, patient),
        "age": labels.age_of(row, reader),
        "hccs": _hccs(reader, run, row, scores),
        "conditions": list(
            mine(ChronicCondition, reader, run, patient).filter(scheme="ccw30").order_by("-latest_on", "label")
        ),
        "other_conditions": list(
            mine(ChronicCondition, reader, run, patient).filter(scheme="ccir").order_by("label")[:60]
        ),
        "charlson": Comorbidity.objects.filter(run=run, patient=patient).first() if reader.sees_all else None,
        "charlson_href": _facts(patient, "charlson") if _is_kept(run, "comorbidity_condition") else "",
        "needs": list(mine(SocialNeed, reader, run, patient).order_by("-on")),
        "lanes": _lanes(reader, run, patient),
        "spending": _spending(reader, run, patient, data_state),
        "used": Utilization.objects.filter(run=run, patient=patient).first(),
        "providers": list(AttributedProvider.objects.filter(run=run, patient=patient).order_by("rank")[:5]),
        "neighborhood": Neighborhood.objects.filter(run=run, patient=patient).first() if reader.sees_direct else None,
        "decision": decision,
        "decision_holds": decision is not None and decision.holds_on(on),
        "past": list(
            CandidateDecision.objects.filter(patient=patient, ended_at__isnull=False)
            .select_related("by", "ended_by")
            .order_by("-at")[:20]
        ),
        "moves": _moves(reader, run, patient),
        "data_state": data_state,
    }


def mine(model, reader: Reader, run: Run, patient):
    return sensitive.without_hidden(model.objects.filter(run=run, patient=patient), reader.user)


def _moves(reader: Reader, run: Run, patient) -> list[Movement]:
    """What changed since the run before, as this reader may see it."""
    found = list(Movement.objects.filter(run=run, patient=patient, seen=reader.seen).order_by("change", "program"))
    if not reader.sees_direct:
        for move in found:
            move.reasons = [queries.without_great_age(reason) for reason in move.reasons]
    return found


def _rules(
    reader: Reader, run: Run, patient, lines: list[Criterion], set_aside: CandidateDecision | None
) -> list[dict]:
    """Each program's verdict with its lines; of somebody whom a person excluded, that they are, beside what the rule says."""
    judged = {row.program: row for row in Eligibility.objects.filter(run=run, patient=patient)}
    rules = []
    for program in PROGRAMS:
        row = judged.get(program.code)
        by_rule = getattr(row, f"{reader.prefix}verdict") if row else "unknown"
        verdict = excluded.read_with(by_rule, is_excluded=set_aside is not None)
        mine = [line for line in lines if line.program == program.code]
        shared = [line for line in lines if line.program == EVERY_PROGRAM]
        against = {"excluded": ("no",), "unknown": ("no", "unknown")}.get(by_rule, ())
        rules.append(
            {
                "program": program,
                "verdict": verdict,
                "by_rule": by_rule,
                "decided": set_aside if verdict == "excluded" else None,
                "otherwise": getattr(row, f"{reader.prefix}otherwise") if row else "unknown",
                "lines": [_line(line) for line in mine],
                "ruled_out": [line for line in shared if line.verdict in against],
            }
        )
    order = {"yes": 0, "excluded": 1, "unknown": 2, "no": 3, "not_applicable": 4}
    return sorted(rules, key=lambda rule: order[rule["verdict"]])


def _show_first_facts(reader: Reader, run: Run, patient, rules: list[dict]) -> None:
    """Put the first landed rows under each need that found something; all of them are one click away. One opening."""
    shown = [
        shown for rule in rules for shown in rule["lines"] if shown["line"].kind == "need" and shown["line"].evidence
    ]
    ids = {id(one): list(dict.fromkeys(one["line"].evidence.split(";")))[:FACTS_PER_LINE] for one in shown}
    if not shown:
        return
    wanted = list(dict.fromkeys(one for chosen in ids.values() for one in chosen))
    found = {
        row.evidence_id: row for row in evidence.open_rows(home.current(), wanted) if not (tags_of(row) & reader.hidden)
    }
    names = names_on_file(run, found.values())
    held = held_by(reader, run, patient)
    for one in shown:
        decides = of_line(one["line"].code, **held)
        rows = sorted((found[evidence_id] for evidence_id in ids[id(one)] if evidence_id in found), key=in_order)
        one["rows"] = [{"fact": fact_of(row, names, decides), "received_on": row.received_on} for row in rows]


def tags_of(row) -> frozenset[str]:
    """The sensitivity tags of a landed row."""
    return frozenset(filter(None, row.tags.split(";")))


def _line(line: Criterion) -> dict:
    program = BY_CODE.get(line.program)
    declared = next((found for found in program.criteria if found.code == line.code), None) if program else None
    return {
        "line": line,
        "words": declared.words if declared else "",
        "is_alternative": bool(declared and declared.any_of),
        "facts": len(line.evidence.split(";")) if line.evidence else 0,
        "of": f"line:{line.program}:{line.code}",
    }


def _parts(reader: Reader, run: Run, patient) -> list[Part]:
    rows = ScorePart.objects.filter(run=run, patient=patient).order_by("position")
    return [
        Part(
            wording.translated(part.label),
            part.points,
            href=_facts(patient, f"part:{mark(part.code)}") if part.evidence else "",
        )
        for part in queries.parts_for(reader, rows)
    ]


def _facts(patient, of: str) -> str:
    from urllib.parse import urlencode

    from django.urls import reverse

    return f"{reverse('population:facts', args=[patient.public_id])}?{urlencode({'of': of})}"


def _hccs(reader: Reader, run: Run, row: Score, scores: list[HccScore]) -> dict | None:
    """
    The newest V28 score with its parts. Who does not see every fact sees no totals, of anybody: each weight belongs to
    one diagnosis, so a remainder would name it. Who sees no names sees no age group over 89, nor its weight.
    """
    newest = next((score for score in scores if score.model == "V28"), scores[0] if scores else None)
    if newest is None:
        return None
    parts = list(
        HccPart.objects.filter(
            run=run, patient=row.patient_id, model=newest.model, payment_year=newest.payment_year
        ).order_by("kind", "-points")
    )
    shown = [part for part in parts if not (set(part.tags) & reader.hidden)]
    if not reader.sees_direct and row.age is not None and row.age > 89:
        shown = [part for part in shown if part.kind != "demographic"]
    return {"score": newest, "parts": shown, "total": newest.raw_score if reader.sees_all else None}


def _lanes(reader: Reader, run: Run, patient) -> dict | None:
    until = run.as_of
    since = date(until.year - 2, until.month, 1)
    stays = mine(Stay, reader, run, patient).filter(admitted_on__gte=since).order_by("admitted_on")
    visits = mine(EdVisit, reader, run, patient).filter(visited_on__gte=since).order_by("visited_on")
    stay_spans = [
        Span(
            stay.admitted_on,
            stay.discharged_on,
            codes.named(stay.facility, stay.facility_npi),
            "bad" if stay.is_unplanned else "info",
            _facts(patient, f"stay:{mark(stay.stay_id)}"),
            still=stay.discharged_on is None,
        )
        for stay in stays
    ]
    visit_spans = [
        Span(
            visit.visited_on,
            None,
            f"{visit_words(visit)}, {codes.named(visit.facility, visit.facility_npi)}",
            "alt" if visit.led_to_stay else "mid",
            _facts(patient, f"visit:{mark(visit.visit_id)}"),
        )
        for visit in visits
    ]
    if not stay_spans and not visit_spans:
        return None
    return {
        "lanes": [Lane(_("Stays"), stay_spans), Lane(_("ED visits"), visit_spans)],
        "since": since,
        "until": until,
        "stays": list(stays)[::-1],
        "visits": list(visits)[::-1],
    }


def visit_words(visit: EdVisit) -> str:
    """What an emergency visit was: one that became a stay, one with observation hours, or neither."""
    if visit.led_to_stay:
        return _("ED visit that became a stay")
    return _("ED visit with observation") if visit.observation else _("ED visit")


def _spending(reader: Reader, run: Run, patient, data_state: queries.DataState) -> dict | None:
    """
    Paid by month, always the last 24 months to the day of the run, zero where nothing was paid.

    Months after the one the slowest feed is complete through are `partial`. Who is not shown every fact sees no
    amounts: they could tell what is hidden.
    """
    if not reader.sees_all:
        return None
    row = SpendingMonth.objects.filter(run=run, patient=patient).first()
    if row is None or not row.months:
        return None
    months = _months_to(run.as_of, MONTHS_SHOWN)
    opens = _is_kept(run, "paid_claim")
    places = {(month.year, month.month): at for at, month in enumerate(row.months)}

    def by_month(values: list[int]) -> list[int]:
        return [values[places[month]] if month in places else 0 for month in months]

    slowest = data_state.slowest
    through = (slowest.complete_through.year, slowest.complete_through.month) if slowest else None  # type: ignore[union-attr]
    return {
        "labels": [formats.date_format(date(*month, 1), "M y") for month in months],
        "hrefs": [
            _facts(patient, f"month:{code}") if opens and (day.year, day.month) in places else ""
            for code, day in months_drawn(run)
        ],
        "partial": [at for at, month in enumerate(months) if through and month > through],
        "series": [
            Series(_("Hospital"), by_month(row.inpatient), "bad"),
            Series(_("Emergency"), by_month(row.ed), "mid"),
            Series(_("Medicines"), by_month(row.pharmacy), "info"),
            Series(_("Other"), by_month(row.other), "alt"),
        ],
    }


def months_drawn(run: Run) -> list[tuple[str, date]]:
    """The months of the cost chart: how an address names each, and its first day."""
    return [(f"{year}-{month:02d}", date(year, month, 1)) for year, month in _months_to(run.as_of, MONTHS_SHOWN)]


def run_folder(run: Run) -> Path | None:
    """Where the warehouse keeps the files of this run, if it still does."""
    folder = home.current().warehouse / "runs" / run.run_id
    return folder if folder.is_dir() else None


def _is_kept(run: Run, table: str) -> bool:
    """Whether this table of the run's marts can still be asked: an old run's files are gone some day."""
    folder = run_folder(run)
    return folder is not None and (folder / f"marts.{table}.parquet").is_file()


def _months_to(day: date, count: int) -> list[tuple[int, int]]:
    """(year, month) of so many months one after the other, the last that of the day."""
    last = day.year * 12 + day.month - 1
    return [(number // 12, number % 12 + 1) for number in range(last - count + 1, last + 1)]


def held_by(reader: Reader, run: Run, patient) -> dict[str, list[str]]:
    """The conditions and the needs on file that this reader sees of this person."""
    held = mine(ChronicCondition, reader, run, patient).filter(scheme="ccw30").values_list("condition", flat=True)
    return {
        "conditions": list(held),
        "needs": list(mine(SocialNeed, reader, run, patient).values_list("code", flat=True)),
    }


__all__ = [
    "DIRECT_COLUMNS",
    "everything",
    "held_by",
    "mine",
    "months_drawn",
    "name_for",
    "run_folder",
    "tags_of",
    "visit_words",
]
