"""
Fax: a page of our own to an email-to-fax service, or into a folder that a fax server reads.

With `CAREWRIGHT_FAX_EMAIL_DOMAIN` the page goes as a PDF to `<number>@<domain>`; without it, it lies in the home's
folder `fax`, beside a small file that says to which number, until the fax server takes both.
"""

import json

from django.core.mail import EmailMessage

from carewright.channel import sentences
from carewright.channel.carriers import letters, smtp
from carewright.channel.carriers.taken import NotTaken, Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Message
from carewright.plumbing import home


def carry(message: Message, sending: Sending) -> Taken:
    """Send one fax, or lay it where the fax server looks."""
    page = letters.pdf_of(message)
    name = f"{message.public_id}.pdf"
    if sending.fax_email_domain:
        own_id = f"<{message.public_id}@carewright>"
        email = EmailMessage("Fax", "", to=[f"{message.to.removeprefix('+')}@{sending.fax_email_domain}"],
                             headers={"Message-ID": own_id})  # fmt: skip
        email.attach(name, page, "application/pdf")
        return Taken("fax_by_email", smtp.hand_over(email, own_id).carrier_id)
    try:
        folder = home.current().folder("fax")
        (folder / name).write_bytes(page)
        # Last, and in one step: a fax server that sees this file finds the page whole.
        part = folder / f"{message.public_id}.part"
        part.write_text(json.dumps({"to": message.to, "file": name, "id": str(message.public_id)}), encoding="utf-8")
        part.replace(folder / f"{message.public_id}.json")
    except OSError as trouble:
        raise NotTaken(sentences.FAX_FOLDER.format(trouble=type(trouble).__name__)) from trouble
    return Taken("fax_folder", str(message.public_id))
