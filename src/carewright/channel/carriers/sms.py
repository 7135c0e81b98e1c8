"""
Texts, by any HTTP gateway: one POST with a number, a sender and the words, as JSON or as a form.

The names of the fields are settings, so that most gateways fit without code. Our own number of the message goes along
as `Idempotency-Key`, so that a gateway that knows it sends a repeated request once.
"""

import json
import urllib.error
import urllib.parse
import urllib.request

from django.utils.translation import gettext_noop

from carewright.channel import sentences
from carewright.channel.carriers.taken import NotTaken, Refused, Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Message

SECONDS = 15
LONGEST_ANSWER = 64 * 1024


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that sends us elsewhere with somebody's number is not followed."""

    def redirect_request(self, *args, **kwargs):
        """Never."""
        return


def carry(message: Message, sending: Sending) -> Taken:
    """Hand one text to the gateway."""
    if not sending.sms_url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise NotTaken(gettext_noop("The address of the text gateway must begin with https://."))
    fields = {
        sending.sms_to_field: message.to,
        sending.sms_from_field: sending.sms_from,
        sending.sms_text_field: message.body,
    }
    if sending.sms_form == "form":
        body, kind = urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
    else:
        body, kind = json.dumps(fields).encode(), "application/json"
    headers = {"Content-Type": kind, "Accept": "application/json", "Idempotency-Key": str(message.public_id)}
    if sending.sms_token:
        headers["Authorization"] = sending.sms_token if " " in sending.sms_token else f"Bearer {sending.sms_token}"
    request = urllib.request.Request(sending.sms_url, data=body, headers=headers, method="POST")  # noqa: S310 - checked
    opener = urllib.request.build_opener(NoRedirect)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return Taken("sms", _id_in(answer.read(LONGEST_ANSWER), sending.sms_id_field))
    except urllib.error.HTTPError as answer:
        if answer.code in (400, 404, 410, 422):
            raise Refused(sentences.GATEWAY_REFUSED.format(trouble=answer.code)) from answer
        raise NotTaken(sentences.GATEWAY_ANSWERED.format(trouble=answer.code)) from answer
    except (urllib.error.URLError, OSError, ValueError) as trouble:
        raise NotTaken(sentences.GATEWAY_AWAY.format(trouble=type(trouble).__name__)) from trouble


def _id_in(answer: bytes, field: str) -> str:
    """The gateway's number for the message, where its answer is JSON and holds one."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    value = found.get(field) if isinstance(found, dict) else None
    return "" if value is None else str(value)[:200]
