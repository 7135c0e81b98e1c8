"""
People a care team followed before us, as a caseload file names them: shown first, then applied row by row.

A landed row is applied once. What it says about consent is kept as it came (who took it is not known to us), so that
nobody mistakes an imported yes for one that was heard here. Goals stay with their row until the plan takes them over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import duckdb
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.channel import gate
from carewright.channel import queries as channel_queries
from carewright.enrollment import reaching
from carewright.enrollment.consenting import end_rows
from carewright.enrollment.enrolling import after_leaving, assign_lead
from carewright.enrollment.models import CaseloadRow, Consent, DeathReport, Enrollment, How
from carewright.kernel.errors import CarewrightError, NotNow, NotPermitted
from carewright.knowledge import task_kinds
from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.plumbing.home import Home
from carewright.population.wording import translated
from carewright.registry.models import Identifier, Patient
from carewright.staff import roles
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
from carewright.tasks.models import Task
from carewright.warehouse import landing

MOST = 5_000
HOWS = {"verbal": How.VERBAL, "written": How.WRITTEN, "electronic": How.E_SIGNED, "e_signed": How.E_SIGNED}
LATEST = """
select * from ({rows})
qualify row_number() over (
    partition by source, person_id, lower(program) order by received_seq desc, line desc
) = 1
order by received_seq, line
limit {most}
"""


@dataclass(frozen=True)
class Line:
    """One row of a caseload file beside what we know: what applying it would do, or why it cannot be applied."""

    evidence_id: str
    patient: Patient | None
    lead: User | None
    program: str
    row: dict[str, Any]
    would: str
    problem: str = ""

    @property
    def can_apply(self) -> bool:
        """Whether there is anything to do and nothing in the way."""
        return not self.problem and self.would != "same"


def preview(home: Home, *, on: date) -> list[Line]:
    """
    What the caseload files say that was not applied yet, each row beside what is here; nothing is written.

    Of one person and program the latest row counts, whichever file it came in.
    """
    rows = _landed(home)
    done = set(CaseloadRow.objects.values_list("evidence_id", flat=True))
    waiting = [row for row in rows if _evidence(row) not in done]
    patients = _patients(row["person_id"] for row in waiting)
    people = list(User.objects.all())
    by_email = {user.email: user for user in people}
    by_name = {user.name.casefold(): user for user in people}
    lines = []
    for row in waiting:
        said = str(row["lead"]).strip()
        lead = by_email.get(said.lower()) or by_name.get(said.casefold())
        lines.append(_line(row, patients.get(row["person_id"]), lead, on=on))
    return lines


@dataclass(frozen=True)
class Applied:
    """What became of the rows: how many were applied, and which were not and why."""

    rows: int
    refused: list[tuple[Line, str]]


def apply(*, lines: Iterable[Line], by: User, on: date, at: datetime) -> Applied:
    """Apply rows of a preview, each by itself: one that does not go leaves the others alone and says why."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("A caseload file is applied by somebody who leads a team."))
    applied, refused = 0, []
    for line in lines:
        if not line.can_apply:
            refused.append((line, line.problem or _("Nothing to do.")))
            continue
        try:
            with transaction.atomic():
                _apply(line, by=by, on=on, at=at)
        except (CarewrightError, ValidationError) as refusal:
            said = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
            refused.append((line, said))
        else:
            applied += 1
    audit.happened("applied_caseload", by=by, after={"rows": applied, "refused": len(refused)})
    return Applied(applied, refused)


def _line(row: dict[str, Any], patient: Patient | None, lead: User | None, *, on: date) -> Line:
    program = _program(str(row["program"]))
    line = Line(_evidence(row), patient, lead, program, row, "enroll")
    problem = ""
    if patient is None:
        problem = _("Nobody whom you may see has this number.")
    elif not program:
        problem = _("There is no program %(name)r.") % {"name": row["program"]}
    elif lead is None:
        problem = _("Nobody who works here is called %(name)r.") % {"name": row["lead"]}
    elif patient.died_on is not None:
        problem = _("This person has died.")
    if problem or patient is None:
        return Line(line.evidence_id, patient, lead, program, row, "nothing", problem)
    running = Enrollment.objects.running().filter(patient=patient, program=program).first()
    if running is None and (problem := _stays_out(patient, program, row, on=on)):
        return Line(line.evidence_id, patient, lead, program, row, "nothing", problem)
    ended = row["ends_on"] is not None and row["ends_on"] < on
    if running is None:
        if ended:
            problem = _("It had ended before it came to us.")
            return Line(line.evidence_id, patient, lead, program, row, "same", problem)
        return line
    if ended:
        return Line(line.evidence_id, patient, lead, program, row, "end")
    if lead is not None and running.lead_id != lead.pk:
        return Line(line.evidence_id, patient, lead, program, row, "lead")
    return Line(line.evidence_id, patient, lead, program, row, "same")


def _stays_out(patient: Patient, program: str, row: dict[str, Any], *, on: date) -> str:
    """
    Why a file does not bring this person in, as a sentence; empty when nothing speaks against it.

    What they told us since is newer than what a sender has on file: a monthly file would undo every withdrawal.
    """
    if DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists():
        return _("A death was reported and is being checked. Settle that first.")
    no = Consent.objects.refused_on(on).filter(patient=patient, program=program).order_by("-at").first()
    if no is not None:
        said_on = date_format(timezone.localdate(no.at), "F j, Y")
        return _("They said no on %(day)s, and that still holds.") % {"day": said_on}
    left = Consent.objects.filter(patient=patient, program=program, withdrawn_at__isnull=False)
    last = left.order_by("-withdrawn_at").first()
    agreed_on = row["consent_date"] or row["enrolled_on"]
    if last is not None and last.withdrawn_at is not None:
        day = timezone.localdate(last.withdrawn_at)
        if agreed_on is None or agreed_on <= day:
            told = {"program": translated(name_of(program)), "day": date_format(day, "F j, Y")}
            return _("They left %(program)s on %(day)s, after the consent in this file. Ask for it anew.") % told
    end_of_day = timezone.make_aware(datetime.combine(on, time.max))
    stop = channel_queries.not_to_be_reached(patient, end_of_day)
    return gate.said_stop(stop) if stop is not None else ""


def _apply(line: Line, *, by: User, on: date, at: datetime) -> None:
    patient, lead, row = line.patient, line.lead, line.row
    assert patient is not None and lead is not None
    running = Enrollment.objects.running().filter(patient=patient, program=line.program).first()
    if line.would == "enroll":
        if running is not None:
            raise NotNow(_("This person joined in the meantime."))
        running = _enroll(line, patient, lead, by=by, on=on, at=at)
    elif running is None:
        raise NotNow(_("This person left in the meantime."))
    elif line.would == "end":
        end_rows(running, reason=Enrollment.EndReason.TRANSFERRED, on=row["ends_on"], by=by, at=at, to=_source(row))
        after_leaving(running, closed_as=Task.Closed.ENDED, by=by, at=at)
    else:
        assign_lead(enrollment=running, lead=lead, by=by, on=on, at=at, because="the caseload file")
    kept = CaseloadRow(evidence_id=line.evidence_id, patient=patient, enrollment=running, did=line.would, at=at, by=by)
    with audit.change(kept, by=by, did="applied_caseload_row"):
        pass


def _enroll(line: Line, patient: Patient, lead: User, *, by: User, on: date, at: datetime) -> Enrollment:
    row = line.row
    starts_on = min(row["enrolled_on"] or row["consent_date"] or on, on)
    agreed_on = min(row["consent_date"] or starts_on, starts_on)
    consent = Consent.objects.standing().filter(patient=patient, program=line.program).first()
    if consent is None:
        consent = Consent(
            patient=patient, program=line.program, answer=Consent.Answer.AGREED, version="as imported",
            how=HOWS.get(str(row["consent_kind"] or "").strip().lower(), How.VERBAL), language=patient.language or "unknown",
            at=timezone.make_aware(datetime.combine(agreed_on, time(12))), source=_source(row),
            signed_name="on file with the sender",
        )  # fmt: skip
        with audit.change(consent, by=by, did="imported_consent"):
            pass
    enrollment = Enrollment(
        patient=patient, program=line.program, consent=consent, starts_on=starts_on, source=_source(row), lead=lead,
        led_since=starts_on,
    )  # fmt: skip
    with audit.change(enrollment, by=by, did="enrolled", why=_source(row)):
        pass
    reaching.tie(lead, patient, on=on, by=by, because=Tie.Because.CASELOAD)
    _remind(enrollment, row, by=by, at=at, on=on)
    return enrollment


def _remind(enrollment: Enrollment, row: dict[str, Any], *, by: User, at: datetime, on: date) -> None:
    """The tasks the sender had open, and the next contact they had planned."""
    for said in [each.strip() for each in str(row["open_tasks"] or "").split(";") if each.strip()]:
        tasks.open_task(
            kind=task_kinds.named_by_others(said).code, title=said[:200], why=sentences.FROM_A_CASELOAD.format(**_named(row)), by=by, at=at,
            patient=enrollment.patient, owner_user=enrollment.lead,
        )  # fmt: skip
    if row["next_contact_on"] is not None:
        due = timezone.make_aware(datetime.combine(max(row["next_contact_on"], on), time(17)))
        tasks.open_task(
            kind="follow_up_call", patient=enrollment.patient, owner_user=enrollment.lead, due_at=max(due, at),
            about_kind="enrollment", about_public_id=enrollment.public_id, why=sentences.PLANNED_IN_A_CASELOAD.format(**_named(row)), by=by, at=at,
        )  # fmt: skip


def _landed(home: Home) -> list[dict[str, Any]]:
    con = duckdb.connect(config={"memory_limit": "256MB", "threads": 1})
    try:
        found = con.execute(LATEST.format(rows=landing.view_sql(home, "caseload"), most=MOST))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    finally:
        con.close()


def _patients(person_ids: Iterable[str]) -> dict[str, Patient]:
    wanted = {each for each in person_ids if each}
    known = Identifier.objects.filter(system="person_id", value__in=wanted).select_related("patient")
    return {each.value: each.patient for each in known}


def _program(said: str) -> str:
    plain = said.strip().casefold()
    return next((one.code for one in PROGRAMS if plain in (one.code.casefold(), one.name.casefold())), "")


def _evidence(row: dict[str, Any]) -> str:
    return f"{row['delivery_id']}:{row['line']}"


def _source(row: dict[str, Any]) -> str:
    return "caseload file of {sender}, received {day}".format(**_named(row))


def _named(row: dict[str, Any]) -> dict[str, str]:
    return {"sender": row["source"], "day": f"{row['received_on']:%b %-d, %Y}"}
