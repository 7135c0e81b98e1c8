"""What an address of the facts page names: something this reader sees about a person, and the landed rows behind it."""

from django.utils import formats
from django.utils.translation import gettext as _

from carewright.population import codes, queries, wording
from carewright.population.deciding import (
    MEDICINE,
    PAID,
    PROVIDER,
    STAY,
    VISIT,
    Deciding,
    of_charlson,
    of_codes,
    of_condition,
    of_hcc,
    of_line,
)
from carewright.population.marks import mark
from carewright.population.models import (
    AttributedProvider,
    ChronicCondition,
    Criterion,
    DispensedProduct,
    Dispensing,
    EdVisit,
    HccPart,
    Run,
    ScorePart,
    SocialNeed,
    Stay,
)
from carewright.population.person import held_by, mine, months_drawn, run_folder, visit_words
from carewright.population.queries import Reader
from carewright.registry import numbers
from carewright.warehouse import evidence

Found = tuple[str, str, Deciding]
"""What an address names: its title, the evidence ids behind it joined with `;`, and which cells of them decide."""


def evidence_of(reader: Reader, run: Run, patient, of: str, one: str) -> tuple[str, list[str], Deciding] | None:
    """
    The title of something this reader sees about this person, the evidence ids behind it, and which cells decide.

    None when there is no such thing.

    `of` names it: `line:<program>:<code>`, `provider:<rank>`, and, with the mark of their own key (`marks.mark`), `part:`, `condition:`,
    `stay:`, `visit:`, `hcc:`, `need:` and `fill:`: an address says neither a diagnosis nor a member number. `month:<2026-04>`
    and `charlson` name what stands in the run's own files.
    """
    kind, _colon, rest = of.partition(":")
    found = _FINDERS[kind](reader, run, patient, rest) if kind in _FINDERS else None
    if found is None:
        return None
    title, ids, decides = found
    wanted = [one_id for one_id in ids.split(";") if one_id]
    return title, [one_id for one_id in wanted if not one or one_id == one], decides


def _marked(rows, wanted: str, *columns: str):
    """The row of this person whose key, in these columns, has the mark the address gives."""
    return next((row for row in rows if mark(*(getattr(row, column) for column in columns)) == wanted), None)


def _of_line(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    program, _colon, code = rest.partition(":")
    line = Criterion.objects.filter(run=run, patient=patient, program=program, code=code).first()
    if line is None:
        return None
    line = queries.read_line(line, reader)
    return wording.translated(line.label), line.evidence, _of_code(reader, run, patient, code)


def _of_code(reader: Reader, run: Run, patient, code: str) -> Deciding:
    """What decides for a line or a part: for conditions and needs, those this reader sees of this person."""
    return of_line(code, **held_by(reader, run, patient))


def _of_part(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    rows = ScorePart.objects.filter(run=run, patient=patient).order_by("position")
    shown = queries.parts_for(reader, rows)
    part = next((part for part in shown if mark(part.code) == rest), None)
    if part is None:
        return None
    return wording.translated(part.label), part.evidence, _of_code(reader, run, patient, part.code)


def _of_condition(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(ChronicCondition, reader, run, patient), rest, "scheme", "condition")
    if found is None:
        return None
    return wording.translated(found.label), found.evidence, of_condition(found.scheme, found.condition)


def _of_stay(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(Stay, reader, run, patient), rest, "stay_id")
    if found is None:
        return None
    return _("Hospital stay from %s") % formats.date_format(found.admitted_on, "M j, Y"), found.evidence, Deciding(STAY)


def _of_visit(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(EdVisit, reader, run, patient), rest, "visit_id")
    if found is None:
        return None
    day = formats.date_format(found.visited_on, "M j, Y")
    title = _("%(visit)s on %(day)s") % {"visit": visit_words(found), "day": day}
    return title, found.evidence, Deciding(VISIT)


def _of_hcc(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(HccPart, reader, run, patient), rest, "model", "payment_year", "hcc")
    if found is None:
        return None
    return wording.translated(found.label), found.evidence, of_hcc(found.model, found.payment_year, found.hcc)


def _of_need(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(SocialNeed, reader, run, patient), rest, "code")
    return (found.label, found.evidence, of_codes([found.code])) if found else None


def _of_fill(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    found = _marked(mine(Dispensing, reader, run, patient), rest, "product")
    if found is None:
        return None
    named = DispensedProduct.objects.filter(run=run, product=found.product).values_list("name", flat=True).first()
    title = _("Fills of %s") % (named or found.said or _("NDC %s") % found.ndc)
    return title, found.evidence, Deciding(MEDICINE)


def _of_provider(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    if not (rest.isascii() and rest.isdigit() and len(rest) < 4):
        return None
    found = AttributedProvider.objects.filter(run=run, patient=patient, rank=int(rest)).first()
    if found is None:
        return None
    return codes.named(found.provider_name, found.npi), found.evidence, Deciding(PROVIDER)


def _of_month(reader: Reader, run: Run, patient, rest: str) -> Found | None:
    """What one month's cost is made of; for whom amounts are shown, and for the months that are drawn."""
    months = dict(months_drawn(run)) if reader.sees_all else {}
    folder = run_folder(run)
    if rest not in months or folder is None:
        return None
    ids = evidence.paid_in(folder, numbers.numbers_of(patient), months[rest])
    title = _("Paid for care in %s") % formats.date_format(months[rest], "M Y")
    return title, ";".join(ids), Deciding(PAID)


def _of_charlson(reader: Reader, run: Run, patient, _rest: str) -> Found | None:
    folder = run_folder(run)
    if not reader.sees_all or folder is None:
        return None
    ids = evidence.behind_charlson(folder, numbers.numbers_of(patient))
    return _("Charlson index"), ";".join(ids), of_charlson()


_FINDERS = {
    "line": _of_line,
    "part": _of_part,
    "condition": _of_condition,
    "stay": _of_stay,
    "visit": _of_visit,
    "hcc": _of_hcc,
    "need": _of_need,
    "fill": _of_fill,
    "provider": _of_provider,
    "month": _of_month,
    "charlson": _of_charlson,
}
