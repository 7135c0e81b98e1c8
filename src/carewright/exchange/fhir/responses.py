"""
Answered questionnaires, read with the same care as answers somebody types.

A QuestionnaireResponse to a questionnaire we do not know, or with a question or an answer its questionnaire does not
have, is set aside with a sentence: half an instrument has no score and may hide a danger.
"""

import json
from typing import Any

from carewright.assessment import shelf
from carewright.exchange.fhir.at import ENTERED_IN_ERROR, At, Resource
from carewright.exchange.fhir.values import Unreadable, when
from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from carewright.knowledge.instruments import DECLINED

KIND = "questionnaire_response"
PATIENT, CAREGIVER, RECORD = "patient", "caregiver", "record"
WHOSE = {"Patient": PATIENT, "RelatedPerson": CAREGIVER}
LOAD = "Load it under Assessments, Questionnaires; these answers are then taken in from here."


def response(r: Resource, at: At) -> None:
    """QuestionnaireResponse → one row of `questionnaire_response`, its answers in the form of the house."""
    status = r.get("status")
    taken_back = status == ENTERED_IN_ERROR
    address = r.get("questionnaire")
    found = shelf.named(address) if isinstance(address, str) else None
    if found is None and not taken_back:
        said = address if isinstance(address, str) and address else "nothing"
        raise Unreadable("questionnaire", said[:200], "the address of a questionnaire that is known here", LOAD)
    try:
        answers = {} if found is None or taken_back else instruments.read(found, r, where="item")
    except BadInput as bad:
        raise Unreadable(
            bad.where, bad.found[:200], bad.expected, bad.mend or "Ask the sender to send answers of its list."
        ) from None
    if not answers and not taken_back:
        raise Unreadable("item", "nothing", "at least one answer", "Ask the sender to send it when it is answered.")
    given = when(r.get("authored"), "authored")
    pointer = r.get("source") or r.get("author") or {}
    target = at.links.target(pointer["reference"]) if pointer.get("reference") else None
    at.add(KIND, (
        at.file, at.line, at.tags, at.own_id, at.person, taken_back, status, found.code if found else "",
        given.day, given.moment, WHOSE.get(target[0], RECORD) if target else RECORD,
        at.links.name_of(pointer, r) if pointer else None, json.dumps(answers, default=_plain), at.npis,
    ))  # fmt: skip


def _plain(value: Any) -> Any:
    return {"declined": True} if value is DECLINED else list(value)
