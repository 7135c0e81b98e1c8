"""
A site's own questionnaires: laid into the home after everything about them was checked.

What cannot be kept to is refused with a sentence before anybody is asked anything. A new version must still be able to
read every answer that was given to the one before; otherwise it is another questionnaire, and needs another name.
"""

import json
import os
from pathlib import Path
from typing import Any

from django.db import transaction

from carewright.access.actor import acting_as
from carewright.assessment import shelf
from carewright.assessment.models import Answer
from carewright.audit import actions as audit
from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from carewright.knowledge.instruments import Instrument
from carewright.plumbing import home, jobs
from carewright.staff.models import User

LARGEST = 2_000_000
LOADED = "take_answers_again"
"""The job that takes in answers which came before their questionnaire was loaded."""


def load(*, content: bytes, name: str, scoring: bytes | None = None, scoring_name: str = "", by: User) -> Instrument:
    """
    Check a FHIR R4 Questionnaire and lay it on the shelf; it may be asked from now on, and answers to it received.

    `scoring` is how it adds up: our scoring table, or only its part for this questionnaire. Without one it keeps the
    scoring it had; a first one without scoring is asked and not scored.
    """
    if len(content) > LARGEST or len(scoring or b"") > LARGEST:
        raise BadInput(name, "more than 2 MB", "one questionnaire", "Send one questionnaire at a time.")
    code = str(shelf.as_json(content, name).get("id") or "")
    here = shelf.folder()
    table = shelf.scoring(here)
    if scoring:
        table = table | {code: _own_part(scoring, code, scoring_name or "scoring")}
    found = shelf.read_one(content, table, where=name)
    _reads_what_was_answered(found, name)
    home.current().folder(shelf.FOLDER)
    audit.happened(
        "load_questionnaire", f"questionnaire:{code}", by=by,
        after={"version": found.version, "questions": len(found.questions()), "scores": len(found.rules.scores)},
    )  # fmt: skip
    # The scoring first: without its questionnaire it says nothing, the other way round answers would not be scored.
    if scoring:
        _lay(here / shelf.SCORING, json.dumps({"instruments": table}, indent=1).encode())
    for path in here.glob("*.json"):
        if path.name not in (shelf.SCORING, f"{code}.json") and _is_about(path, code):
            path.unlink()
    _lay(here / f"{code}.json", content)
    transaction.on_commit(lambda: jobs.defer(LOADED, once=f"{LOADED}:{code}", code=code))
    return found


def _own_part(scoring: bytes, code: str, where: str) -> dict[str, Any]:
    said = shelf.as_json(scoring, where)
    if "instruments" not in said:
        return said
    table = shelf.scoring_of(scoring, where)
    if code not in table:
        raise BadInput(
            where, ", ".join(table)[:80], f"the scoring of {code}", "Name it by the id of the questionnaire."
        )
    return table[code]


def _reads_what_was_answered(found: Instrument, name: str) -> None:
    """Refuse a version that could not read an answer somebody has given to an earlier one."""
    columns = ("link_id", "code", "codes", "number", "text", "day", "yes", "declined")
    with acting_as("system:instruments"):  # everybody's answers, not only those of one's own patients
        given = Answer.objects.filter(instrument=found.code).order_by(*columns[:4]).distinct(*columns[:4])
        rows = list(given.only(*columns))
    for row in rows:
        item = found.by_link.get(row.link_id)
        mend = "Keep the questions and answers that were used, or give it another id."
        if item is None or not item.is_question:
            raise BadInput(name, f"no question {row.link_id}", f"the question {row.link_id}, which was answered", mend)
        try:
            instruments.one_answer(item, row.value, where=row.link_id)
        except BadInput as bad:
            raise BadInput(f"{name}, {row.link_id}", bad.found, f"{bad.expected}; it was answered so", mend) from None


def _is_about(path: Path, code: str) -> bool:
    try:
        return shelf.as_json(path.read_bytes(), path.name).get("id") == code
    except BadInput:
        return False


def _lay(path: Path, content: bytes) -> None:
    """Write a file whole: whoever reads the shelf at this moment sees the old one or the new one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.chmod(0o600)
    unfinished.replace(path)
