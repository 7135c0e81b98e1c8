"""
Letters: a tagged PDF (PDF/UA-1) in the patient's language, laid into the home's folder `letters` to be printed.

A screen reader reads it, and a machine folds it: the address stands in the window of a #10 envelope. Nothing is on the
outside but names.
"""

import json
from importlib import resources

import typst

from carewright.channel import sentences
from carewright.channel.carriers.taken import NotTaken, Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Message
from carewright.plumbing import home
from carewright.registry.models import PatientPreference
from carewright.staff.models import Organization

SHEET = "letter.typ"


def carry(message: Message, sending: Sending) -> Taken:
    """Make the letter and lay it where it is printed."""
    page = pdf_of(message)
    try:
        part = home.current().folder("letters") / f"{message.public_id}.part"
        part.write_bytes(page)
        part.replace(path_of(message))
    except OSError as trouble:
        raise NotTaken(sentences.LETTER_FOLDER.format(trouble=type(trouble).__name__)) from trouble
    return Taken("letters", f"{message.public_id}.pdf", "Laid into the folder of letters, to be printed and mailed.")


def path_of(message: Message):
    """Where the PDF of a letter lies."""
    return home.current().folder("letters") / f"{message.public_id}.pdf"


def pdf_of(message: Message) -> bytes:
    """The letter as a PDF: the same words as in the record, nothing added but address, day and sender."""
    organization = Organization.objects.values_list("name", flat=True).first() or "Carewright"
    preference = PatientPreference.objects.filter(patient=message.patient_id).first() if message.patient_id else None
    data = {
        "language": message.language,
        "subject": message.subject or organization,
        "paragraphs": [part for part in message.body.split("\n\n") if part.strip()],
        "to": message.to.splitlines() if message.kind == "letter" else [message.to],
        "name": message.patient.name if message.patient and message.kind == "letter" else "",
        "from": organization,
        "day": _day(message),
        "large": bool(preference and preference.vision_aid),
    }
    try:
        return typst.compile(
            resources.files("carewright.channel").joinpath(SHEET).read_bytes(),
            format="pdf",
            pdf_standards=["ua-1"],
            sys_inputs={"letter": json.dumps(data)},
        )
    except typst.TypstError as trouble:
        raise NotTaken(sentences.LETTER_NOT_SET.format(trouble=trouble)) from trouble


MONTHS_ES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


def _day(message: Message) -> str:
    from django.utils import timezone

    day = timezone.localdate(message.asked_at)
    if message.language == "es":
        return f"{day.day} de {MONTHS_ES[day.month - 1]} de {day.year}"
    return f"{day:%B} {day.day}, {day.year}"
