"""Taking messages out of the house: real servers on this machine, retries, receipts, and the gateway's door."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail
from django.urls import reverse

from carewright.channel import actions
from carewright.channel.carriers import fax, letters, sms, taken
from carewright.channel.models import IncomingText, Message, Stop
from carewright.plumbing import home
from tests.channel.conftest import NOON
from tests.factories.registry import ContactPointFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway():
    """A text gateway that keeps what it is told and answers with `answers`, first to last."""
    told, answers = [], []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.append((dict(self.headers), body))
            status, answer = answers.pop(0) if answers else (200, b'{"id": "SM123"}')
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/send", told, answers
    server.shutdown()
    server.server_close()


@pytest.fixture
def real(settings, sending, gateway):
    """A house that really sends."""
    settings.CHANNEL = replace(
        sending, shows_only=False, has_smtp=True, sms_url=gateway[0], sms_token="secret", sms_from="+14135550100",
        gateway_secret="door",
    )  # fmt: skip
    return settings.CHANNEL


def text(phone, nurse) -> Message:
    return actions.send(to=phone, kind="sms", template="please_call", by=nurse, at=NOON)


def tried(message, at) -> Message:
    actions.deliver(message_id=message.pk, by="system:test", at=at)
    message.refresh_from_db()
    return message


def test_a_text_goes_to_the_gateway_once_and_its_receipt_comes_back(real, gateway, phone, nurse):
    message = tried(text(phone, nurse), NOON)
    (headers, body) = gateway[1][0]
    assert json.loads(body) == {"to": "+14135550123", "from": "+14135550100", "text": message.body}
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer secret", str(message.public_id))
    assert (message.state, message.carrier_id) == ("sent", "SM123")
    assert actions.deliver(message_id=message.pk, by="system:test", at=NOON) is None
    actions.note_receipt(carrier_id="SM123", what="delivered", by="system:gateway", at=NOON + timedelta(seconds=4))
    message.refresh_from_db()
    assert message.state == "delivered"


def test_a_busy_gateway_is_tried_again_later_and_later_and_then_it_failed(real, gateway, phone, nurse):
    gateway[2].extend([(503, b"")] * 5)
    message, at, waits = text(phone, nurse), NOON, []
    while message.state != "failed":
        tried(message, at)
        if message.next_try_at:
            waits.append(message.next_try_at - at)
            at = message.next_try_at
    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 5, 15, 60]
    assert (message.because, message.said, message.attempts) == ("not_taken", "The gateway answered 503.", 5)


def test_what_the_gateway_refuses_is_not_tried_again(real, gateway, phone, nurse):
    gateway[2].append((422, b""))
    assert tried(text(phone, nurse), NOON).because == "refused_by_carrier"


def test_a_worker_that_never_came_back_is_noticed(real, gateway, phone, nurse):
    message = text(phone, nurse)
    Message.objects.filter(pk=message.pk).update(state="sending", next_try_at=NOON)
    assert actions.try_again(at=NOON + timedelta(minutes=9), by="system:test") == []
    assert [one.pk for one in actions.try_again(at=NOON + timedelta(minutes=11), by="system:test")] == [message.pk]


def test_a_gateway_without_encryption_is_never_used(real, phone, nurse):
    with pytest.raises(taken.NotTaken, match="https"):
        sms.carry(text(phone, nurse), replace(real, sms_url="http://gateway.example/send"))


def test_an_email_leaves_by_smtp(real, ruth, nurse):
    point = ContactPointFactory(
        patient=ruth, kind="email", value="r@example.org", email_consent="given", consent_at=NOON
    )
    values = {"name": ruth.name}
    message = actions.send(to=point, kind="email", template="please_call_email", values=values, by=nurse, at=NOON)
    assert tried(message, NOON).state == "sent"
    assert (mail.outbox[0].to, mail.outbox[0].subject) == (["r@example.org"], "Please call us")


def test_a_fax_lies_in_the_folder_or_goes_by_email(real, ruth, nurse):
    values = {"reference": "K7Q2", "day": "Nov 23", "status": "We have it."}
    message = actions.send(
        to="413-555-0199", kind="fax", template="referral_status", values=values, by=nurse, at=NOON, patient=ruth
    )
    assert tried(message, NOON).carrier == "fax_folder"
    folder = home.current().folder("fax")
    assert json.loads((folder / f"{message.public_id}.json").read_text())["to"] == "+14135550199"
    assert (folder / f"{message.public_id}.pdf").read_bytes().startswith(b"%PDF-")
    fax.carry(message, replace(real, fax_email_domain="fax.example"))
    assert mail.outbox[0].to == ["14135550199@fax.example"]
    assert mail.outbox[0].attachments[0][2] == "application/pdf"


def test_a_letter_is_a_tagged_pdf_in_the_patients_language_and_may_come_back(ruth, nurse, sending):
    ruth.language = "es"
    ruth.save()
    message = actions.send(
        to=ruth.addresses.get(), kind="letter", template="outreach_letter", by=nurse, at=NOON,
        values={"name": ruth.name, "staff": "María"},
    )  # fmt: skip
    assert tried(message, NOON).state == "sent"
    page = letters.path_of(message).read_bytes()
    assert b"/StructTreeRoot" in page and b"/Lang(es)" in page and b"pdfuaid" in page
    actions.note_returned(message=message, by=nurse, at=NOON + timedelta(days=6))
    assert message.state == "failed" and message.because == "returned"


def test_without_a_call_back_number_nothing_that_names_one_is_written(settings, sending, phone, nurse):
    settings.CHANNEL = replace(sending, phone="")
    message = text(phone, nurse)
    assert (message.state, message.because) == ("refused", "no_phone")


def test_the_gateways_door_takes_a_stop_from_who_knows_the_secret_and_nothing_from_others(real, client, phone):
    address, stop = reverse("channel:public_gateway"), json.dumps({"from": "4135550123", "text": "STOP", "id": "in1"})
    for given in ("", "Bearer wrong"):
        answer = client.post(address, stop, content_type="application/json", headers={"Authorization": given})
        assert answer.status_code == 404
    assert not IncomingText.objects.exists()
    for _ in range(2):
        answer = client.post(address, stop, content_type="application/json", headers={"Authorization": "Bearer door"})
        assert answer.json() == {"kept": True}
    assert Stop.objects.get().number == "+14135550123"
    assert IncomingText.objects.count() == 1


def test_without_a_secret_the_door_is_closed(client, sending):
    assert client.post(reverse("channel:public_gateway"), {"from": "1"}).status_code == 404
