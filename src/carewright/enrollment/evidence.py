"""
A yes as evidence, and on paper: what was said word for word, who said it, when and how, and what shows that it is unchanged.

Three things can be checked by somebody who does not trust us: the digest of the words that were said, the digest of what
was written down, and the place in the sealed access log under which it was written.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources

import typst
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.audit.models import Entry, SealedEntry
from carewright.enrollment.models import Consent
from carewright.kernel.errors import NotNow
from carewright.knowledge import consent as words
from carewright.knowledge.programs import name_of
from carewright.population.codes import language_name
from carewright.staff.models import Organization

SHEET = "consent.typ"
UNKNOWN_WORDS = "The words of this version are not kept here; it came from: "


@dataclass(frozen=True)
class Evidence:
    """
    What shows that a consent is what it was.

    `said` are the words, each with its name; `text_digest` theirs, empty where the words are not ours; `written` what was
    written down, as one line of JSON, and `record` its digest; `entry` the line of the access log, `sealed` the digest of
    the chain at that line, empty until the next seal.
    """

    said: list[tuple[str, str]]
    text_digest: str
    written: str
    record: str
    entry: Entry | None
    sealed: str


def of(consent: Consent) -> Evidence:
    """The evidence of one consent."""
    ours = consent.version in words.DIGESTS
    said = [
        (words.ELEMENTS[code].name, words.ELEMENTS[code].said_in(consent.language))
        for code in consent.elements
        if code in words.ELEMENTS and consent.version == words.VERSION
    ]
    drawn = {"drawn": sha256(b64decode(consent.drawn)).hexdigest()} if consent.drawn else {}
    written = json.dumps(
        drawn
        | {
            "consent": str(consent.public_id), "patient": str(consent.patient.public_id), "program": consent.program,
            "answer": consent.answer, "elements": consent.elements, "version": consent.version, "how": consent.how,
            "language": consent.language, "interpreter": consent.interpreter, "given_by": consent.given_by,
            "authority": consent.authority, "signed_name": consent.signed_name, "at": consent.at.isoformat(),
            "by": consent.by.email if consent.by else consent.source,
        },
        ensure_ascii=False, sort_keys=True,
    )  # fmt: skip
    entry = Entry.objects.filter(what=audit.name_of(consent)).order_by("pk").first()
    sealed = SealedEntry.objects.filter(entry_id=entry.pk).values_list("digest", flat=True).first() if entry else None
    return Evidence(
        said, words.DIGESTS[consent.version] if ours else "", written, sha256(written.encode()).hexdigest(), entry,
        str(sealed or ""),
    )  # fmt: skip


def pdf_of(consent: Consent) -> bytes:
    """A consent as a tagged PDF, to be given to the person, kept on paper or sent to whoever asks for it."""
    kept = of(consent)
    facts = [
        ("Answer", consent.get_answer_display()), ("Program", name_of(consent.program)),
        ("Patient", consent.patient.name),
        ("Born", f"{consent.patient.born_on:%B %-d, %Y}" if consent.patient.born_on else "not known"),
        ("When", f"{timezone.localtime(consent.at):%B %-d, %Y, %-I:%M %p %Z}"), ("How", consent.get_how_display()),
        ("Signed by typing the name", consent.signed_name), ("Spoken for by", consent.given_by),
        ("By which right", consent.authority), ("Language", language_name(consent.language)),
        ("Interpreter", consent.interpreter), ("Taken by", consent.by.full_title if consent.by else consent.source),
        ("Version of the words", consent.version),
        ("Ended", f"{timezone.localtime(consent.withdrawn_at):%B %-d, %Y}: {consent.withdrawn_how}" if consent.withdrawn_at else ""),
    ]  # fmt: skip
    proof = [
        ("Digest of the words (SHA-256)", kept.text_digest or "none: the words are not ours"),
        ("Digest of what was written down (SHA-256)", kept.record),
        ("What was written down", kept.written),
        ("Line of the access log", f"{kept.entry.pk}, {kept.entry.at:%Y-%m-%d %H:%M:%S} UTC" if kept.entry else "none"),
        ("Digest of the sealed log at that line", kept.sealed or "waits for the next seal, within a minute"),
    ]
    data = {
        "title": f"Consent to {name_of(consent.program)}", "from": Organization.objects.values_list("name", flat=True).first() or "Carewright",
        "facts": [list(pair) for pair in facts if pair[1]], "said": [list(pair) for pair in kept.said],
        "words_language": "es" if consent.language.startswith("es") else "en",
        "unknown": "" if kept.said else f"{UNKNOWN_WORDS}{consent.source or consent.version}.",
        "drawn": list(b64decode(consent.drawn)),
        "proof": [list(pair) for pair in proof],
    }  # fmt: skip
    try:
        return typst.compile(
            resources.files("carewright.enrollment").joinpath(SHEET).read_bytes(), format="pdf", pdf_standards=["ua-1"],
            sys_inputs={"consent": json.dumps(data)},
        )  # fmt: skip
    except typst.TypstError as trouble:
        raise NotNow(_("The paper could not be set (%(trouble)s).") % {"trouble": trouble}) from trouble
