"""
Who takes a message out of the house: one carrier for each way, chosen by the settings.

A carrier is a function that is handed the message and answers what became of it. It raises `NotTaken` when it may be
tried again (no network, a busy gateway) and `Refused` when trying again is useless (no such number).
"""

from carewright.channel.carriers.taken import Carrier, NotTaken, Refused, Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Kind, Message

__all__ = ["Carrier", "NotTaken", "Refused", "Taken", "carrier_for"]


def carrier_for(message: Message, sending: Sending) -> Carrier:
    """The carrier of one message."""
    from carewright.channel.carriers import fax, letters, shown, sms, smtp

    if message.kind == Kind.LETTER:
        return letters.carry
    if sending.shows_only:
        return shown.carry
    if message.kind == Kind.FAX:
        return fax.carry
    if message.kind == Kind.EMAIL or (message.kind == Kind.PAGE and "@" in message.to):
        return smtp.carry
    return sms.carry
