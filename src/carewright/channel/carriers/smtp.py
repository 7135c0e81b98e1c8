"""Email, by the SMTP server of the settings."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPSenderRefused

from django.core.mail import EmailMessage
from django.utils.translation import gettext_noop

from carewright.channel import sentences
from carewright.channel.carriers.taken import NotTaken, Refused, Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Message


def carry(message: Message, sending: Sending) -> Taken:
    """Hand one email to the server."""
    own_id = f"<{message.public_id}@carewright>"
    email = EmailMessage(
        message.subject or message.body.splitlines()[0][:78], message.body, to=[message.to],
        headers={"Message-ID": own_id, "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    return hand_over(email, own_id)


def hand_over(email: EmailMessage, own_id: str) -> Taken:
    """Give a finished email to the server, and say in our words how it went."""
    try:
        email.send(fail_silently=False)
    except SMTPRecipientsRefused as refusal:
        codes = {code for code, _words in refusal.recipients.values()}
        if all(500 <= code < 600 for code in codes):
            raise Refused(gettext_noop("The email server does not know this address.")) from refusal
        raise NotTaken(gettext_noop("The email server did not take it now.")) from refusal
    except SMTPSenderRefused as refusal:
        raise NotTaken(
            gettext_noop("The email server did not accept our own address (CAREWRIGHT_SMTP_FROM).")
        ) from refusal
    except (SMTPException, OSError) as trouble:
        raise NotTaken(sentences.SERVER_AWAY.format(trouble=type(trouble).__name__)) from trouble
    return Taken("smtp", own_id)
