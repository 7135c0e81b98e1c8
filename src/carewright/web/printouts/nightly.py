"""
Each morning every lead's caseload sheet is written into the home, closed to other users of the machine.

It is a plain file that any browser opens and prints without the server. Sheets of people who lead nobody any more are
taken away, so that no old list lies around.
"""

import os
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.enrollment import leads
from carewright.plumbing import home, jobs
from carewright.plumbing.home import Home
from carewright.staff import clock
from carewright.web.printouts import sheet

BY = "system:nightly"


def write_sheets(here: Home, *, at: datetime) -> list[Path]:
    """Write a sheet for everyone who leads somebody, and take the others' away; answers what was written."""
    folder, written = here.folder("paper"), []
    for lead in leads.who_may_lead():
        patients = list(sheet.caseload_of(lead, on=timezone.localdate(at)))
        if not patients:
            continue
        rows = sheet.rows_of(lead, patients, reader=lead, at=at)
        path = folder / f"caseload-{lead.pk}.html"
        _write(path, render_to_string("printouts/file.html", {"rows": rows, "lead": lead, "at": at}))
        written.append(path)
        audit.exported("caseload sheet", by=BY, purpose="paper for an outage", rows=len(rows),
                       patient_ids=[row.patient.pk for row in rows])  # fmt: skip
    for old in set(folder.glob("caseload-*.html")) - set(written):
        old.unlink()
    return written


def _write(path: Path, text: str) -> None:
    """Put a sheet in the place of yesterday's at once, so that an outage never meets half a file."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


@jobs.every("30 10 * * *", "write_caseload_sheets")
def write_caseload_sheets(at: datetime) -> None:
    """Before the working day begins in America (the hour is UTC)."""
    clock.set_clock()
    with acting_as(BY):
        write_sheets(home.current(), at=at)
