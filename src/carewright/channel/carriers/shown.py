"""The carrier of demo and development homes: nothing leaves, what would be sent stands on a page."""

from carewright.channel.carriers.taken import Taken
from carewright.channel.configuration import Sending
from carewright.channel.models import Message


def carry(message: Message, sending: Sending) -> Taken:
    """Keep it for the page /channel/outbox."""
    return Taken(
        "shown", str(message.public_id), "Shown on the outbox page; nothing left this home.", is_delivered=True
    )
