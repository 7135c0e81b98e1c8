"""
Answers that were set aside because their questionnaire was not known: taken in when a site has loaded it.

The deliveries that held them are read again from their raw bytes, and only answers to that questionnaire are kept. What
was taken before changes nothing; rows that landed are left alone.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from carewright.audit import actions as audit
from carewright.exchange import protecting
from carewright.exchange.batch import ReceivedFile
from carewright.exchange.fhir import reading, remembered, taking_answers
from carewright.exchange.fhir.at import At
from carewright.exchange.fhir.facts import Facts, Stamp
from carewright.exchange.fhir.responses import KIND
from carewright.exchange.fhir.taking_answers import PLACE
from carewright.exchange.models import Delivery
from carewright.warehouse import landing, manifest

SET_ASIDE = [
    {"what": "QuestionnaireResponse.questionnaire: expected the address of a questionnaire that is known here"}
]


def take_again(home: Any, code: str, *, by: str, at: datetime) -> int:
    """Take in what was set aside of answers to this questionnaire; how many are new."""
    added = 0
    waiting = Delivery.objects.filter(state=Delivery.State.LANDED, kind="fhir", reasons__contains=SET_ASIDE)
    known = manifest.deliveries(home)
    for delivery in waiting.order_by("received_seq"):
        path = home.received / delivery.sha256
        if delivery.delivery_id in known and path.exists():
            added += _read(home, delivery, known[delivery.delivery_id], code, by=by, at=at)
    audit.happened("take_answers_again", f"questionnaire:{code}", by=by, after={"answers": added})
    return added


def _read(home: Any, delivery: Delivery, delivered: landing.Delivered, code: str, *, by: str, at: datetime) -> int:
    file = ReceivedFile(
        home.received / delivered.sha256, delivered.file_name, delivered.sha256, delivered.received_seq, delivery.bytes
    )
    stamp = Stamp(delivered.source, delivered.delivery_id, delivered.received_on, delivered.received_seq)
    place = At(links=remembered.recall(home, stamp.source))
    found: list[tuple[Any, ...]] = []

    def pause() -> None:
        found.extend(row for row in place.facts.rows[KIND] if row[PLACE["instrument"]] == code)
        place.facts = Facts()

    reading.read_file(reading.FileTally(file), place, is_strict=False, set_aside=lambda *_: None, pause=pause)
    pause()
    with transaction.atomic():
        protecting.while_taking_to_the_chart()
        feeds = protecting.sources(home)[0]
        return taking_answers.take_in(found, [stamp], feeds=feeds, by=by, at=at).received.added
