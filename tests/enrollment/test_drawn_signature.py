"""A signature drawn on the screen: kept with the consent as the ink alone, with its digest in the evidence."""

import base64
import hashlib
import json
import struct
import zlib

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.enrollment import consenting, evidence, signing
from carewright.enrollment.models import Consent
from carewright.kernel.errors import CannotDo
from carewright.knowledge import consent as words

pytestmark = pytest.mark.django_db
WIDE, HIGH = 600, 160


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows: bytes, *, width=WIDE, height=HIGH, color=6, more: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    return signing.SIGNATURE + chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def as_sent(image: bytes) -> str:
    return signing.BEGINS + base64.b64encode(image).decode()


BLANK = (b"\0" + b"\0\0\0\0" * WIDE) * HIGH
INK = (b"\0" + b"\0\0\0\xff" * 40 + b"\0\0\0\0" * (WIDE - 40)) * 3 + (b"\0" + b"\0\0\0\0" * WIDE) * (HIGH - 3)


def agree(patient, nurse, **more) -> Consent:
    said = [one.code for one in words.elements_for("chronic_care")]
    facts = {"how": "e_signed", "signed_name": "Alberto Moreno", "language": "en"} | more
    return consenting.agree(
        patient=patient, program="chronic_care", elements=said, by=nurse, at=timezone.now(), **facts
    )


def test_the_ink_is_kept_without_anything_else_the_file_carried():
    kept = base64.b64decode(signing.read(as_sent(png(INK, more=chunk(b"tEXt", b"Comment\0tablet 7")))))
    assert kept == png(INK)


@pytest.mark.parametrize("nothing", ["", "  ", as_sent(png(BLANK))])
def test_nothing_drawn_is_no_drawing(nothing):
    assert signing.read(nothing) == ""


BROKEN = {
    "a row in a way no PNG has": as_sent(png(b"\x09" + INK[1:])),
    "not a picture": "data:text/html;base64,PHNjcmlwdD4=",
    "not base64": signing.BEGINS + "%%%",
    "not a png": as_sent(b"GIF89a" + bytes(60)),
    "cut": as_sent(png(INK)[:-20]),
    "a wrong sum": as_sent(png(INK).replace(b"IDAT", b"IDAQ", 1)),
    "more after the end": as_sent(png(INK) + b"<script>"),
    "too wide": as_sent(png(b"\0" + b"\1" * 4 * 9000, width=9000, height=1)),
    "fewer rows than said": as_sent(png(INK[: 601 * 4])),
    "far more rows than said": as_sent(png(INK + bytes(50_000_000))),
    "a palette": as_sent(png(INK, color=3)),
    "too large": signing.BEGINS + "A" * (signing.MOST + 1),
}


@pytest.mark.parametrize("why", BROKEN)
def test_what_is_no_drawing_of_ours_is_refused(why):
    with pytest.raises(CannotDo) as refusal:
        signing.read(BROKEN[why])
    assert refusal.value.at == "drawn"


def test_it_stands_on_the_paper_and_in_the_evidence(patient, nurse, monkeypatch):
    given = agree(patient, nurse, drawn=as_sent(png(INK)))
    kept = evidence.of(given)
    assert json.loads(kept.written)["drawn"] == hashlib.sha256(png(INK)).hexdigest()
    sheets, compiled = [], evidence.typst.compile
    monkeypatch.setattr(
        evidence.typst, "compile",
        lambda *args, sys_inputs, **more: sheets.append(json.loads(sys_inputs["consent"]))
        or compiled(*args, sys_inputs=sys_inputs, **more),
    )  # fmt: skip
    paper = evidence.pdf_of(given)
    assert paper.startswith(b"%PDF") and b"/Subtype/Image" in paper
    assert bytes(sheets[0]["drawn"]) == png(INK)


def test_without_a_drawing_the_evidence_is_as_it_always_was(patient, nurse):
    given = agree(patient, nurse)
    assert given.drawn == "" and "drawn" not in json.loads(evidence.of(given).written)
    assert b"/Subtype/Image" not in evidence.pdf_of(given)


def test_only_a_yes_signed_on_the_screen_keeps_one_and_the_name_is_typed_all_the_same(patient, nurse):
    with pytest.raises(Exception, match="Type the name to sign"):
        agree(patient, nurse, drawn=as_sent(png(INK)), signed_name="")
    assert agree(patient, nurse, how="verbal", signed_name="", drawn=as_sent(png(INK))).drawn == ""


def test_the_page_keeps_what_was_drawn_and_says_what_is_wrong_with_it(client, patient, nurse):
    client.force_login(nurse)
    page = reverse("enrollment:consent", args=[patient.public_id])
    assert "data-sign" in client.get(page).content.decode()
    said = [one.code for one in words.elements_for("complex_care")]
    given = {"program": "complex_care", "elements": said, "how": "e_signed", "language": "en", "signed_name": "Alberto"}
    agree_at = reverse("enrollment:agree", args=[patient.public_id])
    refused = client.post(agree_at, given | {"drawn": BROKEN["cut"]})
    assert refused.status_code == 422 and "Draw the signature again" in refused.content.decode()
    assert client.post(agree_at, given | {"drawn": as_sent(png(INK))}).status_code == 302
    assert Consent.objects.get().drawn == base64.b64encode(png(INK)).decode()
    assert "with a drawn signature" in client.get(page + "?program=complex_care").content.decode()
