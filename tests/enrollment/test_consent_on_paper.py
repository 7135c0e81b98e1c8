"""A yes on paper: what was said word for word, who said it, and the evidence that it is as it was written down."""

import hashlib
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.audit import actions as audit
from carewright.enrollment import consenting, evidence
from carewright.knowledge import consent as words
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def test_the_words_of_a_version_never_change():
    """A consent keeps the version of the words, and the paper their digest: another word is another version."""
    assert words.DIGESTS[words.VERSION] == words.digest(), "a word was changed: give the words a new version"


@pytest.fixture
def given(patient, nurse):
    return consenting.agree(
        patient=patient, program="chronic_care", elements=[one.code for one in words.elements_for("chronic_care")], how="e_signed",
        language="es", by=nurse, at=timezone.now(), interpreter="Ana 4471", signed_name="Alberto Moreno",
    )  # fmt: skip


def test_a_signed_yes_can_be_printed_with_its_evidence(client, nurse, given, monkeypatch):
    sheets, compiled = [], evidence.typst.compile
    monkeypatch.setattr(
        evidence.typst, "compile",
        lambda *args, sys_inputs, **more: sheets.append(json.loads(sys_inputs["consent"]))
        or compiled(*args, sys_inputs=sys_inputs, **more),
    )  # fmt: skip
    audit.seal(timezone.now())
    client.force_login(nurse)
    address = reverse("enrollment:consent_paper", args=[given.patient.public_id, given.public_id])
    page = client.get(reverse("enrollment:consent", args=[given.patient.public_id]) + "?program=chronic_care")
    assert address in page.content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert "no-store" in answer["Cache-Control"]
    [sheet] = sheets
    facts, proof, kept = dict(sheet["facts"]), dict(sheet["proof"]), evidence.of(given)
    assert facts["Signed by typing the name"] == "Alberto Moreno" and facts["Interpreter"] == "Ana 4471"
    assert "Maria Delgado" in facts["Taken by"] and facts["Version of the words"] == words.VERSION
    assert ["It is a free choice", words.FREE_CHOICE.digame] in sheet["said"], "word for word, as it was said"
    assert proof["Digest of the words (SHA-256)"] == words.digest()
    assert proof["Digest of the sealed log at that line"] == kept.sealed != ""
    assert (
        kept.record
        == hashlib.sha256(kept.written.encode()).hexdigest()
        == proof["Digest of what was written down (SHA-256)"]
    )
    nothing = reverse("enrollment:consent_paper", args=[given.patient.public_id, given.patient.public_id])
    assert client.get(nothing).status_code == 404


def test_what_came_with_a_file_says_that_nothing_is_known_of_its_words(given):
    given.version, given.elements = "as imported", []
    kept = evidence.of(given)
    assert kept.text_digest == "" and kept.said == []


def test_a_stranger_finds_no_paper(client, given):
    client.force_login(UserFactory(role="care_manager"))
    address = reverse("enrollment:consent_paper", args=[given.patient.public_id, given.public_id])
    assert client.get(address).status_code == 404
