"""
What may stand on a page without a translation: the data of the world, and what is said in its maker's own words.

Everything here says why. What is neither stays English in every language, and the test of the pages says so.
"""

import re
import zoneinfo
from collections.abc import Iterable

from django.apps import apps
from django.conf import settings

from carewright.knowledge import consent, instruments, scripts
from carewright.staff.models import User

MARKS = " .,;:()·–—-“”…!?›"
"""What may stand around a piece of a page."""

TYPED = (
    "staff.User.email", "staff.User.credential", "staff.Team.name", "registry.Patient.given_name",
    "registry.Patient.family_name", "registry.Patient.payer", "registry.Identifier.system", "registry.Identifier.value",
    "registry.Join.joined_by", "registry.Join.why", "registry.Address.line", "registry.Address.city",
    "registry.Address.state", "registry.Address.zip_code", "access.BreakGlass.words", "tasks.Alarm.because",
    "contacts.Note.text", "enrollment.SharingConsent.purpose", "enrollment.CaseloadMove.because",
    "enrollment.ReferralLink.organization", "careplan.Problem.title", "careplan.Goal.words", "careplan.Goal.target",
    "careplan.Intervention.words", "assessment.RecordedFact.words", "assessment.RecordedFact.source_words",
    "exchange.Delivery.file_name", "exchange.Delivery.source", "exchange.ColumnMap.name",
    "exchange.SensitiveSource.because",
)  # fmt: skip
"""Columns that hold what people typed or a source sent."""

SENT = (
    "population.Freshness.feed", "population.UnknownCode.code_system", "population.UnknownCode.table",
    "population.ProviderName.name", "population.Stay.facility", "population.ChronicCondition.label",
    "population.HccPart.label", "population.Comorbidity.charlson_conditions", "population.SocialNeed.domain",
    "population.Neighborhood.county", "population.Neighborhood.edition", "population.Score.payer",
)  # fmt: skip
"""Columns of the run that hold names of the test's own data, which is no run of ours and has words of its own."""

WRITTEN = ("channel.Message.subject", "channel.Message.body")
"""Letters and pages as they went out, in the language they were written in."""

EVERYWHERE = {
    "Carewright": "the product's name",
    "Enter": "a key",
    "Esc": "a key",
    "HCPCS": "the name of a list of codes",
}
PAGES = {
    "enrollment:public_practice": "a public page brings its own English and Spanish",
    "enrollment:public_provider": "a public page brings its own English and Spanish",
    "enrollment:public_self": "a public page brings its own English and Spanish",
    "enrollment:public_status": "a public page brings its own English and Spanish",
    "assessment:blank": "the questions of the instruments, in their makers' words",
}
"""Pages that are not read in the reader's language at all, and why."""

ON_A_PAGE = {
    "assessment:questionnaires": (r".{12,}", "titles, sources and licences of instruments, in their makers' words"),
    "assessment:load": (r".{12,}", "titles, sources and licences of instruments, in their makers' words"),
    "mfa_activate_totp": (r"[A-Z2-7]{32}", "the secret of the second factor"),
    "exchange:upload": (r"/carewright ingest PATH", "a command"),
    "exchange:report": (r"SHA-256 abab…abab", "the fingerprint of the file"),
    "population:why": (r"Chronic systolic \(congestive\) heart failure", "the name of an ICD-10-CM code"),
    "population:programs": (r"med\.noridianmedicare\.com.*", "the address of a source"),
    "enrollment:triage": (r"http://testserver/[\w?=-]+", "addresses to hand on"),
}  # fmt: skip
"""What else may stand on one page, and why."""


TITLES = {"assessment:of_patient", "assessment:questionnaires", "assessment:load", "assessment:section"}
ASKED = {"assessment:section"}
SAID = {"call:out", "call:incoming", "call:anyway"}
AGREED = {"enrollment:consent"}
ZONES = {"administration:organization", "people:contact"}
"""Pages on which instruments are named, questions are asked or read aloud, and zones of the clock are chosen."""


def unexplained(page: str, pieces: Iterable[str], world: frozenset[str]) -> set[str]:
    """Of what no translation gave on a page, what is neither the world's own nor listed here."""
    if page in PAGES:
        return set()
    pattern, _because = ON_A_PAGE.get(page, ("", ""))
    known = world | _own_words(page) | set(EVERYWHERE)
    words = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
    rest = {
        piece: re.sub(rf"(?<!\w)(?:{words})(?!\w)", " ", piece) for piece in pieces if not re.fullmatch(pattern, piece)
    }
    return {piece for piece, less in rest.items() if re.search(r"[^\W\d_]{2}", less)}


def of_the_world() -> frozenset[str]:
    """What people typed and sources sent in the world of the tests, the names of people and their initials."""
    found = {text for column in (*TYPED, *SENT, *WRITTEN) for text in _values(column)}
    for person in User.objects.all():
        found |= {person.first_name, person.last_name, f"{person.first_name[:1]}{person.last_name[:1]}"}
    for patient in apps.get_model("registry.Patient").objects.all():
        found |= {f"{patient.given_name[:1]}{patient.family_name[:1]}", str(patient.public_id)[:8]}
    site = settings.CHANNEL
    return frozenset(_as_read(text) for text in (*found, site.phone, site.hours) if len(text) > 1)


def _own_words(page: str) -> set[str]:
    found: set[str] = set()
    for one in instruments.shipped().values():
        found |= {one.title} if page in TITLES else set()
        found |= {one.licence, *(item.text for item in one.by_link.values())} if page in ASKED else set()
    if page in SAID:
        found |= {question.say for script in scripts.SCRIPTS for question in script.questions}
    if page in AGREED:
        found |= {element.say for element in consent.ELEMENTS.values()}
    if page in ZONES:
        found |= {part for name in zoneinfo.available_timezones() for part in (name, name.split("/")[-1])}
        found |= {part.replace("_", " ") for part in found}
    return {_as_read(text) for text in found if text}


def _values(column: str) -> Iterable[str]:
    table, _dot, name = column.rpartition(".")
    return map(str, apps.get_model(table)._base_manager.exclude(**{name: ""}).values_list(name, flat=True))


def _as_read(text: str) -> str:
    """A text as a piece of a page: on one line, without the marks at its ends."""
    return " ".join(text.split()).strip(MARKS)
